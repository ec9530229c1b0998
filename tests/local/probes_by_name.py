"""All calls that are tried with every role's credentials, by what they would do."""

from __future__ import annotations

import json
import re

from tests.local.role_probes import (
    KEY,
    NOBODY,
    ON_WHAT_IS_THERE,
    Probe,
    deleting,
    giving_up,
    in_transaction,
    invoking,
    listing,
    logging,
    of_machine,
    on_item,
    reading,
    writing,
)

RUN = f"runs/{NOBODY}"
BUCKETS: dict[str, Probe] = {
    "read an order file": reading("orders", "probe.csv"),
    "read a version of an order file": reading("orders", "probe.csv", VersionId="none"),
    "write an order file": writing("orders", "probe.csv"),
    "give up the upload of an order file": giving_up("orders", "probe.csv"),
    "delete an order file": deleting("orders", "probe.csv"),
    "delete a version of an order file": deleting("orders", "probe.csv", VersionId="none"),
    "list order files": listing("orders"),
    "list versions of order files": listing("orders", "list_object_versions"),
    "ask whether order files have versions": lambda client, places: client("s3").get_bucket_versioning(
        Bucket=places.orders
    ),
    "end the versions of order files": lambda client, places: client("s3").put_bucket_versioning(
        Bucket=places.orders, VersioningConfiguration={"Status": "none"}
    ),
    "read a plan": reading("work", f"{RUN}/plan.json"),
    "write a plan": writing("work", f"{RUN}/plan.json"),
    "give up the upload of a plan": giving_up("work", f"{RUN}/plan.json"),
    "give up the upload of shards": giving_up("work", f"{RUN}/shards/0-1.frames"),
    "read a job's reason": reading("work", f"{RUN}/failures/job-1.json"),
    "write a job's reason": writing("work", f"{RUN}/failures/job-1.json"),
    "read results": reading("work", f"sales/{NOBODY}/00000000-ffffffff.parquet"),
    "write results": writing("work", f"sales/{NOBODY}/00000000-ffffffff.parquet"),
    "give up the upload of results": giving_up("work", f"sales/{NOBODY}/00000000-ffffffff.parquet"),
    "delete results": deleting("work", f"sales/{NOBODY}/00000000-ffffffff.parquet"),
    "read rejects": reading("work", f"rejects/{NOBODY}/0-1.jsonl"),
    "write rejects": writing("work", f"rejects/{NOBODY}/0-1.jsonl"),
    "write where the rejects begin": writing("work", f"rejects/{NOBODY}/places.json"),
    "delete a plan": deleting("work", f"{RUN}/plan.json"),
    "read beside the prefixes": reading("work", "probe"),
    "write beside the prefixes": writing("work", "probe"),
    "list the work bucket": listing("work"),
    "read the functions' archive": lambda client, places: client("s3").get_object(
        Bucket=places.archive[0], Key=places.archive[1], Range="bytes=0-0"
    ),
    "read the archive of an earlier deployment": lambda client, places: client("s3").get_object(
        Bucket=places.archive[0], Key=re.sub("[0-9a-f]{64}", "0" * 64, places.archive[1])
    ),
    "read what the CDK has uploaded for others": lambda client, places: client("s3").get_object(
        Bucket=places.archive[0], Key=f"Other{places.archive[1]}"
    ),
    "write the functions' archive": lambda client, places: client("s3").put_object(
        Bucket=places.archive[0], Key=places.archive[1], Body=b"", IfMatch='"none"'
    ),
}
RUN_PAGE = {"KeyConditionExpression": "pk = :pk", "ExpressionAttributeValues": {":pk": {"S": "PROBE"}}}
TABLES: dict[str, Probe] = {
    f"{verb} {table}": on_item(place, operation, **options)
    for place, table in (("sales", "the sales table"), ("runs", "the runs table"))
    for verb, operation, options in (
        ("read an item of", "get_item", {"Key": KEY}),
        ("put an item into", "put_item", {"Item": KEY, **ON_WHAT_IS_THERE}),
        ("change an item of", "update_item", {"Key": KEY, **ON_WHAT_IS_THERE}),
        ("delete an item of", "delete_item", {"Key": KEY}),
        ("query", "query", RUN_PAGE),
        ("scan", "scan", {"Limit": 1}),
        ("take the protection of", "update_table", {"DeletionProtectionEnabled": False}),
    )
}
TABLES |= {
    "put into the sales table in a transaction": in_transaction("sales"),
    "put into the runs table in a transaction": in_transaction("runs"),
    "read items of the sales table at once": lambda client, places: client("dynamodb").batch_get_item(
        RequestItems={places.sales: {"Keys": [KEY]}}
    ),
    "read items of the runs table at once": lambda client, places: client("dynamodb").batch_get_item(
        RequestItems={places.runs: {"Keys": [KEY]}}
    ),
}
EXECUTIONS: dict[str, Probe] = {
    "start a run": of_machine("start_execution", "stateMachineArn", lambda p: p.machine, input="none"),
    "describe a run": of_machine("describe_execution", "executionArn", lambda p: p.execution()),
    "describe a child of a Map": of_machine(
        "describe_execution", "executionArn", lambda p: p.execution("/ShardSplits")
    ),
    "list the Map Runs of a run": of_machine("list_map_runs", "executionArn", lambda p: p.execution()),
    "list the children of a Map Run": of_machine("list_executions", "mapRunArn", lambda p: p.map_run),
    "list runs": of_machine("list_executions", "stateMachineArn", lambda p: p.machine),
    "stop a run": of_machine("stop_execution", "executionArn", lambda p: p.execution()),
    "change the state machine": of_machine(
        "update_state_machine", "stateMachineArn", lambda p: p.machine, definition="none"
    ),
}
FOLDERS = (
    "plan_run", "shard_orders", "index_shards", "merchant_sales", "settle_run", "fail_run", "sweep", "notify",
)  # fmt: skip
OTHERS: dict[str, Probe] = {
    "tell the event bus": lambda client, _: client("events").put_events(Entries=[{"Detail": "none"}]),
    "change Batch's rule": lambda client, _: client("events").describe_rule(
        Name="StepFunctionsGetEventsForBatchJobsRule"
    ),
    "send to the dead-letter queue": lambda client, places: client("sqs").send_message(
        QueueUrl=places.queue, MessageBody="probe", DelaySeconds=901
    ),
    "read the dead-letter queue": lambda client, places: client("sqs").receive_message(
        QueueUrl=places.queue, VisibilityTimeout=0
    ),
    "empty the dead-letter queue": lambda client, places: client("sqs").delete_message(
        QueueUrl=places.queue, ReceiptHandle="none"
    ),
    "publish to people": lambda client, places: client("sns").publish(TopicArn=places.topic, Message=""),
    "subscribe to the topic": lambda client, places: client("sns").subscribe(
        TopicArn=places.topic, Protocol="none"
    ),
    "submit a job": lambda client, places: client("batch").submit_job(
        jobName="-", jobQueue=places.job_queue, jobDefinition=places.job_definition
    ),
    "ask how a job stands": lambda client, _: client("batch").describe_jobs(jobs=["none"]),
    "end a job": lambda client, _: client("batch").terminate_job(jobId="none", reason="probe"),
    "take another role": lambda client, places: client("sts").assume_role(
        RoleArn=f"arn:aws:iam::{places.machine.split(':')[4]}:role/none", RoleSessionName="probe"
    ),
    "make a user": lambda client, _: client("iam").create_user(UserName="-" * 65),
    "list roles": lambda client, _: client("iam").list_roles(MaxItems=1),
    "change a function's code": lambda client, places: client("lambda").update_function_code(
        FunctionName=places.functions["plan_run"], ZipFile=json.dumps({}).encode(), DryRun=True
    ),
}
PROBES: dict[str, Probe] = {
    **BUCKETS,
    **TABLES,
    **EXECUTIONS,
    **OTHERS,
    **{f"call a version of {folder}": invoking(folder, ":999") for folder in FOLDERS},
    **{f"call {folder}": invoking(folder) for folder in FOLDERS},
    **{f"write the log of {name}": logging(name) for name in (*FOLDERS, "jobs")},
}
