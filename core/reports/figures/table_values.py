"""The values of a table's cells as text: figures in the unit of the column, days, moments, segments, lists."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from core.base.date_text import date_text
from core.base.days import day_number, parse_day
from core.base.segment import Segment
from core.reports.figures.number_format import figure, four_digits, p_value, percent, small_percent


def plain_text(value: Any, unit: str = "") -> str:
    """A value of a table's cell for people: figures in their unit, lists with commas, yes for what is so.

    >>> plain_text(0.9412, "ratio"), plain_text(1234), plain_text(1234, "id"), plain_text({"market": "ID"}), plain_text(True)
    ('94.1%', '1,234', '1234', 'market=ID', 'yes')
    >>> plain_text(1772352000.0, "moment"), plain_text("2026-03-01T08:00:00+00:00", "moment")
    ('1 Mar 2026 08:00', '1 Mar 2026 08:00')
    """
    if value is None or value == "" or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if unit == "moment":
        moment = _moment(value)
        return f"{date_text(day_number(moment.date()))} {moment:%H:%M}"
    if unit == "day":
        return date_text(parse_day(str(value)[:10]))
    if isinstance(value, int | float):
        return _number(value, unit)
    if isinstance(value, Mapping):
        if unit == "segment":
            return str(Segment.of(value)) or "everywhere"
        return ",".join(f"{name}={plain_text(part)}" for name, part in value.items())
    if isinstance(value, list | tuple):
        if unit == "score range":
            return " to ".join(f"{end:.0f}" for end in value)
        return ", ".join(plain_text(part, unit) for part in value)
    return str(value)


def iso_text(value: Any, unit: str) -> str:
    """A `day` or `moment` of a table that is read by people and sorted or searched by programs.

    >>> iso_text("2026-03-01T08:00:00Z", "day"), iso_text(1772352000.0, "moment")
    ('2026-03-01', '2026-03-01 08:00')
    """
    return str(value)[:10] if unit == "day" else f"{_moment(value):%Y-%m-%d %H:%M}"


def _moment(value: str | float) -> datetime:
    return datetime.fromisoformat(value) if isinstance(value, str) else datetime.fromtimestamp(value, UTC)


def _number(value: float, unit: str) -> str:
    match unit:
        case "id":
            return str(value)
        case "signed percent":
            return percent(value, signed=True)
        case "percent":
            return percent(value)
        case "p":
            return p_value(value)
        case "index":
            return f"{value:.3f}"
        case "share":
            return small_percent(value)
        case "score":
            return f"{value:.1f}"
        case "":
            return f"{value:,}" if isinstance(value, int) else four_digits(value)
    return figure(value, unit)
