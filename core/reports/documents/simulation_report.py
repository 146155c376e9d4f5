"""What other rating rules would do, as a report: who moves, which groups lose, what is at stake."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from core.base.date_text import date_text
from core.ratings.rating_results import PROVISIONAL
from core.ratings.simulation_results import GroupEffect, Mover, Simulation
from core.reports.figures.change_format import score_change
from core.reports.figures.number_format import amount, figure, interval_text, short, titled
from core.reports.report import Report, Section
from core.reports.table import Cell, Column, Row, Table

_MOVERS = 10
"""Accounts named in each direction; JSON has all."""
_GROUPS = (
    Column("group", "group", "how members are grouped", least=6),
    Column("value", "value", "which of them", least=8),
    Column("cards", "cards", "cards in the group", right=True, priority=3),
    Column("before", "before", "mean score under the current rules", right=True, priority=1),
    Column("after", "after", "mean score under the new rules", right=True, priority=2),
    Column("change", "change", "of the mean score", right=True),
    Column("interval", "95%", "interval of the change", right=True, priority=4),
    Column("up", "up", "cards with a better grade", right=True),
    Column("down", "down", "cards with a worse grade", right=True),
    Column("gmv_down", "GMV down", "what cards with a worse grade sold in 28 days", right=True, priority=5),
)
_MOVES = (
    Column("id", "account", "who moves", least=6),
    Column("role", "role", "in which role", priority=2),
    Column("market", "market", "in which market", priority=3),
    Column("score", "score", "before and after", right=True),
    Column("grade", "grade", "before and after"),
    Column("rank", "rank", "before and after", right=True, priority=1),
    Column("gmv", "GMV", "what it sold in 28 days", right=True, priority=4),
)


def simulation_report(simulation: Simulation, currency: str) -> Report:
    """What `simulate` prints."""
    return Report(
        title=f"{_rules(simulation)}: {simulation.side}, {date_text(simulation.as_of)}",
        summary=tuple(_summary(simulation, currency)),
        sections=(
            Section(title="Rules that change", items=simulation.changed or ("none",)),
            Section(title="Groups", table=_groups(simulation, currency)),
            *_movers("Lose", simulation.losers, currency),
            *_movers("Gain", simulation.winners, currency),
        ),
        data=simulation.to_dict(),
    )


def _rules(simulation: Simulation) -> str:
    """Which rules are compared."""
    before, after = simulation.rules_before, simulation.rules_after
    return f"Rules {before} to {after}" if before != after else f"Rules {before} with changes"


def _summary(simulation: Simulation, currency: str) -> Iterator[str]:
    money = partial(amount, unit="money", currency=currency)
    gets = "gets" if simulation.up == 1 else "get"
    yield (
        f"{simulation.up:,} of {simulation.cards:,} {gets} a better grade, {simulation.down:,} a worse one. "
        f"Those with a worse grade sold {short(simulation.gmv_down)} of {money(simulation.gmv)} in 28 days."
    )
    first = sum(move.cards for move in simulation.transitions if move.before == PROVISIONAL != move.after)
    gets_first = "gets" if first == 1 else "get"
    lose = "loses its" if simulation.provisional == 1 else "lose their"
    rank = "ranks" if simulation.rank_down == 1 else "rank"
    yield (
        f"{simulation.provisional:,} {lose} grade for lack of evidence (sold {money(simulation.gmv_provisional)}), "
        f"{first:,} {gets_first} a first grade; {simulation.rank_down:,} {rank} lower (sold {money(simulation.gmv_rank_down)})."
    )
    yield (
        f"A scorecard changes its grade {simulation.flips_before:.2f} times a year now, "
        f"{simulation.flips_after:.2f} under the new rules."
    )
    moves = [
        f"{move.before} to {move.after} {move.cards:,}" for move in simulation.transitions if move.before != move.after
    ]
    if moves:
        yield f"Grades: {', '.join(moves)}."
    yield from simulation.notes


def _groups(simulation: Simulation, currency: str) -> Table:
    rows = tuple(Row(f"{group.group} {group.value}", _group(group), group) for group in simulation.groups)
    return Table("Groups", _in_currency(_GROUPS, currency), rows, empty="no groups")


def _group(group: GroupEffect) -> tuple[Cell, ...]:
    return (
        Cell(group.group),
        Cell(group.value),
        Cell(f"{group.cards:,}", group.cards),
        Cell(f"{group.before:.1f}", group.before),
        Cell(f"{group.after:.1f}", group.after),
        Cell(score_change(group.change), group.change),
        Cell(interval_text(group.interval, score_change)),
        Cell(f"{group.up:,}", group.up),
        Cell(f"{group.down:,}", group.down),
        Cell(short(group.gmv_down), group.gmv_down),
    )


def _movers(title: str, movers: tuple[Mover, ...], currency: str) -> Iterator[Section]:
    if movers:
        rows = tuple(Row(mover.id, _mover(mover), mover) for mover in movers[:_MOVERS])
        more = len(movers) - _MOVERS
        lines = (f"And {more:,} more (--format json has all).",) if more > 0 else ()
        yield Section(title=title, table=Table(title, _in_currency(_MOVES, currency), rows), lines=lines)


def _in_currency(columns: tuple[Column, ...], currency: str) -> tuple[Column, ...]:
    """The columns; the last one, of money, names its currency."""
    return (*columns[:-1], replace(columns[-1], title=titled(columns[-1].title, "money", currency)))


def _mover(mover: Mover) -> tuple[Cell, ...]:
    return (
        Cell(mover.id),
        Cell(mover.role),
        Cell(mover.market),
        Cell(f"{mover.before:.1f} to {mover.after:.1f}", mover.change),
        Cell(f"{mover.grade_before} to {mover.grade_after}"),
        Cell(f"{figure(mover.rank_before, 'count')} to {figure(mover.rank_after, 'count')}"),
        Cell(short(mover.gmv), mover.gmv),
    )
