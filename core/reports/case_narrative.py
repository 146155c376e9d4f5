"""Cases in sentences: what is worked on, what was promised, what came of it, and what was changed afterwards."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from core.base.date_text import date_text, during
from core.base.days import Day, parse_day
from core.catalogue.metric_names import metric_words
from core.reports.figures.number_format import percent
from core.reports.figures.table_values import plain_text
from core.reports.finding_narrative import cause_words
from core.reports.verification_narrative import effect_line, effect_words
from core.verification.case_results import Case, CaseVerdict, ExpectedEffect, incident_before
from core.verification.promises import written_after
from core.workspace.schema.cases.case_chain import ChainFault

if TYPE_CHECKING:
    from core.views.case_actions import Judgement  # brings the statistics, which scans do not need for it

CASE_COLUMNS = (
    "id", "state", "finding", "metric", "where", "cause", "action", "owner", "expected", "judge_on", "registered_at", "hash",
    "verdict",
)  # fmt: skip
"""The columns of a list of cases in tabular formats."""

_VERDICTS = {"improved": "improved", "no_change": "no change", "worse": "got worse", "undecided": "undecided"}
_OUTCOMES = {
    "kept": "The promise was kept.",
    "missed": "The promise was missed.",
    "undecided": "Whether the promise was kept is undecided.",
}


def case_row(case: Case) -> dict[str, Any]:
    """A case as a row of a list: what the JSON promises, the verdict without its daily series."""
    document = case.to_dict()
    verdict = document["verdict"]
    if verdict:
        document["verdict"] = {name: value for name, value in verdict.items() if name != "series"}
    return document


def case_title(case: Case) -> str:
    """What a case is about, in a few words."""
    cause = f": {cause_words(case.cause)}" if case.cause else ""
    return f"{metric_words(case.metric)}{f' in {case.where}' if case.where else ''}{cause}"


def effect_range(expected: ExpectedEffect) -> str:
    """A promised effect; empty where none was promised.

    >>> effect_range(ExpectedEffect(-0.1, -0.05))
    '-10.0% to -5.0%'
    """
    if expected.low is None or expected.high is None:
        return ""
    ends = dict.fromkeys((percent(expected.low, signed=True), percent(expected.high, signed=True)))
    return " to ".join(ends)


def verdict_words(case: Case) -> str:
    """The verdict of a case in a few words; empty before there is one."""
    verdict = case.verdict
    if verdict is None:
        return ""
    size = "" if verdict.effect_pct is None else f" {percent(verdict.effect_pct, signed=True)}"
    outcome = f", promise {verdict.promise}" if verdict.promise else ""
    return f"{_VERDICTS[verdict.verdict]}{size}{outcome}"


def due_line(case: Case) -> str:
    """That a case is to be judged, and how."""
    day = date_text(case.judge_on) if case.judge_on is not None else ""
    return f"Due since {day}: {case.id}, {case_title(case)}. Judge it with: whydrop case verify {case.id}"


def promise_lines(case: Case) -> tuple[str, ...]:
    """What was agreed, and when it was written down."""
    return tuple(_promise(case))


def _promise(case: Case) -> Iterator[str]:
    owner = f" ({case.owner})" if case.owner else ""
    yield f"Action from {date_text(case.since)}: {case.action or 'none agreed'}{owner}"
    effect = effect_range(case.expected)
    yield f"Expected effect: {effect}{_harm(case)}" if effect else "No effect was promised."
    if not case.can_be_judged:
        yield "It cannot be judged: it covers everything, so nothing is left to compare with. Open one for the changed segment."
    elif case.judge_on is not None:
        yield f"The verdict is due on {date_text(case.judge_on)}."
    yield f"Recorded {plain_text(case.registered_at, 'moment')} UTC, SHA-256 {case.hash}"
    reached = written_after(case)
    if reached:
        yield f"This promise was not made in advance: when it was recorded, the data already reached {reached}."


def baseline_lines(case: Case) -> tuple[str, ...]:
    """What the verdict of an action against a finding compares with; empty where nothing was wrong before the action."""
    onset = incident_before(case)
    if onset is None and case.onset is not None and case.onset < case.since:
        return (
            f"The finding began on {date_text(case.onset)}, the day before the action: one day does not tell its level. The "
            "verdict compares with the days before it: no change means that it is back to usual.",
        )
    if onset is None:
        return ()
    return (
        f"The finding began on {date_text(onset)}, before the action. The verdict compares with that level, continued without "
        "the action.",
    )


def verdict_lines(verdict: CaseVerdict, currency: str) -> tuple[str, ...]:
    """The stored verdict and its figures."""
    return (
        f"Verdict of {date_text(parse_day(verdict.at[:10]))}: {_VERDICTS[verdict.verdict]}, {effect_words(verdict, currency)} "
        f"{during(verdict.window)}.",
        effect_line(verdict, currency),
        *((_OUTCOMES[verdict.promise],) if verdict.promise else ()),
        *(
            (f"The definition of the metric had changed by then. It was: {verdict.definition}",)
            if verdict.definition
            else ()
        ),
        *verdict.notes,
    )


def definition_lines(case: Case, now: str | None) -> tuple[str, ...]:
    """That the definition of the metric changed since the case was opened; empty where it did not. `now` is that of today."""
    return (_definition(case.definition, now),) if now and case.definition not in {None, now} else ()


def judgement_lines(judgement: "Judgement") -> tuple[str, ...]:
    """What was promised and what came of it; the evidence of the verification follows."""
    case = judgement.case
    if not judgement.is_stored:
        return (
            f"{case.id} is due on {_day(case.judge_on)}. This is the state so far; no verdict is stored.",
            *baseline_lines(case),
            "",
        )
    effect = effect_range(case.expected)
    promised = f"Promised: {effect}." if effect else "No effect was promised."
    changed = case.verdict.definition if case.verdict else None
    return (
        f"{case.id} is judged: {verdict_words(case)}. {promised}",
        *((_definition(case.definition, changed),) if changed else ()),
        *baseline_lines(case),
        "",
    )


def _harm(case: Case) -> str:
    """That the promised effect makes the metric worse: a sign forgotten, or what the action is known to cost."""
    low, high, definition = case.expected.low or 0.0, case.expected.high or 0.0, case.definition or ""
    is_worse = ("down is good" in definition and low > 0) or ("up is good" in definition and high < 0)
    return f", which would make {metric_words(case.metric)} worse" if is_worse else ""


def _definition(before: str | None, now: str) -> str:
    return f"The definition of the metric changed since the case was opened. It was: {before}. It is: {now}"


def _day(day: Day | None) -> str:
    return date_text(day) if day is not None else "no day"


def fault_lines(faults: Sequence[ChainFault]) -> tuple[str, ...]:
    """One line for each case whose stored records are not what was written down."""
    return tuple(dict.fromkeys(map(_fault, faults)))


def _fault(fault: ChainFault) -> str:
    owner = f"{fault.case} was changed: its record" if fault.case else "Cases were changed: record"
    if fault.kind == "changed":
        return f"{owner} {fault.record} does not match what was recorded."
    if fault.kind == "replaced":
        return f"{owner} {fault.record} does not follow from the record before it."
    return (
        f"Cases were changed: record {fault.record} is missing."
        if fault.record
        else ("Cases were changed: the newest records are missing or replaced.")
    )
