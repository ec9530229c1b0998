"""The draft's `numbers`: the notation of the amounts and quantities."""

from __future__ import annotations

from collections.abc import Sequence

from cli.format_tools.column_look import ColumnLook
from cli.format_tools.number_notation import Notation, NumberReader, choose_notation, settings
from cli.format_tools.roles import Choice
from cli.format_tools.yaml_text import Entry, mapping
from lambdas.domain.order_format import Numbers

NOTHING = mapping({})


def notation_of(
    amount: Choice, quantity: Choice | None, looks: Sequence[ColumnLook], reader: NumberReader
) -> Notation:
    """The notation that the columns which the draft uses are written in."""
    used = [amount.look, *([quantity.look] if quantity else [])]
    places = {look.place for look in used}
    others = [look.shapes for look in looks if look.is_number and look.place not in places]
    return choose_notation([look.shapes for look in used], others, reader)


def draft_numbers(notation: Notation) -> list[Entry]:
    """The entry `numbers`, where there is anything to say."""
    said = _written(notation.numbers)
    entries = [Entry(key="numbers", value=said)] if said != NOTHING else []
    if notation.otherwise:
        text, here, there, other = notation.otherwise
        doubt = f"{text} is read as {here.normalize():f}. If it is {there.normalize():f}, write:"
        entries.append(Entry(key="numbers", value=_written(other), doubts=[doubt], active=False))
    return entries


def _written(numbers: Numbers) -> str:
    return mapping(
        {key: f'"{value}"' if len(value) == 1 else value for key, value in settings(numbers).items()}
    )
