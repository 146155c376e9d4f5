"""Cases that should be few come with what they are counted of: twice the sessions bring twice the errors, which is nothing bad.

Of most such counts the catalogue knows the share that matters (`refund_rate`). Of a `daily` export nobody says what its errors
are counted of. They are held against the largest of its counts of which more is good, in the same segment: at the rate of the
eight weeks before the onset, what that count brought since then is expected of them.
"""

import numpy as np

from core.base.arrays import Floats
from core.base.segment import Segment
from core.catalogue.metric_tree.bad_states import without_state
from core.detection.detector.online_detector import OnlineDetector
from core.detection.distributions import deviance_score, normal_score
from core.detection.drop_merging import Drop
from core.detection.scan_plan import ScanPlan, activity_of
from core.workspace.read.workspace import Workspace

_BEFORE = 56
"""Days before an onset that tell the rate."""
_FEWEST = 14


class CaseActivity:
    """What the cases of each metric that is tested are counted of."""

    def __init__(self, workspace: Workspace, plan: ScanPlan, detector: OnlineDetector) -> None:
        self._plan, self._detector = plan, detector
        self._names = [self._largest(activity_of(workspace, tested.metric)) for tested in plan.tested]
        self._rows = [{where: row for row, where in enumerate(tested.slice_sums.where)} for tested in plan.tested]

    def is_counted(self, test: int) -> bool:
        """Whether the cases of a metric (index of what is tested) are held against some activity."""
        return self._names[test] is not None

    def score(self, drop: Drop) -> float:
        """Standard deviations of a drop beyond what came of the activity; its own where it has none, or that did not grow."""
        volume, tested = self._volume(drop), self._plan.tested[drop.test]
        if volume is None:
            return drop.score
        cases, first = self._plan.panel.values[drop.row], self._plan.panel.first - tested.delay
        now = slice(drop.onset - first, drop.last - first + 1)
        before = self._usual(drop, volume, now.start)
        if len(before) < _FEWEST or not cases[before].any():
            return drop.score
        growth = float(volume[now].sum() * cases[before].sum() / volume[before].sum()) / drop.expected
        return drop.score if growth <= 1 else self._score(drop, growth)

    def _volume(self, drop: Drop) -> Floats | None:
        """What the cases of a drop are counted of, by day: of rows in a bad state, those in all states."""
        where = without_state(drop.where)
        if where != drop.where:
            metric = self._plan.tested[drop.test].metric
            for test, tested in enumerate(self._plan.tested):
                if tested.metric.key == metric.key and where in self._rows[test]:
                    return self._day_sums(test, metric.key, where)
        name = self._names[drop.test]
        return None if name is None else self._day_sums(drop.test, name, drop.where)

    def _day_sums(self, test: int, name: str, where: Segment) -> Floats:
        return np.asarray(self._plan.tested[test].slice_sums.sums[name][self._rows[test][where]])

    def _usual(self, drop: Drop, volume: Floats, onset: int) -> np.ndarray:
        """The ordinary days before an onset on which there was any activity."""
        days = np.arange(max(onset - _BEFORE, 0), onset)
        return np.asarray(days[(volume[days] > 0) & ~self._detector.unusual[drop.row, days]])

    def _score(self, drop: Drop, growth: float) -> float:
        row, noise = drop.row, self._detector.noise
        raw = deviance_score(
            np.array([drop.actual]), np.array([growth * drop.expected]), np.array([growth**2 * drop.variance]),
            noise.lump[[row]],
        )  # fmt: skip
        freedom = noise.freedom(np.array([row]), noise.days[[row]], np.array([drop.exposure]))
        return min(float(normal_score(raw, freedom)[0]), drop.score)

    def _largest(self, names: tuple[str, ...]) -> str | None:
        cube = self._plan.cube
        return max((name for name in names if name in cube.measures), key=cube.total, default=None)
