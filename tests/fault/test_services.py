"""The services in process answer as the embedded engine does, wherever the protocol rests on an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal, Inexact
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lambdas.adapters.dynamodb import put, to_item, update
from local.engine import Engine
from local.settings import EngineSettings
from tests.fault.clients import DynamoDBClient, OpenGate
from tests.fault.s3_client import S3Client
from tests.fault.services.dynamodb import DynamoDB
from tests.fault.services.refusals import UnsupportedError
from tests.fault.services.s3 import S3

BUCKET, TABLE = "compared", "compared"
NEW = "attribute_not_exists(pk)"


@dataclass(frozen=True)
class Services:
    """An S3 and a DynamoDB, and how this S3 deletes."""

    s3: Any
    dynamodb: Any
    delete: Callable[[str, str | None], object]


def in_process() -> Services:
    s3, gate = S3({BUCKET: {}}), OpenGate()
    return Services(
        S3Client(gate, s3),  # type: ignore[arg-type]
        DynamoDBClient(gate, DynamoDB({TABLE: {}})),  # type: ignore[arg-type]
        lambda key, version: s3.delete_object(bucket=BUCKET, key=key, version_id=version),
    )


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    made = Engine(EngineSettings(state_dir=tmp_path_factory.mktemp("engine"), port=0))
    try:
        made.start()
        s3, dynamodb = made.session().client("s3"), made.session().client("dynamodb")
        s3.create_bucket(Bucket=BUCKET)
        s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        dynamodb.create_table(
            TableName=TABLE,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        )

        def delete(key: str, version: str | None) -> object:
            which = {"VersionId": version} if version else {}
            return s3.delete_object(Bucket=BUCKET, Key=key, **which)

        yield Services(s3, dynamodb, delete)
    finally:
        made.reset()


def _asked(question: Callable[[], Any]) -> Any:
    """The answer, or the error's code and, of a cancelled transaction, its reasons."""
    try:
        return question()
    except ClientError as e:
        reasons: Any = e.response.get("CancellationReasons", [])
        return e.response["Error"]["Code"], [reason["Code"] for reason in reasons]


def _versions(services: Services, tmp_path: Path) -> Iterator[tuple[str, Any]]:
    s3 = services.s3

    def body(**request: Any) -> Any:
        return _asked(lambda: s3.get_object(Bucket=BUCKET, **request)["Body"].read())

    def size(key: str) -> Any:
        return _asked(lambda: s3.head_object(Bucket=BUCKET, Key=key)["ContentLength"])

    def put_new(content: bytes) -> Any:
        return _asked(
            lambda: bool(s3.put_object(Bucket=BUCKET, Key="new", Body=content, IfNoneMatch="*")["VersionId"])
        )

    yield "head of nothing", size("a")
    yield "get of nothing", body(Key="a")
    first = s3.put_object(Bucket=BUCKET, Key="a", Body=b"first one")["VersionId"]
    second = s3.put_object(Bucket=BUCKET, Key="a", Body=b"2nd")["VersionId"]
    yield "the newest", (size("a"), body(Key="a"), body(Key="a", VersionId=first))
    # Of the newest version: with a version id the engine gives all of its bytes.
    s3.put_object(Bucket=BUCKET, Key="b", Body=b"first one")
    yield "a range", body(Key="b", Range="bytes=2-4")
    yield "a suffix", body(Key="b", Range="bytes=-3")
    yield "a suffix that is too long", body(Key="b", Range="bytes=-300")
    services.delete("a", None)
    yield "behind a delete marker", (size("a"), body(Key="a"), body(Key="a", VersionId=second))
    services.delete("a", second)
    yield "a version that was removed", body(Key="a", VersionId=second)
    third = s3.put_object(Bucket=BUCKET, Key="a", Body=b"third")["VersionId"]
    services.delete("a", third)
    yield "the marker is current again", size("a")
    yield "put where there is nothing", put_new(b"1")
    yield "put where there is something", (put_new(b"2"), body(Key="new"))
    services.delete("new", None)
    yield "put over a delete marker", (put_new(b"3"), body(Key="new"))
    (tmp_path / "file").write_bytes(b"uploaded")
    s3.upload_file(str(tmp_path / "file"), BUCKET, "list/b")
    s3.put_object(Bucket=BUCKET, Key="list/a", Body=b"")
    for prefix in ("list/", "nothing/", "a"):
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix)
        yield f"a list of {prefix}", [found["Key"] for page in pages for found in page.get("Contents", [])]


def _uploads(services: Services) -> Iterator[tuple[str, Any]]:
    s3, place, bodies = services.s3, {"Bucket": BUCKET, "Key": "parts"}, [b"1" * (5 << 20), b"the end"]

    def sent() -> tuple[dict[str, Any], list[dict[str, Any]]]:
        begun = s3.create_multipart_upload(**place, ChecksumAlgorithm="CRC32")
        upload, parts = place | {"UploadId": begun["UploadId"]}, []
        for number, body in enumerate(bodies, start=1):
            told = s3.upload_part(**upload, PartNumber=number, Body=body, ChecksumAlgorithm="CRC32")
            parts.append({"PartNumber": number, **{name: told[name] for name in ("ETag", "ChecksumCRC32")}})
        return upload, parts

    def completed(upload: dict[str, Any], parts: list[dict[str, Any]]) -> Any:
        request = {**upload, "MultipartUpload": {"Parts": parts}, "IfNoneMatch": "*"}
        return _asked(lambda: bool(s3.complete_multipart_upload(**request)["VersionId"]))

    def aborted(upload: dict[str, Any]) -> Any:
        return _asked(lambda: s3.abort_multipart_upload(**upload) is not None)

    def is_whole() -> Any:
        return _asked(lambda: s3.get_object(**place)["Body"].read() == b"".join(bodies))

    (first, parts), (second, others), third = sent(), sent(), sent()
    yield "the parts, of which nothing is there yet", (parts, is_whole())
    yield "another part's name", completed(first, [parts[0], {**parts[0], "PartNumber": 2}])
    yield "completed", (completed(first, parts), is_whole())
    yield "where there is something", completed(second, others)
    yield "it can still be aborted, once", (aborted(second), aborted(second), completed(second, others))
    services.delete("parts", None)
    yield "over a delete marker", (completed(*third), is_whole())


def _transactions(services: Services) -> Iterator[tuple[str, Any]]:
    dynamodb = services.dynamodb

    def done(*actions: Any) -> Any:
        return _asked(lambda: dynamodb.transact_write_items(TransactItems=list(actions)) is not None)

    def item(pk: str) -> Any:
        key = to_item({"pk": pk, "sk": "x"})
        return dynamodb.get_item(TableName=TABLE, Key=key, ConsistentRead=True).get("Item")

    def new(pk: str, **values: Any) -> Any:
        return put(TABLE, {"pk": pk, "sk": "x", **values}, condition=NEW)

    def change(pk: str, **options: Any) -> Any:
        return update(TABLE, {"pk": pk, "sk": "x"}, **options)

    yield "an item that isn't there", item("a")
    yield "all of the actions", (done(new("a", revision=1), new("b", months={"m": {"lines": 2}})), item("b"))
    yield "none of the actions", (done(new("c"), new("a")), item("c"))
    yield "both refused", done(new("a"), new("b"))
    older = put(TABLE, {"pk": "a", "sk": "x"}, condition="revision = :read", values_of_condition={":read": 2})
    yield "another revision", (done(older), item("a"))
    fence = {"condition": "attribute_not_exists(#fence) OR #fence <= :revision"}
    for revision in (2, 1, 3):
        values = {":revision": revision}
        action = change("f", set_values={"fence": revision}, values_of_condition=values, **fence)
        yield f"the fence {revision}", (done(action), item("f"))
    adding = change("a", set_values={"text": "t"}, add_values={"sum": 10**23, "revision": -1})
    yield "added", (done(adding), item("a"))
    small = change("a", set_values={"text": "u"}, add_values={"sum": Decimal("0.0001")})
    yield "added exactly", (done(small), item("a"))
    yield "removed", (done(change("a", set_values={"status": "s"}, remove=("text", "none"))), item("a"))
    yield "two actions on one item", done(new("d"), change("d", set_values={"text": "t"}))
    unused = new("e")
    unused["Put"]["ExpressionAttributeValues"] = {":unused": {"S": "u"}}
    yield "an unused value", done(unused)
    done(*(put(TABLE, {"pk": "q", "sk": f"RUN#{i}"}, condition=NEW) for i in range(7)))
    pages = dynamodb.get_paginator("query").paginate(
        TableName=TABLE,
        ConsistentRead=True,
        ScanIndexForward=False,
        KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :last",
        ExpressionAttributeValues=to_item({":pk": "q", ":first": "RUN#1", ":last": "RUN#5"}),
    )
    yield "a range of sort keys", [found["sk"]["S"] for page in pages for found in page["Items"]]
    keys = [to_item({"pk": pk, "sk": "x"}) for pk in ("a", "none", "b")]
    answer = dynamodb.batch_get_item(RequestItems={TABLE: {"Keys": keys, "ConsistentRead": True}})
    yield "a batch", sorted(found["pk"]["S"] for found in answer["Responses"][TABLE])


def _different(ours: Iterator[tuple[str, Any]], theirs: Iterator[tuple[str, Any]]) -> list[object]:
    pairs = zip(ours, theirs, strict=True)
    return [f"{name}: {a}, the engine: {b}" for (name, a), (_, b) in pairs if a != b]


def test_versions_are_the_engines(engine: Services, tmp_path: Path) -> None:
    assert not _different(_versions(in_process(), tmp_path), _versions(engine, tmp_path))


def test_uploads_in_parts_are_the_engines(engine: Services) -> None:
    assert not _different(_uploads(in_process()), _uploads(engine))


def test_transactions_are_the_engines(engine: Services) -> None:
    assert not _different(_transactions(in_process()), _transactions(engine))


def test_what_is_not_imitated_is_refused() -> None:
    services = in_process()
    with pytest.raises(UnsupportedError):
        services.s3.copy_object(Bucket=BUCKET)
    with pytest.raises(UnsupportedError):
        services.s3.get_object(Bucket=BUCKET, Key="a", IfMatch="e")
    with pytest.raises(UnsupportedError):
        services.dynamodb.get_item(TableName=TABLE, Key=to_item({"pk": "a", "sk": "x"}))
    with pytest.raises(UnsupportedError):
        services.dynamodb.transact_write_items(
            TransactItems=[put(TABLE, {"pk": "a", "sk": "x"}, condition="size(pk)")]
        )


def test_sums_have_38_digits_or_are_refused() -> None:
    dynamodb = in_process().dynamodb
    key = {"pk": "a", "sk": "x"}

    def added(amount: str) -> Any:
        action = update(TABLE, key, set_values={"text": "t"}, add_values={"sum": Decimal(amount)})
        dynamodb.transact_write_items(TransactItems=[action])
        return dynamodb.get_item(TableName=TABLE, Key=to_item(key), ConsistentRead=True)["Item"]["sum"]["N"]

    added("9" * 34)
    assert added("0.0001") == f"{'9' * 34}.0001"
    with pytest.raises(Inexact):
        added("0.00001")
