"""The health of the whole as text for people, and as one table of figures."""

from typing import TYPE_CHECKING, Any

from core.ecosystem.model import Concentration, Health
from tui.safe import for_terminal

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

_SHARES = {"gini", "hhi", "top_1pct_share", "top_10pct_share"}


def as_text(found: Health) -> "list[RenderableType]":
    """Every part in turn: who has how much."""
    head = f"the ecosystem {found.window}, compared with {found.before}"
    return [f"{head}, in {for_terminal(str(found.where))}" if found.where else head, *_concentrations(found)]


def as_rows(found: Health) -> list[dict[str, Any]]:
    """All figures as rows of part, group, name, value and interval, for tables."""
    return [
        _row("concentration", f"{one.side} {one.measure}", name, getattr(one.now, name), one.intervals.get(name))
        for one in found.concentrations
        for name in one.intervals
    ]


def _row(part: str, group: str, name: str, value: Any, interval: tuple[float, float] | None) -> dict[str, Any]:
    low, high = interval or (None, None)
    return {"part": part, "group": group, "name": name, "value": value, "low": low, "high": high}


def table(left: tuple[str, ...], right: tuple[str, ...]) -> "Table":
    """A table without lines, with these columns."""
    from rich.table import Table

    made = Table(box=None, pad_edge=False, header_style="bold", show_edge=False)
    for name in left:
        made.add_column(name)
    for name in right:
        made.add_column(name, justify="right")
    return made


def _concentrations(found: Health) -> "list[RenderableType]":
    shown = table(
        ("who has how much",), ("active", "gini", "95 %", "before", "hhi", "as many equal", "top 1 %", "top 10 %")
    )
    for one in found.concentrations:
        shown.add_row(f"{one.measure} of {one.side}", *_spread(one))
    return ["", shown] if found.concentrations else []


def _spread(one: Concentration) -> list[str]:
    low, high = one.intervals["gini"]
    before = "" if one.before is None else f"{one.before.gini:.3f}"
    now = one.now
    return [
        f"{one.population:,}", f"{now.gini:.3f}", f"{low:.3f}..{high:.3f}", before, f"{now.hhi:.4f}",
        f"{now.effective_number:,.0f}", f"{now.top_1pct_share:.1%}", f"{now.top_10pct_share:.1%}",
    ]  # fmt: skip
