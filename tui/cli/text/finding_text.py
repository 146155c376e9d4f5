"""Findings and explanations as text for people."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.base.days import iso
from core.catalogue import Catalogue
from core.detection.findings import Scan
from core.explanation.explanation_results import CauseMatch, Explanation
from core.reports.escaping import for_terminal
from core.reports.narrative import LIKELY, expected_range, narrative, verdict
from core.reports.number_format import change, figure, percent

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table
    from rich.text import Text

FINDING_COLUMNS = (
    "id", "as_of", "severity", "metric", "where", "window", "onset", "actual", "expected", "interval", "change", "change_pct",
    "impact", "p_value",
)  # fmt: skip


def scan_text(result: Scan, catalogue: Catalogue, command_end: str = "") -> "list[RenderableType]":
    """The findings of a scan as a table, with the next command to type; `command_end`: what it needs to name the workspace."""
    head = f"{len(result.findings)} found in {result.tested:,} series on {iso(result.as_of)}"
    if not result.findings:
        return [_line(f"Nothing is wrong: {head}.")]
    table = _table("", "metric", "where", "since", ">actual", ">expected", ">change", ">impact", "likely cause", "id")
    for finding in result.findings:
        unit = catalogue.metric(finding.metric).unit
        severity = finding.severity if finding.kind == "drop" else f"{finding.severity}, {finding.kind}"
        table.add_row(*_cells(
            f"! {severity}", finding.metric, str(finding.where) or "everything", iso(finding.onset),
            figure(finding.actual, unit), figure(finding.expected, unit), percent(finding.change_pct, signed=True),
            figure(finding.impact, finding.impact_unit), (finding.cause or "").split(" ")[0], finding.id,
        ))  # fmt: skip
    return [_line(f"{head}:"), table, _line(f"\nwhydrop explain {result.findings[0].id}{command_end}")]


def explanation_text(answer: Explanation, with_sql: bool = False) -> "list[RenderableType]":
    """An explanation: the answer in words, then its evidence; each table adds up to the change."""
    blocks: list[RenderableType] = [_line(_headline(answer), "bold"), _line(_verdict(answer))]
    blocks += [_line(line) for line in narrative(answer)[1:]]
    doubts = (check for check in answer.data_quality if check.status != "pass")
    blocks += [_line(f"  data, {check.status}: {check.check}: {check.detail}") for check in doubts]
    blocks += _section("Contribution of each step", _drivers(answer), bool(answer.drivers))
    blocks += _section("Segments", _segments(answer), bool(answer.segments))
    blocks += _section("Mix effect and rate effect", _mix(answer), bool(answer.mix))
    blocks += _section("Events near the onset", _events(answer), bool(answer.events))
    for cause in answer.causes:
        blocks += _cause(cause)
    if answer.ruled_out:
        blocks.append(_line("\nRuled out", "bold"))
        blocks += [_line(f"  - {cause.what}: {cause.reason}") for cause in answer.ruled_out]
    if with_sql:
        for name, sql in answer.queries.items():
            blocks += [_line(f"\n-- {name}"), _line(f"{sql};")]
    return blocks


def _headline(answer: Explanation) -> str:
    segment = f" in {answer.where}" if answer.where else ""
    before, after = figure(answer.expected, answer.unit), figure(answer.actual, answer.unit)
    moved = f"{change(answer.change, answer.unit)} ({percent(answer.change_pct, signed=True)})"
    return f"{answer.metric}{segment}, {answer.window}: {before} -> {after}  {moved}"


def _verdict(answer: Explanation) -> str:
    span = f"95% range {expected_range(answer)}"
    return f"{verdict(answer)}: {span}, baseline {answer.baseline.kind} {answer.baseline.window}."


def _drivers(answer: Explanation) -> "Table":
    table = _table("step", ">expected", ">actual", ">contribution", ">share")
    for part in answer.drivers:
        pair = (f"{part.expected:,.4g}", f"{part.actual:,.4g}")
        table.add_row(*_cells(part.metric, *pair, change(part.contribution, answer.unit), percent(part.share)))
    return table


def _segments(answer: Explanation) -> "Table":
    table = _table("segment", ">expected", ">actual", ">change", ">share", ">confidence")
    for part in answer.segments:
        table.add_row(*_cells(
            str(part.where) or "everything alike", figure(part.expected, answer.unit), figure(part.actual, answer.unit),
            change(part.change, answer.unit), percent(part.share), percent(part.confidence),
        ))  # fmt: skip
    return table


def _mix(answer: Explanation) -> "Table":
    table = _table("dimension", ">mix", ">rate", "largest value")
    for part in answer.mix:
        top = max(part.values, key=lambda value: abs(value.mix + value.rate), default=None)
        most = f"{top.value or '(not given)'} {change(top.mix + top.rate, answer.unit)}" if top else ""
        table.add_row(*_cells(part.dimension, change(part.mix, answer.unit), change(part.rate, answer.unit), most))
    return table


def _events(answer: Explanation) -> "Table":
    table = _table(">fit", "event", "why")
    for event in answer.events:
        table.add_row(*_cells(percent(event.score), f"{event.event_id} {event.title}", event.reason))
    return table


def _cause(cause: CauseMatch) -> "list[RenderableType]":
    label = "Likely cause" if cause.score >= LIKELY else "Less likely"
    return [
        _line(f"\n{label}: {cause.cause} (confidence {percent(cause.score)})", "bold"),
        *(_line(f"  - {line}") for line in cause.evidence),
        _line(f"  action     {cause.action}"),
        _line(f"  owner      {cause.owner}"),
        _line(f"  done when  {cause.verify}"),
    ]


def _section(title: str, table: "Table", filled: bool) -> "list[RenderableType]":
    return [_line(f"\n{title}", "bold"), table] if filled else []


def _table(*columns: str) -> "Table":
    """A plain table; a column whose name begins with > is right-aligned."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in columns:
        table.add_column(name.removeprefix(">"), justify="right" if name.startswith(">") else "left", overflow="fold")
    return table


def _cells(*texts: str) -> "Sequence[RenderableType]":
    return [_line(text) for text in texts]


def _line(text: str, style: str = "") -> "Text":
    from rich.text import Text

    start = "\n" if text.startswith("\n") else ""
    return Text(start + for_terminal(text.removeprefix("\n")), style=style)
