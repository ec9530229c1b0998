"""The body of an object in a file, of which only the parts that are asked for are read."""

import shutil
from pathlib import Path

_PIECE_BYTES = 1 << 24


class StoredBody:
    """As long as the body, without being read."""

    def __init__(self, path: Path) -> None:
        """Take the file."""
        self._path = path

    def __len__(self) -> int:
        """In bytes."""
        return self._path.stat().st_size

    def __getitem__(self, part: slice) -> bytes:
        """The bytes of a part, read now."""
        start, stop, _ = part.indices(len(self))
        with self._path.open("rb") as file:
            file.seek(start)
            return file.read(stop - start)

    def append(self, part: "StoredBody") -> None:
        """Take over the bytes of another body, whose file ends."""
        with self._path.open("ab") as whole, part._path.open("rb") as file:
            shutil.copyfileobj(file, whole, _PIECE_BYTES)
        part._path.unlink()

    def move(self, path: str) -> None:
        """Make it the file at the path, in one step and without a copy."""
        self._path = self._path.replace(path)
