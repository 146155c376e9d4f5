"""Leads: found where something was planted, absent where nothing was."""

import gzip
import json
import re
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from core.detection.distributions import q_values
from core.ecosystem.risk.accounts_of_person import many_accounts
from core.ecosystem.risk.bad_orders_apart import bad_orders_apart, usual_shop
from core.ecosystem.risk.buyer_patterns import Purchases, few_buyers, refund_rings, same_day_orders
from core.ecosystem.risk.lead_tests import Leads
from core.ecosystem.risk.shared_buyers import CreatorBuyers, shared_buyers
from core.ecosystem.risk.unknown_buyers import unknown_buyers
from core.workspace.write.load import load
from fixtures.marketplace import Plant, generate
from tests.ecosystem.spread.test_concentration import crowd
from tui.cli import app

MEMBERS, DAYS, SHOPS = 100, 56, 17
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

    def handed_over(self, times: int, member: int) -> "Lines":
        """Orders of the largest member go wrong, and another one books them."""
        mine = self.member == np.bincount(self.member).argmax()
        moved = np.flatnonzero(mine)[: 3 * times : 3]
        refunded, booked = np.where(mine, 0, self.refunded), self.member.copy()
        refunded[moved], booked[moved] = 1, member
        return replace(self, member=booked, refunded=refunded)

    def purchases(self) -> Purchases:
        return Purchases.of(self.member, self.market, self.age, self.buyer, self.refunded)

    def tests(self) -> list[Leads]:
        bought, everybody = self.purchases(), np.arange(MEMBERS + 2)
        names = tuple(f"C{at}" for at in everybody)
        return [
            few_buyers(bought),
            refund_rings(bought),
            shared_buyers(bought, everybody, names),
            same_day_orders(self.member, self.market, self.age, self.buyer),
            unknown_buyers(self.member, self.market, self.buyer, self.age < DAYS),
            bad_orders_apart(
                self.member,
                self.product % SHOPS,
                age=self.age,
                buyer=self.buyer,
                bad=self.refunded > 0,
                names=names,
                recent=self.age < DAYS,
            ),
        ]


def leads(tests: list[Leads]) -> dict[str, dict[int, str]]:
    """Kind -> member -> reasons, of all that is a discovery among these tests."""
    q_value = np.split(
        q_values(np.concatenate([one.p_value for one in tests])), np.cumsum([len(one.p_value) for one in tests])[:-1]
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
    quiet = Lines.quiet(1)
    crowd = np.unique(quiet.buyer[quiet.member != ODD])
    fine = quiet.more(member=ODD, age=14 + random.integers(0, 7, 300), buyer=random.choice(crowd, 300, replace=False))
    assert leads(fine.tests()) == {}


def test_a_burst_from_buyers_whom_nobody_else_has() -> None:
    random = np.random.default_rng(1)
    odd = Lines.quiet(1).more(member=ODD, age=14 + random.integers(0, 7, 300), buyer=90_000 + np.arange(300))
    found = leads(odd.tests())
    assert found.keys() == {"unknown_buyers"}
    assert found["unknown_buyers"].keys() == {ODD}
    assert "buy from no other member" in found["unknown_buyers"][ODD]


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
    person = np.arange(MEMBERS + 2)
    person[ODD + 3] = person[ODD]
    one = shared_buyers(odd.purchases(), person, tuple(map(str, person)))
    assert leads([one]) == {}


@pytest.mark.parametrize(("creators", "shared"), [((1, 1), 0), ((1, 2), 30)])
def test_shops_whose_shared_buyers_are_loyal_to_one_creator(creators: tuple[int, int], shared: int) -> None:
    buyer = 90_000 + np.arange(30)
    odd = Lines.quiet(3).more(member=ODD, age=np.arange(30), buyer=buyer)
    odd = odd.more(member=ODD + 3, age=np.arange(30), buyer=buyer)
    through = CreatorBuyers(
        np.repeat([ODD, ODD + 3], 30), np.concatenate([buyer * 3 + creator for creator in creators])
    )
    everybody = np.arange(MEMBERS + 2)
    one = shared_buyers(odd.purchases(), everybody, tuple(map(str, everybody)), through)
    found = leads([one])
    assert bool(found) == bool(shared)
    assert not shared or f"buyers with {ODD + 3}, where" in found["shared_buyers"][ODD]


@pytest.mark.parametrize("member", [ODD, MEMBERS + 1])
def test_bad_orders_booked_by_somebody_else(member: int) -> None:
    """A partner with orders of its own, or a second account with none."""
    for seed in range(3):
        found = leads(Lines.quiet(seed).handed_over(24, member).tests())
        assert found.keys() == {"bad_orders_apart"}
        assert found["bad_orders_apart"].keys() == {member}
        assert re.match(r"2\d of 2\d purchases at \d shops were refunded", found["bad_orders_apart"][member])
        assert "purchases at the same shops, 0 of them bad" in found["bad_orders_apart"][member]


def test_seven_bad_orders_at_a_shop_where_another_has_none_are_a_lead() -> None:
    """A quarter of one is usual, and varies by itself: so many come by chance once in 5^7 times, 0.25 / 1.25 = 1 / 5."""
    member, shop = np.repeat([1, 2, 2], [7, 20, 400]), np.repeat([1, 1, 2], [7, 20, 400])
    age, bad = np.arange(427) % DAYS, np.arange(427) < 7
    lead = bad_orders_apart(
        member, shop, age=age, buyer=np.zeros(427, int), bad=bad, names=("", "C1", "C2"), recent=np.ones(427, bool)
    )
    assert lead.p_value.tolist() == pytest.approx([5.0**-7, 1])
    everybody = bad_orders_apart(
        member, shop, age=age, buyer=np.zeros(427, int), bad=age >= 0, names=("", "C1", "C2"), recent=np.ones(427, bool)
    )
    assert (everybody.p_value > 0.1).all(), "where all orders of all are bad nobody's are apart"


def test_a_bad_member_a_bad_shop_and_one_bad_basket_are_no_handover() -> None:
    quiet, random = Lines.quiet(2), np.random.default_rng(2)
    bad = random.random(len(quiet.member)) < 0.45
    for chosen in (quiet.member == ODD, quiet.product % SHOPS == 3):
        assert not leads(replace(quiet, refunded=np.where(chosen, bad, quiet.refunded)).tests())
    basket = quiet.more(member=ODD, age=np.full(40, 9), buyer=99_000, refunded=1, product=4)
    assert "bad_orders_apart" not in leads(basket.tests())


def test_a_lead_compares_with_nobody_where_nobody_sells_well_at_the_same_shop() -> None:
    member, shop = np.repeat([1, 2, 2], [20, 20, 400]), np.repeat([1, 1, 2], [20, 20, 400])
    age, bad = np.arange(440) % DAYS, np.arange(440) < 30  # half of the second one's orders at that shop are bad
    lead = bad_orders_apart(
        member, shop, age=age, buyer=np.zeros(440, int), bad=bad, names=("", "C1", "C2"), recent=np.ones(440, bool)
    )
    assert lead.reasons(0) == (lead.reasons(0)[0],)
    assert lead.reasons(0)[0].startswith("20 of 20 purchases at one shop were refunded")


def test_the_usual_shop_of_a_product_sells_most_of_it() -> None:
    product, seller = np.array([1, 1, 1, 2, 2, 0, 0, 4]), np.array([5, 6, 6, 7, 7, 8, 9, 5])
    assert usual_shop(product, seller).tolist() == [6, 6, 6, 7, 7, 8, 9, 5]
    assert usual_shop(product[:0], seller[:0]).tolist() == []


def test_orders_split_in_many_by_one_buyer() -> None:
    odd = Lines.quiet(4).more(member=ODD, age=np.repeat(np.arange(10), 6), buyer=90_000)
    assert leads(odd.tests())["few_buyers"].keys() == {ODD}


def test_loyal_buyers_are_no_lead() -> None:
    """Twenty buyers who come back every week."""
    weeks = np.arange(DAYS // 7)
    odd = Lines.quiet(6).more(
        member=ODD, age=np.repeat(weeks * 7, 20), buyer=90_000 + np.tile(np.arange(20), len(weeks))
    )
    assert leads([few_buyers(odd.purchases()), same_day_orders(odd.member, odd.market, odd.age, odd.buyer)]) == {}


def test_one_person_with_twenty_accounts() -> None:
    everybody = crowd(120)
    persons = tuple("X" if at > 100 else f"H{at // 2}" for at in range(121))
    joined = np.where(np.arange(121) > 104, 5000, 4000)
    joined[101:103] = 4972, 4973
    found, names = many_accounts(replace(everybody, persons=persons, joined=joined))
    assert {names[at] for at in leads([found])["many_accounts"]} == {"X"}
    assert "20 accounts of one person" in leads([found])["many_accounts"][names.index("X")]
    assert "17 of them opened within four weeks" in leads([found])["many_accounts"][names.index("X")]
    assert leads([many_accounts(replace(everybody, persons=tuple(f"H{at // 3}" for at in range(121))))[0]]) == {}


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
    truth = generate(tmp_path, seed=31, scale=0.3, days=90, plant=[Plant("C22")])
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
