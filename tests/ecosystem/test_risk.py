"""Leads: found where something was planted, absent where nothing was."""

import gzip
import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from core.ecosystem.risk.buyer_patterns import Purchases, few_buyers, refund_rings, shared_buyers
from core.ecosystem.risk.lead_tests import Leads
from core.ecosystem.risk.price_swings import price_swings
from core.ecosystem.risk.review_bursts import LAGS, review_bursts
from core.ecosystem.risk.tail_tests import discoveries, tail, unusual
from core.workspace.write.load import load
from fixtures.marketplace import Plant, generate
from tui.cli import app

MEMBERS, DAYS = 100, 56
ODD = 7


@dataclass(frozen=True)
class Lines:
    """Order lines of a quiet market: members of all sizes, some loyal buyers, 8 % refunds, prices that hardly move."""

    member: np.ndarray
    market: np.ndarray
    age: np.ndarray
    buyer: np.ndarray
    refunded: np.ndarray
    product: np.ndarray
    price: np.ndarray

    @classmethod
    def quiet(cls, seed: int) -> "Lines":
        random = np.random.default_rng(seed)
        size = random.negative_binomial(2, 2 / (2 + 120), MEMBERS)
        member = np.repeat(np.arange(1, MEMBERS + 1), size)
        n = len(member)
        buyer = 1 + (8000 * random.random(n) ** 1.5).astype(int)
        loyal = random.random(n) < 0.1
        buyer[loyal] = 10_000 + member[loyal] * 50 + random.integers(0, 50, loyal.sum())
        product = member * 5 + random.integers(0, 5, n)
        price = (5 + product % 40) * np.exp(random.normal(0, 0.05, n))
        back = (random.random(n) < 0.08).astype(int)
        return cls(
            member=member,
            market=1 + member % 3,
            age=random.integers(0, DAYS, n),
            buyer=buyer,
            refunded=back,
            product=product,
            price=price,
        )

    def more(self, **columns: np.ndarray | int) -> "Lines":
        """With further lines; what is not said of them is like the first line of the odd member."""
        n = max(len(np.atleast_1d(np.asarray(one))) for one in columns.values())
        row = (
            int(np.flatnonzero(self.member == columns.get("member", ODD))[0])
            if np.isscalar(columns.get("member", ODD))
            else 0
        )
        full = {
            name: np.concatenate([getattr(self, name), np.broadcast_to(columns.get(name, getattr(self, name)[row]), n)])
            for name in self.__dataclass_fields__
        }
        return replace(self, **full)

    def purchases(self) -> Purchases:
        return Purchases.of(self.member, self.market, self.age, self.buyer, self.refunded)

    def tests(self) -> list[Leads]:
        bought, everybody = self.purchases(), np.arange(MEMBERS + 1)
        names = tuple(f"C{at}" for at in everybody)
        category = np.ones(len(self.member), int)
        return [
            few_buyers(bought),
            refund_rings(bought),
            shared_buyers(bought, everybody, names),
            price_swings(self.member, self.product, category, self.age // 7, self.price),
        ]


def leads(tests: list[Leads]) -> dict[str, dict[int, str]]:
    """Kind -> member -> reasons, of all that is a discovery among these tests."""
    q_value = np.split(
        discoveries(np.concatenate([one.p_value for one in tests])), np.cumsum([len(one.p_value) for one in tests])[:-1]
    )
    found = {}
    for one, q in zip(tests, q_value, strict=True):
        hits = np.flatnonzero(q <= 0.05).tolist()
        if hits:
            found[one.kind] = {int(one.member[at]): " ".join(one.reasons(int(one.cell[at]))) for at in hits}
    return found


def test_nothing_is_found_where_nothing_is_wrong() -> None:
    assert sum(bool(leads(Lines.quiet(seed).tests())) for seed in range(20)) <= 1


def test_an_order_burst_from_few_buyers() -> None:
    random = np.random.default_rng(1)
    odd = Lines.quiet(1).more(member=ODD, age=14 + random.integers(0, 7, 60), buyer=90_000 + random.integers(0, 15, 60))
    found = leads(odd.tests())
    assert found.keys() == {"order_burst"}
    assert found["order_burst"].keys() == {ODD}
    assert "2 weeks before the newest" in found["order_burst"][ODD]


def test_a_burst_from_many_buyers_is_a_success_and_no_lead() -> None:
    random = np.random.default_rng(1)
    fine = Lines.quiet(1).more(member=ODD, age=14 + random.integers(0, 7, 300), buyer=90_000 + np.arange(300))
    assert leads(fine.tests()) == {}


def test_a_refund_ring() -> None:
    random = np.random.default_rng(2)
    odd = Lines.quiet(2).more(
        member=ODD, age=random.integers(0, DAYS, 40), buyer=90_000 + np.arange(40) % 8, refunded=1
    )
    found = leads(odd.tests())
    assert found["refund_ring"].keys() == {ODD}


def test_two_members_that_share_their_buyers() -> None:
    random, quiet = np.random.default_rng(3), Lines.quiet(3)
    ring = 90_000 + np.arange(30)
    odd = quiet.more(member=ODD, age=random.integers(0, DAYS, 30), buyer=ring)
    odd = odd.more(member=ODD + 3, age=random.integers(0, DAYS, 30), buyer=ring)
    found = leads(odd.tests())
    assert found.keys() == {"shared_buyers"}
    assert found["shared_buyers"].keys() == {ODD, ODD + 3}
    assert "buyers with C10, where" in found["shared_buyers"][ODD]


def test_two_accounts_of_one_person_may_share_buyers() -> None:
    odd = Lines.quiet(3).more(member=ODD, age=np.arange(30), buyer=90_000 + np.arange(30))
    odd = odd.more(member=ODD + 3, age=np.arange(30), buyer=90_000 + np.arange(30))
    person = np.arange(MEMBERS + 1)
    person[ODD + 3] = person[ODD]
    one = shared_buyers(odd.purchases(), person, tuple(map(str, person)))
    assert leads([one]) == {}


def test_prices_that_jump() -> None:
    random, quiet = np.random.default_rng(4), Lines.quiet(4)
    own = quiet.member == ODD
    price = np.where(own, quiet.price * np.exp(random.choice([-0.6, 0, 0.6], len(own))), quiet.price)
    found = leads(replace(quiet, price=price).tests())
    assert found.keys() == {"price_swing"}
    assert found["price_swing"].keys() == {ODD}


def test_a_sale_of_the_whole_category_is_no_swing() -> None:
    quiet = Lines.quiet(5)
    assert leads(replace(quiet, price=np.where(quiet.age < 7, quiet.price * 0.5, quiet.price)).tests()) == {}


def reviews(seed: int, burst: int) -> Leads:
    """Half of the orders are reviewed one to three weeks later; a burst of five stars at one member, two weeks ago."""
    random, weeks = np.random.default_rng(seed), 8
    member = np.repeat(np.arange(1, 61), random.negative_binomial(2, 2 / (2 + 150), 60))
    ordered = random.integers(0, weeks + LAGS, len(member))
    lag = random.integers(1, 4, len(member))
    keep = (random.random(len(member)) < 0.5) & (ordered - lag >= 0)
    who = np.concatenate([member[keep], np.full(burst, ODD)])
    week = np.concatenate([(ordered - lag)[keep], np.full(burst, 2)])
    late = np.concatenate([lag[keep], np.full(burst, -1)])
    return review_bursts(
        member=who,
        week=week,
        lag=late,
        rating=np.full(len(who), 5),
        order_member=member,
        order_week=ordered,
        weeks=weeks,
    )


def test_a_burst_of_reviews() -> None:
    assert leads([reviews(1, 0)]) == leads([reviews(2, 0)]) == {}
    found = leads([reviews(1, 90)])["review_burst"]
    assert found.keys() == {ODD}
    assert "2 weeks before the newest" in found[ODD]


def test_the_crowd_is_not_fooled_by_those_who_stand_out() -> None:
    """Counts of rate 4 that vary by half among members; a tenth have thirty more."""
    random = np.random.default_rng(6)
    count = random.poisson(random.gamma(4, 1, 2000))
    count[:100] += 30
    p_value, expected = unusual(count, np.ones((2000, 1)))
    assert expected[0] == pytest.approx(4, rel=0.1)
    assert (p_value[:100] < 1e-3).all()
    assert (p_value[100:] < 0.01).mean() < 0.015


@given(st.lists(st.floats(0, 1), min_size=1, max_size=50))
def test_discoveries_are_those_of_the_step_up_rule(p_value: list[float]) -> None:
    order = sorted(p_value)
    largest = max((at for at in range(len(order)) if order[at] <= 0.05 * (at + 1) / len(order)), default=-1)
    assert (discoveries(np.array(p_value)) <= 0.05).sum() == pytest.approx(largest + 1)


def test_tails_by_the_book() -> None:
    assert tail(np.array([0, 1, 3]), np.full(3, 2.0), 0.0) == pytest.approx([1, 1 - np.exp(-2), 0.323324], abs=1e-6)
    assert tail(np.array([1]), np.array([2.0]), 0.5)[0] == pytest.approx(1 - 0.25)


def mixed(folder: Path, paths: list[Path]) -> list[Path]:
    """The same exports with their rows, and themselves, in another order."""
    random, found = np.random.default_rng(8), []
    for path in paths:
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        head, *rows = data.decode().splitlines(keepends=True)
        found.append(folder / path.name.removesuffix(".gz"))
        found[-1].write_text("".join([head, *(rows[at] for at in random.permutation(len(rows)))]), encoding="utf-8")
    return found[::-1]


def test_fraud_planted_among_the_exports_is_found_whatever_the_order_of_rows(tmp_path: Path) -> None:
    truth = generate(tmp_path, seed=31, scale=0.5, days=90, plant=[Plant("C22")])
    load(tmp_path / "w.db", sorted(tmp_path.glob("*.csv*")))
    result = CliRunner().invoke(app, ["health", "--db", str(tmp_path / "w.db"), "--format", "json"])
    found = json.loads(result.stdout)["risk"]
    seller = truth.planted[0].where["seller_id"]
    assert found[0]["subject"] == {"seller_id": seller}
    assert {one["subject"].get("seller_id", seller) for one in found} == {seller}
    assert {"subject", "kind", "score", "reasons"} <= found[0].keys()
    assert 0 <= found[0]["score"] <= 100
    (tmp_path / "mixed").mkdir()
    load(tmp_path / "m.db", mixed(tmp_path / "mixed", sorted(tmp_path.glob("*.csv*"))))
    assert (
        CliRunner().invoke(app, ["health", "--db", str(tmp_path / "m.db"), "--format", "json"]).stdout == result.stdout
    )
