"""Fairness as sections: how grades move, gaps between groups, what scores predicted, who is seen."""

from collections.abc import Iterator
from functools import partial

from core.ecosystem.results.fairness_results import Mobility
from core.ecosystem.results.health_results import Health
from core.reports.figures.change_format import signed
from core.reports.figures.number_format import interval_text, small_percent
from core.reports.report import Section
from core.reports.table import Column, table_of
from core.reports.tables.health_tables import fairness, is_small

_MOVES = 5
"""Grade changes that are named, the most frequent."""
_CALIBRATION = (
    Column("side", "members", "creators or sellers"),
    Column("grade", "grade", "28 days ago"),
    Column("members", "members", "with this grade", right=True, unit="count", priority=2),
    Column("orders", "orders", "since then", right=True, unit="count"),
    Column("bad", "bad", "of these", right=True, unit="count"),
    Column("share", "share", "bad of all", right=True, unit="share"),
    Column("ratio", "versus average", "bad orders versus the average", right=True),
    Column("interval", "95%", "interval of it", right=True, priority=1),
)
_EXPOSURE = (
    Column("side", "members", "creators or sellers"),
    Column("count", "members", "number of members", right=True, unit="count"),
    Column("correlation", "rank correlation", "of score and impressions", right=True),
    Column("interval", "95%", "interval of it", right=True, priority=1),
    Column("grades", "impressions by grade", "per member; 1 = the average of all members", least=20),
)


def mobility_section(health: Health) -> Iterator[Section]:
    """How many grades moved in 28 days, and in the 28 days before."""
    if health.mobility:
        yield Section(title="Grade changes in 28 days", lines=tuple(map(_mobility, health.mobility)))


def _mobility(part: Mobility) -> str:
    moves = ", ".join(f"{move.before} to {move.after} {move.cards:,}" for move in part.moved[:_MOVES])
    earlier = part.moved_share_before
    before = "" if earlier is None else f"; {small_percent(earlier)} in the 28 days before"
    both = (
        f"{part.up:,} up and {part.down:,} down of {part.graded:,} graded on both days "
        f"({small_percent(part.moved_share)}{before})"
    )
    return f"{part.side}: {both if part.graded else 'none graded on both days'}" + (f"; {moves}" if moves else "")


def fairness_section(health: Health) -> Iterator[Section]:
    """Every group versus all others of its side, marked ones first."""
    if health.fairness:
        notes = (
            "4/5: whether the share with a top grade is at least four fifths of the others'. Too low: of those who probably "
            "deserve a top grade, the share with a lower one.",
            "Size and newcomer are not tested: by design, scores with little evidence lie near the peer mean.",
            *(
                ("Groups with fewer than three persons on either side are not listed.",)
                if any(map(is_small, health.fairness))
                else ()
            ),
        )
        yield Section(title="Rating gaps by group", table=fairness(health), lines=notes)


def calibration_section(health: Health) -> Iterator[Section]:
    """What the scores of 28 days ago said of the orders since."""
    lines = []
    for rank in health.rankings:
        before = "" if rank.before is None else f"; {rank.before:.3f} in the 28 days before"
        low, high = rank.interval
        lines.append(
            f"{rank.side}: AUC {rank.auc:.3f} ({low:.3f} to {high:.3f}{before}), the probability that a good order "
            f"comes from a better-rated member than a bad one; {rank.bad:,} bad of {rank.cases:,} orders."
        )
    records = [
        {
            "side": row.side,
            "grade": row.value,
            "members": row.members,
            "orders": row.cases,
            "bad": round(row.observed),
            "share": row.observed / row.cases if row.cases else None,
            "ratio": "" if row.ratio is None else f"x{row.ratio:.2f}",
            "interval": interval_text(row.interval, "x{:.2f}".format),
        }
        for row in health.calibration
        if row.group == "grade"
    ]
    table = table_of("Bad orders by grade 28 days ago", _CALIBRATION, records) if records else None
    if lines or table:
        yield Section(title="Do scores predict bad orders?", table=table, lines=tuple(lines))


def exposure_section(health: Health) -> Iterator[Section]:
    """Whether the better rated are seen more."""
    records = [
        {
            "side": part.side,
            "count": part.members,
            "correlation": signed(part.correlation, 2),
            "interval": interval_text(part.interval, partial(signed, decimals=2)),
            "grades": ", ".join(f"{tier.tier}={tier.exposure_ratio:.2f}" for tier in part.grades),
        }
        for part in health.exposure
    ]
    if records:
        line = "Impressions by grade are per member; 1 is the average of all members."
        yield Section(
            title="Exposure and merit", table=table_of("Exposure and merit", _EXPOSURE, records), lines=(line,)
        )
