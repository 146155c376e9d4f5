"""Texts that are read when a row is opened: all that is known of it."""

from collections.abc import Mapping, Sequence

TitledText = tuple[str, Sequence[str]]
"""Title and lines."""


def sql_lines(queries: Mapping[str, str]) -> list[str]:
    """Queries as they can be pasted into sqlite3."""
    return [line for name, sql in queries.items() for line in ("", f"-- {name}", f"{sql};")]
