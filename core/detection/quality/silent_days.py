"""Days of which nothing can be said, whatever was counted: nothing came in, or every year is low then."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from core.base.arrays import Flags
from core.base.days import Window
from core.detection.forecast.panel import CLOSED, IGNORED, ORDINARY
from core.detection.quality.row_streams import gap_days, row_streams
from core.detection.quality.yearly_closures import yearly_closures
from core.workspace.read.workspace import Workspace


class SilentDays:
    """Of the days of a window, for any base measures: CLOSED, IGNORED or ORDINARY as in `Panel.known`."""

    def __init__(self, workspace: Workspace, window: Window) -> None:
        self._workspace, self._window = workspace, window
        self._streams = row_streams(workspace.profile(window))
        self._closures: dict[str, Flags] = {}

    def of(self, measures: Iterable[str]) -> NDArray[np.int8]:
        """What is known of each day where these measures are counted, shape (1, days)."""
        names = frozenset(measures)
        states = np.full(len(self._window), ORDINARY, np.int8)
        for name in names:
            if name not in self._closures:
                self._closures[name] = yearly_closures(self._workspace, name, self._window)
            states[self._closures[name]] = IGNORED
        states[gap_days(self._workspace, self._streams, names, self._window)] = CLOSED
        return states[None]
