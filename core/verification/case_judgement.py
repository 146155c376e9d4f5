"""Whether what was promised about a case came."""

from typing import Any

from core.base.days import Day
from core.base.errors import NotEnoughData
from core.verification.case_results import Case, ExpectedEffect, PromiseOutcome, incident_before
from core.verification.effect_posterior import LEVEL
from core.verification.verification_results import Verification
from core.verification.verify import newest_complete_day, verify
from core.workspace.read.workspace import Workspace


def verify_promise(workspace: Workspace, case: Case, until: Day | None = None) -> Verification:
    """The verification of a case over the days that were agreed, as far as they are complete.

    Raises NotEnoughData where its segment is everything, so that nothing is left to compare with, and what `verify` raises.
    """
    if not case.can_be_judged:
        raise NotEnoughData(
            f"{case.id} is about everything, so no untouched segment is left to compare with. "
            "Open a case about the segment that was changed."
        )
    metric = workspace.metric(case.metric)
    agreed = None if case.judge_on is None else case.judge_on - 1 - metric.mature_after_days
    if until is None and agreed is not None and case.since <= agreed <= newest_complete_day(workspace, metric):
        until = agreed
    return verify(
        workspace, case.metric, since=case.since, until=until, where=case.where, incident=incident_before(case)
    )


def promise_outcome(expected: ExpectedEffect, result: Verification) -> PromiseOutcome | None:
    """Whether the promised effect came; None when none was promised, or the counterfactual is 0."""
    if expected.low is None or expected.high is None or result.effect_pct is None:
        return None
    usual = abs(result.counterfactual)
    low, high = (end / usual for end in result.interval)
    if expected.low <= 0 <= expected.high:  # promised: nothing moves by more than that
        if expected.low <= low and high <= expected.high:
            return "kept"
        return "missed" if high < expected.low or low > expected.high else "undecided"
    is_fall = expected.high < 0
    least, effect, best = (
        (expected.high, result.effect / usual, low) if is_fall else (expected.low, result.effect / usual, high)
    )
    sign = -1 if is_fall else 1
    if sign * effect >= sign * least and result.p_value < 1 - LEVEL:
        return "kept"
    return "missed" if sign * best < sign * least else "undecided"


def finite(value: Any) -> Any:
    """A JSON value in which null stands for figures that the data cannot give: canonical JSON has no nan."""
    if isinstance(value, float) and not -float("inf") < value < float("inf"):
        return None
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    return [finite(item) for item in value] if isinstance(value, list | tuple) else value
