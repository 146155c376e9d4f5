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


def title(told: Document) -> str:
    """What happened, in one line."""
    where = _where(told["where"])
    moved = (
        percent(told["change_pct"], signed=True)
        if told["change_pct"] is not None
        else change(told["change"], told["unit"])
    )
    return f"{told['metric']}{f' in {where}' if where else ''} {moved}, {days(_window(told['window']))}"


def words(one: PinnedFinding) -> list[str]:
    """A kept finding to read: what, where, why, what to do, and how to see it again."""
    told = one.told
    note = [f"note: {one.note}"] if one.note else []
    return [title(told), *note, "", *one.words, *_details(told), "", f"$ {one.command}"]


def report(kept: Sequence[PinnedFinding]) -> str:
    """All kept findings as one Markdown document."""
    lines = ["# Findings", ""]
    for number, one in enumerate(kept, 1):
        lines += [f"## {number}. {_safe(title(one.told))} ({one.state})", ""]
        lines += [_safe(one.note), ""] if one.note else []
        lines += [*map(_safe, one.words), *(_marked(line) for line in _details(one.told) if line)]
        lines += ["", f"    {for_terminal(one.command)}", ""]
    return "\n".join(lines).rstrip() + "\n"


def _details(told: Document) -> Iterator[str]:
    """What the answer in words rests on."""
    unit = told["unit"]
    steps = (f"{one['metric']} {change(one['contribution'], unit)}" for one in told["drivers"])
    yield from _list("Through which step", steps)
    yield from _list("Where", (_segment(one, unit) for one in told["segments"]))
    yield from _list("What happened near it", (f"{one['title']}: {one['reason']}" for one in told["events"]))
    for cause in told["causes"][:1]:
        yield from _list(f"What speaks for {cause['cause']}", cause["evidence"])
        yield from _list("Afterwards", (cause["verify"],))
    yield from _list("Ruled out", (f"{one['what']}: {one['reason']}" for one in told["ruled_out"]))
    doubts = (one for one in told["data_quality"] if one["status"] != "pass")
    yield from _list("Doubts of the data", (f"{one['check']}: {one['detail']}" for one in doubts))


def _list(head: str, items: Iterator[str] | Sequence[str], most: int = _LISTED) -> Iterator[str]:
    found = list(items)[:most]
    if found:
        yield ""
        yield head
        yield from (f"  - {item}" for item in found)


def _segment(one: Document, unit: str) -> str:
    where = _where(one["where"]) or "everywhere alike"
    return f"{where} {change(one['change'], unit)} ({percent(one['confidence'])} sure)"


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
