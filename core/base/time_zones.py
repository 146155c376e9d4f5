"""Time zones: whose clock a moment without an offset is read on, and which day a moment belongs to."""

from collections.abc import Collection, Mapping
from dataclasses import field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.base.errors import UsageError
from core.base.frozen import frozen

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from core.base.arrays import Flags, Ints

DAY_SECONDS = 86_400
_QUARTER = 900
"""Offsets change only on quarters of an hour, so one look-up serves a quarter."""


@frozen
class Zones:
    """The time zone of each market."""

    default: str = "UTC"
    markets: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> "Zones":
        """The zones that `[time]` of a whydrop.toml gives. Raises UsageError for a zone that does not exist."""
        time = settings.get("time", {})
        zones = cls(str(time.get("default", "UTC")), {str(k): str(v) for k, v in time.get("markets", {}).items()})
        for name in (zones.default, *zones.markets.values()):
            try:
                ZoneInfo(name)
            except (ZoneInfoNotFoundError, ValueError):
                raise UsageError(f'no time zone {name!r}. Write it as in [time] default = "Asia/Jakarta".') from None
        return zones

    @property
    def is_utc(self) -> bool:
        """Whether every clock shows UTC."""
        return self.default == "UTC" and all(zone == "UTC" for zone in self.markets.values())

    def of(self, market: str) -> str:
        """The zone of a market; of several, as one cell of an event lists them, that of the first.

        >>> Zones("UTC", {"ID": "Asia/Jakarta"}).of("ID|TH"), Zones("UTC", {"ID": "Asia/Jakarta"}).of("TH")
        ('Asia/Jakarta', 'UTC')
        """
        return self.markets.get(market.partition("|")[0], self.default)

    def offsets_of_local(self, local: "Ints", markets: "Markets") -> "Ints":
        """Seconds that local clocks are ahead of UTC, for local times given as if they were epoch seconds."""
        return self._offsets(local, markets, _offset_of_local)

    def offsets_of_moments(self, moments: "Ints", markets: "Markets") -> "Ints":
        """Seconds that local clocks are ahead of UTC at moments (epoch seconds)."""
        return self._offsets(moments, markets, _offset_of_moment)

    def least_ahead(self, moment: int, markets: Collection[str]) -> int:
        """Seconds that the clock furthest behind, of some markets, is ahead of UTC; the default's where there are none.

        >>> Zones("Asia/Tokyo", {"ID": "Asia/Jakarta"}).least_ahead(0, ("ID", "JP")) // 3600
        7
        """
        names = {self.of(market) for market in markets} or {self.default}
        return min(_offset_of_moment(ZoneInfo(name), moment) for name in names)

    def changes(self, name: str, first: int, last: int) -> list[tuple[int, int]]:
        """From which moments a clock is how many seconds ahead of UTC, from one day to another; the first since ever.

        >>> Zones().changes("Europe/Berlin", 20_513, 20_543)  # March 2026
        [(0, 3600), (1774746000, 7200)]
        """
        zone, offset = ZoneInfo(name), _offset_of_moment(ZoneInfo(name), first * DAY_SECONDS)
        result = [(0, offset)]
        for day in range(first, last + 1):
            if _offset_of_moment(zone, (day + 1) * DAY_SECONDS) != offset:
                quarters = range(day * DAY_SECONDS, (day + 1) * DAY_SECONDS + 1, _QUARTER)
                at = next(moment for moment in quarters if _offset_of_moment(zone, moment) != offset)
                offset = _offset_of_moment(zone, at)
                result.append((at, offset))
        return result

    def are_midnights(self, moments: "Ints") -> "Flags":
        """Which moments (epoch seconds) are midnight in UTC or on any of the clocks: only the day of such may be known.

        Rows of one market come from exports on several clocks: reviews may name none where their orders do.
        """
        import numpy as np

        result: Flags = moments % DAY_SECONDS == 0
        quarters = np.flatnonzero(moments % _QUARTER == 0)
        for name in {self.default, *self.markets.values()}:
            offset = Zones(name).offsets_of_moments(moments[quarters], Markets.none(len(quarters)))
            result[quarters] |= (moments[quarters] + offset) % DAY_SECONDS == 0
        return result

    def _offsets(self, times: "Ints", markets: "Markets", offset: Any) -> "Ints":
        import numpy as np  # not above: a load that finds nothing new needs no numpy

        out = np.zeros(len(times), np.int64)
        if self.is_utc:
            return out
        names = [self.of(word) for word in markets.words]
        zone_of_code = np.array([sorted(set(names)).index(name) for name in names], np.int64)
        zone_of_row = zone_of_code[markets.codes]
        for number, name in enumerate(sorted(set(names))):
            rows = zone_of_row == number
            quarters, quarter_of = np.unique(times[rows] // _QUARTER, return_inverse=True)
            zone = ZoneInfo(name)
            out[rows] = np.array([offset(zone, int(quarter) * _QUARTER) for quarter in quarters], np.int64)[quarter_of]
        return out


@frozen
class Markets:
    """The market of each row, as codes of words; a row without one has a code of its own."""

    codes: "NDArray[np.intp]"
    words: tuple[str, ...]

    @classmethod
    def none(cls, rows: int) -> "Markets":
        """No row has a market."""
        import numpy as np

        return cls(np.zeros(rows, np.intp), ("",))


def _offset_of_local(zone: ZoneInfo, seconds: int) -> int:
    return _seconds(datetime.fromtimestamp(seconds, UTC).replace(tzinfo=zone))


def _offset_of_moment(zone: ZoneInfo, seconds: int) -> int:
    return _seconds(datetime.fromtimestamp(seconds, UTC).astimezone(zone))


def _seconds(moment: datetime) -> int:
    offset = moment.utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0
