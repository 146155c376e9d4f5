"""Several metrics show one drop in one segment: which of them to tell.

A rate that fell takes what is read above it along: when fewer orders are paid, paid orders and gmv fall by as much. The rate is
told, for it is nearest to the cause, and names what fell with it. Where no rate fell, volumes that fell together are one drop.
"""

from collections.abc import Sequence
from dataclasses import replace
from math import log1p

from core.base.segment import Segment
from core.catalogue.metric_tree.metrics import Catalogue
from core.detection.findings import Finding

RANKS = ("critical", "major", "minor")
"""Severities, the gravest first."""
TOGETHER = 3
"""Days by which the onsets of drops with one cause may differ."""
_AS_MUCH = 0.75
"""The smaller of two (logarithmic) changes is at least this share of the larger where one makes the other."""
_SAME_SHARE = 0.6
"""The same for volumes, which no formula ties."""


def dedup_findings(findings: Sequence[Finding], catalogue: Catalogue) -> list[Finding]:
    """The findings without those that another one tells, in their order; it takes the place and severity of the gravest."""
    by_segment: dict[Segment, list[Finding]] = {}
    for finding in findings:
        by_segment.setdefault(finding.where, []).append(finding)
    position = {finding.id: at for at, finding in enumerate(findings)}
    ranked: list[tuple[int, Finding]] = []
    for group in by_segment.values():
        for teller, merged in _tellers(group, catalogue):
            also = dict.fromkeys(
                name for finding in merged for name in (finding.metric, *finding.also) if name != teller.metric
            )
            severity = min((finding.severity for finding in (teller, *merged)), key=RANKS.index)
            at = min(position[finding.id] for finding in (teller, *merged))
            ranked.append((at, replace(teller, also=(*teller.also, *also), severity=severity) if merged else teller))
    return [finding for _, finding in sorted(ranked, key=lambda pair: pair[0])]


def _tellers(group: Sequence[Finding], catalogue: Catalogue) -> list[tuple[Finding, list[Finding]]]:
    """Each reported finding of a segment, with those that it stands for: rates before volumes, products last."""
    tellers: list[tuple[Finding, list[Finding]]] = []
    for finding in sorted(group, key=lambda item: _nearness(item, catalogue)):
        merged = next((merged for teller, merged in tellers if _tells(teller, finding, catalogue)), None)
        if merged is None:
            tellers.append((finding, []))
        else:
            merged.append(finding)
    return tellers


def _nearness(finding: Finding, catalogue: Catalogue) -> tuple[bool, bool, int]:
    """Rates that are read under something first, then other rates, then volumes; roots of trees stand for their parts."""
    metric = catalogue.metric(finding.metric)
    return not metric.is_ratio, not metric.factors, -len(catalogue.path(finding.metric))


def _tells(teller: Finding, finding: Finding, catalogue: Catalogue) -> bool:
    if teller.metric == finding.metric:
        return True
    if abs(teller.onset - finding.onset) > TOGETHER:
        return False
    metric, other = catalogue.metric(teller.metric), catalogue.metric(finding.metric)
    if metric.is_ratio:
        made = {*catalogue.path(teller.metric), *metric.numerator.measures()}
        return bool(other.numerator.measures() & made) and _alike(teller, finding, _AS_MUCH)
    return not other.is_ratio and _alike(teller, finding, _SAME_SHARE)


def _alike(finding: Finding, other: Finding, share: float) -> bool:
    """Whether two metrics changed in the same way, by about as much."""
    first, second = (log1p(max(item.change_pct or 0.0, -0.999)) for item in (finding, other))
    return first * second > 0 and min(abs(first), abs(second)) >= share * max(abs(first), abs(second))
