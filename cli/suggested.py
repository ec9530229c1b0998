"""The commands that a person is told to run: as they can be pasted, with the options of this call.

A text names a command in backticks. What prints texts passes them through `pasteable`, so that no sentence
has to know where the command looks, also those that runs have stored.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from typing import Any

PROGRAM = "merchant-sales"
ELSEWHERE = "local|formats"
"""They take neither the deployed stack nor the embedded engine for data."""

_NAMED = re.compile(f"`{PROGRAM} (?!(?:{ELSEWHERE})[ `])(?=[a-z])")
_called_with: ContextVar[tuple[str, ...]] = ContextVar("called_with", default=())


def keep_options(options: Sequence[str]) -> None:
    """Keep the options that every suggested command needs to look where this one does."""
    _called_with.set(tuple(options))


def suggested(*words: str) -> str:
    """A command line."""
    return " ".join([PROGRAM, *map(shell_word, (*_called_with.get(), *words))])


def pasteable(text: str, called: str = "") -> str:
    """A text whose commands begin as this call does, or as the one given."""
    begin = f"`{called or suggested()} "
    return _NAMED.sub(lambda _: begin, text)


def completed(text: str, run: Mapping[str, Any]) -> str:
    """A stored reason whose commands name the run, or its key, that it is about."""
    about = {"replay": run["object_key"], "redrive": run["run_id"], "rejects": run["run_id"]}
    for name, word in about.items():
        text = text.replace(f"`{PROGRAM} {name}`", f"`{PROGRAM} {name} {shell_word(word)}`")
    return text


def shell_word(text: str) -> str:
    """A text as one word of a shell; where it isn't printable, with escapes that bash and zsh read."""
    if text.isprintable():
        return shlex.quote(text)
    plain = "".join(c if c.isprintable() and c not in "\\'" else f"\\U{ord(c):08x}" for c in text)
    return f"$'{plain}'"
