"""What the demo prints: one screenful with the finding, its cost, where, why, who, and what to type next."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.detection.findings import Finding
from core.explanation.explanation_results import Explanation
from core.reports.report import Report, Section
from core.reports.tables.answer import answer_lines


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoSubject:
    """One sample workspace, and what was asked of it."""

    title: str
    finding: Finding | None
    answer: Explanation
    currency: str = ""


def demo_report(subjects: Sequence[DemoSubject], planted: str, commands: Sequence[tuple[str, str]]) -> Report:
    """The answers of the sample workspaces, what was planted, and commands: (what it does, what to type)."""
    first, *others = map(_lines, subjects)
    parts = [(*first, f"Planted in the data: {planted}."), *others]
    sections = [Section(title=subject.title, lines=lines) for subject, lines in zip(subjects, parts, strict=True)]
    does = ", ".join(does for does, _ in commands)
    following = Section(title=f"Next: {does}", code=tuple(command for _, command in commands))
    return Report(title="", sections=(*sections, following))


def _lines(subject: DemoSubject) -> tuple[str, ...]:
    """The whole answer about what costs money; what and where of anything else."""
    lines = answer_lines(subject.answer, subject.finding, subject.currency)
    if subject.finding is not None:
        return lines
    return (lines[0], *(line for line in lines[1:] if line.startswith("Where: ")))
