"""What the demo prints: one screenful with the finding, its cost, where, why, who, and what to type next."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.detection.findings import Finding, Scan
from core.explanation.explanation_results import Explanation
from core.reports.documents.finding_report import cost_sentence
from core.reports.narrative import headline, narrative
from core.reports.report import Report, Section

_COMMAND = 22
"""Cells before a command, as wide as the longest word for what it does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoSubject:
    """One sample workspace, and what was asked of it."""

    title: str
    scan: Scan | None
    finding: Finding | None
    answer: Explanation


def demo_report(subjects: Sequence[DemoSubject], planted: str, commands: Sequence[tuple[str, str]]) -> Report:
    """The answers of the sample workspaces, what was planted, and commands: (what it does, what to type)."""
    sections = [_subject(subject) for subject in subjects]
    sections.append(Section(lines=(f"Planted in the made-up data: {planted}.",)))
    sections.append(Section(title="Next", code=tuple(f"{does:<{_COMMAND}}{command}" for does, command in commands)))
    return Report(title="", sections=tuple(sections))


def _subject(subject: DemoSubject) -> Section:
    what, where, _, why, action = narrative(subject.answer)
    cost = () if subject.finding is None else (cost_sentence(subject.finding),)
    tested = "" if subject.scan is None else f", {subject.scan.tested:,} series tested"
    return Section(
        title=f"{subject.title}{tested}", lines=(f"▼ {headline(subject.answer)}", what, *cost, where, why, action)
    )
