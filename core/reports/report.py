"""The neutral report that every result becomes: a title, the answer in sentences, and sections of evidence."""

from collections.abc import Mapping
from dataclasses import field
from math import isfinite
from typing import Any

from core.base.days import Day, Window, iso
from core.base.frozen import frozen
from core.reports.table import Table


@frozen(kw_only=True)
class DailyChart:
    """A metric by day, with the window that is explained."""

    label: str
    days: Window
    values: tuple[float, ...]
    """One for each of `days`; nan where there is none."""
    window: Window
    expected: float
    """A day."""
    low: float
    high: float
    """95% interval of `expected`."""
    onset: Day
    events: tuple[tuple[Day, str], ...]
    """(day, title)."""
    unit: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The figures of the chart; null for a day without a value."""
        return {
            "label": self.label,
            "days": self.days.to_dict(),
            "values": [value if isfinite(value) else None for value in self.values],
            "window": self.window.to_dict(),
            "expected": self.expected,
            "interval": [self.low, self.high],
            "onset": iso(self.onset),
            "events": [{"day": iso(day), "title": title} for day, title in self.events],
        }


@frozen(kw_only=True)
class Section:
    """One part of a report."""

    title: str = ""
    lines: tuple[str, ...] = ()
    """Sentences below the title."""
    table: Table | None = None
    chart: DailyChart | None = None
    items: tuple[str, ...] = ()
    """A list."""
    code: tuple[str, ...] = ()
    """Commands and SQL, to be copied."""

    def to_dict(self) -> dict[str, Any]:
        """The section as plain values; parts that it does not have are left out."""
        table = self.table
        parts: dict[str, Any] = {
            "lines": list(self.lines),
            "table": table and {"columns": [column.key for column in table.columns], "rows": table.records()},
            "chart": self.chart and self.chart.to_dict(),
            "items": list(self.items),
            "code": list(self.code),
        }
        return {"title": self.title, **{name: part for name, part in parts.items() if part}}


@frozen(kw_only=True)
class Report:
    """Everything about one subject."""

    title: str
    summary: tuple[str, ...] = ()
    """The answer, a sentence or two each."""
    sections: tuple[Section, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    """The JSON that it rests on."""

    def to_dict(self) -> dict[str, Any]:
        """The report as plain values."""
        return {
            "title": self.title,
            "summary": list(self.summary),
            "sections": [section.to_dict() for section in self.sections],
            "data": dict(self.data),
        }
