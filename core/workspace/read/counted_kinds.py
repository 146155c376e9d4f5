"""What can be counted from the rows of each kind in a workspace."""

import sqlite3
from collections.abc import Collection, Mapping
from contextlib import closing
from pathlib import Path

from core.base.days import Window
from core.catalogue.kinds import MONEY_MEASURES
from core.workspace.read.cube_query import KindRows
from core.workspace.read.measure_sql import BY_KIND, MeasureSql
from core.workspace.schema.connection import open_read
from core.workspace.schema.tables import CENTS, DAY_BITS, MEASURE, RATE, dimensions_of, identifier

COUNTED = (*BY_KIND, "daily")
"""The kinds that measures are counted from."""


def counted_kinds(connection: sqlite3.Connection, units: Mapping[str, str]) -> tuple[KindRows, ...]:
    """What each kind counts; `units` are those of the measures of `daily`.

    What rows of orders, traffic, reviews or violations give is not taken from `daily` too.
    """
    sources: list[KindRows] = []
    for kind in COUNTED:
        low, high = first_and_last_id(connection, kind)
        if low is not None and high is not None:
            before = {name for source in sources for name in source.measures}
            counted = _daily(units, before) if kind == "daily" else _counted(connection, kind)
            scales = {name: measure.per for name, measure in counted.items() if measure.per > 1}
            scales |= {name: CENTS for name in counted if name in MONEY_MEASURES}
            sources.append(
                KindRows(
                    kind=kind,
                    dimensions=dimensions_of(connection, kind),
                    measures=counted,
                    span=Window(low >> DAY_BITS, high >> DAY_BITS),
                    scales=scales,
                )
            )
    return tuple(sources)


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
                names = sorted(daily & _counted(connection, kind).keys())
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


def first_and_last_id(connection: sqlite3.Connection, kind: str) -> tuple[int | None, int | None]:
    """The lowest and the highest id of the rows of a kind; None where it has none."""
    low, high = connection.execute(
        f"SELECT (SELECT min(id) FROM {kind}_rows), (SELECT max(id) FROM {kind}_rows)"
    ).fetchone()
    return low, high


def _counted(connection: sqlite3.Connection, kind: str) -> Mapping[str, MeasureSql]:
    return {
        name: measure
        for name, measure in BY_KIND[kind].items()
        if all(_is_given(connection, kind, need) for need in measure.needs)
    }


def _daily(units: Mapping[str, str], before: set[str]) -> Mapping[str, MeasureSql]:
    return {
        name: MeasureSql(identifier(MEASURE + name), whole=unit != "number")
        for name, unit in units.items()
        if name not in before
    }


def _is_given(connection: sqlite3.Connection, kind: str, columns: str) -> bool:
    """Whether any of these columns (`a|b`) has a value in some row."""
    test = " OR ".join(f"{name} IS NOT NULL" for name in columns.split("|"))
    return bool(connection.execute(f"SELECT EXISTS (SELECT 1 FROM {kind}_rows WHERE {test})").fetchone()[0])
