"""The answer of a verification, and of a plan, in sentences."""

from core.base.count_text import count
from core.base.date_text import date_range, date_text, during
from core.catalogue.metric_names import metric_words
from core.reports.figures.change_format import amount_change, amount_changes, size
from core.reports.figures.number_format import amount, p_words, percent
from core.verification.case_results import CaseVerdict
from core.verification.verification_results import Verification, VerificationPlan

_NAMED_CONTROLS = 5


def verification_lines(result: Verification, currency: str) -> tuple[str, ...]:
    """The verdict first, then its evidence, a line each."""
    return (
        _verdict(result, currency),
        _effect(result, currency),
        _controls(result),
        f"Placebo runs: the effect ranks {result.placebo.rank} of {result.placebo.runs + 1} by size.",
        *_opinions(result, currency),
        *(
            f"Left out as a control: {control.where} ({control.reason})."
            for control in result.dropped[:_NAMED_CONTROLS]
        ),
        *result.notes,
    )


def plan_lines(plan: VerificationPlan, currency: str) -> tuple[str, ...]:
    """What can be seen, when, and against what."""
    least = amount_change(plan.smallest_detectable, plan.unit, currency) + _per(plan)
    share = f" ({percent(plan.smallest_detectable_pct, signed=True)})" if plan.smallest_detectable_pct else ""
    return (
        f"In {count(plan.days, 'day')}, an effect of {least}{share} or more on {_subject(plan.metric, str(plan.where))} "
        "would be detected four times out of five.",
        f"Judge it on {date_text(plan.judge_on)}, when {date_range(plan.window)} is complete.",
        _named("Controls", [str(control.where) for control in plan.controls]),
        *plan.notes,
    )


def _subject(metric: str, where: str) -> str:
    return f"{metric_words(metric)} in {where}" if where else metric_words(metric)


def _verdict(result: Verification, currency: str) -> str:
    subject = _subject(result.metric, str(result.where))
    when = during(result.window)
    if result.verdict == "improved":
        return f"Improved: {subject} changed by {effect_words(result, currency)} {when}, more than chance explains."
    if result.verdict == "worse":
        return f"Worse: {subject} changed by {effect_words(result, currency)} {when}, more than chance explains."
    interval = _interval(result, currency) + _per(result)
    if result.verdict == "no_change":
        least = size(result.negligible, result.unit, currency)
        return f"No change: {subject} changed by less than {least}{_per(result)} {when} (by {interval})."
    if result.recovered is not None:
        effect = effect_words(result, currency)
        return f"Undecided: {subject} changed by {effect} {when}, but it was getting better before the change."
    more = (
        f" {count(result.more_days, 'more day')} would decide."
        if result.more_days
        else " Eight more weeks would not decide it either, by past variation."
    )
    return f"Undecided: {subject} may have changed by {interval} {when}.{more}"


def effect_words(result: Verification | CaseVerdict, currency: str) -> str:
    """The effect and its percentage."""
    effect = amount_change(result.effect, result.unit, currency) + _per(result)
    return effect if result.effect_pct is None else f"{effect} ({percent(result.effect_pct, signed=True)})"


def effect_line(result: Verification | CaseVerdict, currency: str) -> str:
    """What came, what would have come, and how sure the effect is."""
    actual, expected = (amount(value, result.unit, currency) for value in (result.actual, result.counterfactual))
    return (
        f"Actual {actual}{_per(result)} versus {expected} expected without the change; "
        f"95% interval of the effect {_interval(result, currency)}, {p_words(result.p_value)}."
    )


def _per(result: Verification | VerificationPlan | CaseVerdict) -> str:
    """What figures of a window are: of sums, the mean of its days."""
    return "" if result.is_ratio else " on an average day"


def _interval(result: Verification | CaseVerdict, currency: str) -> str:
    return amount_changes(*result.interval, result.unit, currency)


def _effect(result: Verification, currency: str) -> str:
    least = size(result.smallest_detectable, result.unit, currency)
    return f"{effect_line(result, currency)} Effects of {least} or more would be detected."


def _controls(result: Verification) -> str:
    names = [f"{control.where} {percent(control.weight)}" for control in result.controls]
    return _named(f"Controls and their weights ({count(len(names), 'unchanged segment')})", names)


def _named(title: str, names: list[str]) -> str:
    more = f" and {len(names) - _NAMED_CONTROLS} more" if len(names) > _NAMED_CONTROLS else ""
    return f"{title}: {', '.join(names[:_NAMED_CONTROLS])}{more}."


def _opinions(result: Verification, currency: str) -> tuple[str, ...]:
    names = {"synthetic_did": "synthetic difference in differences", "did": "difference in differences"}
    opinions = [
        f"{names[opinion.method]} {amount_change(opinion.effect, result.unit, currency)}"
        for opinion in result.second_opinions
    ]
    return (f"Other methods: {', '.join(opinions)}.",) if opinions else ()
