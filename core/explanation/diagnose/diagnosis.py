"""Diagnosis: from where and when a change is to what could have brought it, and what could not."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import floor

from core.base.segment import Segment
from core.catalogue.cause_signatures import CauseSignature
from core.catalogue.metric_names import metric_words
from core.catalogue.metric_tree.metrics import Catalogue, Metric
from core.detection.findings import Check
from core.explanation.decompose.metric_moves import MetricMove, daily, moved
from core.explanation.decompose.sold_by import VOLUMES, volume_of
from core.explanation.diagnose import cause_tests
from core.explanation.diagnose.cause_matching import CauseRanking, match_causes
from core.explanation.diagnose.cause_tests import FACTS
from core.explanation.diagnose.change_evidence import ChangeEvidence
from core.explanation.diagnose.change_facts import ChangeContext
from core.explanation.diagnose.event_matching import kind_of
from core.explanation.diagnose.merged_steps import with_merged_steps
from core.explanation.explanation_results import (
    LIKELY,
    NEARLY,
    CauseMatch,
    Driver,
    EventMatch,
    MixRate,
    NearestCause,
    RuledOut,
)
from core.explanation.locate.onset import OnsetEstimate
from core.localization.with_history.actual_vs_expected import ActualVsExpected
from core.workspace.read.event_log import Event
from core.workspace.read.workspace import Workspace

_TRAFFIC = frozenset({"impressions", "clicks", "detail_views", "add_to_carts"})
"""What an export of traffic counts, whose slices may be others than those of orders."""


@dataclass(frozen=True, kw_only=True)
class Known:
    """What has been found out before a cause is looked for."""

    metric: Metric
    segment: Segment
    drivers: Sequence[Driver]
    mix: Sequence[MixRate]
    began: OnsetEstimate
    newest: int
    """The last day of the data."""
    events: Sequence[tuple[Event, EventMatch]]
    checks: Sequence[Check]
    by_volume: bool
    """Whether the segment changed the metric by its weight, not by what happens inside it."""
    sure: float
    """How sure it is that there is a change, and that it is in this segment."""


@dataclass(frozen=True)
class Diagnosis:
    """Named causes, what was ruled out, and what could not be decided."""

    causes: tuple[CauseMatch, ...] = ()
    ruled_out: tuple[RuledOut, ...] = ()
    nearest: tuple[NearestCause, ...] = ()
    """Where no cause is likelier than not, those that come nearest and that any evidence speaks for."""
    notes: tuple[str, ...] = ()
    skipped: str = ""
    """Why no causes were tested; empty where they were."""

    def with_further(self, further: Sequence["Diagnosis"]) -> "Diagnosis":
        """Of the first of several segments, with the likeliest cause of each further one; best first.

        Two causes of which it is one stay both, also where one of them is the cause of a further segment.
        """
        pair = self.causes if self.causes and self.causes[0].score < LIKELY else ()
        causes = {} if pair else {cause.cause: cause for cause in self.causes}
        first = next(iter(causes), "")
        for likeliest in (diagnosis.causes[0] for diagnosis in further if diagnosis.causes):
            if likeliest.cause != first and likeliest.score >= LIKELY:
                causes[likeliest.cause] = likeliest
        ranked = sorted((*causes.values(), *pair), key=lambda cause: -cause.score)
        named = {cause.cause for cause in ranked}
        ruled_out = tuple(other for other in self.ruled_out if other.what not in named)
        return replace(self, causes=tuple(ranked), ruled_out=ruled_out)


def diagnose(
    workspace: Workspace, signatures: dict[str, CauseSignature], compared: ActualVsExpected, subject: Known
) -> Diagnosis:
    """The causes that fit what moved inside the segment, versus all other rows.

    `compared` counts what follows an order on the day that it happened, so that young days can be judged.
    """
    catalogue = workspace.catalogue
    segment = _with_past(compared, subject.segment)
    counted = _counted_in(compared, segment)
    computable = catalogue.computable(counted)
    signatures = with_merged_steps(signatures, {metric.key for metric in computable})
    needed = dict.fromkeys(name for item in signatures.values() for name in item.metrics)
    metrics = [item for item in computable if item.key in needed]
    everything = daily(compared)
    volume = volume_of(catalogue, sorted(counted))
    affected = compared.about(segment, volume.key) if volume is not None else compared.where(segment)
    inside = daily(affected) if segment else everything
    if compared.baseline.kind == "expected":
        everything, inside = everything.since(subject.began.day), inside.since(subject.began.day)
    changes = moved(metrics, inside, everything.minus(inside) if segment else None)
    by_volume = subject.by_volume and segment == subject.segment  # what is new did not grow: it replaced something
    leaf = volume.key if by_volume and volume is not None else _asked(catalogue, subject, changes)
    if leaf not in changes:
        return Diagnosis(
            skipped=f"whydrop knows no typical cause of {metric_words(subject.metric.key)}; add one to whydrop.toml"
        )
    mix = max(subject.mix, key=lambda item: abs(item.mix), default=None) if subject.metric.is_ratio else None
    case = ChangeContext(
        compared=compared, affected=affected, segment=segment, volume=volume,
        everything=everything, inside=inside, moved=changes,
        began=subject.began, newest=subject.newest, events=subject.events, checks=subject.checks, agencies=workspace.agencies,
        buyers=lambda days: workspace.busiest_share(days, subject.segment), mix=mix,
    )  # fmt: skip
    tests = cause_tests.cause_tests(
        case, [name for name in FACTS if any(name in item.facts for item in signatures.values())]
    )
    kinds = [(kind_of(event, match), match) for event, match in subject.events]
    evidence = ChangeEvidence(
        asked=leaf,
        moved=changes,
        facts=tests,
        segment=subject.segment,
        dimensions=compared.slices(sorted(volume.measures())) if volume is not None else (),
        shape=subject.began.shape,
        events=kinds,
        sure=subject.sure,
    )
    ranking = match_causes(signatures, evidence)
    if ranking.is_decided:
        return Diagnosis(ranking.causes, ranking.ruled_out)
    nearest = tuple(
        NearestCause(f"{cause.key} {cause.name}", floor(100 * chance) / 100) for cause, chance in ranking.nearest
    )
    note = _undecided(ranking, nearest, signatures, computable)
    return Diagnosis(ranking.causes, ranking.ruled_out, nearest, notes=(note,))


def _counted_in(compared: ActualVsExpected, segment: Segment) -> frozenset[str]:
    """The measures that are counted inside a segment: those of traffic are not where it is a payment method."""
    rows = compared.where(segment)
    unknown = {name for name in _TRAFFIC & compared.measures if not (rows.stock.daily(name) != 0).any()}
    return compared.measures - unknown


def _with_past(compared: ActualVsExpected, segment: Segment) -> Segment:
    """A segment without the values that were never there before, such as a new version of an app.

    They have no past to compare with: what they replaced changed with them, and is judged together with them. Each dimension is
    judged by the first volume that is counted by it: impressions often know no products.
    """
    measures = [name for name in (*VOLUMES, *sorted(compared.measures)) if name in compared.measures]
    had: dict[str, tuple[str, ...]] = {}
    for name, values in segment.terms:
        sides = (compared.by(measure, name) for measure in measures if name in compared.dimensions)
        expected = next((before for now, before in sides if now[1:].any() or before[1:].any()), None)
        codes = [compared.values[name].index(value) for value in values if value in compared.values.get(name, ())]
        if expected is None or not codes or expected[codes].any():
            had[name] = values
    return Segment.of(had)


def _asked(catalogue: Catalogue, subject: Known, changes: Mapping[str, MetricMove]) -> str:
    """What has to be explained: of the metric and those under it in the tree, the one that moved most inside the segment."""
    leaves = {leaf for driver in subject.drivers for leaf in _finest(catalogue, driver.metric, changes)}
    nodes = {
        key for key in changes if subject.metric.key in catalogue.path(key)
    } or subject.metric.measures() & changes.keys()
    return max(
        leaves or nodes,
        key=lambda name: abs(changes[name].beyond) / (changes[name].error + 0.05),
        default=subject.metric.key,
    )


def _finest(catalogue: Catalogue, leaf: str, changes: Mapping[str, MetricMove]) -> list[str]:
    """A leaf of the tree, or the finer steps that are read under it where only they are known to signatures."""
    if leaf in changes:
        return [leaf]
    return [metric.key for metric in catalogue.children(leaf) if metric.key in changes]


def _undecided(
    ranking: CauseRanking,
    near: Sequence[NearestCause],
    signatures: Mapping[str, CauseSignature],
    computable: Sequence[Metric],
) -> str:
    """That no known cause fits, or none well enough, what came nearest, and what would decide."""
    if ranking.causes:
        return _one_of_two(ranking, near, computable)
    text = "no known cause fits"
    nearest = [cause for cause, _ in ranking.nearest]
    if near:
        text += " well enough to be named" if near[0].score >= NEARLY else ""
        text += "; nearest: " + ", ".join(f"{other.cause} ({other.score:.0%})" for other in near)
        text += f". What would decide: {nearest[0].decides or nearest[0].verify}"
    asked = (name for cause in nearest or signatures.values() for name in cause.moves)
    return text + _missing(asked, computable)


def _one_of_two(ranking: CauseRanking, near: Sequence[NearestCause], computable: Sequence[Metric]) -> str:
    """Between which two causes nothing decides, and what would tell them apart."""
    (first, _), (second, _) = ranking.nearest[:2]
    text = " or ".join(f"{other.cause} ({other.score:.0%})" for other in near[:2])
    tests = " or ".join(f"{cause.decides or cause.verify} ({cause.key})" for cause in (first, second))
    return f"{text}. What would decide: {tests}{_missing({*first.metrics} ^ {*second.metrics}, computable)}"


def _missing(asked: Iterable[str], computable: Sequence[Metric]) -> str:
    """Which of the metrics that causes ask for are not counted; empty where all are."""
    counted = {metric.key for metric in computable}
    names = Counter(name for name in asked if name not in counted)
    missing = sorted(sorted(names, key=lambda name: (-names[name], name))[:_MISSING])
    return f"; {', '.join(missing)} would help to decide: load the exports that count them" if missing else ""


_MISSING = 5
"""Metrics named at most, those of most causes: an export cannot count all that any cause moves."""
