"""Which column is which field of an order line: by its heading, if its values can be what that says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from cli.format_tools.column_faults import fault, is_compact_date
from cli.format_tools.column_look import ColumnLook
from cli.format_tools.heading_fit import INSIDE, fit, speaks_against, words_of

FIELDS = (
    "merchant_id", "amount", "ordered_at", "currency", "quantity", "unit_price", "order_id", "line_id",
    "status",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Choice:
    """The column of a field, what is doubtful about it, and the other columns it could be."""

    look: ColumnLook
    doubts: tuple[str, ...] = ()
    others: tuple[ColumnLook, ...] = ()

    def doubting(self, doubt: str) -> Choice:
        """The choice with one doubt more."""
        return replace(self, doubts=(*self.doubts, doubt))


@dataclass(frozen=True, kw_only=True)
class Roles:
    """The choices by field; where there is none, the columns that may be it, and why named ones are not."""

    choices: Mapping[str, Choice]
    candidates: Mapping[str, Sequence[ColumnLook]] = field(default_factory=dict)
    refused: Mapping[str, Sequence[tuple[ColumnLook, str]]] = field(default_factory=dict)


def choose_roles(looks: Sequence[ColumnLook], rows: int) -> Roles:
    """The column of each field, a column for one field only; but an amount may be a unit price too."""
    choices: dict[str, Choice] = {}
    candidates: dict[str, list[ColumnLook]] = {}
    refused: dict[str, list[tuple[ColumnLook, str]]] = {}
    taken: set[int] = set()
    for role in FIELDS:
        free = [look for look in looks if look.place not in taken or role == "unit_price"]
        named = [look for look in free if fit(look.name, role) > 0]
        faults = {look.place: fault(role, look, rows) for look in free}
        refused[role] = [(look, why) for look in named if (why := faults[look.place])]
        fitting = [look for look in named if not faults[look.place]]
        fitting.sort(key=lambda look: (-_score(role, look, choices), look.place))
        unnamed = [look for look in free if look not in named and not faults[look.place]]
        choice = _by_heading(role, fitting) or _by_values(role, unnamed, rows)
        if choice:
            choices[role] = choice
            taken.add(choice.look.place)
        else:
            candidates[role] = unnamed
    return Roles(choices=choices, candidates=candidates, refused=refused)


def _score(role: str, look: ColumnLook, choices: Mapping[str, Choice]) -> int:
    """How well the heading fits; a currency stands with the amount whose words its heading shares."""
    score = fit(look.name, role)
    if role == "currency" and "amount" in choices:
        score += 10 * len({*words_of(look.name)} & {*words_of(choices["amount"].look.name)})
    return score


def _by_heading(role: str, fitting: Sequence[ColumnLook]) -> Choice | None:
    if not fitting:
        return None
    best, *others = fitting
    choice = Choice(look=best, others=tuple(others))
    if fit(best.name, role) <= INSIDE:
        return choice.doubting("Guessed from a part of its heading.")
    return choice


def _by_values(role: str, unnamed: Sequence[ColumnLook], rows: int) -> Choice | None:
    """The only column whose values are what a field needs, where no heading says so."""
    telling: Mapping[str, Callable[[ColumnLook], bool]] = {
        "merchant_id": lambda look: not look.is_number and 1 < len(look.values) <= 0.8 * rows,
        "amount": lambda look: not look.is_whole,
        "ordered_at": lambda look: not is_compact_date(look),
        "currency": lambda look: look.is_currency,
    }
    if role not in telling or not rows:
        return None
    fitting = [look for look in unnamed if telling[role](look) and not speaks_against(look.name, role)]
    if len(fitting) != 1:
        return None
    choice = Choice(look=fitting[0])
    return choice if role == "currency" else choice.doubting("Guessed from its values only.")
