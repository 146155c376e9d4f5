"""What a window is compared with: the reference days and how much each of them counts."""

from dataclasses import dataclass

import numpy as np

from core.cube import Floats
from core.days import Window
from core.errors import NotEnoughData, UsageError
from core.findings import Baseline
from core.workspace.workspace import Workspace

WEEKS = 4
"""Weeks before the window whose same weekdays lead one to expect its days."""


@dataclass(frozen=True)
class Reference:
    """Days of the past and their weights."""

    baseline: Baseline
    weights: Floats
    """A weight for each day of the baseline's window."""


def reference(workspace: Workspace, window: Window, baseline: str) -> Reference:
    """The reference that `baseline` names: "expected", "previous" (as many days before) or a window "A..B".

    Raises UsageError for a baseline that cannot be read, NotEnoughData when there is no past to compare with.
    """
    if baseline == "expected":
        return _expected(workspace, window)
    if baseline == "previous":
        return _plain(workspace, Baseline("previous", window.shifted(-len(window))))
    if ".." not in baseline:
        raise UsageError(f"no baseline {baseline!r}. It is expected, previous, or days such as 2026-03-02..2026-03-08.")
    return _plain(workspace, Baseline("window", Window.parse(baseline)))


def _plain(workspace: Workspace, baseline: Baseline) -> Reference:
    workspace.window(baseline.window.first, baseline.window.last)
    return Reference(baseline, np.ones(len(baseline.window)))


def _expected(workspace: Workspace, window: Window) -> Reference:
    first = max(window.first - 7 * WEEKS, workspace.span.first)
    past = Window(first, window.first - 1)
    if len(past) < 7:
        raise NotEnoughData(f"only {max(len(past), 0)} days before {window}: at least 7 are needed to expect anything.")
    days = np.arange(past.first, past.last + 1)
    wanted = np.bincount(np.arange(window.first, window.last + 1) % 7, minlength=7)
    held = np.bincount(days % 7, minlength=7)
    return Reference(Baseline("expected", past), (wanted / held)[days % 7])
