"""Which measures rows of a kind give, and which of them `daily` rows give in vain. Light: every load asks."""

import sqlite3
from collections.abc import Collection, Mapping
from contextlib import closing
from pathlib import Path

from core.catalogue.kinds import DISTINCT_COUNTS, KINDS, CellType
from core.workspace.read.measure_sql import BY_KIND, MeasureSql
from core.workspace.schema.connection import open_read
from core.workspace.schema.tables import MEASURE, RATE, identifier


def shadowed_measures(path: Path, loaded: Collection[str]) -> tuple[str, ...]:
    """What to say, after rows of the kinds `loaded` came into a workspace, of the measures of `daily` that are not counted since
    rows of another kind give them.
    """
    with closing(open_read(path)) as connection:
        daily = {
            name
            for name in daily_units(connection)
            if connection.execute(
                f"SELECT EXISTS (SELECT 1 FROM daily_rows WHERE {identifier(MEASURE + name)} IS NOT NULL)"
            ).fetchone()[0]
        }
        result = []
        for kind in BY_KIND if daily else ():
            if not {kind, "daily"}.isdisjoint(loaded) and first_and_last_id(connection, kind)[0] is not None:
                names = sorted(daily & given_measures(connection, kind).keys())
                if names:
                    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
                    result.append(
                        f"{listed}: only rows of {kind} are counted, not those of daily exports, which would count twice; "
                        f"on days without rows of {kind} they are 0"
                    )
        return tuple(result)


def daily_units(connection: sqlite3.Connection) -> Mapping[str, str]:
    """The measures of `daily` that can be added up, with their units."""
    return dict(connection.execute("SELECT name, unit FROM daily_measures WHERE unit <> ? ORDER BY rowid", (RATE,)))


def level_names(connection: sqlite3.Connection) -> frozenset[str]:
    """The measures of `daily` that cannot be added up, and the viewers of traffic: one person may watch twice."""
    daily = connection.execute("SELECT name FROM daily_measures WHERE unit = ?", (RATE,))
    return frozenset(name for (name,) in daily) | {
        name for name in DISTINCT_COUNTS if _is_given(connection, "traffic", name)
    }


def first_and_last_id(connection: sqlite3.Connection, kind: str) -> tuple[int | None, int | None]:
    """The lowest and the highest id of the rows of a kind; None where it has none."""
    low, high = connection.execute(
        f"SELECT (SELECT min(id) FROM {kind}_rows), (SELECT max(id) FROM {kind}_rows)"
    ).fetchone()
    return low, high


def given_measures(connection: sqlite3.Connection, kind: str) -> Mapping[str, MeasureSql]:
    """The measures of a kind whose columns have values."""
    return {
        name: measure
        for name, measure in BY_KIND[kind].items()
        if all(_is_given(connection, kind, need) for need in measure.needs)
    }


def _is_given(connection: sqlite3.Connection, kind: str, columns: str) -> bool:
    """Whether any of these columns (`a|b`) has a value in some row; words are codes, and 0 is no word."""
    names = columns.split("|")
    if all(KINDS[kind].columns[name] is CellType.WORD for name in names):
        marks = ", ".join("?" * len(names))
        words = connection.execute(f"SELECT EXISTS (SELECT 1 FROM dictionary WHERE dimension IN ({marks}))", names)
        return bool(words.fetchone()[0])
    test = " OR ".join(f"{name} IS NOT NULL" for name in names)
    return bool(connection.execute(f"SELECT EXISTS (SELECT 1 FROM {kind}_rows WHERE {test})").fetchone()[0])
