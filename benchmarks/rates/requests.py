"""Requests to AWS: the processor time of the real clients and adapters, up to the socket and back."""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import boto3
import duckdb
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from benchmarks.rates.rate import Rate, cpu_seconds
from lambdas.adapters.aws import CLIENT_CONFIG
from lambdas.adapters.dynamodb import Backoff
from lambdas.adapters.sales_table import Commit, SalesTable
from lambdas.domain.database import connect, quoted
from lambdas.domain.order_file import RunId
from lambdas.domain.sales import compute_sales, read_results

CONTRIBUTIONS = 2000
MONTHS = 12
REQUESTS = 300


class _Body(io.BytesIO):
    """What botocore reads an answer from."""

    def stream(self, amount: int = 1 << 16, **_: object) -> Iterator[bytes]:
        """The bytes in pieces."""
        while chunk := self.read(amount):
            yield chunk


def _client(service: str, body: bytes) -> Any:
    """A client whose requests are answered before they reach the network, each with the same body."""
    client = boto3.client(  # type: ignore[call-overload]
        service,
        region_name="us-east-1",
        aws_access_key_id="none",
        aws_secret_access_key="none",
        config=CLIENT_CONFIG,
    )

    def answer(request: Any, **_: object) -> AWSResponse:
        return AWSResponse(
            request.url, 200, HTTPHeaders.from_dict({"content-length": str(len(body))}), _Body(body)
        )

    client.meta.events.register(f"before-send.{service}", answer)
    return client


def rates() -> Iterator[Rate]:
    """Measure."""
    s3 = _client("s3", b"x" * 10_000)
    yield Rate(
        name="request_cpu_seconds",
        value=cpu_seconds(lambda: [_get(s3) for _ in range(REQUESTS)]) / REQUESTS,
        unit="processor seconds per small S3 or DynamoDB request",
        how="S3 GetObject of 10 KB with boto3, answered before the socket: without TLS",
    )
    yield from _commits()
    for kind, module in (("worker", "merchant_sales"), ("control", "settle_run")):
        yield Rate(
            name=f"{kind}_import_cpu_seconds",
            value=_import_seconds(f"lambdas.{module}.handler"),
            unit="processor seconds until a new environment can take its first call",
            how=f"a new process that imports lambdas.{module}.handler and makes an S3 and a DynamoDB client, "
            "less an empty one",
        )


def _get(s3: Any) -> bytes:
    body: bytes = s3.get_object(Bucket="work", Key="runs/x", Range="bytes=-65536")["Body"].read()
    return body


def _commits() -> Iterator[Rate]:
    """Results with one month and with a year of months, read and committed as a sales worker does."""
    one, year = (_Commits(months) for months in (1, MONTHS))
    month_seconds = max(0.0, year.seconds - one.seconds) / (MONTHS - 1) / CONTRIBUTIONS
    month_bytes = (year.results_bytes - one.results_bytes) / (MONTHS - 1) / CONTRIBUTIONS
    told = f"{CONTRIBUTIONS:,} contributions, read from their results file and committed with boto3"
    yield Rate(
        name="commit_cpu_seconds_per_contribution",
        value=one.seconds / CONTRIBUTIONS - month_seconds,
        unit="processor seconds per contribution, without its months",
        how=f"{told}, answered before the socket: without TLS",
    )
    yield Rate(
        name="commit_cpu_seconds_per_month",
        value=month_seconds,
        unit="processor seconds per month of a contribution",
        how=f"{told}, with {MONTHS} months less with one",
    )
    yield Rate(
        name="results_bytes_per_contribution",
        value=one.results_bytes / CONTRIBUTIONS - month_bytes,
        unit="bytes of a results file per contribution",
        how=f"the results file of {CONTRIBUTIONS:,} contributions with one month each",
    )
    yield Rate(
        name="results_bytes_per_month",
        value=month_bytes,
        unit="bytes of a results file per month of a contribution",
        how=f"the same with {MONTHS} months less with one",
    )


class _Commits:
    """What committing a results file takes, and how large it is."""

    def __init__(self, months: int) -> None:
        client = _client("dynamodb", b"{}")
        table = SalesTable(
            client=client, table="sales", backoff=Backoff(sleep=lambda _: None, random=Random(0))
        )
        commit = Commit(run_id=RunId("0" * 32, 1), object_key="shop/orders.csv", now=datetime.now(UTC))
        with tempfile.TemporaryDirectory() as folder:
            scratch = Path(folder)
            with connect(scratch, memory_bytes=10**9, threads=1) as connection:
                results = _results(months, scratch, connection)
                self.results_bytes = results.stat().st_size
                self.seconds = cpu_seconds(lambda: table.commit(read_results(results, connection)[1], commit))


def _results(months: int, scratch: Path, connection: duckdb.DuckDBPyConnection) -> Path:
    """The results of merchants with one line a month; ids and amounts compress no better than real ones."""
    frame, results = scratch / "frame.parquet", scratch / "results.parquet"
    connection.execute(
        "COPY (SELECT left(md5(m::VARCHAR), 12) AS merchant_id, 'USD' AS currency, "
        "(hash(m, i) % 1000000)::DECIMAL(18,4) * 0.01 AS amount, m * 100 + i AS line, "
        "(m * 100 + i)::VARCHAR AS order_id, '1' AS line_id, 1 + i AS quantity, "
        "TIMESTAMP '2026-01-15 10:00:00' + to_months(i::INTEGER) AS ordered_at, "
        "202601 + i::INTEGER AS month, "
        f"false AS ignored FROM range({CONTRIBUTIONS}) AS _(m), range({months}) AS _(i)) "
        f"TO {quoted(str(frame))} (FORMAT parquet)"
    )
    compute_sales(frames=[frame], results=results, connection=connection)
    return results


def _import_seconds(module: str) -> float:
    clients = "import boto3; [boto3.client(s, region_name='us-east-1') for s in ('s3', 'dynamodb')]"

    def seconds(code: str) -> float:
        told = f"{code}\nimport time; print(time.process_time())"
        done = subprocess.run([sys.executable, "-c", told], check=True, capture_output=True, text=True)
        return float(done.stdout)

    return min(seconds(f"import {module}; {clients}") for _ in range(5)) - min(seconds("") for _ in range(5))
