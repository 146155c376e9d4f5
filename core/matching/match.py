"""The best products for a creator, or the best creators for a product."""

from dataclasses import dataclass

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.base.errors import NotEnoughData, UsageError, did_you_mean
from core.matching.expected_sales import ExpectedSales, SalesModel
from core.matching.match_results import Match, Matches, Reason
from core.matching.pair_history import PairHistory
from core.matching.pair_signals import SIGNALS, PairSignals
from core.matching.takeup_model import TakeupModel, learn_takeup
from core.workspace.read.sales_rows import SalesRows, sales_rows
from core.workspace.read.workspace import Workspace

MAX_REFUND_RATE = 0.25
"""Default quality gate: a product of which every fourth order comes back hurts creator and buyer."""
NEWCOMERS = 0.1
"""Default floor: one of ten places for products that nobody could have sold for long, where they are a tenth of the products."""
LIMIT = 10
_REASONS = 3
_VALUE_WEIGHT = 0.1
"""How much expected GMV counts versus the chance of a take-up (exponent): 0 ranks by chance alone; 1, by expected value, put a
few large products on every list and found a tenth fewer of the later take-ups."""
_BLOCK = 50


@dataclass(frozen=True, kw_only=True)
class _Pairs:
    """Possible pairs with everything that is said of them; arrays of shape (pairs,)."""

    creator: Ints
    product: Ints
    chance: Floats
    contributions: Floats
    """shape (signals, pairs)."""
    sales: ExpectedSales

    @property
    def score(self) -> Floats:
        return np.asarray(self.chance * np.maximum(self.sales.mean, 1e-9) ** _VALUE_WEIGHT)


def match(
    workspace: Workspace,
    *,
    creator_id: str | None = None,
    product_id: str | None = None,
    limit: int = LIMIT,
    max_refund_rate: float = MAX_REFUND_RATE,
    newcomers: float | None = None,
) -> Matches:
    """Products that a creator should sell, or creators that should sell a product, best first; deterministic.

    The market is a hard condition, what is sold already is no match. `max_refund_rate` is the quality gate, `newcomers` the
    least share of new products in a creator's list (by default NEWCOMERS, or fewer where fewer products are new). Raises
    UsageError for names that do not occur, NotEnoughData for sales too few to learn from.
    """
    if (creator_id is None) == (product_id is None):
        raise UsageError("say either --creator ID or --product ID.")
    sales = sales_rows(workspace, workspace.span)
    if not len(sales.days):
        raise NotEnoughData(f"{workspace.path}: no paid order names a creator and a product. Load such orders.")
    model = workspace.kept(("take-ups",), TakeupModel, lambda: learn_takeup(sales))
    history = PairHistory.until(sales, int(sales.days.max()))
    signals = PairSignals(history)
    if creator_id is not None:
        number = _place("creator", creator_id, history.creators, sales.words["creator_id"])
        creator, product = _for_creator(history, number)
    else:
        number = _place("product", product_id or "", history.products, sales.words["product_id"])
        creator, product = _for_product(history, number)
    pairs = _described(signals, model, creator, product)
    within = signals.refund_rate[pairs.product] <= max_refund_rate
    order = _order(pairs, within, limit)
    new = history.new[pairs.product]
    if newcomers is None:
        newcomers = min(NEWCOMERS, int(limit * new[within].mean()) / limit) if within.any() else 0.0
    floor = newcomers if creator_id is not None else 0.0
    listed = _with_newcomers(pairs, order, within, new, limit, floor)
    ungated = _order(pairs, np.ones(len(within), bool), limit)
    return Matches(
        creator_id=creator_id,
        product_id=product_id,
        matches=tuple(
            _match(sales, history, signals, pairs, row, float(pairs.score[order[0]])) for row in listed.tolist()
        ),
        considered=int(within.sum()),
        gated=int((~within).sum()),
        gate_price=float(pairs.sales.mean[ungated].sum() - pairs.sales.mean[order].sum()),
        floor_price=float(pairs.sales.mean[order].sum() - pairs.sales.mean[listed].sum()),
        learnt_from=model.learnt_from,
        notes=() if len(listed) else ("No product is possible: everything in the market is sold already or gated.",),
    )


def _place(kind: str, name: str, codes: Ints, words: tuple[str, ...]) -> int:
    """The number of a creator or a product in the history. Raises UsageError."""
    numbers = {words[code]: number for number, code in enumerate(codes.tolist())}
    if name not in numbers:
        raise UsageError(f"no {kind} {name!r} has sold anything.{did_you_mean(name, numbers)}")
    return numbers[name]


def _for_creator(history: PairHistory, creator: int) -> tuple[Ints, Ints]:
    """Products sold in the creator's market, not by the creator."""
    possible = history.by_market[history.creator_market[creator]] > 0
    possible[history.taken[[creator]].indices] = False
    products = np.flatnonzero(possible)
    return np.full(len(products), creator), products


def _for_product(history: PairHistory, product: int) -> tuple[Ints, Ints]:
    """Creators of the product's markets that do not sell it yet."""
    possible = history.by_market[history.creator_market, product] > 0
    possible[history.taken[:, [product]].tocoo().coords[0]] = False
    creators = np.flatnonzero(possible)
    return creators, np.full(len(creators), product)


def _described(signals: PairSignals, model: TakeupModel, creator: Ints, product: Ints) -> _Pairs:
    """Chance, reasons and expected GMV of pairs, whose creators ascend."""
    tables = []
    creators, own = np.unique(creator, return_inverse=True)
    for start in range(0, len(creators), _BLOCK):
        rows = np.flatnonzero((own >= start) & (own < start + _BLOCK))
        table = signals.of(creators[start : start + _BLOCK])
        tables.append(table[:, own[rows] - start, product[rows]])
    table = np.concatenate(tables, axis=1) if tables else np.zeros((len(SIGNALS), 0))
    return _Pairs(
        creator=creator,
        product=product,
        chance=model.chance(table),
        contributions=model.contributions(table),
        sales=SalesModel(signals).expected(creator, product),
    )


def _order(pairs: _Pairs, possible: Flags, limit: int) -> Ints:
    """The best pairs, best first; equal scores in the order of their codes."""
    rows = np.flatnonzero(possible)
    return rows[np.argsort(-pairs.score[rows], kind="stable")[:limit]]


def _with_newcomers(pairs: _Pairs, order: Ints, possible: Flags, new: Flags, limit: int, floor: float) -> Ints:
    """The list with at least so many new products, where there are enough of them; the weakest others make room."""
    needed = int(np.ceil(floor * min(limit, len(order)))) - int(new[order].sum())
    if needed <= 0:
        return order
    fresh = [row for row in _order(pairs, possible & new, limit).tolist() if row not in set(order.tolist())][:needed]
    old = [row for row in order.tolist() if not new[row]]
    room = max(len(order) + len(fresh) - limit, 0)
    remaining = set(order.tolist()) - set(old[len(old) - room :] if room else [])
    return np.array(sorted([*remaining, *fresh], key=lambda row: -pairs.score[row]), np.int64)


def _match(sales: SalesRows, history: PairHistory, signals: PairSignals, pairs: _Pairs, row: int, best: float) -> Match:
    product = int(pairs.product[row])
    return Match(
        creator_id=sales.words["creator_id"][history.creators[pairs.creator[row]]],
        product_id=sales.words["product_id"][history.products[product]],
        score=float(pairs.score[row] / best),
        reasons=_reasons(pairs.contributions[:, row]),
        expected_gmv=float(pairs.sales.mean[row]),
        interval=(float(pairs.sales.low[row]), float(pairs.sales.high[row])),
        newcomer=bool(history.new[product]),
        refund_rate=float(signals.refund_rate[product]),
    )


def _reasons(contributions: Floats) -> tuple[Reason, ...]:
    """The signals that speak most for a pair."""
    positive = np.maximum(contributions, 0)
    total = float(positive.sum())
    names = list(SIGNALS)
    best = [number for number in np.argsort(-positive, kind="stable")[:_REASONS].tolist() if positive[number] > 0]
    return tuple(
        Reason(signal=names[number], words=SIGNALS[names[number]], share=float(positive[number] / total))
        for number in best
    )
