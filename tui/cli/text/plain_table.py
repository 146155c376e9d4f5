"""Tables without lines for the terminal, and rows of figures for files."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.table import Table


def plain_table(left: tuple[str, ...], right: tuple[str, ...]) -> "Table":
    """A table with these columns, the first ones of words, the others of figures."""
    from rich.table import Table

    made = Table(box=None, pad_edge=False, header_style="bold", show_edge=False)
    for name in left:
        made.add_column(name)
    for name in right:
        made.add_column(name, justify="right")
    return made


def range_text(interval: tuple[float, float] | None, shown: Callable[[float], str]) -> str:
    """An interval, such as `0.452 to 0.545`; nothing where there is none."""
    return "" if interval is None else " to ".join(shown(end) for end in interval)


def figure_row(
    part: str, group: str, name: str, value: Any, interval: tuple[float, float] | None = None
) -> dict[str, Any]:
    """One row of the table of figures."""
    low, high = interval or (None, None)
    return {
        "part": part, "group": group, "name": name, "value": value, "low": low, "high": high, "before": None, "q": None,
        "mark": "", "reasons": "",
    }  # fmt: skip
