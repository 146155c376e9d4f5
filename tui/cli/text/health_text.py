"""The health of the whole as text for people, and as one table of figures."""

from typing import TYPE_CHECKING, Any

from core.ecosystem.health_results import Calibration, Concentration, GroupGap, Health, Newcomers, Risk, ShareChange
from core.reports.escaping import for_terminal

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

_LEADS = 20
_FLOWS = ("active", "active_before", "stayed", "joined", "came_back", "went_quiet")


def as_text(found: Health) -> "list[RenderableType]":
    """Every part in turn: who has how much, who comes and goes, whose grade moved, who is rated otherwise and
    seen more, how good it all is, what looks odd."""
    head = f"the ecosystem {found.window}, compared with {found.before}"
    head = f"{head}, in {for_terminal(str(found.where))}" if found.where else head
    return [
        head,
        *_concentrations(found),
        *_newcomers(found),
        *_mobility(found),
        *_fairness(found),
        *_exposure(found),
        *_quality(found),
        *_risk(found),
    ]


def as_rows(found: Health) -> list[dict[str, Any]]:
    """All figures as rows of part, group, name, value and interval, for tables."""
    rows = [
        _row("concentration", f"{one.side} {one.measure}", name, getattr(one.now, name), one.intervals.get(name))
        for one in found.concentrations
        for name in one.intervals
    ]
    for new in found.newcomers:
        rows += [_row("newcomers", new.side, name, getattr(new, name)) for name in _FLOWS]
        rows += [
            _row("newcomers", new.side, name, one.share, one.interval)
            for name, one in _portions(new)
            if one is not None
        ]
        rows += [_row("survival", new.side, f"{one.weeks} weeks", one.share, one.interval) for one in new.survival]
    for moves in found.mobility:
        rows += [_row("mobility", moves.side, name, getattr(moves, name)) for name in ("cards", "graded", "up", "down")]
        rows += [_row("mobility", moves.side, "moved_share", moves.moved_share, moves.moved_interval)]
        rows += [_row("mobility", moves.side, "shorrocks", moves.shorrocks, moves.shorrocks_interval)]
    for one in found.fairness:
        group = f"{one.side} {one.group}={one.value}"
        rows += [_row("fairness", group, "n", one.n), _row("fairness", group, "mean_score", one.mean_score)]
        rows += [_row("fairness", group, "gap", one.gap, one.interval)]
        rows += [_row("fairness", group, "selection_ratio", one.selection_ratio, one.selection_interval)]
        rows += [_row("fairness", group, "false_demotion", one.false_demotion, one.false_demotion_interval)]
    rows += [
        _row("calibration", f"{one.side} {one.group}={one.value}", "ratio", one.ratio, one.interval)
        for one in found.calibration
    ]
    for seen in found.exposure:
        rows += [_row("exposure", seen.side, "correlation", seen.correlation, seen.interval)]
        rows += [
            _row("exposure", f"{seen.side} {tier.tier}", "exposure_ratio", tier.exposure_ratio) for tier in seen.grades
        ]
    rows += [_row("quality", "", one.metric, one.figures.value, one.figures.interval) for one in found.quality]
    rows += [
        _row("channel", f"{one.channel} {one.measure}", "share", one.figures.value, one.figures.interval)
        for one in found.channels
    ]
    rows += [
        _row("risk", _subject(lead), lead.kind, lead.score) | {"reasons": "; ".join(lead.reasons)}
        for lead in found.risk
    ]
    return rows


def _row(part: str, group: str, name: str, value: Any, interval: tuple[float, float] | None = None) -> dict[str, Any]:
    low, high = interval or (None, None)
    return {"part": part, "group": group, "name": name, "value": value, "low": low, "high": high, "reasons": ""}


def table(left: tuple[str, ...], right: tuple[str, ...]) -> "Table":
    """A table without lines, with these columns."""
    from rich.table import Table

    made = Table(box=None, pad_edge=False, header_style="bold", show_edge=False)
    for name in left:
        made.add_column(name)
    for name in right:
        made.add_column(name, justify="right")
    return made


def _concentrations(found: Health) -> "list[RenderableType]":
    shown = table(
        ("who has how much",), ("active", "gini", "95 %", "before", "hhi", "as many equal", "top 1 %", "top 10 %")
    )
    for one in found.concentrations:
        shown.add_row(f"{one.measure} of {one.side}", *_spread(one))
    return ["", shown] if found.concentrations else []


def _spread(one: Concentration) -> list[str]:
    low, high = one.intervals["gini"]
    before = "" if one.before is None else f"{one.before.gini:.3f}"
    now = one.now
    return [
        f"{one.population:,}", f"{now.gini:.3f}", f"{low:.3f}..{high:.3f}", before, f"{now.hhi:.4f}",
        f"{now.effective_number:,.0f}", f"{now.top_1pct_share:.1%}", f"{now.top_10pct_share:.1%}",
    ]  # fmt: skip


def _portions(new: Newcomers) -> list[tuple[str, ShareChange | None]]:
    return [("of_members", new.of_members), ("of_impressions", new.of_impressions), ("of_gmv", new.of_gmv)]


def _newcomers(found: Health) -> "list[RenderableType]":
    shares = ("of the active", "of impressions", "of gmv")
    shown = table(
        ("who comes and goes",),
        ("before", "went quiet", "joined", "came back", "now", *(f"new {one}" for one in shares)),
    )
    for new in found.newcomers:
        flows = (new.active_before, -new.went_quiet, new.joined, new.came_back, new.active)
        portions = ["" if one is None else f"{one.share:.1%}" for _, one in _portions(new)]
        shown.add_row(new.side, *(f"{one:,}" for one in flows), *portions)
    lines = [
        f"{new.side} who began: "
        + ", ".join(f"{one.share:.0%} of {one.members} active after {one.weeks} weeks" for one in new.survival)
        for new in found.newcomers
        if new.survival
    ]
    return ["", shown, *lines] if found.newcomers else []


def _mobility(found: Health) -> "list[RenderableType]":
    lines = []
    for one in found.mobility:
        moves = ", ".join(f"{move.before} -> {move.after} {move.cards:,}" for move in one.moved)
        index = "" if one.shorrocks is None else f"; Shorrocks {one.shorrocks:.3f} (0 = nobody moves)"
        lines.append(
            f"{one.side}: {one.up:,} up, {one.down:,} down of {one.graded:,} graded in both{index}"
            + (f"; {moves}" if moves else "")
        )
    return ["", "whose grade moved in 28 days", *lines] if lines else []


def _fairness(found: Health) -> "list[RenderableType]":
    numbers = (
        "cards",
        "mean score",
        "gap to the rest",
        "95 %",
        "P",
        "top grades",
        "to the rest",
        "4/5 rule",
        "graded too low",
        "bad / promised",
    )
    shown = table(("who is rated otherwise", ""), numbers)
    true = {(one.side, one.group, one.value): one for one in found.calibration}
    for one in found.fairness:
        came = true.get((one.side, one.group, one.value))
        shown.add_row(f"{one.side} {one.group}", for_terminal(one.value), *_group(one), _came_true(came))
    return ["", shown] if found.fairness else []


def _group(one: GroupGap) -> list[str]:
    gap = "" if one.interval is None else "{:+.1f}..{:+.1f}".format(*one.interval)
    sure = one.interval is not None and not one.interval[0] <= 0 <= one.interval[1]
    return [
        f"{one.n:,}", f"{one.mean_score:.1f}", f"{one.gap:+.1f}{' !' if sure else '  '}", gap, f"{one.provisional:.0%}",
        _share(one.selected), "" if one.selection_ratio is None else f"x {one.selection_ratio:.2f}", one.four_fifths,
        _share(one.false_demotion),
    ]  # fmt: skip


def _came_true(found: Calibration | None) -> str:
    if found is None:
        return ""
    sure = found.interval is not None and not found.interval[0] <= 1 <= found.interval[1]
    return f"x {found.ratio:.2f}{' !' if sure else '  '}"


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.0%}"


def _exposure(found: Health) -> "list[RenderableType]":
    shown = table(
        ("who is seen",), ("members", "with score", "95 %", "seen per member, by grade (1 = as all on average)")
    )
    for one in found.exposure:
        grades = ", ".join(f"{tier.tier} {tier.exposure_ratio:.2f}" for tier in one.grades)
        shown.add_row(
            one.side, f"{one.members:,}", f"{one.correlation:+.2f}", "{:+.2f}..{:+.2f}".format(*one.interval), grades
        )
    return ["", shown] if found.exposure else []


def _quality(found: Health) -> "list[RenderableType]":
    rows = [(one.metric, one.figures) for one in found.quality]
    rows += [(f"{one.measure} through {for_terminal(one.channel)}", one.figures) for one in found.channels]
    shown = table(("quality, and channels",), ("now", "95 %", "before", "change", "95 %"))
    for name, one in rows:
        shown.add_row(
            name, _figure(one.value), _range(one.interval), _figure(one.before), _figure(one.change, "+"),
            _range(one.change_interval, "+"),
        )  # fmt: skip
    return ["", shown] if rows else []


def _figure(value: float | None, sign: str = "") -> str:
    return "" if value is None else f"{value:{sign}.4g}" if abs(value) < 1e-4 else f"{value:{sign}.4f}"


def _range(interval: tuple[float, float] | None, sign: str = "") -> str:
    return "" if interval is None else "..".join(_figure(one, sign) for one in interval)


def _risk(found: Health) -> "list[RenderableType]":
    if not found.risk:
        return ["", f"nothing looks odd: no lead in {found.risk_tests:,} tests of buyers, refunds, reviews and prices"]
    lines = [f"leads to look into, no verdicts: {len(found.risk)} in {found.risk_tests:,} tests, 5 % false at most"]
    for lead in found.risk[:_LEADS]:
        lines.append(f"  {_subject(lead)}: {lead.kind.replace('_', ' ')} ({lead.score:.0f})")
        lines += [f"    - {for_terminal(reason)}" for reason in lead.reasons]
    more = len(found.risk) - _LEADS
    return ["", *lines, *([f"  and {more} more: --format json has all"] if more > 0 else [])]


def _subject(lead: Risk) -> str:
    return " ".join(f"{name.removesuffix('_id')} {for_terminal(value)}" for name, value in lead.subject.items())
