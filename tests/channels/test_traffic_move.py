"""What moving traffic would do, against figures written out by hand."""

import numpy as np
import pytest

from core.base.days import Window
from core.base.errors import NotEnoughData
from core.channels import traffic_move as moves
from core.channels.funnel import ChannelDays
from core.channels.traffic_move import MoveRequest, _elasticities, _slope, traffic_move


def _days(first: int, traffic: list[list[float]], gmv: list[list[float]]) -> ChannelDays:
    sums = {"clicks": np.array(traffic, float), "gmv": np.array(gmv, float)}
    return ChannelDays(window=Window(first, first + len(traffic[0]) - 1), channels=("live", "search"), sums=sums)


def _past(days: int) -> ChannelDays:
    """GMV follows the root of traffic, of which each channel has a fifth or four fifths."""
    return _days(
        100, [[100, 400] * (days // 2), [400, 100] * (days // 2)], [[10, 20] * (days // 2), [20, 10] * (days // 2)]
    )


WEEK = _days(128, [[300] * 7, [300] * 7], [[1000] * 7, [500] * 7])


def test_gmv_follows_traffic_by_the_elasticity_of_each_channel() -> None:
    """Live keeps .64 of its traffic and so .8 of 7,000; search has 1.36 times its own and so 1.16619 times 3,500.

    Slopes that fit exactly are known to a thousandth: 2,499 (7,000 x .8 x ln .64) and 1,255 of GMV for each point of them, both
    together 2.797 for a thousandth; 80 % of a t distribution with 10 degrees of freedom lie within 1.372 of these.
    """
    move = traffic_move(_past(28), WEEK, "clicks", MoveRequest(0.18, "live", "search"))
    assert move.elasticities == pytest.approx({"live": 0.5, "search": 0.5})
    assert move.effect == pytest.approx(-1400 + 581.67, abs=0.01)
    assert move.interval == pytest.approx((move.effect - 3.84, move.effect + 3.84), abs=0.2)


def test_only_shares_that_were_seen_and_four_weeks_are_spoken_of() -> None:
    traffic_move(_past(28), WEEK, "clicks", MoveRequest(0.3, "live", "search"))  # to a fifth, as on every other day
    with pytest.raises(NotEnoughData, match="Move less"):
        traffic_move(_past(28), WEEK, "clicks", MoveRequest(0.31, "live", "search"))
    with pytest.raises(NotEnoughData, match="only 26 days"):
        traffic_move(_past(26), WEEK, "clicks", MoveRequest(0.1, "live", "search"))


def test_a_slope_is_that_of_days_with_traffic_and_gmv() -> None:
    """A single click counts; 14 changes are enough, 13 are not."""
    traffic, gmv = np.array([1.0, 4.0] * 20), np.array([1.0, 2.0] * 20)
    assert _slope(traffic[:15], gmv[:15], 100) == pytest.approx((0.5, 1e-6, 0.0))
    assert np.isnan(_slope(traffic[:14], gmv[:14], 100)[0])
    traffic[15:20] = 0  # days without traffic, and what is sold on them, tell nothing
    assert _slope(traffic, gmv, 100) == pytest.approx((0.5, 1e-6, 0.0))
    assert np.isnan(_slope(np.full(40, 9.0), gmv, 100)[0])


def test_elasticities_are_shrunk_to_their_mean_by_how_much_they_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    """.2 and .8 with variances of .01 and .03: their plain mean is .35, they differ by 8 / 50 = .16, and with a prior of .04 that
    counts as two channels by .1. So the mean is .475, of which the first keeps 1 / 11 and the second 3 / 13."""
    slopes = iter([(0.2, 0.01, 0.0), (0.8, 0.03, 0.0)])
    monkeypatch.setattr(moves, "_slope", lambda *_: next(slopes))
    values, errors, _ = _elasticities(_past(28), "clicks")
    assert values == pytest.approx([0.475 - 0.275 * 10 / 11, 0.475 + 0.325 * 10 / 13])
    assert errors == pytest.approx([0.0979, 0.1620], abs=1e-4)


def test_a_slope_and_its_variance_are_those_of_changes_written_out() -> None:
    """Days 17 and 18 have no traffic: no change leads to or from them, and those around them are no neighbours."""
    chance = np.random.default_rng(4)
    traffic = chance.uniform(50, 150, 33)
    gmv = traffic**0.6 * chance.uniform(0.8, 1.25, 33)
    traffic[17:19] = 0
    changes = [(day, np.log(traffic[day] / traffic[day - 1]), np.log(gmv[day] / gmv[day - 1]))
               for day in range(1, 33) if traffic[day - 1] and traffic[day]]  # fmt: skip
    usual = {rest: np.mean([change[1:] for change in changes if change[0] % 7 == rest], axis=0) for rest in range(7)}
    plain = [(day, x - usual[day % 7][0], y - usual[day % 7][1]) for day, x, y in changes]
    size = sum(x * x for _, x, _ in plain)
    slope = sum(x * y for _, x, y in plain) / size
    weighed = {day: x * (y - slope * x) for day, x, y in plain}
    own = sum(part**2 for part in weighed.values())
    shared = sum(weighed[day] * weighed.get(day + 1, 0.0) for day in weighed)
    variance = max(own + 2 * shared, own) * 29 / (29 - 8) / size**2
    scatter = np.std([y - slope * x for _, x, y in plain]) / np.sqrt(2)
    assert len(changes) == 29
    assert _slope(traffic, gmv, 100) == pytest.approx((slope, variance, scatter))


def test_a_channel_that_cannot_be_learnt_from_is_taken_for_a_usual_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """One slope of .2 with a variance of .01: channels differ by the prior, .08 over the one usable channel and its two."""
    slopes = iter([(0.2, 0.01, 0.0), (np.nan, np.inf, 0.0)])
    monkeypatch.setattr(moves, "_slope", lambda *_: next(slopes))
    values, errors, _ = _elasticities(_past(28), "clicks")
    between = 2 * 0.04 / 3
    own = between / (between + 0.01)
    known, unknown = own * 0.01 + (1 - own) ** 2 * (0.01 + between), 0.01 + between + between
    assert values == pytest.approx([0.2, 0.2])
    assert errors == pytest.approx([known**0.5, unknown**0.5])
    monkeypatch.setattr(moves, "_slope", lambda *_: (np.nan, np.inf, 0.0))
    with pytest.raises(NotEnoughData, match="no channel has traffic and GMV"):
        _elasticities(_past(28), "clicks")
