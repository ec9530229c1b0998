"""Checks ListExecutions of a Map Run against the Map Run, as AWS does.

The engine takes only a state machine for the resource of this call, and any other for `*`, so a grant on the
machine's Map Runs was refused.
"""

import json
from typing import Any


def apply(iam_actions: Any) -> None:
    """Put the Map Run's ARN in where the call names one."""
    original = iam_actions.extract_resource_arn

    def resource(
        service: str, method: str, path: str, headers: Any, body: bytes, *rest: Any, **more: Any
    ) -> Any:
        found = original(service, method, path, headers, body, *rest, **more)
        return _map_run(body) or found if service == "states" and found == "*" else found

    iam_actions.extract_resource_arn = resource


def _map_run(body: bytes) -> str | None:
    try:
        values = json.loads(body)
    except ValueError:
        return None
    return values.get("mapRunArn") if isinstance(values, dict) else None
