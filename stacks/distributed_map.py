"""A Distributed Map over a list in the work bucket: each item in an execution of its own."""

from collections.abc import Mapping

from aws_cdk import Annotations
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from stacks.tasks import retry

READING_ERRORS = ["States.ItemReaderFailed"]
"""S3 was too busy for the list: no item has been started, so all of the state can be tried again."""


class RunListReader(sfn.S3JsonLItemReader):
    """Reads a list of a run; the CDK's own would grant all of the bucket, the sales too."""

    def __init__(self, *, bucket: s3.IBucket, key: str) -> None:
        """Take the bucket and the path in the state that names the list."""
        super().__init__(bucket=bucket, key=key)
        self._lists = bucket.arn_for_objects("runs/*")

    def provide_policy_statements(self) -> list[iam.PolicyStatement]:
        """Give what reading takes."""
        return [iam.PolicyStatement(actions=["s3:GetObject"], resources=[self._lists])]


def distributed_map(
    scope: Construct,
    state_name: str,
    *,
    comment: str,
    list_bucket: s3.IBucket,
    list_key: str,
    item: Mapping[str, object],
    work: sfn.IChainable,
    max_concurrency: int,
) -> sfn.DistributedMap:
    """Build the state: `list_key` is the path in the state that names the list, one JSON object a line.

    `item` is what a child execution begins with, and `work` what it does; nothing of it comes back.
    """
    state = sfn.DistributedMap(
        scope,
        state_name,
        comment=comment,
        label=state_name,
        map_execution_type=sfn.StateMachineType.STANDARD,  # Express has 5 minutes and lists no causes
        item_reader=RunListReader(bucket=list_bucket, key=sfn.JsonPath.string_at(list_key)),
        max_concurrency=max_concurrency,
        item_selector=dict(item),
        result_path=sfn.JsonPath.DISCARD,
    )
    state.item_processor(work, mode=sfn.ProcessorMode.DISTRIBUTED, execution_type=sfn.ProcessorType.STANDARD)
    retry(state, READING_ERRORS, attempts=12)
    Annotations.of(state).acknowledge_warning(
        "@aws-cdk/aws-stepfunctions:propertyIgnored", "the CDK demands it, and ignores it"
    )
    return state
