"""Turns the entries of the catalogue into metrics, and refuses what does not fit together, with the file and the line."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, get_args

from core.base.errors import did_you_mean
from core.catalogue.metric_tree.catalogue_entries import CatalogueEntry
from core.catalogue.metric_tree.formula import Formula, FormulaError, Sum, parse
from core.catalogue.metric_tree.metrics import USUAL_AGE, Catalogue, Good, Measure, Metric

UNITS = ("count", "money", "ratio", "seconds", "hours", "stars", "points", "number")
_AGES = ("mature_after_days", "compared_after_days")
_MEASURE_FIELDS = {"name", "unit", "source", "event", "good", "formula", "taken_back", *_AGES}
_METRIC_FIELDS = {"name", "unit", "good", "formula", "parent", *_AGES}
_TEXTS = {"name", "source", "event", "formula", "parent"}


class MetricBuilder:
    """Turns entries into measures and metrics, each resolved once, in the order in which they need one another."""

    def __init__(self, measures: list[CatalogueEntry], metrics: list[CatalogueEntry]) -> None:
        self._entries: dict[str, CatalogueEntry] = {}
        for entry in (*measures, *metrics):
            if entry.key in self._entries:
                entry.refuse("is in the catalogue already; choose another name")
            self._entries[entry.key] = entry
        self._measures = {entry.key: self._measure(entry) for entry in measures}
        self._metrics: dict[str, Metric] = {}
        self._open: list[str] = []

    def catalogue(self) -> Catalogue:
        """All of them. Raises UsageError with file and line where they do not fit together."""
        for key in self._entries:
            self._resolve(key)
        self._assign_parents()
        return Catalogue(self._measures, {key: self._metrics[key] for key in self._entries})

    def _measure(self, entry: CatalogueEntry) -> Measure:
        self._check(entry, _MEASURE_FIELDS)
        fields = entry.fields
        return Measure(
            key=entry.key,
            name=fields.get("name", entry.key),
            unit=fields.get("unit", "count"),
            source=fields.get("source", "daily"),
            event=fields.get("event"),
            taken_back=fields.get("taken_back", False),
        )

    def _check(self, entry: CatalogueEntry, allowed: set[str]) -> None:
        """Refuses fields and words that the catalogue does not know."""
        for field, value in entry.fields.items():
            if field in _TEXTS and not isinstance(value, str):
                entry.refuse(f"{field} is a text in quotes", field)
            if field not in allowed:
                entry.refuse(
                    f"no field {field!r}.{did_you_mean(field, allowed)} Known: {', '.join(sorted(allowed))}.", field
                )
        if entry.fields.get("unit", "count") not in UNITS:
            entry.refuse(f"no unit {entry.fields['unit']!r}. Known: {', '.join(UNITS)}.", "unit")
        if entry.fields.get("good", "up") not in get_args(Good):
            entry.refuse(f"good is {entry.fields['good']!r}. It is one of {', '.join(get_args(Good))}.", "good")
        for name in _AGES:
            days = entry.fields.get(name, 0)
            if type(days) is not int or days < 0:  # true is an int, too
                entry.refuse(f"{name} is a whole number of days", name)
        if not isinstance(entry.fields.get("taken_back", False), bool):
            entry.refuse("taken_back is true or false", "taken_back")

    def _resolve(self, key: str) -> Metric:
        if key in self._metrics:
            return self._metrics[key]
        entry = self._entries[key]
        if key in self._open:
            entry.refuse(f"is part of itself: {' -> '.join([*self._open[self._open.index(key) :], key])}", "formula")
        self._open.append(key)
        metric = self._base(entry) if key in self._measures else self._derived(entry)
        self._open.pop()
        self._metrics[key] = metric
        return metric

    def _base(self, entry: CatalogueEntry) -> Metric:
        """A base measure as a metric; its formula, if any, must come to the measure itself."""
        measure = self._measures[entry.key]
        own = Sum(((1, entry.key),))
        mature, compared = self._ages(entry, own.measures())
        metric = Metric(
            key=entry.key,
            name=measure.name,
            unit=measure.unit,
            good=entry.fields.get("good", "up"),
            formula=entry.key,
            scale=1.0,
            numerator=own,
            denominator=None,
            mature_after_days=mature,
            compared_after_days=compared,
            taken_back=measure.taken_back,
            has_own_days=self._has_own_days(own.measures()),
            adds_events=self._counts(own),
        )
        if "formula" not in entry.fields:
            return metric
        formula = self._formula(entry)
        if not formula.is_product:
            entry.refuse("the formula of a base measure is a product of metrics", "formula")
        scale, numerator, denominator = self._product(entry, formula)
        if (scale, numerator, denominator) != (1.0, own, None):
            entry.refuse(
                f"the formula reduces to {_sum_text(scale, numerator, denominator)}, not to {entry.key}", "formula"
            )
        return replace(metric, formula=entry.fields["formula"], factors=_factors(formula))

    def _has_own_days(self, names: Collection[str]) -> bool:
        return any(self._measures[name].event or self._measures[name].taken_back for name in names)

    def _derived(self, entry: CatalogueEntry) -> Metric:
        self._check(entry, _METRIC_FIELDS)
        if "formula" not in entry.fields:
            entry.refuse('a formula is missing, such as formula = "clicks / impressions"')
        formula = self._formula(entry)
        if formula.is_product or (formula.denominator is None and self._is_metric(formula)):
            scale, numerator, denominator = self._product(entry, formula)
            factors = _factors(formula)
        else:
            scale, numerator, denominator, factors = formula.scale, formula.factors[0], formula.denominator, ()
            for name in sorted(numerator.measures() | (denominator.measures() if denominator else frozenset())):
                self._require(entry, name, self._measures, "base measure")
        fields, parts = entry.fields, numerator.measures() | (denominator.measures() if denominator else frozenset())
        mature, compared = self._ages(entry, parts)
        return Metric(
            key=entry.key,
            name=fields.get("name", entry.key),
            unit=fields.get("unit", "ratio" if denominator else "count"),
            good=fields.get("good", "up"),
            formula=fields["formula"],
            scale=scale,
            numerator=numerator,
            denominator=denominator,
            factors=factors,
            parent=fields.get("parent"),
            mature_after_days=mature,
            compared_after_days=compared,
            taken_back=any(self._measures[name].taken_back for name in parts),
            has_own_days=self._has_own_days(parts),
            follows=denominator is not None
            and self._has_own_days(numerator.measures())
            and not self._has_own_days(denominator.measures()),
            adds_events=self._counts(numerator),
            per_event=denominator is None or self._counts(denominator),
        )

    def _ages(self, entry: CatalogueEntry, measures: Collection[str]) -> tuple[int, int]:
        """After how many days its days are complete and compared: as the entry says, else those of its slowest measure."""
        own = [self._entries[name].fields for name in sorted(measures)]
        slowest = max(own, key=lambda fields: fields.get("mature_after_days", 0))
        mature, compared = (entry.fields.get(name, slowest.get(name)) for name in _AGES)
        return mature or 0, USUAL_AGE if compared is None else compared

    def _counts(self, parts: Sum) -> bool:
        """Whether all that is added up counts single events."""
        return all(self._measures[name].unit == "count" for name in parts.measures())

    def _is_metric(self, formula: Formula) -> bool:
        """Whether the only factor names a metric that is no base measure."""
        terms = formula.factors[0].terms
        return len(terms) == 1 and terms[0][1] not in self._measures and terms[0][1] in self._entries

    def _formula(self, entry: CatalogueEntry) -> Formula:
        try:
            return parse(str(entry.fields["formula"]))
        except FormulaError as error:
            entry.refuse(str(error), "formula")

    def _require(self, entry: CatalogueEntry, name: str, names: Mapping[str, Any], what: str) -> None:
        if name not in names:
            entry.refuse(f"no {what} {name!r}.{did_you_mean(name, names)}", "formula")

    def _product(self, entry: CatalogueEntry, formula: Formula) -> tuple[float, Sum, Sum | None]:
        """What a product of metrics comes to after cancelling: scale, numerator, denominator."""
        scale = formula.scale
        powers: Counter[Sum] = Counter()
        for name in _factors(formula):
            self._require(entry, name, self._entries, "metric")
            factor = self._resolve(name)
            scale *= factor.scale
            powers[factor.numerator] += 1
            if factor.denominator is not None:
                powers[factor.denominator] -= 1
        numerators = [term for term, power in powers.items() if power > 0]
        denominators = [term for term, power in powers.items() if power < 0]
        if len(numerators) != 1 or len(denominators) > 1 or any(abs(power) > 1 for power in powers.values()):
            entry.refuse(
                "the product does not reduce to a sum or a ratio of base measures: neighbours must cancel", "formula"
            )
        return scale, numerators[0], denominators[0] if denominators else None

    def _assign_parents(self) -> None:
        """Gives every factor its parent; refuses a second one, an unknown one and a chain that bites its tail."""
        parents = {key: metric.parent for key, metric in self._metrics.items()}
        for key, metric in self._metrics.items():
            for factor in metric.factors:
                if parents[factor] not in {None, key}:
                    self._entries[key].refuse(
                        f"{factor} has the parent {parents[factor]} already, so it cannot be a factor here too",
                        "formula",
                    )
                parents[factor] = key
        for key, parent in parents.items():
            if parent is not None and parent not in self._metrics:
                self._entries[key].refuse(f"no parent {parent!r}.{did_you_mean(parent, self._metrics)}", "parent")
            self._metrics[key] = replace(self._metrics[key], parent=parent)
        for key in parents:
            ancestors, at = {key}, parents[key]
            while at is not None:
                if at in ancestors:
                    self._entries[key].refuse(f"its parents go round in a circle through {at}", "parent")
                ancestors.add(at)
                at = parents[at]


def _factors(formula: Formula) -> tuple[str, ...]:
    return tuple(factor.terms[0][1] for factor in formula.factors)


def _sum_text(scale: float, numerator: Sum, denominator: Sum | None) -> str:
    return f"{'' if scale == 1 else f'{scale:g} x '}{numerator}{f' / {denominator}' if denominator else ''}"
