"""Reads the catalogue files and refuses what does not fit together, with the file and the line."""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any, get_args

from core.base import settings
from core.base.errors import did_you_mean
from core.catalogue.catalogue_entries import CatalogueEntry, daily_entry, entries_of
from core.catalogue.currency_signs import AMOUNT_WORDS
from core.catalogue.formula import Formula, FormulaError, Sum, parse
from core.catalogue.good_direction import good_direction
from core.catalogue.metrics import Catalogue, Good, Measure, Metric
from core.catalogue.own_funnel import amounts, with_own_funnel

UNITS = ("count", "money", "ratio", "seconds", "hours", "stars", "points", "number")
_MEASURE_FIELDS = {"name", "unit", "source", "event", "good", "formula", "mature_after_days"}
_METRIC_FIELDS = {"name", "unit", "good", "formula", "parent", "mature_after_days"}
_TEXTS = {"name", "source", "event", "formula", "parent"}


def load(
    own: Path | None = None,
    daily: Mapping[str, str] | None = None,
    ratios: Mapping[str, str] | None = None,
    quick_events: frozenset[str] = frozenset(),
    funnel: Collection[str] = (),
) -> Catalogue:
    """The catalogue: the packaged one, the measures of `daily` exports (name -> unit) and ratios of them (name -> formula),
    the metrics of the user's own file. Measures in `funnel` become products of one another, where that file says nothing else of
    them. Packaged metrics that wait for `quick_events`, moments of orders, are complete after one day.

    Raises UsageError with file and line for an unknown measure or field, a name used twice, a cycle, a formula that cannot
    be read or does not come to what it is called, and parents that disagree.
    """
    here = files("core.catalogue")
    measures = entries_of("core/catalogue/measures.toml", (here / "measures.toml").read_text("utf-8"), "")
    metrics = entries_of("core/catalogue/metrics.toml", (here / "metrics.toml").read_text("utf-8"), "")
    if quick_events:
        waits = {
            entry.key: entry.fields.get("event") for entry in measures if entry.fields.get("mature_after_days", 0) > 1
        }
        measures, metrics = ([_sooner(entry, waits, quick_events) for entry in part] for part in (measures, metrics))
    units = {name: _unit(name, unit, amounts(daily)) for name, unit in daily.items()} if daily else {}
    if own is not None:
        settings.read(own)
        text = own.read_text(encoding="utf-8")
        measures += [_as_counted(entry, units) for entry in entries_of(str(own), text, "measures")]
        metrics += entries_of(str(own), text, "metrics")
    keys = {entry.key for entry in (*measures, *metrics)}
    measures += _daily_measures({name: unit for name, unit in units.items() if name not in keys}, ratios or {})
    keys |= {entry.key for entry in measures}
    metrics += _daily_ratios({name: formula for name, formula in (ratios or {}).items() if name not in keys}, measures)
    return _Builder(*with_own_funnel(measures, metrics, units, funnel, str(own))).catalogue()


def _as_counted(entry: CatalogueEntry, units: Mapping[str, str]) -> CatalogueEntry:
    """A measure of the user's file, with the unit and the good direction that it has as a measure of `daily` exports, unless the
    file says another one."""
    if entry.key not in units:
        return entry
    return replace(entry, fields={"unit": units[entry.key], "good": good_direction(entry.key), **entry.fields})


def _daily_measures(units: Mapping[str, str], ratios: Mapping[str, str]) -> list[CatalogueEntry]:
    """The measures of `daily` exports (name -> unit). The sum that a mean is made of has no good direction: more answers are no
    better marks."""
    sums = {f"{name}_sum" for name in ratios}
    return [
        daily_entry(
            name,
            unit="number" if name in sums else unit,
            source="daily",
            good="neutral" if name in sums else good_direction(name),
        )
        for name, unit in units.items()
    ]


def _daily_ratios(formulas: Mapping[str, str], measures: Sequence[CatalogueEntry]) -> list[CatalogueEntry]:
    """The ratios of measures of `daily` exports (name -> formula)."""
    units = {entry.key: str(entry.fields.get("unit", "count")) for entry in measures}
    return [
        daily_entry(name, formula=formula, unit=_ratio_unit(formula, units), good=good_direction(name))
        for name, formula in formulas.items()
    ]


def _unit(name: str, unit: str, money: Set[str]) -> str:
    """The unit of a measure of `daily` exports: what is money, or is called an amount, counts no events, although all its values
    are whole."""
    is_amount = name in money or not AMOUNT_WORDS.isdisjoint(name.casefold().split("_"))
    return "number" if unit == "count" and is_amount else unit


def _sooner(entry: CatalogueEntry, waits: Mapping[str, object], quick_events: frozenset[str]) -> CatalogueEntry:
    """An entry of what is complete after a day, where all that its measures wait for comes within it; else as it is.

    `waits`: measure -> the moment that it waits for.
    """
    names = {entry.key, *_WORD.findall(entry.formula)}
    events = {waits[name] for name in names if name in waits}
    if not events or not events <= quick_events:
        return entry
    return replace(entry, fields={**entry.fields, "mature_after_days": 1})


_WORD = re.compile(r"[a-z_]+")


def _ratio_unit(formula: str, units: Mapping[str, str]) -> str:
    """A share of what is counted, or of an amount, is a ratio; an amount of each of what is counted, such as a price, a number.

    `formula`: a measure, or a multiple of it, over another one.
    """
    above, _, below = formula.partition(" / ")
    amount = units.get(above.rpartition(" x ")[2], "count")
    return "number" if amount != "count" and units.get(below) == "count" else "ratio"


class _Builder:
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
        days = entry.fields.get("mature_after_days", 0)
        if not isinstance(days, int) or days < 0:
            entry.refuse("mature_after_days is a whole number of days", "mature_after_days")

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
        metric = Metric(
            key=entry.key,
            name=measure.name,
            unit=measure.unit,
            good=entry.fields.get("good", "up"),
            formula=entry.key,
            scale=1.0,
            numerator=own,
            denominator=None,
            mature_after_days=entry.fields.get("mature_after_days", 0),
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
                f"the formula comes to {_sum_text(scale, numerator, denominator)}, not to {entry.key}", "formula"
            )
        return replace(metric, formula=entry.fields["formula"], factors=_factors(formula))

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
        fields = entry.fields
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
            mature_after_days=fields.get("mature_after_days", 0),
            adds_events=self._counts(numerator),
            per_event=denominator is None or self._counts(denominator),
        )

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
                "the product does not come to a sum or a ratio of base measures: neighbours must cancel", "formula"
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
