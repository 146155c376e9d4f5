"""What the tests of shapes share: small exports with values of their own."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from core.ingest.formats.turned_table import Made
from core.workspace.write.load import load
from core.workspace.write.load_report import LoadReport
from tests.workspace.loading import rows


def days(count: int, month: int = 7) -> list[str]:
    """The first days of a month of 2026, ISO."""
    return [f"2026-{month:02d}-{day:02d}" for day in range(1, count + 1)]


def table(header: str, count: int, row: Callable[[int, str], str], footer: str = "") -> str:
    """An export of `count` days: a header, a row for each day (its place and its ISO form), a footer."""
    return "\n".join([header, *(row(place, day) for place, day in enumerate(days(count)))]) + f"\n{footer}"


def loads(folder: Path, text: str | bytes, name: str = "export.csv", **options: Any) -> LoadReport:
    """The report on an export written into a folder and loaded into the workspace `w.db` there."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load(folder / "w.db", [path], **options)


def figures(folder: Path, sql: str) -> Sequence[Any]:
    """The first row of a query over the workspace of a folder."""
    found: Sequence[Any] = rows(folder / "w.db", sql)[0]
    return found


def parts(made: Made | None) -> tuple[list[Sequence[str]], list[int]]:
    """Rows that are made of a table, and the row of the file that each comes from."""
    assert made is not None
    return [row for _, row in made], [origin for origin, _ in made]
