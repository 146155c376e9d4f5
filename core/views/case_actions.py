"""Everything that is done to cases: opening, agreeing, noting, judging, closing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from core.base.days import Day, iso, parse_day
from core.base.errors import UsageError, WhydropError
from core.base.segment import Segment
from core.catalogue.metric_tree.metrics import Metric
from core.detection.quality.end_of_exports import newest_covered
from core.explanation.explanation_results import CauseMatch, Explanation
from core.incidents.finding_log import is_finding_id, recall
from core.incidents.finding_question import FindingQuestion, explain_finding
from core.verification.case_history import cases_of, next_ids, opening, promised
from core.verification.case_results import Case, CaseSubject, CaseVerdict, ExpectedEffect, Promise
from core.verification.promises import definition_of, is_early, usual_judge_day
from core.verification.verification_results import Verification
from core.views.case_list import case_list, newest_day
from core.workspace.read.workspace import Workspace
from core.workspace.schema.cases.case_chain import CaseChain, CaseDraft
from core.workspace.write.case_writing import append_records

_SURE = 0.5
"""Confidence from which on the segment of a case is that of the change."""

Narrate = Callable[[Explanation, FindingQuestion, str], Sequence[str]]
"""Gives the explanation of a finding in sentences, money with its currency."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """What somebody says about a promise; what is None is left as it is, or takes its usual value."""

    since: Day | None = None
    judge_on: Day | None = None
    action: str | None = None
    owner: str | None = None
    expected: ExpectedEffect | None = None

    @property
    def is_empty(self) -> bool:
        """Whether it says nothing."""
        return self == Agreement()


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verification of a case, and whether it was stored as its verdict."""

    case: Case
    result: Verification
    is_stored: bool
    """False before the agreed day: what the days so far say, which is no verdict."""
    currency: str
    """That of amounts; empty where it is not known."""


def explained_subject(answer: Explanation, words: Sequence[str], finding: str | None = None) -> CaseSubject:
    """What a case about an explanation says: its segment, onset, cause and owner; `words`: the explanation in sentences.

    Of an explanation of everything it takes the one segment that the change is in, so that the others can be compared with.
    """
    cause = answer.likeliest
    event = answer.fitting_event
    return CaseSubject(
        metric=answer.metric,
        where=answer.where or _affected(answer, cause),
        finding=finding,
        cause=cause.cause if cause else None,
        action=cause.action if cause else "",
        owner=cause.owner if cause else event.owner if event else "",
        onset=answer.onset.day,
        window=answer.window,
        baseline=answer.baseline.to_dict(),
        words=tuple(words),
    )


def _affected(answer: Explanation, cause: CauseMatch | None) -> Segment:
    """The segment of a change where it is a single one; of several the one that the cause acts in; else everything."""
    if len(answer.segments) == 1 and answer.segments[0].confidence >= _SURE:
        return answer.segments[0].where
    return cause.where if cause and len(answer.segments) > 1 else answer.where


def open_cases(
    db: Path, words: Sequence[str], agreement: Agreement, narrate: Narrate, where: Segment | None = None
) -> tuple[Case, ...]:
    """Opens a case for each finding or metric. All are opened, or none.

    Raises UsageError for what is neither a finding nor a metric, and for a finding that has a case already.
    """
    with Workspace.open(db) as workspace:
        subjects = [_subject(workspace, word, narrate, where) for word in words]
        drafts = _openings(workspace, subjects, agreement)
    return _opened(db, drafts)


def open_case(db: Path, subject: CaseSubject, agreement: Agreement | None = None) -> Case:
    """Opens a case about a subject. Raises UsageError when the same question has one that is not closed."""
    with Workspace.open(db) as workspace:
        drafts = _openings(workspace, [subject], agreement or Agreement())
    return _opened(db, drafts)[0]


def note_case(db: Path, word: str, text: str, agreement: Agreement) -> Case:
    """Adds a note to a case, or changes its promise; what was agreed before stays in the chain.

    Raises UsageError for an unknown case, and for a new promise after the verdict.
    """
    with Workspace.open(db) as workspace:
        case, newest = case_list(workspace).case(word), newest_day(workspace)
    now = _now()
    drafts = [CaseDraft(case.id, "note", {"at": now, "text": text})] if text else []
    if not agreement.is_empty:
        if case.state in {"judged", "closed"}:
            raise UsageError(f"{case.id} is {case.state}: its promise cannot change any more. Open a new case.")
        promise = _agreed(case, agreement)
        drafts.append(CaseDraft(case.id, "promise", promised(promise, at=now, data_until=newest)))
    return _appended(db, case.id, drafts)


def close_case(db: Path, word: str, text: str) -> Case:
    """Closes a case, with a reason where one is given. Raises UsageError for an unknown case or a closed one."""
    with Workspace.open(db) as workspace:
        case = case_list(workspace).case(word)
    if case.state == "closed":
        raise UsageError(f"{case.id} is closed already.")
    return _appended(db, case.id, [CaseDraft(case.id, "close", {"at": _now(), "text": text})])


def verify_case(db: Path, word: str, until: Day | None = None) -> Judgement:
    """Judges a case by its promise and stores the verdict; before its day it says how things stand, and stores nothing.

    Raises WhydropError for a case whose records were changed, and what `verify` raises.
    """
    # late: scipy.optimize took half of the time of a list of cases
    from core.verification.case_judgement import finite, promise_outcome, verify_promise

    with Workspace.open(db) as workspace:
        case = case_list(workspace).case(word)
        if case.is_changed:
            raise WhydropError(
                f"{case.id} was changed after it was written down: it is not judged. See: whydrop case list"
            )
        if case.state == "closed":
            raise UsageError(f"{case.id} is closed. Open a new case to judge it again.")
        result, currency = verify_promise(workspace, case, until), workspace.currency
        if is_early(case, newest_covered(workspace, workspace.span.last)[0]):
            return Judgement(case, result, is_stored=False, currency=currency)
        definition = _definition(workspace, case.metric)
    verdict = CaseVerdict(
        at=_now(),
        window=result.window,
        verdict=result.verdict,
        promise=promise_outcome(case.expected, result),
        actual=result.actual,
        counterfactual=result.counterfactual,
        effect=result.effect,
        effect_pct=result.effect_pct,
        interval=result.interval,
        p_value=result.p_value,
        unit=result.unit,
        is_ratio=result.is_ratio,
        definition=definition if case.definition not in {None, definition} else None,
        notes=result.notes,
        series=result.series,
    )
    judged = _appended(db, case.id, [CaseDraft(case.id, "verdict", finite(verdict.to_dict()))])
    return Judgement(judged, result, is_stored=True, currency=currency)


def _subject(workspace: Workspace, word: str, narrate: Narrate, where: Segment | None) -> CaseSubject:
    if word in workspace.catalogue.metrics or not is_finding_id(word):
        return CaseSubject(metric=workspace.metric(word).key, where=where or Segment())
    question = recall(workspace, word)
    answer = explain_finding(workspace, question)
    subject = explained_subject(answer, narrate(answer, question, workspace.currency), question.id)
    return subject if where is None else replace(subject, where=where)


def _openings(
    workspace: Workspace, subjects: Sequence[CaseSubject], agreement: Agreement
) -> list[tuple[CaseSubject, CaseDraft]]:
    now, newest = _now(), newest_day(workspace)
    drafts = []
    for subject in subjects:
        metric = workspace.metric(subject.metric)
        workspace.check_dimensions(subject.where.dimensions)
        since = agreement.since if agreement.since is not None else parse_day(now[:10])
        promise = Promise(
            since=since,
            judge_on=_judge_day(subject, metric, since) if agreement.judge_on is None else agreement.judge_on,
            action=subject.action if agreement.action is None else agreement.action,
            owner=subject.owner if agreement.owner is None else agreement.owner,
            expected=agreement.expected or ExpectedEffect(),
        )
        _check_days(promise)
        body = opening(subject, promise, at=now, data_until=newest, definition=_definition(workspace, subject.metric))
        drafts.append((subject, CaseDraft("", "open", body)))
    return drafts


def _judge_day(subject: CaseSubject, metric: Metric, since: Day) -> Day | None:
    """The day on which a case is judged unless another is agreed; None of one about everything, which has no controls."""
    return usual_judge_day(metric, since) if subject.where else None


def _opened(db: Path, drafts: Sequence[tuple[CaseSubject, CaseDraft]]) -> tuple[Case, ...]:
    def numbered(chain: CaseChain) -> list[CaseDraft]:
        present = [case for case in cases_of(chain, None) if case.state != "closed"]
        for subject, _ in drafts:
            same = next((case for case in present if _is_same(case, subject)), None)
            if same is not None:
                raise UsageError(f"{same.id} is about the same finding. See it with: whydrop case show {same.id}")
        ids = next_ids(chain, len(drafts))
        return [CaseDraft(name, "open", draft.body) for name, (_, draft) in zip(ids, drafts, strict=True)]

    ids = {record.case for record in append_records(db, numbered)}
    with Workspace.open(db) as workspace:
        return tuple(case for case in case_list(workspace).cases if case.id in ids)


def _is_same(case: Case, subject: CaseSubject) -> bool:
    """Whether a case is about the same finding, or about the same explained question."""
    if subject.finding is not None:
        return case.finding == subject.finding
    question = (subject.metric, subject.where, subject.window, subject.baseline)
    return subject.window is not None and (case.metric, case.where, case.window, case.baseline) == question


def _agreed(case: Case, agreement: Agreement) -> Promise:
    promise = Promise(
        since=case.since if agreement.since is None else agreement.since,
        judge_on=case.judge_on if agreement.judge_on is None else agreement.judge_on,
        action=case.action if agreement.action is None else agreement.action,
        owner=case.owner if agreement.owner is None else agreement.owner,
        expected=agreement.expected or case.expected,
    )
    _check_days(promise)
    return promise


def _check_days(promise: Promise) -> None:
    if promise.judge_on is not None and promise.judge_on <= promise.since:
        raise UsageError(
            f"the day of the verdict, {iso(promise.judge_on)}, is not after the first day of the action, {iso(promise.since)}. "
            "Choose a later day."
        )


def _appended(db: Path, case_id: str, drafts: Sequence[CaseDraft]) -> Case:
    if not drafts:
        raise UsageError(
            "nothing to write down. Give a text, or what is agreed: the action, its owner, the promised effect, the day of the "
            "verdict."
        )
    append_records(db, lambda _: drafts)
    with Workspace.open(db) as workspace:
        return case_list(workspace).case(case_id)


def current_definition(workspace: Workspace, key: str) -> str | None:
    """The definition of a metric as it is now; None where it cannot be computed here any more."""
    try:
        return _definition(workspace, key)
    except WhydropError:
        return None


def _definition(workspace: Workspace, key: str) -> str:
    return definition_of(workspace.metric(key), workspace.rates.home if workspace.rates else None)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
