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


def as_text(found: Health) -> "list[RenderableType]":
    """Five lines first: is it healthy, what is worst, where, whom to call, since when. Then a table for each part."""
    head = f"Health {found.window}, compared with {found.before}"
    head = f"{head}, in {for_terminal(str(found.where))}" if found.where else head
    return [
        head,
        *(for_terminal(line) for line in five_lines(found)),
        *_claims(found),
        *_concentrations(found),
        *_newcomers(found),
        *_activity(found),
        *mobility_text(found),
        *fairness_text(found),
        *calibration_text(found),
        *exposure_text(found),
        *_quality(found),
        *_penalties(found),
        *_leads(found),
    ]


def as_rows(found: Health) -> list[dict[str, Any]]:
    """All figures as rows of part, group, name, value, interval, q-value and mark, for tables."""
    rows = [_claim_row(one) for one in found.claims]
    for spread in found.concentrations:
        group = f"{spread.side} {spread.measure}"
        for name, interval in spread.intervals.items():
            rows.append(figure_row("concentration", group, name, getattr(spread.now, name), interval))
        rows += [figure_row("largest", group, one.name, one.share) for one in spread.largest]
    for new in found.newcomers:
        rows += [figure_row("newcomers", new.side, name, getattr(new, name)) for name in _FLOWS]
        rows += [
            figure_row("newcomers", new.side, name, one.share, one.interval) for name, one in _portions(new) if one
        ]
        rows += [
            figure_row("survival", new.side, f"{one.weeks} weeks", one.share, one.interval) for one in new.survival
        ]
    rows += fairness_rows(found)
    rows += [figure_row("quality", "", one.metric, one.figures.value, one.figures.interval) for one in found.quality]
    rows += [
        figure_row("channel", f"{one.channel} {one.measure}", "share", one.figures.value, one.figures.interval)
        for one in found.channels
    ]
    rows += [
        figure_row("risk", _subject(lead), lead.kind, lead.score) | {"reasons": "; ".join(lead.reasons)}
        for lead in found.risk
    ]
    return rows


def _claim_row(claim: Claim) -> dict[str, Any]:
    group = f"{claim.side} {segment_words(claim.where)}".strip()
    row = figure_row(claim.topic, group, claim.figure, claim.now, None)
    return row | {
        "before": claim.before, "q": claim.q_value, "mark": "!" if claim.is_marked else "",
        "reasons": f"{effect_words(claim)} ({interval_words(claim)})",
    }  # fmt: skip


def _claims(found: Health) -> "list[RenderableType]":
    """Marked claims, and those about everything."""
    marked = [one for one in found.claims if one.is_marked]
    others = [one for one in found.claims if not one.is_marked and not one.where]
    shown = plain_table(
        ("Changes and gaps tested", "segment"), ("now", "before", "effect", "95%", "limit", "q", "", "since")
    )
    for one in [*marked[:_CLAIMS], *others]:
        since = "" if one.onset is None or not one.is_marked else day(one.onset)
        where = segment_words(one.where or one.cause if one.is_marked else one.where)
        shown.add_row(
            figure_words(one), for_terminal(where), value_words(one, one.now), value_words(one, one.before),
            effect_words(one), interval_words(one), limit_words(one), chance_words(one), "!" if one.is_marked else "", since,
        )  # fmt: skip
    more = len(marked) - _CLAIMS
    rest = [f"and {more} more: --format json has all"] if more > 0 else []
    return ["", shown, *rest] if found.claims else []


def _concentrations(found: Health) -> "list[RenderableType]":
    shown = plain_table(
        ("Concentration",),
        ("active", "Gini", "95%", "before", "HHI", "effective number", "top 1%", "top 10%", "95%"),
    )
    lines = []
    for one in found.concentrations:
        shown.add_row(f"{one.measure} of {one.side}", *_spread(one))
        largest = ", ".join(f"{for_terminal(each.name)} {each.share:.1%}" for each in one.largest)
        lines.append(f"Largest by {one.measure}, {one.side}: {largest}")
    note = "– = too few members, or sizes of no known shape: no figure that holds. 95% = another draw of such members."
    return ["", shown, *lines, note] if found.concentrations else []


def _spread(one: Concentration) -> list[str]:
    now, before = one.now, one.before
    return [
        f"{one.population:,}", _index(now.gini), range_text(one.intervals.get("gini"), _index),
        _index(before.gini if before else None), _index(now.hhi),
        "–" if now.effective_number is None else f"{now.effective_number:,.0f}", _part(now.top_1pct_share),
        _part(now.top_10pct_share), range_text(one.intervals.get("top_10pct_share"), _part),
    ]  # fmt: skip


def _index(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _part(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


def _portions(new: Newcomers) -> list[tuple[str, ShareChange | None]]:
    return [("of_members", new.of_members), ("of_impressions", new.of_impressions), ("of_gmv", new.of_gmv)]


def _newcomers(found: Health) -> "list[RenderableType]":
    shares = ("of members", "of impressions", "of gmv")
    shown = plain_table(
        ("Members",), ("before", "went quiet", "joined", "came back", "now", *(f"new, {one}" for one in shares))
    )
    for new in found.newcomers:
        flows = (new.active_before, -new.went_quiet, new.joined, new.came_back, new.active)
        shown.add_row(
            new.side, *(f"{one:,}" for one in flows), *(_part(one.share if one else None) for _, one in _portions(new))
        )
    lines = [
        f"New {new.side} still active: "
        + ", ".join(f"{one.share:.0%} of {one.members} after {one.weeks} weeks" for one in new.survival)
        for new in found.newcomers
        if new.survival
    ]
    note = "Shares of newcomers and survival are not tested; what newcomers are seen is (see above)."
    return ["", shown, *lines, note] if found.newcomers else []


def _activity(found: Health) -> "list[RenderableType]":
    """The weekly curve of the newest weeks, with the usual rate of silence."""
    shown = plain_table(("Activity by week", ""), ("active", "regular before", "silent 2 weeks", "silent %", "usual %"))
    for side in dict.fromkeys(one.side for one in found.activity):
        for one in [week for week in found.activity if week.side == side][-_WEEKS:]:
            share = one.silent / one.regular if one.regular else None
            shown.add_row(
                side,
                day(one.day),
                f"{one.active:,}",
                f"{one.regular:,}",
                f"{one.silent:,}",
                _part(share),
                _part(one.usual),
            )
    return ["", shown] if found.activity else []


def _quality(found: Health) -> "list[RenderableType]":
    rows = [(one.metric.replace("_", " "), one.figures) for one in found.quality]
    rows += [(f"{one.measure} through {for_terminal(one.channel)}", one.figures) for one in found.channels]
    shown = plain_table(("Quality and channels",), ("now", "95%", "before", "change", "95%"))
    for name, one in rows:
        shown.add_row(
            name, _figure(one.value), range_text(one.interval, _figure), _figure(one.before),
            _signed(one.change), range_text(one.change_interval, _signed),
        )  # fmt: skip
    return ["", shown] if rows else []


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.3g}" if abs(value) < 0.1 else f"{value:.4g}"


def _signed(value: float | None) -> str:
    return "–" if value is None else f"{value:+.2g}"


def _penalties(found: Health) -> "list[RenderableType]":
    shown = plain_table(
        ("Penalties and appeals",),
        ("violations", "before", "members", "overturned", "share", "95%", "days to overturn", "most frequent"),
    )
    for one in found.penalties:
        policies = ", ".join(f"{for_terminal(name)} {count}" for name, count in list(one.policies.items())[:3])
        waits = "–" if one.median_days is None else f"{one.median_days:.0f}"
        shown.add_row(
            one.side, f"{one.now:,}", f"{one.before:,}", f"{one.members:,}", f"{one.overturned:,}", _part(one.overturned_share),
            range_text(one.interval, _part), waits, policies,
        )  # fmt: skip
    return ["", shown] if found.penalties else []


def _leads(found: Health) -> "list[RenderableType]":
    if not found.risk:
        return ["", f"No leads in {short(found.risk_tests)} tests of buyers, refunds, reviews, bursts and accounts."]
    lines = [
        f"Leads to look into, not verdicts: {len(found.risk)} in {short(found.risk_tests)} tests, at most 2% of them false"
    ]
    for lead in found.risk[:_LEADS]:
        lines.append(f"  {_subject(lead)}: {lead.kind.replace('_', ' ')} (score {lead.score:.0f})")
        lines += [f"    - {for_terminal(reason)}" for reason in lead.reasons]
    more = len(found.risk) - _LEADS
    return ["", *lines, *([f"  and {more} more: --format json has all"] if more > 0 else [])]


def _subject(lead: Risk) -> str:
    return " ".join(f"{name.removesuffix('_id')} {for_terminal(value)}" for name, value in lead.subject.items())
