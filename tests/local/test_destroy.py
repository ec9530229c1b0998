"""`cdk destroy`: in the profile prod the data stays, in dev nothing of the stack does."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

from local.deployment import Deployment
from tests.local.conftest import Deployed, EngineMaker
from tests.local.pipeline import Pipeline

ORDERS = b"merchant_id,amount,order_id,line_id,quantity,ordered_at\n~kept,1.25,o1,1,1,2024-05-06\n"


def what_there_is(session: Any) -> set[str]:
    """Buckets and tables of ours, functions, state machines."""
    buckets = {bucket["Name"] for bucket in session.client("s3").list_buckets()["Buckets"]}
    tables = set(session.client("dynamodb").list_tables()["TableNames"])
    functions = session.client("lambda").list_functions()["Functions"]
    machines = session.client("stepfunctions").list_state_machines()["stateMachines"]
    named = {one["FunctionName"] for one in functions} | {one["name"] for one in machines}
    return {name for name in buckets | tables | named if not name.startswith("cdk-")}


def test_prod_keeps_the_data_and_dev_takes_everything_along(
    make_engine: EngineMaker, cdk_output: Path
) -> None:
    engine = make_engine()
    engine.start()
    for profile in ("prod", "dev"):
        before = what_there_is(engine.session())
        deployment = Deployment(engine, context={"profile": profile}, output=cdk_output)
        deployment.deploy()
        deployed = Deployed(engine, engine.session(), deployment.outputs())
        pipeline = Pipeline(deployed)
        assert pipeline.run("a.csv", ORDERS)["status"] == "SUCCEEDED"
        data = {
            deployed.outputs[name]
            for name in ("OrdersBucketName", "WorkBucketName", "SalesTableName", "RunsTableName")
        }
        deployment.destroy()
        left = what_there_is(engine.session()) - before
        assert left == (data if profile == "prod" else set()), profile
        if profile == "prod":
            assert pipeline.totals("~kept")["USD"]["net_sales"] == Decimal("1.25")
            assert pipeline.s3.get_object(Bucket=pipeline.orders_bucket, Key="a.csv")["Body"].read() == ORDERS
