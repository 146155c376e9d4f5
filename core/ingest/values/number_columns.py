"""Which decimal mark the figures of each column have: decided once, on all different cells, for `inspect` and `load` alike."""

import re
from collections.abc import Iterable, Mapping, Sequence

from core.base.errors import UsageError
from core.base.frozen import frozen
from core.ingest.request import DecimalMark
from core.ingest.values import numbers

_WHOLE_MONEY = frozenset(
    ("IDR", "VND", "KRW", "JPY", "CLP", "PYG", "ID", "VN", "KR", "JP", "CL", "PY", "Indonesia", "Vietnam")
)
"""Currencies whose prices have no decimals, and markets that pay in them: a mark before three digits groups thousands."""


@frozen(kw_only=True)
class FigureColumn:
    """The figures of one column."""

    cells: Sequence[str]
    """Its different cells that have a point or a comma."""
    decimal: DecimalMark | None = None
    """What the mapping says."""
    is_count: bool = False
    """Whether it counts things, and so has no fractions."""
    is_money: bool = False
    is_percent: bool = False
    hundreds: int = 0
    """How many of its different cells are whole numbers of three digits, without a mark."""


def decimal_marks(
    columns: Mapping[str, FigureColumn],
    requested: DecimalMark | None,
    words: Iterable[str] = (),
    unread: Sequence[str] = (),
    *,
    spoken: DecimalMark | None = None,
) -> dict[str, DecimalMark]:
    """The mark of each column; `auto` where no cell has one. `words` are the currencies and markets of the rows, `unread`
    cells of other figures, which are written like those in the same row; `spoken` is the only mark of the header's
    language, where it has one only.

    Raises UsageError, with the readings and the flag, when a column could be read either way or contradicts itself.
    """
    is_whole_money = not _WHOLE_MONEY.isdisjoint(words)
    observed = {name: _said_or_seen(name, column, requested) for name, column in columns.items()}
    result: dict[str, DecimalMark] = {name: mark for name, mark in observed.items() if mark is not None}
    sure = set(result.values())
    for name, column in columns.items():
        if name not in result and not (len(sure) == 1 and _are_thousandths(column, *sure)):
            mark = _by_kind(column, is_whole_money=is_whole_money)
            result |= {name: mark} if mark is not None else {}
    others = set(result.values()) or numbers.marks_seen(unread)
    for name, column in columns.items():
        if name in result:
            continue
        example = next(filter(numbers.is_ambiguous, column.cells), None)
        if example is None:
            result[name] = "auto"
        elif len(others) == 1:
            result[name] = next(iter(others))
        elif spoken is not None:
            result[name] = spoken
        elif column.is_percent:
            result[name] = "." if "." in example else ","  # 99.641% is less than a hundred
        else:
            raise UsageError(_question(name, example))
    return result


def _said_or_seen(name: str, column: FigureColumn, requested: DecimalMark | None) -> DecimalMark | None:
    """The mark that the user, the mapping or the cells of a column leave no doubt about."""
    setting = column.decimal if column.decimal != "auto" else None
    if requested or setting:
        return requested or setting
    observed = numbers.marks_seen(column.cells)
    if len(observed) > 1:
        raise UsageError(
            f"some figures of {name!r} have a point before their decimals, others a comma. Correct them, or leave the column out "
            "with a mapping (--map)."
        )
    return observed.pop() if observed else None


def _are_thousandths(column: FigureColumn, mark: DecimalMark) -> bool:
    """Whether a count is written with three decimals (`12,000` pieces), as the amounts next to it have that mark."""
    return (
        column.is_count
        and not column.hundreds
        and all(_BEHIND.sub("", cell).endswith(f"{mark}000") for cell in column.cells)
    )


def _by_kind(column: FigureColumn, *, is_whole_money: bool) -> DecimalMark | None:
    """The mark of a column all of whose marks stand before three digits, by what it holds."""
    example = next(filter(numbers.is_ambiguous, column.cells), None)
    if example is not None and (column.is_count or (column.is_money and is_whole_money) or _groups(column)):
        return "," if "." in example else "."
    return None


def _groups(column: FigureColumn) -> bool:
    """Whether the marks of a column group thousands, by figures below a thousand that have none: decimals are written for all
    figures, or without zeros at their end.
    """
    ends_in_zero = any(_BEHIND.sub("", cell).endswith("0") for cell in column.cells if numbers.is_ambiguous(cell))
    return column.hundreds >= (1 if ends_in_zero else _PROOF)


_BEHIND = re.compile(r"\D+$")
"""A minus, a unit or a sign of percent behind the digits."""
_PROOF = 3
"""Fractions of three decimals are whole once in a thousand: not so often by chance."""


def _question(name: str, example: str) -> str:
    bare = "".join(sign for sign in example if sign.isdecimal() or sign in ".,")
    mark = "." if "." in bare else ","
    grouped, other = bare.replace(mark, ""), "," if mark == "." else "."
    return (
        f"is {example} in {name!r} {grouped}, or a fraction ({bare.replace(mark, '.')})? No figure decides. "
        f"Use --decimal {other} (it is {grouped}) or --decimal {mark}."
    )


def mark_of_batch(name: str, cells: Sequence[str]) -> DecimalMark:
    """The mark of a column that had none in the rows that decided. Raises UsageError when it could be either."""
    observed = numbers.marks_seen(cells)
    example = next(filter(numbers.is_ambiguous, cells), None)
    if not observed and example is not None:
        raise UsageError(_question(name, example))
    return "," if observed == {","} else "."
