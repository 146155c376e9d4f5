"""The best products for a creator, or the best creators for a product."""

from dataclasses import dataclass
from functools import cached_property
from itertools import islice

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.base.errors import NotEnoughData, UsageError, did_you_mean
from core.matching.expected_sales import ExpectedSales, SalesModel, learn_sales
from core.matching.match_results import Match, Matches, Reason
from core.matching.pair_facts import PairFacts
from core.matching.pair_history import PairHistory
from core.matching.pair_signals import SIGNALS, PairSignals
from core.matching.takeup_model import TakeupModel, learn_takeup
from core.workspace.read.rating_rows import name_in_rows
from core.workspace.read.rows.sales_rows import SalesRows, sales_rows
from core.workspace.read.workspace import Workspace

MAX_REFUND_RATE = 0.25
"""Default quality gate: a product of which every fourth order comes back hurts creator and buyer."""
NEWCOMERS = 0.1
"""Default floor: one of ten places for products that nobody could have sold for long, where they are a tenth of the products."""
LIMIT = 10
_REASONS = 3
_LEAST_SHARE = 0.01
"""Reasons with a smaller share are noise to a reader."""
_VALUE_WEIGHT = 0.05
"""How much expected GMV counts versus the chance of a take-up (exponent): 0 ranks by chance alone; 1, by expected value, put a
few large products on every list and found a tenth fewer of the later take-ups."""
_DAMPING = 0.15
"""How much the number of a product's takers counts against it (exponent): lists then show a fifth more products and find as many
of the later take-ups; from .3 on they find fewer."""


@dataclass(frozen=True, kw_only=True)
class _Pairs:
    """Possible pairs with everything that is said of them; arrays of shape (pairs,)."""

    creator: Ints
    product: Ints
    chance: Floats
    """How likely a take-up is, up to a constant."""
    contributions: Floats
    """shape (signals, pairs)."""
    sales: ExpectedSales
    takers: Ints
    """Creators that sell the product."""

    @cached_property
    def undamped(self) -> Floats:
        """The score of a pair before popular products are damped."""
        return np.asarray(self.chance * np.maximum(self.sales.mean, 1e-9) ** _VALUE_WEIGHT)

    @cached_property
    def score(self) -> Floats:
        return np.asarray(self.undamped * self.takers**-_DAMPING)

    def gmv(self, rows: Ints) -> float:
        """Expected GMV of some of them together."""
        return float(self.sales.mean[rows].sum())


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
        raise UsageError("use either --creator ID or --product ID.")
    creator_id = creator_id and name_in_rows(workspace, "creator_id", creator_id)
    product_id = product_id and name_in_rows(workspace, "product_id", product_id)
    sales = _sales(workspace)
    history = PairHistory.until(sales, int(sales.days.max()))
    creators, products = _numbers_of(sales, history, creator_id, product_id)
    takeup = workspace.kept(("take-ups",), TakeupModel, lambda: learn_takeup(sales))
    signals = PairSignals(history)
    expected = workspace.kept(("expected sales",), SalesModel, lambda: learn_sales(signals))
    pairs = _described(signals, takeup, expected, creators, products)
    is_open = signals.refund_rate[pairs.product] <= max_refund_rate
    new = history.new[pairs.product]
    if newcomers is None:
        newcomers = _usual_floor(new[is_open], limit)
    order = _order(pairs.score, is_open, limit)
    listed = _with_newcomers(pairs.score, order, is_open & new, limit, newcomers if creator_id is not None else 0.0)
    subject = "product" if product_id is None else "creator"
    none_left = f"No {subject} is possible: all in the market are matched already or fail the quality limit."
    return Matches(
        creator_id=creator_id,
        product_id=product_id,
        matches=tuple(
            _match(sales, history, signals, pairs, row, reasons, float(pairs.score[order[0]]))
            for row, reasons in zip(listed.tolist(), _reasons(signals, pairs, is_open, listed), strict=True)
        ),
        considered=int(is_open.sum()),
        gated=int((~is_open).sum()),
        gate_price=pairs.gmv(_order(pairs.score, np.ones(len(is_open), bool), limit)) - pairs.gmv(order),
        damping_price=pairs.gmv(_order(pairs.undamped, is_open, limit)) - pairs.gmv(order),
        floor_price=pairs.gmv(order) - pairs.gmv(listed),
        learnt_from=takeup.learnt_from,
        notes=() if len(listed) else (none_left,),
    )


def _sales(workspace: Workspace) -> SalesRows:
    """What was sold on all days. Raises NotEnoughData where nothing was."""
    sales = sales_rows(workspace, workspace.span)
    if not len(sales.days):
        raise NotEnoughData(
            f"{workspace.path}: no paid order with an amount names a creator and a product. Load such orders."
        )
    return sales


def _usual_floor(new: Flags, limit: int) -> float:
    """The least share of new products in a list: NEWCOMERS, or that among the possible ones where it is smaller."""
    return min(NEWCOMERS, int(limit * new.mean()) / limit) if len(new) else 0.0


def _numbers_of(
    sales: SalesRows, history: PairHistory, creator_id: str | None, product_id: str | None
) -> tuple[Ints, Ints]:
    """Numbers of the creators and of the products of which pairs may be possible. Raises UsageError."""
    if creator_id is not None:
        creator = _number("creator", creator_id, history.creators, sales.words["creator_id"])
        return np.array([creator]), np.arange(history.shape[1])
    product = _number("product", product_id or "", history.products, sales.words["product_id"])
    return np.flatnonzero(history.by_market[history.creator_market, product] > 0), np.array([product])


def _number(kind: str, name: str, codes: Ints, words: tuple[str, ...]) -> int:
    """The number of a creator or a product in the history. Raises UsageError."""
    numbers = {words[code]: number for number, code in enumerate(codes.tolist())}
    if name not in numbers:
        raise UsageError(f"no {kind} {name!r} has sold anything.{did_you_mean(name, numbers)}")
    return numbers[name]


def _described(
    signals: PairSignals, takeup: TakeupModel, expected: SalesModel, creators: Ints, products: Ints
) -> _Pairs:
    """Chance, reasons and expected GMV of those pairs of some creators and products that are possible."""
    history = signals.history
    portfolio, takers = (np.asarray(history.taken.sum(axis=axis)).ravel() for axis in (1, 0))
    pairs = [np.zeros((2, 0), np.int64)]
    chances, contributions = [np.zeros(0)], [np.zeros((len(SIGNALS), 0))]
    for block in signals.blocks(creators):
        # who sells many products takes up many
        chance = portfolio[block.creators, None] * _shares(takeup.log_odds(block.table), block.untaken)
        row, column = np.nonzero(block.untaken & np.isin(block.products, products))
        pairs.append(np.stack([block.creators[row], block.products[column]]))
        chances.append(chance[row, column])
        contributions.append(takeup.contributions(block.table[:, row, column]))
    creator, product = np.concatenate(pairs, axis=1)
    order = np.lexsort((product, creator))
    creator, product = creator[order], product[order]
    return _Pairs(
        creator=creator,
        product=product,
        chance=np.concatenate(chances)[order],
        contributions=np.concatenate(contributions, axis=1)[:, order],
        sales=expected.expected(signals, creator, product),
        takers=takers[product],
    )


def _shares(log_odds: Floats, possible: Flags) -> Floats:
    """The chance of each possible product to be the next; shape (creators, products)."""
    odds = np.where(possible, np.exp(log_odds - log_odds.max(axis=1, keepdims=True)), 0.0)
    return np.asarray(odds / np.maximum(odds.sum(axis=1, keepdims=True), np.finfo(float).tiny))


def _order(score: Floats, possible: Flags, limit: int) -> Ints:
    """The best pairs, best first; equal scores in the order of their codes."""
    rows = np.flatnonzero(possible)
    return rows[np.argsort(-score[rows], kind="stable")[:limit]]


def _with_newcomers(score: Floats, order: Ints, new: Flags, limit: int, floor: float) -> Ints:
    """The list with at least so many new products, where there are enough of them; the weakest others make room."""
    needed = int(np.ceil(floor * min(limit, len(order)))) - int(new[order].sum())
    if needed <= 0:
        return order
    fresh = np.setdiff1d(_order(score, new, limit), order, assume_unique=True)[:needed]
    old = order[~new[order]]
    room = max(len(order) + len(fresh) - limit, 0)
    listed = np.concatenate([np.setdiff1d(order, old[len(old) - room :], assume_unique=True), fresh])
    return listed[np.argsort(-score[listed], kind="stable")]


def _match(
    sales: SalesRows,
    history: PairHistory,
    signals: PairSignals,
    pairs: _Pairs,
    row: int,
    reasons: tuple[Reason, ...],
    best: float,
) -> Match:
    product = int(pairs.product[row])
    return Match(
        creator_id=sales.words["creator_id"][history.creators[pairs.creator[row]]],
        product_id=sales.words["product_id"][history.products[product]],
        score=float(pairs.score[row] / best),
        reasons=reasons,
        expected_gmv=float(pairs.sales.mean[row]),
        interval=(float(pairs.sales.low[row]), float(pairs.sales.high[row])),
        newcomer=bool(history.new[product]),
        refund_rate=float(signals.refund_rate[product]),
    )


def _reasons(signals: PairSignals, pairs: _Pairs, possible: Flags, listed: Ints) -> list[tuple[Reason, ...]]:
    """What favours each listed pair most, more than the average possible pair; first what sets it apart from the others of the
    list."""
    facts = PairFacts(signals, pairs.creator, pairs.product)
    names = list(SIGNALS)
    if not len(listed):
        return []
    usual = pairs.contributions[:, possible].mean(axis=1, keepdims=True)
    gains = np.maximum(pairs.contributions[:, listed] - usual, 0.0)
    shares = gains / np.maximum(gains.sum(axis=0), np.finfo(float).tiny)
    reasons = []
    for gain, share, row in zip(gains.T, shares.T, listed.tolist(), strict=True):
        likely = np.argsort(-gain, kind="stable")[: int((share >= _LEAST_SHARE).sum())].tolist()
        candidates = (facts.reason(names[at], row, float(share[at])) for at in likely)
        convincing = islice(filter(None, candidates), _REASONS)
        effects = dict(zip(names, gain - gains.mean(axis=1), strict=True))
        reasons.append(tuple(sorted(convincing, key=lambda reason: -effects[reason.signal])))
    return reasons
