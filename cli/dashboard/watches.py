"""How far the runs are that somebody has open: what is known of a run is kept between two requests."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime
from threading import Lock

from cli.deployment import Deployment
from cli.run_progress import Progress, RunWatch
from lambdas.adapters.dynamodb import Item

MOST_KEPT = 32


class Watches:
    """Looks at running runs; a partition that is done is read once."""

    def __init__(self, deployment: Deployment) -> None:
        """Take the deployment whose runs they are."""
        self._deployment = deployment
        self._kept: OrderedDict[str, tuple[RunWatch, Lock]] = OrderedDict()
        self._lock = Lock()

    def look(self, run: Item, now: datetime) -> Progress:
        """How far the run of this item is."""
        with self._lock:
            name = run["run_id"]
            if name not in self._kept:
                self._kept[name] = RunWatch(deployment=self._deployment, run_id=name), Lock()
            watch, busy = self._kept[name]
            self._kept.move_to_end(name)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        with busy:
            return watch.look(run, now)
