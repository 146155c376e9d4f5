"""What two crossing segments have in common: series that are counted only when two drops ask for them."""

import numpy as np

from core.days import Window
from core.drops.expected import Expected, expected
from core.drops.gather import Field
from core.drops.merge import Drop
from core.drops.panel import Panel
from core.drops.series import Slices, numerators, panel, slices
from core.segment import Segment


class Overlaps:
    """Counts the common part of segments, once each."""

    def __init__(self, field: Field) -> None:
        self._field = field
        self._slices: dict[tuple[int, Segment], Slices] = {}
        self._expected: dict[tuple[int, Segment, Window], Expected] = {}

    def sums(self, test: int, where: Segment) -> Slices:
        """The base measures by day in a segment, as one metric's test counts them."""
        held = self._slices.get((test, where))
        if held is None:
            cube = self._field.tested[test].cube
            held = self._slices[test, where] = slices(cube.where(where), cube.measures, inside=where)
        return held

    def common(self, first: Drop, second: Drop, window: Window) -> Drop | None:
        """Actual and expected of what two drops of one metric have in common, on the days of a window."""
        where = first.where.narrowed(second.where)
        tested = self._field.tested[first.test]
        held = self.sums(first.test, where)
        values, exposure = numerators(tested.metric, held)
        days = slice(window.first - self._field.panel.first, window.last - self._field.panel.first + 1)
        if not values[0].any():
            return None
        key = (first.test, where, window)
        if key not in self._expected:
            known = self._field.panel.known[[first.row], :]
            undelayed = np.zeros_like(known)
            undelayed[:, : known.shape[1] - tested.delay] = known[:, tested.delay :]
            made: Panel = panel([(tested.metric, held, tested.mostly)], self._field.panel.first, undelayed)
            self._expected[key] = expected(made, window)
        found = self._expected[key]
        if not np.isfinite(found.total[0]):
            return None
        came = float(values[0, days].sum())
        under = float(len(window)) if exposure is None else float(exposure[0, days].sum())
        total, sd = float(found.total[0]), max(float(found.total_sd[0]), 1e-9)
        total = under - total if tested.mostly else total
        return Drop(
            first.test,
            where,
            -1,
            first.anchor,
            window.first,
            window.last,
            came,
            total,
            sd**2,
            under,
            abs(came - total) / sd,
        )
