"""The health of the whole as text for people, and as one table of figures."""

from typing import TYPE_CHECKING, Any

from core.ecosystem.model import Concentration, Health, Newcomers, Portion
from tui.safe import for_terminal

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

_FLOWS = ("active", "active_before", "stayed", "joined", "came_back", "went_quiet")


def as_text(found: Health) -> "list[RenderableType]":
    """Every part in turn: who has how much, who comes and goes."""
    head = f"the ecosystem {found.window}, compared with {found.before}"
    return [
        f"{head}, in {for_terminal(str(found.where))}" if found.where else head,
        *_concentrations(found),
        *_newcomers(found),
    ]


def as_rows(found: Health) -> list[dict[str, Any]]:
    """All figures as rows of part, group, name, value and interval, for tables."""
    rows = [
        _row("concentration", f"{one.side} {one.measure}", name, getattr(one.now, name), one.intervals.get(name))
        for one in found.concentrations
        for name in one.intervals
    ]
    for new in found.newcomers:
        rows += [_row("newcomers", new.side, name, getattr(new, name)) for name in _FLOWS]
        rows += [
            _row("newcomers", new.side, name, one.share, one.interval)
            for name, one in _portions(new)
            if one is not None
        ]
        rows += [_row("survival", new.side, f"{one.weeks} weeks", one.share, one.interval) for one in new.survival]
    return rows


def _row(part: str, group: str, name: str, value: Any, interval: tuple[float, float] | None = None) -> dict[str, Any]:
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


def _portions(new: Newcomers) -> list[tuple[str, Portion | None]]:
    return [("of_members", new.of_members), ("of_impressions", new.of_impressions), ("of_gmv", new.of_gmv)]


def _newcomers(found: Health) -> "list[RenderableType]":
    shares = ("of the active", "of impressions", "of gmv")
    shown = table(
        ("who comes and goes",),
        ("before", "went quiet", "joined", "came back", "now", *(f"new {one}" for one in shares)),
    )
    for new in found.newcomers:
        flows = (new.active_before, -new.went_quiet, new.joined, new.came_back, new.active)
        portions = ["" if one is None else f"{one.share:.1%}" for _, one in _portions(new)]
        shown.add_row(new.side, *(f"{one:,}" for one in flows), *portions)
    lines = [
        f"{new.side} who began: "
        + ", ".join(f"{one.share:.0%} of {one.members} active after {one.weeks} weeks" for one in new.survival)
        for new in found.newcomers
        if new.survival
    ]
    return ["", shown, *lines] if found.newcomers else []
