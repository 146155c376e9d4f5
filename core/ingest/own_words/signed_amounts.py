"""Amounts without a sign, next to a column that says which came in and which went out: what went out is negative."""

from collections.abc import Mapping
from dataclasses import replace

from core.ingest.columns.column_profile import ColumnProfile, Columns, Role
from core.ingest.formats.different_cells import any_match
from core.ingest.headers.folding import folded, spaced
from core.ingest.headers.measure_names import is_amount_name, is_deduction_name
from core.ingest.headers.name_parts import NameParts
from core.ingest.headers.word_lists import called, total_words, words_of
from core.ingest.mapping.column_plan import ColumnPlan, Plan, few, noted


def tells_direction(column: ColumnProfile) -> bool:
    """Whether all cells of a column say that an amount came in, went out, or did neither."""
    known = words_of("directions") | words_of("no_directions") | words_of("sold") | words_of("taken_back")
    if column.role is not Role.TEXT or len(column.cells) > len(known):
        return False
    cells = {*map(folded, column.different())}
    is_told = is_called_direction(column.name) or not any(cell.isascii() and len(cell) == 1 for cell in cells)
    return is_told and cells <= known and not cells <= words_of("no_directions")


def with_directions(plan: Plan, columns: Columns) -> Plan:
    """The plan in which figures that went out are negative, where all are written without a sign and a column called so says
    which did: amounts of a statement (`DR/CR`), and all figures of a receipt that takes another one back (`Sale`, `Refund`). A
    total of both would be neither what came in nor what is left.
    """
    if plan.kind.name not in {"daily", "orders"} or plan.preset is not None:
        return plan
    direction = next((column for column in columns.values() if _signs(column)), None)
    if direction is None:
        return plan
    signs = _signs(direction)
    takes_back = not words_of("taken_back").isdisjoint(map(folded, signs))
    if plan.kind.name == "orders" and not takes_back:
        return plan
    figures = [column for column in plan.columns if _adds_up(column, plan)]
    unsigned = [column.target for column in figures if not any_match(columns[column.source or ""].cells, _SIGNED)]
    if takes_back:
        turned = unsigned if len(unsigned) == len(figures) else []
    else:
        amounts = [column for column in figures if _is_amount(columns[column.source or ""], is_only=len(figures) == 1)]
        turned = [column.target for column in amounts if column.target in unsigned]
    if not turned:
        return plan
    signed = plan.with_each(
        lambda column: replace(column, sign=direction.name, signs=signs) if column.target in turned else column
    )
    return noted(signed, f"{few(turned)} {'is' if len(turned) == 1 else 'are'} {_said(direction, signs)}")


_SIGNED = r"^\s*[-−(]|-\s*$"


def _adds_up(column: ColumnPlan, plan: Plan) -> bool:
    """Whether a column has figures that come in and go out."""
    is_measure = column.target in plan.measures and column.target not in plan.rates
    return column.source is not None and (is_measure or column.target in {"gmv", "units"})


def _is_amount(column: ColumnProfile, *, is_only: bool) -> bool:
    """Whether figures are amounts: by their name, or as the only ones of their table with a name of totals and cents: `Jumlah`
    counts as well.
    """
    is_total = is_only and column.has_fractions and folded(column.name) in total_words()
    return (is_total or is_amount_name(column.name)) and not is_deduction_name(column.name)


def names_direction(column: ColumnProfile) -> bool:
    """Whether a column is called a direction and says that some amounts went out of an account."""
    return not {folded(cell) for cell, sign in _signs(column).items() if sign < 0} <= words_of("taken_back")


def is_called_direction(name: str) -> bool:
    """Whether a column is called a direction (`Směr úhrady`), or has two of them in its name (`Debit/Credit`). Others have such
    words, too: the type of a card.
    """
    if NameParts.of(name).has("direction_words"):
        return True
    parts = spaced(name).replace("/", " ").split()
    several = len(words_of("directions").intersection(parts)) > 1
    return several or folded(name) in words_of("direction_names") or spaced(name) in words_of("direction_names")


def _signs(column: ColumnProfile) -> Mapping[str, int]:
    """The cells of figures that went out, -1, and of those that neither came nor went, 0; none where a column is no direction or
    nothing went out. What takes back does so where something else is there: refunds alone are a list of them.
    """
    if not tells_direction(column):
        return {}
    cells = {cell.casefold(): folded(cell) for cell in column.different()}
    if not is_called_direction(column.name) and not _are_of_money(column.name, frozenset(cells.values())):
        return {}
    back = words_of("taken_back") if not words_of("taken_back").issuperset(cells.values()) else frozenset()
    out = {cell: -1 for cell, plain in cells.items() if plain in words_of("outgoing") | back}
    left = {cell: 0 for cell, plain in cells.items() if plain in words_of("no_directions")}
    return out | left if out else {}


def _are_of_money(name: str, cells: frozenset[str]) -> bool:
    """Whether words for what came and what went are of money alone, whatever their column is called: not the kinds of cards, nor
    the state of what was sent and received. Sales and returns are (`Продажа`, `Возврат`), what was sold or returned is a state.
    """
    if any(word in folded(name) for word in called("order_state")):
        return False
    out, back = cells & words_of("outgoing"), cells & words_of("taken_back")
    if back:
        return cells - back <= words_of("sold") and back < cells and back.isdisjoint(words_of("taken_back_states"))
    return bool(out) and out < cells and cells.isdisjoint(words_of("card_kinds"))


def _said(direction: ColumnProfile, signs: Mapping[str, int]) -> str:
    """What becomes of amounts, by the cells of their direction."""
    cells = {how: [cell for cell in direction.different() if signs.get(cell.casefold()) == how] for how in (-1, 0)}
    negative = f"negative where {direction.name!r} is {' or '.join(cells[-1])}" if cells[-1] else ""
    blank = (
        f"left out where {'it' if negative else repr(direction.name)} is {' or '.join(cells[0])}" if cells[0] else ""
    )
    return " and ".join(filter(None, (negative, blank)))
