"""A scorecard as a report that can be sent to whom it rates: the grade, what counts, why it moved, what would raise it."""

from collections.abc import Iterator
from operator import attrgetter

from core.base.count_text import count
from core.base.date_text import date_text
from core.base.days import iso
from core.catalogue.rating_rules import packaged
from core.ratings.rating_results import PROVISIONAL, Component, Held, Movement, Rating, ScoreCard, Scorecard
from core.reports.documents.report_inputs import Inputs, inputs_section, reproduce_section
from core.reports.figures.change_format import score_change
from core.reports.figures.number_format import percent
from core.reports.report import Report, Section
from core.reports.table import Column, table_of
from core.reports.tables.scorecard_tables import SHIFT_PARTS, components, value

_REVIEWS = "reviews"
"""The component of reviews."""
_CASES = 12
"""Cases listed for each card; JSON has all."""
_COSTLIEST = 2
"""Components that are named in sentences: those that cost the most points."""
_LEAST_POINTS = 1.0
"""Points: what costs less is not worth a sentence."""
_LEAST_MOVE = 0.5
"""Points by which a score must move for a reason to be named: components may move against each other by more."""
_STEPS = 2
"""Steps to the next grade for each card in the answer."""
_HOW_TO_READ = Section(
    title="How to read the tables",
    items=(
        "points: what a component adds to the score; of: what it would add without a bad case.",
        "value: share of bad cases, or bad cases per 1,000 orders (/1k); with few cases it is drawn towards the peers.",
        "peers: the same value for those with the same role and market. 95% range: where the true value is likely to be.",
        "new evidence: cases known since the earlier day. aged evidence: older cases count less and less.",
        "weights moved: another component counts more or less. peers moved: others became better or worse.",
        "Grade P is provisional: there is too little evidence for a grade.",
    ),
)
_EVIDENCE = (
    Column("day", "day", "the day it became known", right=True, unit="day"),
    Column("component", "component", "the component that it lowers", least=7),
    Column("order_id", "order", "the order; blank for a violation", least=8, priority=2),
    Column("what", "what", "what went wrong", least=16),
)


def scorecard_report(scorecard: Scorecard, inputs: Inputs | None = None) -> Report:
    """What `creator` and `seller` print; with `inputs` a hand-off that says what it rests on."""
    low, high = scorecard.interval
    rests_on = () if inputs is None else (_HOW_TO_READ, inputs_section(inputs.loads), reproduce_section(inputs.command))
    return Report(
        title=f"Scorecard of {scorecard.id}, {date_text(scorecard.as_of)}",
        summary=(
            f"{_grade(scorecard)} {scorecard.score:.1f} of 100 (95% range {low:.0f} to {high:.0f}).",
            *_accounts(scorecard),
            *dict.fromkeys(line for card in scorecard.cards for line in _advice(card, _called(card, scorecard))),
            *scorecard.notes,
        ),
        sections=(*_cards(scorecard, "" if inputs else " (--format json has all)"), *rests_on),
        data=scorecard.to_dict(),
    )


def _grade(scorecard: Scorecard) -> str:
    """The beginning of the first sentence: the grade, of which role it is where there are several, and what P means."""
    grade = f"Grade {_grade_text(scorecard.grade)}"
    shared = {card.rating.components for card in scorecard.cards}
    heaviest = max(zip(scorecard.weights, scorecard.cards, strict=True), key=lambda pair: pair[0], default=None)
    if heaviest and len(shared) > 1:
        return f"{grade} as {_words(heaviest[1].rating.role)}; over all roles, the score is"
    return f"{grade}, score"


def _grade_text(grade: str) -> str:
    return grade + (" (provisional, too little evidence)" if grade == PROVISIONAL else "")


def _accounts(scorecard: Scorecard) -> Iterator[str]:
    if len(scorecard.accounts) > 1:
        yield f"Person {scorecard.person_id} has the accounts {', '.join(scorecard.accounts)}."
    if scorecard.roles:
        yield f"Roles: {'; '.join(map(_role, scorecard.roles))}."


def _role(role: Held) -> str:
    since = "" if role.since is None else f" since {date_text(role.since)}"
    until = "" if role.until is None else f" until {date_text(role.until)}"
    return f"{_words(role.role)} with {role.creator_id}{since}{until}"


def _called(card: ScoreCard, scorecard: Scorecard) -> str:
    """The role that a card rates, with its market where another card is of the same role."""
    role = _words(card.rating.role)
    is_alone = [other.rating.role for other in scorecard.cards].count(card.rating.role) == 1
    if is_alone:
        return f"As {role}"
    return f"As {role} in {card.rating.market}" if card.rating.market else f"As {role} without a market"


def _advice(card: ScoreCard, role: str) -> Iterator[str]:
    """Which components that are worse than at peers cost the most points, and what would reach the next grade."""
    costly = sorted(card.rating.components, key=lambda part: part.points - part.weight)[:_COSTLIEST]
    for part in costly:
        lost = part.weight - part.points
        if lost >= _LEAST_POINTS and part.bad and part.value > part.peer_value:
            yield (
                f"{role}: {lost:.1f} of {part.weight:.0f} points are lost to {_words(part.name)} ({_bad(part)}; "
                f"peers: {value(part, part.peer_value)})."
            )
    for step in card.path[:_STEPS]:
        yield f"{role}, to reach grade {step.target}: {step.text}."


def _bad(part: Component) -> str:
    """How many bad cases a component has, and its value."""
    rule, figure = packaged().components.get(part.name), value(part, part.value)
    if _in_part(part):
        return f"one or two stars: {part.bad:,} of {part.cases:,} reviews, {figure} with three and four stars in part"
    if rule is None:  # of the user's own rules
        return f"{part.bad:,} bad of {part.cases:,}, {figure}"
    return f"{rule.unit}: {part.bad:,} of {part.cases:,} {rule.of}, {figure}"


def _in_part(part: Component) -> bool:
    """Whether three and four stars are most of what counts against somebody."""
    return part.name == _REVIEWS and part.value * part.cases > 2 * part.bad + 1


def _words(name: str) -> str:
    """A component or a role as people read it."""
    return "seller-owned account" if name == "seller_owned" else name.replace("_", " ")


def _cards(scorecard: Scorecard, hint: str) -> Iterator[Section]:
    """Every card; accounts of one person that share role and market are rated together, and their evidence is listed once.

    `hint`: where cases are that are not listed.
    """
    listed: dict[tuple[Component, ...], ScoreCard] = {}
    for card, weight in zip(scorecard.cards, scorecard.weights, strict=True):
        first = listed.setdefault(card.rating.components, card)
        yield from _card(card, weight, hint) if first is card else _same_evidence(card, first, weight)


def _same_evidence(card: ScoreCard, first: ScoreCard, weight: float) -> Iterator[Section]:
    rating = card.rating
    line = (
        f"Score {rating.score:.1f}, {count(rating.orders, 'order')}, {percent(weight)} of the total score. "
        f"Rated together with {first.rating.id}: the accounts of one person share their evidence."
    )
    yield Section(title=f"{rating.id} as {_words(rating.role)}: grade {_grade_text(rating.grade)}", lines=(line,))


def _card(card: ScoreCard, weight: float, hint: str) -> Iterator[Section]:
    rating = card.rating
    rank = f", rank {rating.rank:,} of {rating.peers:,}" if rating.rank else ", no case yet"
    market = f" in {rating.market}" if rating.market else ""
    ended = f", ended {date_text(rating.ended)}" if rating.ended is not None else ""
    low, high = rating.interval
    partly = any(map(_in_part, rating.components))
    yield Section(
        title=f"{rating.id} as {_words(rating.role)}{market}: grade {_grade_text(rating.grade)}{rank}",
        lines=(
            f"Score {rating.score:.1f} ({low:.0f} to {high:.0f}), {count(rating.orders, 'order')}, "
            f"{percent(weight)} of the total score{ended}.",
            _moved(card.movement),
            *_hysteresis(rating),
            *(
                ("Reviews with three or four stars count in part, so the value exceeds the share of bad ones.",)
                if partly
                else ()
            ),
        ),
        table=components(card)[0],
    )
    if card.cases:
        records = [
            {"day": iso(case.day), "component": case.component or "–", "order_id": case.order_id, "what": case.what}
            for case in card.cases[:_CASES]
        ]
        more = len(card.cases) - _CASES
        lines = (f"And {more:,} more{hint}.",) if more > 0 else ()
        yield Section(title="Latest cases", table=table_of("Latest cases", _EVIDENCE, records), lines=lines)


def _hysteresis(rating: Rating) -> Iterator[str]:
    """Why the grade is not that of the score."""
    if not rating.is_provisional and rating.grade != rating.would_be:
        yield f"By score alone it would be {rating.would_be}: a grade changes only when two weekly refreshes in a row confirm it."


def _moved(move: Movement) -> str:
    """How the score moved, what moved it most in that direction, and in which component most of all."""
    grades = (
        f"grade {move.grade_before} to {move.grade_after}" if move.grade_before != move.grade_after else "same grade"
    )
    text = (
        f"Since {date_text(move.since)}: {move.before:.1f} to {move.after:.1f} ({score_change(move.change)}), {grades}"
    )
    if abs(move.change) < _LEAST_MOVE:
        return f"{text}."
    sign = 1 if move.change > 0 else -1
    totals = {name: sum(map(attrgetter(name), move.shifts)) for name in SHIFT_PARTS}
    part = max(totals, key=lambda name: sign * totals[name])
    largest = max(move.shifts, key=lambda shift: sign * attrgetter(part)(shift))
    return f"{text}; main reason: {SHIFT_PARTS[part]} ({score_change(totals[part])}, above all {_words(largest.component)})."
