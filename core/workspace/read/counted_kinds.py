"""What can be counted from the rows of each kind in a workspace."""

import sqlite3
from collections.abc import Mapping

from core.base.days import Window
from core.base.frozen import frozen
from core.catalogue.kinds import MONEY_MEASURES, SOURCE
from core.workspace.read.given_measures import first_and_last_id, given_measures
from core.workspace.read.measure_sql import BY_KIND, MeasureSql
from core.workspace.schema.tables import CENTS, DAY_BITS, MEASURE, dimensions_of, identifier

COUNTED = (*BY_KIND, "daily")
"""The kinds that measures are counted from."""


@frozen(kw_only=True)
class KindRows:
    """One kind's rows, and what they can be asked for."""

    kind: str
    dimensions: tuple[str, ...]
    measures: Mapping[str, MeasureSql]
    span: Window
    """First and last day of its rows."""
    scales: Mapping[str, int]
    """Base measure -> what its stored integers are divided by (100 for cents); absent = 1."""


def counted_kinds(connection: sqlite3.Connection, units: Mapping[str, str]) -> tuple[KindRows, ...]:
    """What each kind counts; `units` are those of the measures of `daily`.

    What rows of orders, traffic, reviews or violations give is not taken from `daily` too.
    """
    sources: list[KindRows] = []
    for kind in COUNTED:
        low, high = first_and_last_id(connection, kind)
        if low is not None and high is not None:
            before = {name for source in sources for name in source.measures}
            counted = _daily(units, before) if kind == "daily" else given_measures(connection, kind)
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


def has_sources(connection: sqlite3.Connection) -> bool:
    """Whether rows came from more than one source: where all came from one, there is nothing to slice by."""
    (named,) = connection.execute("SELECT count(*) FROM dictionary WHERE dimension = ?", (SOURCE,)).fetchone()
    return bool(named > 1) or any(
        connection.execute(f"SELECT EXISTS (SELECT 1 FROM {kind}_rows WHERE {SOURCE} = 0)").fetchone()[0]
        for kind in COUNTED
    )


def _daily(units: Mapping[str, str], before: set[str]) -> Mapping[str, MeasureSql]:
    return {
        name: MeasureSql(identifier(MEASURE + name), whole=unit != "number")
        for name, unit in units.items()
        if name not in before
    }
