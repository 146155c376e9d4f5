"""What is known of creators and products, and their signals, against sums written out pair by pair."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.sparse import csr_array

from core.base.errors import NotEnoughData
from core.matching import takeup_model
from core.matching.pair_history import PairHistory
from core.matching.pair_signals import SIGNALS, PairSignals
from core.matching.takeup_model import learn_takeup
from tests.matching.small_market import HISTORY as SMALL
from tests.matching.small_market import Line, sales_of

LAST = 99


def _lines() -> list[Line]:
    chance = np.random.default_rng(5)
    lines: list[Line] = []
    for _ in range(220):
        creator, product = int(chance.integers(1, 8)), int(chance.integers(1, 13))
        day = int(chance.integers(79, 82) if product == 12 else chance.integers(0, 100))
        market = "ID" if chance.random() < (0.9 if creator < 5 else 0.2) else "TH"
        refund = int(chance.integers(day, 120)) if chance.random() < 0.2 else 0
        buyer, seller = f"b{chance.integers(0, 30)}", "" if product == 4 else f"s{product % 4}"
        name = (f"c{creator}", f"p{product}", market, f"k{product % 3}", seller, "" if day % 9 == 0 else buyer)
        lines.append((day, *name, float(chance.uniform(1, 90)), refund))
    return sorted(lines)


LINES = [line for line in _lines() if line[0] <= LAST]
SALES = sales_of(LINES)
HISTORY = PairHistory.until(SALES, LAST)
CREATORS = [SALES.words["creator_id"][code] for code in HISTORY.creators]
PRODUCTS = [SALES.words["product_id"][code] for code in HISTORY.products]
SOLD = {(line[1], line[2]) for line in LINES}
TAKERS = {product: {creator for creator, other in SOLD if other == product} for product in PRODUCTS}
OWN = {creator: {product for other, product in SOLD if other == creator} for creator in CREATORS}


def _raw(creator: str, product: str) -> dict[str, float]:
    market = SALES.words["market"][HISTORY.creator_market[CREATORS.index(creator)]]
    there = [line for line in LINES if line[2] == product and line[3] == market]
    refunds = [0 < line[8] <= LAST for line in LINES if line[2] == product]
    usual = sum(0 < line[8] <= LAST for line in LINES) / len(LINES)
    overlap = {other: len(OWN[creator] & OWN[other]) for other in CREATORS}

    def alike(other: str) -> float:
        return overlap[other] / math.sqrt((len(OWN[creator]) + 5) * (len(OWN[other]) + 5))

    def alike_products(other: str) -> float:
        return len(TAKERS[other] & TAKERS[product]) / math.sqrt((len(TAKERS[other]) + 5) * (len(TAKERS[product]) + 5))

    walk = sum(
        1 / len(OWN[creator]) / len(TAKERS[through]) / len(OWN[other])
        for through in OWN[creator]
        for other in TAKERS[through] & TAKERS[product]
    )
    bought = [(line[1], line[6]) for line in LINES if line[2] == product]
    buyers = [line[6] for line in LINES if line[1] == creator and line[6]]
    shop = next(line[5] for line in LINES if line[2] == product)
    shops = [line[5] for line in LINES if line[1] == creator and line[5]]
    return {
        "market_sales": math.log1p(len(there)),
        "takers": math.log1p(len({line[1] for line in LINES if line[2] == product and _home(line[1]) == market})),
        "recent_sales": math.log1p(sum(line[0] >= 80 for line in there)),
        "newcomer": float(min(line[0] for line in LINES if line[2] == product) >= 80),
        "similar_products": math.log(sum(alike_products(other) for other in OWN[creator]) + 1e-3),
        "similar_creators": math.log(sum(alike(other) for other in TAKERS[product]) + 1e-3),
        "shared_paths": math.log(walk * len(TAKERS[product]) ** -0.3 + 1e-3),
        "seller": shops.count(shop) / len(shops) if shop else 0.0,
        "shared_buyers": math.log(
            sum(sum(other == buyer for _, other in bought) for buyer in buyers) / len(buyers) + 1e-3
        ),
        "refunds": -(sum(refunds) + 20 * usual) / (len(refunds) + 20),
    }


def _home(creator: str) -> str:
    markets = [line[3] for line in LINES if line[1] == creator]
    return max(sorted(set(markets)), key=lambda market: (markets.count(market), market))


def test_a_history_is_what_the_lines_say() -> None:
    for number, product in enumerate(PRODUCTS):
        lines = [line for line in LINES if line[2] == product]
        assert HISTORY.price[number] == pytest.approx(np.mean([line[7] for line in lines]))
        assert HISTORY.first_sold[number] == min(line[0] for line in lines)
        assert HISTORY.new[number] == (min(line[0] for line in lines) >= 80)
        assert SALES.words["category"][HISTORY.product_category[number]] == lines[0][4]
        for row, creator in enumerate(CREATORS):
            count = sum(line[1] == creator for line in lines)
            assert HISTORY.counts[row, number] == count
            assert HISTORY.taken[row, number] == (count > 0)
    for row, creator in enumerate(CREATORS):
        assert SALES.words["market"][HISTORY.creator_market[row]] == _home(creator)
    assert HISTORY.shape == (7, 12)


def test_a_history_knows_nothing_of_later_days() -> None:
    half = PairHistory.until(SALES, 50)
    assert half.rows.days.max() == 50
    assert half.rows.refunded.max() == 50 or half.rows.refunded.max() < 50
    assert len(half.rows.days) == sum(line[0] <= 50 for line in LINES)
    assert (half.rows.refunded > 0).sum() == sum(line[0] <= 50 and 0 < line[8] <= 50 for line in LINES)


def test_signals_are_what_the_lines_say() -> None:
    compared = 0
    for block in PairSignals(HISTORY).blocks(np.arange(len(CREATORS))):
        for row, creator in enumerate(np.array(CREATORS)[block.creators].tolist()):
            products = np.array(PRODUCTS)[block.products].tolist()
            market = _home(creator)
            assert products == [name for name in PRODUCTS if any(line[2:4] == (name, market) for line in LINES)]
            assert block.untaken[row].tolist() == [(creator, name) not in SOLD for name in products]
            expected = [_raw(creator, product) for product in products]
            for place, name in enumerate(SIGNALS):
                if name in expected[0]:
                    values = np.array([signals[name] for signals in expected])
                    spread = values.std()
                    standard = (values - values.mean()) / max(spread, 1e-9)
                    assert block.table[place, row] == pytest.approx(standard, abs=1e-6), name
                    compared += 1
    assert compared == 10 * 7


def test_tastes_and_price_levels_are_shrunk_to_those_of_all() -> None:
    signals = PairSignals(HISTORY)
    weight = {pair: math.log1p(sum(line[1:3] == pair for line in LINES)) for pair in SOLD}
    price = {product: math.log(HISTORY.price[number]) for number, product in enumerate(PRODUCTS)}
    usual = sum(weight[pair] * price[pair[1]] for pair in SOLD) / sum(weight.values())
    for row, creator in enumerate(CREATORS):
        own = [pair for pair in SOLD if pair[0] == creator]
        level = (sum(weight[pair] * price[pair[1]] for pair in own) + 2 * usual) / (
            sum(weight[pair] for pair in own) + 2
        )
        assert signals.price_levels[row] == pytest.approx(level)


def test_a_step_leads_to_one_of_what_a_creator_sells_and_of_who_sells_a_product() -> None:
    """The first creator sells both products, the second one of them."""
    taken = csr_array(np.array([[1.0, 1.0], [0.0, 1.0]]))
    there, back = PairSignals._steps.func(SimpleNamespace(history=SimpleNamespace(taken=taken)))  # type: ignore[arg-type]
    assert there.toarray().tolist() == [[0.5, 0.5], [0.0, 1.0]]
    assert back.toarray().tolist() == [[1.0, 0.0], [0.5, 0.5]]


@pytest.mark.parametrize(("began", "new"), [(6, 0), (7, 1)])
def test_pairs_are_new_in_the_last_four_tenths_of_the_days(began: int, new: int) -> None:
    """Of days 0 to 10 the last four."""
    known = [(day, "c1", "p1", "ID", "k", "s", "b", 1.0, 0) for day in (0, 10)]
    lines = [*known, (0, "c2", "p2", "ID", "k", "s", "b", 1.0, 0), (began, "c1", "p2", "ID", "k", "s", "b", 1.0, 0)]
    with pytest.raises(NotEnoughData, match=f"in the last 40% of the days: {new}. 20 are needed"):
        learn_takeup(sales_of(sorted(lines)))


def test_new_and_recent_is_what_the_last_fifth_of_the_days_saw() -> None:
    """Of days 0 to 10 the last 2.2: from the eighth on."""
    assert SMALL.first_sold.tolist() == [0, 7, 8, 10]
    assert SMALL.new.tolist() == [False, False, True, True]
    assert SMALL.recent.tolist() == [False] * 4 + [True] * 3


def test_a_creator_counts_as_many_cells_as_its_market_sells_products(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three of the four products are sold in the market of all three creators."""
    for most, creators in ((9, 3), (8, 2), (6, 2), (5, 1), (1, 1)):
        monkeypatch.setattr(takeup_model, "_MOST_CELLS", most)
        assert len(takeup_model._sample(SMALL, np.arange(3), np.random.default_rng(0))) == creators
