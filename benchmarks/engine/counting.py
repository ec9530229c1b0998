"""The embedded engine with a count of what the functions ask for; the same program but for that.

`GET /_benchmarks/counts` answers with the counts since the start, by service and operation.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from ministack.services import lambda_svc  # type: ignore[import-not-found, unused-ignore]

from local.inside import __main__ as engine
from local.inside import gateway
from local.state_folder import StateFolder

COUNTS_PATH = "/_benchmarks/counts"
COUNTS: Counter[str] = Counter()
CREDENTIAL = re.compile(r"Credential=([^/]+)/\d+/[^/]+/([^/]+)/")
COMMAND_KEY = "test"  # the access key of the command, which is no part of a run


def count_request(scope: Any) -> None:
    """Count a request of a function by its service and operation."""
    headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
    credential = CREDENTIAL.search(headers.get("authorization", ""))
    if credential is None or credential[1] == COMMAND_KEY:
        return
    operation = headers.get("x-amz-target", "").rpartition(".")[2] or scope["method"]
    if operation == "GET" and b"list-type" in scope["query_string"]:
        operation = "LIST"
    COUNTS[f"{credential[2]} {operation}"] += 1


def counted(wrap: Any) -> Any:
    """The engine's application, with its requests counted."""

    def wrapped(application: Any, **options: Any) -> Any:
        front = wrap(application, **options)

        async def counting(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "http" and scope["path"] == COUNTS_PATH:
                await gateway._answer(send, 200, dict(COUNTS))
                return
            if scope["type"] == "http":
                count_request(scope)
            await front(scope, receive, send)

        return counting

    return wrapped


def with_calls_counted(add: Any) -> Any:
    """What the engine adds, and then a count of the functions' calls."""

    def added(*arguments: Any) -> Any:
        queue = add(*arguments)
        dispatch = lambda_svc._execute_function_dispatch

        def counting(function: Any, config: Any, *rest: Any) -> Any:
            COUNTS[f"call {config['FunctionName']}"] += 1
            return dispatch(function, config, *rest)

        lambda_svc._execute_function_dispatch = counting
        return queue

    return added


if __name__ == "__main__":
    gateway.wrap = counted(gateway.wrap)
    engine._add_what_is_missing = with_calls_counted(engine._add_what_is_missing)
    path, port, descriptor, calls, python, program = sys.argv[1:]
    engine.main(StateFolder(Path(path)), int(port), int(descriptor), int(calls), Path(python), program)
