"""Sales: from the frames of one partition to the exact sales of each of its merchants, by currency."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

import duckdb

from lambdas.domain.database import quoted
from lambdas.domain.ledger import Amounts, Contribution, MerchantCurrency
from lambdas.domain.order_lines import in_range_sql
from lambdas.domain.partitions import HashRange
from lambdas.domain.reconciliation import Outcome, outcome_from_json, outcome_to_json

BATCH_ROWS = 2048


def compute_sales(
    *,
    frames: Sequence[Path],
    results: Path,
    connection: duckdb.DuckDBPyConnection,
    only: HashRange | None = None,
) -> None:
    """Write the sales of the merchants in the frames to the file `results`.

    The frames of each merchant come in the order of the splits. `only` leaves the merchants out whose hash
    lies elsewhere. The outcome goes into the file too, so that a worker who finds an earlier attempt's
    results has both.
    """
    _read_frames(frames, only, connection)
    _find_duplicates(connection)
    stored = json.dumps(outcome_to_json(_outcome(connection)), sort_keys=True)
    connection.execute(
        f"COPY ({_results_query()}) TO {quoted(str(results))} (FORMAT parquet, COMPRESSION zstd, "
        f"ROW_GROUP_SIZE 20480, KV_METADATA {{outcome: {quoted(stored)}}})"
    )
    connection.execute("DROP VIEW kept; DROP VIEW lines; DROP TABLE duplicates; DROP TABLE IF EXISTS chosen")


def read_results(path: Path, connection: duckdb.DuckDBPyConnection) -> tuple[Outcome, Iterator[Contribution]]:
    """The outcome and the contributions of a results file, by merchant and currency, a batch at a time."""
    row = connection.execute(
        f"SELECT decode(value) FROM parquet_kv_metadata({quoted(str(path))}) WHERE decode(key) = 'outcome'"
    ).fetchone()
    if row is None:
        raise ValueError(f"{path.name} holds no outcome: it is not a results file")
    return outcome_from_json(json.loads(row[0])), _contributions(path, connection.cursor())


def _contributions(path: Path, cursor: duckdb.DuckDBPyConnection) -> Iterator[Contribution]:
    rows = cursor.execute(f"SELECT {_AS_TEXTS} FROM read_parquet({quoted(str(path))})")
    while batch := rows.fetchmany(BATCH_ROWS):
        for merchant_id, currency, first_order_at, last_order_at, amounts, months in batch:
            yield Contribution(
                about=MerchantCurrency(merchant_id, currency),
                amounts=Amounts.of(json.loads(amounts)),
                first_order_at=first_order_at,
                last_order_at=last_order_at,
                months={month.pop("month"): Amounts.of(month) for month in json.loads(months)},
            )


def _amounts_as_texts(source: str) -> str:
    """The amounts of a row or a struct as a struct of whole numbers, and of decimals as texts.

    Python makes Decimals of texts in half the time that DuckDB's client takes to make them; and JSON's
    numbers would not be exact.
    """
    whole, decimal = ("orders", "lines"), ("units", "gross_sales", "refunds", "net_sales")
    fields = [f"{name}: {source}{name}" for name in whole]
    return ", ".join(fields + [f"{name}: {source}{name}::VARCHAR" for name in decimal])


_AS_TEXTS = (
    "merchant_id, currency, first_order_at, last_order_at, "
    f"to_json({{{_amounts_as_texts('')}}})::VARCHAR, "
    f"to_json(list_transform(months, lambda m: {{month: m.month, {_amounts_as_texts('m.')}}}))::VARCHAR"
)


def _read_frames(
    frames: Sequence[Path], only: HashRange | None, connection: duckdb.DuckDBPyConnection
) -> None:
    """A view `lines` over the frames, with what their format left out."""
    if not frames:
        connection.execute(
            "CREATE TEMP VIEW lines AS SELECT ''::VARCHAR AS merchant_id, ''::VARCHAR AS currency, "
            "0::DECIMAL(18,4) AS amount, 0::BIGINT AS line, 0::UBIGINT AS split, NULL::VARCHAR AS order_id, "
            "NULL::VARCHAR AS line_id, 1::BIGINT AS quantity, NULL::TIMESTAMP AS ordered_at, "
            "NULL::INTEGER AS month, false AS ignored WHERE false"
        )
        return
    source = f"read_parquet([{', '.join(quoted(str(frame)) for frame in frames)}])"
    present = {row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()}
    absent = {
        "order_id": "NULL::VARCHAR",
        "line_id": "NULL::VARCHAR",
        "quantity": "1::BIGINT",
        "ordered_at": "NULL::TIMESTAMP",
        "month": "NULL::INTEGER",
        "ignored": "false",
    }
    added = "".join(f", {value} AS {name}" for name, value in absent.items() if name not in present)
    if only is not None:
        # Once a merchant, not once a line and query: the hash costs more than the sums.
        merchants = f"SELECT DISTINCT merchant_id FROM {source}"
        connection.execute(
            f"CREATE TEMP TABLE chosen AS FROM ({merchants}) WHERE {in_range_sql('merchant_id', only)}"
        )
        source += " SEMI JOIN chosen USING (merchant_id)"
    connection.execute(f"CREATE TEMP VIEW lines AS SELECT *, file_index AS split{added} FROM {source}")


def _find_duplicates(connection: duckdb.DuckDBPyConnection) -> None:
    """A table `duplicates` of (split, line): all but the last of the lines with the same three ids.

    Equal ids have equal hashes, so only lines whose hash occurs twice are compared, if there are any.
    """
    named = "FROM lines WHERE order_id IS NOT NULL AND line_id IS NOT NULL"
    hashed = "hash(merchant_id, order_id, line_id)"
    row = connection.execute(f"SELECT count(*) - count(DISTINCT {hashed}) {named}").fetchone()
    if row == (0,):
        connection.execute("CREATE TEMP TABLE duplicates (split UBIGINT, line BIGINT)")
        connection.execute("CREATE TEMP VIEW kept AS SELECT * FROM lines")
        return
    connection.execute(
        f"CREATE TEMP TABLE duplicates AS SELECT split, line {named} AND {hashed} IN "
        f"(SELECT {hashed} {named} GROUP BY ALL HAVING count(*) > 1) QUALIFY row_number() OVER "
        "(PARTITION BY merchant_id, order_id, line_id ORDER BY split DESC, line DESC) > 1"
    )
    connection.execute(
        "CREATE TEMP VIEW kept AS SELECT * FROM lines ANTI JOIN duplicates USING (split, line)"
    )


def _outcome(connection: duckdb.DuckDBPyConnection) -> Outcome:
    rows = connection.execute(
        "SELECT 'duplicates', currency, count(*), sum(amount) "
        "FROM lines SEMI JOIN duplicates USING (split, line) GROUP BY ALL "
        "UNION ALL SELECT if(ignored, 'ignored', 'counted'), currency, count(*), sum(amount) "
        "FROM kept GROUP BY ALL ORDER BY ALL"
    ).fetchall()

    def lines(outcome: str) -> int:
        return sum(count for name, _, count, _ in rows if name == outcome)

    def money(outcome: str) -> dict[str, Decimal]:
        return {currency: amount for name, currency, _, amount in rows if name == outcome}

    return Outcome(
        duplicates=lines("duplicates"),
        ignored=lines("ignored"),
        counted=lines("counted"),
        duplicate_money=money("duplicates"),
        ignored_money=money("ignored"),
        counted_money=money("counted"),
    )


SUMS = (
    "count(DISTINCT order_id) + count(*) FILTER (order_id IS NULL) AS orders, count(*) AS lines, "
    "sum(quantity)::DECIMAL(38,0) AS units, "
    "coalesce(sum(amount) FILTER (amount >= 0), 0)::DECIMAL(38,4) AS gross_sales, "
    "coalesce(-sum(amount) FILTER (amount < 0), 0)::DECIMAL(38,4) AS refunds, "
    "sum(amount)::DECIMAL(38,4) AS net_sales"
)


def _results_query() -> str:
    moment = "strftime({}(ordered_at), '%Y-%m-%dT%H:%M:%SZ')"
    month = "printf('%04d-%02d', month // 100, month % 100)"
    fields = ("month", "orders", "lines", "units", "gross_sales", "refunds", "net_sales")
    packed = ", ".join(f"{field!r}: {field}" for field in fields)
    return f"""
        WITH counted AS (SELECT * FROM kept WHERE NOT ignored),
        totals AS (SELECT merchant_id, currency, {SUMS}, {moment.format("min")} AS first_order_at,
                          {moment.format("max")} AS last_order_at
                   FROM counted GROUP BY merchant_id, currency),
        by_month AS (SELECT merchant_id, currency, {month} AS month, {SUMS}
                     FROM counted WHERE month IS NOT NULL GROUP BY merchant_id, currency, month),
        months AS (SELECT merchant_id, currency, list({{{packed}}} ORDER BY month) AS months
                   FROM by_month GROUP BY merchant_id, currency)
        SELECT totals.*, coalesce(months, []) AS months
        FROM totals LEFT JOIN months USING (merchant_id, currency) ORDER BY merchant_id, currency"""
