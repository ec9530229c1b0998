"""Net sales by month as bars: where each one is drawn, and the same in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from cli.printing import money
from lambdas.domain.ledger import Amounts

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 720, 240, 8, 24, 42
"""Of the drawing, in units of its view box; the bars are between TOP and BOTTOM, texts in the rest."""
LABEL_REACH = 70
"""How far an amount's label may reach to each side of its middle."""
MOST_MONTHS = 60
LABELS = 8
TENTH = Decimal("0.1")


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One month: its rectangle, and what it stands for."""

    month: str
    amount: str
    x: Decimal
    y: Decimal
    width: Decimal
    height: Decimal
    negative: bool
    labelled: bool


@dataclass(frozen=True, kw_only=True)
class Label:
    """The amount of the highest or the lowest month, beside its bar."""

    text: str
    x: Decimal
    y: Decimal


@dataclass(frozen=True, kw_only=True)
class Chart:
    """The newest months of one currency; `earlier` months are in the table only."""

    currency: str
    bars: Sequence[Bar]
    labels: Sequence[Label]
    zero: Decimal
    summary: str
    earlier: int
    width: int = WIDTH
    height: int = HEIGHT


def month_charts(months: Mapping[tuple[str, str], Amounts]) -> list[Chart]:
    """A chart for each currency, of sums by (month, currency)."""
    by_currency: dict[str, dict[str, Decimal]] = {}
    for (month, currency), amounts in months.items():
        by_currency.setdefault(currency, {})[month] = amounts.net_sales
    return [_chart(currency, net) for currency, net in sorted(by_currency.items())]


def every_month(first: str, last: str) -> list[str]:
    """The months from the first to the last, YYYY-MM."""
    numbers = range(_number(first), _number(last) + 1)
    return [f"{number // 12:04d}-{number % 12 + 1:02d}" for number in numbers]


def _chart(currency: str, net: Mapping[str, Decimal]) -> Chart:
    months = every_month(min(net), max(net))[-MOST_MONTHS:]
    amounts = [net.get(month, Decimal(0)) for month in months]
    highest, lowest = max(*amounts, Decimal(0)), min(*amounts, Decimal(0))
    scale = (HEIGHT - TOP - BOTTOM) / ((highest - lowest) or Decimal(1))
    zero = _tenth(TOP + highest * scale)
    step = Decimal(WIDTH - 2 * LEFT) / len(months)
    every = -(-len(months) // LABELS)
    texts = money(amounts)
    bars = [
        Bar(
            month=month,
            amount=text,
            x=_tenth(LEFT + step * place + step / 10),
            y=_tenth(TOP + (highest - max(amount, Decimal(0))) * scale),
            width=_tenth(min(step * Decimal("0.8"), Decimal(60))),
            height=_tenth(abs(amount) * scale),
            negative=amount < 0,
            labelled=place % every == 0,
        )
        for place, (month, amount, text) in enumerate(zip(months, amounts, texts, strict=True))
    ]
    return Chart(
        currency=currency,
        bars=bars,
        labels=_labels(bars, amounts),
        zero=zero,
        summary=_summary(currency, bars, amounts),
        earlier=sum(month < months[0] for month in net),
    )


def _labels(bars: Sequence[Bar], amounts: Sequence[Decimal]) -> list[Label]:
    ends = {amounts.index(amount) for amount in (max(amounts), min(amounts)) if amount}
    extremes = [place for place in sorted(ends) if amounts[place] in (max(*amounts, 0), min(*amounts, 0))]
    return [
        Label(
            text=bar.amount,
            x=min(max(bar.x + bar.width / 2, Decimal(LABEL_REACH)), Decimal(WIDTH - LABEL_REACH)),
            y=bar.y + bar.height + 14 if bar.negative else bar.y - 6,
        )
        for bar in (bars[place] for place in extremes)
    ]


def _summary(currency: str, bars: Sequence[Bar], amounts: Sequence[Decimal]) -> str:
    best, worst = bars[amounts.index(max(amounts))], bars[amounts.index(min(amounts))]
    return (
        f"Net sales by month in {currency}, {bars[0].month} to {bars[-1].month}: the highest {best.amount} "
        f"in {best.month}, the lowest {worst.amount} in {worst.month}. The table below has every month."
    )


def _tenth(value: Decimal) -> Decimal:
    return value.quantize(TENTH, ROUND_HALF_UP)


def _number(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:]) - 1
