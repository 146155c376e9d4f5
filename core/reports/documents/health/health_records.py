"""All figures of the health of the marketplace as one list of records, for CSV."""

from typing import Any

from core.ecosystem.results.claim_results import Claim
from core.ecosystem.results.health_results import Health
from core.reports.documents.health.health_claims import lead_subject
from core.reports.documents.health.health_report import portions
from core.reports.health_narrative import effect_words, interval_words, segment_words

_FLOWS = ("active", "active_before", "stayed", "joined", "came_back", "went_quiet")


def health_records(health: Health) -> list[dict[str, Any]]:
    """Part, group, name, value, interval, the value before, q-value, mark and reasons of every figure."""
    rows = [_claim(claim) for claim in health.claims]
    for spread in health.concentrations:
        group = f"{spread.side} {spread.measure}"
        for name, interval in spread.intervals.items():
            rows.append(_record("concentration", group, name, getattr(spread.now, name), interval))
        rows += [_record("largest", group, member.name, member.share) for member in spread.largest]
    for new in health.newcomers:
        rows += [_record("newcomers", new.side, name, getattr(new, name)) for name in _FLOWS]
        rows += [
            _record("newcomers", new.side, name, portion.share, portion.interval)
            for name, portion in portions(new).items()
            if portion
        ]
        rows += [
            _record("survival", new.side, f"{part.weeks} weeks", part.share, part.interval) for part in new.survival
        ]
    rows += _fairness(health)
    rows += [
        _record("quality", "", quality.metric, quality.figures.value, quality.figures.interval)
        for quality in health.quality
    ]
    rows += [
        _record("channel", f"{part.channel} {part.measure}", "share", part.figures.value, part.figures.interval)
        for part in health.channels
    ]
    rows += [
        _record("risk", lead_subject(lead), lead.kind, lead.score) | {"reasons": "; ".join(lead.reasons)}
        for lead in health.risk
    ]
    return rows


def _record(
    part: str, group: str, name: str, value: Any, interval: tuple[float, float] | None = None
) -> dict[str, Any]:
    low, high = interval or (None, None)
    return {
        "part": part, "group": group, "name": name, "value": value, "low": low, "high": high, "before": None, "q": None,
        "mark": "", "reasons": "",
    }  # fmt: skip


def _claim(claim: Claim) -> dict[str, Any]:
    group = f"{claim.side} {segment_words(claim.where)}".strip()
    return _record(claim.topic, group, claim.figure, claim.now) | {
        "before": claim.before,
        "q": claim.q_value,
        "mark": "!" if claim.is_marked else "",
        "reasons": f"{effect_words(claim)} ({interval_words(claim)})",
    }


def _fairness(health: Health) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for moves in health.mobility:
        rows += [
            _record("mobility", moves.side, name, getattr(moves, name)) for name in ("cards", "graded", "up", "down")
        ]
        rows.append(_record("mobility", moves.side, "moved_share", moves.moved_share, moves.moved_interval))
        rows.append(_record("mobility", moves.side, "shorrocks", moves.shorrocks, moves.shorrocks_interval))
    for gap in health.fairness:
        group = f"{gap.side} {gap.group}={gap.value}"
        rows += [_record("fairness", group, "n", gap.n), _record("fairness", group, "mean_score", gap.mean_score)]
        rows.append(_record("fairness", group, "gap", gap.gap, gap.interval))
        rows.append(_record("fairness", group, "selection_ratio", gap.selection_ratio, gap.selection_interval))
        rows.append(_record("fairness", group, "false_demotion", gap.false_demotion, gap.false_demotion_interval))
    for row in health.calibration:
        rows.append(_record("calibration", f"{row.side} {row.group}={row.value}", "ratio", row.ratio, row.interval))
    rows += [_record("calibration", rank.side, "auc", rank.auc, rank.interval) for rank in health.rankings]
    for exposure in health.exposure:
        rows.append(_record("exposure", exposure.side, "correlation", exposure.correlation, exposure.interval))
        rows += [
            _record("exposure", f"{exposure.side} {tier.tier}", "exposure_ratio", tier.exposure_ratio)
            for tier in exposure.grades
        ]
    return rows
