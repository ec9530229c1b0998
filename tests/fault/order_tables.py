"""Small order files, each known by a number, and the formats that read them."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from random import Random

FILES = 150
"""How many different files there are: what is computed from one is computed once."""
MERCHANTS = ("adler", "birke", "cedar", "distel", "eiche", "föhre")
HEADING = "merchant_id,order_id,line_id,amount,quantity,ordered_at,status,currency,note"


@dataclass(frozen=True, kw_only=True)
class Line:
    """One row as it stands in the file."""

    merchant_id: str
    order_id: str
    line_id: str
    amount: str
    quantity: int
    ordered_at: str
    status: str
    currency: str
    note: str

    def __str__(self) -> str:
        """The row as CSV."""
        values = (self.merchant_id, self.order_id, self.line_id, self.amount, self.quantity)
        return ",".join(map(str, (*values, self.ordered_at, self.status, self.currency, self.note)))


@dataclass(frozen=True, kw_only=True)
class OrderTable:
    """A file; `broken` ones have a heading that lacks the amount, or no byte at all."""

    lines: tuple[Line, ...]
    broken: bool = False
    text: bytes = b""


@dataclass(frozen=True, kw_only=True)
class Format:
    """An order format as its text, and what the serial model has to know of it."""

    text: str
    by_currency: bool = False
    by_status: bool = False
    factor: int = 1


COLUMNS = (
    "prefix: ''\nmax_reject_ratio: 0.3\ncolumns: {merchant_id: merchant_id, order_id: order_id, "
    "line_id: line_id, quantity: quantity, ordered_at: ordered_at, amount: "
)
STATUSES = "status: {sale: [paid], refund: [refunded], ignore: [cancelled]}\n"
FORMATS = (
    Format(text=COLUMNS + "amount}\n"),
    Format(text=COLUMNS + "amount, currency: currency}\n", by_currency=True),
    Format(text=COLUMNS + "amount, status: status}\n" + STATUSES, by_status=True),
    Format(text=COLUMNS + "amount * 2, currency: currency}\n", by_currency=True, factor=2),
)


@functools.cache
def order_table(number: int) -> OrderTable:
    """The file of a number: of 20 lines at most, about one in eight not fit to be counted."""
    random = Random(number)
    kind = random.choices(["good", "rejected", "no column", "empty", "no lines"], [20, 2, 1, 1, 1])[0]
    if kind == "empty":
        return OrderTable(lines=(), broken=True)
    few = random.random() < 0.5
    merchants = random.sample(MERCHANTS, random.randint(1, 3 if few else len(MERCHANTS)))
    count = 0 if kind == "no lines" else random.randint(1, 6 if few else 20)
    lines = tuple(_line(random, merchants, all_bad=kind == "rejected") for _ in range(count))
    heading = HEADING.replace("amount", "sum") if kind == "no column" else HEADING
    text = "".join(f"{line}\n" for line in (heading, *lines)).encode()
    return OrderTable(lines=lines, broken=kind == "no column", text=text)


def _line(random: Random, merchants: list[str], *, all_bad: bool) -> Line:
    amount = f"{random.choice(['', '', '', '-'])}{random.randint(0, 50)}.{random.randint(0, 9999):04d}"
    return Line(
        merchant_id=random.choice(merchants),
        order_id=random.choice(["", "o1", "o2", "o3"]),
        line_id=random.choice(["", "1", "2"]),
        amount="n/a" if all_bad or random.random() < 0.05 else amount,
        quantity=random.randint(-1, 5),
        ordered_at=random.choice(["2024-01-05T10:00:00Z", "2024-02-29T23:59:59Z", "2023-12-31"]),
        status=random.choice(["paid", "paid", "refunded", "cancelled"]),
        currency=random.choice(["USD", "usd", "EUR", ""]),
        note=random.choice(["", "", "plain", '"two\nlines"', '"\n\n"']),
    )
