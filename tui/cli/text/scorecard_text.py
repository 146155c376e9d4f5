"""A scorecard as text for people."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from core.base.days import iso
from core.ratings.rating_results import Component, ScoreCard, Scorecard
from core.reports.escaping import for_terminal

if TYPE_CHECKING:
    from rich.console import RenderableType

_CASES = 8


def as_text(found: Scorecard) -> "list[RenderableType]":
    """The person first, then each card: its components, why it moved, what lies behind it, the ways up."""
    low, high = found.interval
    lines = [
        f"{for_terminal(found.id)}  {found.grade}  {found.score:.1f} ({low:.0f}-{high:.0f})  as of {iso(found.as_of)}"
    ]
    if len(found.accounts) > 1:
        lines.append(f"person {for_terminal(found.person_id)} holds {', '.join(map(for_terminal, found.accounts))}")
    lines += [
        f"role {for_terminal(role.role)} of {for_terminal(role.creator_id)}: "
        f"{iso(role.since) if role.since is not None else '...'} to {iso(role.until) if role.until is not None else 'today'}"
        for role in found.roles
    ]
    blocks: list[RenderableType] = ["\n".join(lines)]
    for card, weight in zip(found.cards, found.weights, strict=True):
        blocks += ["", *_card(card, weight)]
    return blocks


def _card(card: ScoreCard, weight: float) -> "Iterator[RenderableType]":
    one, move = card.rating, card.movement
    low, high = one.interval
    rank = f"rank {one.rank} of {one.peers}" if one.rank else "no case yet"
    yield (
        f"{for_terminal(one.id)}, {for_terminal(one.role)}, {for_terminal(one.market) or 'no market'}: {one.grade}  "
        f"{one.score:.1f} ({low:.0f}-{high:.0f}), {rank}, {one.orders} orders, {weight:.0%} of the whole"
        + (f", ended {iso(one.ended)}" if one.ended is not None else "")
    )
    yield _table(card)
    grades = f"{move.grade_before} -> {move.grade_after}"
    yield f"since {iso(move.since)}: {move.before:.1f} -> {move.after:.1f} ({move.change:+.1f}), {grades}"
    for step in card.path:
        yield f"to {step.target}: {step.text}"
    for case in card.cases[:_CASES]:
        name = case.component or "-"
        yield f"  {iso(case.day)}  {name:<11} {for_terminal(case.order_id):<12} {for_terminal(case.what)}"
    if len(card.cases) > _CASES:
        yield f"  and {len(card.cases) - _CASES} more (--format json has them)"


def _table(card: ScoreCard) -> "RenderableType":
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold", show_edge=False)
    for name in ("component", "value", "peers", "bad of", "points", "of", "change", "new", "aged", "peers ", "rules"):
        table.add_column(name, justify="left" if name == "component" else "right")
    shifts = {shift.component: shift for shift in card.movement.shifts}
    for one in card.rating.components:
        shift = shifts[one.name]
        moved = (shift.change, shift.entering, shift.leaving, shift.peers, shift.rules)
        table.add_row(
            one.name,
            _value(one, one.value),
            _value(one, one.peer_value),
            f"{one.bad} of {one.cases}",
            f"{one.points:.1f}",
            f"{one.weight:.0f}",
            *(f"{part:+.1f}" for part in moved),
        )
    return table


def _value(one: Component, value: float) -> str:
    return f"{value:.2%}" if one.is_share else f"{value:.1f}/1k"
