"""Names of months and weekdays, as the world writes them, from the data of Unicode's CLDR (by Babel).

Babel has them for every locale, with inflected and short forms, as plain data: dateparser guesses, brings its own reading of
numbers and takes half a second to import. It is imported only for a word that is neither English nor Indonesian. Weekdays, which
are looked for above any column, are in the files of the languages: asking Babel of any word takes a tenth of a second.
"""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import pairwise
from types import MappingProxyType

from core.ingest.formats.batch import Rows
from core.ingest.headers.languages import written_lists

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
    is_likely = is_weekday(word) or word[:3] in _BEGINNINGS
    return is_likely and any(word in _of_locale(locale) for locale in _COMMON)


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


_NUMBERS = (
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
        if numbers := re.search(_NUMBERS, text):
            return int(numbers["y"] or numbers["y2"]), int(numbers["m"] or numbers["m2"])
    return None


def days_of(year: int, month: int) -> list[str]:
    """The days of a month, ISO."""
    return [f"{year}-{month:02d}-{day:02d}" for day in range(1, monthrange(year, month)[1] + 1)]


_WEEK = 7


def weekdays_of(cells: Sequence[str]) -> list[int] | None:
    """The weekdays (0 = Monday) that cells name one after the other, all in one language; None of any others.

    >>> weekdays_of(["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]), weekdays_of(["Mon", "Wed", "Fri", "Sat", "Sun"])
    ([6, 0, 1, 2, 3, 4, 5], None)
    """
    words = [folded(cell.strip()) for cell in cells]
    if not words or not is_weekday(words[0]) or len(words) > _WEEK:
        return None
    for week in _weeks():
        if set(words) <= set(week):
            days = [week.index(word) for word in words]
            if all((later - earlier) % _WEEK == 1 for earlier, later in pairwise(days)):
                return days
    return None


@cache
def is_weekday(word: str) -> bool:
    """Whether a folded word names a weekday in some language."""
    return word in _words()


@cache
def _words() -> frozenset[str]:
    return frozenset(word for week in _weeks() for word in week)


@cache
def _weeks() -> Rows:
    """The names of Monday to Sunday, long and short ones of each language."""
    return [week.split() for weeks in written_lists("weekdays").values() for week in weeks]


_LONGEST = 20
_FEWEST = 3
_STARTS = (
    "abr ago agu aoû apr ara aug avr ağu cze dec des dez dic dis déc eki ene eyl feb fev fév gen giu gru haz jan",
    "jui jul jun kas kwi lip lis lug lut maa mac mag mai maj mar may mei mrt mrz mär nis nov oca oct ogo okt ott",
    "out paź sep set sie sty tem wrz şub авг апр бер вер гру дек жов июл июн кві лип лис лют май мар мая ноя окт",
    "сен сер січ тра фев чер янв กค กพ กย กรก กัน กุม ตค ตุล ธค ธัน พค พย พฤศ พฤษ มกร มค มิถ มิย มีค มีน สค สิง เมย",
    "เมษ 一月 七月 三月 九月 二月 五月 八月 六月 十一月 十二月 十月 四月",
    "hai bảy chủ nhậ năm sáu thứ tư 土 日 木 水 火 金 週一 週二 週三 週四 週五 週六 週日 금 목 수 일 토 화",  # parts of weekdays
)
_BEGINNINGS = frozenset(word for line in _STARTS for word in line.split())
"""What names of months begin with, and those of weekdays that no language's file has: other words (`creator 7`) are not looked
up in the months of all languages, which takes a tenth of a second when first asked."""


@cache
def month_of(cell: str) -> tuple[int | None, int] | None:
    """The year, None where it is not said, and the month that a cell names alone; None of any other.

    >>> month_of("Jan 2026"), month_of("2026-07"), month_of("März"), month_of("Orders")
    ((2026, 1), (2026, 7), (None, 3), None)
    """
    bare = cell.strip()
    if not bare or len(bare) > _LONGEST:
        return None
    if re.fullmatch(r"20\d{2}[-/.](?:0?[1-9]|1[0-2])|(?:0?[1-9]|1[0-2])[-/.]20\d{2}", bare):
        return month_in_texts([bare])
    if not _may_name(bare):
        return None
    year = _YEAR.search(bare)
    rest = _YEAR.sub("", bare).strip(" -/,.")
    if not _WORDS.fullmatch(rest) or not may_be_month(folded(rest)):
        return None
    try:
        month = month_words({folded(rest)}).get(folded(rest), WEEKDAY)
    except ValueError:
        return None
    return (int(year[0]) if year else None, month) if month != WEEKDAY else None


def have_months(cells: Iterable[str]) -> bool:
    """Whether three cells begin like the names of months, or have a year: a cheap question, asked of every row first."""
    return sum(map(_may_name, cells)) >= _FEWEST


def _may_name(cell: str) -> bool:
    bare = cell.strip()
    return len(bare) <= _LONGEST and (folded(bare)[:3] in _BEGINNINGS or bool(_YEAR.search(bare)))


def year_in(texts: Iterable[str]) -> int | None:
    """The one year that texts say; None where they say none, or several."""
    years = {int(year) for text in texts for year in _YEAR.findall(text)}
    return years.pop() if len(years) == 1 else None
