"""Bytes as text: which encoding they are in, and one UTF-8 stream whatever it is."""

import codecs
import io
from typing import BinaryIO, cast

from core.base.errors import UsageError, WhydropError, WrongOption
from core.ingest.formats.unpacking import ReadStream

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BLOCK = 1 << 20
_EXTENDED = {"gbk": "gb18030", "gb2312": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949", "big5": "big5hkscs"}
UNREADABLE = "nul"
"""How to decode what may be no UTF-8: each byte that is none becomes NUL, which no text of an export has."""
codecs.register_error(UNREADABLE, lambda error: ("\0", error.end if isinstance(error, UnicodeDecodeError) else 0))


def encoding_of(sample: bytes, name: str, requested: str | None = None) -> str:
    """The encoding of a text that begins with `sample`.

    `requested` decides when given. Raises UsageError for an encoding that does not exist, WhydropError for what is no text.
    """
    if requested:
        try:
            named = codecs.lookup(requested).name
            # files that say GBK or Shift-JIS hold the letters of its extensions, too
            return _EXTENDED.get(named, named)
        except LookupError:
            raise WrongOption(
                f"no encoding {requested!r}. Try utf-8, gbk, shift_jis, big5, euc_kr, cp1252 or cp874."
            ) from None
    for mark, encoding in _BOMS:
        if sample.startswith(mark):
            return encoding
    wide = _utf16_without_mark(sample)
    if wide:
        return wide
    if b"\0" in sample:
        raise WhydropError(
            f"{name}: binary data, not a table of text. Is it another format, or packed? Name it by its ending."
        )
    if b"\x1b$B" in sample and b"\x1b(" in sample:
        return "iso2022_jp_ext"  # its bytes are those of ASCII, too
    if _is_utf8(sample):
        return "utf-8"
    if _looks_binary(sample):
        raise WhydropError(
            f"{name}: binary data, not a table of text. Is it another format, or packed? Name it by its ending."
        )
    from core.ingest.formats.charsets.code_pages import code_page
    from core.ingest.formats.charsets.multibyte import multibyte_encoding

    result = multibyte_encoding(sample, name) or code_page(sample)
    if result is None:
        raise UsageError(
            f"{name}: its letters make no words in any known encoding. Name it with --encoding, such as gb18030."
        )
    return result


def shown(text: str) -> str:
    """A text with U+FFFD for each byte that is marked as unreadable."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")


def utf8_stream(stream: BinaryIO, encoding: str, old_lines: bool = False) -> BinaryIO:
    """The text as UTF-8 without a byte order mark; `old_lines`: a lone carriage return ends a line."""
    if encoding in {"utf-8", "utf-8-sig"} and not old_lines:
        buffered = cast(
            BinaryIO, stream if isinstance(stream, io.BufferedReader) else io.BufferedReader(stream, _BLOCK)
        )
        if encoding == "utf-8-sig":
            buffered.read(len(codecs.BOM_UTF8))
        return buffered
    return cast(BinaryIO, io.BufferedReader(_Recoded(stream, encoding, old_lines), _BLOCK))


class _Recoded(ReadStream):
    """Bytes of another encoding, read as UTF-8; what cannot be decoded becomes U+FFFD."""

    def __init__(self, stream: BinaryIO, encoding: str, old_lines: bool) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
        self._old_lines = old_lines
        self._ready = b""
        self._ended = False

    def read(self, size: int = -1) -> bytes:
        while not self._ready and not self._ended:
            block = self._stream.read(_BLOCK)
            self._ended = not block
            text = self._decoder.decode(block, self._ended)
            self._ready = (text.replace("\r", "\n") if self._old_lines else text).encode("utf-8", "replace")
        end = size if size >= 0 else len(self._ready)
        data, self._ready = self._ready[:end], self._ready[end:]
        return data

    def close(self) -> None:
        self._stream.close()
        super().close()


def _is_utf8(sample: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        return False
    return True


def _utf16_without_mark(sample: bytes) -> str | None:
    """UTF-16 text of mostly Latin letters has a zero in every other byte."""
    head = sample[: len(sample) & ~1][:4096]
    half = len(head) // 2
    if half < 2:
        return None
    even, odd = head[::2].count(0), head[1::2].count(0)
    if odd > 0.6 * half and even < 0.05 * half:
        return "utf-16-le"
    return "utf-16-be" if even > 0.6 * half and odd < 0.05 * half else None


def _looks_binary(sample: bytes) -> bool:
    control = sum(byte < 9 or 13 < byte < 32 for byte in sample[:4096])
    return control > 0.01 * min(len(sample), 4096)
