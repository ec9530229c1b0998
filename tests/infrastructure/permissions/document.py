"""Writes the section of docs/security.md that says in words what every role may do.

python -m tests.infrastructure.permissions.document
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.infrastructure.permissions.evaluation import as_list
from tests.infrastructure.permissions.state_machine import LOG_DELIVERY, TRACING
from tests.infrastructure.synthesis import ROOT, Template, of_type, readable, statements_of, synthesize

DOCUMENT = ROOT / "docs" / "security.md"
BEGIN, END = "<!-- roles -->\n", "<!-- end of roles -->"
HEADING = ["| role | may | on |", "| --- | --- | --- |"]

VERBS = {
    "batch:DescribeJobs": "ask how jobs stand",
    "batch:SubmitJob": "submit jobs",
    "batch:TerminateJob": "end jobs",
    "dynamodb:BatchGetItem": "read items",
    "dynamodb:GetItem": "read an item",
    "dynamodb:PutItem": "put an item",
    "dynamodb:Query": "list items of a key",
    "dynamodb:Scan": "list all items",
    "dynamodb:UpdateItem": "change an item",
    "events:DescribeRule": "look at the rule",
    "events:PutEvents": "send events",
    "events:PutRule": "make the rule",
    "events:PutTargets": "aim the rule",
    "lambda:InvokeFunction": "call",
    **{f"logs:{action}": "have logs delivered" for action in LOG_DELIVERY},
    "logs:CreateLogStream": "begin a log",
    "logs:PutLogEvents": "write it",
    "s3:AbortMultipartUpload": "give up uploads in parts",
    "s3:GetBucketVersioning": "ask whether it keeps versions",
    "s3:GetObject": "read objects",
    "s3:GetObjectVersion": "read versions of objects",
    "s3:ListBucket": "list it, and learn that an object isn't there",
    "s3:ListBucketVersions": "list versions, and learn that one isn't there",
    "s3:PutObject": "write objects",
    "sns:Publish": "publish",
    "sqs:SendMessage": "send messages",
    "states:DescribeExecution": "describe executions",
    "states:ListExecutions": "list executions",
    "states:ListMapRuns": "list their Map Runs",
    "states:RedriveExecution": "redrive executions",
    "states:StartExecution": "start executions",
    "states:StopExecution": "stop executions",
    **{f"xray:{action}": "write traces" for action in TRACING},
}
FOLDERS = "PlanRun|ShardOrders|IndexShards|MerchantSales|SettleRun|FailRun|Sweep|Notify"
PLACES = {
    r"arn:<AWS::Partition>:(s3:::|\w+:<AWS::Region>:<AWS::AccountId>:)": "",
    r"cdk-hnb659fds-assets-<AWS::AccountId>-<AWS::Region>": "the CDK's bucket",
    r'\{"Fn::Select".*?\}\]\}\]\}': "MerchantSales-SalesRun",
    "<OrderIntakeOrdersBucket>": "orders bucket",
    "<SalesStoreWorkBucket>": "work bucket",
    "<SalesStoreSalesTable>": "sales table",
    "<SalesStoreRunsTable>": "runs table",
    "<OrderIntakeDeadLetterQueue>": "dead-letter queue",
    "<NotificationsTopic>": "topic",
    "<SalesRunStateMachine>": "SalesRun",
    "<OversizeLaneJobsQueue.JobQueueArn>": "job queue",
    "<OversizeLaneCodeLog>": "log of the jobs",
    rf"<\w+?({FOLDERS})Log>": r"log of \1",
    rf"<\w+?({FOLDERS})(CurrentVersion>|>:\*)": r"any version of \1",
    rf"<\w*?({FOLDERS})>": r"\1 itself",
}
CONSTRUCTS = "OrderIntake|Sharding|OversizeLane|MerchantFanOut|RunSettlement|SalesRun|Sweeper|Notifications"
ROLES = {
    "StateMachine": "SalesRun",
    "StateMachineEvents": "the rule OrderChanged",
    "CodeExecution": "Fargate, for jobs",
}
"""Roles that aren't named as the function or job that has them."""


def rows(template: Template) -> list[str]:
    """A row for each statement of each role: who, what, on what."""
    roles = {_name(role): role for role in of_type(template, "AWS::IAM::Role")}
    return [
        f"| {name} | {_verbs(as_list(one['Action']))} | {_places(as_list(one['Resource']))} |"
        for name, role in sorted(roles.items())
        for one in statements_of(template, role)
    ]


def section(template: Template) -> str:
    """The section's table."""
    return "\n".join([*HEADING, *rows(template), ""])


def _name(role: str) -> str:
    plain = re.sub(rf"^({CONSTRUCTS})|Role[0-9A-F]{{8}}$", "", role)
    return ROLES.get(plain, plain)


def _verbs(actions: list[str]) -> str:
    told: dict[str, list[str]] = {}
    for action in actions:
        if action not in VERBS:
            raise LookupError(f"say in words what {action} is")
        told.setdefault(VERBS[action], []).append(f"`{action}`")
    return ", ".join(f"{words} ({', '.join(names)})" for words, names in told.items())


def _places(resources: list[object]) -> str:
    return "; ".join(dict.fromkeys(_place(readable(resource)) for resource in resources))


def _place(text: str) -> str:
    if text == "*":
        return "all: these actions know no resources"
    for pattern, words in PLACES.items():
        text = re.sub(pattern, words, text)
    bucket, slash, key = text.partition("/")
    if slash and bucket.endswith("bucket"):
        return f"{bucket}: `{key}`"
    return f"`{text}`" if set("*/") & set(text) else text


def parts(document: str) -> Iterator[str]:
    """What is before the table, the table, what is behind it."""
    before, _, rest = document.partition(BEGIN)
    table, _, after = rest.partition(END)
    yield from (before, table, after)


def main() -> None:
    """Write the table."""
    before, _, after = parts(DOCUMENT.read_text())
    DOCUMENT.write_text(f"{before}{BEGIN}{section(synthesize())}{END}{after}")


if __name__ == "__main__":
    main()
