"""What of keys goes with what is allowed: whoever reads or writes what is encrypted uses its key.

Always with an encryption context: a role uses a key that encrypts much for what that role works with.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from stacks.config import PipelineConfig
from tests.infrastructure.permissions.deployments import BOOTSTRAP_KEY, ORDERS_KEY
from tests.infrastructure.permissions.evaluation import OVER_TLS, Caller
from tests.infrastructure.permissions.needs import Need, role_of
from tests.infrastructure.permissions.requests import ACCOUNT, PARTITION, REGION, Request, arn, table_arn
from tests.infrastructure.permissions.resolving import Resources, machine_of, of_type
from tests.infrastructure.permissions.state_machine import states_in

OBJECTS, ITEMS, EXECUTIONS = "aws:s3:arn", "aws:dynamodb:tableName", "aws:states:stateMachineArn"
MESSAGES, NOTICES, LOGS, DELIVERY = "aws:sqs:arn", "aws:sns:topicArn", "aws:logs:arn", "SourceArn"
S3 = f"arn:{PARTITION}:s3:::"
READ, WRITE = ("Decrypt",), ("Decrypt", "GenerateDataKey")
BY_LOGS = ("Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo", "GenerateDataKey", "DescribeKey")
ALGORITHM = "s3:x-amz-server-side-encryption"
KEY_ID, RIGHT = f"{ALGORITHM}-aws-kms-key-id", {ALGORITHM: "aws:kms"}
WRONG = (
    {ALGORITHM: "AES256"},
    {ALGORITHM: "aws:kms"},  # which means AWS's own key
    {ALGORITHM: "aws:kms", KEY_ID: "other"},
    {f"{ALGORITHM}-customer-algorithm": "AES256"},
)
"""Headers of uploads that the functions couldn't read, or that another key encrypts."""
Use = tuple[tuple[str, ...], str, str]
"""Actions of KMS, a name of the encryption context, and its value."""


def needs_of_keys(resources: Resources, needs: Iterable[Need], settings: Mapping[str, Any]) -> Iterator[Need]:
    """What goes with the needs that are known."""
    keys = _keys(resources)
    if ORDERS_KEY in settings:
        keys[f"{S3}{settings['ordersBucketName']}"] = settings[ORDERS_KEY]
    if BOOTSTRAP_KEY in settings:
        keys[_assets_bucket(resources)] = settings[BOOTSTRAP_KEY]
    for need in needs:
        for key, (actions, name, value) in _uses(need, keys):
            yield from _of_use(need.why, key, actions, {name: value}, role=need.role, by=need.caller.service)
    yield from _of_state_machine(resources)
    yield from _of_logs(resources)
    yield from _of_buckets(resources)
    for key in of_type(resources, "AWS::KMS::Key"):
        root = Caller(f"arn:{PARTITION}:iam::{ACCOUNT}:root")
        manage = Request("kms:PutKeyPolicy", arn("kms", f"key/{key}"))
        yield Need("the account's people and roles are given the key by their policies", manage, caller=root)


def _keys(resources: Resources) -> dict[str, str]:
    """The keys of what is encrypted with one, by the ARN of what it is."""
    keys = {f"{S3}{name.lower()}": key for name, key in _bucket_keys(resources)}
    for name, table in of_type(resources, "AWS::DynamoDB::GlobalTable").items():
        keys[table_arn(name)] = table["Replicas"][0].get("SSESpecification", {}).get("KMSMasterKeyId", "")
    for service, kind in (("sqs", "AWS::SQS::Queue"), ("sns", "AWS::SNS::Topic")):
        for name, about in of_type(resources, kind).items():
            keys[arn(service, name)] = about.get("KmsMasterKeyId", "")
    machine = machine_of(resources)
    keys[machine["Arn"]] = machine.get("EncryptionConfiguration", {}).get("KmsKeyId", "")
    return {what: key for what, key in keys.items() if key}


def _bucket_keys(resources: Resources) -> Iterator[tuple[str, str]]:
    for name, bucket in of_type(resources, "AWS::S3::Bucket").items():
        [rule] = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        yield name, rule["ServerSideEncryptionByDefault"].get("KMSMasterKeyID", "")


def _assets_bucket(resources: Resources) -> str:
    """The CDK's own, from which functions get their code, and jobs fetch it."""
    [name] = {code["Code"]["S3Bucket"] for code in of_type(resources, "AWS::Lambda::Function").values()}
    return f"{S3}{name}"


def _uses(need: Need, keys: Mapping[str, str]) -> Iterator[tuple[str, Use]]:
    """The key of what a need is about, and how what it asks for uses that key."""
    if need.verdict != "allowed" or not (need.role or need.caller.service):
        return
    action, place = need.request.action, need.request.resource
    if action == "states:DescribeExecution":  # of a Map's child: <machine>/<label>
        place = arn("states", f"stateMachine:{place.partition(':execution:')[2].split(':')[0]}")
    about = place.split("/index/")[0] if ":table/" in place else place.split("/")[0]
    if key := keys.get(about):
        yield from ((key, use) for use in _use(action, about, place))


def _use(action: str, about: str, place: str) -> Iterator[Use]:
    if action in ("s3:GetObject", "s3:GetObjectVersion"):
        yield READ, OBJECTS, about
        yield READ, OBJECTS, place  # whose writer refused the bucket's key
    elif action == "s3:PutObject":
        yield WRITE, OBJECTS, about  # large ones in parts, which are read to be joined
    elif action.startswith("dynamodb:"):
        yield READ, ITEMS, about.rpartition("/")[2]  # writers too: the table's own data key is decrypted
    elif action == "sqs:SendMessage":
        yield WRITE, MESSAGES, about
    elif action == "sns:Publish":
        yield WRITE, NOTICES, about
    elif action == "states:DescribeExecution":
        yield READ, EXECUTIONS, place


def _of_use(
    why: str, key: str, actions: Iterable[str], context: Mapping[str, str], *, role: str = "", by: str = ""
) -> Iterator[Need]:
    """Needs of a role by its own policies, or of a service by those of the key."""
    told = {f"kms:EncryptionContext:{name}": value for name, value in context.items()}
    if by and not role:
        told["aws:SourceAccount"] = ACCOUNT
    for action in actions:
        request = Request(f"kms:{action}", key)
        yield Need(f"{why}, encrypted", request, role=role, caller=Caller(by, {**OVER_TLS, **told}))


def _of_state_machine(resources: Resources) -> Iterator[Need]:
    """Its role encrypts what executions are told and answer, those of Distributed Maps too, and its log."""
    machine = machine_of(resources)
    if not (key := machine.get("EncryptionConfiguration", {}).get("KmsKeyId")):
        return
    role = role_of(machine["RoleArn"])
    labels = [state["Label"] for _, state in states_in(machine["Definition"]) if "Label" in state]
    for own in (machine["Arn"], *(f"{machine['Arn']}/{label}" for label in labels)):
        yield from _of_use("executions", key, WRITE, {EXECUTIONS: own}, role=role)
    if machine.get("LoggingConfiguration", {}).get("Destinations"):
        yield from _of_use("their log", key, WRITE[1:], {DELIVERY: arn("logs", "*")}, role=role)
        yield Need(
            "their log is delivered",
            Request("kms:Decrypt", key),
            caller=Caller("delivery.logs.amazonaws.com"),
        )


def _of_logs(resources: Resources) -> Iterator[Need]:
    """CloudWatch Logs encrypts each group."""
    prefix = PipelineConfig.from_context({}).stack_name  # CloudFormation names what has no name
    for name, group in of_type(resources, "AWS::Logs::LogGroup").items():
        if key := group.get("KmsKeyId"):
            named = arn("logs", f"log-group:{group.get('LogGroupName', f'{prefix}-{name}')}")
            service = f"logs.{REGION}.amazonaws.com"
            yield from _of_use(f"the log {name}", key, BY_LOGS, {LOGS: named}, by=service)


def _of_buckets(resources: Resources) -> Iterator[Need]:
    """Nobody writes an object that is encrypted otherwise; who names no key, or the right one, may."""
    for name, key in _bucket_keys(resources):
        if not key:
            continue
        request = Request("s3:PutObject", f"{S3}{name.lower()}/one")
        for headers in ({}, RIGHT | {KEY_ID: key}):
            yield Need("people upload", request, caller=_with(headers), verdict="not denied")
        for wrong in WRONG:
            yield Need("nothing is encrypted otherwise", request, caller=_with(wrong), verdict="denied")


def _with(headers: Mapping[str, str]) -> Caller:
    return Caller("", {**OVER_TLS, **headers})
