"""Cases as the chain of their records tells them."""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from core.base.days import Day, Window, iso, parse_day
from core.base.errors import UsageError, did_you_mean
from core.base.segment import Segment
from core.verification.case_results import Case, CaseNote, CaseSubject, CaseVerdict, ExpectedEffect, Promise
from core.verification.verification_results import CounterfactualDay
from core.workspace.schema.cases.case_chain import CaseChain, CaseRecord

_PREFIX = "case-"
_VERDICT_FIELDS = tuple(field.name for field in fields(CaseVerdict))


def cases_of(chain: CaseChain, newest: Day | None) -> tuple[Case, ...]:
    """The cases in the order of opening; `newest` is the newest day of the data.

    A case whose records cannot be understood any more is left out: the faults of the chain name it.
    """
    changed = {fault.case for fault in chain.faults}
    cases: dict[str, Case] = {}
    for record in chain.records:
        try:
            case = _opened(record) if record.kind == "open" else _followed(cases[record.case], record)
        except (KeyError, TypeError, ValueError, AttributeError, UsageError):
            continue
        cases[record.case] = case
    return tuple(_with_state(case, newest, case.id in changed) for case in cases.values())


def case_of(cases: tuple[Case, ...], word: str) -> Case:
    """The case of that id, or of its number. Raises UsageError when there is none."""
    by_id = {case.id: case for case in cases}
    name = word if word in by_id else f"{_PREFIX}{word}"
    if name not in by_id:
        raise UsageError(f"no case {word!r}.{did_you_mean(word, by_id)} whydrop case list shows all.")
    return by_id[name]


def next_ids(chain: CaseChain, count: int) -> tuple[str, ...]:
    """Ids that no record has yet."""
    numbers = [record.case.removeprefix(_PREFIX) for record in chain.records]
    highest = max((int(number) for number in numbers if number.isdecimal()), default=0)
    return tuple(f"{_PREFIX}{highest + step}" for step in range(1, count + 1))


def opening(
    subject: CaseSubject, promise: Promise, *, at: str, data_until: Day | None, definition: str
) -> Mapping[str, Any]:
    """The body of the record that opens a case."""
    return {
        "finding": subject.finding,
        "metric": subject.metric,
        "where": str(subject.where),
        "window": subject.window.to_dict() if subject.window else None,
        "onset": None if subject.onset is None else iso(subject.onset),
        "baseline": dict(subject.baseline) if subject.baseline else None,
        "cause": subject.cause,
        "definition": definition,
        "words": list(subject.words),
        **promised(promise, at=at, data_until=data_until),
    }


def promised(promise: Promise, *, at: str, data_until: Day | None) -> dict[str, Any]:
    """The body of a record of what is agreed."""
    return {
        "action": promise.action,
        "owner": promise.owner,
        "expected": promise.expected.to_dict(),
        "since": iso(promise.since),
        "judge_on": None if promise.judge_on is None else iso(promise.judge_on),
        "data_until": None if data_until is None else iso(data_until),
        "registered_at": at,
    }


def _opened(record: CaseRecord) -> Case:
    body = record.body
    return Case(
        id=record.case,
        state="open",
        finding=body["finding"],
        metric=body["metric"],
        where=Segment.parse(body["where"]),
        cause=body["cause"],
        **_promise(record),
        verdict=None,
        onset=_day(body["onset"]),
        window=_window(body["window"]) if body["window"] else None,
        baseline=body["baseline"],
        definition=body["definition"],
        words=tuple(map(str, body["words"])),
    )


def _promise(record: CaseRecord) -> dict[str, Any]:
    body = record.body
    expected = body["expected"]
    return {
        "action": str(body["action"]),
        "owner": str(body["owner"]),
        "expected": ExpectedEffect(expected["low"], expected["high"]),
        "since": parse_day(body["since"]),
        "judge_on": _day(body["judge_on"]),
        "data_until": _day(body["data_until"]),
        "registered_at": str(body["registered_at"]),
        "hash": record.hash,
    }


def _followed(so_far: Case, record: CaseRecord) -> Case:
    """A case after one more of its records."""
    body = record.body
    match record.kind:
        case "promise":
            return replace(so_far, **_promise(record))
        case "note":
            return replace(so_far, notes=(*so_far.notes, CaseNote(body["at"], body["text"])))
        case "close":
            notes = (*so_far.notes, CaseNote(body["at"], body["text"])) if body["text"] else so_far.notes
            return replace(so_far, notes=notes, closed_at=body["at"])
        case "verdict":
            return replace(so_far, verdict=_verdict(body))
    raise ValueError(record.kind)


def _verdict(body: Mapping[str, Any]) -> CaseVerdict:
    series = (
        CounterfactualDay(
            day=parse_day(row["day"]),
            actual=row["actual"],
            counterfactual=row["counterfactual"],
            lo=row["lo"],
            hi=row["hi"],
        )
        for row in body["series"]
    )
    low, high = body["interval"]
    body = {"is_ratio": body["unit"] == "ratio", **body}  # verdicts of earlier versions do not say it
    plain = {name: body[name] for name in _VERDICT_FIELDS}
    return CaseVerdict(
        **{
            **plain,
            "window": _window(body["window"]),
            "interval": (low, high),
            "notes": tuple(body["notes"]),
            "series": tuple(series),
        }
    )


def _with_state(case: Case, newest: Day | None, is_changed: bool) -> Case:
    if case.closed_at is not None:
        return replace(case, state="closed", is_changed=is_changed)
    if case.verdict is not None:
        return replace(case, state="judged", is_changed=is_changed)
    due = case.can_be_judged and case.judge_on is not None and newest is not None and case.judge_on <= newest
    return replace(case, state="due" if due else "open", is_changed=is_changed)


def _day(text: str | None) -> Day | None:
    return None if text is None else parse_day(text)


def _window(document: Mapping[str, str]) -> Window:
    return Window(parse_day(document["from"]), parse_day(document["to"]))
