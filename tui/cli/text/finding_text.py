"""Findings and explanations as text for people."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.base.days import iso
from core.catalogue import Catalogue
from core.detection.findings import Scan
from core.explanation.explanation_results import CauseMatch, Explanation
from core.reports.escaping import for_terminal
from core.reports.narrative import narrative
from core.reports.number_format import change, figure, percent

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table
    from rich.text import Text

FINDING_COLUMNS = (
    "id", "as_of", "severity", "metric", "where", "window", "onset", "actual", "expected", "interval", "change", "change_pct",
    "impact", "p_value",
)  # fmt: skip


def scan_text(found: Scan, catalogue: Catalogue) -> "list[RenderableType]":
    """The drops of a scan as a table, with the next command to type."""
    head = f"{len(found.findings)} found in {found.tested:,} series on {iso(found.as_of)}"
    if not found.findings:
        return [_line(f"No drop is on: {head}.")]
    table = _table("", "metric", "where", "since", ">actual", ">expected", ">change", ">impact", "id")
    for one in found.findings:
        unit = catalogue.metric(one.metric).unit
        root = catalogue.metric(catalogue.path(one.metric)[-1]).unit
        table.add_row(*_cells(
            f"! {one.severity}", one.metric, str(one.where) or "everything", iso(one.onset), figure(one.actual, unit),
            figure(one.expected, unit), percent(one.change_pct, signed=True), figure(one.impact, root), one.id,
        ))  # fmt: skip
    worst = found.findings[0]
    where = f" --where '{worst.where}'" if worst.where else ""
    return [_line(f"{head}:"), table, _line(f"\nwhydrop explain {worst.metric} --window {worst.window}{where}")]


def explanation_text(found: Explanation, with_sql: bool = False) -> "list[RenderableType]":
    """An explanation: the answer in words, then what it stands on; each table adds up to the change."""
    blocks: list[RenderableType] = [_line(_headline(found), "bold"), _line(_verdict(found))]
    blocks += [_line(line) for line in narrative(found)[1:]]
    doubts = (one for one in found.data_quality if one.status != "pass")
    blocks += [_line(f"  data, {one.status}: {one.check}: {one.detail}") for one in doubts]
    blocks += _section("Through which step", _drivers(found), bool(found.drivers))
    blocks += _section("Where", _segments(found), bool(found.segments))
    blocks += _section("Mix or rate", _mix(found), bool(found.mix))
    blocks += _section("What happened near it", _events(found), bool(found.events))
    for cause in found.causes:
        blocks += _cause(cause)
    if found.ruled_out:
        blocks.append(_line("\nRuled out", "bold"))
        blocks += [_line(f"  - {one.what}: {one.reason}") for one in found.ruled_out]
    if with_sql:
        for name, sql in found.queries.items():
            blocks += [_line(f"\n-- {name}"), _line(f"{sql};")]
    return blocks


def _headline(found: Explanation) -> str:
    where = f" in {found.where}" if found.where else ""
    before, after = figure(found.expected, found.unit), figure(found.actual, found.unit)
    moved = f"{change(found.change, found.unit)} ({percent(found.change_pct, signed=True)})"
    return f"{found.metric}{where}, {found.window}: {before} -> {after}  {moved}"


def _verdict(found: Explanation) -> str:
    began = f"began {iso(found.onset.day)} as a {found.onset.shape}"
    verdict = "A drop" if found.is_drop else "Not a drop"
    if found.baseline.kind != "expected":
        return f"{verdict}, compared with {found.baseline.window}; {began}."
    low, high = (figure(end, found.unit) for end in found.interval)
    return f"{verdict}: expected {low} to {high} (95 %) from {found.baseline.window}; {began}."


def _drivers(found: Explanation) -> "Table":
    table = _table("step", ">expected", ">actual", ">brings", ">share")
    for one in found.drivers:
        pair = (f"{one.expected:,.5g}", f"{one.actual:,.5g}")
        table.add_row(*_cells(one.metric, *pair, change(one.contribution, found.unit), percent(one.share)))
    return table


def _segments(found: Explanation) -> "Table":
    table = _table("segment", ">expected", ">actual", ">change", ">share", ">sure")
    for one in found.segments:
        table.add_row(*_cells(
            str(one.where) or "everything alike", figure(one.expected, found.unit), figure(one.actual, found.unit),
            change(one.change, found.unit), percent(one.share), percent(one.confidence),
        ))  # fmt: skip
    return table


def _mix(found: Explanation) -> "Table":
    table = _table("dimension", ">mix", ">rate", "most of it")
    for one in found.mix:
        top = max(one.values, key=lambda value: abs(value.mix + value.rate), default=None)
        most = f"{top.value or '(not given)'} {change(top.mix + top.rate, found.unit)}" if top else ""
        table.add_row(*_cells(one.dimension, change(one.mix, found.unit), change(one.rate, found.unit), most))
    return table


def _events(found: Explanation) -> "Table":
    table = _table(">fit", "event", "why")
    for one in found.events:
        table.add_row(*_cells(percent(one.score), f"{one.event_id} {one.title}", one.reason))
    return table


def _cause(cause: CauseMatch) -> "list[RenderableType]":
    return [
        _line(f"\nLikely cause: {cause.cause} ({percent(cause.score)} sure)", "bold"),
        *(_line(f"  - {line}") for line in cause.evidence),
        _line(f"  do:    {cause.action}"),
        _line(f"  who:   {cause.owner}"),
        _line(f"  later: {cause.verify}"),
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
