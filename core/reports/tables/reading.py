"""Texts that are read when a row is opened: all that is known of it."""

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
