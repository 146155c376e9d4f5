"""The days of a question that are old enough to be judged, where a metric goes on changing for weeks."""

from bisect import bisect_left
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

from core.base.date_text import during
from core.base.days import Window
from core.base.errors import NotEnoughData
from core.base.segment import Segment
from core.catalogue.metric_names import metric_words
from core.catalogue.metric_tree.metrics import Metric
from core.detection.forecast.maturity import incomplete_days, newest_known
from core.detection.quality.end_of_exports import newest_to_judge
from core.explanation.baseline_days import WEEKS
from core.explanation.explain_request import ExplainRequest
from core.workspace.read.cube_query import Clock
from core.workspace.read.workspace import Workspace

_LAST_DAYS = 7
"""Length of the window when none is asked for and no drop is on."""
_TELLS = 0.5
"""Share of what days in the past finally showed that must have been known of them at an age to judge by it: before the
promised days nothing is late yet, however long parcels will wait."""


def last_complete_days(workspace: Workspace, metric: Metric, where: Segment, clock: Clock) -> Window:
    """The last complete days; of what happens long after an order, the last that are old enough to be judged early."""
    age = incomplete_days(metric, clock)
    if age and not _tells_early(workspace, metric, where):
        age = metric.mature_after_days
    last = max(newest_to_judge(workspace)[0] - age, workspace.span.first)
    return Window(max(last - _LAST_DAYS + 1, workspace.span.first), last)


def on_complete_days(request: ExplainRequest) -> tuple[ExplainRequest, list[str]]:
    """The question for the days that are old enough for a metric of which next to nothing is known at first, and what to say.

    They are compared at an early age; where even that tells nothing yet, they are those that are complete; where none is old
    enough for either, those of which half of that is known, if any. All days where the metric is known soon, or nothing tells.
    """
    metric, window = request.metric, request.window
    newest = newest_known(request.workspace)
    waits = request.clock == "order" or not metric.has_own_days
    if not waits or window.last <= newest - metric.mature_after_days:
        return request, []
    for age in _ages(request):
        last = newest - age
        if window.last <= last:
            return request, []
        if last < window.first:
            continue
        part = replace(request, window=Window(window.first, last))
        if _can_be_judged(part):
            late = Window(last + 1, window.last)
            text = f"{metric_words(metric.key)} {during(late)} is still incomplete; the answer is for the days before"
            return part, [text]
    return request, []


def _ages(request: ExplainRequest) -> Iterator[int]:
    """The ages at which days may be old enough, in the order in which they are tried.

    What is soon complete is judged at any age where the past tells what is known by then.
    """
    final, early = request.metric.mature_after_days, request.metric.compared_after_days
    if final <= early:
        yield from () if _can_be_judged(request) else (final,)
        return
    known, complete = (_known(request.workspace, request.metric, request.where, age) for age in (early, None))
    yield from (early, final) if known >= _TELLS * complete else (final, early)

    def tells(age: int) -> bool:
        return _known(request.workspace, request.metric, request.where, age) >= _TELLS * known

    if _can_be_judged(request):  # else it is too early, which is said with the day up to which to ask
        yield bisect_left(range(early), True, key=tells)


def _can_be_judged(request: ExplainRequest) -> bool:
    with suppress(NotEnoughData):
        return bool(request.judged)
    return False


def _tells_early(workspace: Workspace, metric: Metric, where: Segment) -> bool:
    """Whether most of what finally counted for a metric was known of past days at an early age."""
    known, final = (_known(workspace, metric, where, age) for age in (metric.compared_after_days, None))
    return known >= _TELLS * final


def _known(workspace: Workspace, metric: Metric, where: Segment, age: int | None) -> float:
    """How much of the last complete weeks' numerator of a metric was known when their days had an age; all of it for None."""
    last = newest_known(workspace) - metric.mature_after_days
    days = Window(max(workspace.span.first, last - 7 * WEEKS + 1), max(last, workspace.span.first))
    names = sorted(metric.numerator.measures())
    cube = workspace.cube(names, days, (), where, age=age)
    return float(metric.numerator.of({name: cube.total(name) for name in names}))
