"""What was promised against what came: reading a promised effect, and whether it was kept."""

import re
from typing import Any

from core.base.days import Day, iso, parse_day
from core.base.errors import NotEnoughData, UsageError
from core.catalogue import Metric
from core.verification.case_results import Case, ExpectedEffect, PromiseOutcome
from core.verification.effect_posterior import LEVEL
from core.verification.verification_results import Verification
from core.verification.verify import newest_complete_day, verify
from core.workspace.read.workspace import Workspace

USUAL_DAYS = 14
"""Days that a change is judged by where nobody says: two whole weeks, as a plan of verification takes them."""
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_EXPECTED = re.compile(r"([+-]?\d+(?:\.\d+)?)%(?:\.\.([+-]?\d+(?:\.\d+)?)%)?")


def parse_expected(text: str) -> ExpectedEffect:
    """The effect written `-5%..-10%` or `+3%`. Raises UsageError.

    >>> parse_expected("-5%..-10%")
    ExpectedEffect(low=-0.1, high=-0.05)
    """
    match = _EXPECTED.fullmatch(text.replace(" ", ""))
    if match is None:
        raise UsageError(
            f"not an effect: {text!r}. Write it in percent of what would be without the action: -5%..-10%."
        )
    first, last = (float(match[1]) / 100, float(match[2] or match[1]) / 100)
    return ExpectedEffect(min(first, last), max(first, last))


def parse_agreed(text: str) -> tuple[str | None, ExpectedEffect | None, Day | None]:
    """Action, promised effect and day of the verdict in one line, in any order; None for what is not in it. Raises UsageError.

    >>> parse_agreed("Pin the old app -5%..-10% 1970-01-03")
    ('Pin the old app', ExpectedEffect(low=-0.1, high=-0.05), 2)
    """
    words = text.split()
    effects = [word for word in words if _EXPECTED.fullmatch(word)]
    days = [word for word in words if _DAY.fullmatch(word)]
    if len(effects) > 1 or len(days) > 1:
        raise UsageError("write one effect and one day.")
    action = " ".join(word for word in words if word not in {*effects, *days})
    return action or None, parse_expected(effects[0]) if effects else None, parse_day(days[0]) if days else None


def definition_of(metric: Metric, currency: str | None) -> str:
    """The definition of a metric in one line: two that differ give different figures.

    `currency` is the one that money is converted to, None where it is not converted.
    """
    quotient = f" / ({metric.denominator})" if metric.denominator else ""
    money = f", in {currency}" if currency else ""
    return f"{metric.scale:g} x ({metric.numerator}){quotient}, {metric.good} is good{money}"


def usual_judge_day(metric: Metric, since: Day) -> Day:
    """The first day on which two weeks from `since` on are complete."""
    return since + USUAL_DAYS + metric.mature_after_days


def verify_promise(workspace: Workspace, case: Case, until: Day | None = None) -> Verification:
    """The verification of a case over the days that were agreed, as far as they are complete.

    Raises NotEnoughData where its segment is everything, so that nothing is left to compare with, and what `verify` raises.
    """
    if not case.where:
        raise NotEnoughData(
            f"{case.id} is about everything, so no untouched segment is left to compare with. "
            f"Open a case with --where SEG for the segment that was changed."
        )
    metric = workspace.metric(case.metric)
    agreed = None if case.judge_on is None else case.judge_on - 1 - metric.mature_after_days
    if until is None and agreed is not None and case.since <= agreed <= newest_complete_day(workspace, metric):
        until = agreed
    return verify(workspace, case.metric, since=case.since, until=until, where=case.where)


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


def is_early(case: Case, newest: Day) -> bool:
    """Whether the day on which a case is to be judged has not come yet."""
    return case.judge_on is not None and newest < case.judge_on


def written_after(case: Case) -> str:
    """The day that the data had reached when a promise was written down after the action had begun; "" otherwise."""
    late = case.data_until is not None and case.data_until >= case.since
    return iso(case.data_until) if late and case.data_until is not None else ""
