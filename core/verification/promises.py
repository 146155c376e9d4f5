"""What is promised about a case: reading it, and the days and definition that it rests on.

Needs no statistics: a scan lists cases without loading any.
"""

import re

from core.base.date_text import date_text
from core.base.days import Day, parse_day
from core.base.errors import UsageError
from core.catalogue.metric_tree.metrics import Metric
from core.verification.case_results import Case, ExpectedEffect

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


def is_early(case: Case, newest: Day) -> bool:
    """Whether the day on which a case is to be judged has not come yet."""
    return case.judge_on is not None and newest < case.judge_on


def written_after(case: Case) -> str:
    """The day that the data had reached when a promise was written down after the action had begun; "" otherwise."""
    late = case.data_until is not None and case.data_until >= case.since
    return date_text(case.data_until) if late and case.data_until is not None else ""
