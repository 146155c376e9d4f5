"""The vocabulary of the catalogue: base measures, metrics, and what can be asked of all of them together."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, assert_never

import numpy as np

from core.base.errors import UsageError, did_you_mean
from core.base.frozen import frozen
from core.catalogue.index_definitions import index_definitions
from core.catalogue.metric_tree.formula import Sum

Good = Literal["up", "down", "neutral"]

USUAL_AGE = 7
"""Days after which the days of what moves for longer are compared first, each as it was known then."""
_APART = re.compile(r"[\s\-/().]+")
"""What a typed name may have between its words."""


@frozen(kw_only=True)
class Measure:
    """A number that may be summed over every dimension."""

    key: str
    name: str
    unit: str
    source: str
    """The kind of export whose rows are counted."""
    event: str | None = None
    """The moment that `--clock event` counts it on; None when it has only the day of its row."""
    taken_back: bool = False
    """Whether its cases are taken back for months, as violations are by appeals."""


@frozen(kw_only=True)
class Metric:
    """A base measure or a ratio of sums of base measures; `factors` when it is also a product of other metrics."""

    key: str
    name: str
    unit: str
    good: Good
    formula: str
    """As it is written in the catalogue; the key itself for a base measure without one."""
    scale: float
    numerator: Sum
    denominator: Sum | None
    factors: tuple[str, ...] = ()
    parent: str | None = None
    mature_after_days: int = 0
    """How old a day must be before the metric of that day has stopped moving."""
    compared_after_days: int = USUAL_AGE
    """Days of a metric that moves for longer are compared first as they were known so many days later."""
    taken_back: bool = False
    """Whether its days go on moving for months: they are always compared as they were known `mature_after_days` later."""
    has_own_days: bool = False
    """Whether `--clock event` counts what it waits for when that happens. Payments count on the day of their order anyway."""
    follows: bool = False
    """Whether its numerator happens on days after those of its denominator, such as refunds after orders."""
    adds_events: bool = True
    """Whether its numerator counts single events; False where it adds up amounts, such as money, whose unit says nothing."""
    per_event: bool = True
    """The same of its denominator."""

    @property
    def worse_sign(self) -> int:
        """The sign of a change for the worse: -1 where a fall is worse, 1 where a rise is, 0 for a neutral metric."""
        match self.good:
            case "up":
                return -1
            case "down":
                return 1
            case "neutral":
                return 0
            case unknown:
                assert_never(unknown)

    @property
    def watched_sign(self) -> int:
        """The sign of the changes that a one-sided test looks for: the worse ones; falls of a neutral metric."""
        return self.worse_sign or -1

    @property
    def counts_events(self) -> bool:
        """Whether its numerator is a number of single events, which scatters by its size; amounts scatter by their unit."""
        return self.unit in {"count", "ratio"} and self.adds_events

    @property
    def figure_unit(self) -> str:
        """The unit that its figures are written in: 15.2 units per order are no whole number, as counts are."""
        return "number" if self.is_ratio and self.unit == "count" else self.unit

    @property
    def is_ratio(self) -> bool:
        """Whether it has a denominator, so that it cannot be added up over slices."""
        return self.denominator is not None

    def measures(self) -> frozenset[str]:
        """The base measures that it is computed from."""
        return self.numerator.measures() | (self.denominator.measures() if self.denominator else frozenset())

    def value(self, sums: Mapping[str, Any]) -> Any:
        """Its value from the sum of each base measure: numbers, or arrays of one shape; nan where the denominator is 0."""
        numerator = self.scale * self.numerator.of(sums)
        if self.denominator is None:
            return numerator
        denominator = np.asarray(self.denominator.of(sums), dtype=np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(denominator == 0, np.nan, numerator / denominator)
        return ratio if ratio.ndim else float(ratio)


def _as_key(name: str) -> str:
    return "_".join(_APART.sub(" ", name.casefold()).split())


@dataclass(frozen=True)
class Catalogue:
    """Every metric and base measure by key, in the order of the files."""

    measures: Mapping[str, Measure]
    metrics: Mapping[str, Metric]
    in_english: Callable[[str], str] = str
    """What a column of an export is called in English; a name that it does not know stays as it is."""
    levels: frozenset[str] = frozenset()
    """Measures that are kept and cannot be added up: what there is at a time, and rates without their parts."""

    def level(self, key: str) -> str | None:
        """The level of that key, written as keys of metrics may be; None where a metric is called so, or nothing is."""
        matches = [name for name in self._spellings(key) if name in self.metrics or name in self.levels]
        return matches[0] if matches and matches[0] not in self.metrics else None

    def metric(self, key: str) -> Metric:
        """The metric of that key or name, in any case, with blanks or underscores, or as exports call it (`点击`, `ord_cnt`).

        Raises UsageError that offers the nearest names.
        """
        match = next((self.metrics[name] for name in self._spellings(key) if name in self.metrics), None)
        match = match or next(
            (metric for metric in self.metrics.values() if _as_key(metric.name) == _as_key(key)), None
        )
        if match is None and key in index_definitions():
            raise UsageError(
                f"{key} is counted for a window as a whole: it cannot be added up over days or segments. "
                f"Write: whydrop index {key}, or whydrop series {key}."
            )
        if match is None and (level := self.level(key)):
            raise UsageError(
                f"{level} cannot be added up over segments and days, so nothing tests or explains it. "
                f"Its figures: whydrop series {level}"
            )
        if match is None:
            raise UsageError(f"no metric {key!r}.{did_you_mean(key, self.metrics)} List them with: whydrop metrics")
        return match

    def _spellings(self, key: str) -> Iterator[str]:
        yield key
        yield _as_key(key)
        yield _as_key(self.in_english(key))

    def computable(self, measures: Iterable[str]) -> tuple[Metric, ...]:
        """The metrics that these base measures suffice for."""
        available = frozenset(measures)
        return tuple(metric for metric in self.metrics.values() if metric.measures() <= available)

    def children(self, key: str) -> tuple[Metric, ...]:
        """The metrics read under this one: its factors first, in the order of the formula."""
        factors = self.metrics[key].factors
        others = (m.key for m in self.metrics.values() if m.parent == key and m.key not in factors)
        return tuple(self.metrics[name] for name in (*factors, *others))

    def leaves(self, key: str, measures: Iterable[str]) -> tuple[Metric, ...]:
        """The factors whose product the metric is, taken apart as far as these base measures allow; itself when not at all."""
        available = frozenset(measures)
        metric = self.metric(key)
        factors = [self.metrics[name] for name in metric.factors]
        if not factors or any(not factor.measures() <= available for factor in factors):
            return (metric,)
        return tuple(leaf for factor in factors for leaf in self.leaves(factor.key, available))

    def path(self, key: str) -> tuple[str, ...]:
        """The keys from a metric up to the root of its tree, both included."""
        keys = [key]
        while (parent := self.metrics[keys[-1]].parent) is not None:
            keys.append(parent)
        return tuple(keys)
