"""Lists of what changed (releases, incidents, campaigns), under whatever names a team keeps them: entries of the change log."""

import re
from collections.abc import Mapping
from pathlib import PurePath

import pyarrow.compute as pc

from core.catalogue.kinds import KINDS, SLICE, CellType
from core.ingest.columns.column_profile import ColumnProfile, Columns, Role
from core.ingest.columns.day_column import best_day_column
from core.ingest.columns.id_columns import is_row_number
from core.ingest.headers.column_names import english_names, first_called
from core.ingest.headers.folding import folded, spaced
from core.ingest.headers.id_names import is_id_name
from core.ingest.headers.word_lists import called, words_of
from core.ingest.mapping.column_plan import ColumnPlan, Plan

_PERSONS = ("user", "customer", "buyer", "visitor", "session", "subscriber")
_PEOPLE = frozenset(
    (*_PERSONS, *(f"{who} {what}" for who in (*_PERSONS, "member", "client", "device") for what in ("id", "name")))
)
"""What the columns of events are called that one person or device caused: they change nothing for others."""
_VERSIONED = frozenset(("release", "deploy", "deployment", "rollout", "launch"))
_MARKS = frozenset(("version", "year", "priority", "severity", "sev", "level"))
"""Figures that say what a change is, and count nothing."""
_ALONE = 0.8
"""So many entries say what no other one says."""
_MOST_A_DAY = 3
"""Entries a day; of more it is a list of tickets or of uses, which are counted."""


def change_list(columns: Columns, path: str, *, requested: bool = False) -> Plan | None:
    """The plan of a table that lists changes, with a title and a moment but no figures; None for any other table.

    `path` is the file's: its name may say what it lists. With `requested` the user says that it does.
    """
    english = english_names(columns)
    start = best_day_column(columns, english)
    title = _title(columns, path) or (_most_said(columns) if requested else None)
    if (
        start is None
        or title is None
        or not (requested or columns[start].rows <= _MOST_A_DAY * columns[start].day_count)
    ):
        return None
    if not requested and (
        any(map(_is_amount, columns.values()))
        or any(map(_is_person, english))
        or any(not words_of("streams").isdisjoint(_words(n)) for n in english)
    ):
        return None
    number = next((name for name, column in columns.items() if _is_own_id(column)), None)
    result = [
        ColumnPlan("event_id", CellType.TEXT, number or start, suffix=None if number else title),
        ColumnPlan("starts_at", CellType.MOMENT, start),
        ColumnPlan("title", CellType.TEXT, title),
        _kind(columns, english, title, path),
    ]
    ends = (name for name, column in columns.items() if name != start and column.role is Role.DATE)
    end = next((name for name in ends if not words_of("ends").isdisjoint(_words(name))), None)
    if end is not None:
        result.append(ColumnPlan("ends_at", CellType.DEADLINE, end))
    owner = first_called(english, called("owner"))
    if owner is not None:
        result.append(ColumnPlan("owner", CellType.TEXT, owner))
    used = {item.source for item in result}
    scope = {
        name: source
        for name in SLICE
        if (source := first_called(english, (name, name.replace("_", " "), *called(name)))) and source not in used
    }
    several = [source for source in scope.values() if any(map(_lists_several, columns[source].different()))]
    result += [ColumnPlan(name, CellType.WORD, source, words=_blank(columns[source])) for name, source in scope.items()]
    return Plan(
        kind=KINDS["events"],
        columns=tuple(result),
        dimensions=tuple(scope),
        notes=(
            "it lists changes: they are in the change log, and explain looks among them for causes",
            *(f"a change whose {source!r} lists several values is taken to affect everything" for source in several),
        ),
    )


def _is_own_id(column: ColumnProfile) -> bool:
    """Whether a column is called an id, and is another one in each row; numbers of rows are others in the next export."""
    is_id = is_id_name(column.name) and len(column.cells) == column.rows
    return is_id and column.role in {Role.TEXT, Role.NUMBER} and not is_row_number(column, is_first=True)


def _blank(column: ColumnProfile) -> dict[str, str]:
    """The cells of a scope that say everywhere (`All markets`) or list several values, each as a blank one."""
    known = [form for word in words_of("everywhere") for form in (word, word.title(), word.upper())]
    own = (cell.strip() for cell in column.different())
    return dict.fromkeys([*known, *(cell for cell in own if _lists_several(cell) or _is_everywhere(cell))], "")


def _is_everywhere(cell: str) -> bool:
    first, _, scope = folded(cell).partition(" ")
    return first in words_of("everywhere") and scope in words_of("scopes")


def _lists_several(cell: str) -> bool:
    return len([item for item in re.split(r"[,;|\n]", cell) if item.strip()]) > 1


def _title(columns: Columns, path: str) -> str | None:
    """The column that says what changed."""
    listed = frozenset(re.findall(r"[^\W\d_]+", PurePath(path).stem.casefold()))
    is_named = not listed.isdisjoint(words_of("change_lists")) and listed.isdisjoint(
        words_of("posts") | words_of("streams")
    )
    names = words_of("change_names") | (words_of("change_titles") if is_named else frozenset())
    texts = (
        column
        for column in columns.values()
        if spaced(column.name) in names and (column.role is Role.TEXT or _is_version(column))
    )
    return next((column.name for column in texts if len(column.cells) >= _ALONE * column.rows), None)


def _most_said(columns: Columns) -> str | None:
    """The column with the longest words, all rows together."""
    texts = {name: pc.sum(pc.utf8_length(c.cells)).as_py() or 0 for name, c in columns.items() if c.role is Role.TEXT}
    return max(texts, key=texts.__getitem__, default=None)


def _kind(columns: Columns, english: Mapping[str, str], title: str, path: str) -> ColumnPlan:
    """What kind of change each is: by a column whose words mostly say so, else the titles, else the name of the file."""
    from core.catalogue.event_kinds import event_kind  # 8 ms, and other lists need none of it

    for name in (*(english[word] for word in called("change_kind") if word in english), title):
        cells = columns[name].cells.to_pylist()
        if cells and sum(event_kind(cell) != "other" for cell in cells) >= len(cells) / 2:
            return ColumnPlan("kind", CellType.TEXT, name)
    listed = event_kind(PurePath(path).stem)
    return (
        ColumnPlan("kind", CellType.TEXT, title)
        if listed == "other"
        else ColumnPlan("kind", CellType.TEXT, constant=listed)
    )


def _is_amount(column: ColumnProfile) -> bool:
    return (
        column.is_figure
        and not _is_version(column)
        and not is_id_name(column.name)
        and _words(column.name).isdisjoint(_MARKS)
    )


def _is_version(column: ColumnProfile) -> bool:
    """Whether a column that is called a release has numbers such as 4.1: releases of a day are whole."""
    return spaced(column.name) in _VERSIONED and column.has_fractions


def _is_person(name: str) -> bool:
    return spaced(name) in _PEOPLE


def _words(name: str) -> frozenset[str]:
    return frozenset(spaced(name).split())
