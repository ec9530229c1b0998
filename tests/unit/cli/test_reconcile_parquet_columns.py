"""The plain pass on Parquet: what the values of every type are read as."""

import uuid
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from cli.reconcile.errors import UncountableFileError
from tests.unit.cli.plain_count import PARQUET, Found, counted, file_of, found

NO_NUMBER = float("nan")


def amounts(values: pa.Array) -> bytes:
    """Amounts of the merchants 0, 1, 2, …"""
    return file_of({"shop": pa.array([str(n) for n in range(len(values))]), "amount": values})


@pytest.mark.parametrize(
    ("values", "expected", "rejected"),
    [
        (pa.array([Decimal("12.50"), None, Decimal("-0.01")], pa.decimal128(10, 2)),
         ["12.5", None, "-0.01"], 1),
        (pa.array([Decimal("1.23450"), Decimal("1.23456")], pa.decimal128(38, 5)), ["1.2345", None], 1),
        (pa.array([Decimal("12345678901234.5")], pa.decimal256(70, 1)), ["12345678901234.5"], 0),
        (pa.array([7, -8, None], pa.int8()), ["7", "-8", None], 1),
        (pa.array([99999999999999, 2**64 - 1], pa.uint64()), ["99999999999999", None], 1),
        (pa.array([4.35, 17.0, -0.5, 0.1 + 0.2, 1e-5, NO_NUMBER, float("inf"), 1e16]),
         ["4.35", "17", "-0.5", None, None, None, None, None], 5),
        (pa.array([4.35, 0.1, 16777216, 1234.5677], pa.float32()),
         ["4.35", "0.1", "16777216", "1234.5677"], 0),
        (pa.array([4.35, 1000.5, 0.1, 65504, -2.5, 6e-8], pa.float64()).cast(pa.float16(), safe=False),
         ["4.35", "1000.5", "0.1", "65500", "-2.5", None], 1),
        (pa.array(["12.50", " 7 ", "1,5", "", None, "x"]), ["12.5", "7", None, None, None, None], 4),
        (pa.array([b"12.50", b"\xff"]), ["12.5", None], 1),
        (pa.array(["1", "2", "1"]).dictionary_encode(), ["1", "2", "1"], 0),
        (pa.array([Decimal("1.5"), Decimal("2.5")]).dictionary_encode(), ["1.5", "2.5"], 0),
        (pa.array([True, False]), [None, None], 2),
        (pa.array([date(2024, 2, 29)]), [None], 1),
        (pa.nulls(2), [None, None], 2),
    ],
)  # fmt: skip
def test_amounts_of_every_type_are_exact(values: pa.Array, expected: list[str | None], rejected: int) -> None:
    nets = {str(n): net for n, net in enumerate(expected) if net is not None}
    assert found(amounts(values), key=PARQUET) == (nets, rejected)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (pa.array(["\u00e9", " x ", "", None, "x" * 257], pa.string()), ["\u00e9", "x"]),
        (pa.array(["a"], pa.large_string()), ["a"]),
        (pa.array(["a", "b" * 50], pa.string_view()), ["a", "b" * 50]),
        (pa.array([b"a\xc3\xa9", b"\xff", None], pa.binary()), ["a\u00e9"]),
        (pa.array([b"ab"], pa.binary(2)), ["ab"]),
        (pa.array([b"ab"], pa.binary_view()), ["ab"]),
        (pa.array([True, False, None]), ["true", "false"]),
        (pa.array([17], pa.duration("ms")), ["17"]),
        (pa.array([17, 2**63 - 1]), ["17", "9223372036854775807"]),
        (pa.array([17.0, 12.5, 1e22, 1e-7, NO_NUMBER]), ["17", "12.5", "1" + "0" * 22, "0.0000001", "nan"]),
        (pa.array([0.1], pa.float32()), ["0.1"]),
        (pa.array([Decimal("12.50")]), ["12.50"]),
        (pa.array([date(2024, 2, 29)]), ["2024-02-29"]),
        (pa.array([datetime(2024, 2, 29, 13, 45, 10, 250000)]), ["2024-02-29 13:45:10.25"]),
        (pa.array([datetime(2024, 2, 29, 13, tzinfo=UTC)]), ["2024-02-29 13:00:00+00"]),
        (pa.array([time(13, 45), time(0, 0, 1, 500000)]), ["13:45:00", "00:00:01.5"]),
        (pa.array([1], pa.time64("ns")), ["00:00:00"]),
        (pa.array([uuid.UUID(int=1).bytes], pa.uuid()), [str(uuid.UUID(int=1))]),
        (pa.array(['{"a": 1}'], pa.json_()), ['{"a": 1}']),
    ],
)  # fmt: skip
def test_ids_of_every_type_are_texts(values: pa.Array, expected: list[str]) -> None:
    content = file_of({"shop": values, "amount": pa.array([1] * len(values))})
    assert found(content, key=PARQUET) == (dict.fromkeys(expected, "1"), len(values) - len(expected))


DATED = """columns: {merchant_id: shop, amount: amount, ordered_at: at}
dates: "%d/%m/%Y"
timezone: America/New_York"""
CEST = timezone(timedelta(hours=2))


def dated(values: pa.Array, **options: Any) -> list[tuple[str, ...]]:
    """The moment and the month of each date, in the order of the file."""
    names = [f"{n:03}" for n in range(len(values))]
    columns = {"shop": pa.array(names), "amount": pa.array([1] * len(values)), "at": values}
    result = counted(file_of(columns, **options), DATED, key=PARQUET)
    sales = [one for _, one in sorted(result.sales.items())]
    return [(str(one.attributes()["first_order_at"]), *one.months) for one in sales]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (pa.array([date(2024, 2, 29), date(1969, 12, 31), date(2100, 1, 1), None]),
         [("2024-02-29T05:00:00Z", "2024-02")]),
        (pa.array([date(2024, 7, 1)], pa.date64()), [("2024-07-01T04:00:00Z", "2024-07")]),
        (pa.array([datetime(2024, 2, 29, 23, 30, 59, 999999)], pa.timestamp("us")),
         [("2024-03-01T04:30:59Z", "2024-02")]),
        (pa.array([datetime(2024, 3, 1, 4, 30)], pa.timestamp("ms", "UTC")),
         [("2024-03-01T04:30:00Z", "2024-02")]),
        (pa.array([datetime(2024, 3, 1, 6, 30, tzinfo=CEST)], pa.timestamp("s", "Europe/Berlin")),
         [("2024-03-01T04:30:00Z", "2024-02")]),
        (pa.array([1709181910123456789, -1], pa.timestamp("ns")), [("2024-02-29T09:45:10Z", "2024-02")]),
        (pa.array([-1], pa.timestamp("ns", "UTC")), []),
        (pa.array([2**62], pa.timestamp("us")), []),
        (pa.array(["29/02/2024", "2024-02-29"]), [("2024-02-29T05:00:00Z", "2024-02")]),
        (pa.array([29022024]), []),
    ],
)  # fmt: skip
def test_dates_are_taken_as_they_are(values: pa.Array, expected: list[tuple[str, str]]) -> None:
    assert dated(values) == expected


def test_timestamps_of_96_bits_are_local_times() -> None:
    moments = pa.array([datetime(2024, 2, 29, 23, 30), datetime(2024, 7, 1, 0, 0, 0, 5)])
    expected = [("2024-03-01T04:30:00Z", "2024-02"), ("2024-07-01T04:00:00Z", "2024-07")]
    assert dated(moments, use_deprecated_int96_timestamps=True) == expected


def test_dates_may_be_put_together_by_an_expression() -> None:
    joined = DATED.replace("at}", "'coalesce(paid_at, sold_at)'}").replace('"%d/%m/%Y"', "auto")
    columns = {
        "shop": pa.array(["a", "b"]),
        "amount": pa.array([1, 1]),
        "sold_at": pa.array([datetime(2024, 1, 1), datetime(2024, 1, 1)]),
        "paid_at": pa.array([None, datetime(2024, 2, 1, 0, 30)]),
    }
    result = counted(file_of(columns), joined, key=PARQUET)
    found_dates = [one.attributes()["first_order_at"] for _, one in sorted(result.sales.items())]
    assert found_dates == ["2024-01-01T05:00:00Z", "2024-02-01T05:30:00Z"]


TYPED = {
    "shop": pa.array(["a", "b", "c", "d"]),
    "price": pa.array([Decimal("1.255000"), Decimal(2), None, Decimal("0.000001")], pa.decimal128(25, 6)),
    "count": pa.array([2, 3, 4, 1], pa.int32()),
    "rate": pa.array([0.2, 0.3, 0.1, 1e6]),
    "written": pa.array(["1.234,5", "2", "x", None]),
    "Total (net)": pa.array([1, 2, 3, 4]),
    "list": pa.array([[1], [2], [], None]),
    "struct": pa.array([{"id": 1}, {"id": 2}, {"id": 3}, {"id": 4}]),
    "map": pa.array([[("a", 1)], [], [], []], pa.map_(pa.string(), pa.int64())),
    "struct.id": pa.array([5, 6, 7, 8]),
    "twice": pa.array([1, 2, 3, 4]),
}
CONTINENTAL = "numbers: {decimal: ',', thousands: '.'}"


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ("merchant_id: shop, amount: price * count", ({"a": "2.51", "b": "6"}, 2)),
        ("merchant_id: shop, amount: price * rate", ({"a": "0.251", "b": "0.6", "d": "1"}, 1)),
        ("merchant_id: shop, amount: written * count", ({"a": "2469", "b": "6"}, 2)),
        ("merchant_id: shop, amount: written", ({"a": "1234.5", "b": "2"}, 2)),
        ("merchant_id: shop, amount: '\"Total (net)\" * 0.5'",
         ({"a": "0.5", "b": "1", "c": "1.5", "d": "2"}, 0)),
        ("merchant_id: shop, amount: Total (net)", ({"a": "1", "b": "2", "c": "3", "d": "4"}, 0)),
        ("merchant_id: shop, amount: struct.id", ({"a": "5", "b": "6", "c": "7", "d": "8"}, 0)),
        ("merchant_id: 'concat(shop, count)', amount: COUNT",
         ({"a2": "2", "b3": "3", "c4": "4", "d1": "1"}, 0)),
        ("merchant_id: \"'x'\", amount: '1'", ({"x": "4"}, 0)),
    ],
)  # fmt: skip
def test_columns_may_be_expressions_over_typed_values(columns: str, expected: Found) -> None:
    assert found(file_of(TYPED), f"columns: {{{columns}}}\n{CONTINENTAL}", key=PARQUET) == expected


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        ("merchant_id: list, amount: count", "its column 'list' is of the type list"),
        ("merchant_id: struct, amount: count", "its column 'struct' is of the type struct"),
        ("merchant_id: map, amount: count", "its column 'map' is of the type map"),
        ("merchant_id: upper(list), amount: count", "its column 'list' is of the type list"),
        ("merchant_id: town, amount: count", "it has no column 'town'"),
        ("merchant_id: $.struct.id, amount: count", r"it has no column '\$.struct.id'"),
        ("merchant_id: shop, amount: count / 2", "gives DOUBLE"),
    ],
)
def test_nested_and_missing_columns_can_not_be_used(columns: str, why: str) -> None:
    with pytest.raises(UncountableFileError, match=why):
        found(file_of(TYPED), f"columns: {{{columns}}}", key=PARQUET)
