"""What the newest weeks of each snapshot source counted: all that is asked of its newest days is read once."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from core.base.days import Window
from core.cube.cube import Cube
from core.detection.forecast.state_space import WEEK
from core.detection.quality.row_streams import SNAPSHOTS
from core.workspace.read.profile.row_profile import Profile
from core.workspace.read.workspace import Workspace

_WEEKS = 9
_SLICED = ("market", "channel", "device")
_LACKS = 0.7
"""Share of the order lines of a usual day from which on none are missing."""
_LEAST_PAST = 9
"""Days before the newest one; in fewer than three weeks it is compared with all days instead of those of its weekday."""


@dataclass(frozen=True, slots=True)
class NewestCube:
    """The newest weeks of a snapshot source, in all dimensions."""

    kind: str
    names: tuple[str, ...]
    """The measures that it counts."""
    cube: Cube

    @property
    def last(self) -> int:
        """The newest day."""
        return self.cube.window.last


def newest_cubes(workspace: Workspace, window: Window) -> Iterator[NewestCube]:
    """Those of each snapshot source that counts anything, up to the end of the window; none of a window that is too short."""
    if len(window) <= _LEAST_PAST:
        return
    recent = Window(max(window.first, window.last - _WEEKS * WEEK), window.last)
    for kind in sorted(SNAPSHOTS):
        names = tuple(name for name in workspace.measures if workspace.kind_of(name) == kind)
        if names:
            yield NewestCube(kind, names, workspace.cube(names, recent, workspace.dimensions))


def orders_beside_traffic(workspace: Workspace, profile: Profile, window: Window) -> Iterator[NewestCube]:
    """Order lines and all that traffic counts, where the newest day has few of them: those that arrive late are too few for their
    visits."""
    names = [name for name in workspace.measures if workspace.kind_of(name) == "traffic"]
    if not names or "orders" not in profile.kinds or profile.spans["orders"].last != window.last:
        return
    rows = profile.rows_by_day("orders")
    usual = rows[-1 - WEEK :: -WEEK][:_WEEKS]
    if not len(usual) or rows[-1] > _LACKS * np.median(usual):
        return
    recent = Window(max(window.first, window.last - _WEEKS * WEEK), window.last)
    sliced = [name for name in _SLICED if name in workspace.dimensions]
    yield NewestCube("orders", ("orders", *names), workspace.cube(("orders", *names), recent, sliced))
