"""Texts that are read when a row is opened: all that is known of it."""

import math
from collections.abc import Mapping, Sequence

TitledText = tuple[str, Sequence[str]]
"""Title and lines."""


def shell_lines(*commands: str) -> list[str]:
    """Commands that print the same figures, below a heading of their own."""
    return ["", "The same from a shell", *(f"  {command}" for command in commands)]


def sql_statements(queries: Mapping[str, str]) -> tuple[str, ...]:
    """Queries as they can be pasted into sqlite3, each below its name."""
    return tuple(f"-- {name}\n{sql};" for name, sql in queries.items())


def sql_lines(queries: Mapping[str, str]) -> list[str]:
    """The same as lines, with an empty line before each query."""
    return [line for statement in sql_statements(queries) for line in ("", *statement.split("\n", 1))]


def exact(value: float | None, *, signed: bool = False) -> str:
    """A figure with all digits that mean something, to compute with; words where it is not known.

    >>> exact(1234.56789012), exact(-0.25, signed=True), exact(float("nan"))
    ('1,234.5679', '-0.25', 'not known')
    """
    if value is None or not math.isfinite(value):
        return "not known"
    return f"{value:+,.8g}" if signed else f"{value:,.8g}"


def exact_range(low: float, high: float) -> str:
    """The ends of a range with all digits that mean something.

    >>> exact_range(1.5, 2), exact_range(float("nan"), 2)
    ('1.5 to 2', 'not known')
    """
    return f"{exact(low)} to {exact(high)}" if math.isfinite(low) and math.isfinite(high) else "not known"
