"""What was tested of the marketplace, and leads to unusual patterns."""

from core.ecosystem.results.claim_results import Claim
from core.ecosystem.results.health_results import Health, Risk
from core.reports.health_narrative import (
    chance_words,
    effect_words,
    figure_words,
    interval_words,
    limit_words,
    segment_words,
    value_words,
)
from core.reports.number_format import day, short
from core.reports.report import Section
from core.reports.table import Cell, Column, Row, Table, table_of

_LEADS, _CLAIMS = 20, 12
"""Listed for people; JSON has all."""
_TESTED = (
    Column("figure", "figure", "what is tested", least=20),
    Column("where", "segment", "the segment that is meant, or that explains the change", least=8),
    Column("now", "now", "in the last 28 days", right=True),
    Column("before", "before", "in the 28 days before; of a gap: all others", right=True, priority=2),
    Column("effect", "effect", "change or gap: a factor, points or a difference", right=True),
    Column("interval", "95%", "interval of the effect", right=True, priority=3),
    Column("limit", "limit", "the smallest effect that is marked", right=True, priority=6),
    Column("chance", "q", "false-discovery rate at which it counts", right=True, priority=5),
    Column("mark", "", "! = more than chance, and large enough to matter"),
    Column("since", "since", "the day on which it began", priority=4),
)
_FOUND = (
    Column("subject", "who", "whose pattern is unusual for their peers", least=8),
    Column("kind", "pattern", "which pattern"),
    Column("score", "score", "0 to 100: how unlikely it is where nothing is wrong", right=True),
    Column("reasons", "reasons", "what stands out", priority=1, least=24),
)


def claim_table(health: Health) -> Table:
    """Marked claims, and the likeliest of those about everything."""
    marked = [claim for claim in health.claims if claim.is_marked][:_CLAIMS]
    others = [claim for claim in health.claims if not claim.is_marked and not claim.where][:_CLAIMS]
    rows = tuple(
        Row(f"{claim.figure} {claim.side} {claim.where}", _claim(claim), claim) for claim in [*marked, *others]
    )
    return Table("Changes and gaps tested", _TESTED, rows)


def _claim(claim: Claim) -> tuple[Cell, ...]:
    where = (claim.where or claim.cause) if claim.is_marked else claim.where
    since = "" if claim.onset is None or not claim.is_marked else day(claim.onset)
    return (
        Cell(figure_words(claim)),
        Cell(segment_words(where)),
        Cell(value_words(claim, claim.now), claim.now),
        Cell(value_words(claim, claim.before), claim.before),
        Cell(effect_words(claim), claim.effect),
        Cell(interval_words(claim)),
        Cell(limit_words(claim)),
        Cell(chance_words(claim), claim.q_value),
        Cell("!" if claim.is_marked else ""),
        Cell(since),
    )


def lead_section(health: Health) -> Section:
    """Where to look, which is no verdict about anybody."""
    tests = short(health.risk_tests)
    if not health.risk:
        return Section(
            title="Leads", lines=(f"No leads in {tests} tests of buyers, refunds, reviews, bursts and accounts.",)
        )
    records = [
        {
            "subject": lead_subject(lead),
            "kind": lead.kind.replace("_", " "),
            "score": round(lead.score),
            "reasons": "; ".join(lead.reasons),
        }
        for lead in health.risk[:_LEADS]
    ]
    more = len(health.risk) - _LEADS
    lines = (
        f"{len(health.risk)} leads in {tests} tests: where to look, not verdicts. At most 2% of them are false.",
        *((f"And {more:,} more (--format json has all).",) if more > 0 else ()),
    )
    return Section(title="Leads", table=table_of("Leads", _FOUND, records), lines=lines)


def lead_subject(lead: Risk) -> str:
    """Whom a lead is about."""
    return " ".join(f"{name.removesuffix('_id')} {value}" for name, value in lead.subject.items())
