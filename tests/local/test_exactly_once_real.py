"""Exactly once on real orders: a file, its correction, the first one again, and its deletion."""

import csv
import gzip
import io
from decimal import Decimal
from pathlib import Path
from random import Random

from lambdas.adapters.runs_table import SUCCEEDED
from lambdas.domain.ledger import Amounts
from lambdas.domain.order_file import DELETED
from tests.local.books import Books, plain_pass
from tests.local.conftest import Deployed

SAMPLES = Path(__file__).parents[2] / "samples" / "complete_journey"
SUPERMARKET = SAMPLES / "complete_journey_transactions_sample.csv.gz"
KEY = "complete_journey/story.csv.gz"
COLUMNS = {
    "merchant_id": "store_id",
    "amount": "sales_value",
    "order_id": "basket_id",
    "line_id": "product_id",
    "quantity": "quantity",
    "ordered_at": "transaction_timestamp",
}
STORE = "~store "
REMOVED, CHANGED, GONE = 100, 100, 5

Rows = list[dict[str, str]]


def sample() -> Rows:
    """The orders of the sample, its merchants renamed, so that they are apart from the sample's own."""
    with gzip.open(SUPERMARKET, "rt", encoding="utf-8", newline="") as file:
        return [{**row, "store_id": f"{STORE}{row['store_id']}"} for row in csv.DictReader(file)]


def corrected(rows: Rows) -> Rows:
    """The same orders with 5 merchants gone, 100 lines removed and 100 changed."""
    random = Random(1)
    gone = set(random.sample(sorted({row["store_id"] for row in rows}), GONE))
    kept = [row for row in rows if row["store_id"] not in gone]
    chosen = random.sample(range(len(kept)), REMOVED + CHANGED)
    removed, changed = set(chosen[:REMOVED]), set(chosen[REMOVED:])
    return [
        change(row) if number in changed else row for number, row in enumerate(kept) if number not in removed
    ]


def change(row: dict[str, str]) -> dict[str, str]:
    """A line that was sold once more, for 1.01 more."""
    amount = Decimal(row["sales_value"]) + Decimal("1.01")
    return {**row, "sales_value": str(amount), "quantity": str(int(row["quantity"]) + 1)}


def text(rows: Rows) -> str:
    target = io.StringIO(newline="")
    writer = csv.DictWriter(target, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return target.getvalue()


def test_a_correction_its_undoing_and_a_deletion_leave_what_one_plain_pass_gives(deployed: Deployed) -> None:
    books, rows = Books(deployed), sample()
    first, second = text(rows), text(corrected(rows))
    for content in (first, second, first):
        run = books.run(KEY, gzip.compress(content.encode()))
        assert run["status"] == SUCCEEDED, run.get("reason")
        sales = plain_pass(io.StringIO(content, newline=""), COLUMNS)
        assert run["counts"]["counted"] == sum(one.amounts.lines for one in sales.values())
        books.check(STORE, {KEY: sales})
    run = books.run(KEY, None)
    assert (run["status"], run["version_id"]) == (SUCCEEDED, DELETED)
    books.check(STORE, {})
    assert books.totals_like(STORE) == {merchant: (0, Amounts()) for merchant in sales}
