"""Grades with hysteresis, from the data alone: the weekly refreshes of the past are played again.

Every Sunday each card is judged by what was known at the end of that day. Its grade changes when two refreshes in a row
are sure (the rules' probability) that the score lies in better, or in worse, grades: then to the nearer of the two that
they point to. It falls, too, when what is known of late is sure of worse by itself, and does not rise against that. The
first grade, when there is enough evidence, is that of the score; it is lost when less than half of the evidence needed is
left. The priors are those of the day asked for.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.base.arrays import Floats, Ints
from core.ratings.cases.case_counts import effective, only
from core.ratings.cases.case_matrix import Bad, CaseMatrix, Stream, exact
from core.ratings.scoring.peers import Peers
from core.ratings.scoring.scores import Belief, Scores, deviations, scores

PROVISIONAL = -1
WEEK = 7
_SUNDAY = 3
_MOST_WEEKS = 160
_AT_ONCE = 10_000
"""Cards that are played together: about 100 MB."""


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

    def graded_weeks(self) -> Ints:
        """At how many refreshes each card had a grade."""
        weeks: Ints = np.count_nonzero(self.grades >= 0, axis=0)
        return weeks


def replay_grades(found: CaseMatrix, peers: Peers, cards: Ints, as_of: int) -> GradeHistory:
    """The grades of these cards (ascending) at every refresh up to a day."""
    parts = [_replay(found, peers, cards[at : at + _AT_ONCE], as_of) for at in range(0, len(cards), _AT_ONCE)]
    if not parts:
        return _replay(found, peers, cards, as_of)
    return GradeHistory(parts[0].days, np.concatenate([part.grades for part in parts], axis=1))


def _replay(found: CaseMatrix, peers: Peers, cards: Ints, as_of: int) -> GradeHistory:
    last = as_of - (as_of - _SUNDAY) % WEEK
    weeks = min(max((last - found.first) // WEEK + 1, 0), _MOST_WEEKS)
    days = last - WEEK * np.arange(weeks)[::-1]
    own = only(found, cards)
    evidence, late_evidence = _Weeks(own, days), _Weeks(own, days, found.rules.alarm_half_life_days)
    state = _State(found, len(cards))
    grades = np.empty((weeks, len(cards)), np.int8)
    for week in range(weeks):
        n, k = evidence.at(week)
        lately = _judged(found, peers, cards, *late_evidence.at(week))
        grades[week] = state.next(n, _judged(found, peers, cards, n, k), lately)
    return GradeHistory(days, grades)


class _Weeks:
    """The evidence of some cards at every refresh: each week the last one's decays, and what became known comes in."""

    def __init__(self, found: CaseMatrix, days: Ints, half_life: float | None = None) -> None:
        self._found, self._cards, self._days, self._other = found, found.cards.size, days, half_life
        shape = (len(found.components), found.cards.size)
        self._n, self._squares, self._k = np.zeros(shape), np.zeros(shape), np.zeros(shape)
        self._new = [self._entries(stream) for stream in found.streams]

    def at(self, week: int) -> tuple[Floats, Floats]:
        """Effective (n, k) at a refresh; to be asked for in order."""
        for stream, (n, squares, bads) in zip(self._found.streams, self._new, strict=True):
            fade = 0.5 ** (WEEK / self._half_life(stream))
            for bad, k in zip(stream.bads, bads, strict=True):
                row = bad.component
                self._n[row] = self._n[row] * fade + n[week]
                self._squares[row] = self._squares[row] * fade * fade + squares[week] * bad.spread
                self._k[row] = self._k[row] * fade + k[week]
        return effective(self._n, self._squares, np.maximum(self._k, 0.0))

    def _half_life(self, stream: Stream) -> float:
        rules = self._found.rules
        if self._other is not None:
            return self._other
        return rules.violation_half_life_days if stream.of == "orders" else rules.half_life_days

    def _entries(self, stream: Stream) -> tuple[Floats, Floats, list[Floats]]:
        """What comes in at each refresh: n, squares, and k of each component; shape (refreshes, cards) each."""
        half_life, size = self._half_life(stream), (len(self._days), self._cards)
        week, age = self._first_refresh(stream.start)
        n, squares, shown = np.zeros(size), np.zeros(size), np.zeros(len(week))
        waits = self._found.rules.ripe_days // WEEK + 1 if stream.ripens else 0
        for later in range(waits + 1):
            days = age + WEEK * later
            seen = self._seen(stream, days)
            weight = 0.5 ** (days / half_life)
            n += self._sum(week + later, stream.cell, weight * (seen - shown))
            squares += self._sum(week + later, stream.cell, weight * weight * (seen - shown))
            shown = seen
        return n, squares, [self._bad_entries(bad, half_life) for bad in stream.bads]

    def _bad_entries(self, bad: Bad, half_life: float) -> Floats:
        known = self._first_refresh(bad.known)[0]
        gone = self._first_refresh(bad.gone)[0]
        days = (
            self._days[np.minimum([known, gone], len(self._days) - 1)] - bad.start
            if len(self._days)
            else np.zeros((2, 0))
        )
        weight = 0.5 ** (np.maximum(days, 0) / half_life) * bad.amount
        return self._sum(known, bad.cell, weight[0]) - self._sum(gone, bad.cell, weight[1])

    def _first_refresh(self, day: Ints) -> tuple[Ints, Ints]:
        """The first refresh that sees a day, and how many days later it is; before all refreshes: the first one."""
        first = int(self._days[0]) if len(self._days) else 0
        week = np.maximum((day - first + WEEK - 1) // WEEK, 0)
        return week, first + WEEK * week - day

    def _seen(self, stream: Stream, age: Ints) -> Floats:
        if not stream.ripens:
            return np.ones(len(age))
        return self._found.delays[stream.market, np.minimum(age, self._found.rules.ripe_days)]

    def _sum(self, week: Ints, card: Ints, weight: Floats) -> Floats:
        keep = week < len(self._days)
        sums = np.bincount(week[keep] * self._cards + card[keep], exact(weight[keep]), len(self._days) * self._cards)
        return np.asarray(sums, np.float64).reshape(len(self._days), self._cards)


def _judged(found: CaseMatrix, peers: Peers, cards: Ints, n: Floats, k: Floats) -> Scores:
    return scores(peers.weight[:, cards], beliefs(found, peers, cards, n, k))


def beliefs(found: CaseMatrix, peers: Peers, cards: Ints, n: Floats, k: Floats) -> list[Belief]:
    """What is believed of each component of some cards, from their own evidence; n, k of shape (components, cards)."""
    return [
        Belief(
            a=peers.a[row, cards],
            b=peers.b[row, cards],
            n=n[row] if one.is_share else n[row] / 1000,
            k=k[row],
            run=peers.run[row, cards],
            is_share=one.is_share,
        )
        for row, one in enumerate(found.components)
    ]


class _State:
    """The grade of each card, and where the last refresh would have it go."""

    def __init__(self, found: CaseMatrix, cards: int) -> None:
        self._rules = found.rules
        self._shares = [row for row, one in enumerate(found.components) if one.is_share]
        self._lows = list(found.rules.grades.values())
        self._sure, self._alarm = deviations(found.rules.probability), deviations(found.rules.alarm_probability)
        self.grade = np.full(cards, PROVISIONAL)
        self._pointed = self.grade.copy()

    def next(self, n: Floats, judged: Scores, lately: Scores) -> Ints:
        """The grades after a refresh, at which cards have n effective cases of each component."""
        enough = n[self._shares].max(axis=0, initial=0.0)
        target = self._target(judged, lately)
        up = (target < self.grade) & (self._pointed < self.grade)
        down = (target > self.grade) & (self._pointed > self.grade)
        moved = np.where(
            up, np.maximum(target, self._pointed), np.where(down, np.minimum(target, self._pointed), self.grade)
        )
        enters = (self.grade == PROVISIONAL) & (enough >= self._rules.minimum_cases)
        leaves = enough < self._rules.minimum_cases / 2
        grade = np.where(self.grade == PROVISIONAL, PROVISIONAL, moved)
        grade = np.where(enters, by_score(judged.score, self._lows), np.where(leaves, PROVISIONAL, grade))
        self._pointed = np.where(grade == self.grade, target, grade)
        self.grade = grade
        return grade

    def _target(self, judged: Scores, lately: Scores) -> Ints:
        """The grade that a refresh points to; the present one unless it is sure of another.

        What is known of late can make a grade fall by itself, and keeps it from rising.
        """
        whole, recent = (np.stack([one.margin(low) for low in self._lows]) for one in (judged, lately))
        best_sure = np.maximum(np.argmax(whole >= self._sure, axis=0), np.argmax(recent >= 0, axis=0))
        best_possible = np.maximum(np.argmax(whole > -self._sure, axis=0), np.argmax(recent > -self._alarm, axis=0))
        return np.where(
            best_sure < self.grade, best_sure, np.where(best_possible > self.grade, best_possible, self.grade)
        )


def by_score(score: Floats, lows: list[float]) -> Ints:
    """Index of the grade that each score gives."""
    return np.searchsorted(-np.array(lows), -score, side="left")
