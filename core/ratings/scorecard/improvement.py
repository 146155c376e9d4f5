"""What would lift a card to the next grade, in cases that somebody can act on."""

from collections.abc import Mapping

import numpy as np

from core.base.arrays import Flags, Floats
from core.ratings.cases.case_streams import Stream
from core.ratings.rating_results import ImprovementStep
from core.ratings.rating_table import RatingTable
from core.ratings.scoring.grades import PLENTY, PROVISIONAL, beliefs
from core.ratings.scoring.scores import deviations, scores

_DAYS = 28
_LEAST = 20
"""Cases that a step is about at least."""
EVERYTHING = "everything"
"""The component of a step that is about all of them."""
_ONE = {"deliveries": "delivery", "dispatches": "dispatch", "reviews": "review"}
_IN_FULL = 0.5
"""Mean weight of a card's cases below which further ones like them promise no grade: what is more than usual adds nothing."""
_SHARES = np.arange(10, -1, -1) / 10
_TIMES = (1, 2, 4, 8, 16)
"""Four-week paces that are tried: a grade that needs longer is out of reach for now."""


def path(rated: RatingTable, card: int) -> tuple[ImprovementStep, ...]:
    """Ways to the next better grade: by one component while the others stay as they are, the quickest first; then by all.

    A way is good enough when the grade would be sure by the rules' probability: kept up over two weekly refreshes it comes.
    """
    rules, at = rated.gathered.rules, int(rated.grade[card])
    names = list(rules.grades)
    if at == PROVISIONAL:
        return _to_any_grade(rated, card)
    if at == 0:
        return ()
    steps = [
        step
        for row, entry in enumerate(rated.gathered.frame.components)
        if rated.peers.weight[row, card] > 0 and (step := _step(rated, card, row, names[at - 1])) is not None
    ]
    whole = _together(rated, card, names[at - 1])
    return (*sorted(steps, key=lambda step: (step.of_next, step.fewer)), *([whole] if whole else []))


def _pace(rated: RatingTable, card: int, row: int) -> int:
    """Cases of a component in four weeks, as of late, at least `_LEAST`."""
    stream, own = _cases(rated, card, row)
    age = rated.gathered.as_of - stream.start[own]
    return max(int(((age >= 0) & (age < _DAYS)).sum()), _LEAST)


def _weight(rated: RatingTable, card: int, row: int) -> float:
    """How much a case of a component tells on average, 0..1: those to come are taken to be like those before."""
    stream, own = _cases(rated, card, row)
    return float(stream.weight[own].mean()) if own.any() else 1.0


def _cases(rated: RatingTable, card: int, row: int) -> tuple[Stream, Flags]:
    """The cases of a component, and which of them are the card's."""
    people = rated.gathered.pooled
    stream = next(entry for entry in people.streams if any(bad.component == row for bad in entry.bads))
    return stream, people.cell_card[stream.cell] == rated.gathered.pool[card]


def _step(rated: RatingTable, card: int, row: int, target: str) -> ImprovementStep | None:
    """The fewest good cases to come with which this component alone reaches the grade; None when it cannot."""
    entry, pace = rated.gathered.frame.components[row], _pace(rated, card, row)
    for times in _TIMES:
        cases = pace * times
        expected = _expected(rated, card, row, cases)
        allowed = np.arange(int(np.floor(expected)) + 1, dtype=np.float64)
        sure = _reaches(rated, card, target, _DAYS * times, {row: (cases, allowed)})
        if sure.any():
            most = int(allowed[sure][-1])
            return ImprovementStep(
                component=entry.key,
                target=target,
                of_next=cases,
                at_most=most,
                expected=expected,
                fewer=expected - most,
                text=_text(entry.unit, entry.of, cases, most, expected),
            )
    return None


def _together(rated: RatingTable, card: int, target: str) -> ImprovementStep | None:
    """By how much all bad cases to come must be fewer for the grade; None when none at all would not do."""
    rows = np.flatnonzero(rated.peers.weight[:, card] > 0).tolist()
    for times in _TIMES:
        cases = {row: _pace(rated, card, row) * times for row in rows}
        expected = {row: _expected(rated, card, row, cases[row]) for row in rows}
        to_come = {row: (cases[row], _SHARES * expected[row]) for row in rows}
        sure = _reaches(rated, card, target, _DAYS * times, to_come)
        if sure.any():
            share, all_, most = float(_SHARES[sure][0]), sum(expected.values()), max(cases.values())
            fewer = f"{1 - share:.0%} fewer bad cases of every kind" if share else "no bad cases of any kind"
            text = f"have {fewer} for {times * _DAYS // 7} weeks (about {most:,} orders)"
            return ImprovementStep(
                component=EVERYTHING,
                target=target,
                of_next=most,
                at_most=int(share * all_),
                expected=all_,
                fewer=(1 - share) * all_,
                text=text,
            )
    return None


def _expected(rated: RatingTable, card: int, row: int, cases: int) -> float:
    """Bad cases of so many to come at the present rate."""
    is_share = rated.gathered.frame.components[row].is_share
    return _value(rated, card, row) * cases * (1.0 if is_share else 0.001 * _weight(rated, card, row))


def _reaches(rated: RatingTable, card: int, target: str, days: int, to_come: Mapping[int, tuple[int, Floats]]) -> Flags:
    """Whether the grade would be sure after cases to come: component -> (cases, several numbers of bad ones)."""
    gathered, options = rated.gathered, len(next(iter(to_come.values()))[1])
    rules, cards = gathered.rules, np.full(options, card)
    n, k = rated.n[:, cards].copy(), rated.k[:, cards].copy()
    for row, (cases, bad) in to_come.items():
        is_share = gathered.frame.components[row].is_share
        fade = 0.5 ** (days / (rules.half_life_days if is_share else rules.violation_half_life_days))
        weight = _weight(rated, card, row)
        n[row] = n[row] * fade + weight * cases
        # violations weigh by points, whatever the orders do
        k[row] = k[row] * fade + bad * (weight if is_share else 1.0)
    judged = scores(rated.peers.weight[:, cards], beliefs(gathered.frame, rated.peers, cards, n, k))
    return judged.margin(rules.grades[target]) >= deviations(rules.probability)


def _value(rated: RatingTable, card: int, row: int) -> float:
    """The share, or the rate, of bad cases of a component that is believed of the card."""
    one = np.array([card])
    judged = beliefs(rated.gathered.frame, rated.peers, one, rated.n[:, one], rated.k[:, one])
    return float(judged[row].value[0])


def _text(unit: str, of: str, cases: int, most: int, expected: float) -> str:
    fewer = expected - most
    if fewer < 0.5:
        return f"go on as now, with {most:,} or fewer {unit} in the next {cases:,} {of}"
    advice = f"keep {unit} to {most:,} or fewer" if most else f"have no {unit}"
    return f"{advice} in the next {cases:,} {of}; at the current rate there would be {expected:,.0f}"


def _to_any_grade(rated: RatingTable, card: int) -> tuple[ImprovementStep, ...]:
    """What is missing to the evidence that a grade needs."""
    frame, rules = rated.gathered.frame, rated.gathered.rules
    rows = [row for row, entry in enumerate(frame.components) if entry.is_share and rated.peers.weight[row, card] > 0]
    if not rows:
        return ()
    row = max(rows, key=lambda row: float(rated.n[row, card]))
    least, n = rules.minimum_cases, float(rated.n[row, card])
    weight, missing = _weight(rated, card, row), (least if n < least else PLENTY * least) - n
    missing = max(int(np.ceil(missing / (weight if weight >= _IN_FULL else 1.0))), 1)
    of = frame.components[row].of if missing > 1 else _ONE[frame.components[row].of]
    reason = "there is too little evidence for a grade until then"
    if n >= least:
        reason = "until then its grade is uncertain"
    if weight < _IN_FULL:
        of += " of full weight"
        reason = (
            f"those so far weigh {weight:.0%} on average (orders of the same buyers or of buyers who buy from nobody else, cheap "
            "ones and far more than usual weigh less)"
        )
    return (
        ImprovementStep(
            component=frame.components[row].key,
            target=rules.grade_of(float(rated.score[card])),
            of_next=missing,
            at_most=missing,
            expected=0.0,
            fewer=0.0,
            text=f"complete about {missing} more {of}; {reason}",
        ),
    )
