"""Remembers what the engine's DynamoDB works out anew for every item: numbers and expressions as texts.

Its answers depend on the text alone. Committing the sales of 1,500 merchants parses the same few
expressions and checks the same small numbers thousands of times, on the one thread that serves every
request.
"""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any

REMEMBERED = 65_536
_ANSWERS = ("_number_error", "_ddb_canonicalize_number", "_number_size_bytes", "_condition_syntax_error")


def apply(dynamodb: Any) -> None:
    """Put a memory before the engine's pure functions of texts."""
    for name in _ANSWERS:
        setattr(dynamodb, name, _remembering(getattr(dynamodb, name)))
    tokenize = _remembering(lambda expression, original=dynamodb._tokenize: tuple(original(expression)))
    dynamodb._tokenize = lambda expression: list(tokenize(expression))


def _remembering(original: Callable[..., Any]) -> Callable[..., Any]:
    remembered = lru_cache(REMEMBERED)(original)

    @wraps(original)
    def answer(*texts: Any) -> Any:
        return remembered(*texts) if all(isinstance(text, str) for text in texts) else original(*texts)

    return answer
