"""Where the engine keeps everything, and how it comes back to a state that belongs together.

The engine writes its services' state when it ends, objects at once. After an unclean end the two no
longer belong together, so each clean state is kept as a restore point: hard links to the files, which the
engine only ever replaces, never changes.
"""

import json
import os
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class EngineProcess:
    """The engine that holds a state folder: written by itself."""

    pid: int
    port: int
    started: str
    program: str = ""
    """Which program it runs: a hash of the sources."""


@dataclass(frozen=True)
class StateFolder:
    """The paths of one embedded engine."""

    path: Path

    @property
    def state(self) -> Path:
        """The services' state, one JSON file each."""
        return self.path / "state"

    @property
    def objects(self) -> Path:
        """The buckets' objects."""
        return self.path / "s3"

    @property
    def scratch(self) -> Path:
        """The temporary files of the engine and its functions; removed when it ends."""
        return self.path / "tmp"

    @property
    def log(self) -> Path:
        """What the engine says."""
        return self.path / "engine.log"

    @property
    def deployment(self) -> Path:
        """The CDK's output folder and log."""
        return self.path / "deploy"

    @property
    def start_lock(self) -> Path:
        """Held while the engine is being started or stopped."""
        return self.path / "start.lock"

    @property
    def deploy_lock(self) -> Path:
        """Held during a deployment."""
        return self.path / "deploy.lock"

    @property
    def alive_lock(self) -> Path:
        """Held by the engine as long as it lives."""
        return self.path / "alive.lock"

    @property
    def _clean(self) -> Path:
        """There as long as `state` and `objects` belong together."""
        return self.path / "clean"

    def process(self) -> EngineProcess | None:
        """The engine that was started last, if its file is whole."""
        try:
            known = json.loads((self.path / "engine.json").read_text())
            program = known.get("program", "")
            return EngineProcess(int(known["pid"]), int(known["port"]), known["started"], program)
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None

    def write_process(self, process: EngineProcess) -> None:
        """Say who runs."""
        new = self.path / "engine.json.new"
        new.write_text(json.dumps(asdict(process)) + "\n")
        new.replace(self.path / "engine.json")

    def mark_clean(self) -> None:
        """State and objects have been saved together."""
        self._clean.touch()

    def prepare(self) -> bool:
        """Before a start: make a restore point of a clean end, or go back to the last one.

        False when the engine ended uncleanly and something after the restore point was lost.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(self.scratch, ignore_errors=True)
        self.scratch.mkdir()
        fresh = not self.state.exists() and not self.objects.exists()
        clean = self._clean.exists() or fresh
        if clean:
            self.keep_restore_point()
        else:
            self._go_back()
        self._clean.unlink(missing_ok=True)
        for folder in (self.state, self.objects):
            folder.mkdir(exist_ok=True)
        return clean

    def keep_restore_point(self) -> None:
        """Link the present files into a new restore point and drop the older ones."""
        older = self._restore_points()
        new = self.path / f"restore-{(older[-1][0] if older else 0) + 1:08d}"
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir()
        for folder in (self.state, self.objects):
            _link_tree(folder, new / folder.name)
        (new / "complete").touch()
        for _, point in older:
            shutil.rmtree(point, ignore_errors=True)

    def _go_back(self) -> None:
        """Put the newest complete restore point in place; without one everything starts empty."""
        points = [point for _, point in self._restore_points() if (point / "complete").exists()]
        for folder in (self.state, self.objects):
            shutil.rmtree(folder, ignore_errors=True)
            if points:
                _link_tree(points[-1] / folder.name, folder)

    def _restore_points(self) -> list[tuple[int, Path]]:
        points = self.path.glob("restore-*")
        return sorted((int(point.name.removeprefix("restore-")), point) for point in points)

    def empty(self) -> None:
        """Remove everything but the locks and the engine's log."""
        for entry in self.path.iterdir() if self.path.exists() else ():
            if entry.is_dir():
                shutil.rmtree(entry, ignore_errors=True)
            elif entry.name in ("clean", "engine.json"):
                entry.unlink()


def _link_tree(source: Path, target: Path) -> None:
    """Copy a folder tree as hard links; half-written files (*.tmp) are left out."""
    if source.exists():
        shutil.copytree(source, target, copy_function=os.link, ignore=shutil.ignore_patterns("*.tmp"))
