"""The day of a moment, as the market's clock had it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np

from core.cube import Floats

_DAY_SECONDS = 86_400
_QUARTER = 900
"""Clocks are changed on quarters of an hour, so one offset serves all moments of a quarter."""


class LocalDays:
    """Days of moments, by market."""

    def __init__(self, zones: Mapping[int, str], default: str) -> None:
        """`zones`: code of a market -> its time zone; `default`: the time zone of all others."""
        self._zones, self._default = zones, default

    def __call__(self, moments: Floats, markets: Floats | None) -> Floats:
        """Days since 1970-01-01 of moments (epoch seconds), shape (n,); `markets` are codes of the dimension market."""
        out = _days(moments, self._default)
        for code, zone in self._zones.items() if markets is not None else ():
            rows = markets == code
            out[rows] = _days(moments[rows], zone)
        return out


def _days(moments: Floats, zone: str) -> Floats:
    quarters, place = np.unique(np.floor_divide(moments, _QUARTER), return_inverse=True)
    offsets = np.array([_offset(ZoneInfo(zone), int(one) * _QUARTER) for one in quarters], np.float64)
    return np.floor_divide(moments + (offsets[place] if len(offsets) else 0.0), _DAY_SECONDS)


def _offset(zone: ZoneInfo, moment: int) -> float:
    offset = datetime.fromtimestamp(moment, UTC).astimezone(zone).utcoffset()
    return offset.total_seconds() if offset else 0.0
