"""Reasons say figures that can be counted in the orders."""

import csv
import math
from collections import defaultdict
from pathlib import Path
from statistics import median
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.sparse import csr_array

from core.matching.match import _numbers_of, match
from core.matching.match_results import Matches, Reason
from core.matching.pair_facts import PairFacts
from core.matching.pair_signals import SIGNALS, PairSignals
from core.reports.match_narrative import reason_words
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load
from tests.matching.small_market import HISTORY, SALES


class Counted:
    """What orders say, counted row by row."""

    def __init__(self, path: Path) -> None:
        self.sells: dict[str, set[str]] = defaultdict(set)
        self.categories: dict[str, list[str]] = defaultdict(list)
        self.shops: dict[str, list[str]] = defaultdict(list)
        with path.open() as file:
            for row in csv.DictReader(file):
                self.sells[row["creator_id"]].add(row["product_id"])
                self.categories[row["creator_id"]].append(row["category"])
                self.shops[row["creator_id"]].append(row["seller_id"])

    def takers(self, product: str) -> set[str]:
        return {creator for creator, products in self.sells.items() if product in products}

    def holds(self, creator: str, product: str, reason: Reason) -> bool:
        """Whether the figures of a reason are those of the orders."""
        takers, own = self.takers(product), self.sells[creator]
        alike = {taker for taker in takers if self.sells[taker] & own}
        match reason.signal:
            case "shared_paths":
                return (reason.value, reason.out_of) == (len(alike), len(takers)) and set(reason.names) <= own
            case "similar_products":
                return reason.value == len(takers & self.takers(reason.names[0])) and reason.names[0] in own
            case "similar_creators":
                return reason.value == len(self.sells[reason.names[0]] & own) and reason.out_of == len(own)
            case "category" | "near_category":
                lines = self.categories[creator]
                return reason.value == pytest.approx(lines.count(reason.names[0]) / len(lines))
            case "seller":
                lines = self.shops[creator]
                return reason.value == pytest.approx(lines.count(reason.names[0]) / len(lines))
            case "takers":
                return reason.value == len(takers) and (reason.usual or 0) < reason.value
        return True


@pytest.fixture(scope="module")
def orders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One market: creators of a group sell the products of the group's shops."""
    path = tmp_path_factory.mktemp("facts") / "orders.csv"
    with path.open("w") as file:
        file.write("order_id,ordered_at,creator_id,product_id,market,category,seller_id,gmv,paid_at\n")
        for creator in range(24):
            for product in range(40):
                group = creator % 4
                if product % 4 != group and (creator * 7 + product) % 11:
                    continue
                if (creator * 3 + product * 7) % 5 == 0:
                    continue
                start = (creator * 17 + product * 29) % 84
                day = f"2026-{1 + start // 28:02}-{1 + start % 28:02}"
                where = f"k{product % 4},s{product % 8}"
                file.writelines(
                    f"o{creator}-{product}-{line},{day},c{creator},p{product},ID,{where},{10 + product},{day}\n"
                    for line in range(1 + (creator + product) % 3)
                )
    load(path.parent / "w.db", [path], as_kind="orders")
    return path


def _asked(orders: Path, **who: str) -> Matches:
    with Workspace.open(orders.parent / "w.db") as workspace:
        return match(workspace, **who)  # type: ignore[arg-type]


def test_every_figure_of_a_reason_can_be_counted(orders: Path) -> None:
    counted, kinds = Counted(orders), set()
    for who in ({"creator_id": "c1"}, {"creator_id": "c6"}, {"product_id": "p3"}, {"product_id": "p18"}):
        result = _asked(orders, **who)
        for pair in result.matches:
            for reason in pair.reasons:
                kinds.add(reason.signal)
                assert counted.holds(pair.creator_id, pair.product_id, reason), (pair, reason)
                assert reason_words(reason, "USD")
            signals = [reason.signal for reason in pair.reasons]
            assert len(set(signals)) == len(signals) <= 3
    assert len(kinds) >= 5


def test_a_reason_is_better_than_usual(orders: Path) -> None:
    """What is constant over a list, as the takers of its one product, is a reason for none of its pairs."""
    result = _asked(orders, product_id="p18")
    assert not {"takers", "market_sales", "refunds"} & {
        reason.signal for pair in result.matches for reason in pair.reasons
    }
    counted = Counted(orders)
    shares = []
    for own in counted.sells.values():
        if "p18" not in own:
            takers = counted.takers("p18")
            shares.append(sum(bool(counted.sells[taker] & own) for taker in takers) / len(takers))
    usual = {reason.usual for pair in result.matches for reason in pair.reasons if reason.signal == "shared_paths"}
    assert all(figure == pytest.approx(median(shares)) for figure in usual)


@pytest.mark.parametrize("common", [0, 1])
def test_creators_who_sell_nothing_of_the_same_convince_nobody(common: int) -> None:
    sold = np.array([[common, 0], [0, 0]])
    history = SimpleNamespace(taken=csr_array(np.ones((2, 2), np.int64)), creators=np.array([5, 6]))
    pairs = SimpleNamespace(
        _sold_by_takers=lambda _: (np.array([0, 1]), np.array([0, 1]), sold),
        _history=history,
        _names_of_products=lambda _: ("P1",),
        _word=lambda _, code: f"C{code}",
    )
    creator, product = PairFacts._similar_creator(pairs, 0), PairFacts._similar_product(pairs, 0)  # type: ignore[arg-type]
    assert (bool(creator.convinces), bool(product.convinces)) == (common > 0, common > 0)
    assert (creator.value, creator.out_of, creator.names, product.value) == (common, 2, ("C5",), common)


def test_common_buyers_are_counted_once_however_often_they_buy() -> None:
    """Of three buyers the first bought once of the creator and twice of the product, the second of the product alone, the third
    of the creator alone."""
    theirs, bought = csr_array(np.array([[1, 0, 2]])), csr_array(np.array([[2], [3], [0]]))
    pairs = SimpleNamespace(_signals=SimpleNamespace(purchases=(theirs, bought)), _creators=[0], _products=[0])
    assert PairFacts._common_buyers.func(pairs).toarray().tolist() == [[1]]  # type: ignore[arg-type]


def _reasons(creator: int) -> dict[tuple[str, str], tuple[float, float | None, int | None, tuple[str, ...]]]:
    """Signal and product -> the figures of the reasons for what one creator of the small market does not sell yet."""
    products = np.flatnonzero(HISTORY.taken[[creator]].toarray().ravel() == 0)
    facts, reasons = PairFacts(PairSignals(HISTORY), np.full(len(products), creator), products), {}
    for signal in SIGNALS:
        for row, product in enumerate(products.tolist()):
            reason = facts.reason(signal, row, 0.5)
            if reason is not None:
                reasons[signal, f"p{product + 1}"] = (reason.value, reason.usual, reason.out_of, reason.names)
    return reasons


def test_reasons_are_what_a_small_market_says() -> None:
    """Counted by hand; a figure that is only as good as usual is no reason, nor is what nobody shares."""
    prices = pytest.approx(HISTORY.price[1]), pytest.approx(math.exp(PairSignals(HISTORY).price_levels[0]))
    assert _reasons(0) == {
        ("market_sales", "p3"): (2, 1, None, ()),  # p2 has one line there, p4 none
        ("recent_sales", "p3"): (2, 0, None, ()),
        ("newcomer", "p3"): (2, None, None, ()),
        ("newcomer", "p4"): (0, None, None, ()),
        ("category", "p3"): (1, pytest.approx(5 / 7), None, ("k1",)),
        ("price_level", "p2"): (*prices, None, ()),
        ("similar_products", "p2"): (1, None, 1, ("p1",)),
        ("similar_creators", "p2"): (1, None, 1, ("c2",)),
        ("shared_paths", "p2"): (1, 0, 1, ("p1",)),  # c2 sells p1 too; who sells p3 and p4 sells nothing of c1
        ("seller", "p3"): (1, None, None, ("s1",)),
        ("refunds", "p3"): (pytest.approx(20 / 7 / 22), pytest.approx(20 / 7 / 21), None, ()),
    }
    assert _reasons(1)["shared_buyers", "p3"] == (1, 0.5, None, ())  # b1; nobody bought p4 of its buyers
    assert _reasons(2)["seller", "p2"] == (pytest.approx(1 / 3), None, None, ("s2",))
    assert _reasons(2)["takers", "p1"] == (2, 1.5, None, ())


def test_a_product_is_for_every_creator_whose_market_sold_it_once() -> None:
    for product, creators in (("p1", [0, 1, 2]), ("p2", [0, 1, 2]), ("p4", [])):
        assert _numbers_of(SALES, HISTORY, None, product)[0].tolist() == creators
    assert [numbers.tolist() for numbers in _numbers_of(SALES, HISTORY, "c3", None)] == [[2], [0, 1, 2, 3]]
