"""The plain pass on Parquet files, however they are written, and on damaged ones."""

import gzip
import io
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from cli.reconcile.errors import UncountableFileError
from tests.unit.cli.plain_count import PARQUET, SHOP_AND_AMOUNT, counted, file_of, found


def test_a_column_that_is_there_twice_can_not_be_used() -> None:
    sink = io.BytesIO()
    table = pa.table([pa.array(["a"]), pa.array([1]), pa.array([2])], names=["shop", "amount", "amount"])
    parquet.write_table(table, sink)
    with pytest.raises(UncountableFileError, match="it has the column 'amount' 2 times"):
        found(sink.getvalue(), key=PARQUET)
    assert found(sink.getvalue(), "columns: {merchant_id: shop, amount: '5'}", key=PARQUET) == ({"a": "5"}, 0)


@pytest.mark.parametrize(
    "options",
    [
        {"compression": "none", "row_group_size": 1000},
        {"compression": "zstd", "use_dictionary": False, "data_page_size": 100},
        {"compression": "gzip", "version": "1.0", "data_page_version": "2.0"},
        {
            "compression": "snappy",
            "column_encoding": {"amount": "DELTA_BINARY_PACKED"},
            "use_dictionary": ["shop"],
        },
        {"store_schema": False, "write_statistics": False},
    ],
)
def test_a_file_is_read_however_it_is_written(options: dict[str, Any]) -> None:
    rows = 20_000
    columns = {"shop": pa.array([f"s{n % 3}" for n in range(rows)]), "amount": pa.array(range(rows))}
    expected = {f"s{n}": str(sum(range(n, rows, 3))) for n in range(3)}
    assert found(file_of(columns, **options), key=PARQUET) == (expected, 0)


def test_duplicates_are_found_by_typed_ids() -> None:
    columns = {
        "shop": pa.array(["a", "a", "a", "a"]),
        "amount": pa.array([1, 2, 4, 8]),
        "order": pa.array([17.0, 17.0, 17.0, None]),
        "line": pa.array([1, 2, 1, 1]),
    }
    ids = "columns: {merchant_id: shop, amount: amount, order_id: order, line_id: line}"
    result = counted(file_of(columns), ids, key=PARQUET)
    assert (result.lines, result.duplicates) == (4, 1)
    assert result.sales["a", "USD"].total.attributes()["net_sales"] == 14


def test_a_file_without_rows_holds_no_order_lines() -> None:
    content = file_of({"shop": pa.array([], pa.string()), "amount": pa.array([], pa.int64())})
    assert counted(content, key=PARQUET).lines == 0
    nested = file_of({"shop": pa.array([], pa.list_(pa.string())), "amount": pa.array([], pa.int64())})
    with pytest.raises(UncountableFileError, match="is of the type list"):
        found(nested, key=PARQUET)


WHOLE = file_of({"shop": pa.array(["a", "b"] * 50), "amount": pa.array(range(100))}, compression="none")


def changed(at: int, content: bytes = WHOLE) -> bytes:
    return content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :]


@pytest.mark.parametrize(
    "content",
    [
        WHOLE[:-1], WHOLE[:-8], WHOLE[:100], b"PAR1", b"PAR1PAR1", b"PAR1" + bytes(100) + b"PAR1",
        WHOLE + b"x",
        WHOLE.replace(b"amount", b"amoun\xff"), changed(len(WHOLE) - 8),
        changed(len(WHOLE) - 300), changed(8), gzip.compress(WHOLE)[:-9],
    ],
)  # fmt: skip
def test_a_damaged_file_can_not_be_counted(content: bytes) -> None:
    with pytest.raises(UncountableFileError):
        found(content, SHOP_AND_AMOUNT, key=PARQUET)
