"""What the names of measures say of adding them up: rates, averages and prices; levels, such as a stock or a balance."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from core.catalogue.currency_signs import CURRENCY
from core.ingest.headers.column_names import english_names
from core.ingest.headers.folding import VOWEL_SIGNS, currency_of_header, folded, spaced
from core.ingest.headers.languages import ENGLISH, JOINED_SCRIPTS, language_lists
from core.ingest.headers.word_lists import words_of

HUMP = re.compile("(?<=[a-z])(?=[A-Z])")
"""Where a word begins in `orderTime`."""
_INNER_POINT = re.compile(r"(?<=[^\W\d_])\.(?=[^\W\d_])")
"""What parts the names of nested fields: `metrics.ctr`."""
_MARKS = re.compile(rf"[^\w{VOWEL_SIGNS}%.'’-]+|_")


@dataclass(frozen=True, slots=True)
class NameWords:
    """Words of names: whole ones, phrases, beginnings (`schnitt-`) and ends (`-bestand`) of words."""

    words: frozenset[str]
    phrases: tuple[str, ...]
    starts: tuple[str, ...]
    ends: tuple[str, ...]

    @classmethod
    def of(cls, entries: Iterable[str]) -> "NameWords":
        """The entries of a list, sorted by what they are."""
        plain = tuple(map(folded, entries))
        whole = [word for word in plain if not word.startswith("-") and not word.endswith("-")]
        return cls(
            frozenset(word for word in whole if " " not in word),
            tuple(f" {word} " for word in whole if " " in word),
            tuple(word[:-1] for word in plain if word.endswith("-")),
            tuple(word[1:] for word in plain if word.startswith("-")),
        )

    def are_in(self, name: "_NameParts") -> bool:
        """Whether a name has one of them."""
        return (
            not self.words.isdisjoint(name.words)
            or any(phrase in name.spaced for phrase in self.phrases)
            or (bool(self.starts or self.ends) and any(map(self._is_compound, name.words)))
        )

    def have(self, word: str) -> bool:
        """Whether one word is one of them."""
        return word in self.words or self._is_compound(word)

    def _is_compound(self, word: str) -> bool:
        return word.startswith(self.starts) or word.endswith(self.ends)


@dataclass(frozen=True, slots=True)
class _NameParts:
    """The name of a column, as words are looked for in it."""

    joined: str
    spaced: str
    words: frozenset[str]

    @classmethod
    def of(cls, name: str) -> "_NameParts":
        name = _INNER_POINT.sub(" ", name)
        plain = folded(name)
        words = _MARKS.sub(" ", plain.replace("%", " % ")).split()
        humps = folded(HUMP.sub(" ", name)).split() if HUMP.search(name) else ()
        parts = {part for word in (*words, *humps) for part in (word, word.strip(".'’-"), *word.split("-"))}
        return cls(plain, f" {' '.join(words)} ", frozenset(parts))

    def without(self, key: str) -> "_NameParts":
        """The name without the words and phrases of a list, in all languages."""
        listed, joined_words = _words(key, None)
        joined, spaced = self.joined, self.spaced
        for word in joined_words:
            joined = joined.replace(word, " ")
        for phrase in (*listed.phrases, *(f" {word} " for word in listed.words)):
            spaced = spaced.replace(phrase, " ")
        gone = listed.words.union(self.spaced.split()).difference(spaced.split())
        return _NameParts(joined, spaced, self.words - gone)


@cache
def listed_words(key: str) -> NameWords:
    """The words of a list in all languages."""
    return NameWords.of(word for words in language_lists(key).values() for word in words)


@cache
def is_rate_name(name: str, spoken: tuple[str, ...] = ()) -> bool:
    """Whether a column is called a rate, an average, a position, a price: what cannot be added up.

    `spoken` are the codes of the languages that its header is in, in addition to English.

    >>> is_rate_name("metrics.ctr"), is_rate_name("bounceRate"), is_rate_name("Retourenquote", ("de",)), is_rate_name("Clicks")
    (True, True, True, False)
    >>> is_rate_name("Clicks/view"), is_rate_name("Likes/comments"), is_rate_name("Seiten/Sitzung")
    (True, False, True)
    >>> is_rate_name("Cena (Kč/kWh)"), is_rate_name("Kosten EUR/t"), is_rate_name("Paid/all")
    (True, True, False)
    >>> is_rate_name("Giá", ("vi",)), is_rate_name("Giảm giá", ("vi",)), is_rate_name("Rating count")
    (True, False, False)
    >>> is_rate_name("How was it?"), is_rate_name("Recommend us (0-10)"), is_rate_name("Guests (18-24)")
    (True, True, False)
    """
    parts = _NameParts.of(name)
    if _SCALE.search(parts.joined) or _PER_UNIT.search(parts.joined) or _is_of_each(parts.joined):
        return True
    parts = _additive_words_off(parts)
    codes = {ENGLISH, *spoken}
    if _are_in("rates", parts, codes if name.isascii() else {*codes, *JOINED_SCRIPTS}):
        return True
    return not _words("rates", None)[0].words.isdisjoint(word for word in parts.words if len(word) >= _TELLING)


_TELLING = 7
"""Letters of a word that means a rate in some language and nothing else in any other: short headers tell no language."""


def _is_of_each(plain: str) -> bool:
    """Whether a name is something by a thing that is counted: `clicks/view`, `Umsatz/Kunde`, and not `adult/person`; or of an
    hour.
    """
    part, _, by = (word.strip() for word in plain.rpartition("/"))
    is_rate = by in words_of("time_units") or part not in words_of("per_units")
    return by in words_of("per_units") and is_rate and bool(part)


def _additive_words_off(parts: _NameParts) -> _NameParts:
    """A name without what only sounds like a rate: `giá` is a price and `giảm giá` a discount, a rating is no sum and the
    number of ratings is one, as are the price of all pieces and the visitors of an age.
    """
    parts = parts.without("no_rates")
    if _are_in("numbers", parts) or _last_word(parts) in listed_words("counted").words:
        parts = parts.without("countable")
    if _are_in("wholes", parts):
        parts = parts.without("prices")
    return parts.without("ages") if _AGES.search(parts.joined) else parts


def _last_word(parts: _NameParts) -> str:
    return next(reversed(parts.spaced.split()), "")


_AGES = re.compile(r"(?<!\d)\d\d\s?(?:[-–~]\s?\d\d(?!\d)|\+)")
"""Who is of some age, and not how old they are: `18-24`, `65+`."""
_SCALE = re.compile(r"[?？]$|[(\[](?:0\s?[-–]\s?10|1\s?[-–]\s?(?:5|7|10))[)\]]$")
"""A question, or the ends of a scale: answers are no sums."""
_PER_UNIT = re.compile(
    rf"[$€£¥₹]\s?/\s?\w|(?<![^\W\d_])(?i:{CURRENCY}|ct)\s?/\s?(?:[km]?wh|kg|g|t|l|m[23²³]|h|km|pcs?|st|szt|ks)\b|"
    r"[(\[](?:°\s?[cf]|v|w|kw|mw|a|ma|hz|dbm|hpa|mbar|bar|psi|ppm|lux|km/h|mph|m/s)[)\]]$"
)
"""Units of what is measured at a moment, and an amount for each of something."""


def is_calendar_name(name: str) -> bool:
    """Whether a column is called, in any language, a part of a date or of a place, so that its figures count nothing.

    >>> is_calendar_name("Stunde"), is_calendar_name("Week"), is_calendar_name("segments.hour"), is_calendar_name("Orders")
    (True, True, True, False)
    >>> is_calendar_name("day_of_week"), is_calendar_name("fiscal_year"), is_calendar_name("month_num"), is_calendar_name("Weeks")
    (True, True, True, False)
    """
    own = spaced(_INNER_POINT.split(name)[-1])
    bare = " ".join(word for word in own.split() if word not in words_of("calendar_marks"))
    return not _CALENDAR.isdisjoint({own, bare, *english_names((own,)), *english_names((bare,))})


_CALENDAR = frozenset(
    (
        *("year", "month", "week", "weekday", "hour", "shift", "quarter", "day of month", "day of year"),
        *("zone", "floor", "lane", "gate", "terminal", "aisle"),  # parts of a place are numbered as those of a day are
    )
)


def adds_up(name: str, called: str, spoken: tuple[str, ...], names: tuple[str, ...] = ()) -> bool:
    """Whether nothing in the name of a column, which is called so in English, says that its figures cannot be added up; `names`
    are those of all columns of its table.
    """
    is_rate = is_rate_name(called, spoken) or is_time_taken(name)
    return not (is_rate or is_level_name(name) or ("/" in name and is_quotient_name(name, names)))


def is_time_taken(name: str) -> bool:
    """Whether a name ends in `time`, units left out, or begins so in another language, or ends in milliseconds, and says no sum
    of it: what each took.

    >>> is_time_taken("Turnover time (min)"), is_time_taken("Billable time (h)"), is_time_taken("Deliveries on time")
    (True, False, False)
    >>> is_time_taken("first_byte_ms"), is_time_taken("watch_time_ms")
    (True, False)
    >>> is_time_taken("Tiempo de espera"), is_time_taken("Rüstzeit (min)"), is_time_taken("Tempo total")
    (True, True, False)
    """
    parts = _NameParts.of(name)
    words = parts.spaced.split()
    *before, last = [word for word in words if word not in words_of("time_units")] or [""]
    is_last = listed_words("times").have(last) and (bool(before) or last not in words_of("times"))
    is_first = bool(before) and parts.spaced.startswith(tuple(f" {word} " for word in words_of("times_before")))
    return (is_last or is_first or words[-1:] == ["ms"]) and not _are_in("sums_of_time", parts)


def is_quotient_name(name: str, names: tuple[str, ...]) -> bool:
    """Whether a column is called one column by another, which may be shortened.

    >>> names = ("Cost", "Conversions", "Cost / conv.", "Installs", "Loyal Users", "Loyal Users/Installs", "Found", "In/Out")
    >>> [name for name in names if is_quotient_name(name, names)]
    ['Cost / conv.', 'Loyal Users/Installs']
    """
    parts = [part.strip() for part in folded(name).split("/")]
    others = [folded(other) for other in names if other != name]
    return len(parts) == _PAIR and all(
        part and any(other == part or (part[-1] == "." and other.startswith(part[:-1])) for other in others)
        for part in parts
    )


_PAIR = 2


def is_deduction_name(name: str) -> bool:
    """Whether a column is called, in any language, what is taken from a sale or comes on top: a refund, a discount, a fee.

    >>> is_deduction_name("Jumlah Pengembalian Dana"), is_deduction_name("Versandkosten"), is_deduction_name("Jumlah")
    (True, True, False)
    """
    return _are_in("deductions", _NameParts.of(name))


def is_amount_name(name: str) -> bool:
    """Whether a column is called, in any language, money or goods, or says the currency or the unit of its amounts.

    >>> is_amount_name("Mermas (kg)"), is_amount_name("CA (M€)"), is_amount_name("売上(百万円)"), is_amount_name("Anteil")
    (True, True, True, False)
    """
    return (
        currency_of_header(name) is not None
        or any(unicodedata.category(sign) == "Sc" for sign in name)
        or _are_in("amounts", _NameParts.of(name))
    )


def is_level_name(name: str) -> bool:
    """Whether a column is called, in any language, what there is at some moment, or the sum since a day: a stock, a balance.

    >>> is_level_name("Lagerbestand"), is_level_name("在庫数"), is_level_name("Stock sold"), is_level_name("Lagerort")
    (True, True, False, False)
    """
    return _says_level("levels", name)


def is_held_name(name: str) -> bool:
    """Whether two words of a name say what there is at any time: where few rows show nothing, that decides.

    >>> is_held_name("Active members"), is_held_name("Active users"), is_held_name("New active members")
    (True, False, False)
    """
    return may_be_level_name(name) and sum(map(listed_words("held").have, _NameParts.of(name).words)) > 1


def may_be_level_name(name: str) -> bool:
    """Whether a column is called what there is a number of at any time, or what came: followers, members."""
    return _says_level("held", name)


def counts_events(name: str) -> bool:
    """Whether a column is called what came, and never what there is: clicks, orders, revenue, new members.

    >>> counts_events("Orders"), counts_events("new_followers"), counts_events("Cartons in store")
    (True, True, False)
    """
    parts = _NameParts.of(name)
    return _are_in("moves", parts) or (_are_in("flows", parts) and not _are_in("held", parts))


def counts_people(name: str) -> bool:
    """Whether a column is called a number of different people, who count once on each day.

    >>> counts_people("Unique visitors"), counts_people("reach"), counts_people("New users"), counts_people("Nutzer")
    (True, True, False, True)
    """
    parts = _NameParts.of(name)
    return _are_in("people", parts) and not _are_in("moves", parts)


def is_sum_name(name: str) -> bool:
    """Whether a column is called what comes anew each day: what came, a number or total of it, an amount, a deduction."""
    parts = _NameParts.of(name)
    return _are_in("numbers", parts) or _are_in("wholes", parts) or says_flow(name)


def says_flow(name: str) -> bool:
    """Whether a column is called what came, an amount or a deduction: the number of members is none of them."""
    return counts_events(name) or is_amount_name(name) or is_deduction_name(name)


def only_counts_events(name: str) -> bool:
    """Whether each word of a name says so: `orders`, `net sales`, and not `units in issue`."""
    flows = _words("flows", None)[0].words | _words("moves", None)[0].words
    return _NameParts.of(name).words <= flows


@cache
def _says_level(key: str, name: str) -> bool:
    parts = _NameParts.of(name)
    return _are_in(key, parts) and not _are_in("moves", parts)


def _are_in(key: str, name: _NameParts, codes: Iterable[str] | None = None) -> bool:
    """Whether a name has a word of such a list of one of these languages, or of any."""
    spaced, joined = _words(key, tuple(sorted(codes)) if codes is not None else None)
    return spaced.are_in(name) or any(word in name.joined for word in joined)


@cache
def _words(key: str, codes: tuple[str, ...] | None) -> tuple[NameWords, tuple[str, ...]]:
    """The words of a list, and those of languages that put no spaces between them."""
    lists = {code: words for code, words in language_lists(key).items() if codes is None or code in codes}
    joined = [folded(word) for code, words in lists.items() if code in JOINED_SCRIPTS for word in words]
    return NameWords.of(w for code, words in lists.items() if code not in JOINED_SCRIPTS for w in words), tuple(joined)
