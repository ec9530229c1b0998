"""The settings of the embedded engine, and where they come from."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from local.errors import LocalEngineError
from local.install import ENVIRONMENT, ROOT

DEFAULT_PORT = 4566


@dataclass(frozen=True, kw_only=True)
class EngineSettings:
    """Where the engine keeps its state and what it may use."""

    state_dir: Path = ROOT / ".local"
    port: int | None = None
    """The port it must have (0: any free one); None: the last one, else 4566, else the next free one."""
    calls_at_once: int = 2 * (os.cpu_count() or 1)
    """How many function calls run at the same time; the others wait."""
    wait_scale: float = 1.0
    """Factor on the waiting times of state machines (retries); small in tests of retries."""
    environment: Path = ENVIRONMENT
    """The virtual environment that holds the engine."""
    start_limit_seconds: float = 60.0
    stop_limit_seconds: float = 120.0


def settings_from(
    variables: Mapping[str, str], *, state_dir: Path | None = None, port: int | None = None
) -> EngineSettings:
    """The settings a person asked for: options first, then MERCHANT_SALES_LOCAL_* variables."""
    if state_dir is None:
        state_dir = Path(variables.get("MERCHANT_SALES_LOCAL_DIR") or ROOT / ".local")
    if port is None and variables.get("MERCHANT_SALES_LOCAL_PORT"):
        port = _number(variables, "MERCHANT_SALES_LOCAL_PORT", 65535)
    calls = EngineSettings.calls_at_once
    if variables.get("MERCHANT_SALES_LOCAL_CALLS"):
        calls = _number(variables, "MERCHANT_SALES_LOCAL_CALLS", 1000)
    return EngineSettings(state_dir=state_dir.expanduser().resolve(), port=port, calls_at_once=calls)


def _number(variables: Mapping[str, str], name: str, most: int) -> int:
    text = variables[name]
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise LocalEngineError(f"{name} is {text!r}: it must be a whole number from 1 to {most}.")
    return int(text)
