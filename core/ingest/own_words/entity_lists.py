"""Reviews, violations, accounts, shops and videos in a company's own words, lists whose rows have ids; and traffic."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from core.catalogue.kinds import KINDS, SLICE, CellType, Kind
from core.ingest.columns.column_profile import ColumnProfile, Columns, Role
from core.ingest.columns.day_column import best_day_column, says_published
from core.ingest.formats.different_cells import all_match
from core.ingest.headers.column_names import english_names, first_called
from core.ingest.headers.entity_names import ENTITIES, entity_column
from core.ingest.headers.folding import as_in_programs, folded, plain_words
from core.ingest.headers.id_names import is_id_name, names_order
from core.ingest.headers.measure_names import is_amount_name
from core.ingest.headers.word_lists import called, words_of
from core.ingest.mapping.cell_parsing import FIGURES
from core.ingest.mapping.column_plan import ColumnPlan, Plan
from core.ingest.own_words.appeal_results import overturned_at
from core.ingest.own_words.kind_words import OF_ACCOUNTS, words_of_kinds

_MOST_STARS = 5
_FEWEST_KNOWN = 2
"""Columns that describe an account, or steps of the funnel, from which on a table is what has them."""


def with_own_words(plan: Plan, columns: Columns) -> Plan:
    """The plan of a kind whose ids have the contract's names, with what else its columns say in a company's own words; of traffic
    what is the same in all rows is left out, as an export of yesterday may be without it.
    """
    if plan.kind.name not in words_of_kinds():
        return plan
    filled = _filled(plan.kind, plan.columns, columns, _spaced(columns))
    added = [
        column
        for column in filled
        if column not in plan.columns and (plan.kind.name != "traffic" or len(columns[str(column.source)].cells) > 1)
    ]
    filled = (*plan.columns, *added)
    notes = (*plan.notes, f"also read: {', '.join(map(_read_from, added))}") if added else plan.notes
    return replace(plan, columns=filled, dimensions=_dimensions(plan.kind, filled, plan.dimensions), notes=notes)


def entity_list(columns: Columns, *, are_roles: bool = False) -> Plan | None:
    """The plan of a table of reviews, violations, accounts of creators, shops, videos or traffic; None for any other. A table of
    accounts that says their roles is one of these where a user says so (`are_roles`).

    Only the contract's columns are read: their words are in the lists of the languages.
    """
    english = _spaced(columns)
    if are_roles and (accounts := _accounts(columns, english)) is not None:
        return _roles_of(accounts.columns[0].source, columns, english)
    return (
        _reviews(columns, english)
        or _violations(columns, english)
        or _accounts(columns, english)
        or _roles(columns, english)
        or _shops(columns, english)
        or _videos(columns, english)
        or _traffic(columns, english)
    )


def _reviews(columns: Columns, english: Mapping[str, str]) -> Plan | None:
    """Rows with stars from 1 to 5, a moment and an id of their own that is called one of reviews, and no amounts: lines of orders
    and rides have stars as well.
    """
    rating, day = _first(columns, english, called("rating")), best_day_column(columns, english_names(columns))
    review = _own_id(columns, "reviews")
    if rating is None or day is None or review is None or not _are_stars(columns[rating]):
        return None
    if any(column.is_figure and _is_amount(name) for name, column in columns.items()):
        return None
    if any(not words_of("support").isdisjoint(name.replace("_", " ").split()) for name in english):
        return None
    plans = [
        ColumnPlan("review_id", CellType.TEXT, review),
        ColumnPlan("reviewed_at", CellType.MOMENT, day),
        ColumnPlan("rating", CellType.RATING, rating),
    ]
    return _plan("reviews", plans, columns, english)


def _violations(columns: Columns, english: Mapping[str, str]) -> Plan | None:
    """Rows of a creator or a shop, with a moment and an id of their own that is called one of violations, or points of such."""
    points, day = _first(columns, english, called("points")), best_day_column(columns, english_names(columns))
    is_called = points is not None and any(_is_called(str(name), "violations") for name in (points, day))
    violation = _own_id(columns, "violations") or (_own_id(columns) if is_called else None)
    if violation is None or day is None:
        return None
    subjects = {name: _entity(columns, english, name) for name in ("creator_id", "seller_id")}
    if not any(subjects.values()):
        return None
    plans = [
        ColumnPlan("violation_id", CellType.TEXT, violation),
        ColumnPlan("occurred_at", CellType.MOMENT, day),
        *(ColumnPlan(target, CellType.WORD, name) for target, name in subjects.items() if name is not None),
    ]
    return _plan("violations", plans, columns, english)


def _accounts(columns: Columns, english: Mapping[str, str]) -> Plan | None:
    """One row for each account, with two things that accounts have, and no other figures; its handle may stand for its id. What
    is just called a name is one of an account that has followers: customers and employees have an agency and a day as well.
    """
    known = {target: _first(columns, english, called(target)) for target in OF_ACCOUNTS}
    if sum(name is not None for name in known.values()) < _FEWEST_KNOWN:
        return None
    names = set() if known["followers"] else {*called("shop_name")}
    handles = [word for word in called("handle") if word not in names]
    account = _entity(columns, english, "creator_id") or _first(columns, english, handles)
    is_list = account is not None and _are_entities(columns, account, allowed=known["followers"])
    others = [name for name in known.values() if name not in (None, account)]
    if account is None or not is_list or len(others) < _FEWEST_KNOWN:
        return None
    return _plan("creators", [ColumnPlan("creator_id", CellType.TEXT, account)], columns, english)


def _roles(columns: Columns, english: Mapping[str, str]) -> Plan | None:
    """Rows of a creator and one of its roles, with nothing else but days."""
    account = _entity(columns, english, "creator_id")
    plan = _roles_of(account, columns, english)
    sources = {account, plan.columns[1].source} if plan is not None else set()
    others = (column for name, column in columns.items() if name not in sources)
    return plan if all(column.role in {Role.DATE, Role.BLANK} for column in others) else None


def _roles_of(account: str | None, columns: Columns, english: Mapping[str, str]) -> Plan | None:
    """Rows of an account, named by that column, and one of its roles."""
    role = _first(columns, english, called("role"))
    if account is None or role is None or columns[role].role is not Role.TEXT:
        return None
    plans = [ColumnPlan("creator_id", CellType.TEXT, account), ColumnPlan("role", CellType.TEXT, role)]
    return _plan("roles", plans, columns, english)


def _shops(columns: Columns, english: Mapping[str, str]) -> Plan | None:
    """One row for each shop, with its name, and no figures or days but those of such a list."""
    shop = first_called(english, called("seller_id"), is_id_name)
    if (
        shop is None
        or not _are_entities(columns, shop, allowed=None)
        or _first(columns, english, called("shop_name")) is None
    ):
        return None
    days = {name for name in english if columns[english[name]].role is Role.DATE}
    if days and not any(
        name in called("joined_on") or not words_of("list_days").isdisjoint(name.split()) for name in days
    ):
        return None  # a visit, a call: several of them are of one shop
    return _plan("sellers", [ColumnPlan("seller_id", CellType.TEXT, shop)], columns, english)


def _videos(columns: Columns, english: Mapping[str, str]) -> Plan | None:
    """One row for each video or post, with the day it was published, no other day, and what it had until now: known by its id,
    else by its link or its title.
    """
    days = [name for name, column in columns.items() if column.role is Role.DATE]
    named = filter(None, (_first(columns, english, called(key)) for key in ("item_link", "item_title")))
    called_so = [name for name in columns if any(word in folded(name) for word in words_of("items"))]
    words = [name for name in (*named, *called_so) if not columns[name].is_figure]
    ids = [*filter(is_id_name, columns), *words]
    video = next((name for name in ids if _differs(columns[name]) and name not in days), None)
    has_figures = any(name.replace("_", " ") in english for name in KINDS["videos"].telling)
    if video is None or len(days) != 1 or not says_published(days[0]) or not has_figures:
        return None
    plans = [ColumnPlan("video_id", CellType.TEXT, video), ColumnPlan("published_at", CellType.MOMENT, days[0])]
    return _plan("videos", plans, columns, english)


def _traffic(columns: Columns, english: Mapping[str, str]) -> Plan | None:
    """Rows of a day and a creator or a shop, all of whose figures are steps of the funnel that leads to orders."""
    kind, day = KINDS["traffic"], best_day_column(columns, english_names(columns))
    steps = {
        name: _first(columns, english, (name.replace("_", " "), *called(name)))
        for name, cell in kind.columns.items()
        if cell in FIGURES
    }
    plans = [ColumnPlan(name, kind.columns[name], source) for name, source in steps.items() if source is not None]
    others = {name for name, column in columns.items() if column.is_figure and not is_id_name(name)}
    subjects = [_entity(columns, english, key) for key in ("creator_id", "seller_id")]
    if day is None or len(plans) < _FEWEST_KNOWN or not any(subjects) or not others <= set(steps.values()):
        return None
    return _plan("traffic", [ColumnPlan("date", CellType.DAY, day), *plans], columns, english)


def _plan(kind_name: str, plans: Sequence[ColumnPlan], columns: Columns, english: Mapping[str, str]) -> Plan:
    """The plan of a kind: the columns that it needs, and those that its words and the slice's find."""
    kind = KINDS[kind_name]
    result = _filled(kind, plans, columns, english)
    notes = (f"read as {kind_name}: {', '.join(map(_read_from, result))}",)
    return Plan(kind, result, dimensions=_dimensions(kind, result), decimal="auto", notes=notes)


def _read_from(plan: ColumnPlan) -> str:
    state = f" (where {plan.where!r} is {' or '.join(sorted(plan.where_cells))})" if plan.where else ""
    return f"{plan.target} = {plan.source!r}{state}"


def _filled(
    kind: Kind, plans: Sequence[ColumnPlan], columns: Columns, english: Mapping[str, str]
) -> tuple[ColumnPlan, ...]:
    """These columns, and those of others that the words of the kind and the slice's find."""
    words = words_of_kinds()[kind.name]
    slices = {name: (name.replace("_", " "), *called(name)) for name in SLICE if name in kind.columns}
    used = {plan.source for plan in plans}
    result = list(plans)
    for target, names in {**words, **slices, **words}.items():
        source = _first(columns, english, names)
        if source is None and target in ENTITIES:
            source = entity_column((name for name in columns if name not in used), target)
        if target == "order_id":
            source = next((name for name in columns if names_order(name) and name not in used), None)
        fits = source is not None and _fits(columns[source], kind.columns[target])
        if fits and source not in used and target not in {plan.target for plan in result}:
            result.append(ColumnPlan(target, kind.columns[target], source))
            used.add(source)
    return (*result, *_overturned(kind, result, columns, english))


def _fits(column: ColumnProfile, cell: CellType) -> bool:
    """Whether a column holds such cells, where they are days or figures."""
    if cell in {CellType.DAY, CellType.MOMENT, CellType.DEADLINE}:
        return column.role is Role.DATE
    return column.is_figure or cell not in FIGURES


def _overturned(
    kind: Kind, plans: Sequence[ColumnPlan], columns: Columns, english: Mapping[str, str]
) -> tuple[ColumnPlan, ...]:
    """The column of a list of violations that says which were overturned, unless one of these is it."""
    sources = {plan.target: plan.source for plan in plans}
    occurred = sources.get("occurred_at")
    if kind.name != "violations" or occurred is None or "overturned_at" in sources:
        return ()
    plan = overturned_at(columns, english, occurred)
    return () if plan is None else (plan,)


def _dimensions(kind: Kind, plans: Sequence[ColumnPlan], own: Sequence[str] = ()) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*own, *(plan.target for plan in plans if plan.target in kind.dimensions))))


def _spaced(columns: Columns) -> dict[str, str]:
    """Folded English names, with blanks between their words -> columns."""
    return {name.replace("_", " "): column for name, column in reversed(english_names(columns).items())}


def _first(columns: Columns, english: Mapping[str, str], names: Sequence[str]) -> str | None:
    return first_called(english, names, lambda name: columns[name].role is not Role.BLANK)


def _entity(columns: Columns, english: Mapping[str, str], key: str) -> str | None:
    """The column that has the id of a creator or a shop, or its name."""
    filled = [name for name, column in columns.items() if column.role is not Role.BLANK]
    return _first(columns, english, called(key)) or entity_column(filled, key)


def _own_id(columns: Columns, key: str | None = None) -> str | None:
    """The column of ids, another one in each row, that are called by a word of the list `key`; without it, by any."""
    ids = (name for name, column in columns.items() if is_id_name(name) and _differs(column))
    return next((name for name in ids if key is None or _is_called(name, key)), None)


def _is_called(name: str, key: str) -> bool:
    """Whether a name has a word of the list `key`, as it is written or as programs write it."""
    forms = f"{folded(name)} {as_in_programs(name)}"
    return any(form in forms for word in words_of(key) for form in (word, plain_words(word)))


def _differs(column: ColumnProfile) -> bool:
    return len(column.cells) == column.rows


def _is_amount(name: str) -> bool:
    return is_amount_name(name) or folded(name) in {*called("line_amount"), *called("order_amount")}


def _are_stars(column: ColumnProfile) -> bool:
    cells = column.cells
    return len(cells) <= _MOST_STARS and all_match(cells, r"^[1-5](\.0+)?$")


def _are_entities(columns: Columns, entity: str, *, allowed: str | None) -> bool:
    """Whether each row is another entity, and no column has figures but ids and the one that is allowed."""
    figures = (name for name, column in columns.items() if column.is_figure and not is_id_name(name))
    return _differs(columns[entity]) and all(name in {entity, allowed} for name in figures)
