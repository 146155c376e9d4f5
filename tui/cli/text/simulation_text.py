"""What other rules would do, as text for people."""

from typing import TYPE_CHECKING

from core.base.days import iso
from core.ratings.rating_results import Mover, Simulation
from core.reports.escaping import for_terminal

if TYPE_CHECKING:
    from rich.console import RenderableType

_MOVERS = 10
"""Accounts named in each direction; JSON has all."""


def as_text(simulation: Simulation) -> "list[RenderableType]":
    """What changes in the rules, how many move, which groups lose, who moves most."""
    head = [
        f"rules {for_terminal(simulation.rules_before)} -> {for_terminal(simulation.rules_after)}, "
        f"{simulation.side} as of {iso(simulation.as_of)}",
        *(f"  {for_terminal(line)}" for line in simulation.changed or ("nothing changes",)),
        f"{simulation.up} of {simulation.cards} get a better grade, {simulation.down} a worse one; the latter sold "
        f"{simulation.gmv_down:,.0f} of {simulation.gmv:,.0f} in the last 28 days",
        f"{simulation.provisional} lose their grade for too little evidence (sold {simulation.gmv_provisional:,.0f}), "
        f"{simulation.rank_down} rank lower (sold {simulation.gmv_rank_down:,.0f})",
        f"grade changes of a card in a year: {simulation.flips_before:.2f} -> {simulation.flips_after:.2f}",
    ]
    changes = [transition for transition in simulation.transitions if transition.before != transition.after]
    head += [
        f"  {transition.before} -> {transition.after}: {transition.cards}, which sold {transition.gmv:,.0f}"
        for transition in changes
    ]
    return [
        "\n".join(head),
        "",
        _groups(simulation),
        *_movers("lose", simulation.losers),
        *_movers("gain", simulation.winners),
    ]


def _groups(simulation: Simulation) -> "RenderableType":
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold", show_edge=False)
    for name in ("group", "value", "cards", "before", "after", "change", "95 %", "up", "down", "gmv down"):
        table.add_column(name, justify="left" if name in {"group", "value"} else "right")
    for group in simulation.groups:
        low, high = group.interval
        table.add_row(
            group.group,
            for_terminal(group.value),
            str(group.cards),
            f"{group.before:.1f}",
            f"{group.after:.1f}",
            f"{group.change:+.1f}",
            f"{low:+.1f}..{high:+.1f}",
            str(group.up),
            str(group.down),
            f"{group.gmv_down:,.0f}",
        )
    return table


def _movers(title: str, movers: tuple[Mover, ...]) -> "list[RenderableType]":
    lines = [
        f"  {for_terminal(mover.id)} ({for_terminal(mover.role)}, {for_terminal(mover.market)}): "
        f"{mover.before:.1f} -> {mover.after:.1f}, grade {mover.grade_before} -> {mover.grade_after}, "
        f"rank {mover.rank_before or '-'} -> {mover.rank_after or '-'}, sold {mover.gmv:,.0f}"
        for mover in movers[:_MOVERS]
    ]
    if len(movers) > _MOVERS:
        lines.append(f"  and {len(movers) - _MOVERS} more (--format json has them)")
    return ["", "\n".join([f"{title}:", *lines])] if lines else []
