"""JSON Lines and JSON arrays as tables: the columns are the keys of the objects, and the paths into them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from cli.reconcile.columns import Columns
from cli.reconcile.decompression import DeliveredFile
from cli.reconcile.errors import UncountableFileError
from cli.reconcile.json_array import elements_of
from cli.reconcile.json_values import JsonObject, cell_at, has_path, path_of, read_object
from cli.reconcile.rows import Reject, Row
from cli.reconcile.text import lines_of, texts_of

ReadObjects = Callable[[DeliveredFile], Iterator[JsonObject | Reject]]


class JsonTable:
    """The objects of a file as order lines."""

    def __init__(self, delivered: DeliveredFile, read_objects: ReadObjects, named: frozenset[str]) -> None:
        """Find out which of the columns named by the order format the objects have, perhaps only the last."""
        self._delivered, self._read_objects = delivered, read_objects
        paths = {name: path for name in sorted(named) if (path := path_of(name)) is not None}
        found = self._found(paths)
        self._paths = [path for name, path in paths.items() if name in found]
        self.columns = Columns(tuple(name for name in paths if name in found), exact=True)

    def rows(self, used: frozenset[int]) -> Iterator[Row]:
        """Every object, by the columns that are used."""
        paths = [path if at in used else None for at, path in enumerate(self._paths)]
        for value in self._read_objects(self._delivered):
            if isinstance(value, Reject):
                yield value
            else:
                yield [cell_at(value, path) if path else None for path in paths]

    def _found(self, paths: dict[str, tuple[str, ...]]) -> set[str]:
        """The names of the paths that an object has; all of them where there is no object."""
        missing, any_object = dict(paths), False
        for value in self._read_objects(self._delivered):
            if not isinstance(value, Reject):
                any_object = True
                missing = {name: path for name, path in missing.items() if not has_path(value, path)}
            if any_object and not missing:
                break
        return paths.keys() - missing.keys() if any_object else set(paths)


def objects_of_lines(delivered: DeliveredFile) -> Iterator[JsonObject | Reject]:
    """The object of each line of JSON Lines; a line without any character is none."""
    for line in lines_of(texts_of(delivered.chunks(), encoding="utf-8")):
        if text := line.removesuffix("\n"):
            try:
                yield read_object(text)
            except ValueError as e:
                yield Reject(f"it is not JSON ({e})")


def objects_of_array(delivered: DeliveredFile) -> Iterator[JsonObject | Reject]:
    """The objects of one JSON array; raises UncountableFileError where it isn't one."""
    for number, element in enumerate(elements_of(texts_of(delivered.chunks(), encoding="utf-8")), start=1):
        try:
            yield element if isinstance(element, Reject) else read_object(element)
        except ValueError as e:
            raise UncountableFileError(f"element {number} of its array is not JSON ({e})") from e
