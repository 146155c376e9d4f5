"""The tables of a scorecard: cards, components as a waterfall, ways up, and what lies behind."""

from collections.abc import Mapping
from functools import partial

from core.base.date_text import date_text, day_month
from core.base.days import iso
from core.explanation.decompose.drivers import Branch
from core.ratings.rating_results import Component, EvidenceRow, Held, ImprovementStep, ScoreCard, Scorecard, Shift
from core.reports.figures.change_format import score_change
from core.reports.figures.number_format import percent
from core.reports.table import Cell, Column, Row, Table
from core.reports.tables.waterfall import Axis, Bar, axis, bars
from core.views.standings.scorecard_checks import closes, is_sure

_CARDS = (
    Column("account", "account", "the account; all accounts of the person are listed", least=8),
    Column("role", "role", "the role that is rated", least=12),
    Column("market", "market", "its market"),
    Column("days", "role held", "the days on which the account had the role", right=True, priority=6),
    Column(
        "grade", "grade", "its grade; ? = the interval also covers another grade, P = provisional, too little evidence"
    ),
    Column("score", "score", "0 to 100", right=True),
    Column("half", "±", "half the width of the 95% interval of the score", right=True, priority=2),
    Column("change", "change", "change of the score since the earlier day", right=True),
    Column("rank", "rank", "rank among those with the same role and market", right=True, priority=3),
    Column("orders", "orders", "number of order lines", right=True, priority=4),
    Column("weight", "weight", "weight of this scorecard in the person's score", right=True, priority=5),
)
_STEPS = (
    Column("target", "", "the grade that this would reach"),
    Column("text", "", "what has to improve, with everything else unchanged", least=20),
)
_CASES = (
    Column("day", "known", "when it became known", right=True),
    Column("component", "component", "the component that it lowers", least=7),
    Column("order", "order", "the order; blank for a violation", least=8),
    Column("what", "what", "what went wrong", least=10),
    Column("weight", "weight", "its weight now: 1 when new, 0.5 after one half-life", right=True, priority=1),
    Column("charged", "", "whether it counts; what the role does not control is left out", priority=2),
)
SHIFT_PARTS = {
    "entering": "new evidence",
    "leaving": "aged evidence",
    "weights": "weights moved",
    "peers": "peers moved",
    "rules": "rules changed",
}
"""Part of a shift -> why the points moved, in words."""
_LEAST_PART = 0.05
"""Points: less is shown as 0.0."""


def cards(scorecard: Scorecard, grades: Mapping[str, float]) -> Table:
    """Every account and role of the person; roles that have no card yet come last. `grades`: lowest scores, best first."""
    rows = [
        _card(card, weight, scorecard, grades) for card, weight in zip(scorecard.cards, scorecard.weights, strict=True)
    ]
    carded = {(card.rating.id, card.rating.role) for card in scorecard.cards}
    bare = [_row_without_card(role) for role in scorecard.roles if (role.creator_id, role.role) not in carded]
    return Table("Accounts and roles", _CARDS, (*rows, *bare), name=f"{scorecard.id}-cards", empty="no card yet")


def card_key(account: str, role: str, market: str) -> str:
    """Tells a card from the others."""
    return "\x1f".join((account, role, market))


def _card(card: ScoreCard, weight: float, scorecard: Scorecard, grades: Mapping[str, float]) -> Row:
    rating, change = card.rating, card.movement.change
    low, high = rating.interval
    names = [*grades]
    sure = is_sure(grades, names.index(rating.grade) if rating.grade in names else -1, low, high)
    held_role = next(
        (role for role in scorecard.roles if (role.creator_id, role.role) == (rating.id, rating.role)), None
    )
    cells = (
        Cell(rating.id),
        Cell(rating.role),
        Cell(rating.market),
        Cell(_role_text(held_role, rating.ended), style="dim"),
        Cell(f"{rating.grade}{'' if sure else '?'}", rating.grade, style="bold" if sure else "dim"),
        Cell(f"{rating.score:.1f}", rating.score),
        Cell(f"{(high - low) / 2:.1f}", (high - low) / 2, "dim"),
        Cell(score_change(change), change, "bad" if change < 0 else "good"),
        Cell(f"{rating.rank:,} of {rating.peers:,}" if rating.rank else "not ranked", rating.rank),
        Cell(f"{rating.orders:,}", rating.orders),
        Cell(percent(weight), weight, "dim"),
    )
    return Row(card_key(rating.id, rating.role, rating.market), cells, card)


def _row_without_card(role: Held) -> Row:
    cells = (
        Cell(role.creator_id),
        Cell(role.role),
        Cell(),
        Cell(_role_text(role, role.until)),
        *(Cell() for _ in range(7)),
    )
    return Row(card_key(role.creator_id, role.role, ""), cells)


def _role_text(role: Held | None, ended: int | None) -> str:
    if ended is not None:
        return f"until {date_text(ended)}"
    return f"since {date_text(role.since)}" if role and role.since is not None else ""


def _component_columns(scale: Axis) -> tuple[Column, ...]:
    return (
        Column("component", "component", "a part of the score; → shows why it changed", least=17),
        Column(
            "value",
            "value",
            "share of bad cases, or bad cases per 1,000 orders, adjusted towards the peers",
            right=True,
        ),
        Column("interval", "95% range", "interval of the value", right=True, priority=6),
        Column("peer", "peers", "the same value for the average peer", right=True, priority=2),
        Column("bad", "bad of", "bad cases / all cases", right=True, priority=3),
        Column("points", "points", "points towards the score", right=True),
        Column("weight", "of", "points with no bad cases", right=True, priority=1),
        Column(
            "change", "change", "of the points; parts add up to their component, components to the score", right=True
        ),
        Column(
            "bar",
            f"{scale.low:.0f} to {scale.high:.0f}",
            "each bar starts where the one above it ends",
            priority=4,
            least=12,
        ),
    )


def components(card: ScoreCard) -> tuple[Table, set[str]]:
    """What the score is made of, each part of its change from where the one above ended; and what comes folded."""
    tree = _tree(card)
    tree_bars = bars(tree)
    scale = axis(tree, tree_bars)
    own = {component.name: component for component in card.rating.components}
    columns = _component_columns(scale)
    move = card.movement
    rows = (
        _whole(f"on {day_month(move.since)}", move.before, scale, len(columns)),
        *(_component(bar, own.get(bar.branch.metric) if not bar.depth else None, scale) for bar in tree_bars),
        _whole(f"on {day_month(move.until)}", move.after, scale, len(columns)),
    )
    doubt = "" if closes(card) else ", ! the parts do not add up"
    title = f"Score {move.before:.1f} to {move.after:.1f} ({score_change(move.change)}) since {day_month(move.since)}{doubt}"
    grades = ", ".join(f"{grade} on {day_month(at)}" for at, grade in card.grades[-2:])
    note = f"grade {grades}" if grades else "no grade yet"
    table = Table(title, columns, rows, note=note, name=f"{card.rating.id}-components")
    return table, {bar.key for bar in tree_bars if bar.branch.children}


def _tree(card: ScoreCard) -> Branch:
    move, own = card.movement, {component.name: component.weight for component in card.rating.components}
    # of what nobody here has a bad case, nobody has points
    telling = (
        shift for shift in move.shifts if max(own.get(shift.component, 0.0), shift.before, shift.after) >= _LEAST_PART
    )
    return Branch("score", move.after, move.before, move.change, None, tuple(map(_branch, telling)))


def _branch(shift: Shift) -> Branch:
    parts = ((words, getattr(shift, name)) for name, words in SHIFT_PARTS.items())
    children = tuple(Branch(words, 0.0, 0.0, part, None) for words, part in parts if abs(part) >= _LEAST_PART)
    return Branch(shift.component, shift.after, shift.before, shift.change, None, children)


def _whole(name: str, score: float, scale: Axis, columns: int) -> Row:
    cells = [Cell() for _ in range(columns)]
    cells[0], cells[5], cells[-1] = Cell(name), Cell(f"{score:.1f}", score), Cell(draw=partial(scale.whole, score))
    return Row(name, tuple(cells))


def _component(bar: Bar, component: Component | None, scale: Axis) -> Row:
    branch = bar.branch
    worse = branch.contribution < 0
    tone = "bad" if worse else "good"
    cells = (
        Cell(branch.metric),
        Cell(value(component, component.value), component.value) if component else Cell(),
        Cell(_interval(component), component.interval, "dim") if component else Cell(),
        Cell(value(component, component.peer_value), component.peer_value, "dim") if component else Cell(),
        Cell(f"{component.bad:,}/{component.cases:,}", component.bad) if component else Cell(),
        Cell(f"{component.points:.1f}", component.points) if component else Cell(),
        Cell(f"{component.weight:.1f}", component.weight, "dim") if component else Cell(),
        Cell(score_change(branch.contribution), branch.contribution, tone),
        Cell(draw=partial(scale.part, bar, worse), style=tone),
    )
    return Row(bar.key, cells, component, bar.parent, bar.depth)


def value(component: Component, number: float) -> str:
    """A value of a component: a share, or so many in 1,000 orders."""
    return f"{number:.2%}" if component.is_share else f"{number:.1f}/1k"


def _interval(component: Component) -> str:
    low, high = (value(component, end).removesuffix("/1k") for end in component.interval)
    return f"{low} to {high}{'' if component.is_share else '/1k'}"


def path(card: ScoreCard) -> Table:
    """Ways to the next grade."""
    rows = tuple(Row(step.component + step.target, _step(step), step) for step in card.path)
    best = not card.path and card.movement.grade_after == card.rating.would_be
    empty = "no higher grade is within reach for now" if not best else "no higher grade, or none within reach for now"
    return Table("What would raise the grade", _STEPS, rows, False, name=f"{card.rating.id}-path", empty=empty)


def _step(step: ImprovementStep) -> tuple[Cell, ...]:
    return Cell(f"{step.target}", style="bold"), Cell(step.text, step.text)


def cases(card: ScoreCard) -> Table:
    """Orders, reviews and violations behind it, newest first."""
    rows = tuple(Row(str(at), _case(case), case) for at, case in enumerate(card.cases))
    note = f"known since {day_month(card.movement.since)}"
    empty = "no case counts against this card on these days"
    return Table("Evidence", _CASES, rows, note=note, name=f"{card.rating.id}-cases", empty=empty)


def _case(case: EvidenceRow) -> tuple[Cell, ...]:
    style = "" if case.charged else "dim"
    return (
        Cell(day_month(case.day), iso(case.day), style),
        Cell(case.component or "–", case.component, style),
        Cell(case.order_id, style=style),
        Cell(case.what, style=style),
        Cell(f"{case.weight:.2f}", case.weight, "dim"),
        Cell("" if case.charged else "left out", case.charged, "dim"),
    )
