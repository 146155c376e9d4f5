"""Match-making in markets whose tastes are known."""

import csv
import json
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from core.base.errors import NotEnoughData, UsageError
from core.matching import match as matching
from core.matching.match import match
from core.matching.match_results import Matches
from core.matching.pair_history import PairHistory
from core.matching.pair_signals import CATEGORY_SIGNALS, SIGNALS, PairSignals
from core.matching.takeup_model import learn_takeup
from core.workspace.read.rows.sales_rows import sales_rows
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load
from tui.cli import app

FIRST, DAYS, CREATORS, PRODUCTS, CATEGORIES = date(2026, 1, 1), 100, 60, 80, 4
COLUMNS = ("order_id", "ordered_at", "creator_id", "product_id", "market", "category", "gmv", "paid_at", "refunded_at")


def _rows(seed: int, scale: float = 1.0) -> list[list[object]]:
    """Creators of odd numbers sell in TH, others in ID; each likes the category of its number; product 3 comes back a lot;
    every tenth product is new in the last days."""
    chance = np.random.default_rng(seed)
    rows: list[list[object]] = []
    for creator in range(CREATORS):
        market = ("ID", "TH")[creator % 2]
        for product in range(PRODUCTS):
            liked = product % CATEGORIES == (creator // 2) % CATEGORIES
            at_home = (product // CATEGORIES) % 2 == creator % 2
            if not at_home or chance.random() > (0.4 if liked else 0.03):
                continue
            start = int(chance.integers(85, 95) if product % 10 == 9 else chance.integers(0, DAYS))
            for day in range(start, DAYS, 3 if liked else 9):
                at = FIRST + timedelta(day)
                bad = product == 3 and chance.random() < 0.7
                key = f"o{len(rows)}"
                price = (10 + product) * scale
                rows.append(
                    [
                        key,
                        at,
                        f"c{creator}",
                        f"p{product}",
                        market,
                        f"k{product % CATEGORIES}",
                        price,
                        at,
                        at if bad else "",
                    ]
                )
    return rows


def _load(folder: Path, rows: list[list[object]]) -> Path:
    with (folder / "orders.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(rows)
    load(folder / "w.db", [folder / "orders.csv"], as_kind="orders")
    return folder / "w.db"


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two markets, four categories."""
    return _load(tmp_path_factory.mktemp("match"), _rows(1))


def _matches(db: Path, **asked: object) -> Matches:
    with Workspace.open(db) as workspace:
        return match(workspace, **asked)  # type: ignore[arg-type]


def _sold(db: Path) -> set[tuple[str, str]]:
    with db.parent.joinpath("orders.csv").open() as file:
        return {(row["creator_id"], row["product_id"]) for row in csv.DictReader(file)}


def test_matches_are_new_pairs_of_the_creators_market_and_taste(market: Path) -> None:
    sold, liked = _sold(market), 0
    for number in range(8):
        result = _matches(market, creator_id=f"c{number}", newcomers=0.0)
        assert len(result.matches) == 10
        assert [pair.score for pair in result.matches] == sorted((pair.score for pair in result.matches), reverse=True)
        for pair in result.matches:
            product = int(pair.product_id[1:])
            assert (pair.creator_id, pair.product_id) not in sold
            assert (product // CATEGORIES) % 2 == number % 2
            assert pair.interval[0] < pair.expected_gmv < pair.interval[1]
            assert sum(reason.share for reason in pair.reasons) <= 1.000001
        liked += sum(int(pair.product_id[1:]) % CATEGORIES == (number // 2) % CATEGORIES for pair in result.matches[:4])
    assert liked >= 24  # of 32: a fourth of all products is liked


def test_what_comes_back_is_gated_and_the_price_is_said(market: Path) -> None:
    open_gate = [_matches(market, creator_id=f"c{number}", limit=40, max_refund_rate=1.0) for number in range(0, 16, 2)]
    closed = [_matches(market, creator_id=f"c{number}", limit=40, max_refund_rate=0.2) for number in range(0, 16, 2)]
    assert any(pair.product_id == "p3" for result in open_gate for pair in result.matches)
    assert all(pair.product_id != "p3" and pair.refund_rate <= 0.2 for result in closed for pair in result.matches)
    assert all(result.gated == 0 and result.gate_price == 0 for result in open_gate)
    assert any(result.gated == 1 for result in closed)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("asked", "subject"), [({"product_id": "p3"}, "creator"), ({"creator_id": "c0"}, "product")])
def test_where_nothing_passes_the_limit_no_match_is_made_up(market: Path, asked: dict[str, str], subject: str) -> None:
    result = _matches(market, **asked, max_refund_rate=-1.0)
    assert (result.matches, result.considered) == ((), 0)
    assert result.notes[0].startswith(f"No {subject} is possible: ")


def test_the_gate_lets_through_what_is_exactly_as_good_as_it_asks(market: Path) -> None:
    whole = _matches(market, creator_id="c0", limit=80, max_refund_rate=1.0, newcomers=0.0)
    rate = sorted(pair.refund_rate for pair in whole.matches)[-2]
    closed = _matches(market, creator_id="c0", limit=80, max_refund_rate=rate, newcomers=0.0)
    assert max(pair.refund_rate for pair in closed.matches) == rate
    assert (closed.considered, closed.gated) == (whole.considered - 1, 1)


def _total(result: Matches) -> float:
    return sum(pair.expected_gmv for pair in result.matches)


def test_prices_are_the_differences_of_lists(market: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    damped = _matches(market, creator_id="c2", limit=3, newcomers=0.0)
    floored = _matches(market, creator_id="c2", limit=3, newcomers=0.7)
    assert floored.floor_price == pytest.approx(_total(damped) - _total(floored))
    rate = damped.matches[0].refund_rate
    gated = _matches(market, creator_id="c2", limit=3, newcomers=0.0, max_refund_rate=np.nextafter(rate, 0))
    assert gated.gate_price == pytest.approx(_total(damped) - _total(gated))
    assert gated.gated > 0
    monkeypatch.setattr(matching, "_DAMPING", 0.0)
    undamped = _matches(market, creator_id="c2", limit=3, newcomers=0.0)
    assert damped.damping_price == pytest.approx(_total(undamped) - _total(damped))
    assert undamped.damping_price == 0


def test_of_equal_products_the_one_that_few_creators_sell_comes_first(
    market: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    takers = [sum(product == f"p{number}" for _, product in _sold(market)) for number in range(PRODUCTS)]

    def mean_takers(damping: float) -> float:
        monkeypatch.setattr(matching, "_DAMPING", damping)
        lists = [_matches(market, creator_id=f"c{number}", newcomers=0.0).matches for number in range(8)]
        return float(np.mean([takers[int(pair.product_id[1:])] for pairs in lists for pair in pairs]))

    assert mean_takers(0.0) > mean_takers(0.5) > mean_takers(2.0)


def test_a_product_prefers_creators_who_take_up_many(tmp_path: Path) -> None:
    """Creators of even numbers sell a fourth of what they liked."""
    rows = [row for row in _rows(4) if int(str(row[2])[1:]) // 2 % 2 or int(str(row[3])[1:]) % 16 < CATEGORIES]
    db = _load(tmp_path, rows)
    portfolio = {f"c{number}": 0 for number in range(CREATORS)}
    for creator, _ in _sold(db):
        portfolio[creator] += 1
    listed, sold = [], _sold(db)
    for product in (0, 1, 2, 16, 17, 18):
        matches = _matches(db, product_id=f"p{product}", limit=5).matches
        assert not {(pair.creator_id, pair.product_id) for pair in matches} & sold
        listed += [portfolio[pair.creator_id] for pair in matches]
    assert np.mean(listed) > 1.2 * np.mean(list(portfolio.values()))


def test_the_floor_gives_new_products_their_places(market: Path) -> None:
    without = _matches(market, creator_id="c0", newcomers=0.0)
    floored = _matches(market, creator_id="c0", newcomers=0.3)
    assert sum(pair.newcomer for pair in floored.matches) >= 3
    assert len(floored.matches) == len(without.matches)
    assert without.floor_price == 0


def test_by_default_newcomers_get_no_more_places_than_their_share_of_the_products(market: Path, tmp_path: Path) -> None:
    listed = _matches(market, creator_id="c0").matches
    assert sum(pair.newcomer for pair in listed) >= 1  # one in ten products is new
    rows = [row for row in _rows(1) if int(str(row[3])[1:]) % 10 != 9 or row[3] == "p9"]
    rare = _load(tmp_path, rows)
    for number in range(0, 12, 2):
        assert _matches(rare, creator_id=f"c{number}") == _matches(rare, creator_id=f"c{number}", newcomers=0.0)


def test_a_product_finds_creators_of_its_market_and_category(market: Path) -> None:
    result = _matches(market, product_id="p8", limit=5)
    assert {int(pair.creator_id[1:]) % 2 for pair in result.matches} == {0}
    fitting = [pair for pair in result.matches if (int(pair.creator_id[1:]) // 2) % CATEGORIES == 0]
    assert len(fitting) >= 3
    assert not {(pair.creator_id, "p8") for pair in result.matches} & _sold(market)


def test_order_of_rows_and_unit_of_money_change_nothing(market: Path, tmp_path: Path) -> None:
    rows = _rows(1, scale=16_000)
    np.random.default_rng(3).shuffle(rows)  # type: ignore[arg-type]
    other = _matches(_load(tmp_path, rows), creator_id="c4")
    same = _matches(market, creator_id="c4")
    assert [pair.product_id for pair in other.matches] == [pair.product_id for pair in same.matches]
    for pair, scaled in zip(same.matches, other.matches, strict=True):
        assert scaled.expected_gmv == pytest.approx(16_000 * pair.expected_gmv, rel=1e-6)
    assert _matches(market, creator_id="c4") == same


def test_expected_sales_follow_those_who_sell_more(tmp_path: Path) -> None:
    rows = _rows(2)
    more = [
        [f"x{number}", *row[1:]] for number, row in enumerate(rows) if str(row[2]) in {"c0", "c8"} for _ in range(1)
    ]
    many = [[f"y{copy}{row[0]}", *row[1:]] for copy in range(5) for row in more]
    db = _load(tmp_path, rows + many)
    large = np.mean([pair.expected_gmv for pair in _matches(db, creator_id="c0").matches])
    small = np.mean([pair.expected_gmv for pair in _matches(db, creator_id="c16").matches])
    assert large > 2 * small


def test_signals_of_categories_are_those_of_their_products(market: Path) -> None:
    with Workspace.open(market) as workspace:
        sales = sales_rows(workspace, workspace.span)
    signals = PairSignals(PairHistory.until(sales, int(sales.days.max())))
    rows = [list(SIGNALS).index(name) for name in CATEGORY_SIGNALS]
    blocks = list(signals.blocks(np.array([0, 7, 31])))
    assert sorted(number for block in blocks for number in block.creators.tolist()) == [0, 7, 31]
    for block in blocks:
        of_products = block.table[rows]
        assert of_products.mean(axis=2) == pytest.approx(0, abs=1e-6)
        assert of_products.std(axis=2) == pytest.approx(1)
        of_categories = signals.of_categories(block.creators)[:, :, signals.history.product_category[block.products]]
        assert of_categories == pytest.approx(of_products, abs=1e-9)


def test_what_take_ups_teach_is_learnt_once_for_all_questions(market: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    learnt = []
    # tests of screens keep answers of small workspaces in files too, as long as their process runs
    monkeypatch.setattr("core.workspace.read.blocks.cache._LEAST_BYTES", 1 << 40)
    monkeypatch.setattr(matching, "learn_takeup", lambda sales: learnt.append(1) or learn_takeup(sales))
    with Workspace.open(market) as workspace:
        for number in range(3):
            match(workspace, creator_id=f"c{number}")
    assert learnt == [1]


def test_what_cannot_be_matched_is_one_sentence(market: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no creator 'c9999'"):
        _matches(market, creator_id="c9999")
    with pytest.raises(UsageError, match="either"):
        _matches(market)
    few = _load(tmp_path, _rows(1)[:30])
    with pytest.raises(NotEnoughData, match="needed to learn from"):
        _matches(few, creator_id="c0")
    with pytest.raises(UsageError, match="no creator 'c9999'"):
        _matches(few, creator_id="c9999")


def test_the_command_prints_the_promised_keys(market: Path) -> None:
    words = ["match", "--creator", "c0", "--db", str(market)]
    document = json.loads(CliRunner().invoke(app, [*words, "--format", "json"]).stdout)
    assert document["schema"] == "whydrop.match/1"
    assert document["matches"][0].keys() >= {"creator_id", "product_id", "score", "reasons", "expected_gmv", "interval"}
    text = CliRunner().invoke(app, words).stdout
    assert text.startswith("Best products for creator c0, likeliest first, of ")


def test_a_creator_of_a_list_is_found_by_its_id(tmp_path: Path) -> None:
    """Orders call account 7001 by its handle."""
    (tmp_path / "creators.csv").write_text("creator_id,handle\n7001,@C4\n7002,@c5\n")
    load(_load(tmp_path, _rows(1)), [tmp_path / "creators.csv"])
    with Workspace.open(tmp_path / "w.db") as workspace:
        assert match(workspace, creator_id="7001").creator_id == "c4"


def test_a_list_with_too_few_new_products_keeps_all_that_is_possible() -> None:
    """Of five possible pairs one is new; half of ten places are for new products, and there is no other one to take in."""
    score, new = np.array([5.0, 4.0, 3.0, 2.0, 1.0]), np.array([False, False, False, False, True])
    order = np.arange(5)
    assert matching._with_newcomers(score, order, new, limit=10, floor=0.5).tolist() == [0, 1, 2, 3, 4]
    # of the best three none is new: the one that is takes the place of the weakest
    assert matching._with_newcomers(score, order[:3], new, limit=3, floor=0.3).tolist() == [0, 1, 4]
