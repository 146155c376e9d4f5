"""What was tested of the marketplace, and leads to unusual patterns."""

from dataclasses import replace

from core.base.count_text import count
from core.ecosystem.results.health_results import Health, Risk
from core.ecosystem.risk.risk_leads import FALSE_DISCOVERIES
from core.reports.report import Section
from core.reports.table import Table
from core.reports.tables.health_tables import claims, risks

_LEADS, _CLAIMS = 20, 12
"""Listed for people; JSON has all."""


def claim_table(health: Health, currency: str) -> Table:
    """The first of what is marked, and of what is not and is about everything."""
    table = claims(health, currency)
    marked = [row for row in table.rows if row.item.is_marked][:_CLAIMS]
    others = [row for row in table.rows if not row.item.is_marked and not row.item.where][:_CLAIMS]
    return replace(table, rows=(*marked, *others))


def lead_section(health: Health) -> Section:
    """Where to look, which is no verdict about anybody."""
    tests = count(health.risk_tests, "test")
    if not health.risk:
        return Section(title="Leads", lines=(f"No leads in {tests} of buyers, refunds, reviews, bursts and accounts.",))
    more = len(health.risk) - _LEADS
    lines = (
        f"{count(len(health.risk), 'lead')} in {tests}: where to look, not verdicts. At most "
        f"{FALSE_DISCOVERIES:.0%} of them are expected to be false.",
        *((f"And {more:,} more (--format json has all).",) if more > 0 else ()),
    )
    table = risks(health)
    return Section(title="Leads", table=replace(table, rows=table.rows[:_LEADS]), lines=lines)


def lead_subject(lead: Risk) -> str:
    """Whom a lead is about."""
    return " ".join(f"{name.removesuffix('_id')} {value}" for name, value in lead.subject.items())
