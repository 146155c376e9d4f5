"""Reads the catalogue files, and what an export or the user adds to them."""

import re
from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

from core.base import settings
from core.catalogue.currency_signs import AMOUNT_WORDS
from core.catalogue.metric_tree.catalogue_entries import CatalogueEntry, daily_entry, entries_of
from core.catalogue.metric_tree.good_direction import good_direction
from core.catalogue.metric_tree.metric_builder import MetricBuilder
from core.catalogue.metric_tree.metrics import Catalogue
from core.catalogue.metric_tree.own_funnel import amounts, with_own_funnel


def load(
    own: Path | None = None,
    daily: Mapping[str, str] | None = None,
    ratios: Mapping[str, str] | None = None,
    quick_events: frozenset[str] = frozenset(),
    funnel: Collection[str] = (),
    payment_days: tuple[int, int] | None = None,
) -> Catalogue:
    """The catalogue: the packaged one, the measures of `daily` exports (name -> unit) and ratios of them (name -> formula),
    the metrics of the user's own file. Measures in `funnel` become products of one another, where that file says nothing else of
    them. Packaged metrics that wait for `quick_events`, moments of orders, are complete after one day; those of payments
    after the first of `payment_days`, and days of them are compared after the second.

    Raises UsageError with file and line for an unknown measure or field, a name used twice, a cycle, a formula that cannot
    be read or does not come to what it is called, and parents that disagree.
    """
    here = files(__package__)
    measures = entries_of("core/catalogue/metric_tree/measures.toml", (here / "measures.toml").read_text("utf-8"), "")
    metrics = entries_of("core/catalogue/metric_tree/metrics.toml", (here / "metrics.toml").read_text("utf-8"), "")
    if quick_events:
        waits = {
            entry.key: entry.fields.get("event") for entry in measures if entry.fields.get("mature_after_days", 0) > 1
        }
        measures, metrics = ([_sooner(entry, waits, quick_events) for entry in part] for part in (measures, metrics))
    payments = {entry.key for entry in measures if entry.fields.get(_WAITS_FOR) == "paid_at"}
    measures = [_counted(entry) for entry in measures]
    if payment_days is not None:
        measures, metrics = ([_later(entry, payments, *payment_days) for entry in part] for part in (measures, metrics))
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
    return MetricBuilder(*with_own_funnel(measures, metrics, units, funnel, str(own))).catalogue()


def _counted(entry: CatalogueEntry) -> CatalogueEntry:
    """A packaged measure without the moment that it waits for: a measure of the user's file is of `daily` exports, which have
    no moments, and is refused with one."""
    return replace(entry, fields={name: value for name, value in entry.fields.items() if name != _WAITS_FOR})


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


def _later(entry: CatalogueEntry, payments: Set[str], complete: int, compared: int) -> CatalogueEntry:
    """An entry of what is counted of `payments` and is complete sooner than these are, as late as they are; else as it is."""
    waits = not payments.isdisjoint((entry.key, *_WORD.findall(entry.formula)))
    if not waits or entry.fields.get("mature_after_days", 0) >= complete:
        return entry
    return replace(entry, fields={**entry.fields, "mature_after_days": complete, "compared_after_days": compared})


_WORD = re.compile(r"[a-z_]+")
_WAITS_FOR = "waits_for"


def _ratio_unit(formula: str, units: Mapping[str, str]) -> str:
    """A share of what is counted, or of an amount, is a ratio; an amount of each of what is counted, such as a price, a number.

    `formula`: a measure, or a multiple of it, over another one.
    """
    above, _, below = formula.partition(" / ")
    amount = units.get(above.rpartition(" x ")[2], "count")
    return "number" if amount != "count" and units.get(below) == "count" else "ratio"
