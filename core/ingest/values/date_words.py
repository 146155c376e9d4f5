"""Names of months and weekdays, as the world writes them, from the data of Unicode's CLDR (by Babel).

Babel has them for every locale, with inflected and short forms, as plain data: dateparser guesses, brings its own reading of
numbers and takes half a second to import. It is imported only for a word that is neither English nor Indonesian.
"""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType

_SHORTEST = 3
"""Letters of the shortest name of a month in Latin letters."""
WEEKDAY = 0
"""Stands for a word that adds nothing to the date."""

_COMMON = (
    *("de", "es", "pt", "fr", "it", "ms", "th", "vi", "zh"),
    *("zh_Hant", "ja", "ko", "ru", "nl", "pl", "tr", "uk", "sv"),
)
"""Locales that are looked into first; reading all that there are takes a second."""

_OWN = {
    number: words.split()
    for number, words in enumerate(
        (
            "mon tue wed thu fri sat sun monday tuesday wednesday thursday friday saturday sunday tues thur thurs "
            "of the de del den der am di le el st nd rd th day",
            "jan january januari",
            "feb peb february februari",
            "mar march maret mrz",
            "apr april",
            "may mei",
            "jun june juni",
            "jul july juli",
            "aug agu ags agt august agustus",
            "sep sept september",
            "oct okt october oktober",
            "nov nop november nopember",
            "dec des december desember",
        )
    )
}
OWN: Mapping[str, int] = MappingProxyType({word: number for number, words in _OWN.items() for word in words})
"""English and Indonesian: word -> month, WEEKDAY for what may be left out."""


def folded(word: str) -> str:
    """A word as it is looked up: composed, in lower case, without points.

    >>> folded("Jul."), folded("ก.ค.")
    ('jul', 'กค')
    """
    return unicodedata.normalize("NFC", word).casefold().replace(".", "").replace("'", "").replace("’", "")


def month_words(words: Iterable[str]) -> Mapping[str, int]:
    """What folded words mean, by the one language that knows all of them; {} when none does.

    Raises ValueError when two languages read them differently.

    >>> month_words({"noviembre", "enero"})["enero"], month_words({"ноября"})["ноября"], month_words({"pagina"})
    (1, 11, {})
    """
    requested = frozenset(words)
    if requested <= OWN.keys():
        return OWN
    for locales in (_COMMON, _all_locales()):
        result = [recognized for recognized in map(_of_locale, locales) if requested <= recognized.keys() | OWN.keys()]
        readings = {
            tuple(recognized.get(word, OWN.get(word, WEEKDAY)) for word in sorted(requested)) for recognized in result
        }
        if len(readings) > 1:
            raise ValueError("the months could be of two languages")
        if result:
            return {**OWN, **result[0]}
    return {}


@cache
def may_be_month(word: str) -> bool:
    """Whether a folded word is a month or weekday in some language that is often met.

    >>> may_be_month("juillet"), may_be_month("campaign"), may_be_month("c")
    (True, False, False)
    """
    if word in OWN:
        return True
    if word.isascii() and (len(word) < _SHORTEST or not word.isalpha()):
        return False
    return any(word in _of_locale(locale) for locale in _COMMON)


@cache
def _all_locales() -> tuple[str, ...]:
    from babel.localedata import locale_identifiers

    return tuple(name for name in sorted(locale_identifiers()) if "_" not in name)


@cache
def _of_locale(name: str) -> Mapping[str, int]:
    from babel import Locale

    locale = Locale.parse(name)
    words: dict[str, int] = {}
    for context in ("format", "stand-alone"):
        for width in ("wide", "abbreviated"):
            days = locale.days.get(context, {}).get(width, {})
            words |= {part: WEEKDAY for text in days.values() for part in map(folded, str(text).split()) if part}
    for context in ("format", "stand-alone"):
        for width in ("wide", "abbreviated"):
            months = locale.months.get(context, {}).get(width, {})
            for number, text in months.items():
                words |= {part: number for part in map(folded, str(text).split()) if not any(map(str.isdecimal, part))}
    return {word: number for word, number in words.items() if word not in _SIGNS}


_SIGNS = frozenset(("月", "월", "tháng", "thg", "th"))
"""Words next to the number of a month that name none."""


_NUMBERS = re.compile(
    r"(?<!\d)(?P<y>20\d{2})[-_./ 年]?(?P<m>0?[1-9]|1[0-2])(?!\d)|"
    r"(?<!\d)(?P<m2>0?[1-9]|1[0-2])[-_./ ](?P<y2>20\d{2})(?!\d)"
)
_YEAR = re.compile(r"(?<!\d)20\d{2}(?!\d)")
_WORDS = re.compile(r"[^\W\d_]+\.?")


def month_in_texts(texts: Iterable[str]) -> tuple[int, int] | None:
    """The year and the month that the first text which says one says.

    >>> month_in_texts(["Sales", "Sales July 2026"]), month_in_texts(["umsatz_2026-07.csv"]), month_in_texts(["orders 2026"])
    ((2026, 7), (2026, 7), None)
    """
    for text in texts:
        year = _YEAR.search(text)
        words = [folded(word) for word in _WORDS.findall(text)]
        months = {month for word in words if may_be_month(word) and (month := month_words({word}).get(word, WEEKDAY))}
        if year is not None and len(months) == 1:
            return int(year[0]), months.pop()
        if numbers := _NUMBERS.search(text):
            return int(numbers["y"] or numbers["y2"]), int(numbers["m"] or numbers["m2"])
    return None


def days_of(year: int, month: int) -> list[str]:
    """The days of a month, ISO."""
    return [f"{year}-{month:02d}-{day:02d}" for day in range(1, monthrange(year, month)[1] + 1)]
