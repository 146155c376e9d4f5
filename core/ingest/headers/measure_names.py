"""What the names of measures say of adding them up: rates, averages and prices; levels, such as a stock or a balance."""

import re
import unicodedata
from functools import cache

from core.catalogue.currency_signs import CURRENCY, may_be_currency
from core.ingest.headers.column_names import english_names, translated
from core.ingest.headers.folding import currency_of_header, folded, spaced
from core.ingest.headers.languages import ENGLISH, JOINED_SCRIPTS, language_lists
from core.ingest.headers.name_parts import INNER_POINT, NameParts, listed_words, spaced_words
from core.ingest.headers.word_lists import words_of


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
    >>> is_rate_name("Time on page"), is_rate_name("total_time_on_page")
    (True, False)
    >>> is_rate_name("How was it?"), is_rate_name("Recommend us (0-10)"), is_rate_name("Guests (18-24)")
    (True, True, False)
    """
    parts = NameParts.of(name)
    if _SCALE.search(parts.joined) or _is_per_unit(parts.joined) or _is_of_each(parts.joined):
        return True
    parts = _additive_words_off(parts)
    codes = {ENGLISH, *spoken}
    if parts.has("rates", codes if name.isascii() else {*codes, *JOINED_SCRIPTS}):
        return True
    return not spaced_words("rates").words.isdisjoint(word for word in parts.words if len(word) >= _TELLING)


@cache
def spoken_in(names: tuple[str, ...]) -> tuple[str, ...]:
    """The codes of the languages that a header is in, by the columns that are known. Where none is known and a short word is a
    rate in some language, by what the other names have of that language and not of English.

    >>> spoken_in(("Jour", "Mises au panier", "Commandes validées", "Panier moyen", "Litiges ouverts"))
    ('fr',)
    >>> spoken_in(("Day", "Tickets", "Interactions", "Note"))
    ()
    """
    if spoken := translated(names).spoken:
        return spoken
    parts = [NameParts.of(name) for name in names]
    words = frozenset().union(*(own.words for own in parts)) & spaced_words("rates").words
    codes = [code for code, own in language_lists("rates").items() if code != ENGLISH and not words.isdisjoint(own)]
    hits = {code: sum(_is_in(own, code) for own in parts) for code in codes}
    most = max(hits.values(), default=0)
    return tuple(code for code in codes if hits[code] == most) if most >= _FEWEST_SPOKEN else ()


def _is_in(name: NameParts, code: str) -> bool:
    return any(name.has(key, (code,)) and not name.has(key, (ENGLISH,)) for key in ("flows", "moves", "held", "levels"))


_FEWEST_SPOKEN = 2
_TELLING = 7
"""Letters of a word that means a rate in some language and nothing else in any other: short headers tell no language."""


def _is_per_unit(plain: str) -> bool:
    """Whether a name says an amount for each of something, or a unit of what is measured at a moment.

    >>> _is_per_unit("eur/t"), _is_per_unit("ist/t"), _is_per_unit("temperature(°c)"), _is_per_unit("chlor_mg_l")
    (True, False, True, True)
    >>> _is_per_unit("g/l amount")  # of a general ledger
    False
    """
    found = re.search(_PER_UNIT, plain)
    return found is not None and may_be_currency(found["currency"] and found["currency"].upper())


def _is_of_each(plain: str) -> bool:
    """Whether a name is something by a thing that is counted: `clicks/view`, `Umsatz/Kunde`, and not `adult/person`; or of an
    hour.

    >>> _is_of_each("umsatz/kunde"), _is_of_each("visit/h"), _is_of_each("order/person"), _is_of_each("/order")
    (True, True, False, False)
    """
    part, _, by = (word.strip() for word in plain.rpartition("/"))
    is_rate = by in words_of("time_units") or part not in words_of("per_units")
    return by in words_of("per_units") and is_rate and bool(part)


def _additive_words_off(parts: NameParts) -> NameParts:
    """A name without what only sounds like a rate: `giá` is a price and `giảm giá` a discount, a rating is no sum and the
    number of ratings is one, as are the price of all pieces and the visitors of an age.
    """
    parts = parts.without("no_rates")
    if parts.has("numbers") or parts.last_word in listed_words("counted").words:
        parts = parts.without("countable")
    if parts.has("wholes"):
        parts = parts.without("prices").without("times")
    return parts.without("ages") if _AGES.search(parts.joined) else parts


_AGES = re.compile(r"(?<!\d)\d\d\s?(?:[-–~]\s?\d\d(?!\d)|\+)")
"""Who is of some age, and not how old they are: `18-24`, `65+`."""
_SCALE = re.compile(r"[?？]$|[(\[](?:0\s?[-–]\s?10|1\s?[-–]\s?(?:5|7|10))[)\]]$")
"""A question, or the ends of a scale: answers are no sums."""
_PER_UNIT = (
    rf"[$€£¥₹]\s?/\s?\w|(?<![^\W\d_])(?i:(?P<currency>{CURRENCY})|ct)\s?/\s?(?:[km]?wh|kg|g|t|l|m[23²³]|h|km|pcs?|st|szt|ks)\b|"
    r"(?<![^\W_])(?:[mµu]g|mmol|cfu|g(?![ /_]l))[ /_](?:[dm]?l|m[3³])(?![^\W_])|"
    r"[(\[](?:°\s?[cf]|v|w|kw|mw|a|ma|hz|dbm|hpa|mbar|bar|psi|ppm|lux|km/h|mph|m/s)[)\]]$"
)


@cache
def is_calendar_name(name: str) -> bool:
    """Whether a column is called, in any language, a part of a date or of a place, so that its figures count nothing.

    >>> is_calendar_name("Stunde"), is_calendar_name("Week"), is_calendar_name("segments.hour"), is_calendar_name("Orders")
    (True, True, True, False)
    >>> is_calendar_name("day_of_week"), is_calendar_name("fiscal_year"), is_calendar_name("month_num"), is_calendar_name("Weeks")
    (True, True, True, False)
    """
    own = spaced(INNER_POINT.split(name)[-1])
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


def counts_singly(name: str) -> bool:
    """Whether a name ends in a word that heads counts as well as rates (`Conversion`), and says no rate otherwise: figures tell.

    >>> counts_singly("real_time_conversion"), counts_singly("Conversion"), counts_singly("cost_per_conversion")
    (True, True, False)
    """
    *before, last = NameParts.of(name).spaced.split() or [""]
    return last in words_of("counted_singly") and not is_rate_name(" ".join(before))


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
    parts = NameParts.of(name)
    words = parts.spaced.split()
    *before, last = [word for word in words if word not in words_of("time_units")] or [""]
    is_last = listed_words("times").have(last) and (bool(before) or last not in words_of("times"))
    is_first = bool(before) and parts.spaced.startswith(tuple(f" {word} " for word in words_of("times_before")))
    return (is_last or is_first or words[-1:] == ["ms"]) and not parts.has("sums_of_time")


def is_quotient_name(name: str, names: tuple[str, ...]) -> bool:
    """Whether a column is called one column, or a word of it, by another, which may be shortened.

    >>> names = ("Cost", "Conversions", "Cost / conv.", "Installs", "Loyal Users", "Loyal Users/Installs", "Found", "In/Out")
    >>> [name for name in names if is_quotient_name(name, names)]
    ['Cost / conv.', 'Loyal Users/Installs']
    >>> is_quotient_name("価値/コンバージョン数", ("コンバージョンの価値", "コンバージョン数", "価値/コンバージョン数"))
    True
    """
    parts = [part.strip() for part in folded(name).split("/")]
    if len(parts) != _PAIR or not all(parts):
        return False
    others = [folded(other) for other in names if other != name]
    own, by = ([other for other in others if _is_short_for(part, other)] for part in parts)
    is_word = len(parts[0]) >= (_LEAST_LETTERS if parts[0].isascii() else _PAIR)
    return bool(by) and (bool(own) or (is_word and any(parts[0] in other for other in others if other not in by)))


def _is_short_for(part: str, name: str) -> bool:
    return name == part or (part[-1] == "." and name.startswith(part[:-1]))


_PAIR = 2
_LEAST_LETTERS = 4
"""Of a word that no other name has inside of one of its words by chance: `in` is in `Margin`."""


def is_deduction_name(name: str) -> bool:
    """Whether a column is called, in any language, what is taken from a sale or comes on top: a refund, a discount, a fee.

    >>> is_deduction_name("Jumlah Pengembalian Dana"), is_deduction_name("Versandkosten"), is_deduction_name("Jumlah")
    (True, True, False)
    """
    return NameParts.of(name).has("deductions")


def is_amount_name(name: str) -> bool:
    """Whether a column is called, in any language, money or goods, or says the currency or the unit of its amounts.

    >>> is_amount_name("Mermas (kg)"), is_amount_name("CA (M€)"), is_amount_name("売上(百万円)"), is_amount_name("Anteil")
    (True, True, True, False)
    """
    return (
        currency_of_header(name) is not None
        or any(unicodedata.category(sign) == "Sc" for sign in name)
        or NameParts.of(name).has("amounts")
    )


def is_level_name(name: str) -> bool:
    """Whether a column is called, in any language, what there is at some moment, or the sum since a day: a stock, a balance.

    >>> is_level_name("lits_occupes"), is_level_name("Prix de l'electricite"), is_rate_name("prumerna_cena", ("cs",))
    (True, False, True)
    >>> is_level_name("Lagerbestand"), is_level_name("在庫数"), is_level_name("Stock sold"), is_level_name("Lagerort")
    (True, True, False, False)
    """
    return _says_level("levels", name)


def is_held_name(name: str) -> bool:
    """Whether two words of a name say what there is at any time: where few rows show nothing, that decides.

    >>> is_held_name("Active members"), is_held_name("Active users"), is_held_name("New active members")
    (True, False, False)
    """
    return may_be_level_name(name) and sum(map(listed_words("held").have, NameParts.of(name).words)) > 1


def may_be_level_name(name: str) -> bool:
    """Whether a column is called what there is a number of at any time, or what came: followers, members."""
    return _says_level("held", name)


def counts_events(name: str) -> bool:
    """Whether a column is called what came, and never what there is: clicks, orders, revenue, new members.

    >>> counts_events("Orders"), counts_events("new_followers"), counts_events("Cartons in store")
    (True, True, False)
    """
    parts = NameParts.of(name)
    return parts.has("moves") or (parts.has("flows") and not parts.has("held"))


def counts_people(name: str) -> bool:
    """Whether a column is called a number of different people, who count once on each day.

    >>> counts_people("Unique visitors"), counts_people("reach"), counts_people("New users"), counts_people("Nutzer")
    (True, True, False, True)
    """
    parts = NameParts.of(name)
    return parts.has("people") and not parts.has("moves")


def is_sum_name(name: str) -> bool:
    """Whether a column is called what comes anew each day: what came, a number or total of it, an amount, a deduction."""
    return NameParts.of(name).has("wholes") or says_sum(name)


def says_sum(name: str) -> bool:
    """Whether a name says so by itself: a total may be one of all there are (`Clients in total`)."""
    return NameParts.of(name).has("numbers") or says_flow(name)


def says_flow(name: str) -> bool:
    """Whether a column is called what came, an amount or a deduction: the number of members is none of them."""
    return counts_events(name) or is_amount_name(name) or is_deduction_name(name)


def only_counts_events(name: str) -> bool:
    """Whether each word of a name says so: `orders`, `net sales`, and not `units in issue`."""
    flows = spaced_words("flows").words | spaced_words("moves").words
    return NameParts.of(name).words <= flows


@cache
def _says_level(key: str, name: str) -> bool:
    parts = NameParts.of(name)
    return parts.has(key) and not parts.has("moves")
