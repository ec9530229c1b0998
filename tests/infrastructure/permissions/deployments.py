"""The settings under which policies differ: all statements that the stack can have are in one of these."""

from typing import Any

DEPLOYMENTS: dict[str, dict[str, Any]] = {
    "as it comes": {},
    "data goes with the stack": {"profile": "dev"},
    "access logs": {"accessLogs": True},
    "a bucket of yours, no sweeps": {"ordersBucketName": "theirs", "sweepHours": 0},
}
