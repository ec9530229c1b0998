"""From a call of a boto3 client to what IAM is asked about it: an action on a resource."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

PARTITION, REGION, ACCOUNT = "aws", "eu-central-1", "123456789012"
MISSING = {"404", "NoSuchKey", "NoSuchVersion"}
"""What S3 answers for something that isn't there, if one may list the bucket; else it answers 403."""


@dataclass(frozen=True, order=True)
class Request:
    """What IAM decides about."""

    action: str
    resource: str

    def __str__(self) -> str:
        """As in a message."""
        return f"{self.action} on {self.resource}"


def arn(service: str, rest: str) -> str:
    """The ARN of something in the deployment's account and region."""
    return f"arn:{PARTITION}:{service}:{REGION}:{ACCOUNT}:{rest}"


def requests_of(
    service: str, operation: str, options: Mapping[str, Any], refused: str = ""
) -> Iterator[Request]:
    """What IAM is asked about one call that was answered, or refused with a code.

    Raises LookupError for a call that isn't here: then its actions have to be looked up in AWS's service
    authorization reference first.
    """
    found = ASKED.get((service, operation))
    if found is None:
        raise LookupError(f"{service}.{operation}: say which actions on which resources it takes")
    yield from found(options)
    if service == "s3" and refused in MISSING:
        yield Request("s3:ListBucket", _bucket(options))
        if "VersionId" in options:
            yield Request("s3:ListBucketVersions", _bucket(options))


Options = Mapping[str, Any]
Asked = Callable[[Options], Iterator[Request]]


def _bucket(options: Options) -> str:
    return f"arn:{PARTITION}:s3:::{options['Bucket']}"


def _on_object(action: str) -> Asked:
    def asked(options: Options) -> Iterator[Request]:
        version = "Version" if "VersionId" in options else ""
        yield Request(f"s3:{action}{version}", f"{_bucket(options)}/{options['Key']}")

    return asked


def _on_bucket(action: str) -> Asked:
    return lambda options: iter([Request(f"s3:{action}", _bucket(options))])


def table_arn(name: str) -> str:
    """The ARN of a table."""
    return arn("dynamodb", f"table/{name}")


def _on_table(action: str) -> Asked:
    def asked(options: Options) -> Iterator[Request]:
        index = f"/index/{options['IndexName']}" if "IndexName" in options else ""
        yield Request(f"dynamodb:{action}", table_arn(options["TableName"]) + index)

    return asked


def _batch_get(options: Options) -> Iterator[Request]:
    for name in options["RequestItems"]:
        yield Request("dynamodb:BatchGetItem", table_arn(name))


IN_TRANSACTIONS = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}


def _transaction(options: Options) -> Iterator[Request]:
    for item in options["TransactItems"]:
        [(kind, about)] = item.items()
        yield Request(f"dynamodb:{IN_TRANSACTIONS[kind]}", table_arn(about["TableName"]))


def _on(action: str, *names: str) -> Asked:
    """On what one of the options names by its ARN."""

    def asked(options: Options) -> Iterator[Request]:
        yield Request(action, next(str(options[name]) for name in names if name in options))

    return asked


def _put_events(options: Options) -> Iterator[Request]:
    for entry in options["Entries"]:
        yield Request("events:PutEvents", arn("events", f"event-bus/{entry.get('EventBusName', 'default')}"))


IN_PARTS = ("create_multipart_upload", "upload_part", "complete_multipart_upload")
ASKED: dict[tuple[str, str], Asked] = {
    ("s3", "head_object"): _on_object("GetObject"),
    ("s3", "get_object"): _on_object("GetObject"),
    ("s3", "put_object"): _on_object("PutObject"),
    ("s3", "upload_file"): _on_object("PutObject"),  # whole or in parts
    **{("s3", operation): _on_object("PutObject") for operation in IN_PARTS},
    ("s3", "abort_multipart_upload"): _on_object("AbortMultipartUpload"),
    ("s3", "list_objects_v2"): _on_bucket("ListBucket"),
    ("s3", "list_object_versions"): _on_bucket("ListBucketVersions"),
    ("s3", "get_bucket_versioning"): _on_bucket("GetBucketVersioning"),
    ("dynamodb", "get_item"): _on_table("GetItem"),
    ("dynamodb", "query"): _on_table("Query"),
    ("dynamodb", "scan"): _on_table("Scan"),
    ("dynamodb", "batch_get_item"): _batch_get,
    ("dynamodb", "transact_write_items"): _transaction,
    ("stepfunctions", "describe_execution"): _on("states:DescribeExecution", "executionArn"),
    ("stepfunctions", "list_map_runs"): _on("states:ListMapRuns", "executionArn"),
    ("stepfunctions", "list_executions"): _on("states:ListExecutions", "stateMachineArn", "mapRunArn"),
    ("stepfunctions", "start_execution"): _on("states:StartExecution", "stateMachineArn"),
    ("lambda", "invoke"): _on("lambda:InvokeFunction", "FunctionName"),
    ("events", "put_events"): _put_events,
    ("sns", "publish"): _on("sns:Publish", "TopicArn"),
}
"""By AWS's service authorization reference; of each, what is asked about the options that we use."""
