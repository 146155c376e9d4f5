"""What is known of a change, and what a piece of it weighs for or against a cause."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.base.segment import Segment
from core.catalogue.cause_signatures import EVERYWHERE
from core.catalogue.kinds import SLICE
from core.explanation.decompose.metric_moves import MetricMove
from core.explanation.explanation_results import EventMatch

KNOWN_DIMENSIONS = frozenset({*SLICE, "product_id", EVERYWHERE})
"""What signatures may know a segment by; a user's own dimensions are known by none."""


@dataclass(frozen=True, slots=True)
class FactResult:
    """The result of a named test: how far it holds, from 0 to 1, and the figures that say so."""

    degree: float
    text: str
    claim: str = ""


@dataclass(frozen=True, kw_only=True)
class ChangeEvidence:
    """All that is known of one change."""

    asked: str
    """The leaf that brought most of the change."""
    moved: Mapping[str, MetricMove]
    facts: Mapping[str, FactResult]
    segment: Segment
    dimensions: Sequence[str]
    """What the metric can be sliced by."""
    shape: str
    events: Sequence[tuple[str, EventMatch]]
    """(kind, match), best first."""
    sure: float = 1.0
    """How sure it is that there is a change to be explained, and where."""


@dataclass(frozen=True, slots=True)
class Weight:
    """One piece of evidence for (positive) or against (negative) a cause, in log units, and in words."""

    amount: float
    text: str
    """Empty for what no reader need know."""
