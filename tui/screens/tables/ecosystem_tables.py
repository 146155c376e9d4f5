"""The tables of Ecosystem: what was tested, who lasts, rating gaps, leads."""

from collections.abc import Sequence
from typing import Any

from core.ecosystem.results.claim_results import Claim, Interval
from core.ecosystem.results.fairness_results import GroupGap
from core.ecosystem.results.health_results import Cohort, Health, Risk
from core.reports.health_narrative import (
    chance_words,
    effect_words,
    figure_words,
    five_lines,
    interval_words,
    limit_words,
    segment_words,
    value_words,
)
from core.reports.number_format import day, p_value, percent
from tui.screens.modals import Text
from tui.widgets.table_model import Cell, Column, Row, Table

_TESTED = (
    Column("figure", "figure", "what is tested; enter shows all that is known", least=20),
    Column("where", "segment", "the segment that is meant, or that explains the change", least=8),
    Column("now", "now", "in the last 28 days; of quality those that are old enough", right=True),
    Column("before", "before", "in the 28 days before; of a gap: all others", right=True, priority=3),
    Column("effect", "effect", "change or gap: a factor, points or a difference", right=True, priority=1),
    Column("interval", "95%", "95% interval of the effect", right=True, priority=4),
    Column("limit", "limit", "the smallest effect that is marked", right=True, priority=6),
    Column(
        "q", "q", "least false-discovery rate, over all tests of the page, at which it counts", right=True, priority=5
    ),
    Column("mark", "", "! = more than chance, and large enough to matter"),
)
_FAIRNESS = (
    Column("side", "of", "creators or sellers", priority=4),
    Column("group", "group", "market, role, agency, category, size (order lines) or newcomer", least=6),
    Column("value", "", "which of them", least=8),
    Column("n", "n", "cards with any case", right=True, priority=3),
    Column("mean", "score", "mean score", right=True, priority=5),
    Column("gap", "gap", "mean score minus that of all others", right=True),
    Column("interval", "95%", "interval of the gap, cards of one person counted together", right=True, priority=1),
    Column("mark", "", "! = the gap is more than chance, and large enough to matter"),
    Column("rule", "4/5", "share with a top grade at least 4/5 of the others': pass, fail, unsure", priority=2),
    Column(
        "demoted",
        "too low",
        "of those whose true score is a top one, how many are graded lower",
        right=True,
        priority=6,
    ),
)
_RISKS = (
    Column("subject", "who", "whose pattern is unusual for their peers", least=6),
    Column("kind", "lead", "what kind of pattern", least=8),
    Column("score", "unusual", "0 to 100: how unlikely it is among peers where nothing is wrong", right=True),
    Column("q", "q", "share of the leads up to this one that are mere chance", right=True, priority=2),
    Column("reason", "why it stands out", "the first reason; enter reads all", priority=1, least=14),
)
_MOST_WEEKS = 14


def claims(found: Health) -> Table:
    """Everything that was tested: marked claims first, then those about everything, then the other segments."""
    ordered = sorted(found.claims, key=lambda one: (not one.is_marked, bool(one.where)))
    rows = tuple(
        Row(f"{one.topic} {one.figure} {one.side} {segment_words(one.where)}", _claim(one), one) for one in ordered
    )
    note = "; ".join((*five_lines(found)[:3], *found.notes))
    empty = "no change can be tested: that takes eight weeks of data"
    return Table("Changes and gaps tested", _TESTED, rows, note=note, name="health", empty=empty)


def _claim(one: Claim) -> tuple[Cell, ...]:
    where = one.where or (one.cause if one.is_marked else one.where)
    style = "bold" if one.is_marked else ""
    return (
        Cell(figure_words(one), style=style),
        Cell(segment_words(where), style="dim"),
        Cell(value_words(one, one.now), one.now, style),
        Cell(value_words(one, one.before), one.before, "dim"),
        Cell(effect_words(one), one.effect),
        Cell(interval_words(one), style="dim"),
        Cell(limit_words(one), style="dim"),
        Cell(p_value(one.q_value), one.q_value, "dim"),
        Cell("!" if one.is_marked else "", style="bad"),
    )


def cohorts(found: Health) -> Table:
    """How many of those who began in one week are still active, in hundredths, week by week: a heat map made of digits."""
    every = [(new.side, cohort) for new in found.newcomers for cohort in new.cohorts]
    weeks = sorted({int(week) for _, cohort in every for week in cohort.active})[:_MOST_WEEKS]
    columns = (
        Column("week", "week of", "the week in which they were first seen", right=True),
        Column("side", "", "creators or sellers", priority=99),
        Column("n", "n", "how many began", right=True),
        *(
            Column(f"w{week}", f"w{week}", f"% of them active {week} weeks later", True, 1 + at)
            for at, week in enumerate(weeks)
        ),
    )
    rows = tuple(Row(f"{side} {one.day}", _cohort(side, one, weeks), one) for side, one in every)
    empty = "the data do not go back far enough to see anybody begin"
    return Table("Still active, % by week since the first", columns, rows, name="cohorts", empty=empty)


def _cohort(side: str, one: Cohort, weeks: Sequence[int]) -> tuple[Cell, ...]:
    shares = (one.active.get(str(week)) for week in weeks)
    return (
        Cell(day(one.day), one.day),
        Cell(side, style="dim"),
        Cell(f"{one.members:,}", one.members, "dim"),
        *(Cell() if count is None or not one.members else _hundredths(count / one.members) for count in shares),
    )


def _hundredths(share: float) -> Cell:
    return Cell(f"{100 * share:.0f}", share)


def fairness(found: Health) -> Table:
    """Every group versus all others of its side, marked gaps first."""
    marked = {
        (one.side, *term)
        for one in found.claims
        if one.is_marked and one.figure == "score_gap"
        for term in one.where.items()
    }
    ordered = sorted(found.fairness, key=lambda one: ((one.side, one.group, one.value) not in marked, one.gap))
    rows = tuple(
        Row(f"{one.side} {one.group} {one.value}", _group(one, (one.side, one.group, one.value) in marked), one)
        for one in ordered
    )
    fails = sum(one.four_fifths == "fail" for one in ordered)
    note = f"4/5 rule: {fails} fail" if rows else ""
    return Table("Rating gaps by group", _FAIRNESS, rows, note=note, name="fairness", empty="nobody is rated here")


def _group(one: GroupGap, is_marked: bool) -> tuple[Cell, ...]:
    return (
        Cell(one.side, style="dim"),
        Cell(one.group, style="dim"),
        Cell(one.value),
        Cell(f"{one.n:,}", one.n, "dim"),
        Cell(f"{one.mean_score:.1f}", one.mean_score),
        Cell(f"{one.gap:+.1f}", one.gap, ("bad" if one.gap < 0 else "good") if is_marked else ""),
        Cell(_range(one.interval), style="dim"),
        Cell("!" if is_marked else "", style="bad"),
        Cell(one.four_fifths, style="bad" if one.four_fifths == "fail" else "dim"),
        Cell(percent(one.false_demotion), one.false_demotion),
    )


def risks(found: Health) -> Table:
    """Leads, most unusual first. A lead is where to look, and says nothing of anybody's guilt."""
    rows = tuple(Row(f"{_subject(one)} {one.kind}", _risk(one), one) for one in found.risk)
    note = f"{len(rows):,} in {found.risk_tests:,} tests: where to look, no verdicts"
    return Table("Leads", _RISKS, rows, note=note, name="risk", empty="nothing stands out among peers")


def _risk(one: Risk) -> tuple[Cell, ...]:
    return (
        Cell(_subject(one)),
        Cell(one.kind.replace("_", " "), one.kind),
        Cell(f"{one.score:.0f}", one.score),
        Cell(p_value(one.q_value), one.q_value, "dim"),
        Cell(one.reasons[0] if one.reasons else "", "; ".join(one.reasons), "dim"),
    )


def _subject(one: Risk) -> str:
    return ", ".join(one.subject.values())


def behind(item: Claim | Cohort | GroupGap | Risk) -> Text:
    """All that is known of what a row shows."""
    if isinstance(item, Claim):
        mark = "marked" if item.is_marked else "not marked"
        said = f"{mark}: q {chance_words(item)}, effect {effect_words(item)} of at least {limit_words(item)}"
        return f"{figure_words(item)}, {segment_words(item.where)}", [said, "", *_facts(item)]
    if isinstance(item, GroupGap):
        said = "a gap is a question, not a verdict: groups may differ in what they sell"
        return f"{item.group} {item.value}", [*_facts(item), "", said]
    if isinstance(item, Risk):
        reasons = [f"  - {reason}" for reason in item.reasons]
        said = "a lead, not a verdict: there may be a good reason. Look before you tell anybody."
        facts = [f"{name:<12} {value}" for name, value in item.to_dict().items() if name != "reasons"]
        return f"{_subject(item)}: {item.kind.replace('_', ' ')}", [*reasons, "", said, "", *facts]
    return f"began in the week of {day(item.day)}", _facts(item)


def _facts(source: Any) -> list[str]:
    """Full figures, a line each; matrices and parts indented."""
    lines: list[str] = []
    for name, value in source.to_dict().items():
        if isinstance(value, dict):
            lines += [name, *(f"  {key:<22} {figure}" for key, figure in value.items())]
        else:
            lines.append(f"{name:<24} {'–' if value is None or value == '' else value}")
    return lines


def numbers(found: Health) -> list[str]:
    """The five lines, then every test in full."""
    rows = [f"{row.cells[0].text:<60} {row.cells[1].text:<24} {row.item.now!r}" for row in claims(found).rows]
    return [*five_lines(found), "", *rows]


def _range(interval: Interval | None) -> str:
    return "" if interval is None else " to ".join(f"{end:+.1f}" for end in interval)
