"""The text of a sample: which encoding it is in, decoded, with LF line ends."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
SHARE_OF_NULS = 0.3
"""From here on the NULs of one half of the bytes are the high bytes of UTF-16."""
ERRORS_FORGIVEN = 0.1
"""Of the characters above ASCII that make a text UTF-8: so many may be broken."""


@dataclass(frozen=True, kw_only=True)
class SampleText:
    """A text without its byte order mark; bytes that aren't text in its encoding are lone surrogates."""

    text: str
    encoding: str
    has_mark: bool
    wrong_bytes: int

    def encoded(self, text: str) -> bytes:
        """A text as the file has it: in its encoding, with its byte order mark."""
        errors = "surrogatepass" if self.encoding.startswith("utf-16") else "surrogateescape"
        return text.encode(self.encoding, errors)


def decode_sample(content: bytes, *, whole: bool, chosen: str | None = None) -> SampleText:
    """The text of the first bytes of a file: by its mark, as chosen, or by what its bytes look like."""
    marked = next((encoding for mark, encoding in MARKS if content.startswith(mark)), None)
    encoding = marked or chosen or _encoding(content, whole=whole)
    errors = "replace" if encoding.startswith("utf-16") else "surrogateescape"
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    text = decoder.decode(content, final=whole)
    return SampleText(
        text=text.replace("\r\n", "\n").replace("\r", "\n"),
        encoding=encoding,
        has_mark=marked is not None,
        wrong_bytes=sum("\udc80" <= character <= "\udcff" for character in text),
    )


def _encoding(content: bytes, *, whole: bool) -> str:
    for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        half = content[first : 1 << 16 : 2]
        if half.count(0) > SHARE_OF_NULS * len(half):
            return encoding
    decoded = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode(content, final=whole)
    above = [character for character in decoded if character > "\x7f"]
    broken = sum("\udc80" <= character <= "\udcff" for character in above)
    return "utf-8" if broken <= ERRORS_FORGIVEN * (len(above) - broken) else "windows-1252"
