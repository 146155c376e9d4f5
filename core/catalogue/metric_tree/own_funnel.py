"""The product that sales come to where only a shop's own daily counts are known: visits x orders a visit x sales an order."""

from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import replace
from itertools import pairwise

from core.base.frozen import frozen
from core.catalogue.metric_tree.catalogue_entries import CatalogueEntry, daily_entry

_STEPS = (
    ("gmv", "sales", "net_sales", "revenue"),
    ("paid_orders", "orders", "transactions", "purchases"),
    ("clicks", "sessions", "visits", "visitors"),
)
"""What is counted at each step from money to traffic; the first of each step that a shop counts is taken."""
_PACKAGED = {"gmv": "paid_orders", "paid_orders": "orders", "orders": "clicks"}
"""What these are a product of in the packaged catalogue."""


@frozen
class FunnelStep:
    """A measure as a product of the measure of the step before it and a ratio."""

    whole: str
    part: str
    ratio: str
    """The key of the ratio, whole / part."""

    @property
    def formula(self) -> str:
        """What the whole comes to."""
        return f"{self.part} x {self.ratio}"


def own_funnel(counted: Collection[str], formulas: Mapping[str, str]) -> tuple[FunnelStep, ...]:
    """The steps that the packaged catalogue lacks for the measures of `daily` exports; `formulas` are those of all metrics that
    there are. A step is left out where another metric has the name of its ratio.

    >>> [step.formula for step in own_funnel({"gmv", "orders", "sessions"}, {"cvr": "orders / sessions"})]
    ['orders x gmv_per_order', 'sessions x cvr']
    >>> own_funnel({"gmv", "paid_orders", "orders", "clicks"}, {})
    ()
    >>> own_funnel({"gmv", "orders"}, {"gmv_per_order": "1000 x gmv / orders"})
    ()
    """
    key_of = {"".join(formula.split()): key for key, formula in formulas.items()}
    chain = [next((name for name in step if name in counted), None) for step in _STEPS]
    if chain[1] == "paid_orders" and "orders" in counted:
        chain.insert(2, "orders")
    steps = []
    for whole, part in pairwise(chain):
        if whole is None or part is None or _PACKAGED.get(whole) == part:
            continue
        name = f"{whole}_per_{part.removesuffix('s')}"
        ratio = key_of.get(f"{whole}/{part}", None if name in formulas else name)
        if ratio is not None:
            steps.append(FunnelStep(whole, part, ratio))
    return tuple(steps)


def amounts(counted: Collection[str]) -> frozenset[str]:
    """The measures that are amounts of money since orders are counted next to them: sales alone may be a number of sales.

    >>> sorted(amounts({"sales", "orders"})), sorted(amounts({"sales", "sessions"}))
    (['sales'], [])
    """
    return frozenset(_STEPS[0] if any(name in counted for name in _STEPS[1]) else ()).intersection(counted)


def with_own_funnel(
    measures: Sequence[CatalogueEntry],
    metrics: Sequence[CatalogueEntry],
    daily: Collection[str],
    counted: Collection[str],
    own: str,
) -> tuple[list[CatalogueEntry], list[CatalogueEntry]]:
    """The entries of a catalogue, the measures `counted` being products; others are no products of their parts any more.

    The ratios of those from `daily` exports alone stay metrics when traffic is loaded: cases may be about them. What the user's
    file, `own`, takes for a product or reads under another metric stays so.
    """
    units = {entry.key: str(entry.fields.get("unit", "count")) for entry in measures}
    formulas = {entry.key: entry.formula for entry in (*measures, *metrics)}
    of_user = [entry for entry in (*measures, *metrics) if entry.file == own]
    # a column that is called like one of the user's metrics is no measure
    steps, daily_steps = (
        _free(own_funnel([name for name in names if name in units], formulas), metrics, of_user)
        for names in (counted, [name for name in daily if name in counted])
    )
    wholes = {step.whole: step.formula for step in steps}
    parts = {step.part for step in steps}
    ratios = [
        daily_entry(
            step.ratio,
            formula=f"{step.whole} / {step.part}",
            unit=_of_ratio(units[step.whole]),
            good="up",
            parent=step.whole,
        )
        for step in dict.fromkeys((*steps, *daily_steps))
        if step.ratio not in formulas
    ]
    return [_as_product(entry, wholes, parts) for entry in measures], [*metrics, *ratios]


def _free(
    steps: Sequence[FunnelStep], metrics: Sequence[CatalogueEntry], own: Sequence[CatalogueEntry]
) -> tuple[FunnelStep, ...]:
    """The steps without those whose parts are read under another metric or are factors of one of the user's `own` products."""
    products = {entry.key for entry in own if entry.factors}
    factor_names = {name for entry in own for name in entry.factors}
    parents = {entry.key: entry.fields["parent"] for entry in metrics if "parent" in entry.fields}
    return tuple(
        step
        for step in steps
        if factor_names.isdisjoint((step.part, step.ratio))
        and step.whole not in products
        and parents.get(step.ratio, step.whole) == step.whole
    )


def _as_product(entry: CatalogueEntry, wholes: Mapping[str, str], parts: Set[str]) -> CatalogueEntry:
    if entry.key in wholes:
        return replace(entry, fields={**entry.fields, "formula": wholes[entry.key]})
    if parts.isdisjoint(entry.factors):
        return entry
    return replace(entry, fields={name: value for name, value in entry.fields.items() if name != "formula"})


def _of_ratio(unit: str) -> str:
    return "ratio" if unit == "count" else unit
