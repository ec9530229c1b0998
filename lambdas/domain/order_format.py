"""Order formats: how the columns of a file map to an order line, read from `formats/<name>.yaml`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from lambdas.domain.errors import OrderFormatError
from lambdas.domain.format_fields import (
    Fields,
    boolean_or_names,
    currency_code,
    date_pattern,
    delimiter,
    load_yaml,
    one_of,
    prefix,
    ratio,
    text,
    text_encoding,
    texts,
    time_zone,
)


@dataclass(frozen=True, kw_only=True)
class CsvOptions:
    """How a CSV file is written; `header` is True, False or, for files without a heading, its names."""

    delimiter: str = "auto"
    header: bool | tuple[str, ...] = True
    encoding: str = "utf-8"


@dataclass(frozen=True, kw_only=True)
class Columns:
    """Per field of an order line: a heading of the file, or a SQL expression over its columns."""

    merchant_id: str
    amount: str
    order_id: str | None = None
    line_id: str | None = None
    quantity: str | None = None
    ordered_at: str | None = None
    status: str | None = None
    currency: str | None = None


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """How people wrote the numbers."""

    decimal: str = "."
    thousands: str = "none"
    currency_sign: str = "keep"
    negative: str = "minus"


@dataclass(frozen=True, kw_only=True)
class StatusRules:
    """Which statuses are a sale, a refund, or not counted; any other one is rejected."""

    sale: tuple[str, ...] = ()
    refund: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class OrderFormat:
    """One order format, validated. `text` is the whole YAML, which the plan of a run keeps."""

    name: str
    text: str = field(repr=False)
    prefix: str
    columns: Columns
    file: str = "auto"
    lane: str = "auto"
    csv: CsvOptions = CsvOptions()
    currency: str = "USD"
    numbers: Numbers = Numbers()
    dates: str = "auto"
    timezone: str = "UTC"
    status: StatusRules | None = None
    max_reject_ratio: Decimal = Decimal("0.05")
    deletions: str = "retract"


def parse_order_format(text_: str, file_name: str) -> OrderFormat:
    """The order format in the text of a YAML file; raises OrderFormatError naming file, key and what fits."""
    top = Fields(load_yaml(text_, file_name), file_name)
    order_format = OrderFormat(
        name=Path(file_name).stem,
        text=text_,
        prefix=top.take("prefix", prefix, default=""),
        columns=_columns(top.section("columns", required=True)),
        file=top.take("file", one_of("auto", "csv", "jsonl", "json", "parquet"), default="auto"),
        lane=top.take("lane", one_of("auto", "batch"), default="auto"),
        csv=_csv(top.section("csv")),
        currency=top.take("currency", currency_code, default="USD"),
        numbers=_numbers(top.section("numbers")),
        dates=top.take("dates", date_pattern, default="auto"),
        timezone=top.take("timezone", time_zone, default="UTC"),
        status=_status(top.section("status")) if top.has("status") else None,
        max_reject_ratio=top.take("max_reject_ratio", ratio, default=Decimal("0.05")),
        deletions=top.take("deletions", one_of("retract", "keep"), default="retract"),
    )
    top.finish()
    if (order_format.columns.status is None) != (order_format.status is None):
        raise OrderFormatError(
            f"{file_name}: columns.status and status belong together: the one names the column, "
            "the other says what its values mean (status: {sale: [...], refund: [...], ignore: [...]})."
        )
    return order_format


def load_order_formats(folder: Path) -> list[OrderFormat]:
    """Every order format of a folder; raises OrderFormatError, also where two share a prefix."""
    paths = sorted(folder.glob("*.yaml"))
    formats = [parse_order_format(path.read_text("utf-8"), path.name) for path in paths]
    by_prefix: dict[str, str] = {}
    for order_format in formats:
        other = by_prefix.setdefault(order_format.prefix, order_format.name)
        if other != order_format.name:
            raise OrderFormatError(
                f"{order_format.name}.yaml: prefix: {order_format.prefix!r} is {other}.yaml's prefix too; "
                "the longest prefix that starts a key decides its format, so give each its own."
            )
    return formats


def choose_order_format(formats: Iterable[OrderFormat], key: str) -> OrderFormat | None:
    """The format whose prefix is the longest that starts the key, or None."""
    fitting = [order_format for order_format in formats if key.startswith(order_format.prefix)]
    return max(fitting, key=lambda order_format: len(order_format.prefix), default=None)


def _columns(fields: Fields) -> Columns:
    optional = ("order_id", "line_id", "quantity", "ordered_at", "status", "currency")
    columns = Columns(
        merchant_id=fields.take("merchant_id", text),
        amount=fields.take("amount", text),
        **{name: fields.take(name, text, default=None) for name in optional},
    )
    fields.finish()
    return columns


def _csv(fields: Fields) -> CsvOptions:
    options = CsvOptions(
        delimiter=fields.take("delimiter", delimiter, default="auto"),
        header=fields.take("header", boolean_or_names, default=True),
        encoding=fields.take("encoding", text_encoding, default="utf-8"),
    )
    fields.finish()
    return options


def _numbers(fields: Fields) -> Numbers:
    numbers = Numbers(
        decimal=fields.take("decimal", one_of(".", ","), default="."),
        thousands=fields.take("thousands", one_of("none", ",", ".", " ", "'"), default="none"),
        currency_sign=fields.take("currency_sign", one_of("keep", "strip"), default="keep"),
        negative=fields.take("negative", one_of("minus", "parentheses", "trailing_minus"), default="minus"),
    )
    fields.finish()
    if numbers.decimal == numbers.thousands:
        raise OrderFormatError(
            f"{fields.file_name}: numbers: decimal and thousands are both {numbers.decimal!r}; "
            "they have to differ."
        )
    return numbers


def _status(fields: Fields) -> StatusRules:
    rules = StatusRules(
        sale=fields.take("sale", texts, default=()),
        refund=fields.take("refund", texts, default=()),
        ignore=fields.take("ignore", texts, default=()),
    )
    fields.finish()
    meanings = (("sale", rules.sale), ("refund", rules.refund), ("ignore", rules.ignore))
    if not any(values for _, values in meanings):
        raise OrderFormatError(
            f"{fields.file_name}: status: it names no status; expected a list under sale, refund or ignore."
        )
    seen: dict[str, str] = {}
    for meaning, values in meanings:
        for value in values:
            if seen.setdefault(value, meaning) != meaning:
                raise OrderFormatError(
                    f"{fields.file_name}: status: {value!r} stands under {seen[value]} and {meaning}; "
                    "a status has one meaning."
                )
    return rules
