"""Days and windows. A day is an integer everywhere inside, as in numpy's datetime64[D], and an ISO date in JSON."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from core.base.errors import UsageError

Day = Annotated[int, "day"]
"""A day as the number of days since 1970-01-01. A field of this type is an ISO date in the JSON of its result."""
_EPOCH = date(1970, 1, 1).toordinal()


def parse_day(text: str) -> Day:
    """The day of an ISO date, as days since 1970-01-01.

    >>> parse_day("1970-01-02")
    1

    Raises UsageError when the text is not a day.
    """
    try:
        return day_number(date.fromisoformat(text.strip()))
    except ValueError:
        raise UsageError(f"not a day: {text!r}. Write it as 2026-03-09.") from None


def iso(day: Day) -> str:
    """The ISO date of a day.

    >>> iso(1)
    '1970-01-02'
    """
    return calendar_date(day).isoformat()


def calendar_date(day: Day) -> date:
    """The date of a day."""
    return date.fromordinal(int(day) + _EPOCH)


def day_number(day: date) -> Day:
    """The day of a date."""
    return day.toordinal() - _EPOCH


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """Days from `first` to `last`, both included."""

    first: Day
    last: Day

    @classmethod
    def parse(cls, text: str) -> "Window":
        """The window written `2026-03-09..2026-03-15`, or one day. Raises UsageError.

        >>> str(Window.parse("2026-03-09..2026-03-15"))
        '2026-03-09..2026-03-15'
        """
        first, dots, last = text.partition("..")
        try:
            window = cls(parse_day(first), parse_day(last if dots else first))
        except UsageError:
            raise UsageError(
                f"not a window: {text!r}. Write it as 2026-03-09..2026-03-15, both days included."
            ) from None
        if window.last < window.first:
            raise UsageError(f"the window {text} ends before it starts. Swap its days.")
        return window

    def __len__(self) -> int:
        return self.last - self.first + 1

    def __str__(self) -> str:
        return f"{iso(self.first)}..{iso(self.last)}"

    def __contains__(self, day: Day) -> bool:
        return self.first <= day <= self.last

    def shifted(self, days: int) -> "Window":
        """The same number of days, `days` later (earlier when negative)."""
        return Window(self.first + days, self.last + days)

    def overlaps(self, other: "Window") -> bool:
        """Whether the two share a day."""
        return self.first <= other.last and other.first <= self.last

    def to_dict(self) -> dict[str, str]:
        """`{"from": ISO day, "to": ISO day}`."""
        return {"from": iso(self.first), "to": iso(self.last)}


_APART = 366
"""Days without any row between two groups of days that have some: more than a year, so that yearly exports stay together."""


def clusters(days: Iterable[int]) -> list[list[int]]:
    """The days in groups that lie more than a year apart, ascending.

    >>> clusters([3, 1, 900])
    [[1, 3], [900]]
    """
    spans: list[list[int]] = []
    for day in sorted(days):
        if not spans or day - spans[-1][-1] > _APART:
            spans.append([])
        spans[-1].append(day)
    return spans
