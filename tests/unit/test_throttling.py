"""Services that are too busy: the adapters' own clients try again, with jitter, and the commit waits."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from typing import Any

import boto3
import botocore.endpoint
import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError

from lambdas.adapters.aws import CLIENT_CONFIG
from lambdas.adapters.dynamodb import LONGEST_PAUSE_SECONDS, Backoff, batch_get, to_item
from lambdas.adapters.sales_table import ATTEMPTS, Commit, SalesTable
from lambdas.adapters.work_files import WorkFiles
from lambdas.domain.errors import RunError, TimeIsUpError
from lambdas.domain.ledger import Amounts, Contribution, MerchantCurrency
from lambdas.domain.order_file import RunId
from lambdas.domain.stored_names import contribution_item

Answer = tuple[int, str]
SLOW_DOWN = (503, "<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>")
DONE = (200, "")
COMMIT = Commit(run_id=RunId("0" * 32, 1), object_key="a.csv", now=datetime(2026, 1, 1, tzinfo=UTC))


class _Body:
    def __init__(self, text: str) -> None:
        self.text = text.encode()

    def stream(self) -> Iterator[bytes]:
        yield self.text


class Service:
    """A client as the functions have it, whose requests get these answers instead of being sent."""

    def __init__(self, name: str, answers: list[Answer], monkeypatch: pytest.MonkeyPatch) -> None:
        self.pauses: list[float] = []
        self.sent: list[Any] = []
        self._answers = iter(answers)
        monkeypatch.setattr(botocore.endpoint.time, "sleep", self.pauses.append)  # type: ignore[attr-defined]
        self.client: Any = boto3.client(
            name,  # type: ignore[call-overload]
            config=CLIENT_CONFIG,
            region_name="eu-central-1",
            aws_access_key_id="x",
            aws_secret_access_key="x",
        )
        self.client.meta.events.register(f"before-send.{name}", self._answer)

    def _answer(self, request: Any, **_: object) -> AWSResponse:
        self.sent.append(request)
        status, text = next(self._answers)
        headers: Any = {"content-type": "application/x-amz-json-1.0"} if text.startswith("{") else {}
        return AWSResponse(request.url, status, headers, _Body(text))


MakeService = Callable[[str, list[Answer]], Service]


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> MakeService:
    return lambda name, answers: Service(name, answers, monkeypatch)


def dynamodb_error(code: str, **more: object) -> Answer:
    return 400, json.dumps({"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": code, **more})


def cancelled(code: str, actions: int) -> Answer:
    reasons = [{"Code": code}] + [{"Code": "None"}] * (actions - 1)
    return dynamodb_error("TransactionCanceledException", CancellationReasons=reasons)


def contributions(count: int) -> list[Contribution]:
    amounts = Amounts(orders=1, lines=1)
    return [Contribution(about=MerchantCurrency(f"m{n}", "USD"), amounts=amounts) for n in range(count)]


def test_a_put_that_s3_asks_to_slow_down_is_sent_again_with_jitter(service: MakeService) -> None:
    s3 = service("s3", [SLOW_DOWN] * 7 + [DONE])
    WorkFiles(client=s3.client, bucket="work").put_partitions("run", [])
    assert len(s3.sent) == 8
    # full jitter: from nothing to 1, 2, 4, ... 20 s, and never twice the same
    assert all(0 <= pause <= min(20, 2**n) for n, pause in enumerate(s3.pauses))
    assert len(set(s3.pauses)) == 7


def test_s3_that_stays_too_busy_is_an_error_that_the_state_machine_tries_again(service: MakeService) -> None:
    s3 = service("s3", [SLOW_DOWN] * 8)
    with pytest.raises(ClientError, match="SlowDown"):
        WorkFiles(client=s3.client, bucket="work").put_partitions("run", [])


@pytest.mark.parametrize(
    "code", ["ThrottlingException", "ProvisionedThroughputExceededException", "RequestLimitExceeded"]
)
def test_a_throttled_read_is_sent_again_with_jitter(code: str, service: MakeService) -> None:
    dynamodb = service("dynamodb", [dynamodb_error(code)] * 3 + [(200, "{}")])
    assert "Item" not in dynamodb.client.get_item(TableName="t", Key={"pk": {"S": "a"}, "sk": {"S": "b"}})
    assert len(dynamodb.sent) == 4
    assert len(set(dynamodb.pauses)) == 3


REFUSALS: Mapping[str, list[Answer]] = {
    "conflict": [cancelled("TransactionConflict", 8)],
    "busy items": [cancelled("ThrottlingError", 8)],
    "busy partition": [cancelled("ProvisionedThroughputExceeded", 8)],
    "under way": [dynamodb_error("TransactionInProgressException")] * 8,
    "busy table": [dynamodb_error("ThrottlingException")] * 8,
    "above its limit": [dynamodb_error("ProvisionedThroughputExceededException")] * 8,
}


@pytest.mark.parametrize("kind", REFUSALS)
def test_a_refused_commit_pauses_with_jitter_reads_again_and_goes_on_in_halves(
    kind: str, service: MakeService
) -> None:
    nothing_there = (200, json.dumps({"Responses": {}, "UnprocessedKeys": {}}))
    answers = [*REFUSALS[kind], nothing_there, (200, "{}"), nothing_there, (200, "{}")]
    dynamodb = service("dynamodb", answers)
    pauses: list[float] = []
    table = sales_table(dynamodb.client, pauses)
    assert table.commit(contributions(4), COMMIT) == 4
    assert len(pauses) == 1
    assert 0 < pauses[0] < LONGEST_PAUSE_SECONDS
    assert len(dynamodb.sent) == len(answers)


def test_keys_that_a_busy_table_leaves_out_are_read_again_after_a_pause(service: MakeService) -> None:
    left_out = {"t": {"Keys": [{"pk": {"S": "b"}}], "ConsistentRead": True}}
    answers = [
        {"Responses": {"t": [{"pk": {"S": "a"}}]}, "UnprocessedKeys": left_out},
        {"Responses": {}, "UnprocessedKeys": left_out},
        {"Responses": {"t": [{"pk": {"S": "b"}}]}, "UnprocessedKeys": {}},
    ]
    dynamodb = service("dynamodb", [(200, json.dumps(answer)) for answer in answers])
    pauses: list[float] = []
    backoff = Backoff(sleep=pauses.append, random=Random(1))
    found = list(batch_get(dynamodb.client, "t", [{"pk": "a"}, {"pk": "b"}], backoff=backoff))
    assert found == [{"pk": "a"}, {"pk": "b"}]
    assert [json.loads(request.body)["RequestItems"] for request in dynamodb.sent[1:]] == [left_out] * 2
    assert len(set(pauses)) == 2


def test_a_table_that_stays_too_busy_is_waited_for_until_the_time_is_up(service: MakeService) -> None:
    class Busy:
        exceptions = service("dynamodb", []).client.exceptions

        def batch_get_item(self, **_: object) -> dict[str, Any]:
            return {"Responses": {}}

        def transact_write_items(self, **_: object) -> None:
            raise ClientError({"Error": {"Code": "ThrottlingException"}}, "TransactWriteItems")

    pauses: list[float] = []
    client: Any = Busy()
    table = sales_table(client, pauses)

    def check_time() -> None:
        if len(pauses) == 2000:
            raise TimeIsUpError

    with pytest.raises(TimeIsUpError):
        table.commit(contributions(1), replace(COMMIT, check_time=check_time))
    assert max(pauses) <= LONGEST_PAUSE_SECONDS
    assert sum(pauses) > 1500


NOTHING_THERE = (200, json.dumps({"Responses": {}, "UnprocessedKeys": {}}))


def test_other_writers_are_waited_for_however_long_they_stay(service: MakeService) -> None:
    dynamodb = service("dynamodb", [cancelled("TransactionConflict", 2), NOTHING_THERE] * 100 + [(200, "{}")])
    pauses: list[float] = []
    assert sales_table(dynamodb.client, pauses).commit(contributions(1), COMMIT) == 1
    assert len(pauses) == 100


def test_a_contribution_that_keeps_changing_ends_the_commit_in_a_sentence(service: MakeService) -> None:
    dynamodb = service("dynamodb", [cancelled("ConditionalCheckFailed", 2), NOTHING_THERE] * 40)
    with pytest.raises(RunError, match="could not be written in 30 attempts"):
        sales_table(dynamodb.client, []).commit(contributions(1), COMMIT)
    assert len(dynamodb.sent) == 2 * ATTEMPTS + 1


def test_a_read_that_stays_throttled_is_waited_for_until_the_time_is_up(service: MakeService) -> None:
    throttled = [dynamodb_error("ThrottlingException")] * 8
    dynamodb = service("dynamodb", [*throttled, *throttled, NOTHING_THERE, (200, "{}")])
    pauses: list[float] = []
    table = sales_table(dynamodb.client, pauses)
    assert table.commit(contributions(1), replace(COMMIT, resumed=True)) == 1
    assert len(pauses) == 2

    def check_time() -> None:
        if pauses[2:]:
            raise TimeIsUpError

    table = sales_table(service("dynamodb", throttled).client, pauses)
    with pytest.raises(TimeIsUpError):
        table.commit(contributions(1), replace(COMMIT, resumed=True, check_time=check_time))


def test_what_an_earlier_attempt_may_have_put_is_read_first(service: MakeService) -> None:
    there = contribution_item(contributions(1)[0].about, COMMIT.run_id.keyhash) | {"revision": 1}
    item = to_item(there | vars(Amounts(orders=1, lines=1)))
    dynamodb = service(
        "dynamodb", [(200, json.dumps({"Responses": {"sales": [item]}, "UnprocessedKeys": {}}))]
    )
    table = sales_table(dynamodb.client, [])
    assert table.commit(contributions(1), replace(COMMIT, resumed=True)) == 0
    assert len(dynamodb.sent) == 1


def sales_table(client: Any, pauses: list[float]) -> SalesTable:
    backoff = Backoff(sleep=pauses.append, random=Random(1))
    return SalesTable(client=client, table="sales", backoff=backoff)


def test_a_wait_is_told_with_the_attempt_and_how_long_it_is() -> None:
    told: list[tuple[int, float, str]] = []
    slept: list[float] = []
    backoff = Backoff(sleep=slept.append, random=Random(1), told=lambda *about: told.append(about))
    for attempt in range(12):
        backoff.wait(attempt, "busy")
    assert told == [(attempt, seconds, "busy") for attempt, seconds in enumerate(slept)]
    assert max(slept) <= 2
