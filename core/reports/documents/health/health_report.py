"""The health of the marketplace as a report: five sentences first, then a table for each part."""

from collections.abc import Iterator
from functools import partial

from core.base.count_text import count
from core.base.date_text import date_range, day_month
from core.catalogue.metric_names import metric_words
from core.ecosystem.results.claim_results import Claim
from core.ecosystem.results.health_results import Concentration, Health, Newcomers, ShareChange
from core.reports.documents.health.fairness_sections import (
    calibration_section,
    exposure_section,
    fairness_section,
    mobility_section,
)
from core.reports.documents.health.health_claims import claim_table, lead_section
from core.reports.figures.change_format import change
from core.reports.figures.number_format import interval_text, short, small_percent
from core.reports.figures.table_values import plain_text
from core.reports.health_narrative import five_lines
from core.reports.report import Report, Section
from core.reports.table import Cell, Column, Row, Table, table_of

_EFFECTS = (
    "Now and before: over the days in the title. Effect: from weekly figures since the change began, so it can differ from "
    "now versus before. q: the lowest false discovery rate at which a figure would be marked."
)
_WEEKS = 8
"""Weeks of the curve that are listed: two months, as long as what is compared."""
_SPREAD = (
    Column("what", "concentration of", "measure and members", least=10),
    Column("active", "active", "members with any", right=True, unit="count"),
    Column("gini", "Gini", "0 = all equal, 1 = one has all", right=True, unit="index"),
    Column("gini_range", "95%", "interval of the Gini", right=True, priority=3),
    Column("gini_before", "before", "Gini 28 days earlier", right=True, unit="index", priority=2),
    Column("hhi", "HHI", "sum of squared shares", right=True, unit="index", priority=4),
    Column(
        "effective", "effective number", "number of equal members with the same concentration", right=True, priority=5
    ),
    Column("top_1", "top 1%", "share of the largest 1%", right=True, unit="share"),
    Column("top_10", "top 10%", "share of the largest 10%", right=True, unit="share", priority=1),
    Column("top_10_range", "95%", "interval of the share of the largest 10%", right=True, priority=6),
)
_MEMBERS = (
    Column("side", "members", "creators or sellers"),
    Column("before", "before", "active in the 28 days before", right=True),
    Column("quiet", "inactive 28 days", "of these, not active now", right=True),
    Column("joined", "joined", "active for the first time", right=True),
    Column("back", "came back", "active before, but not in the 28 days before", right=True, priority=1),
    Column("now", "now", "active in the last 28 days", right=True),
    Column("of_members", "new, of members", "share of newcomers", right=True, unit="share", priority=2),
    Column("of_impressions", "of impressions", "impressions of newcomers", right=True, unit="share", priority=3),
    Column("of_gmv", "of GMV", "GMV of newcomers", right=True, unit="share", priority=4),
)
_ACTIVITY = (
    Column("side", "members", "creators or sellers"),
    Column("week", "week of", "first day", right=True),
    Column("active", "active", "active in the week", right=True, unit="count"),
    Column("regular", "regular before", "active in each of the weeks before", right=True, unit="count", priority=1),
    Column("silent", "inactive 2 weeks", "of these, inactive for two weeks", right=True, unit="count"),
    Column("share", "share", "of the regular ones", right=True, unit="share"),
    Column("usual", "usual", "what is usual", right=True, unit="share", priority=2),
)
_QUALITY = (
    Column("what", "quality", "which rate", least=16),
    Column("now", "now", "in the last 28 days", right=True),
    Column("interval", "95%", "interval of it", right=True, priority=2),
    Column("before", "before", "in the 28 days before", right=True, priority=1),
    Column("change", "change", "now minus before", right=True),
    Column("change_range", "95%", "interval of the change", right=True, priority=3),
)
_PENALTIES = (
    Column("side", "members", "creators or sellers"),
    Column("violations", "violations", "in the last 28 days", right=True, unit="count"),
    Column("before", "before", "in the 28 days before", right=True, unit="count"),
    Column("members", "members hit", "members with any", right=True, unit="count", priority=2),
    Column("overturned", "overturned", "on appeal, in both four weeks", right=True, unit="count", priority=1),
    Column("share", "of 56 days", "overturned of the violations of both four weeks", right=True, unit="share"),
    Column("interval", "95%", "interval of the share", right=True, priority=4),
    Column("days", "median days", "until they were overturned", right=True, priority=5),
    Column("policies", "most frequent", "policies", priority=3, least=12),
)


def health_report(health: Health, currency: str) -> Report:
    """What `health` prints: is the marketplace healthy, what is worst, where, whom to call, since when."""
    where = f" in {health.where}" if health.where else ""
    before = f" compared with {date_range(health.before)}" if health.before else ""
    return Report(
        title=f"Health{where}, {date_range(health.window)}{before}",
        summary=tuple(five_lines(health, currency)),
        sections=tuple(_sections(health, currency)),
        data=health.to_dict(),
    )


def _sections(health: Health, currency: str) -> Iterator[Section]:
    if health.claims:
        yield Section(title="Changes and gaps tested", table=claim_table(health, currency), lines=(_EFFECTS,))
    yield from _concentration(health)
    yield from _members(health)
    if health.activity:
        yield Section(title="Activity by week", table=_activity(health))
    yield from mobility_section(health)
    yield from fairness_section(health)
    yield from calibration_section(health)
    yield from exposure_section(health)
    if health.quality or health.channels:
        yield Section(title="Quality and channels", table=_quality(health))
    if health.penalties:
        yield Section(title="Penalties and appeals", table=_penalties(health))
    yield lead_section(health)


def _concentration(health: Health) -> Iterator[Section]:
    if not health.concentrations:
        return
    table = table_of("Concentration", _SPREAD, map(_spread, health.concentrations))
    largest = tuple(
        f"Largest by {metric_words(part.measure)}, {part.side}: "
        f"{', '.join(f'{member.name} {small_percent(member.share)}' for member in part.largest)}"
        for part in health.concentrations
        if part.largest
    )
    note = "Blank: too few members, or no distribution fits their sizes. 95%: the sampling range."
    yield Section(title="Concentration", table=table, lines=(*largest, note))


def _spread(part: Concentration) -> dict[str, object]:
    now = part.now
    return {
        "what": f"{metric_words(part.measure)}, {part.side}",
        "active": part.population,
        "gini": now.gini,
        "gini_range": interval_text(part.intervals.get("gini"), partial(plain_text, unit="index")),
        "gini_before": part.before.gini if part.before else None,
        "hhi": now.hhi,
        "effective": None if now.effective_number is None else round(now.effective_number),
        "top_1": now.top_1pct_share,
        "top_10": now.top_10pct_share,
        "top_10_range": interval_text(part.intervals.get("top_10pct_share"), small_percent),
    }


def portions(new: Newcomers) -> dict[str, ShareChange | None]:
    """The shares of newcomers."""
    return {"of_members": new.of_members, "of_impressions": new.of_impressions, "of_gmv": new.of_gmv}


def _members(health: Health) -> Iterator[Section]:
    if not health.newcomers:
        return
    records = [
        {
            "side": new.side,
            "before": new.active_before,
            "quiet": new.went_quiet,
            "joined": new.joined,
            "back": new.came_back,
            "now": new.active,
            **{name: portion.share if portion else None for name, portion in portions(new).items()},
        }
        for new in health.newcomers
    ]
    survival = tuple(
        f"New {new.side} still active: "
        + ", ".join(f"{part.share:.0%} of {part.members:,} after {count(part.weeks, 'week')}" for part in new.survival)
        for new in health.newcomers
        if new.survival
    )
    exposure_note = "; their impressions are (see above)" if any(map(_of_their_impressions, health.claims)) else ""
    note = f"Shares and survival of newcomers are not tested{exposure_note}."
    yield Section(title="Members", table=table_of("Members", _MEMBERS, records), lines=(*survival, note))


def _of_their_impressions(claim: Claim) -> bool:
    return claim.figure.endswith("_exposure")


def _activity(health: Health) -> Table:
    """The weekly curve of the newest weeks, with the usual rate of silence."""
    records = [
        {
            "side": side,
            "week": day_month(week.day),
            "active": week.active,
            "regular": week.regular,
            "silent": week.silent,
            "share": week.silent / week.regular if week.regular else None,
            "usual": week.usual,
        }
        for side in dict.fromkeys(week.side for week in health.activity)
        for week in [week for week in health.activity if week.side == side][-_WEEKS:]
    ]
    return table_of("Activity by week", _ACTIVITY, records)


def _quality(health: Health) -> Table:
    parts = [
        (metric_words(quality.metric), "" if "per_1k" in quality.metric else "ratio", quality.figures)
        for quality in health.quality
    ]
    parts += [
        (f"{metric_words(channel.measure)} through {channel.channel}", "ratio", channel.figures)
        for channel in health.channels
    ]
    rows = tuple(
        Row(
            name,
            (
                Cell(name),
                Cell(_figure(item.value, unit), item.value),
                Cell(interval_text(item.interval, partial(_figure, unit=unit))),
                Cell(_figure(item.before, unit), item.before),
                Cell(change(item.change, unit), item.change),
                Cell(interval_text(item.change_interval, partial(change, unit=unit))),
            ),
        )
        for name, unit, item in parts
    )
    return Table("Quality and channels", _QUALITY, rows)


def _figure(value: float | None, unit: str) -> str:
    if value is None:
        return "–"
    return small_percent(value) if unit == "ratio" else short(value)


def _penalties(health: Health) -> Table:
    records = [
        {
            "side": penalty.side,
            "violations": penalty.now,
            "before": penalty.before,
            "members": penalty.members,
            "overturned": penalty.overturned,
            "share": penalty.overturned_share,
            "interval": interval_text(penalty.interval, small_percent),
            "days": None if penalty.median_days is None else round(penalty.median_days),
            "policies": ", ".join(f"{name} {count}" for name, count in list(penalty.policies.items())[:3]),
        }
        for penalty in health.penalties
    ]
    return table_of("Penalties and appeals", _PENALTIES, records)
