"""What checks ask of the rows of a workspace, answered by hand."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

import numpy as np

from core.base.days import Window
from core.catalogue.metric_tree.metric_loader import load
from core.detection.quality.quality_issue import QualityIssue
from core.workspace.read.profile.load_history import LoadedFile, LoadHistory
from core.workspace.read.profile.row_profile import Profile

FIRST, DAYS = 700, 70
LAST = FIRST + DAYS - 1
CATALOGUE = load()


def history(**more: Any) -> LoadHistory:
    """What the log of loads tells, by the name of its method."""
    told: dict[str, Any] = {"loaded_files": (), "daily_measures": (), "daily_ratios": (), "refused_far_days": ()} | more
    return cast(LoadHistory, SimpleNamespace(**{name: (lambda answer=answer: answer) for name, answer in told.items()}))


def profile(
    kind: str = "traffic", rows: Any = 20.0, days: int = DAYS, files: Sequence[LoadedFile] = (), **more: Any
) -> Profile:
    """Rows of one kind from day 700 on, out of some files; `more`: what else it tells, by the name of its method."""
    counts = np.broadcast_to(np.asarray(rows, float), days).astype(np.int64)
    told: dict[str, Any] = {
        "rows_by_day": counts, "dimensions_of": (), "given_by_day": {}, "rows_by_value": ((), np.zeros((0, days))),
        "last_order_by_day": np.full(days, 22.0), "order_values": ((), [], []), "order_hours": np.zeros((0, 24)),
        "sums_by_day": {}, "repeated_orders": (0, 1000), "unrated": (), "several_currencies": (),
        "orphans": (), "out_of_order": (), "mixed_currencies": "", "usual_wait": 0,
    } | more  # fmt: skip
    methods = {name: (lambda *_, answer=answer: answer) for name, answer in told.items()}
    span = Window(FIRST, FIRST + days - 1)
    return cast(
        Profile, SimpleNamespace(kinds=(kind,), spans={kind: span}, loads=history(loaded_files=files), **methods)
    )


def found(issues: Any, check: str) -> list[QualityIssue]:
    return [issue for issue in issues if issue.check == check]


def days_with(changes: dict[int, float], usual: float = 20.0, days: int = DAYS) -> np.ndarray:
    rows = np.full(days, usual)
    for day, figure in changes.items():
        rows[day] = figure
    return rows
