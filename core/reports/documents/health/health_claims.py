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


_LOOKED_AT = {
    "order_burst": "buyers", "shared_buyers": "buyers", "shared_regulars": "buyers", "few_buyers": "buyers",
    "unknown_buyers": "buyers",
    "refund_ring": "refunds", "bad_orders_apart": "refunds", "bad_order_surge": "refunds",
    "excused_refunds": "refunds",
    "review_burst": "reviews", "identical_reviews": "reviews", "hourly_reviews": "reviews", "praised_orders": "reviews",
    "repeated_praise": "reviews", "raised_reviews": "reviews",
    "hourly_orders": "bursts", "order_surge": "bursts", "orders_without_traffic": "traffic", "many_accounts": "accounts",
}  # fmt: skip
"""What each kind of lead is about."""


def claim_table(health: Health, currency: str) -> Table:
    """The first of what is marked or explained, and of what is not and is about everything."""
    table = claims(health, currency)
    marked = [row for row in table.rows if row.item.is_marked or row.item.events][:_CLAIMS]
    others = [row for row in table.rows if not (row.item.is_marked or row.item.events or row.item.where)][:_CLAIMS]
    return replace(table, rows=(*marked, *others))


def lead_section(health: Health) -> Section:
    """Where to look, which is no verdict about anybody."""
    tests = count(health.risk_tests, "test")
    if not health.risk:
        *others, last = dict.fromkeys(words for kind, words in _LOOKED_AT.items() if kind in health.risk_kinds) or [""]
        matters = f"{', '.join(others)} and {last}" if others else last
        line = (
            f"No leads in {tests} of {matters}." if last else "No leads were looked for: that takes buyers or reviews."
        )
        return Section(title="Leads", lines=(line,))
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
