"""Whether who wrote a file has the day first or the month: by its countries and currencies, its language, its dots, the other
files of its load; and where its dates show another order than a person asks for.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from functools import cache

from core.catalogue.currency_signs import currency_of_amount
from core.ingest.columns.column_profile import ColumnProfile, Columns, Role
from core.ingest.headers.column_names import translated
from core.ingest.headers.folding import currency_of_header, folded
from core.ingest.headers.languages import english_words
from core.ingest.mapping.column_plan import Plan
from core.ingest.request import DateOrder, Request
from core.ingest.values.date_order import is_same_day, shown_against
from core.ingest.values.timed_days import without_times

_CODE = 3
"""Letters of the code of a currency."""
_FIRST = 5
"""Cells of a column that say which countries and currencies it is of."""
_PLACES = frozenset(
    map(folded, ("Country", "Market", "Currency", "Ship Country", "Shipping Country", "Billing Country"))
)


def likely_order(plan: Plan, columns: Columns) -> DateOrder | None:
    """The order of day and month that is usual where a table is from; None where nothing says it, or places disagree: the
    customers of a shop are of many countries, and its seller is of one.
    """
    origins = {origin: _usual_orders(origin) for origin in places_of(plan, columns)}
    shared = [origin for origin, orders in origins.items() if len(orders) > 1]
    if len(shared) == sum(map(_is_currency, origins)) == 1:
        del origins[shared[0]]  # dollars alone say nothing, next to euros that it sells to many countries
    orders = set().union(*origins.values())
    if len(orders) == 1:
        return orders.pop()
    dated = [column for column in columns.values() if column.role is Role.DATE]
    is_dotted = any("." in cell[:3] for column in dated for cell in column.samples)
    return spoken_order(tuple(columns)) or ("dmy" if is_dotted else None)


def order_of_other_files(days: Iterable[ColumnProfile], request: Request) -> DateOrder | None:
    """That of the other files of a load; None where in it the `days` of this one's rows are the same day of several months."""
    order = request.likely_date_order
    return (
        None
        if order is not None and any(is_same_day(without_times(column.different()), order) for column in days)
        else order
    )


def as_shown(request: Request, dated: Iterable[ColumnProfile]) -> tuple[Request, list[str]]:
    """The request and what is to be said of it, for a file whose dates show another order than the one that is asked for: that
    was for other files of the load, and those of its dates that have both readings would be other days.
    """
    if request.date_order is None:
        return request, []
    observed = shown_against([day for column in dated for day in without_times(column.different())], request.date_order)
    if observed is None:
        return request, []
    first = "day" if observed == "dmy" else "month"
    return replace(request, date_order=observed), [
        f"its dates are read {first} first, as they show, against --date-order"
    ]


def spoken_order(names: tuple[str, ...]) -> DateOrder | None:
    """The order of day and month where the language of a header is spoken; None when it is English, or not known.

    >>> spoken_order(("Datum", "Umsatz")), spoken_order(("Date", "Commission")), spoken_order(("Data", "Clicks"))
    ('dmy', None, 'dmy')
    """
    header = translated(names)
    telling = {folded(name) for name, english in header.names.items() if english == _DATE or not _is_english(name)}
    orders = {language.date_order for language in header.languages if not telling.isdisjoint(language.headers)}
    return orders.pop() if len(orders) == 1 else None


_DATE = "Date"


def _is_english(name: str) -> bool:
    return all(word in english_words() for word in folded(name).split())


def _is_currency(origin: str) -> bool:
    return len(origin) == _CODE and origin.isupper() and origin not in _OTHER_CODES


def places_of(plan: Plan, columns: Columns) -> set[str]:
    """The countries and currencies that rows are of."""
    result = {column.constant for column in plan.columns if column.constant and column.target in {"market", "currency"}}
    for name, column in columns.items():
        if folded(name) in _PLACES or folded(name).startswith("currency"):
            result |= set(column.different()[:_FIRST])
        if column.role is not Role.DATE:
            cells = column.cells[:_FIRST].to_pylist()
            result |= {code for code in (currency_of_header(name), *map(currency_of_amount, cells)) if code}
    return {origin for origin in result if origin}


@cache
def _usual_orders(origin: str) -> frozenset[DateOrder]:
    """The orders of day and month in a country (its code or English name), or in all countries of a currency, by Unicode's CLDR;
    none where the year comes first. Babel is imported only for dates that decide nothing themselves.
    """
    from babel import Locale, UnknownLocaleError
    from babel.core import get_global

    names = {name.casefold(): code for code, name in Locale("en").territories.items() if len(code) == _CODE - 1}
    code = names.get(origin.casefold(), _OTHER_CODES.get(origin, origin))
    money = get_global("territory_currencies")
    countries = (
        [code]
        if code in money
        else [own for own, known in money.items() if any(item[0] == code and item[2] is None for item in known)]
    )
    result: set[DateOrder] = set()
    for country in countries:
        with suppress(UnknownLocaleError, ValueError):
            pattern = Locale.parse(f"und_{country}").date_formats["short"].pattern
            first = next(letter for letter in pattern if letter in "dMy")
            result |= {"dmy"} if first == "d" else {"mdy"} if first == "M" else set()
    return frozenset(result)


_OTHER_CODES = {"USA": "US", "UK": "GB"}
"""Names of countries that are neither CLDR's nor ISO's codes of two letters."""
