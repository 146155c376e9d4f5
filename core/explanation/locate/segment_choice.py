"""Segments: the smallest set that explains a change, and what each of them brought."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from math import exp, log

import numpy as np
from numpy.typing import NDArray

from core.base.segment import Segment
from core.catalogue.metric_tree.metrics import Metric
from core.detection.distributions import Z95
from core.explanation.locate.onset import OnsetEstimate
from core.explanation.locate.segment_part import ALIKE, SegmentMove, measures_of, part_of_change, relative_change
from core.localization.with_history.actual_vs_expected import ActualVsExpected, LeafSums
from core.localization.with_history.leaf_history import LeafHistory, leaf_history
from core.localization.with_history.scan_search import CandidateSegment, scan_search
from core.localization.with_history.segment_lattice import MANY, ValueGroup

_NATS, _SUREST = 4.0, 0.98
"""Nats by which a segment describes the change better, its price paid, after which doubt has fallen to 1/e; and what is left
of it in the end. Of planted segments reported with a confidence of 85 to 95% four in five are right, of surer ones 99 in 100
(bench/causes.py)."""
_ALL_OF_IT, _UNKNOWN = 0.7, 0.5
"""How sure it is that no segment explains a change: one that is more than chance, and one that may be none."""
_ADDS = 0.1
"""A further segment must bring this share of the change, or of what is explained so far where that is more."""
_CLEARLY = 0.75
"""Of those that are shown about as sharply as the sharpest, the narrowest one is taken."""
_LITTLE = 0.15
"""Segments that explain less than this share of a change do not explain it: everything moved."""
_MOST = 4
"""Segments that a reader still takes for separate causes of one change."""
_FURTHER = 0.95
"""So sure a further segment must be: after the first one there are as many to be taken in by, and fewer that are true."""
_LIKELY = 0.7
"""... or so sure where it is a drop by its own days as well: one that began before the window is hardly seen in it."""
_GONE = 0.05
"""What keeps less than this share is gone."""
_TRIFLE, _MATTERS = 0.5, 0.0125
"""Of the standard error of the whole, and of what is expected of it: a part that moves the whole by less is a trifle. The latter
is what makes a finding major."""
_MOSTLY_OWN = 0.5
"""Share of what a further segment brought that must lie outside those before it, for its own days to speak for it."""
_NEARLY = 0.6
"""Of sets that explain at least this share of what the best one does, the one that is shown most sharply is taken."""


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What segments are looked for in: a metric, the metrics that it is made of, and how its rows can be sliced."""

    metric: Metric
    searches: tuple[Metric, ...]
    """The metric first, then what may show a segment more sharply: its drivers, its denominator."""
    groups: tuple[ValueGroup, ...] = ()
    error: float = 0.0
    """Standard error of the metric's expected value."""
    coarse: bool = False
    """Sums only over dimensions with few values."""
    replaced: frozenset[str] = frozenset()
    """Dimensions in which values took over from others in the window: on more days these would pass for growth."""
    price: float = 0.0
    """Nats that a segment must bring beyond what it costs to name it."""
    is_proven: Callable[[Segment, Metric], bool] = lambda _, __: False
    """Whether a segment is a drop by its own days too, given the metric that showed it."""


def find(
    scope: Scope, compared: ActualVsExpected, leaves: LeafSums, judged: ActualVsExpected
) -> tuple[tuple[SegmentMove, ...], Metric]:
    """The smallest set of segments that explains the change, best first, and the metric that showed it.

    They are looked for in `compared` (which may judge more days than were asked for), by each of the scope's searches; the
    set that explains most of the change of `judged` is taken, and what it leaves unexplained is looked for by all searches
    again. `leaves` are those of `judged`. The empty segment stands for a change that is nowhere in particular.
    """
    actual, expected = judged.value(scope.metric)
    weigh = _Weigh(scope, leaves, actual - expected)
    histories = [(_history(metric, compared, scope), metric) for metric in scope.searches]
    moving = [(weigh.moving(scan_search(history)), metric) for history, metric in histories]
    options = [(weigh.showing(candidates), metric) for candidates, metric in moving]
    worth = [weigh.worth(candidates) for candidates, _ in options]
    if max(worth) < (_LITTLE if weigh.moved else 0) or max(worth) <= 0:
        return (SegmentMove(Segment(), _ALL_OF_IT if weigh.moved else _UNKNOWN),), scope.metric
    good = [option for option, value in zip(options, worth, strict=True) if value >= _NEARLY * max(worth)]
    clear = _CLEARLY * max(candidates[0].gain for candidates, _ in good)
    sharp = [option for option in good if option[0][0].gain >= clear]
    candidates, by = min(sharp, key=lambda option: weigh.size(option[0][0]))
    chosen = candidates[:1]
    further = _by_gain(moving)
    while len(chosen) < _MOST and weigh.next(chosen, further) is not None:
        places = [segment.where for segment in chosen]
        further = _by_gain(
            (weigh.moving(scan_search(history.without(places))), metric) for history, metric in histories
        )
        following = weigh.next(chosen, further)
        chosen += [] if following is None else [following]
    return tuple(_move(segment) for segment in chosen), by


def joined(
    metric: Metric, leaves: LeafSums, moves: Iterable[SegmentMove], began: Callable[[Segment], OnsetEstimate]
) -> tuple[SegmentMove, ...]:
    """Segments that changed alike at one time and differ in the values of one dimension are one: a ranking that fails in three
    markets. `began`: since when a segment is on."""
    merged: list[SegmentMove] = []
    for move in moves:
        for index, other in enumerate(merged):
            where = other.where.joined(move.where)
            if where is None or not _is_alike(metric, leaves, other.where, move.where):
                continue
            first, second = began(other.where), began(move.where)
            if first.first <= second.day <= first.last or second.first <= first.day <= second.last:
                merged[index] = SegmentMove(where, min(other.confidence, move.confidence))
                break
        else:
            merged.append(move)
    return tuple(merged)


def _is_alike(metric: Metric, leaves: LeafSums, where: Segment, other: Segment) -> bool:
    """Whether two segments changed the same way and by about as much, on the scale of logarithms."""
    changes = [relative_change(metric, leaves, leaves.inside(part)) for part in (where, other)]
    least, most = sorted(abs(log(max(1 + change, _GONE))) for change in changes)
    return changes[0] * changes[1] > 0 and least >= ALIKE * most


def _move(segment: CandidateSegment) -> SegmentMove:
    """A segment with the confidence that it and its rival share by the odds of the one over the other."""
    share = 1 / (1 + exp(-segment.lead))
    return SegmentMove(segment.where, share * _sure(segment.gain), segment.rival, share)


@dataclass(frozen=True)
class _Weigh:
    """How well sets of segments explain the change of a metric."""

    scope: Scope
    leaves: LeafSums
    change: float

    @property
    def moved(self) -> bool:
        """Whether the whole moved by more than chance; if not, only the strength of each segment counts."""
        return abs(self.change) > Z95 * self.scope.error

    def size(self, segment: CandidateSegment) -> float:
        """How much of the metric is expected in a segment."""
        expected = self.leaves.totals(self.leaves.inside(segment.where))[1]
        return abs(float(self.scope.metric.numerator.of(expected)))

    def worth(self, segments: Sequence[CandidateSegment]) -> float:
        """The share of the change that is explained, as far as it is sure; above 1 nothing is gained."""
        if not self._way:
            return max((_sure(segment.gain) for segment in segments), default=0.0)
        if not self.moved:
            return max(
                (_sure(segment.gain) * self._weight(segment) for segment in segments if self._shows(segment)),
                default=0.0,
            )
        shares = [self._share(segment) * _sure(segment.gain) for segment in segments]
        return min(sum(share for share in shares if share > 0), 1.0) - max(sum(shares) - 1.5, 0.0)

    def moving(self, candidates: Sequence[CandidateSegment]) -> list[CandidateSegment]:
        """Those that moved the way that is to be explained, with what they are worth net, in their order."""
        net = (replace(segment, gain=segment.gain - self.scope.price) for segment in candidates)
        return [segment for segment in net if segment.gain > 0 and self._of(segment) * self._way > 0]

    def showing(self, candidates: Sequence[CandidateSegment]) -> list[CandidateSegment]:
        """Those that moved the whole by more than a trifle, in their order."""
        return [segment for segment in candidates if self._shows(segment)]

    def next(
        self, chosen: Sequence[CandidateSegment], candidates: Sequence[tuple[CandidateSegment, Metric]]
    ) -> CandidateSegment | None:
        """The first candidate that is sure and adds to what is explained. It may add less when it is a drop by its own days too,
        which a scan would report."""
        claimed = np.any([self.leaves.inside(segment.where) for segment in chosen], axis=0)
        before = self._part(claimed)
        least = _ADDS * max(abs(self.change), abs(before))
        for segment, by in candidates:
            adds = (self._part(claimed | self.leaves.inside(segment.where)) - before) * np.sign(self._way)
            is_much = adds > least and self._shows(segment)
            if _sure(segment.gain) >= _FURTHER:
                if is_much:
                    return segment
                is_own = adds > _MOSTLY_OWN * abs(self._of(segment)) and adds > min(least, self._matters)
            else:
                is_own = is_much and _sure(segment.gain) >= _LIKELY and adds > _MOSTLY_OWN * abs(self._of(segment))
            if is_own and self.scope.is_proven(segment.where, by):
                return segment
        return None

    @property
    def _way(self) -> float:
        """The direction that is to be explained: that of the whole, or, where it did not move, the worse one."""
        return self.change if self.moved else self.scope.metric.watched_sign

    def _shows(self, segment: CandidateSegment) -> bool:
        """Whether a segment moved the whole that way, and by more than a trifle.

        Where the whole moved, that is a part of what chance does to it; where it did not, also less than that, if it matters: the
        more restless a whole is, the more is hidden in it.
        """
        part = self._of(segment)
        least = _TRIFLE * self.scope.error
        if not self.moved:
            least = min(least, self._matters)
        return part * self._way > 0 and abs(part) > least

    def _share(self, segment: CandidateSegment) -> float:
        return self._of(segment) / self.change

    def _weight(self, segment: CandidateSegment) -> float:
        """How much a segment moves the metric, relative to its expected value."""
        return abs(self._of(segment)) / (self._expected or 1.0)

    @property
    def _expected(self) -> float:
        return abs(float(self.scope.metric.value(self.leaves.totals()[1])))

    @property
    def _matters(self) -> float:
        return _MATTERS * self._expected

    def _of(self, segment: CandidateSegment) -> float:
        """What a segment brought to the change of the whole."""
        return self._part(self.leaves.inside(segment.where))

    def _part(self, rows: NDArray[np.bool_]) -> float:
        return part_of_change(self.scope.metric, self.leaves, rows)


def _by_gain(
    lists: Iterable[tuple[Sequence[CandidateSegment], Metric]],
) -> list[tuple[CandidateSegment, Metric]]:
    """All candidates with the metric that showed them, the clearest first."""
    pairs = ((segment, metric) for segments, metric in lists for segment in segments)
    return sorted(pairs, key=lambda pair: -pair[0].gain)


def _history(metric: Metric, compared: ActualVsExpected, scope: Scope) -> LeafHistory:
    dimensions = tuple(name for name in compared.slices(measures_of(metric)) if name not in scope.replaced)
    if scope.coarse and metric.denominator is None:
        dimensions = tuple(name for name in dimensions if len(compared.values[name]) <= MANY + 1)
    return leaf_history(metric, compared, dimensions, scope.groups)


def _sure(gain: float) -> float:
    return _SUREST * (1 - exp(-max(gain, 0.0) / _NATS))
