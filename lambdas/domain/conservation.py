"""Conservation: every line of the text is accepted or rejected, counted by other means than reading it."""

from __future__ import annotations

from collections.abc import Mapping

from lambdas.domain.errors import OrderFileError
from lambdas.domain.text_file import TextFile
from lambdas.domain.wrong_lines import WrongLine


def blank_rows(text: TextFile, aside: Mapping[int, WrongLine]) -> int:
    """Lines without any character that the reader takes for rows: those of a text with only one column."""
    if not text.blank_line_is_row:
        return 0
    return text.blank_lines + sum(wrong.end - start for start, wrong in aside.items())


def require_listed(*, rejected: int, listed: int, key: str) -> None:
    """Raise OrderFileError unless every rejected line was found in the text."""
    if rejected != listed:
        raise OrderFileError(
            f"{key}: {rejected:,} of its lines are rejected, but {listed:,} of them were found in the text. "
            "Nothing of the file is counted; please report this with the file."
        )


def require_all_lines(text: TextFile, *, accepted: int, rejected: int, key: str) -> None:
    """Raise OrderFileError unless all lines are read of a text without quotes, where a line end ends each."""
    if not text.has_quotes and accepted + rejected != text.lines:
        raise OrderFileError(
            f"{key}: it has {text.lines:,} lines, but {accepted:,} were accepted and {rejected:,} rejected. "
            "Nothing of the file is counted; please report this with the file."
        )
