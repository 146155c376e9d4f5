"""An explanation in words and in Markdown, from nothing but the figures in its document."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from core.base.days import Window, parse_day
from core.reports.escaping import for_markdown, for_terminal
from core.reports.number_format import change, days, percent
from core.reports.pinned_findings import PinnedFinding

Document = Mapping[str, Any]
_LISTED = 5
"""Segments, evidence and events beyond these are left to the command."""


def title(document: Document) -> str:
    """What happened, in one line."""
    where = _where(document["where"])
    change_text = (
        percent(document["change_pct"], signed=True)
        if document["change_pct"] is not None
        else change(document["change"], document["unit"])
    )
    return f"{document['metric']}{f' in {where}' if where else ''} {change_text}, {days(_window(document['window']))}"


def words(finding: PinnedFinding) -> list[str]:
    """A kept finding to read: what, where, why, what to do, and how to see it again."""
    document = finding.told
    note = [f"note: {finding.note}"] if finding.note else []
    return [title(document), *note, "", *finding.words, *_details(document), "", f"$ {finding.command}"]


def report(findings: Sequence[PinnedFinding]) -> str:
    """All kept findings as one Markdown document."""
    lines = ["# Findings", ""]
    for number, finding in enumerate(findings, 1):
        lines += [f"## {number}. {_safe(title(finding.told))} ({finding.state})", ""]
        lines += [_safe(finding.note), ""] if finding.note else []
        lines += [*map(_safe, finding.words), *(_marked(line) for line in _details(finding.told) if line)]
        lines += ["", f"    {for_terminal(finding.command)}", ""]
    return "\n".join(lines).rstrip() + "\n"


def _details(document: Document) -> Iterator[str]:
    """What the answer in words rests on."""
    unit = document["unit"]
    steps = (f"{driver['metric']} {change(driver['contribution'], unit)}" for driver in document["drivers"])
    yield from _list("Through which step", steps)
    yield from _list("Where", (_segment(segment, unit) for segment in document["segments"]))
    yield from _list("What happened near it", (f"{event['title']}: {event['reason']}" for event in document["events"]))
    for cause in document["causes"][:1]:
        yield from _list(f"What speaks for {cause['cause']}", cause["evidence"])
        yield from _list("Afterwards", (cause["verify"],))
    yield from _list(
        "Ruled out", (f"{alternative['what']}: {alternative['reason']}" for alternative in document["ruled_out"])
    )
    doubts = (check for check in document["data_quality"] if check["status"] != "pass")
    yield from _list("Doubts of the data", (f"{check['check']}: {check['detail']}" for check in doubts))


def _list(head: str, items: Iterator[str] | Sequence[str], most: int = _LISTED) -> Iterator[str]:
    listed = list(items)[:most]
    if listed:
        yield ""
        yield head
        yield from (f"  - {item}" for item in listed)


def _segment(segment: Document, unit: str) -> str:
    where = _where(segment["where"]) or "everywhere alike"
    return f"{where} {change(segment['change'], unit)} ({percent(segment['confidence'])} sure)"


def _where(segment: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in segment.items())


def _window(document: Mapping[str, str]) -> Window:
    return Window(parse_day(document["from"]), parse_day(document["to"]))


def _marked(line: str) -> str:
    """An item of a list, or a line of its own."""
    text = _safe(line.strip().removeprefix("- "))
    return f"- {text}" if line.startswith("  ") else f"\n{text}\n"


def _safe(text: str) -> str:
    return for_markdown(for_terminal(text))
