"""Streams that are cut anywhere: JSON arrays and compressed data give the same whatever the chunks."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterator
from typing import Any

import zstandard
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lambdas.domain.decompression import decompressor_of
from lambdas.domain.delivered_file import DeliveredFile
from lambdas.domain.delivered_text import whole_text
from lambdas.domain.errors import OrderFileError
from lambdas.domain.json_array import JsonArray

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)
WRITTEN = st.sampled_from([{}, {"indent": 1}, {"separators": (" ,\n", " :\t")}, {"ensure_ascii": False}])


def cut(data: bytes, size: int) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


def lines_of(text: bytes, size: int) -> list[bytes] | None:
    """The lines of an array; None where it is none."""
    try:
        return b"".join(JsonArray("o.json").lines(cut(text, size))).splitlines()
    except OrderFileError:
        return None


@settings(max_examples=150, deadline=None)
@given(values=st.lists(VALUES, max_size=6), written=WRITTEN, size=st.integers(1, 64))
def test_an_array_gives_its_elements_whatever_the_chunks(
    values: list[Any], written: dict[str, Any], size: int
) -> None:
    text = json.dumps(values, **written).encode("utf-8", "surrogatepass")
    found = b"".join(JsonArray("o.json").lines(cut(text, size))).split(b"\n")[:-1]
    assert [json.loads(line) for line in found] == json.loads(text)


@settings(max_examples=300, deadline=None)
@given(text=st.text(st.sampled_from('[]{}",:\\ \n1ae'), max_size=24), size=st.integers(1, 9))
def test_an_array_that_is_whole_json_is_read_and_chunks_change_nothing(text: str, size: int) -> None:
    content = f"[{text}]".encode()
    found = lines_of(content, size)
    assert found == lines_of(content, 1000)
    try:
        values = json.loads(content)
    except ValueError:
        return  # an element may still be broken: reading the lines finds that
    assert found is not None
    assert [json.loads(line) for line in found] == values


@settings(max_examples=100, deadline=None)
@given(
    parts=st.lists(st.binary(max_size=300), min_size=1, max_size=5),
    packed=st.sampled_from([gzip.compress, zstandard.ZstdCompressor(write_checksum=True).compress]),
    size=st.integers(1, 50),
    flip=st.none() | st.integers(0, 10_000),
)
@example(parts=[b""], packed=zstandard.ZstdCompressor(write_checksum=True).compress, size=1, flip=872)
def test_compressed_parts_are_joined_whatever_the_chunks_and_damage_is_told(
    parts: list[bytes], packed: Any, size: int, flip: int | None
) -> None:
    data = b"".join(packed(part) for part in parts)
    if flip is not None:
        at = flip % (8 * len(data))
        data = data[: at // 8] + bytes([data[at // 8] ^ 1 << at % 8]) + data[at // 8 + 1 :]
    results = {_unpacked(cut(data, length)) for length in (size, len(data))}
    content = b"".join(parts)
    if flip is None:
        assert results == {content}
    elif b"" in parts:
        # zstd takes an empty frame for whole as soon as its header says so: no content can be damaged there
        assert len(results) == 1 or results == {content, None}
    else:
        assert len(results) == 1


def _unpacked(chunks: Iterator[bytes]) -> bytes | None:
    held = list(chunks)
    decompressor = decompressor_of(b"".join(held))
    if decompressor is None:
        return None
    try:
        content = b"".join(piece for chunk in held for piece in decompressor.content_of(chunk))
    except Exception as e:
        assert type(e).__name__ == "DamagedError", repr(e)  # noqa: PT017  any other one is a crash
        return None
    return content if decompressor.at_end else None


@settings(max_examples=150, deadline=None)
@given(
    data=st.binary(max_size=60) | st.text(max_size=30).map(lambda text: text.encode("utf-16")),
    encoding=st.sampled_from(["utf-8", "utf-16", "utf-16-be", "cp1252", "latin-1", "shift_jis", "utf-7"]),
)
def test_any_bytes_are_a_text_or_a_sentence(data: bytes, encoding: str) -> None:
    try:
        delivered = DeliveredFile(io.BytesIO(data), key="orders.csv", limit_bytes=1 << 20)
        text = b"".join(whole_text(delivered, encoding))
    except OrderFileError:
        return
    assert b"\r" not in text
