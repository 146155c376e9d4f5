"""Fairness for people: how grades move, gaps between groups, what scores promised, who is seen."""

from typing import TYPE_CHECKING, Any

from core.ecosystem.results.fairness_results import GroupGap
from core.ecosystem.results.health_results import Health
from core.reports.escaping import for_terminal
from core.reports.number_format import percent
from tui.cli.text.plain_table import figure_row, plain_table, range_text

if TYPE_CHECKING:
    from rich.console import RenderableType


def mobility_text(health: Health) -> "list[RenderableType]":
    """How many grades moved in 28 days, and in the 28 days before."""
    lines = []
    for mobility in health.mobility:
        moves = ", ".join(f"{move.before} to {move.after} {move.cards:,}" for move in mobility.moved[:5])
        before = (
            "" if mobility.moved_share_before is None else f"; {mobility.moved_share_before:.1%} in the 28 days before"
        )
        lines.append(
            f"{mobility.side}: {mobility.up:,} up and {mobility.down:,} down of {mobility.graded:,} graded at both ends "
            f"({mobility.moved_share:.1%}{before})" + (f"; {moves}" if moves else "")
        )
    return ["", "Grade changes in 28 days", *lines] if lines else []


def fairness_text(health: Health) -> "list[RenderableType]":
    """Every group beside all others of its side, marked ones first."""
    columns = (
        "cards",
        "mean score",
        "gap",
        "95%",
        "",
        "provisional",
        "top grades",
        "ratio",
        "4/5 rule",
        "graded too low",
    )
    table = plain_table(("Rating gaps by group", ""), columns)
    marked = _marked(health)
    for gap in sorted(health.fairness, key=lambda item: not _key(item) & marked):
        table.add_row(f"{gap.side} {gap.group}", for_terminal(gap.value), *_gap(gap, bool(_key(gap) & marked)))
    note = "size and newcomer are not tested: little evidence leans to the mean of the peers by design."
    return ["", table, note] if health.fairness else []


def _key(item: GroupGap) -> frozenset[tuple[str, str, str]]:
    return frozenset({(item.side, item.group, item.value)})


def _marked(health: Health) -> frozenset[tuple[str, str, str]]:
    return frozenset(
        (claim.side, name, value)
        for claim in health.claims
        if claim.is_marked and claim.figure == "score_gap"
        for name, value in claim.where.items()
    )


def _gap(item: GroupGap, is_marked: bool) -> list[str]:
    return [
        f"{item.n:,}", f"{item.mean_score:.1f}", f"{item.gap:+.1f}", range_text(item.interval, lambda end: f"{end:+.1f}"),
        "!" if is_marked else "", f"{item.provisional:.0%}", _share(item.selected),
        "" if item.selection_ratio is None else f"x{item.selection_ratio:.2f}", item.four_fifths, _share(item.false_demotion),
    ]  # fmt: skip


def _share(value: float | None) -> str:
    return "" if value is None else percent(value)


def calibration_text(health: Health) -> "list[RenderableType]":
    """What the scores of 28 days ago said of the orders since."""
    lines = []
    for rank in health.rankings:
        before = "" if rank.before is None else f", {rank.before:.3f} in the 28 days before"
        low, high = rank.interval
        lines.append(
            f"{rank.side}: AUC {rank.auc:.3f} ({low:.3f} to {high:.3f}{before}): the chance that a good order is of a better "
            f"rated member than a bad one; {rank.bad:,} bad of {rank.cases:,} orders"
        )
    table = plain_table(
        ("Bad orders by grade 28 days ago", ""), ("members", "orders", "bad", "share", "versus usual", "95%")
    )
    rows = [row for row in health.calibration if row.group == "grade"]
    for row in rows:
        table.add_row(
            row.side, row.value, f"{row.members:,}", f"{row.cases:,}", f"{row.observed:,.0f}",
            f"{row.observed / row.cases:.1%}" if row.cases else "", "" if row.ratio is None else f"x{row.ratio:.2f}",
            range_text(row.interval, lambda end: f"x{end:.2f}"),
        )  # fmt: skip
    return ["", "Do scores say what comes", *lines, *([table] if rows else [])] if lines or rows else []


def exposure_text(health: Health) -> "list[RenderableType]":
    """Whether the better rated are seen more."""
    table = plain_table(
        ("Exposure and merit",), ("members", "correlation", "95%", "impressions per member by grade (1 = average)")
    )
    for exposure in health.exposure:
        grades = ", ".join(f"{tier.tier} {tier.exposure_ratio:.2f}" for tier in exposure.grades)
        table.add_row(
            exposure.side,
            f"{exposure.members:,}",
            f"{exposure.correlation:+.2f}",
            range_text(exposure.interval, lambda end: f"{end:+.2f}"),
            grades,
        )
    return ["", table] if health.exposure else []


def fairness_rows(health: Health) -> list[dict[str, Any]]:
    """The same figures as rows for tables."""
    rows: list[dict[str, Any]] = []
    for moves in health.mobility:
        rows += [
            figure_row("mobility", moves.side, name, getattr(moves, name)) for name in ("cards", "graded", "up", "down")
        ]
        rows.append(figure_row("mobility", moves.side, "moved_share", moves.moved_share, moves.moved_interval))
        rows.append(figure_row("mobility", moves.side, "shorrocks", moves.shorrocks, moves.shorrocks_interval))
    for gap in health.fairness:
        group = f"{gap.side} {gap.group}={gap.value}"
        rows += [figure_row("fairness", group, "n", gap.n), figure_row("fairness", group, "mean_score", gap.mean_score)]
        rows.append(figure_row("fairness", group, "gap", gap.gap, gap.interval))
        rows.append(figure_row("fairness", group, "selection_ratio", gap.selection_ratio, gap.selection_interval))
        rows.append(figure_row("fairness", group, "false_demotion", gap.false_demotion, gap.false_demotion_interval))
    for row in health.calibration:
        rows.append(figure_row("calibration", f"{row.side} {row.group}={row.value}", "ratio", row.ratio, row.interval))
    rows += [figure_row("calibration", rank.side, "auc", rank.auc, rank.interval) for rank in health.rankings]
    for exposure in health.exposure:
        rows.append(figure_row("exposure", exposure.side, "correlation", exposure.correlation, exposure.interval))
        rows += [
            figure_row("exposure", f"{exposure.side} {tier.tier}", "exposure_ratio", tier.exposure_ratio)
            for tier in exposure.grades
        ]
    return rows
