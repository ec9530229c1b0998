"""`formats infer` on every kind of file: what it drafts for CSV, it drafts for the others."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
import zstandard

from cli import main
from cli.errors import CommandError
from lambdas.domain.errors import OrderFileError
from tests.unit.cli.drafting import drafted, runner, written

OBJECTS: list[dict[str, Any]] = [
    {
        "merchant": {"id": f"m{n % 5}", "shop name": "x"},
        "total": n * 1.25,
        "orderId": f"o{n}",
        "createdAt": f"2024-01-{n % 28 + 1:02d}T10:00:00Z",
        "items": [1, {"sku": 2}],
        "paid": n % 2 == 0,
    }
    for n in range(100)
]
COLUMNS = {
    "merchant_id": "$.merchant.id", "amount": "total", "order_id": "orderId", "ordered_at": "createdAt"
}  # fmt: skip
JSON_LINES = "".join(json.dumps(one) + "\n" for one in OBJECTS)
ARRAY = json.dumps(OBJECTS, indent=1)
SUM = sum(one["total"] for one in OBJECTS)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.jsonl", JSON_LINES.encode(), "auto"),
        ("a.json", JSON_LINES.encode(), "auto"),
        ("a.json", ARRAY.encode(), "auto"),
        ("a.txt", JSON_LINES.encode(), "jsonl"),
        ("a.jsonl", ARRAY.encode(), "json"),
        ("a.ndjson.gz", gzip.compress(JSON_LINES.encode()), "auto"),
        ("a.json.zst", zstandard.compress(ARRAY.encode()), "auto"),
        ("a.json", ARRAY.encode("utf-16"), "auto"),
        ("a.jsonl", b"\xef\xbb\xbf" + JSON_LINES.encode(), "auto"),
    ],
)
def test_json_is_drafted(name: str, content: bytes, said: str, tmp_path: Path) -> None:
    found = drafted(written(tmp_path, name, content))
    assert found.order_format.file == said
    assert found.columns == COLUMNS
    assert found.checked["counts"]["counted"] == 100
    assert sum(map(float, found.net_sales.values())) == SUM
    assert '$.merchant."shop name"' in found.text


def test_a_large_file_is_drafted_from_its_first_megabyte(tmp_path: Path) -> None:
    many = [one | {"orderId": f"{part}-{one['orderId']}"} for part in range(100) for one in OBJECTS]
    for name, content in (("a.json", json.dumps(many)), ("a.csv", _as_csv(many))):
        found = drafted(written(tmp_path, name, content))
        assert "the first " in found.text
        assert found.checked["counts"]["counted"] == 10_000


def _as_csv(objects: list[dict[str, Any]]) -> str:
    heading = "shop,note,total,order_id\n"
    note = f'"several\nlines, {"x" * 150}"'
    return heading + "".join(f"a,{note},{one['total']},{one['orderId']}\n" for one in objects)


def test_lines_that_are_no_objects_are_counted(tmp_path: Path) -> None:
    found = drafted(written(tmp_path, "a.jsonl", JSON_LINES + '{"broken": \n[1]\n'))
    assert "Lines of the sample that are no JSON objects, and are rejected: 2." in found.text
    assert found.checked["counts"]["rejected"] == 2


def parquet(folder: Path, columns: str) -> Path:
    path = folder / "a.parquet"
    duckdb.sql(f"COPY (SELECT {columns} FROM range(20000) t(n)) TO '{path}'")
    return path


TYPED = (
    "'m' || n % 5 AS seller_id, n::DECIMAL(18,2) AS amount, n // 2 AS order_id, n AS line_no, "
    "(n % 3)::INTEGER AS qty, TIMESTAMPTZ '2024-01-01 00:00:00+00' + INTERVAL (n) MINUTE AS created_at, "
    "{'city': 'x'} AS address, [n] AS tags"
)


@pytest.mark.parametrize(
    ("pack", "ending"), [(bytes, ""), (gzip.compress, ".gz"), (zstandard.compress, ".zst")]
)
def test_parquet_is_drafted_by_its_types(pack: Callable[[bytes], bytes], ending: str, tmp_path: Path) -> None:
    path = parquet(tmp_path, TYPED)
    packed = written(tmp_path, f"b.parquet{ending}", pack(path.read_bytes()))
    found = drafted(packed)
    assert found.columns == {
        "merchant_id": "seller_id", "amount": "amount", "order_id": "order_id", "line_id": "line_no",
        "quantity": "qty", "ordered_at": "created_at",
    }  # fmt: skip
    assert found.order_format.dates == "auto"
    assert found.checked["counts"]["counted"] == 20_000
    assert "the first 10,000 lines" in found.text


def test_parquet_of_floats_and_texts_is_drafted_as_csv_is(tmp_path: Path) -> None:
    columns = (
        "'m' || n % 5 AS shop, n * 0.25::DOUBLE AS revenue, strftime(DATE '2024-01-01' + (n % 31)::INTEGER, "
    )
    found = drafted(parquet(tmp_path, columns + "'%d/%m/%Y') AS sold_on, encode('EUR') AS currency"))
    assert found.columns == {
        "merchant_id": "shop", "amount": "revenue", "ordered_at": "sold_on", "currency": "currency"
    }  # fmt: skip
    assert found.order_format.dates == "%d/%m/%Y"
    assert found.checked["counts"]["counted"] == 20_000


def test_tpc_h_lines_are_drafted_without_their_blank_last_column(tmp_path: Path) -> None:
    content = "".join(f"Supplier {n % 7}|{n}.{n % 90 + 10}|R|1996-03-{n % 28 + 1:02d}|\n" for n in range(60))
    found = drafted(written(tmp_path, "a.tbl", content))
    assert found.order_format.csv.header == ("merchant_id", "amount", "column3", "ordered_at")
    assert found.checked["counts"]["counted"] == 60


@pytest.mark.parametrize(
    ("amount", "negative"), [("({n}.5)", "parentheses"), ("{n}.5-", "trailing_minus"), ("-{n}.5", "minus")]
)
def test_negatives_are_found_however_they_are_written(amount: str, negative: str, tmp_path: Path) -> None:
    rows = "".join(f"a,{amount.format(n=n)}\na,{n}\n" for n in range(1, 20))
    found = drafted(written(tmp_path, "a.csv", "shop,amount\n" + rows))
    assert found.order_format.numbers.negative == negative
    assert found.net_sales == {"a": "-9.5000"}


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.json", ARRAY.encode("utf-16-le"), "save it as UTF-8"),
        ("a.json", b'{"orders": [\n' + ARRAY.encode() + b"]}", "no JSON object that can be read"),
        ("a.json", b"[]", "no JSON object that can be read"),
        ("a.parquet", b"PAR1 and nothing else", "no Parquet file that can be read"),
        ("a.csv.gz", b"shop,amount\n", "is not gzip"),
        ("a.csv.zst", zstandard.compress(b"shop,amount\n" * 99)[:-9], "cut off"),
    ],
)
def test_what_can_not_be_read_is_a_sentence(name: str, content: bytes, told: str, tmp_path: Path) -> None:
    answer = runner.invoke(main.app, ["formats", "infer", str(written(tmp_path, name, content))])
    assert isinstance(answer.exception, CommandError | OrderFileError)
    assert told in str(answer.exception)
