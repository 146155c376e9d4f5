"""Penalties and appeals against counts from the rows."""

import csv
from datetime import date, timedelta
from statistics import median
from typing import NamedTuple

import numpy as np
import pytest

from core.base.days import parse_day
from core.base.segment import EVERYTHING, Segment
from core.ecosystem.penalties import _claim, penalties
from core.ecosystem.proportions import fisher, newcombe
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load

FIRST, LAST = date(2026, 1, 5), date(2026, 6, 30)


class Violation(NamedTuple):
    """One row of the export."""

    age: int
    """Days before the last one."""
    waits: int | None
    """Days until it is overturned."""
    creator: str
    policy: str
    market: str


def violations() -> list[Violation]:
    rng = np.random.default_rng(9)
    rows = []
    for age in [*rng.integers(0, 140, 400).tolist(), 27, 28, 55, 56, 111, 112]:
        # of late appeals succeed more often
        waits = int(rng.integers(1, 40)) if rng.random() < (0.7 if age < 56 else 0.2) else None
        policy = ("fake", "misleading", "")[int(rng.integers(3))]
        rows.append(Violation(age, waits, f"C{rng.integers(30)}", policy, ("ID", "TH")[int(rng.integers(2))]))
    return rows


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = tmp_path_factory.mktemp("penalties")
    rows = []
    for at, one in enumerate(violations()):
        day = LAST - timedelta(days=one.age)
        gone = "" if one.waits is None else f"{day + timedelta(days=one.waits)}T08:00:00"
        rows.append([f"V{at}", f"{day}T10:00:00", one.policy, 2, gone, one.creator, one.market])
    with (folder / "violations.csv").open("w", newline="", encoding="utf-8") as file:
        header = ["violation_id", "occurred_at", "policy", "points", "overturned_at", "creator_id", "market"]
        csv.writer(file).writerows([header, *rows])
    load(folder / "w.db", [folder / "violations.csv"])
    return Workspace.open(folder / "w.db")


@pytest.mark.parametrize("where", [EVERYTHING, Segment.parse("market=TH")])
def test_penalties_are_those_of_the_rows(workspace: Workspace, where: Segment) -> None:
    rows = [one for one in violations() if where == EVERYTHING or one.market == "TH"]
    now, both = [one for one in rows if one.age < 28], [one for one in rows if one.age < 56]
    gone = [one.waits for one in both if one.waits is not None and one.waits <= one.age]
    found = penalties(workspace, "creators", parse_day(str(LAST)), where)
    assert found is not None
    result, claim = found
    assert (result.now, result.before) == (len(now), len(both) - len(now))
    assert result.members == len({one.creator for one in now})
    assert result.overturned == len(gone)
    assert result.overturned_share == pytest.approx(len(gone) / len(both))
    assert result.median_days == median(gone)
    counts = {name: sum((one.policy or "(not given)") == name for one in now) for name in result.policies}
    assert dict(result.policies) == counts
    assert sum(counts.values()) == len(now)
    assert list(counts.values()) == sorted(counts.values(), reverse=True)
    assert claim is not None
    shares = [
        np.mean([one.waits is not None and one.waits <= min(28, one.age) for one in rows if low <= one.age < high])
        for low, high in ((28, 56), (56, 112))
    ]
    assert [claim.now, claim.before] == pytest.approx(shares)
    assert claim.is_worse
    assert claim.p_value < 0.01
    assert penalties(workspace, "sellers", parse_day(str(LAST)), where) is None
    assert penalties(workspace, "creators", parse_day(str(LAST + timedelta(days=56))), where) is None, "all are older"
    assert penalties(workspace, "creators", parse_day(str(LAST + timedelta(days=55))), where) is not None


def test_no_appeals_are_compared_where_most_do_not_say_when() -> None:
    """A violation each day, each second one overturned: at a day of its own, or on that of the violation where none is given."""
    day = np.arange(1, 113)
    for dated, is_claimed in ((56, True), (29, True), (28, False), (0, False)):
        gone = np.where(day % 2 == 0, day + np.where(day <= 2 * dated, 3, 0), 0)
        assert (_claim("creators", 112, day, gone) is not None) == is_claimed
    assert _claim("creators", 112, day, np.zeros(112, np.int64)) is None, "none was overturned"


def test_few_violations_have_no_share_and_a_past_day_knows_no_later_appeal(workspace: Workspace) -> None:
    day = LAST - timedelta(days=108)
    rows = [one for one in violations() if one.age >= 108]
    before = sum(one.age >= 136 for one in rows)
    found = penalties(workspace, "creators", parse_day(str(day)), EVERYTHING)
    assert found is not None
    result, claim = found
    assert (result.now, result.before, claim) == (len(rows) - before, before, None)
    known = sum(one.waits is not None and one.waits <= one.age - 108 for one in rows)
    assert result.overturned == known
    assert (result.overturned_share is None) == (len(rows) < 10)


def test_an_appeal_within_28_days_counts_whatever_came_later() -> None:
    """A violation each day; every second of 28 to 55 days ago is overturned, every fourth older one: after 28 days, or 29."""
    as_of = 1000
    day = np.arange(as_of - 111, as_of + 1)
    age = as_of - day
    for waits, is_quick in ((28, True), (29, False)):
        gone = np.where(np.where(age < 56, age % 2 == 0, age % 4 == 0), day + waits, 0)
        claim = _claim("creators", as_of, day, gone)
        assert claim is not None
        now, before = ((14, 28), (14, 56)) if is_quick else ((0, 28), (0, 56))
        assert (claim.now, claim.before) == (now[0] / 28, before[0] / 56)
        assert claim.effect == now[0] / 28 - before[0] / 56
        assert claim.interval == newcombe(now, before)
        assert (claim.p_value, claim.is_worse) == (fisher(now, before), is_quick)
        assert claim.onset == as_of - 55
    few = age < 66
    assert _claim("creators", as_of, day[few], gone[few]) is not None, "ten before"
    assert _claim("creators", as_of, day[age < 65], gone[age < 65]) is None
