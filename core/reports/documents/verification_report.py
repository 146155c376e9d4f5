"""A verification, or the plan of one, as a report: the verdict first, then its evidence."""

from core.base.date_text import date_range, date_text
from core.base.days import iso
from core.reports.figures.change_format import change
from core.reports.figures.number_format import figure, span, titled
from core.reports.report import Report, Section
from core.reports.table import Cell, Column, Row, Table
from core.reports.verification_narrative import plan_lines, verification_lines
from core.verification.verification_results import CounterfactualDay, Verification, VerificationPlan

_DAYS = (
    Column("day", "day", "day", right=True, unit="day"),
    Column("actual", "actual", "the actual value", right=True),
    Column("counterfactual", "without it", "the value expected without the change", right=True),
    Column("range", "95% range", "range of the value expected without the change", right=True, priority=1),
    Column("effect", "effect", "actual minus expected without the change", right=True),
)
_MOST_DAYS = 28
"""Days that are listed, the newest; JSON has all."""


def verification_report(result: Verification, currency: str) -> Report:
    """What `verify` prints."""
    verdict, *evidence = verification_lines(result, currency)
    inside = [row for row in result.series if row.day in result.window][-_MOST_DAYS:]
    rows = tuple(Row(str(row.day), _day(row, result.unit)) for row in inside)
    title = titled(f"By day, {date_range(result.window)}", result.unit, currency)
    return Report(
        title=verdict,
        summary=tuple(evidence),
        sections=(Section(title=title, table=Table("By day", _DAYS, rows)),),
        data=result.to_dict(),
    )


def _day(row: CounterfactualDay, unit: str) -> tuple[Cell, ...]:
    return (
        Cell(date_text(row.day), iso(row.day)),
        Cell(figure(row.actual, unit), row.actual),
        Cell(figure(row.counterfactual, unit), row.counterfactual),
        Cell(span(row.lo, row.hi, unit)),
        Cell(change(row.actual - row.counterfactual, unit), row.actual - row.counterfactual),
    )


def plan_report(plan: VerificationPlan, currency: str) -> Report:
    """What `verify --plan` prints."""
    answer, *others = plan_lines(plan, currency)
    return Report(title=answer, summary=tuple(others), data=plan.to_dict())
