"""What other rules would do, as text for people."""

from typing import TYPE_CHECKING

from core.base.days import iso
from core.ratings.rating_results import Mover, Simulation
from core.reports.escaping import for_terminal

if TYPE_CHECKING:
    from rich.console import RenderableType

_MOVERS = 5


def as_text(found: Simulation) -> "list[RenderableType]":
    """What changes in the rules, how many move, which groups lose, who moves most."""
    head = [
        f"rules {for_terminal(found.rules_before)} -> {for_terminal(found.rules_after)}, {found.side} as of {iso(found.as_of)}",
        *(f"  {for_terminal(line)}" for line in found.changed or ("nothing changes",)),
        f"{found.up} of {found.cards} get a better grade, {found.down} a worse one; the latter sold "
        f"{found.gmv_down:,.0f} of {found.gmv:,.0f} in the last 28 days",
        f"grade changes of a card in a year: {found.flips_before:.2f} -> {found.flips_after:.2f}",
    ]
    moved = [one for one in found.transitions if one.before != one.after]
    head += [f"  {one.before} -> {one.after}: {one.cards}, which sold {one.gmv:,.0f}" for one in moved]
    return [
        "\n".join(head),
        "",
        _groups(found),
        *_movers("most down", found.losers),
        *_movers("most up", found.winners),
    ]


def _groups(found: Simulation) -> "RenderableType":
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold", show_edge=False)
    for name in ("group", "value", "cards", "before", "after", "change", "95 %", "up", "down", "gmv down"):
        table.add_column(name, justify="left" if name in {"group", "value"} else "right")
    for one in found.groups:
        low, high = one.interval
        table.add_row(
            one.group,
            for_terminal(one.value),
            str(one.cards),
            f"{one.before:.1f}",
            f"{one.after:.1f}",
            f"{one.change:+.1f}",
            f"{low:+.1f}..{high:+.1f}",
            str(one.up),
            str(one.down),
            f"{one.gmv_down:,.0f}",
        )
    return table


def _movers(title: str, movers: tuple[Mover, ...]) -> "list[RenderableType]":
    lines = [
        f"  {for_terminal(one.id)} ({for_terminal(one.role)}, {for_terminal(one.market)}): {one.before:.1f} -> {one.after:.1f}, "
        f"{one.grade_before} -> {one.grade_after}"
        for one in movers[:_MOVERS]
    ]
    return ["", "\n".join([f"{title}:", *lines])] if lines else []
