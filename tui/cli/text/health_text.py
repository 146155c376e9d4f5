"""The health of the marketplace as text for people, and as one table of figures."""

from typing import TYPE_CHECKING, Any

from core.ecosystem.results.claim_results import Claim
from core.ecosystem.results.health_results import Concentration, Health, Newcomers, Risk, ShareChange
from core.reports.escaping import for_terminal
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
from core.reports.number_format import day, short
from tui.cli.text.fairness_text import calibration_text, exposure_text, fairness_rows, fairness_text, mobility_text
from tui.cli.text.plain_table import figure_row, plain_table, range_text

if TYPE_CHECKING:
    from rich.console import RenderableType

_LEADS, _CLAIMS, _WEEKS = 20, 12, 8
_FLOWS = ("active", "active_before", "stayed", "joined", "came_back", "went_quiet")


def as_text(health: Health) -> "list[RenderableType]":
    """Five lines first: is it healthy, what is worst, where, whom to call, since when. Then a table for each part."""
    head = f"Health {health.window}, compared with {health.before}"
    head = f"{head}, in {for_terminal(str(health.where))}" if health.where else head
    return [
        head,
        *(for_terminal(line) for line in five_lines(health)),
        *_claims(health),
        *_concentrations(health),
        *_newcomers(health),
        *_activity(health),
        *mobility_text(health),
        *fairness_text(health),
        *calibration_text(health),
        *exposure_text(health),
        *_quality(health),
        *_penalties(health),
        *_leads(health),
    ]


def as_rows(health: Health) -> list[dict[str, Any]]:
    """All figures as rows of part, group, name, value, interval, q-value and mark, for tables."""
    rows = [_claim_row(claim) for claim in health.claims]
    for spread in health.concentrations:
        group = f"{spread.side} {spread.measure}"
        for name, interval in spread.intervals.items():
            rows.append(figure_row("concentration", group, name, getattr(spread.now, name), interval))
        rows += [figure_row("largest", group, member.name, member.share) for member in spread.largest]
    for new in health.newcomers:
        rows += [figure_row("newcomers", new.side, name, getattr(new, name)) for name in _FLOWS]
        rows += [
            figure_row("newcomers", new.side, name, portion.share, portion.interval)
            for name, portion in _portions(new)
            if portion
        ]
        rows += [
            figure_row("survival", new.side, f"{survival.weeks} weeks", survival.share, survival.interval)
            for survival in new.survival
        ]
    rows += fairness_rows(health)
    rows += [
        figure_row("quality", "", quality.metric, quality.figures.value, quality.figures.interval)
        for quality in health.quality
    ]
    rows += [
        figure_row(
            "channel", f"{channel.channel} {channel.measure}", "share", channel.figures.value, channel.figures.interval
        )
        for channel in health.channels
    ]
    rows += [
        figure_row("risk", _subject(lead), lead.kind, lead.score) | {"reasons": "; ".join(lead.reasons)}
        for lead in health.risk
    ]
    return rows


def _claim_row(claim: Claim) -> dict[str, Any]:
    group = f"{claim.side} {segment_words(claim.where)}".strip()
    row = figure_row(claim.topic, group, claim.figure, claim.now, None)
    return row | {
        "before": claim.before, "q": claim.q_value, "mark": "!" if claim.is_marked else "",
        "reasons": f"{effect_words(claim)} ({interval_words(claim)})",
    }  # fmt: skip


def _claims(health: Health) -> "list[RenderableType]":
    """Marked claims, and those about everything."""
    marked = [claim for claim in health.claims if claim.is_marked]
    others = [claim for claim in health.claims if not claim.is_marked and not claim.where]
    table = plain_table(
        ("Changes and gaps tested", "segment"), ("now", "before", "effect", "95%", "limit", "q", "", "since")
    )
    for item in [*marked[:_CLAIMS], *others]:
        since = "" if item.onset is None or not item.is_marked else day(item.onset)
        where = segment_words(item.where or item.cause if item.is_marked else item.where)
        table.add_row(
            figure_words(item), for_terminal(where), value_words(item, item.now), value_words(item, item.before),
            effect_words(item), interval_words(item), limit_words(item), chance_words(item), "!" if item.is_marked else "", since,
        )  # fmt: skip
    more = len(marked) - _CLAIMS
    residual = [f"and {more} more: --format json has all"] if more > 0 else []
    return ["", table, *residual] if health.claims else []


def _concentrations(health: Health) -> "list[RenderableType]":
    table = plain_table(
        ("Concentration",),
        ("active", "Gini", "95%", "before", "HHI", "effective number", "top 1%", "top 10%", "95%"),
    )
    lines = []
    for concentration in health.concentrations:
        table.add_row(f"{concentration.measure} of {concentration.side}", *_spread(concentration))
        largest = ", ".join(f"{for_terminal(member.name)} {member.share:.1%}" for member in concentration.largest)
        lines.append(f"Largest by {concentration.measure}, {concentration.side}: {largest}")
    note = "– = too few members, or sizes of no known shape: no figure that holds. 95% = another draw of such members."
    return ["", table, *lines, note] if health.concentrations else []


def _spread(concentration: Concentration) -> list[str]:
    now, before = concentration.now, concentration.before
    return [
        f"{concentration.population:,}", _index(now.gini), range_text(concentration.intervals.get("gini"), _index),
        _index(before.gini if before else None), _index(now.hhi),
        "–" if now.effective_number is None else f"{now.effective_number:,.0f}", _part(now.top_1pct_share),
        _part(now.top_10pct_share), range_text(concentration.intervals.get("top_10pct_share"), _part),
    ]  # fmt: skip


def _index(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _part(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


def _portions(new: Newcomers) -> list[tuple[str, ShareChange | None]]:
    return [("of_members", new.of_members), ("of_impressions", new.of_impressions), ("of_gmv", new.of_gmv)]


def _newcomers(health: Health) -> "list[RenderableType]":
    shares = ("of members", "of impressions", "of gmv")
    table = plain_table(
        ("Members",), ("before", "went quiet", "joined", "came back", "now", *(f"new, {share}" for share in shares))
    )
    for new in health.newcomers:
        flows = (new.active_before, -new.went_quiet, new.joined, new.came_back, new.active)
        table.add_row(
            new.side,
            *(f"{flow:,}" for flow in flows),
            *(_part(portion.share if portion else None) for _, portion in _portions(new)),
        )
    lines = [
        f"New {new.side} still active: "
        + ", ".join(
            f"{survival.share:.0%} of {survival.members} after {survival.weeks} weeks" for survival in new.survival
        )
        for new in health.newcomers
        if new.survival
    ]
    note = "Shares of newcomers and survival are not tested; what newcomers are seen is (see above)."
    return ["", table, *lines, note] if health.newcomers else []


def _activity(health: Health) -> "list[RenderableType]":
    """The weekly curve of the newest weeks, with the usual rate of silence."""
    table = plain_table(("Activity by week", ""), ("active", "regular before", "silent 2 weeks", "silent %", "usual %"))
    for side in dict.fromkeys(item.side for item in health.activity):
        for item in [week for week in health.activity if week.side == side][-_WEEKS:]:
            share = item.silent / item.regular if item.regular else None
            table.add_row(
                side,
                day(item.day),
                f"{item.active:,}",
                f"{item.regular:,}",
                f"{item.silent:,}",
                _part(share),
                _part(item.usual),
            )
    return ["", table] if health.activity else []


def _quality(health: Health) -> "list[RenderableType]":
    rows = [(quality.metric.replace("_", " "), quality.figures) for quality in health.quality]
    rows += [
        (f"{channel.measure} through {for_terminal(channel.channel)}", channel.figures) for channel in health.channels
    ]
    table = plain_table(("Quality and channels",), ("now", "95%", "before", "change", "95%"))
    for name, item in rows:
        table.add_row(
            name, _figure(item.value), range_text(item.interval, _figure), _figure(item.before),
            _signed(item.change), range_text(item.change_interval, _signed),
        )  # fmt: skip
    return ["", table] if rows else []


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.3g}" if abs(value) < 0.1 else f"{value:.4g}"


def _signed(value: float | None) -> str:
    return "–" if value is None else f"{value:+.2g}"


def _penalties(health: Health) -> "list[RenderableType]":
    table = plain_table(
        ("Penalties and appeals",),
        ("violations", "before", "members", "overturned", "share", "95%", "days to overturn", "most frequent"),
    )
    for penalty in health.penalties:
        policies = ", ".join(f"{for_terminal(name)} {count}" for name, count in list(penalty.policies.items())[:3])
        counts = (penalty.now, penalty.before, penalty.members, penalty.overturned)
        table.add_row(
            penalty.side,
            *(f"{count:,}" for count in counts),
            _part(penalty.overturned_share),
            range_text(penalty.interval, _part),
            "–" if penalty.median_days is None else f"{penalty.median_days:.0f}",
            policies,
        )
    return ["", table] if health.penalties else []


def _leads(health: Health) -> "list[RenderableType]":
    if not health.risk:
        return ["", f"No leads in {short(health.risk_tests)} tests of buyers, refunds, reviews, bursts and accounts."]
    lines = [
        f"Leads to look into, not verdicts: {len(health.risk)} in {short(health.risk_tests)} tests, at most 2% of them false"
    ]
    for lead in health.risk[:_LEADS]:
        lines.append(f"  {_subject(lead)}: {lead.kind.replace('_', ' ')} (score {lead.score:.0f})")
        lines += [f"    - {for_terminal(reason)}" for reason in lead.reasons]
    more = len(health.risk) - _LEADS
    return ["", *lines, *([f"  and {more} more: --format json has all"] if more > 0 else [])]


def _subject(lead: Risk) -> str:
    return " ".join(f"{name.removesuffix('_id')} {for_terminal(value)}" for name, value in lead.subject.items())
