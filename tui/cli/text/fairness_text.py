"""Fairness for people: how grades move, gaps between groups, what scores promised, who is seen."""

from typing import TYPE_CHECKING, Any

from core.ecosystem.results.fairness_results import GroupGap
from core.ecosystem.results.health_results import Health
from core.reports.escaping import for_terminal
from core.reports.number_format import percent
from tui.cli.text.plain_table import figure_row, plain_table, range_text

if TYPE_CHECKING:
    from rich.console import RenderableType


def mobility_text(found: Health) -> "list[RenderableType]":
    """How many grades moved in 28 days, and in the 28 days before."""
    lines = []
    for one in found.mobility:
        moves = ", ".join(f"{move.before} to {move.after} {move.cards:,}" for move in one.moved[:5])
        before = "" if one.moved_share_before is None else f"; {one.moved_share_before:.1%} in the 28 days before"
        lines.append(
            f"{one.side}: {one.up:,} up and {one.down:,} down of {one.graded:,} graded at both ends "
            f"({one.moved_share:.1%}{before})" + (f"; {moves}" if moves else "")
        )
    return ["", "Grade changes in 28 days", *lines] if lines else []


def fairness_text(found: Health) -> "list[RenderableType]":
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
    shown = plain_table(("Rating gaps by group", ""), columns)
    marked = _marked(found)
    for one in sorted(found.fairness, key=lambda one: not _key(one) & marked):
        shown.add_row(f"{one.side} {one.group}", for_terminal(one.value), *_gap(one, bool(_key(one) & marked)))
    note = "size and newcomer are not tested: little evidence leans to the mean of the peers by design."
    return ["", shown, note] if found.fairness else []


def _key(one: GroupGap) -> frozenset[tuple[str, str, str]]:
    return frozenset({(one.side, one.group, one.value)})


def _marked(found: Health) -> frozenset[tuple[str, str, str]]:
    return frozenset(
        (one.side, name, value)
        for one in found.claims
        if one.is_marked and one.figure == "score_gap"
        for name, value in one.where.items()
    )


def _gap(one: GroupGap, is_marked: bool) -> list[str]:
    return [
        f"{one.n:,}", f"{one.mean_score:.1f}", f"{one.gap:+.1f}", range_text(one.interval, lambda end: f"{end:+.1f}"),
        "!" if is_marked else "", f"{one.provisional:.0%}", _share(one.selected),
        "" if one.selection_ratio is None else f"x{one.selection_ratio:.2f}", one.four_fifths, _share(one.false_demotion),
    ]  # fmt: skip


def _share(value: float | None) -> str:
    return "" if value is None else percent(value)


def calibration_text(found: Health) -> "list[RenderableType]":
    """What the scores of 28 days ago said of the orders since."""
    lines = []
    for rank in found.rankings:
        before = "" if rank.before is None else f", {rank.before:.3f} in the 28 days before"
        low, high = rank.interval
        lines.append(
            f"{rank.side}: AUC {rank.auc:.3f} ({low:.3f} to {high:.3f}{before}): the chance that a good order is of a better "
            f"rated member than a bad one; {rank.bad:,} bad of {rank.cases:,} orders"
        )
    shown = plain_table(
        ("Bad orders by grade 28 days ago", ""), ("members", "orders", "bad", "share", "versus usual", "95%")
    )
    rows = [one for one in found.calibration if one.group == "grade"]
    for one in rows:
        shown.add_row(
            one.side, one.value, f"{one.members:,}", f"{one.cases:,}", f"{one.observed:,.0f}",
            f"{one.observed / one.cases:.1%}" if one.cases else "", "" if one.ratio is None else f"x{one.ratio:.2f}",
            range_text(one.interval, lambda end: f"x{end:.2f}"),
        )  # fmt: skip
    return ["", "Do scores say what comes", *lines, *([shown] if rows else [])] if lines or rows else []


def exposure_text(found: Health) -> "list[RenderableType]":
    """Whether the better rated are seen more."""
    shown = plain_table(
        ("Exposure and merit",), ("members", "correlation", "95%", "impressions per member by grade (1 = average)")
    )
    for one in found.exposure:
        grades = ", ".join(f"{tier.tier} {tier.exposure_ratio:.2f}" for tier in one.grades)
        shown.add_row(
            one.side,
            f"{one.members:,}",
            f"{one.correlation:+.2f}",
            range_text(one.interval, lambda end: f"{end:+.2f}"),
            grades,
        )
    return ["", shown] if found.exposure else []


def fairness_rows(found: Health) -> list[dict[str, Any]]:
    """The same figures as rows for tables."""
    rows: list[dict[str, Any]] = []
    for moves in found.mobility:
        rows += [
            figure_row("mobility", moves.side, name, getattr(moves, name)) for name in ("cards", "graded", "up", "down")
        ]
        rows.append(figure_row("mobility", moves.side, "moved_share", moves.moved_share, moves.moved_interval))
        rows.append(figure_row("mobility", moves.side, "shorrocks", moves.shorrocks, moves.shorrocks_interval))
    for one in found.fairness:
        group = f"{one.side} {one.group}={one.value}"
        rows += [figure_row("fairness", group, "n", one.n), figure_row("fairness", group, "mean_score", one.mean_score)]
        rows.append(figure_row("fairness", group, "gap", one.gap, one.interval))
        rows.append(figure_row("fairness", group, "selection_ratio", one.selection_ratio, one.selection_interval))
        rows.append(figure_row("fairness", group, "false_demotion", one.false_demotion, one.false_demotion_interval))
    for each in found.calibration:
        rows.append(
            figure_row("calibration", f"{each.side} {each.group}={each.value}", "ratio", each.ratio, each.interval)
        )
    rows += [figure_row("calibration", rank.side, "auc", rank.auc, rank.interval) for rank in found.rankings]
    for seen in found.exposure:
        rows.append(figure_row("exposure", seen.side, "correlation", seen.correlation, seen.interval))
        rows += [
            figure_row("exposure", f"{seen.side} {tier.tier}", "exposure_ratio", tier.exposure_ratio)
            for tier in seen.grades
        ]
    return rows
