"""What would lift a card to the next grade, in cases that somebody can act on."""

import numpy as np
from numpy.typing import NDArray

from core.ratings.grade import PROVISIONAL, beliefs
from core.ratings.model import Step
from core.ratings.rate import Rated
from core.ratings.score import deviations, scores

Floats = NDArray[np.float64]

_DAYS = 28
_LEAST = 20
"""Cases that a step is about at least."""
_TIMES = (1, 2, 4, 8, 16)
"""Four-week paces that are tried: a grade that needs longer is out of reach for now."""


def path(rated: Rated, card: int) -> tuple[Step, ...]:
    """Ways to the next better grade, the quickest first; each holds the other components where they are.

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
        for row, one in enumerate(rated.gathered.frame.components)
        if rated.peers.weight[row, card] > 0 and (step := _step(rated, card, row, names[at - 1])) is not None
    ]
    return tuple(sorted(steps, key=lambda step: (step.of_next, step.fewer)))


def _pace(rated: Rated, card: int, row: int) -> int:
    """Cases of a component in four weeks, as of late, at least `_LEAST`."""
    frame, day = rated.gathered.frame, rated.gathered.as_of
    stream = next(one for one in frame.streams if any(bad.component == row for bad in one.bads))
    recent = (stream.start > day - _DAYS) & (stream.start <= day)
    return max(int((frame.cell_card[stream.cell[recent]] == card).sum()), _LEAST)


def _step(rated: Rated, card: int, row: int, target: str) -> Step | None:
    """The fewest good cases to come with which this component alone reaches the grade; None when it cannot."""
    rules, one = rated.gathered.rules, rated.gathered.frame.components[row]
    pace, cut = _pace(rated, card, row), rules.grades[target]
    value = _value(rated, card, row)
    for times in _TIMES:
        cases = pace * times
        expected = value * cases * (1.0 if one.is_share else 0.001)
        allowed = np.arange(int(np.floor(expected)) + 1, dtype=np.float64)
        sure = _sure(rated, card, row, cases, _DAYS * times, allowed, cut) >= deviations(rules.probability)
        if sure.any():
            most = int(allowed[sure][-1])
            return Step(one.key, target, cases, most, expected, expected - most, _text(one.unit, cases, most, expected))
    return None


def _sure(rated: Rated, card: int, row: int, cases: int, days: int, bad: Floats, cut: float) -> Floats:
    """By how many deviations the score clears a cut after so many cases to come with each of these numbers of bad ones."""
    cards, one = np.full(len(bad), card), rated.gathered.frame.components[row]
    n, k = rated.n[:, cards].copy(), rated.k[:, cards].copy()
    rules = rated.gathered.rules
    fade = 0.5 ** (days / (rules.half_life_days if one.is_share else rules.violation_half_life_days))
    n[row] = n[row] * fade + cases
    k[row] = k[row] * fade + bad
    return scores(rated.peers.weight[:, cards], beliefs(rated.gathered.frame, rated.peers, cards, n, k)).margin(cut)


def _value(rated: Rated, card: int, row: int) -> float:
    return next(one.value for one in rated.components(card) if one.name == rated.gathered.frame.components[row].key)


def _text(unit: str, cases: int, most: int, expected: float) -> str:
    fewer = expected - most
    if fewer < 0.5:
        return f"keep on: at most {most} {unit} of the next {cases}"
    if most == 0 and expected < 1:
        return f"no {unit} in the next {cases} orders"
    return f"{max(round(fewer), 1)} fewer {unit} of the next {cases}: at most {most}, where {expected:.1f} are to be expected"


def _to_any_grade(rated: Rated, card: int) -> tuple[Step, ...]:
    """What is missing to the evidence that a grade needs."""
    frame, rules = rated.gathered.frame, rated.gathered.rules
    rows = [row for row, one in enumerate(frame.components) if one.is_share and rated.peers.weight[row, card] > 0]
    if not rows:
        return ()
    row = max(rows, key=lambda row: float(rated.n[row, card]))
    missing = max(int(np.ceil(rules.minimum_cases - rated.n[row, card])), 1)
    would_be = rules.grade_of(float(rated.score[card]))
    text = f"about {missing} more {frame.components[row].of} until there is a grade; as things stand {would_be}"
    return (Step(frame.components[row].key, would_be, missing, missing, 0.0, 0.0, text),)
