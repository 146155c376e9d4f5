"""Ratings as people ask for them, of exports whose every row is known."""

import math
import random
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from core.base.days import parse_day
from core.catalogue.rating_rules import packaged
from tests.ratings import shop
from tests.ratings.shop import Tables, ask, moment, of, order, part, review, saved, violation
from tui.cli import app


def by_hand(one: dict[str, Any]) -> tuple[float, float]:
    """(value, points) of a component from nothing but the figures beside it."""
    a = one["a"] + one["k"]
    if one["is_share"]:
        b = one["b"] + one["n"] - one["k"]
        chance = math.exp(
            math.lgamma(b + one["run"]) - math.lgamma(b) + math.lgamma(a + b) - math.lgamma(a + b + one["run"])
        )
        return a / (a + b), one["weight"] * chance
    b = one["b"] + one["n"] / 1000
    return a / b, one["weight"] * (b / (b + one["run"])) ** a


@pytest.mark.parametrize("side", ["creators", "sellers"])
def test_every_score_can_be_computed_by_hand_from_the_document(db: Path, side: str) -> None:
    document = ask(db, "rate", side)
    assert document["schema"] == "whydrop.rate/1"
    assert len(document["ratings"]) >= 10
    for rating in document["ratings"]:
        for one in rating["components"]:
            value, points = by_hand(one)
            assert one["value"] == pytest.approx(value, rel=1e-9)
            assert one["points"] == pytest.approx(points, abs=1e-6)
            chance = math.log(document["peer_score"] / 100)
            run = chance / math.log1p(-one["reference"]) if one["is_share"] else -chance / one["reference"]
            assert one["run"] == pytest.approx(run, rel=1e-9)
            assert one["interval"][0] < one["value"] < one["interval"][1]
        assert rating["score"] == pytest.approx(sum(one["points"] for one in rating["components"]), abs=1e-9)
        assert sum(one["weight"] for one in rating["components"]) == pytest.approx(100)
        assert rating["interval"][0] < rating["score"] < rating["interval"][1]
        cuts = document["grades"]
        assert rating["would_be"] == next(grade for grade, low in cuts.items() if rating["score"] >= low)


def test_the_evidence_of_a_seller_can_be_counted_by_hand_from_the_rows(db: Path, tables: Tables) -> None:
    rating = of(ask(db, "rate", "sellers"), "S3", "seller_id")[0]
    one, rules = part(rating, "fulfilment"), packaged()
    now = parse_day(ask(db, "rate")["as_of"])
    mine = [row for row in tables["orders"] if row["seller_id"] == "S3" and row["market"] == rating["market"]]
    due = [(row, parse_day(row["ship_by"][:10])) for row in mine if parse_day(row["ship_by"][:10]) <= now]
    weights = [0.5 ** ((now - day) / rules.half_life_days) for _, day in due]
    late = [not row["shipped_at"] or row["shipped_at"] > row["ship_by"] for row, _ in due]
    n, squares = sum(weights), sum(weight**2 for weight in weights)
    ratio = min(n / squares, 2.0)
    assert (one["cases"], one["bad"]) == (len(due), sum(late))
    assert one["n"] == pytest.approx(n * ratio, rel=1e-4)
    assert one["k"] == pytest.approx(ratio * sum(w for w, bad in zip(weights, late, strict=True) if bad), rel=1e-4)


def test_the_same_rows_in_another_order_give_the_same_ratings_bit_for_bit(
    db: Path, tables: Tables, tmp_path: Path
) -> None:
    def mixed(rows: list[shop.Row]) -> list[shop.Row]:
        return random.Random(9).sample(rows, len(rows))

    other = saved(tmp_path, tables, mixed)
    for words in (("rate",), ("rate", "sellers"), ("creator", "C5"), ("rate", "--as-of", "2026-03-01")):
        assert ask(db, *words) == ask(other, *words)


def test_each_order_belongs_to_exactly_one_role(tables: Tables, tmp_path: Path) -> None:
    more: Tables = shop.copied(tables)
    rng = random.Random(2)
    for at, role in enumerate(["live_host", "video_author", "agency_member", "talent"]):
        more["roles"].append({"creator_id": "C1", "role": role, "since": shop.iso(10 * at), "until": ""})
    for row in more["orders"]:
        row["channel"] = rng.choice(["live", "video", "affiliate", "search"])
    document = ask(saved(tmp_path, more), "rate")
    cards = of(document, "C1")
    mine = [row for row in more["orders"] if row["creator_id"] == "C1"]
    assert sum(card["orders"] for card in cards) == len(mine)
    by_role = {card["role"]: card["orders"] for card in cards}
    assert by_role["live_host"] == sum(row["channel"] == "live" for row in mine)
    assert by_role["agency_member"] == 0, "the orders are those of the other roles"


def spoilt(tables: Tables, who: str, times: int, **how: Any) -> Tables:
    """The first orders of somebody go wrong in a way, each with a review of one star."""
    found: Tables = shop.copied(tables)
    mine = [row for row in found["orders"] if row["creator_id"] == who and row["ordered_at"] < moment(60)][:times]
    taken = {row["order_id"] for row in mine}
    for row in mine:
        row.update(how)
    found["reviews"] = [row for row in found["reviews"] if row["order_id"] not in taken]
    if how.get("delivered_at"):
        found["reviews"] += [review(int(name[1:]), 75, 1) for name in sorted(taken)]
    return found


def test_what_a_role_does_not_control_does_not_count_against_it(db: Path, tables: Tables, tmp_path: Path) -> None:
    before = of(ask(db, "rate"), "C4")[0]
    by_carrier = spoilt(tables, "C4", 12, delivered_at=moment(70), promised_by=moment(65))
    by_seller = spoilt(tables, "C4", 12, cancelled_at=moment(61), cancelled_by="seller", delivered_at="", shipped_at="")
    in_transit = spoilt(tables, "C4", 12, refunded_at=moment(70), refund_amount="10", refund_reason="lost in transit")
    own = spoilt(tables, "C4", 12, delivered_at=moment(61), promised_by=moment(65))
    after = {
        name: of(ask(saved(tmp_path / name, changed), "rate"), "C4")[0]
        for name, changed in {"carrier": by_carrier, "seller": by_seller, "transit": in_transit, "own": own}.items()
    }
    for name in ("carrier", "seller", "transit"):
        # what is left out takes its share of evidence with it, good cases among it: nothing more
        for component in ("product", "reviews"):
            assert part(after[name], component)["bad"] <= part(before, component)["bad"]
        assert after[name]["score"] > before["score"] - 3
    assert after["own"]["score"] < before["score"] - 7


def test_a_batch_that_fails_everybody_is_its_shops_not_its_creators(db: Path, tables: Tables, tmp_path: Path) -> None:
    changed: Tables = shop.copied(tables)
    week = [row for row in changed["orders"] if moment(35) <= row["ordered_at"] < moment(42)]
    for row in week[:80]:
        row |= {
            "product_id": "P99",
            "seller_id": "S1",
            "refunded_at": moment(55),
            "refund_amount": "10",
            "refund_reason": "defective",
        }
    calm = [row for row in changed["orders"] if row["ordered_at"] < moment(30)][:200]
    for row in calm:
        row |= {"product_id": "P99", "seller_id": "S1"}
    other = saved(tmp_path, changed)
    hit = [row["creator_id"] for row in week[:80]]
    who = max(set(hit), key=hit.count)
    before, after = (sum(part(row, "product")["bad"] for row in of(ask(where, "rate"), who)) for where in (db, other))
    assert after <= before + hit.count(who) // 3, "but for a few at the edges of the weeks"
    shops = [
        part(of(ask(where, "rate", "sellers", "--market", "ID"), "S1", "seller_id")[0], "product")
        for where in (db, other)
    ]
    assert shops[1]["bad"] > shops[0]["bad"] + 50
    cases = ask(other, "creator", who, "--since", "2026-01-20")["cards"][0]["cases"]
    assert any("batch" in case["what"] and not case["charged"] for case in cases)


def test_a_shop_answers_for_its_late_dispatches_and_cancellations(db: Path, tables: Tables, tmp_path: Path) -> None:
    changed: Tables = shop.copied(tables)
    mine = [row for row in changed["orders"] if row["seller_id"] == "S2" and row["ordered_at"] < moment(60)]
    for at, row in enumerate(mine[:40]):
        if at % 2:
            row["shipped_at"] = moment(80)
        else:
            row |= {"cancelled_at": moment(61), "cancelled_by": "seller", "delivered_at": "", "shipped_at": ""}
    before, after = (
        of(ask(where, "rate", "sellers", "--market", "ID"), "S2", "seller_id")[0]
        for where in (db, saved(tmp_path, changed))
    )
    assert part(after, "fulfilment")["points"] < part(before, "fulfilment")["points"] - 2


def test_violations_count_by_points_and_not_when_overturned(db: Path, tables: Tables, tmp_path: Path) -> None:
    clean = next(
        f"C{at}"
        for at in range(60)
        if at % 9 and not any(row["creator_id"] == f"C{at}" for row in tables["violations"])
    )
    points, quality = {}, {}
    for name, row in {
        "none": violation(900, 50, "C59", 4, moment(60)),
        "small": violation(900, 50, clean, 4),
        "large": violation(900, 50, clean, 12),
        "overturned": violation(900, 50, clean, 12, moment(60)),
    }.items():
        changed = {**tables, "violations": [*tables["violations"], row]}
        compliance = part(of(ask(saved(tmp_path / name, changed), "rate"), clean)[0], "compliance")
        points[name], quality[name] = compliance["points"], compliance["points"] / compliance["weight"]
    assert points["none"] > points["small"] > points["large"]
    assert quality["none"] > quality["small"] > quality["large"]
    assert (points["overturned"], quality["overturned"]) == (points["none"], quality["none"])


def test_who_has_no_order_one_order_or_only_bad_ones(tables: Tables, tmp_path: Path) -> None:
    more: Tables = shop.copied(tables)
    for name in ("none", "good", "bad", "all_bad"):
        more["creators"].append({"creator_id": name, "person_id": "", "joined_on": "2026-01-05", "market": "ID"})
        more["roles"].append({"creator_id": name, "role": "affiliate", "since": "2026-01-05", "until": ""})
    more["orders"] += [order(90_000, 30, "good"), order(90_001, 30, "bad")]
    more["orders"] += [order(91_000 + at, 20 + at % 30, "all_bad") for at in range(60)]
    more["reviews"] += [review(90_000, 40, 5), review(90_001, 40, 1)]
    more["reviews"] += [review(91_000 + at, 30 + at % 30, 1 + at % 2) for at in range(60)]
    document = ask(saved(tmp_path, more), "rate")
    found = {name: of(document, name)[0] for name in ("none", "good", "bad", "all_bad")}
    none = found["none"]
    assert (none["grade"], none["rank"], none["orders"], none["provisional"]) == ("P", None, 0, True)
    assert found["bad"]["score"] < none["score"] < found["good"]["score"]
    low, high = none["interval"]
    # the two differ by one review, and reviews weigh 65 of 100 points in this world: the other components separate few members
    assert found["good"]["score"] - found["bad"]["score"] < (high - low) / 3, "one order tells what one order tells"
    assert found["good"]["grade"] == found["bad"]["grade"] == "P"
    assert found["all_bad"]["rank"] == found["all_bad"]["peers"]
    assert found["all_bad"]["grade"] == "D"
    assert part(found["all_bad"], "reviews")["value"] > 0.5
    assert (part(found["all_bad"], "reviews")["cases"], part(found["all_bad"], "reviews")["bad"]) == (60, 60)
    widths = {name: one["interval"][1] - one["interval"][0] for name, one in found.items()}
    assert min(widths["none"], widths["good"], widths["bad"]) > widths["all_bad"]


def test_a_role_that_ended_stays_and_says_so(tables: Tables, tmp_path: Path) -> None:
    more: Tables = shop.copied(tables)
    for row in more["roles"]:
        if row["creator_id"] == "C7":
            row["until"] = shop.iso(40)
    more["roles"].append({"creator_id": "C7", "role": "live_host", "since": shop.iso(41), "until": ""})
    document = ask(saved(tmp_path, more), "rate")
    cards = {row["role"]: row for row in of(document, "C7")}
    mine = [row for row in more["orders"] if row["creator_id"] == "C7"]
    early = sum(row["ordered_at"] < moment(41) for row in mine)
    assert sum(card["orders"] for card in of(document, "C7") if card["role"] == "affiliate") == early
    assert cards["affiliate"]["ended"] == shop.iso(40)
    assert cards["live_host"]["ended"] is None


def test_a_person_is_all_their_accounts(tables: Tables, tmp_path: Path) -> None:
    more: Tables = shop.copied(tables)
    for row in more["creators"]:
        if row["creator_id"] in {"C1", "C2"}:
            row["person_id"] = "both"
    workspace = saved(tmp_path, more)
    card = ask(workspace, "creator", "C2")
    assert card["accounts"] == ["C2", "C1"]
    assert card["person_id"] == "both"
    assert sum(card["weights"]) == pytest.approx(1)
    scores = [one["rating"]["score"] for one in card["cards"]]
    assert card["score"] == pytest.approx(sum(w * s for w, s in zip(card["weights"], scores, strict=True)))
    widths = [one["rating"]["interval"][1] - one["rating"]["interval"][0] for one in card["cards"]]
    assert scores[0] == scores[1], "one person, one rating"
    assert card["interval"][1] - card["interval"][0] == pytest.approx(widths[0], rel=0.05)
    mine = [row for row in tables["orders"] if row["creator_id"] in {"C1", "C2"}]
    assert part(card["cards"][0]["rating"], "compliance")["cases"] == len(mine)
    assert ask(workspace, "creator", "both")["cards"] == ask(workspace, "creator", "C1")["cards"]


def test_other_rules_are_tried_on_everybody(db: Path, tmp_path: Path) -> None:
    same, own = tmp_path / "same.toml", tmp_path / "own.toml"
    same.write_text("version = 'same'\n")
    own.write_text("version = 'trial'\n[grades]\nTop = 90\nRest = 0\n[roles.affiliate]\nweights = {content = 100}\n")
    nothing = ask(db, "simulate", "--rules", str(same))
    assert (nothing["up"], nothing["down"], nothing["changed"], nothing["losers"]) == (0, 0, [], [])
    found = ask(db, "simulate", "--rules", str(own))
    assert found["schema"] == "whydrop.simulate/1"
    assert "grades.Top: nothing -> 90" in found["changed"]
    for group in ("market", "role", "size", "newcomer"):
        assert sum(one["cards"] for one in found["groups"] if one["group"] == group) == found["cards"]
    assert sum(one["cards"] for one in found["transitions"]) == found["cards"]
    assert found["down"] > 0
    assert 0 < found["gmv_down"] <= found["gmv"]
    losers = [one for one in found["losers"] if one["what"] in {"grade", "provisional"}]
    assert len(losers) == found["down"] + found["provisional"]
    assert sum(one["gmv"] for one in losers) == pytest.approx(found["gmv_down"] + found["gmv_provisional"])
    assert [one["gmv"] for one in losers] == sorted((one["gmv"] for one in losers), reverse=True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("rate", "everybody"), "creators or sellers"),
        (("rate", "--role", "affilate"), "Did you mean affiliate"),
        (("rate", "--market", "XX"), "no market 'XX'"),
        (("rate", "--as-of", "soon"), "not a day"),
        (("creator", "C61"), "no creator 'C61' in the data. Did you mean"),
        (("seller", "H4"), "no seller 'H4' in the data"),
        (("creator", "C6", "--since", "2026-03-20", "--as-of", "2026-03-01"), "Swap them"),
        (("simulate", "--rules", "/nowhere.toml"), "no such file"),
    ],
)
def test_mistakes_are_said_in_one_line(db: Path, words: tuple[str, ...], said: str) -> None:
    result = CliRunner().invoke(app, [*words, "--db", str(db)])
    assert result.exit_code in {1, 2}
    assert said in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_workspace_without_orders_says_what_to_load(tmp_path: Path) -> None:
    db = saved(tmp_path, {"creators": [{"creator_id": "C1", "person_id": "H1", "handle": "@x"}], "traffic": [
        {"date": "2026-01-05", "market": "ID", "impressions": 5}]})  # fmt: skip
    result = CliRunner().invoke(app, ["rate", "--db", str(db)])
    assert result.exit_code == 1
    assert "no orders and no reviews" in result.stderr


def test_orders_that_tell_nothing_or_name_nobody_are_said_so(tables: Tables, tmp_path: Path) -> None:
    bare = [{name: row[name] for name in ("order_id", "ordered_at", "gmv", "creator_id")} for row in tables["orders"]]
    nobody = [{name: row[name] for name in ("order_id", "ordered_at", "gmv")} for row in tables["orders"]]
    for name, rows, said in (
        ("bare", bare, "do not separate good creators from bad"),
        ("nobody", nobody, "nobody to rate"),
    ):
        result = CliRunner().invoke(app, ["rate", "--db", str(saved(tmp_path / name, {"orders": rows}))])
        assert result.exit_code == 1
        assert said in result.stderr


def test_a_role_charged_with_nothing_that_is_told_is_left_open(tables: Tables, tmp_path: Path) -> None:
    left = ("refunded_at", "refund_amount", "refund_reason")
    orders = [{name: one for name, one in row.items() if name not in left} for row in tables["orders"]]
    creators = [{**row, "seller_id": "S1" if row["creator_id"] == "C1" else ""} for row in tables["creators"]]
    document = ask(saved(tmp_path, {"orders": orders, "creators": creators}), "rate")
    own, other = of(document, "C1")[0], of(document, "C2")[0]
    assert [one["name"] for one in own["components"]] == ["fulfilment"]
    assert (other["components"], other["rank"], other["grade"], other["interval"]) == ([], None, "P", [0, 100])


def test_reviews_alone_rate_too(tables: Tables, tmp_path: Path) -> None:
    owner = {row["order_id"]: row for row in tables["orders"]}
    rows = [
        {**row, **{name: owner[row["order_id"]][name] for name in ("creator_id", "market", "category")}}
        for row in tables["reviews"]
    ]
    document = ask(saved(tmp_path, {"reviews": rows, "creators": tables["creators"]}), "rate")
    assert document["ratings"][0]["role"] == "creator"
    assert [one["name"] for one in document["ratings"][0]["components"]] == ["reviews"]
