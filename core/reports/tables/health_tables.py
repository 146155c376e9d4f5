"""The tables of Ecosystem: what was tested, who lasts, rating gaps, leads."""

from collections.abc import Sequence
from typing import Any

from core.base.count_text import count
from core.base.date_text import day_month
from core.base.days import iso
from core.ecosystem.results.claim_results import Claim
from core.ecosystem.results.fairness_results import GroupGap
from core.ecosystem.results.health_results import Cohort, Health, Risk
from core.reports.figures.change_format import score_change
from core.reports.figures.number_format import interval_text, p_value, percent
from core.reports.figures.table_values import plain_text
from core.reports.health_narrative import (
    chance_words,
    effect_words,
    figure_words,
    five_lines,
    interval_words,
    limit_words,
    listed,
    segment_words,
    value_words,
)
from core.reports.table import Cell, Column, Row, Table
from core.reports.tables.reading import TitledText, exact

_TESTED = (
    Column("figure", "figure", "the figure that is tested; enter shows the details", least=26),
    Column("where", "segment", "the segment that was tested, or that explains the change", least=10),
    Column("now", "now", "its value in the last 28 days; quality rates use only complete orders", right=True),
    Column(
        "before",
        "before",
        "its value in the 28 days before; – for what is compared with others, or with a fixed value",
        right=True,
        priority=3,
    ),
    Column(
        "effect", "effect", "change since its onset, or gap: a factor, points or a difference", right=True, priority=1
    ),
    Column("interval", "95%", "95% interval of the effect", right=True, priority=4),
    Column("limit", "limit", "the smallest effect that gets a mark", right=True, priority=6),
    Column("q", "q", "the lowest false discovery rate at which it would be marked", right=True, priority=5),
    Column("mark", "", "! = larger than chance explains, and large enough to matter"),
)
_FAIRNESS = (
    Column("side", "of", "creators or sellers", priority=4),
    Column("group", "group", "market, role, agency, category, size (order lines) or newcomer", least=6),
    Column("value", "", "the value of the group", least=8),
    Column("n", "n", "scorecards with at least one order or review", right=True, priority=3),
    Column("mean", "score", "mean score", right=True, priority=5),
    Column("gap", "gap", "mean score minus that of all others", right=True),
    Column(
        "interval",
        "95%",
        "95% interval of the gap; the scorecards of one person count together",
        right=True,
        priority=1,
    ),
    Column("mark", "", "! = the gap is larger than chance explains, and large enough to matter"),
    Column("rule", "4/5", "share with a top grade versus 4/5 of the others' share: pass, fail or unsure", priority=2),
    Column(
        "demoted",
        "too low",
        "share of members with a true top score who have a lower grade",
        right=True,
        priority=6,
    ),
)
_RISKS = (
    Column("subject", "who", "the account with a pattern that is unusual among its peers", least=6),
    Column("kind", "lead", "the kind of pattern", least=8),
    Column("score", "unusual", "0 to 100: how unlikely the pattern is when nothing is wrong", right=True),
    Column("q", "q", "expected share of false leads down to this row", right=True, priority=2),
    Column("reason", "why it stands out", "the main reason; enter shows all", priority=1, least=14),
)
_MOST_WEEKS = 14


def claims(health: Health, currency: str) -> Table:
    """Everything that was tested: marked claims first, then those about everything, then the other segments."""
    ordered = sorted(health.claims, key=lambda item: (not item.is_marked, not item.events, bool(item.where)))
    rows = tuple(
        Row(f"{item.topic} {item.figure} {item.side} {segment_words(item.where)}", _claim(item, currency), item)
        for item in ordered
    )
    empty = "no change can be tested: that takes eight weeks of data"
    return Table("Changes and gaps tested", _TESTED, rows, note="; ".join(health.notes), name="health", empty=empty)


def _claim(claim: Claim, currency: str) -> tuple[Cell, ...]:
    where = segment_words(claim.where)
    if claim.is_marked and claim.cause and not claim.where:
        where = f"{where}, by {segment_words(claim.cause)}"
    if claim.events:
        where = f"{where}, during {listed(claim.events)}"
    style = "bold" if claim.is_marked else ""
    return (
        Cell(figure_words(claim), style=style),
        Cell(where, style="dim"),
        Cell(value_words(claim, claim.now, currency), claim.now, style),
        Cell(value_words(claim, claim.before, currency), claim.before, "dim"),
        Cell(effect_words(claim), claim.effect),
        Cell(interval_words(claim), style="dim"),
        Cell(limit_words(claim), style="dim"),
        Cell(p_value(claim.q_value), claim.q_value, "dim"),
        Cell("!" if claim.is_marked else "", style="bad"),
    )


def cohorts(health: Health) -> Table:
    """How many of those who began in one week are still active, in hundredths, week by week: a heat map made of digits."""
    every = [(new.side, cohort) for new in health.newcomers for cohort in new.cohorts]
    weeks = sorted({int(week) for _, cohort in every for week in cohort.active})[:_MOST_WEEKS]
    columns = (
        Column("week", "week of", "the week in which they were first seen", right=True),
        Column("side", "", "creators or sellers", priority=99),
        Column("n", "n", "number of newcomers", right=True),
        *(
            Column(f"w{week}", f"w{week}", f"% of them active {week} weeks later", True, 1 + at)
            for at, week in enumerate(weeks)
        ),
    )
    rows = tuple(Row(f"{side} {item.day}", _cohort(side, item, weeks), item) for side, item in every)
    empty = "the data do not go back far enough to see anyone join"
    return Table("Newcomers still active (%), by weeks since joining", columns, rows, name="cohorts", empty=empty)


def _cohort(side: str, item: Cohort, weeks: Sequence[int]) -> tuple[Cell, ...]:
    shares = (item.active.get(str(week)) for week in weeks)
    return (
        Cell(day_month(item.day), iso(item.day)),
        Cell(side, style="dim"),
        Cell(f"{item.members:,}", item.members, "dim"),
        *(Cell() if active is None or not item.members else _hundredths(active / item.members) for active in shares),
    )


def _hundredths(share: float) -> Cell:
    return Cell(f"{100 * share:.0f}", share)


def is_small(group: GroupGap) -> bool:
    """Whether a group, or all others, are too few for an interval that says anything: its figures are those of single persons."""
    return group.interval is None


def fairness(health: Health) -> Table:
    """Every group versus all others of its side, marked gaps first."""
    marked = {
        (claim.side, *term)
        for claim in health.claims
        if claim.is_marked and claim.figure == "score_gap"
        for term in claim.where.items()
    }
    ordered = sorted(
        (item for item in health.fairness if not is_small(item)),
        key=lambda item: ((item.side, item.group, item.value) not in marked, item.gap),
    )
    rows = tuple(
        Row(f"{item.side} {item.group} {item.value}", _group(item, (item.side, item.group, item.value) in marked), item)
        for item in ordered
    )
    fails = sum(item.four_fifths == "fail" for item in ordered)
    note = f"4/5 rule: {fails} fail" if rows else ""
    return Table(
        "Rating gaps by group", _FAIRNESS, rows, note=note, name="fairness", empty="no group has enough rated members"
    )


def _group(item: GroupGap, is_marked: bool) -> tuple[Cell, ...]:
    return (
        Cell(item.side, style="dim"),
        Cell(item.group, style="dim"),
        Cell(item.value),
        Cell(f"{item.n:,}", item.n, "dim"),
        Cell(f"{item.mean_score:.1f}", item.mean_score),
        Cell(score_change(item.gap), item.gap, ("bad" if item.gap < 0 else "good") if is_marked else ""),
        Cell(interval_text(item.interval, score_change), style="dim"),
        Cell("!" if is_marked else "", style="bad"),
        Cell(item.four_fifths, style="bad" if item.four_fifths == "fail" else "dim"),
        Cell(percent(item.false_demotion), item.false_demotion),
    )


def risks(health: Health) -> Table:
    """Leads, most unusual first. A lead is where to look, and says nothing of anybody's guilt."""
    rows = tuple(Row(f"{_subject(lead)} {lead.kind}", _risk(lead), lead) for lead in health.risk)
    note = f"{len(rows):,} in {health.risk_tests:,} tests: where to look, not verdicts"
    return Table("Leads", _RISKS, rows, note=note, name="risk", empty="nothing stands out among peers")


def _risk(item: Risk) -> tuple[Cell, ...]:
    return (
        Cell(_subject(item)),
        Cell(item.kind.replace("_", " "), item.kind),
        Cell(f"{item.score:.0f}", item.score),
        Cell(p_value(item.q_value), item.q_value, "dim"),
        Cell("".join(item.reasons[:1]), "; ".join(item.reasons), "dim"),
    )


def _subject(item: Risk) -> str:
    return ", ".join(item.subject.values())


def behind(item: Claim | Cohort | GroupGap | Risk) -> TitledText:
    """All that is known of what a row shows."""
    if isinstance(item, Claim):
        mark = "Marked" if item.is_marked else f"Explained by {listed(item.events)}" if item.events else "Not marked"
        sentence = f"{mark}: q {chance_words(item)}, effect {effect_words(item)} of at least {limit_words(item)}"
        return f"{figure_words(item)}, {segment_words(item.where)}", [sentence, "", *_facts(item)]
    if isinstance(item, GroupGap):
        sentence = "A gap is a question, not a verdict: groups may differ in what they sell."
        return f"{item.group} {item.value}", [*_facts(item), "", sentence]
    if isinstance(item, Risk):
        reasons = [f"  - {reason}" for reason in item.reasons]
        sentence = "A lead is not a verdict: there may be a good reason. Check before you tell anybody."
        facts = [
            f"{name.replace('_', ' '):<12} {_fact(value)}"
            for name, value in item.to_dict().items()
            if name != "reasons"
        ]
        return f"{_subject(item)}: {item.kind.replace('_', ' ')}", [*reasons, "", sentence, "", *facts]
    shares = [
        f"after {count(int(weeks), 'week')}".ljust(24)
        + ("not known yet" if active is None else f"{active:,} of {item.members:,} active")
        for weeks, active in item.active.items()
    ]
    return f"Members since the week of {day_month(item.day)}", [f"{'members':<24}{item.members:,}", *shares]


def _facts(source: Any) -> list[str]:
    """Full figures, a line each; matrices and parts indented."""
    lines: list[str] = []
    for name, value in source.to_dict().items():
        words = name.replace("_", " ")
        if isinstance(value, dict):
            lines += [words, *(f"  {key:<22} {_fact(figure)}" for key, figure in value.items())]
        else:
            lines.append(f"{words:<24} {_fact(value)}")
    return lines


def _fact(value: Any) -> str:
    """A figure with all its digits, anything else as people write it."""
    if isinstance(value, float):
        return exact(value)
    if isinstance(value, list | tuple):
        return ", ".join(map(_fact, value)) or "–"
    return plain_text(value) or "–"


def numbers(health: Health, currency: str) -> list[str]:
    """The five lines, then every test in full."""
    rows = claims(health, currency).rows
    figures = [f"{row.cells[0].text}, {row.cells[1].text}: {exact(row.item.now)}" for row in rows]
    return [*five_lines(health, currency), "", *figures]
