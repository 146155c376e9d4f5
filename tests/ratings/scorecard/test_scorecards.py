"""Scorecards as people ask for them: why a score moved, which orders are behind it, what would raise it."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.ratings import shop
from tests.ratings.shop import DAYS, START, Tables, ask, moment, of, order, part, review, saved


def of_everybody(db: Path) -> list[dict[str, Any]]:
    """Everybody's ratings."""
    return list(ask(db, "rate")["ratings"])


def adds_up(movement: dict[str, Any]) -> None:
    """Parts add up to the change of their component, components to that of the score."""
    for shift in movement["shifts"]:
        parts = shift["entering"] + shift["leaving"] + shift["weights"] + shift["peers"] + shift["rules"]
        assert shift["change"] == pytest.approx(parts, abs=1e-9)
        assert shift["change"] == pytest.approx(shift["after"] - shift["before"], abs=1e-9)
    assert movement["change"] == pytest.approx(sum(shift["change"] for shift in movement["shifts"]), abs=1e-9)


@pytest.mark.parametrize("words", [("creator", "C9"), ("seller", "S4"), ("creator", "C9", "--since", "2026-01-20")])
def test_a_movement_adds_up_and_meets_the_ratings_of_both_days(db: Path, words: tuple[str, ...]) -> None:
    card = ask(db, *words)
    side, key = ("creators", "creator_id") if words[0] == "creator" else ("sellers", "seller_id")
    for one in card["cards"]:
        movement = one["movement"]
        adds_up(movement)
        then = of(ask(db, "rate", side, "--as-of", movement["since"]), words[1], key)
        score = next((row["score"] for row in then if row["market"] == one["rating"]["market"]), None)
        if score is not None:
            assert movement["before"] == pytest.approx(score, abs=1e-9)
        assert movement["after"] == pytest.approx(one["rating"]["score"], abs=1e-9)
        assert all(shift["rules"] == 0 for shift in movement["shifts"])


def test_a_card_of_a_workspace_that_has_just_begun(tables: Tables, tmp_path: Path) -> None:
    young: Tables = shop.copied(tables)
    young["orders"] = [row for row in young["orders"] if row["ordered_at"] >= moment(70)]
    kept = {row["order_id"] for row in young["orders"]}
    young["reviews"] = [row for row in young["reviews"] if row["order_id"] in kept]
    young["violations"] = []
    card = ask(saved(tmp_path, young), "creator", "C9")["cards"][0]
    adds_up(card["movement"])
    assert card["movement"]["grade_before"] == "P"
    assert card["movement"]["after"] == card["rating"]["score"]


def test_a_creator_shown_alone_is_rated_as_among_all(db: Path) -> None:
    among = {row["role"]: row for row in of(ask(db, "rate"), "C9") if row["market"] == "ID"}
    alone = next(card["rating"] for card in ask(db, "creator", "C9")["cards"] if card["rating"]["market"] == "ID")
    assert alone == among[alone["role"]]


def test_other_rules_show_as_their_own_part_of_a_movement(db: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text("version = 'trial'\n[roles.affiliate]\nweights = {product = 20, content = 80}\n")
    packaged_file = tmp_path / "same.toml"
    packaged_file.write_text("version = 'before'\n")
    card = ask(db, "creator", "C9", "--rules", str(own), "--rules-before", str(packaged_file))
    movement = card["cards"][0]["movement"]
    adds_up(movement)
    assert any(abs(shift["rules"]) > 1 for shift in movement["shifts"])
    same = ask(db, "creator", "C9", "--rules-before", str(packaged_file))["cards"][0]["movement"]
    assert all(shift["rules"] == pytest.approx(0, abs=1e-9) for shift in same["shifts"])


def test_the_orders_behind_a_card_are_named(db: Path, tables: Tables) -> None:
    worst = ask(db, "rate", "--market", "ID")["ratings"]
    who = next(row["creator_id"] for row in reversed(worst) if row["rank"] and part(row, "reviews")["bad"] > 2)
    card = ask(db, "creator", who, "--since", START.strftime("%Y-%m-%d"))["cards"][0]
    named = {case["order_id"] for case in card["cases"] if case["component"] == "reviews"}
    assert len(named) == part(card["rating"], "reviews")["bad"]
    bad_reviews = {row["order_id"] for row in tables["reviews"] if row["rating"] <= 2}
    assert named <= bad_reviews
    assert {row["creator_id"] for row in tables["orders"] if row["order_id"] in named} == {who}


def test_a_path_of_weeks_asks_for_as_many_orders_as_come_in_them(db: Path) -> None:
    """At the pace of the last four weeks: whoever has to do better for N weeks gets a multiple of four of them."""
    found = 0
    for row in of_everybody(db):
        if row["grade"] in {"C", "D"} and found < 3:
            for step in ask(db, "creator", row["creator_id"])["cards"][0]["path"]:
                weeks = re.search(r"for (\d+) weeks \(about (\d+) orders\)", step["text"])
                if weeks:
                    assert int(weeks[1]) % 4 == 0
                    assert int(weeks[2]) == step["of_next"]
                    found += 1
    assert found


def test_a_path_leads_to_the_grade_that_it_names(db: Path, tables: Tables, tmp_path: Path) -> None:
    """The orders that the path asks for are made, as good as it asks for, and loaded."""
    cuts = ask(db, "rate")["grades"]
    low = [row for row in ask(db, "rate")["ratings"] if row["grade"] == "C" and row["market"] == "ID"]
    paths = ((row["creator_id"], ask(db, "creator", row["creator_id"])["cards"][0]["path"]) for row in low)
    who, step = next((who, path[0]) for who, path in paths if path and path[0]["component"] == "reviews")
    assert step["fewer"] == pytest.approx(step["expected"] - step["at_most"])
    future: Tables = shop.copied(tables)
    for at in range(step["of_next"]):
        future["orders"].append(order(50_000 + at, DAYS + 28 * at / step["of_next"], who))
        if at < step["at_most"]:
            future["reviews"].append(review(50_000 + at, DAYS + 33, 1))
        else:
            future["reviews"].append(review(50_000 + at, DAYS + 33, 5))
    # everybody's clock goes on, so that the new orders are mature
    future["orders"] += [order(80_000 + at, DAYS + at % 60, f"C{at % 60}") for at in range(600) if f"C{at % 60}" != who]
    before, after = of(ask(db, "rate"), who)[0], of(ask(saved(tmp_path, future), "rate"), who)[0]
    assert after["score"] > max(before["score"] + 1, cuts[step["target"]] - 3)
