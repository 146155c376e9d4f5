"""What a finding asks, and the explanation that answers it: of a scan and of `explain ID` alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.base.days import Window
from core.base.segment import Segment
from core.detection.findings import Finding
from core.detection.quality.quality_issue import QualityIssue
from core.workspace.read.workspace import Workspace

if TYPE_CHECKING:
    from core.explanation.explanation_results import Explanation  # 0.1 s, which the ids of findings do not need

_AS_SEEN = 0.7
"""How sure it is that a series that was never located is the place of its own drop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingQuestion:
    """What a finding asks: why did this metric drop in this segment on these days."""

    id: str
    metric: str
    window: Window
    where: Segment
    confidence: float | None
    """How sure it is that `where` is the segment; None: the segment is to be found inside it."""
    severity: str = ""
    """Of the finding, when it was seen; empty where that is not remembered."""
    impact: float | None = None
    """What it cost until then, in `impact_unit`."""
    impact_unit: str = ""


def question_of(finding: Finding) -> FindingQuestion:
    """What a finding asks."""
    confidence = _AS_SEEN if finding.confidence is None else finding.confidence
    return FindingQuestion(
        id=finding.id,
        metric=finding.metric,
        window=finding.window,
        where=finding.where if finding.within is None else finding.within,
        confidence=confidence if finding.within is None else None,
        severity=finding.severity,
        impact=finding.impact,
        impact_unit=finding.impact_unit,
    )


def explain_finding(
    workspace: Workspace, question: FindingQuestion, issues: Sequence[QualityIssue] | None = None
) -> "Explanation":
    """The explanation that a finding rests on: the same segment, cause, owner, onset and verdict.

    `issues`: what is wrong with the data, where that was found out before. Raises what `explain` raises.
    """
    from core.explanation.explain import explain  # 0.2 s: only an explanation needs it, not the ids of findings

    return explain(
        workspace,
        question.metric,
        window=question.window,
        where=question.where,
        located=question.confidence,
        issues=issues,
    )
