"""The draft of an order format: YAML with what is doubtful in its comments."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

import duckdb

from cli.format_tools.column_look import ColumnLook, look_at_columns
from cli.format_tools.draft_amount import amount_choice, draft_amount
from cli.format_tools.draft_currency import draft_currency
from cli.format_tools.draft_dates import draft_dates
from cli.format_tools.draft_file import draft_file
from cli.format_tools.draft_lines import draft_lines
from cli.format_tools.draft_numbers import draft_numbers, notation_of
from cli.format_tools.draft_status import status_column, status_lines
from cli.format_tools.roles import Roles, choose_roles
from cli.format_tools.sample import Sample
from cli.format_tools.yaml_text import Entry, comment, scalar, short
from lambdas.domain.order_format import Columns

REQUIRED = {"merchant_id": "a merchant", "amount": "an amount"}
COLUMNS = [one.name for one in fields(Columns)]
MOST_CANDIDATES, MOST_NAMES = 20, 60


@dataclass(frozen=True, kw_only=True)
class Draft:
    """The YAML of a format, and which required fields no column of the file looks like."""

    text: str
    missing: tuple[str, ...]
    is_doubtful: bool


def name_of(path: Path) -> str:
    """A format's name from that of a file: small letters, digits and underscores."""
    return re.sub(r"[^a-z0-9]+", "_", path.name.partition(".")[0].lower()).strip("_") or "orders"


def draft_format(
    sample: Sample, *, file: Path, name: str, prefix: str, connection: duckdb.DuckDBPyConnection
) -> Draft:
    """Draft the format that reads the file of the sample."""
    looks, reader = look_at_columns(sample, connection)
    roles = choose_roles(looks, sample.rows)
    if not sample.header:
        looks, roles = _named_by_role(looks, roles)
    money = amount_choice(roles)
    columns, keys = draft_lines(roles, sample), []
    if money:
        notation = notation_of(money, roles.choices.get("quantity"), looks, reader)
        columns.append(draft_amount(money, roles, connection))
        currency = draft_currency(roles.choices.get("currency"), money.look, notation.numbers, connection)
        columns += currency.columns
        keys += [currency.fixed, *draft_numbers(notation)]
    dated, dates = draft_dates(roles)
    status = roles.choices.get("status")
    columns += [*dated, *([status_column(status)] if status else [])]
    columns.sort(key=lambda entry: COLUMNS.index(entry.key))
    missing = tuple(field for field in REQUIRED if field not in {one.key for one in columns})
    names = [look.name for look in looks] + [column.name for column in sample.columns[len(looks) :]]
    top = [Entry(key="prefix", value=scalar(prefix)), *draft_file(sample, names)]
    lines = [
        *_begin(sample, file, name),
        *_lines(top),
        "columns:",
        *(line for field in missing for line in _hole(field, roles)),
        *_lines(columns, "  "),
        *([] if missing else _unused(looks, columns, roles)),
        *_lines([*keys, *dates]),
        *(status_lines(status) if status else []),
    ]
    is_doubtful = any(entry.doubts for entry in (*top, *columns, *keys, *dates))
    return Draft(text="\n".join(lines) + "\n", missing=missing, is_doubtful=is_doubtful)


def _named_by_role(looks: Sequence[ColumnLook], roles: Roles) -> tuple[list[ColumnLook], Roles]:
    """Names for the columns of a file without a heading: those that are used by their field."""
    fields = {choice.look.place: role for role, choice in roles.choices.items()}
    named = [
        replace(look, column=replace(look.column, name=fields.get(look.place, look.name))) for look in looks
    ]
    choices = {
        role: replace(
            choice,
            look=named[choice.look.place],
            others=tuple(named[other.place] for other in choice.others),
        )
        for role, choice in roles.choices.items()
    }
    return named, replace(roles, choices=choices)


def _begin(sample: Sample, file: Path, name: str) -> list[str]:
    lines = (
        f"{'' if sample.whole else 'the first '}{sample.rows:,} lines" if sample.rows else "its heading only"
    )
    return [
        *comment(
            f"Drafted from {file.name}, {lines}. Comments say what is doubtful. To try it on the whole file:"
        ),
        f"#   merchant-sales formats check {shlex.quote(name)} {shlex.quote(str(file))}",
    ]


def _lines(entries: Sequence[Entry], indent: str = "") -> list[str]:
    return [line for entry in entries for line in entry.lines(indent)]


def _hole(field: str, roles: Roles) -> list[str]:
    """Instead of a required field: the columns that may be it, each as the line to take."""
    candidates = sorted(roles.candidates.get(field, ()), key=lambda look: field == "amount" and look.is_whole)
    refused = [f"Not {scalar(look.name)}: {why}." for look, why in roles.refused.get(field, ())]
    told = f"MISSING: no column looks like {REQUIRED[field]}"
    told += (
        ". Take the # away where it is one:" if candidates else ", and none holds values that could be it."
    )
    return [
        *comment(told, "  "),
        *(line for one in refused for line in comment(one, "  ")),
        *_lines(
            [
                Entry(key=field, value=scalar(look.name), note=f"such as {short(look.example)}", active=False)
                for look in candidates[:MOST_CANDIDATES]
            ],
            "  ",
        ),
    ]


def _unused(looks: Sequence[ColumnLook], columns: Sequence[Entry], roles: Roles) -> list[str]:
    """Which columns the draft has no use for; those of a heading that is blank are left out."""
    money = amount_choice(roles)
    used = {roles.choices[one.key].look.place for one in columns if one.key in roles.choices}
    used |= {money.look.place} if money else set()
    unused = [look.name for look in looks if look.name.strip() and look.place not in used]
    if not unused:
        return []
    more = f", and {len(unused) - MOST_NAMES:,} more" if len(unused) > MOST_NAMES else ""
    return comment(f"Not used: {', '.join(map(scalar, unused[:MOST_NAMES]))}{more}.", "  ")
