"""The days of what happens to rows, on the clocks of their markets."""

from collections.abc import Sequence

from core.base.days import Window
from core.base.time_zones import Zones
from core.workspace.schema.columns import ColumnExpression, event_day

_LATER = 400
"""Days after the last row of which it is known when clocks change: parcels may be due then."""


class LocalDays:
    """Reads the days of moments, which are stored in UTC, on the clock of each row's market."""

    def __init__(self, zones: Zones, markets: Sequence[str], span: Window) -> None:
        self._default = zones.default
        self._zone_of = {code: zones.of(market) for code, market in enumerate(markets) if market}
        names = {zones.default, *self._zone_of.values()}
        self._offsets = {name: zones.changes(name, span.first, span.last + _LATER) for name in names}

    def of(self, column: ColumnExpression) -> ColumnExpression:
        """The same column, its days on local clocks; any other column as it is."""
        return event_day(column.moment, f" + {self._ahead(column.moment)}") if column.moment else column

    def _ahead(self, moment: str) -> str:
        """SQL of the seconds that the clock of a row is ahead of UTC."""
        own = [(code, name) for code, name in self._zone_of.items() if name != self._default]
        tests = "".join(f" WHEN r.market = {code} THEN {self._offset(name, moment)}" for code, name in own)
        default = self._offset(self._default, moment)
        return f"CASE{tests} ELSE {default} END" if tests else default

    def _offset(self, name: str, moment: str) -> str:
        (_, first), *later = self._offsets[name]
        befores = [first, *(offset for _, offset in later)]
        tests = "".join(f" WHEN {moment} < {at} THEN {before}" for (at, _), before in zip(later, befores, strict=False))
        return f"CASE{tests} ELSE {befores[-1]} END" if tests else str(first)
