"""Which East Asian encoding a text is in: tried strictly, then judged by which of its characters are common ones.

Statistical detectors take small exports for a Cyrillic or Thai code page. The standards order their characters by use, so that
in real text nearly all lead bytes fall into the block of common characters: GB 2312 level 1 (B0-D7), Big5 level 1 (A4-C6),
KS X 1001 hangul (B0-C8), JIS X 0208 kana and level 1. A code page of one byte a letter gives leads from everywhere, or breaks
the rule of pairs.
"""

import re
from collections.abc import Callable

from core.base.errors import UsageError
from core.base.frozen import frozen

_FEWEST = 3
"""Fewer characters say nothing."""
_LOOKED_AT = 1 << 16
"""Bytes whose characters are counted."""
_COMMON = 0.85
_HANGUL = 0.97
"""Chinese text has only half of its leads in the block of hangul: ten characters decide."""
_KANA = 0.12
"""Even headers of kanji have particles or loan words."""


@frozen
class _Pairs:
    """The characters of two bytes that a text consists of beyond ASCII."""

    leads: tuple[int, ...]
    trails: tuple[int, ...]
    singles: int
    """Bytes over 7F that are a letter by themselves."""

    def without(self, leads: range) -> "_Pairs":
        """The characters with other leads."""
        kept = [(lead, trail) for lead, trail in zip(self.leads, self.trails, strict=True) if lead not in leads]
        return _Pairs(tuple(lead for lead, _ in kept), tuple(trail for _, trail in kept), self.singles)

    def share(self, test: Callable[[int, int], bool]) -> float:
        """What share of the characters passes a test."""
        result = sum(test(lead, trail) for lead, trail in zip(self.leads, self.trails, strict=True))
        return result / max(len(self.leads) + self.singles, 1)


def multibyte_encoding(sample: bytes, name: str) -> str | None:
    """The East Asian encoding of a text that is not UTF-8; None when it is in none.

    Raises UsageError when it could be in two of them.
    """
    start = sample[:_LOOKED_AT]
    result = [
        encoding
        for encoding, fits in _TESTS.items()
        if _decodes(sample, encoding) and fits(_pairs(start, encoding)) and not _is_in_words(start, encoding)
    ]
    if len(result) > 1:
        raise UsageError(
            f"{name}: its letters could be in {' or '.join(result)}. Choose one with --encoding {result[0]} or another."
        )
    return result[0] if result else None


def _decodes(sample: bytes, encoding: str) -> bool:
    try:
        sample.decode(encoding)
    except UnicodeDecodeError as error:
        return (
            error.start >= len(sample) - 2 and len(sample) > 2 and error.start > 0
        )  # the sample may end inside a letter
    return True


def _is_in_words(sample: bytes, encoding: str) -> bool:
    """Whether many characters stand alone inside of Latin words: letters with marks, each read with the letter after it."""
    text = sample.decode(encoding, "ignore")
    return len(_INSIDE.findall(text)) > _MOST_INSIDE * len(_ANY.findall(text))


_INSIDE = re.compile(r"(?<=[A-Za-z])[^\x00-\x7f](?=[A-Za-z])")
_ANY = re.compile(r"[^\x00-\x7f]")
_MOST_INSIDE = 0.3


def _pairs(sample: bytes, encoding: str) -> _Pairs:
    leads: list[int] = []
    trails: list[int] = []
    singles = position = 0
    is_jis, is_gb = encoding == "cp932", encoding == "gb18030"
    while position < len(sample) - 1:
        byte = sample[position]
        if byte < 0x80:
            position += 1
        elif is_jis and 0xA0 < byte < 0xE0:
            singles += 1
            position += 1
        elif is_gb and sample[position + 1] in _DIGITS:
            position += 4  # a sign of another script, such as that of the yen, or a smiley
        else:
            leads.append(byte)
            trails.append(sample[position + 1])
            position += 2
    return _Pairs(tuple(leads), tuple(trails), singles)


_DIGITS = range(0x30, 0x3A)
"""Second bytes of the characters of four bytes in GB 18030."""


def _is_korean(pairs: _Pairs) -> bool:
    letters = pairs.without(_SIGNS)  # a won sign before each amount
    return (
        len(letters.leads) >= _FEWEST
        and letters.share(lambda lead, trail: 0xB0 <= lead <= 0xC8 and trail > 0xA0) >= _HANGUL
    )


_SIGNS = range(0xA1, 0xA4)
"""Leads of signs and wide forms of Latin letters in the standards of Korea and China."""


def _is_simplified(pairs: _Pairs) -> bool:
    common = pairs.share(lambda lead, trail: (0xB0 <= lead <= 0xD7 or lead == 0xA3) and trail > 0xA0)
    beyond_hangul = pairs.share(lambda lead, _: lead > 0xC8)
    is_kana = pairs.share(lambda lead, _: lead in {0xA4, 0xA5}) >= _KANA
    return len(pairs.leads) >= _FEWEST and common >= _COMMON and beyond_hangul > 1 - _HANGUL and not is_kana


def _is_traditional(pairs: _Pairs) -> bool:
    common = pairs.share(lambda lead, _: 0xA4 <= lead <= 0xC6)
    low_trails = pairs.share(lambda _, trail: trail < 0x80)
    return len(pairs.leads) >= _FEWEST and common >= _COMMON and low_trails > 1 - _COMMON


def _is_shift_jis(pairs: _Pairs) -> bool:
    kana = pairs.share(lambda lead, trail: (lead == 0x82 and trail >= 0x9F) or (lead == 0x83 and trail <= 0x96))
    level_1 = pairs.share(lambda lead, _: 0x81 <= lead <= 0x98 or lead in {0xE0, 0xE1})
    return len(pairs.leads) >= _FEWEST and level_1 >= _COMMON and (kana > 0 or level_1 > _HANGUL)


def _is_euc_jp(pairs: _Pairs) -> bool:
    kana = pairs.share(lambda lead, trail: lead in {0xA4, 0xA5} and trail > 0xA0)
    common = pairs.share(lambda lead, trail: (lead in {0xA1, 0xA4, 0xA5} or 0xB0 <= lead <= 0xCF) and trail > 0xA0)
    return len(pairs.leads) >= _FEWEST and kana >= _KANA and common >= _COMMON


_TESTS: dict[str, Callable[[_Pairs], bool]] = {
    "cp949": _is_korean,
    "gb18030": _is_simplified,
    "big5hkscs": _is_traditional,
    "cp932": _is_shift_jis,
    "euc_jp": _is_euc_jp,
}
