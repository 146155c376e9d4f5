"""Grades with hysteresis, from the data alone: the weekly refreshes of the past are played again.

Every Sunday each card is judged by what was known at the end of that day, the peers by what was known at the last anchor day. So
tomorrow's answer tells nearly the same past as today's, as which orders count is decided week by week, too (`refresh_days`). In
six marketplaces of 90 days (fixtures.marketplace, seeds 3301 to 3306) 97 % of the grades of the past were the same a week later,
in six of 26 weeks 99.7 %, 99.0 % when each run decided anew; published grades changed .51 times a
card-year between runs, .63 in the worst, .65 and 1.02 before. A
grade changes when two refreshes in a row are sure (the rules' probability) that the score lies in better, or in worse, grades:
then to the nearer of the two that they point to. It falls, too, when what is known of late is sure of worse by itself, and does
not rise against that. The first grade is that of the score, when there is enough evidence and it is sure, or twice as much (and
it is likely, while the data are young); it is lost when less than half of the evidence needed is left.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.base.arrays import Flags, Floats, Ints
from core.ratings.cases.case_counts import count_for_peers, learn_delays, only
from core.ratings.cases.case_matrix import CaseMatrix
from core.ratings.cases.refresh_days import SUNDAY, WEEK, YOUNG_DAYS
from core.ratings.cases.star_worth import learn_worth
from core.ratings.scoring import peers as peer_groups
from core.ratings.scoring.evidence_weeks import EvidenceWeeks
from core.ratings.scoring.peers import Peers
from core.ratings.scoring.scores import Belief, Scores, deviations, scores

PROVISIONAL = -1
_MOST_WEEKS = 160
_AT_ONCE = 10_000
"""Cards that are played together: about 100 MB."""
_ALARM_DAYS, _GROWN_DAYS, _ANCHOR_DAYS = 12 * WEEK, 20 * WEEK, 4 * WEEK
_WORSE = 0.4
"""Standard deviations by which what is known of late must be worse than the whole to raise an alarm by itself: in a young
workspace both are the same evidence, and the alarm only a lower bar."""
PLENTY = 2.0
"""Times the evidence that a grade needs, with which there is one even when the score may lie in either of two grades."""
_YOUNG_FIRST = deviations(0.7)
"""How sure a first grade must be even with plenty of evidence while peers are learnt anew each week, falling to nothing by the
twentieth week. Grades given on a cut flipped within three weeks, and hung on each order that a later run weighs otherwise: in six
marketplaces of constant quality (26 weeks) published grades changed .98 times a card-year, 1.14 in the worst, four in ten because
the first grade was another in the next run. With this, `_WORSE` (.3 before) and a probability of .9 (.85) it is .70 and .95, for
one grade in fifty fewer; in four fresh ones .83 and 1.26 (1.00 and 1.59 before). True falls are seen as early: of 91 members of
whose orders a fifth went bad 90 % had a worse grade after six weeks, 88 % before."""
_YOUNG_SURE = deviations(0.95)
"""How sure a change must be while peers are learnt anew each week; it falls to the rules' probability by the twentieth week.
Falling at once in the ninth, then to .85, it let 1.6 changes a card-year through in that week."""
_MOST_BAD = 0.98
"""No share of bad cases is taken to be larger before a case of one's own."""


@dataclass(frozen=True, slots=True)
class GradeHistory:
    """The grades of some cards at each refresh."""

    days: Ints
    """Of the refreshes, shape (refreshes,)."""
    grades: NDArray[np.int8]
    """Index of the grade, 0 the best, -1 provisional; shape (refreshes, cards)."""

    def last(self) -> Ints:
        """The grades now, shape (cards,)."""
        return self.grades[-1].astype(np.int64) if len(self.grades) else np.full(self.grades.shape[1], PROVISIONAL)

    def flips(self) -> Ints:
        """How often each card went from one grade to another."""
        before, after = self.grades[:-1], self.grades[1:]
        flips: Ints = np.count_nonzero((before != after) & (before >= 0) & (after >= 0), axis=0)
        return flips

    def is_grown(self, day: int) -> bool:
        """Whether changes had to be as sure on a day as on any later one: while the data are young they must be surer."""
        return len(self.days) > 0 and day - int(self.days[0]) >= _GROWN_DAYS

    def graded_weeks(self) -> Ints:
        """At how many refreshes each card had a grade."""
        weeks: Ints = np.count_nonzero(self.grades >= 0, axis=0)
        return weeks


class _Anchor:
    """What was known on an anchor day: the cases with the delays and the worth of stars of that day, and the peers."""

    def __init__(self, matrix: CaseMatrix, day: int) -> None:
        self._day = day
        self.known = replace(matrix, delays=learn_delays(matrix, day), star_worth=learn_worth(matrix, day))

    @cached_property
    def peers(self) -> Peers:
        """Fitted when somebody is first judged by them."""
        return peers_at(self.known, self._day)


def replay_grades(matrix: CaseMatrix, cards: Ints, as_of: int) -> GradeHistory:
    """The grades of these cards (ascending) at every refresh up to a day."""
    days = refreshes(matrix.first, as_of)
    if not len(cards):
        return GradeHistory(days, np.zeros((len(days), 0), np.int8))
    known = {day: _Anchor(matrix, day) for day in {anchor_of(matrix.first, day) for day in days.tolist()}}

    def anchor(day: int) -> _Anchor:
        return known[anchor_of(matrix.first, day)]

    parts = [_replay(matrix, anchor, cards[at : at + _AT_ONCE], days) for at in range(0, len(cards), _AT_ONCE)]
    return GradeHistory(days, np.concatenate([part.grades for part in parts], axis=1))


def refreshes(first: int, as_of: int) -> Ints:
    """The Sundays from the first day of the data up to a day."""
    last = as_of - (as_of - SUNDAY) % WEEK
    weeks = min(max((last - first) // WEEK + 1, 0), _MOST_WEEKS)
    days: Ints = last - WEEK * np.arange(weeks)[::-1]
    return days


def anchor_of(first: int, day: int) -> int:
    """The anchor day of a refresh: itself while the data are younger than eight weeks, then the last fourth Sunday.

    Early on peers are learnt from little and change by the week; later each change of what is usual would move many grades.
    """
    if day - first < YOUNG_DAYS:
        return day
    return max(day - (day - SUNDAY) % _ANCHOR_DAYS, first + YOUNG_DAYS - (first + YOUNG_DAYS - SUNDAY) % WEEK)


def peers_at(matrix: CaseMatrix, day: int) -> Peers:
    """What the peers are like by what was known at a day."""
    return peer_groups.find(matrix, *count_for_peers(matrix, day))


def _replay(matrix: CaseMatrix, anchor: Callable[[int], _Anchor], cards: Ints, days: Ints) -> GradeHistory:
    own = only(matrix, cards)
    whole, late = EvidenceWeeks(own), EvidenceWeeks(own, matrix.rules.alarm_half_life_days)
    state = _State(matrix, len(cards))
    grades = np.empty((len(days), len(cards)), np.int8)
    for week, day in enumerate(days.tolist()):
        known = anchor(day).known
        n, k = whole.at(day, known.delays, known.star_worth)
        if state.is_idle(n):
            grades[week] = PROVISIONAL
            continue
        peers = anchor(day).peers
        lately = _judged(matrix, peers, cards, *late.at(day, known.delays, known.star_worth))
        grades[week] = state.next(n, _judged(matrix, peers, cards, n, k), lately, day - matrix.first)
    return GradeHistory(days, grades)


def _judged(matrix: CaseMatrix, peers: Peers, cards: Ints, n: Floats, k: Floats) -> Scores:
    return scores(peers.weight[:, cards], beliefs(matrix, peers, cards, n, k))


def beliefs(matrix: CaseMatrix, peers: Peers, cards: Ints, n: Floats, k: Floats) -> list[Belief]:
    """What is believed of each component of some cards, from all evidence of theirs; n, k of shape (components, cards)."""
    mean, a = priors_of(matrix, peers, cards, n, k)
    return [
        Belief(
            a=a[row],
            b=a[row] / mean[row] - a[row] if entry.is_share else a[row] / mean[row],
            n=n[row] if entry.is_share else n[row] / 1000,
            k=k[row],
            run=peers.run[row, cards],
            is_share=entry.is_share,
        )
        for row, entry in enumerate(matrix.components)
    ]


def priors_of(matrix: CaseMatrix, peers: Peers, cards: Ints, n: Floats, k: Floats) -> tuple[Floats, Floats]:
    """(mean, a) of each component before its own evidence: the peers', moved by the card's other components and its stars.

    Shape (components, cards) each; means as in `Peers.mean`.
    """
    shares = matrix.is_share()
    scale = np.where(shares, 1.0, 1000.0)
    usual = peers.mean[:, cards] / scale
    counts = peers.weight[:, cards] > 0
    mean, a = peers.factor.of(cards).priors(
        usual, peers.a[:, cards], np.where(counts, n, 0.0), np.where(counts, k, 0.0), peer_groups.noise(matrix, usual)
    )
    return np.where(shares, np.minimum(mean, _MOST_BAD), mean) * scale, a


class _State:
    """The grade of each card, and where the last refresh would have it go."""

    def __init__(self, matrix: CaseMatrix, cards: int) -> None:
        self._rules = matrix.rules
        self._shares = [row for row, entry in enumerate(matrix.components) if entry.is_share]
        self._lows = list(matrix.rules.grades.values())
        self._sure, self._alarm = deviations(matrix.rules.probability), deviations(matrix.rules.alarm_probability)
        self.grade = np.full(cards, PROVISIONAL)
        self._pointed = self.grade.copy()

    def is_idle(self, n: Floats) -> bool:
        """Whether nobody has a grade, and nobody the evidence for a first one; n: effective cases, (components, cards)."""
        return bool((self.grade == PROVISIONAL).all() and (n[self._shares] < self._rules.minimum_cases).all())

    def next(self, n: Floats, judged: Scores, lately: Scores, age: int) -> Ints:
        """The grades after a refresh at which the data are `age` days old; n: effective cases, (components, cards)."""
        enough = n[self._shares].max(axis=0, initial=0.0)
        target = self._target(self.grade, judged, lately, age)
        up = (target < self.grade) & (self._pointed < self.grade)
        down = (target > self.grade) & (self._pointed > self.grade)
        shifted = np.where(
            up, np.maximum(target, self._pointed), np.where(down, np.minimum(target, self._pointed), self.grade)
        )
        first = by_score(judged.score, self._lows)
        young = 1 - _grown(age)
        likely = self._is_sure(first, judged, young * min(_YOUNG_FIRST, self._sure)) if young else True
        plenty = (enough >= PLENTY * self._rules.minimum_cases) & likely
        ready = plenty | ((enough >= self._rules.minimum_cases) & self._is_sure(first, judged, self._sure))
        enters = (self.grade == PROVISIONAL) & ready
        leaves = enough < self._rules.minimum_cases / 2
        grade = np.where(self.grade == PROVISIONAL, PROVISIONAL, shifted)
        grade = np.where(enters, first, np.where(leaves, PROVISIONAL, grade))
        self._pointed = np.where(grade == self.grade, target, grade)
        self.grade = grade
        return grade

    def _is_sure(self, grade: Ints, judged: Scores, sure: float) -> Flags:
        """Whether the score surely lies in the grade, and not in the next better or the next worse one."""
        margins = np.stack([np.full(len(grade), -np.inf), *(judged.margin(low) for low in self._lows)])
        at = np.arange(len(grade))
        inside: Flags = (margins[grade + 1, at] >= sure) & (margins[grade, at] <= -sure)
        return inside

    def _target(self, present: Ints, judged: Scores, lately: Scores, age: int) -> Ints:
        """The grade that a refresh points to; the present one unless it is sure of another.

        What is known of late can make a grade fall by itself, and keeps it from rising.
        """
        whole, recent = (np.stack([entry.margin(low) for low in self._lows]) for entry in (judged, lately))
        sure = max(_YOUNG_SURE + _grown(age) * (self._sure - _YOUNG_SURE), self._sure)
        best_sure = np.maximum(np.argmax(whole >= sure, axis=0), np.argmax(recent >= 0, axis=0))
        worse = (judged.centre - lately.centre > _WORSE * lately.scale) & (age >= _ALARM_DAYS)
        alarm = np.where(worse, np.argmax(recent > -self._alarm, axis=0), 0)
        best_possible = np.maximum(np.argmax(whole > -sure, axis=0), alarm)
        return np.where(best_sure < present, best_sure, np.where(best_possible > present, best_possible, present))


def _grown(age: int) -> float:
    """0 while the data are young, 1 when they are grown, in part between."""
    return min(max((age - YOUNG_DAYS) / (_GROWN_DAYS - YOUNG_DAYS), 0.0), 1.0)


def by_score(score: Floats, lows: list[float]) -> Ints:
    """Index of the grade that each score gives."""
    return np.searchsorted(-np.array(lows), -score, side="left")
