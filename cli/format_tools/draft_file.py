"""The draft's `file` and `csv`: what the parser would not detect by itself."""

from __future__ import annotations

from collections.abc import Sequence

from cli.format_tools.sample import Sample
from cli.format_tools.yaml_text import Entry, mapping, scalar, texts
from lambdas.domain.file_kind import CSV, kind_of


def draft_file(sample: Sample, names: Sequence[str]) -> list[Entry]:
    """The entries `file` and `csv`, where the defaults don't do; `names` are those of the columns."""
    by_itself = kind_of(sample.key, sample.content, "auto") == sample.kind
    if sample.kind == CSV:
        return [*([] if by_itself else [Entry(key="file", value=CSV)]), *_csv(sample, names)]
    doubts = _doubts(sample, "are no JSON objects")
    return [Entry(key="file", value=sample.kind, doubts=doubts)] if doubts or not by_itself else []


def _csv(sample: Sample, names: Sequence[str]) -> list[Entry]:
    options: dict[str, str] = {}
    doubts: list[str] = []
    if sample.delimiter not in (None, ","):
        options["delimiter"] = '"\\t"' if sample.delimiter == "\t" else f'"{sample.delimiter}"'
    if not sample.header:
        options["header"] = texts(names)
        doubts.append("The file has no heading: these are names for its columns, in their order.")
    if sample.encoding not in (None, "utf-8"):
        options["encoding"] = scalar(sample.encoding or "")
    if sample.encoding == "windows-1252":
        doubts.append("It is not UTF-8. windows-1252 is a guess: look whether names with accents are right.")
    doubts += _doubts(sample, "have another number of columns")
    return [Entry(key="csv", value=mapping(options), doubts=doubts)] if options or doubts else []


def _doubts(sample: Sample, odd: str) -> list[str]:
    doubts = []
    if sample.wrong_bytes:
        doubts.append(f"Bytes of the sample that are no text in this encoding: {sample.wrong_bytes:,}.")
    if sample.odd_rows:
        doubts.append(f"Lines of the sample that {odd}, and are rejected: {sample.odd_rows:,}.")
    return doubts
