"""A line that passes the cheap tests reads as it does by the thorough rules, whatever stands in it."""

from __future__ import annotations

import csv
import io
import json
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lambdas.domain.delivered_file import DeliveredFile
from lambdas.domain.line_fields import Guard
from lambdas.domain.open_rows import RowsOpener
from lambdas.domain.order_columns import find_sources
from lambdas.domain.order_format import OrderFormat
from lambdas.domain.order_lines import LineRules, lines_query, rules_for
from lambdas.domain.partitions import hash_ranges
from tests.unit.order_files import opened, order_format

FIELDS = ("shop", "order", "line", "amount", "quantity", "date", "currency")
COLUMNS = """
columns: {merchant_id: shop, order_id: order, line_id: line, amount: amount, quantity: quantity,
          ordered_at: date, currency: currency}
"""
FORMATS = {
    "plain": order_format(COLUMNS),
    "zone": order_format(COLUMNS + "timezone: America/New_York"),
    "comma": order_format(COLUMNS + 'numbers: {decimal: ","}'),
}
CAREFUL = Guard(clean="false", checks=())
"""With it no line is clean."""

NUMBERS = [
    "0", "-0", "5", "-7", "+5", "05", "17", "1.5", "-2.25", "0.1", "5.0", "7.00", ".5", "5.", "1.2345",
    "1.23450", "1.23456", "1e3", "1E3", "1e-5", "1_000", "99999999999", "99999999999.9999", "123456789012.5",
    "1e400", "12345678901234.5678", "12345678901234", "100000000000000", "1234567890123456789",
    "9223372036854775807", "9223372036854775808", "0.30000000000000000001", "12345678901.23456789", "1,5",
    "(5)", "5-", "$5",
]  # fmt: skip
DATES = [
    "2024-02-29", "2024-02-30", "2024-1-5", "2024/01/05", "2024-01-05 10:00", "2024-01-05T10:00:00Z",
    "2024-01-05 10:00:00.123456", "2024-01-05T10:00:00.123456789", "2024-01-05T10:00:00+02:00", "infinity",
    "2024-01-05  1:00:00", "2024-01-05 00:00:1 ", "2024-01-05 00:00:0Z", "2024-01-05 24:00:00", "20240105",
    "1969-12-31", "2100-01-01", "2024-03-10 02:30:00", "epoch", "2024-01-05 10:00:00 ", "12.5",
    "2024-01-05 10:00:00", "2024-01-05T10:00:00", "2024/01/05 10:00:00", "2024-01-05 10:00+02",
    "2024-1-05 10:00:00 ", "2024-01-05 10:00:0+", "2024-01-05 25:00:00", "1969-12-31 23:59:59",
]  # fmt: skip
IDS = ["s1", "o-1", "", "[a]", "{b}", "a b", "a ", "\u00a0a", "a\u3000", "~a", "x" * 256, "\u00e9" * 129]
SPACES = st.sampled_from(["", " ", "\t", "\u00a0", "\u3000", "\u0600", "~", "\u00e9", "\x7f", "e\u0301"])
FIXED = [*NUMBERS, *DATES, *IDS, "EUR", "usd", "NAN", "E1R"]
TEXTS = st.builds(
    lambda before, text, after: before + text + after,
    SPACES,
    st.one_of(st.sampled_from(FIXED), st.decimals(allow_nan=False, allow_infinity=False).map(str), st.text()),
    SPACES,
)
GOOD = {
    "shop": "s1", "order": "o1", "line": "1", "amount": "1.5", "quantity": "2", "date": "2024-01-05",
    "currency": "EUR",
}  # fmt: skip
CHANGES = st.lists(st.dictionaries(st.sampled_from(FIELDS), TEXTS, max_size=2), min_size=20, max_size=60)
EACH = [{field: value} for field in FIELDS for value in FIXED]


def lines_of(content: bytes, key: str, chosen: OrderFormat, *, careful: bool) -> list[tuple[Any, ...]]:
    """The table `lines` of a file, with or without what the cheap tests find clean."""
    with TemporaryDirectory() as folder, opened(Path(folder)) as connection:
        delivered = DeliveredFile(io.BytesIO(content), key=key, limit_bytes=1 << 30)
        opener = RowsOpener(order_format=chosen, scratch=Path(folder), connection=connection)
        rows = opener.whole(delivered)
        sources = find_sources(chosen, rows.names, key, connection)
        rules = rules_for(sources, rows.guards(sources), rows.types, chosen, connection)
        if careful:
            rules = LineRules((*rules.guards, CAREFUL), rules.rules)
        rows.load(lines_query(rows.from_sql(sources), rules, chosen, hash_ranges(1)))
        return connection.execute("SELECT * FROM lines ORDER BY rowid").fetchall()


def assert_same(content: bytes, key: str, chosen: OrderFormat) -> None:
    """A clean line has the same fields and the same reason as when it is read with care."""
    assert lines_of(content, key, chosen, careful=False) == lines_of(content, key, chosen, careful=True)


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=5, deadline=None)
@given(changes=CHANGES)
@example(changes=EACH)
def test_lines_of_csv(name: str, changes: list[dict[str, str]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(FIELDS)
    writer.writerows([(GOOD | changed)[field].replace("\r", "") for field in FIELDS] for changed in changes)
    assert_same(text.getvalue().replace("\0", "").encode("utf-8", "replace"), "o.csv", FORMATS[name])


VALUES = st.one_of(
    TEXTS.map(json.dumps),
    st.sampled_from(NUMBERS),
    st.floats().map(json.dumps),
    st.sampled_from(["null", "true", "[1]", "[1, 2]", '{"a":1}', "{}", "NaN", "-Infinity", "[1,]", "1,"]),
    st.sampled_from(['"NaN, }"', '", ]"']),
)
JSON_CHANGES = st.lists(
    st.dictionaries(st.sampled_from([*FIELDS, "x"]), VALUES, max_size=2), min_size=20, max_size=60
)
LENIENT = [
    sign + "".join(letters)
    for word in ("nan", "inf")
    for letters in product(*((letter, letter.upper()) for letter in word))
    for sign in ("", "-")
]
EACH_IN_JSON = [{"x": value} for value in [*LENIENT, "[1,]", "[1, ]", "[1, \t]", "[1,\t ]", "[1,  ]"]] + [
    {field: text} for field in FIELDS for value in FIXED for text in (value, json.dumps(value))
]


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=5, deadline=None)
@given(
    changes=JSON_CHANGES,
    comma=st.sampled_from([",", ", ", ",\t", " ,  "]),
    end=st.sampled_from(["}", " }", "}\x01", ",}", ", }", ", \t}", ",  }"]),
)
@example(changes=EACH_IN_JSON, comma=",", end="}")
@example(changes=EACH_IN_JSON, comma=", ", end="}")
@example(changes=[{}], comma=",", end=", \t}")
def test_lines_of_json(name: str, changes: list[dict[str, str]], comma: str, end: str) -> None:
    good = {field: json.dumps(value) for field, value in GOOD.items()}
    lines = [good, *(good | changed for changed in changes)]
    text = "".join(
        "{" + comma.join(f'"{key}":{value}' for key, value in line.items()) + end + "\n" for line in lines
    )
    assert_same(text.encode("utf-8", "replace"), "o.jsonl", FORMATS[name])


TYPED = {
    "amount": ("DECIMAL(18,2)", "DECIMAL(38,9)", "DOUBLE", "FLOAT", "BIGINT", "HUGEINT", "VARCHAR", "BLOB"),
    "quantity": ("BIGINT", "UBIGINT", "HUGEINT", "DOUBLE", "DECIMAL(18,3)", "VARCHAR"),
    "date": ("DATE", "TIMESTAMP", "TIMESTAMP_NS", "TIMESTAMPTZ", "VARCHAR"),
    "line": ("BIGINT", "DOUBLE", "DATE", "VARCHAR", "BLOB"),
}
VALUES_OF_THEIR_OWN = {"amount": "DOUBLE", "quantity": "BIGINT", "date": "TIMESTAMP", "line": "BIGINT"}


@settings(max_examples=12, deadline=None)
@given(
    types=st.fixed_dictionaries({field: st.sampled_from(types) for field, types in TYPED.items()}),
    changes=CHANGES,
    name=st.sampled_from(sorted(FORMATS)),
)
@example(types=VALUES_OF_THEIR_OWN, changes=EACH, name="plain")
def test_lines_of_parquet(types: dict[str, str], changes: list[dict[str, str]], name: str) -> None:
    rows = [[(GOOD | changed)[field] for field in FIELDS] for changed in [{}, *changes]]
    cells = ", ".join(
        f'TRY_CAST(column{i} AS {types.get(field, "VARCHAR")}) AS "{field}"' for i, field in enumerate(FIELDS)
    )
    with TemporaryDirectory() as folder, duckdb.connect(config={"threads": 1}) as connection:
        path = Path(folder) / "o.parquet"
        names = ", ".join(f"column{i} VARCHAR" for i in range(len(FIELDS)))
        connection.execute(f"CREATE TABLE rows ({names})")
        marks = ", ".join("?" * len(FIELDS))
        connection.executemany(f"INSERT INTO rows VALUES ({marks})", [_encodable(row) for row in rows])
        connection.execute(f"COPY (SELECT {cells} FROM rows) TO '{path}' (FORMAT parquet)")
        assert_same(path.read_bytes(), "o.parquet", FORMATS[name])


def _encodable(row: list[str]) -> list[str]:
    return [value.encode("utf-8", "replace").decode() for value in row]
