"""A scorecard as text for people."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from core.base.days import iso
from core.ratings.rating_results import Component, ScoreCard, Scorecard
from core.reports.escaping import for_terminal

if TYPE_CHECKING:
    from rich.console import RenderableType

_CASES = 8
"""Cases listed for each card; JSON has all."""


def as_text(scorecard: Scorecard) -> "list[RenderableType]":
    """The person first, then each card: its components, why it moved, what lies behind it, the ways up."""
    low, high = scorecard.interval
    lines = [
        f"{for_terminal(scorecard.id)}  {scorecard.grade}  {scorecard.score:.1f} ({low:.0f}-{high:.0f})  "
        f"as of {iso(scorecard.as_of)}"
    ]
    if len(scorecard.accounts) > 1:
        lines.append(
            f"person {for_terminal(scorecard.person_id)} holds {', '.join(map(for_terminal, scorecard.accounts))}"
        )
    lines += [
        f"role {for_terminal(role.role)} of {for_terminal(role.creator_id)}: "
        f"{iso(role.since) if role.since is not None else '...'} to {iso(role.until) if role.until is not None else 'today'}"
        for role in scorecard.roles
    ]
    blocks: list[RenderableType] = ["\n".join(lines)]
    for card, weight in zip(scorecard.cards, scorecard.weights, strict=True):
        blocks += ["", *_card(card, weight)]
    return blocks


def _card(card: ScoreCard, weight: float) -> "Iterator[RenderableType]":
    rating, move = card.rating, card.movement
    low, high = rating.interval
    rank = f"rank {rating.rank} of {rating.peers}" if rating.rank else "no case yet"
    yield (
        f"{for_terminal(rating.id)}, {for_terminal(rating.role)}, {for_terminal(rating.market) or 'no market'}: {rating.grade}  "
        f"{rating.score:.1f} ({low:.0f}-{high:.0f}), {rank}, {rating.orders} orders, {weight:.0%} of the whole"
        + (f", ended {iso(rating.ended)}" if rating.ended is not None else "")
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
    for component in card.rating.components:
        shift = shifts[component.name]
        changes = (shift.change, shift.entering, shift.leaving, shift.peers, shift.rules)
        table.add_row(
            component.name,
            _value(component, component.value),
            _value(component, component.peer_value),
            f"{component.bad} of {component.cases}",
            f"{component.points:.1f}",
            f"{component.weight:.0f}",
            *(f"{part:+.1f}" for part in changes),
        )
    return table


def _value(component: Component, value: float) -> str:
    return f"{value:.2%}" if component.is_share else f"{value:.1f}/1k"
