"""Knows whether the engine's state was really saved: the engine logs a failure and goes on."""

import logging
from typing import Any

from local.state_folder import StateFolder


class Saving:
    """Saves the engine's state, on demand and at its end."""

    def __init__(self, engine: Any, persistence: Any, folder: StateFolder) -> None:
        """Watch the engine's own log of what it could not save."""
        self._engine = engine
        self._folder = folder
        self._failures = _Errors()
        logging.getLogger(persistence.logger.name).addHandler(self._failures)
        engine_save = engine.save_all

        def save_all(services: Any) -> None:
            self._failures.count = 0
            engine_save(services)
            self._saved = self._failures.count == 0

        self._saved = False
        engine.save_all = save_all

    def save_and_keep(self) -> bool:
        """Save now and make it the state to which an unclean end goes back."""
        self._engine.save_all(self._engine._build_persistence_save_dict())
        if self._saved:
            self._folder.keep_restore_point()
        saved, self._saved = self._saved, False
        return saved

    def saved_at_shutdown(self) -> bool:
        """Whether the engine's own save at its end succeeded."""
        return self._saved


class _Errors(logging.Handler):
    """Counts error records."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.count = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Count one."""
        del record
        self.count += 1
