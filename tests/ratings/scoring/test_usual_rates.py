"""What is usual in a category and market: learnt from others, and only where groups differ beyond chance."""

import numpy as np
import pytest

from core.ratings.scoring.usual_rates import usual_rates

MEMBERS, CASES = 60, 200.0


def factors(bad: np.ndarray, category: np.ndarray, market: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """(of the category, of the market) of members who have 200 cases each, one component."""
    nobody = np.zeros(len(bad), int)
    places = {"category": category, "market": nobody if market is None else market}
    found = usual_rates(np.full((1, len(bad)), CASES), bad[None], nobody, places, np.arange(len(bad)))
    return found["category"][0], found["market"][0]


def test_a_category_with_four_times_the_bad_cases_has_nearly_four_times_the_usual_rate() -> None:
    category = np.arange(MEMBERS) % 2
    of_category, of_market = factors(np.where(category == 1, 16.0, 4.0), category)
    assert np.mean(of_category[category == 1]) / np.mean(of_category[category == 0]) == pytest.approx(3.6, rel=0.1)
    assert of_market == pytest.approx(1, abs=0.02), "there is one market"


def test_category_and_market_are_told_apart() -> None:
    """Bad cases double in the second category and treble in the second market; the two hang together."""
    category, market = np.arange(MEMBERS) % 2, (np.arange(MEMBERS) % 6 > 1).astype(int)
    of_category, of_market = factors(4.0 * 2**category * 3**market, category, market)
    ratio = [
        np.mean(of[group == 1]) / np.mean(of[group == 0])
        for of, group in ((of_category, category), (of_market, market))
    ]
    assert 1.4 < ratio[0] < 2 < ratio[1] < 3, "both lean to 1, as thirty members are few"


def test_groups_that_differ_by_chance_move_nobody() -> None:
    rng = np.random.default_rng(5)
    moved = 0
    for _ in range(40):
        rate = 0.04 * rng.gamma(4, 0.25, MEMBERS)
        of_category, _ = factors(rng.binomial(200, np.minimum(rate, 1)).astype(float), np.arange(MEMBERS) % 5)
        moved += int(np.abs(of_category - 1).max() > 0.05)
    assert moved <= 2


def test_nobodys_own_bad_cases_tell_what_is_usual_where_it_is() -> None:
    """Of two accounts of one person in a category of four, the worst may be as bad as it likes."""
    category, who = np.repeat([0, 1, 2], [20, 20, 4]), np.arange(44)
    who[41] = 40
    bad = np.where(category == 1, 16.0, 4.0)
    places = {"category": category}
    usual = []
    for own in (4.0, 100.0):
        bad[40] = own
        usual.append(usual_rates(np.full((1, 44), CASES), bad[None], np.zeros(44, int), places, who)["category"][0])
    assert usual[1][[40, 41]] == pytest.approx(usual[0][[40, 41]], rel=0.05)
    assert usual[1][42] > 1.4 * usual[0][42], "the others of the category are compared with it"


def test_new_accounts_with_bad_orders_only_hardly_excuse_the_only_other_member_of_a_category() -> None:
    """Ten accounts with six orders each, all bad; the other categories differ seven times over, so a new one may, too."""
    category = np.concatenate([np.arange(MEMBERS) % 3, np.full(11, 3)])
    n = np.concatenate([np.full(MEMBERS + 1, CASES), np.full(10, 6.0)])
    bad = np.concatenate([np.array([4.0, 8.0, 28.0])[np.arange(MEMBERS) % 3], [16.0], np.full(10, 6.0)])
    nobody = np.zeros(len(n), int)
    usual = usual_rates(n[None], bad[None], nobody, {"category": category}, np.arange(len(n)))["category"][0]
    assert 1 < usual[MEMBERS] < 2
