"""The draft's statuses: all that occur in the sample, in comments: only people know what they mean."""

from __future__ import annotations

from collections.abc import Mapping

from cli.format_tools.heading_fit import words_of
from cli.format_tools.roles import Choice
from cli.format_tools.yaml_text import Entry, comment, scalar, texts

REFUND = {
    "refund", "refunded", "return", "returned", "chargeback", "credit", "credited", "reversed", "reversal",
    "erstattet", "retoure", "gutschrift", "storniert erstattet", "rembourse", "retour", "reembolsado",
    "devuelto", "rimborsato", "reso",
}  # fmt: skip
IGNORE = {
    "cancel", "canceled", "cancelled", "void", "voided", "failed", "declined", "rejected", "pending", "open",
    "draft", "unpaid", "abandoned", "expired", "test", "storniert", "abgebrochen", "offen", "annule",
    "echoue", "cancelado", "pendiente", "annullato", "geannuleerd", "unavailable",
}  # fmt: skip


def status_column(choice: Choice) -> Entry:
    """The entry `columns.status`, in a comment."""
    doubt = "Every line counts, whatever its status, until you use this together with `status` below."
    return Entry(key="status", value=scalar(choice.look.name), doubts=[*choice.doubts, doubt], active=False)


def status_lines(choice: Choice) -> list[str]:
    """The block `status` in comments: how often each occurs, and a guess of what it means."""
    values = choice.look.values
    seen = ", ".join(f"{value} {count:,}" for value, count in values.most_common())
    guesses = meanings(values)
    return [
        *comment(f"Lines of the sample by status: {seen}."),
        *comment(
            "Guessed by their words; put each where it belongs. A status that isn't listed is rejected."
        ),
        "# status:",
        *(f"#   {meaning}: {texts(found)}" for meaning, found in guesses.items() if found),
    ]


def meanings(values: Mapping[str, int]) -> dict[str, list[str]]:
    """What each status seems to mean; a sale, where its words don't say."""
    found: dict[str, list[str]] = {"sale": [], "refund": [], "ignore": []}
    for value in sorted(values):
        words = set(words_of(value))
        meaning = "refund" if words & REFUND else "ignore" if words & IGNORE else "sale"
        found[meaning].append(value)
    return found
