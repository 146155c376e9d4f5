"""What ratings promised beside what came true, of worlds whose truth is known."""

import random
from pathlib import Path

import numpy as np

from core.base.segment import EVERYTHING
from core.catalogue.rating_rules import packaged
from core.ecosystem import activity
from core.ecosystem.fairness.calibration import _ratio, calibrations
from core.ecosystem.fairness.score_history import standing
from core.ecosystem.health_results import Calibration
from core.workspace.read.workspace import Workspace
from tests.ratings import shop
from tests.ratings.shop import saved

DAYS = 112


def groups(folder: Path, changes: bool) -> dict[str, Calibration]:
    """Creators of two markets with a tenth of bad orders; where `changes`, those of TH have four tenths in the last 28 days."""
    rng, rows = random.Random(9), []
    for number in range(60 * 80):
        creator, day = number % 60, rng.uniform(0, DAYS)
        market = "TH" if creator % 2 else "ID"
        row = shop.order(number, day, f"C{creator}", market=market)
        chance = 0.4 if changes and market == "TH" and day > DAYS - 32 else 0.1
        back = day + 4 + rng.expovariate(1 / 4)
        if rng.random() < chance and back < DAYS:
            row |= {"refunded_at": shop.moment(back), "refund_amount": "10.00", "refund_reason": "not_as_described"}
        if day + 4 > DAYS:
            row["delivered_at"] = ""
        rows.append(row)
    with Workspace.open(saved(folder, {"orders": rows})) as workspace:
        (creators, *_), rules = activity.read(workspace, workspace.span.last, EVERYTHING), packaged()
        found = calibrations(standing(workspace, creators, rules, EVERYTHING))
        return {one.value: one for one in found if one.group == "market"}


def test_who_stays_the_same_is_promised_right(tmp_path: Path) -> None:
    for one in groups(tmp_path, changes=False).values():
        assert one.cases > 400
        assert one.interval is not None
        assert one.interval[0] < 1 < one.interval[1]
        assert 0.7 < one.ratio < 1.35


def test_who_got_worse_was_rated_too_well(tmp_path: Path) -> None:
    found = groups(tmp_path, changes=True)
    assert found["TH"].interval is not None
    assert found["TH"].interval[0] > 1.5
    assert found["TH"].ratio > 2 * found["ID"].ratio


def test_intervals_cover_where_persons_differ() -> None:
    random_, covered = np.random.default_rng(3), 0
    for _ in range(300):
        expected = random_.lognormal(1, 0.7, 40)
        observed = random_.poisson(expected * random_.gamma(5, 1 / 5, 40)).astype(float)
        interval = _ratio(observed, expected, np.arange(40))[1]
        assert interval is not None
        covered += interval[0] <= 1 <= interval[1]
    assert 270 <= covered <= 298
