"""Why a metric changed. Most explanations are asked for again: what makes them is loaded only for those that were not kept."""

from collections.abc import Sequence

from core.base.days import Window
from core.base.segment import EVERYTHING, Segment
from core.detection.quality.quality_issue import QualityIssue
from core.explanation.explanation_results import Explanation
from core.workspace.read.cube_query import Clock
from core.workspace.read.workspace import Workspace


def explain(
    workspace: Workspace,
    metric: str,
    *,
    window: Window | None = None,
    baseline: str = "expected",
    where: Segment = EVERYTHING,
    clock: Clock = "order",
    located: float | None = None,
    issues: Sequence[QualityIssue] | None = None,
) -> Explanation:
    """Why `metric` changed in `window` (default: the drop that is on, else the last week) versus `baseline`, in a segment.

    `baseline` is "expected" (what the past leads one to expect), "previous" (as many days before), "last-year", "4w" or a
    window "A..B". `located`: the confidence with which `where` is known to be the segment of the change; nothing narrower is
    looked for. `issues`: what is wrong with the data, where that was found out before. Raises UsageError for what does not
    exist, NotEnoughData when there is nothing to compare.
    """
    question = (metric, window, baseline, where, clock, located)

    def make() -> Explanation:
        from core.explanation.change_explanation import explained  # 0.1 s of imports, which a kept answer does without

        return explained(workspace, *question, issues)

    return workspace.kept(("explain", *question), Explanation, make)
