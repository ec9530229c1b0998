"""The order format that a person names: one of formats/, or any YAML file."""

from __future__ import annotations

from pathlib import Path

from cli.errors import CommandError
from lambdas.domain.errors import OrderFormatError
from lambdas.domain.order_format import (
    OrderFormat,
    choose_order_format,
    load_order_formats,
    parse_order_format,
)

ENDINGS = (".yaml", ".yml")


def find_format(name: str, folder: Path) -> OrderFormat:
    """The format of this name in the folder, or in the file of this path; raises errors with a sentence."""
    path = _path(name, folder)
    if not path.exists():
        known = ", ".join(sorted(known.stem for known in folder.glob("*.yaml")))
        raise CommandError(
            f"There is no order format {name!r}: {path} doesn't exist. Name one of {known}, or the path of a "
            "YAML file; `merchant-sales formats infer FILE` drafts one."
        )
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError as e:
        raise OrderFormatError(f"{path.name}: not UTF-8 text (byte {e.start}): save it as UTF-8.") from e
    return parse_order_format(text, path.name)


def remark_on_folder(order_format: OrderFormat, name: str, file_name: str, folder: Path) -> str | None:
    """Why a file uploaded under the format's prefix would not be read by it, or None."""
    if _path(name, folder).resolve().parent != folder.resolve():
        return None
    try:
        formats = load_order_formats(folder)
    except OrderFormatError as e:
        return f"The formats can't be deployed as they are: {e}"
    key = order_format.prefix + file_name
    chosen = choose_order_format(formats, key)
    if chosen is None or chosen.name == order_format.name:
        return None
    return (
        f"Under the key {key!r} the format {chosen.name} would read it: its prefix "
        f"{chosen.prefix!r} is longer."
    )


def _path(name: str, folder: Path) -> Path:
    path = Path(name)
    return path if path.suffix in ENDINGS or len(path.parts) > 1 else folder / f"{name}.yaml"
