"""The one error of the embedded engine that a person is meant to read."""


class LocalEngineError(Exception):
    """What was wrong, where, and what to do: shown as it is, without a traceback."""
