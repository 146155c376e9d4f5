"""The tables of Ecosystem: questions and answers, who lasts, who is rated otherwise."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from core.ecosystem.health_results import (
    ChannelShare,
    Cohort,
    Concentration,
    Exposure,
    GroupGap,
    Health,
    Interval,
    Mobility,
    Newcomers,
    QualityFigure,
    RatioChange,
    Risk,
    ShareChange,
)
from core.reports.number_format import day, p_value, percent
from tui.screens.modals import Text
from tui.widgets.table_model import Cell, Column, Row, Table

_QUESTIONS = (
    Column("area", "area", "supply, renewal, balance, mobility, quality, merit, channel"),
    Column("question", "question", "what is asked; enter defines it and shows all that is known", least=20),
    Column("now", "now", "in the last 28 days; of quality those that are old enough", right=True),
    Column("interval", "95 %", "how much it hangs on who happens to be there", right=True, priority=2),
    Column("before", "before", "in the 28 days before", right=True),
    Column("mark", "", "! = what changed is more than chance"),
)
_FAIRNESS = (
    Column("side", "of", "creators or sellers", priority=4),
    Column("group", "group", "market, role, size (order lines) or newcomer", least=6),
    Column("value", "", "which of them", least=8),
    Column("n", "n", "cards with any case", right=True, priority=3),
    Column("mean", "score", "mean score", right=True, priority=5),
    Column("gap", "gap", "mean score minus that of all others", right=True),
    Column("interval", "95 %", "interval of the gap, cards of one person counted together", right=True, priority=1),
    Column("mark", "", "! = the gap is more than chance"),
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
_MEANINGS = {
    "gini": "0 = everybody has the same, 1 = one has all",
    "top_1pct_share": "what the largest hundredth of the active have",
    "effective_number": "as many equal members would be as concentrated (1 / the sum of squared shares)",
}
_TITLES = {"gini": "Gini of", "top_1pct_share": "top-1% share of", "effective_number": "as many equal, by"}
_MOST_WEEKS = 14
_NONE = "–"


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthQuestion:
    """One question: its answer, what that means, and the value of the core that it comes from."""

    area: str
    question: str
    now: str
    before: str
    interval: str
    mark: bool
    meaning: str
    source: Any
    value: float | None = None


def questions(found: Health) -> Table:
    """What somebody who answers for the whole asks, and how it stands."""
    asked = [
        *(one for new in found.newcomers for one in _renewal(new)),
        *(one for spread in found.concentrations for one in _balance(spread)),
        *(one for moves in found.mobility for one in _mobility(moves)),
        *(_quality(one) for one in found.quality),
        *(_exposure(one) for one in found.exposure),
        *(_channel(one) for one in found.channels),
    ]
    asked.sort(key=lambda one: not one.mark)
    rows = tuple(Row(f"{one.area} {one.question}", _answer(one), one) for one in asked)
    marks = sum(one.mark for one in asked)
    said = f"{marks} changed by more than chance" if marks else "nothing changed by more than chance"
    note = "; ".join((said, *found.notes))
    return Table("Questions", _QUESTIONS, rows, note=note, name="health")


def _answer(one: HealthQuestion) -> tuple[Cell, ...]:
    return (
        Cell(one.area, style="dim"),
        Cell(one.question),
        Cell(one.now, one.value, "bold" if one.mark else ""),
        Cell(one.interval, style="dim"),
        Cell(one.before, style="dim"),
        Cell("!" if one.mark else "", style="bad"),
    )


def _renewal(new: Newcomers) -> Iterator[HealthQuestion]:
    side = new.side
    flows = (
        f"{new.active_before:,} before - {new.went_quiet:,} went quiet + {new.joined:,} joined + "
        f"{new.came_back:,} came back = {new.active:,} now"
    )
    yield HealthQuestion(
        area="supply",
        question=f"{side} active",
        now=f"{new.active:,}",
        before=f"{new.active_before:,}",
        interval="",
        mark=False,
        meaning=flows,
        source=new,
        value=new.active,
    )
    for name, count in (("joined", new.joined), ("came back", new.came_back), ("went quiet", new.went_quiet)):
        yield HealthQuestion(
            area="renewal",
            question=f"{side} who {name}",
            now=f"{count:,}",
            before="",
            interval="",
            mark=False,
            meaning=flows,
            source=new,
            value=count,
        )
    portions = (
        (f"new {side} among the active", new.of_members),
        (f"impressions of new {side}", new.of_impressions),
        (f"gmv of new {side}", new.of_gmv),
    )
    for name, part in portions:
        if part:
            yield _portion(name, part, new)
    for one in new.survival:
        meaning = f"{one.active:,} of {one.members:,} who began long enough ago"
        words = f"new {side} active {one.weeks} weeks on"
        yield HealthQuestion(
            area="renewal",
            question=words,
            now=_exact(one.share),
            before="",
            interval=_range(one.interval, _exact),
            mark=False,
            meaning=meaning,
            source=one,
            value=one.share,
        )


def _portion(question: str, part: ShareChange, new: Newcomers) -> HealthQuestion:
    before = "" if part.before is None else _exact(part.before)
    meaning = "newcomers: never seen before, as far as the data go back, and no old account"
    interval = _range(part.interval, _exact)
    return HealthQuestion(
        area="renewal",
        question=question,
        now=_exact(part.share),
        before=before,
        interval=interval,
        mark=False,
        meaning=meaning,
        source=new,
        value=part.share,
    )


def _balance(one: Concentration) -> Iterator[HealthQuestion]:
    for name, title in _TITLES.items():
        value = getattr(one.now, name)
        shown = _exact if name == "top_1pct_share" else _whole if name == "effective_number" else _gini
        before = "" if one.before is None else shown(getattr(one.before, name))
        moved = one.change_intervals.get(name)
        interval = one.intervals.get(name)
        yield HealthQuestion(
            area="balance",
            question=f"{title} {one.measure}, {one.side}",
            now=shown(value),
            before=before,
            interval=_range(interval, shown),
            mark=_leaves_out_0(moved),
            meaning=_MEANINGS[name],
            source=one,
            value=value,
        )


def _mobility(one: Mobility) -> Iterator[HealthQuestion]:
    meaning = f"{one.up:,} up and {one.down:,} down of {one.graded:,} graded 28 days ago and now"
    share = one.moved_share
    words = f"{one.side} whose grade moved"
    yield HealthQuestion(
        area="mobility",
        question=words,
        now=_exact(share),
        before="",
        interval=_range(one.moved_interval, _exact),
        mark=False,
        meaning=meaning,
        source=one,
        value=share,
    )


def _quality(one: QualityFigure) -> HealthQuestion:
    meaning = f"more is worse; every day looked at as it was {one.age} days later, so that old and new compare"
    return _ratio("quality", one.metric, one.figures, meaning, one)


def _channel(one: ChannelShare) -> HealthQuestion:
    return _ratio("channel", f"{one.measure} through {one.channel or '(not given)'}", one.figures, "of the whole", one)


def _ratio(
    area: str, question: str, found: RatioChange, meaning: str, source: QualityFigure | ChannelShare
) -> HealthQuestion:
    shown = _exact if "per_1k" not in question else _two
    now, before = (_NONE if value is None else shown(value) for value in (found.value, found.before))
    mark = _leaves_out_0(found.change_interval)
    return HealthQuestion(
        area=area,
        question=question,
        now=now,
        before=before,
        interval=_range(found.interval, shown),
        mark=mark,
        meaning=meaning,
        source=source,
        value=found.value,
    )


def _exposure(one: Exposure) -> HealthQuestion:
    meaning = "rank correlation of score and impressions: 1 = the better, the more seen; 0 = seen whatever the score"
    words = f"better rated {one.side} are seen more"
    interval = _range(one.interval, _two)
    return HealthQuestion(
        area="merit",
        question=words,
        now=_two(one.correlation),
        before="",
        interval=interval,
        mark=False,
        meaning=meaning,
        source=one,
        value=one.correlation,
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
    """Every group beside all others of its side, those whose gap is more than chance first."""
    ordered = sorted(found.fairness, key=lambda one: (not _leaves_out_0(one.interval), one.gap))
    rows = tuple(Row(f"{one.side} {one.group} {one.value}", _group(one), one) for one in ordered)
    fails = sum(one.four_fifths == "fail" for one in ordered)
    note = f"4/5 rule: {fails} fail" if rows else ""
    return Table("Rated otherwise", _FAIRNESS, rows, note=note, name="fairness", empty="nobody is rated here")


def _group(one: GroupGap) -> tuple[Cell, ...]:
    sure = _leaves_out_0(one.interval)
    return (
        Cell(one.side, style="dim"),
        Cell(one.group, style="dim"),
        Cell(one.value),
        Cell(f"{one.n:,}", one.n, "dim"),
        Cell(f"{one.mean_score:.1f}", one.mean_score),
        Cell(f"{one.gap:+.1f}", one.gap, ("bad" if one.gap < 0 else "good") if sure else ""),
        Cell(_range(one.interval, lambda value: f"{value:+.1f}"), style="dim"),
        Cell("!" if sure else "", style="bad"),
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


def behind(item: HealthQuestion | Cohort | GroupGap | Risk) -> Text:
    """All that is known of what a row shows."""
    if isinstance(item, HealthQuestion):
        return item.question, [item.meaning, "", *_facts(item.source)]
    if isinstance(item, GroupGap):
        said = "a gap is a question, not a verdict: groups may differ in what they sell"
        return f"{item.group} {item.value}", [*_facts(item), "", said]
    if isinstance(item, Risk):
        reasons = [f"  - {reason}" for reason in item.reasons]
        said = "a lead, not a verdict: there may be a good reason. Look before anybody is told."
        facts = [f"{name:<12} {value}" for name, value in item.to_dict().items() if name != "reasons"]
        return f"{_subject(item)}: {item.kind.replace('_', ' ')}", [*reasons, "", said, "", *facts]
    return f"began in the week of {day(item.day)}", _facts(item)


def _facts(source: Any) -> list[str]:
    """Full figures, a line each; matrices and parts indented."""
    lines: list[str] = []
    for name, value in source.to_dict().items():
        if isinstance(value, dict):
            lines += [name, *(f"  {key:<22} {one}" for key, one in value.items())]
        elif isinstance(value, list) and value and isinstance(value[0], dict | list):
            lines += [name, *(f"  {one}" for one in value)]
        else:
            lines.append(f"{name:<24} {'–' if value is None or value == '' else value}")
    return lines


def numbers(found: Health) -> list[str]:
    """Every answer in full."""
    return [f"{row.item.question:<44} {row.item.value!r}" for row in questions(found).rows]


def _leaves_out_0(interval: Interval | None) -> bool:
    return interval is not None and not interval[0] <= 0 <= interval[1]


def _range(interval: Interval | None, shown: Any) -> str:
    return "" if interval is None else f"{shown(interval[0])}–{shown(interval[1])}"


def _exact(share: float) -> str:
    return f"{share:.1%}"


def _two(number: float) -> str:
    return f"{number:.2f}"


def _whole(number: float) -> str:
    return f"{number:,.0f}"


def _gini(value: float) -> str:
    return f"{value:.3f}"
