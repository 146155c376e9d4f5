"""The tables of an explanation: segments, steps, and what each dimension and each of its values contributed."""

from functools import partial

from core.base.segment import Segment
from core.catalogue.metric_names import metric_words
from core.explanation.explanation_results import Explanation, MixRate
from core.reports.figures.change_format import change
from core.reports.figures.number_format import figure, p_value, percent, short, span, titled
from core.reports.finding_narrative import short_segment
from core.reports.table import Cell, Column, Row, Table
from core.reports.tables.waterfall import Axis, Bar, axis, bars
from core.views.step_tree import StepTree

_SIGNS = "█ total  ▒ worse  ░ better"
_SMALL = 0.1
"""Branches with less than this share of the largest contribution come folded."""
SEGMENTS = (
    Column("segment", "segment", "the segments that explain the change; enter explains one", least=16),
    Column("expected", "expected", "the expected value", right=True, priority=3),
    Column("actual", "actual", "the actual value", right=True, priority=2),
    Column("change", "effect", "its part of the whole change; rates count by their volume", right=True),
    Column("share", "of change", "their share of the whole change", right=True, priority=1),
    Column("confidence", "confidence", "how certain it is that this is the right segment", right=True, priority=4),
    Column("interval", "expected range", "the range that holds 95% of usual windows", right=True, priority=5),
    Column("p_value", "p", "probability of so large a change by chance", right=True, priority=6),
    Column("n", "n", "sample size: the denominator of a ratio, or the count", right=True, priority=7),
)
"""Of the segments that explain a change; those of a leaf table have some of them."""
_STEPS = (
    Column("step", "step", "the steps of the metric; enter explains one", least=20),
    Column("expected", "expected", "the expected value of the step", right=True, priority=5),
    Column("actual", "actual", "the actual value", right=True, priority=4),
    Column("contribution", "contribution", "its part of the change; parts add up to the step above them", right=True),
    Column("share", "share", "its share of the whole change", right=True, priority=3),
)
_MIX = (
    Column("dimension", "dimension", "a way to split the metric; enter shows its values", least=10),
    Column("mix", "mix effect", "the effect of values whose share of the volume changed", right=True),
    Column("rate", "rate effect", "the effect of changes inside the values", right=True),
    Column("largest", "largest value", "the value with the largest contribution", priority=1, least=12),
    Column(
        "contribution",
        "contribution",
        "contribution of the largest value, mix and rate together",
        right=True,
        priority=2,
    ),
)
_SPLIT = (
    Column("value", "value", "a value of the dimension; enter explains it", least=16),
    Column("total", "contribution", "mix effect and rate effect together", right=True),
    Column("mix", "mix effect", "the effect of its share of the volume", right=True, priority=1),
    Column("rate", "rate effect", "the effect of changes inside it", right=True, priority=2),
    Column("share", "of change", "its share of the whole change", right=True, priority=3),
)


def steps(explanation: Explanation, tree: StepTree, currency: str = "") -> Table:
    """The tree as a waterfall: each part begins where the one above ended. Without rows where the metric has no factors."""
    tree_bars, unit = bars(tree.root), explanation.unit
    scale = axis(tree.root, tree_bars)
    columns = (
        *_STEPS,
        Column(
            "bar",
            span(scale.low, scale.high, unit),
            "each bar starts where the one above it ends",
            priority=2,
            least=16,
        ),
    )
    rows = (
        _whole("expected", explanation.expected, scale, unit),
        *(_step(bar, tree, explanation, scale) for bar in tree_bars),
        _whole("actual", explanation.actual, scale, unit),
    )
    return Table(
        titled("Contribution of each step", unit, currency),
        columns,
        rows if tree_bars else (),
        note=_SIGNS,
        name=f"{explanation.metric}-steps",
        empty=f"{metric_words(explanation.metric)} has no factors",
    )


def _whole(name: str, value: float, scale: Axis, unit: str) -> Row:
    cells = (
        Cell(name),
        Cell(),
        Cell(),
        Cell(figure(value, unit), value),
        Cell(),
        Cell(draw=partial(scale.whole, value)),
    )
    return Row(name, cells)


def _step(bar: Bar, tree: StepTree, explanation: Explanation, scale: Axis) -> Row:
    branch = bar.branch
    worse = branch.contribution * tree.watched_sign > 0
    tone = "bad" if worse else "good"
    cells = (
        Cell(metric_words(branch.metric)),
        Cell(figure(branch.expected, tree.units[branch.metric]), branch.expected, "dim"),
        Cell(figure(branch.actual, tree.units[branch.metric]), branch.actual, "dim"),
        Cell(_change(explanation, branch.contribution), branch.contribution, tone),
        Cell(percent(branch.share), branch.share, "dim"),
        Cell(draw=partial(scale.part, bar, worse), style=tone),
    )
    return Row(bar.key, cells, branch, bar.parent, bar.depth)


def folded(tree: StepTree) -> set[str]:
    """Keys of the steps that hardly matter."""
    tree_bars = bars(tree.root)
    largest = max((abs(bar.branch.contribution) for bar in tree_bars), default=0.0)
    return {bar.key for bar in tree_bars if bar.branch.children and abs(bar.branch.contribution) < _SMALL * largest}


def segments(explanation: Explanation, currency: str = "") -> Table:
    """The smallest set of segments that explains the change."""
    rows = tuple(
        Row(
            str(segment.where),
            (
                Cell(short_segment(segment.where) or "all alike", str(segment.where) or None),
                Cell(figure(segment.expected, explanation.unit, explanation.actual), segment.expected, "dim"),
                Cell(figure(segment.actual, explanation.unit, explanation.actual), segment.actual),
                Cell(_change(explanation, segment.change), segment.change),
                Cell(percent(segment.share), segment.share),
                Cell(percent(segment.confidence), segment.confidence, "dim"),
                Cell(
                    span(*segment.interval, explanation.unit) if segment.interval else "–",
                    segment.interval,
                    "dim",
                ),
                Cell(p_value(segment.p_value), segment.p_value, "dim"),
                Cell("–" if segment.n is None else short(segment.n), segment.n, "dim"),
            ),
            segment.where,
        )
        for segment in explanation.segments
    )
    empty = "no segment stands out"
    title = titled("Where", explanation.unit, currency)
    return Table(title, SEGMENTS, rows, name=f"{explanation.metric}-segments", empty=empty)


def dimensions(explanation: Explanation, currency: str = "") -> Table:
    """What the mix and the rates of each dimension contributed; a row's item is the `MixRate`."""
    rows = tuple(_dimension(explanation, mix) for mix in explanation.mix)
    title = titled("Mix effect and rate effect", explanation.unit, currency)
    empty = "nothing to split by"
    return Table(title, _MIX, rows, name=f"{explanation.metric}-dimensions", empty=empty)


def _dimension(explanation: Explanation, mix: MixRate) -> Row:
    largest = max(mix.values, key=lambda value: abs(value.mix + value.rate), default=None)
    cells = (
        Cell(mix.dimension),
        Cell(_change(explanation, mix.mix), mix.mix),
        Cell(_change(explanation, mix.rate), mix.rate),
        Cell((largest.value or "(not given)") if largest else "", style="dim"),
        Cell(_change(explanation, largest.mix + largest.rate) if largest else "", style="dim"),
    )
    return Row(mix.dimension, cells, mix)


def split_by(explanation: Explanation, mix: MixRate, currency: str = "") -> Table:
    """What each value of a dimension contributed: by its share, and by what changed inside it."""
    rows = tuple(
        Row(
            value.value,
            (
                Cell(value.value or "(not given)"),
                Cell(_change(explanation, value.mix + value.rate), value.mix + value.rate),
                Cell(_change(explanation, value.mix), value.mix, "dim"),
                Cell(_change(explanation, value.rate), value.rate, "dim"),
                Cell(
                    percent((value.mix + value.rate) / explanation.change if explanation.change else None), style="dim"
                ),
            ),
            Segment.of({mix.dimension: value.value}),
        )
        for value in mix.values
    )
    return Table(
        titled(f"Split by {mix.dimension}", explanation.unit, currency),
        _SPLIT,
        rows,
        note=_mix_words(explanation, mix),
        name=f"{explanation.metric}-{mix.dimension}",
    )


def split_choices(explanation: Explanation) -> list[tuple[str, str]]:
    """Name and words of each dimension that the change can be split by; without a name, all of them."""
    return [("", "all dimensions"), *((mix.dimension, _mix_words(explanation, mix)) for mix in explanation.mix)]


def _mix_words(explanation: Explanation, mix: MixRate) -> str:
    """Mix and rate in one line."""
    return f"mix effect {_change(explanation, mix.mix)}, rate effect {_change(explanation, mix.rate)}"


def _change(explanation: Explanation, contribution: float) -> str:
    """A part of the change, with no more decimals than the whole has."""
    return change(contribution, explanation.unit, explanation.actual)
