"""Each index by cell, from the rows of a workspace."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.catalogue.index_definitions import SATISFACTION, IndexDefinition, reweighted
from core.indexes import buyer_indexes, supply_indexes
from core.indexes.buyer_indexes import PurchaseDays
from core.indexes.counted_figure import CountedFigure
from core.indexes.index_cells import CellGrid
from core.indexes.index_facts import ROLE, IndexFacts, cancelled_by_seller, refunds_for_cause
from core.indexes.satisfaction import SatisfactionFigures, order_cases, review_cases, satisfaction
from core.workspace.read.rows.index_rows import joined_days, known_creators, listed_products
from core.workspace.read.workspace import Workspace

_MOST_GROUPS = 200
"""Shares of listed products and of known creators compare each group with the whole list: of thousands of groups (single sellers,
single creators) they take minutes, and say nothing that `rate` does not say better."""


@dataclass(frozen=True)
class IndexCounter:
    """Counts indexes over grids of cells; what all of them need is read once."""

    workspace: Workspace
    facts: IndexFacts

    def count(self, definition: IndexDefinition, grid: CellGrid) -> CountedFigure | None:
        """The index in every cell; None where the data cannot tell it."""
        if definition.key == SATISFACTION:
            figures = self.satisfaction(definition, grid)
            return figures.index if figures.components else None
        return self._counters[definition.key](grid)

    @cached_property
    def _counters(self) -> Mapping[str, Callable[[CellGrid], CountedFigure | None]]:
        return {
            "buyers": self._buyers,
            "new_buyer_share": self._new_buyers,
            "repeat_purchase_rate": self._repeat,
            "buyer_penetration": self._penetration,
            "active_creator_share": self._active_creators,
            "sell_through_rate": self._sell_through,
            "newcomer_exposure_share": self._newcomer_exposure,
        }

    def satisfaction(self, definition: IndexDefinition, grid: CellGrid) -> SatisfactionFigures:
        """The satisfaction index with its components; those that never have a case, or no weight, are left out."""
        orders, reviews = self.facts.facts["orders"], self.facts.facts["reviews"]
        cases = {
            **order_cases(
                orders,
                self._cells("orders", grid),
                by_seller=cancelled_by_seller(self.workspace, orders.columns["cancelled_by"]),
                for_cause=refunds_for_cause(self.workspace, orders.columns["refund_reason"]),
                age=definition.complete_after_days,
            ),
            **review_cases(reviews, self._cells("reviews", grid)),
        }
        counted = {
            "refunds_for_cause": orders.columns["refunded"].any(),
            "late_deliveries": orders.columns["promised"].any(),
            "seller_cancellations": orders.columns["cancelled_by"].any(),
        }
        available = {name: case for name, case in cases.items() if counted.get(name, len(reviews.days) > 0)}
        components = reweighted(definition, self.workspace.satisfaction_weights).components
        return satisfaction(grid, components, available)

    def _cells(self, kind: str, grid: CellGrid, usable: Flags | None = None) -> Ints:
        rows = self.facts.facts[kind]
        return grid.cells(
            rows.days, self.facts.groups[kind], np.ones(len(rows.days), bool) if usable is None else usable
        )

    def _column(self, name: str) -> Ints:
        return self.facts.facts["orders"].columns[name]

    @cached_property
    def _paid(self) -> Flags:
        return np.asarray(self._column("paid") > 0)

    @cached_property
    def _purchases(self) -> PurchaseDays:
        """All of them, in the segment or not."""
        return PurchaseDays.of(self._column("buyer"), self.facts.facts["orders"].days, self._paid)

    @property
    def _names_buyers(self) -> bool:
        return bool(len(self._purchases.buyers))

    def _buyers(self, grid: CellGrid) -> CountedFigure | None:
        if not self._names_buyers:
            return None
        return buyer_indexes.buyer_count(grid, self._cells("orders", grid, self._paid), self._column("buyer"))

    def _new_buyers(self, grid: CellGrid) -> CountedFigure | None:
        if not self._names_buyers:
            return None
        cells = self._cells("orders", grid, self._paid)
        return buyer_indexes.new_buyer_share(grid, cells, self._column("buyer"), self._purchases.first_days())

    def _repeat(self, grid: CellGrid) -> CountedFigure | None:
        if not self._names_buyers:
            return None
        cells = self._cells("orders", grid, self._paid)
        days = self.facts.facts["orders"].days
        return buyer_indexes.repeat_purchase_rate(grid, cells, self._column("buyer"), days, self._purchases)

    def _penetration(self, grid: CellGrid) -> CountedFigure | None:
        if not self._names_buyers or not any(self.facts.table.segments):
            return None  # everything reaches everybody
        everywhere = CellGrid(windows=grid.windows, groups=grid.groups[:1])
        orders = self.facts.facts["orders"]
        all_cells = everywhere.cells(orders.days, np.zeros(len(orders.days), np.int64), self._paid)
        return buyer_indexes.buyer_penetration(
            grid,
            self._cells("orders", grid, self._paid),
            self._column("buyer"),
            everywhere.distinct(all_cells, self._column("buyer")),
        )

    def _active_creators(self, grid: CellGrid) -> CountedFigure | None:
        orders, creators = self.facts.facts["orders"], self._column("creator")
        if not creators.any() or len(grid.groups) > _MOST_GROUPS:
            return None
        return supply_indexes.active_creator_share(
            grid,
            self._cells("orders", grid, self._paid),
            self.facts.groups["orders"],
            creators,
            orders.days,
            known_creators(self.workspace),
        )

    def _sell_through(self, grid: CellGrid) -> CountedFigure | None:
        listed = listed_products(self.workspace)
        if (
            not listed.size
            or not self._column("product").any()
            or ROLE in self.facts.by
            or len(grid.groups) > _MOST_GROUPS
        ):
            return None
        cells = self._cells("orders", grid, self._paid)
        return supply_indexes.sell_through_rate(grid, cells, self._column("product"), listed)

    def _newcomer_exposure(self, grid: CellGrid) -> CountedFigure | None:
        traffic = self.facts.facts["traffic"]
        creators = traffic.columns["creator"]
        if not creators.any() or ROLE in self.facts.by:
            return None
        impressions: Floats = traffic.columns["impressions"].astype(np.float64)
        return supply_indexes.newcomer_exposure_share(
            grid,
            self._cells("traffic", grid),
            creators=creators,
            days=traffic.days,
            impressions=impressions,
            joined=joined_days(self.workspace),
            data_from=self.facts.span.first,
        )
