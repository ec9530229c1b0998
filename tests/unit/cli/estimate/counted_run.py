"""A run of the real functions over S3 and DynamoDB in process, with every request and unit counted."""

from __future__ import annotations

import functools
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import pytest

from cli.estimate.item_units import TRANSACTION, item_bytes, read_units, write_units
from cli.estimate.settings import Settings
from lambdas.adapters.aws import Aws
from lambdas.adapters.dynamodb import from_item, to_item
from lambdas.adapters.settings import Settings as FunctionSettings
from lambdas.domain.ledger import Amounts, Contribution, MerchantCurrency
from lambdas.domain.shard_index import read_shard_index
from lambdas.domain.stored_names import CONTRIBUTION, orders_bucket_item
from lambdas.index_shards import handler as index_shards
from lambdas.merchant_sales import handler as merchant_sales
from lambdas.plan_run import handler as plan_run
from lambdas.settle_run import handler as settle_run
from lambdas.shard_orders import handler as shard_orders
from tests.fault.services.dynamodb import Change, DynamoDB
from tests.fault.services.refusals import Exceptions
from tests.fault.services.s3 import S3

ORDERS, WORK, SALES, RUNS = "orders", "work", "sales", "runs"
INDEX_KEYS = {SALES: ("leaderboard", "net_sales"), RUNS: ("listing", "started_at")}
NOT_IN_INDEX = {SALES: {"updated_at"}, RUNS: set[str]()}
MODULES = (plan_run, shard_orders, index_shards, merchant_sales, settle_run)


class CountedRun:
    """The services, and what each function has asked of them."""

    def __init__(self, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
        self.s3 = S3({ORDERS: {}, WORK: {}})
        claimed = to_item({**orders_bucket_item(), "bucket": ORDERS})  # by the deployment's first look
        runs = {orders_bucket_item()["pk"]: {orders_bucket_item()["sk"]: claimed}}
        self.dynamodb = DynamoDB({SALES: {}, RUNS: runs}, changed=self._changed)
        self.asked: dict[str, Counter[str]] = {}
        self._function = self._run_id = ""
        clients = {
            "s3": _S3(self),
            "dynamodb": _DynamoDB(self),
            "stepfunctions": None,
            "events": _Events(self),
        }
        aws = _CountedAws(FunctionSettings(_variables(settings)), clients)
        for module in MODULES:
            monkeypatch.setattr(module, "aws", lambda: aws)

    def run(self, key: str, body: bytes) -> None:
        """Put an order file and take it through the functions, as the state machine does."""
        self.s3.put_object(Bucket=ORDERS, Key=key, Body=body)
        name = f"arn:aws:states:x:1:execution:SalesRun:{len(self.s3.buckets[ORDERS][key])}"
        planned = self._call(plan_run, {"key": key, "replay": False, "execution": name})
        self._run_id = planned["run_id"]
        run = {"run_id": self._run_id}
        splits = self._listed(planned["splits_key"]) or [{"split": 0, "begins_inside": False}]
        for split in splits:
            self._call(shard_orders, run | split)
        shards = self._call(index_shards, run)
        for part in shards["partitions"] or self._listed(shards["partitions_key"]):
            self._call(merchant_sales, run | part)
        assert self._call(settle_run, run) == {"status": "SUCCEEDED"}

    def contributions(self) -> Iterator[Contribution]:
        """What the table holds of every merchant."""
        for _, items in sorted(self.dynamodb.tables[SALES].items()):
            for item in map(from_item, (item for sk, item in items.items() if sk.startswith(CONTRIBUTION))):
                yield Contribution(
                    about=MerchantCurrency(item["pk"].removeprefix("MERCHANT#"), item["sk"].split("#")[1]),
                    amounts=Amounts.of(item),
                    first_order_at=item["first_order_at"],
                    last_order_at=item["last_order_at"],
                    months={month: Amounts.of(sums) for month, sums in item["months"].items()},
                )

    def frames(self) -> int:
        """How many (split, partition) pairs of the last run have lines."""
        shards = [key for key in self.s3.buckets[WORK] if key.startswith(f"runs/{self._run_id}/shards/")]
        bodies = [self.s3.buckets[WORK][key][-1].body or b"" for key in shards]
        return sum(frame is not None for body in bodies for frame in read_shard_index(body).frames)

    def _listed(self, key: str) -> list[dict[str, Any]]:
        body = self.s3.buckets[WORK][key][-1].body if key else b""
        return [json.loads(line) for line in (body or b"").splitlines()]

    def count(self, what: str, by: int = 1) -> None:
        """Note what the function at work asks for."""
        self.asked.setdefault(self._function, Counter())[what] += by

    def _call(self, module: Any, event: dict[str, Any]) -> Any:
        self._function = module.__name__.split(".")[1]
        self.count("calls")
        return module.handler(event, None)

    def _changed(self, changes: Sequence[Change]) -> None:
        for table, before, after in changes:
            size = max(item_bytes(item) for item in (before or {}, after))
            self.count(f"{table}_writes", TRANSACTION * write_units(size))
            self.count(f"{table}_index_writes", _index_units(table, before, after))
            self.count(f"{table}_items")


def _index_units(table: str, before: Any, after: Any) -> int:
    """Of an index: the old entry goes where its key changes, and the new one comes."""
    keys = INDEX_KEYS[table]
    entries = [
        {name: value for name, value in item.items() if name not in NOT_IN_INDEX[table]}
        for item in (before, after)
        if item and all(key in item for key in keys)
    ]
    if len(entries) == 2 and [entries[0][key] for key in keys] == [entries[1][key] for key in keys]:
        entries = entries[1:] if entries[0] != entries[1] else []
    return sum(write_units(item_bytes(entry)) for entry in entries)


def _variables(settings: Settings) -> dict[str, str]:
    names = {
        field.name: str(getattr(settings.plan_limits, field.name)) for field in fields(settings.plan_limits)
    }
    return {name.upper(): value for name, value in names.items()} | {
        "ORDERS_BUCKET": ORDERS,
        "WORK_BUCKET": WORK,
        "SALES_TABLE": SALES,
        "RUNS_TABLE": RUNS,
        "OVERSIZE_PARTITION_BYTES": str(512 << 20),
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024",
        "AWS_LAMBDA_LOG_STREAM_NAME": "counted",
    }


class _CountedAws(Aws):
    """The adapters over the counting clients."""

    def __init__(self, settings: FunctionSettings, clients: Mapping[str, Any]) -> None:
        super().__init__(settings)
        self._clients = clients

    @functools.cached_property
    def logger(self) -> Any:
        """No log."""
        return _Silent()

    @functools.cached_property
    def metrics(self) -> Any:
        """Nothing is measured."""
        return _Silent()

    def _client(self, service: str, config: object = None) -> Any:  # noqa: ARG002  the real one has it
        return self._clients[service]


class _Silent:
    def __getattr__(self, level: str) -> Callable[..., None]:
        return lambda *message, **extra: None  # noqa: ARG005


@dataclass(frozen=True)
class _Events:
    run: CountedRun

    def put_events(self, **request: Any) -> Any:
        self.run.count("events", by=len(request["Entries"]))
        return {"FailedEntryCount": 0}


@dataclass(frozen=True)
class _S3:
    run: CountedRun
    exceptions = Exceptions

    def head_object(self, **request: Any) -> Any:
        self.run.count("s3_gets")
        return self.run.s3.head_object(**request)

    def get_object(self, **request: Any) -> Any:
        self.run.count("s3_gets")
        return self.run.s3.get_object(**request)

    def put_object(self, **request: Any) -> Any:
        self.run.count("s3_puts")
        body = request["Body"]
        return self.run.s3.put_object(**request | {"Body": body if isinstance(body, bytes) else body.read()})

    def upload_file(self, path: str, bucket: str, key: str) -> None:
        self.run.count("s3_puts")
        self.run.s3.upload_file(path, bucket, key)

    def get_paginator(self, operation: str) -> Any:
        assert operation == "list_objects_v2"
        return _Pages(self._listed)

    def _listed(self, **request: Any) -> Iterator[Any]:
        self.run.count("s3_puts")  # a LIST is priced as a PUT
        yield self.run.s3.list_objects_v2(limit=1000, **request)


@dataclass(frozen=True)
class _DynamoDB:
    run: CountedRun
    exceptions = Exceptions

    def get_item(self, **request: Any) -> Any:
        answer = self.run.dynamodb.get_item(**request)
        self.run.count(f"{request['TableName']}_reads", read_units(item_bytes(answer.get("Item", {}))))
        return answer

    def batch_get_item(self, **request: Any) -> Any:
        answer = self.run.dynamodb.batch_get_item(**request)
        [(table, wanted)] = request["RequestItems"].items()
        found = [read_units(item_bytes(item)) for item in answer["Responses"][table]]
        self.run.count(f"{table}_reads", sum(found) + len(wanted["Keys"]) - len(found))
        return answer

    def transact_write_items(self, **request: Any) -> Any:
        answer = self.run.dynamodb.transact_write_items(**request)
        self.run.count(f"{request['TransactItems'][0].popitem()[1]['TableName']}_transactions")
        return answer

    def get_paginator(self, operation: str) -> Any:
        assert operation == "query"
        return _Pages(self._queried)

    def _queried(self, **request: Any) -> Iterator[Any]:
        page = self.run.dynamodb.query(limit=1000, **request)
        size = sum(map(item_bytes, page["Items"]))
        self.run.count(f"{request['TableName']}_reads", read_units(size))
        yield page


@dataclass(frozen=True)
class _Pages:
    pages: Callable[..., Iterator[Any]]

    def paginate(self, **request: Any) -> Iterator[Any]:
        """The pages of a list or query."""
        return self.pages(**request)
