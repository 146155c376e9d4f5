"""Texts that are read when a row is opened: all that is known of it."""

from collections.abc import Mapping, Sequence

TitledText = tuple[str, Sequence[str]]
"""Title and lines."""


def shell_lines(*commands: str) -> list[str]:
    """Commands that print the same figures, below a heading of their own."""
    return ["", "The same from a shell", *(f"  {command}" for command in commands)]


def sql_lines(queries: Mapping[str, str]) -> list[str]:
    """Queries as they can be pasted into sqlite3."""
    return [line for name, sql in queries.items() for line in ("", f"-- {name}", f"{sql};")]
