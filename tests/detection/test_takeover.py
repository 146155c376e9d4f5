"""New values that take over from others: a fall of the old ones is no loss, and what the roll-out broke is seen all the same."""

from pathlib import Path

import numpy as np
import pytest

from core.base.days import Window, iso
from core.base.segment import EVERYTHING, Segment
from core.cube.takeover import swapped, took_over
from core.detection.forecast import taken_over as lately
from core.detection.forecast.panel_build import SliceSums
from core.explanation.explain import explain
from core.incidents.kept_incidents import find_incidents
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load

FIRST, DAYS, ON = 20_000, 84, 9
LAST = FIRST + DAYS - 1
PLATFORMS = {"android": 5000, "ios": 3000}


@pytest.mark.parametrize(
    ("now", "new"),
    [
        ([60.0, 20.0, 20.0], [2]),
        ([60.0, 20.0, 14.0], []),  # less than 15 % of the whole
        ([80.0, 11.0, 20.0], []),  # the others lost less than half of it
        ([40.0, 19.0, 20.0], []),  # they lost more than twice as much
        ([41.0, 19.0, 20.0], [2]),
        ([60.0, 20.0, 0.0], []),
    ],
)
def test_what_is_a_takeover(now: list[float], new: list[int]) -> None:
    before, after = np.array([80.0, 20.0, 0.0]), np.array(now)
    assert np.flatnonzero(took_over(2 * before, 2 * after)).tolist() == new


def test_values_that_were_there_or_come_and_go_take_over_nothing() -> None:
    assert not took_over(np.array([80.0, 3.0]), np.array([60.0, 23.0])).any(), "it grew from more than a tenth"
    before, now = np.r_[np.full(21, 5.0), np.zeros(21)], np.r_[np.zeros(21), np.full(21, 5.0)]
    assert not took_over(before, now).any(), "42 values"
    assert took_over(before[1:], now[1:]).sum() == 21
    assert not took_over(np.array([80.0, 0.0]), np.array([50.0, 29.0])).any(), "fewer than 30 may be chance"


@pytest.mark.parametrize("kept", [1.0, 0.6], ids=["sound", "broken on android"])
def test_a_version_that_is_rolled_out(tmp_path: Path, kept: float) -> None:
    """The new version takes 45 % of the users; where it is broken, a user of it on android has 60 % of the sessions."""
    rng = np.random.default_rng(8)
    lines = ["day,platform,version,users,sessions"]
    for day in range(FIRST, LAST + 1):
        versions = {"2.3": 1.0} if day <= LAST - ON else {"2.3": 0.55, "2.4": 0.45}
        for platform, usual in PLATFORMS.items():
            for version, share in versions.items():
                users = rng.poisson(usual * share)
                broken = version == "2.4" and platform == "android"
                lines.append(
                    f"{iso(day)},{platform},{version},{users},{rng.poisson(3 * users * (kept if broken else 1))}"
                )
    (tmp_path / "users.csv").write_text("\n".join(lines) + "\n")
    load(tmp_path / "w.db", [tmp_path / "users.csv"])
    with Workspace.open(tmp_path / "w.db") as workspace:
        scan = find_incidents(workspace)
        findings = [(item.metric, item.where) for item in scan.findings]
        assert [note.split(":")[0] for note in scan.notes] == ["version"]
        assert findings == ([] if kept == 1 else [("sessions", Segment.parse("platform=android"))])
        answer = explain(workspace, "sessions", window=Window(LAST - ON + 1, LAST))
    assert answer.is_drop is (kept < 1)
    assert "version does not locate the change: 2.4 replaced other values" in answer.notes


@pytest.mark.parametrize(
    ("now", "winner"),
    [
        ([8.0, 6.0, 86.0], [2]),
        ([38.0, 8.0, 54.0], []),  # a quarter of the whole
        ([8.0, 6.0, 76.0], [2]),  # 46 of 56
        ([8.0, 6.0, 67.0], []),  # 37 of 56
        ([30.0, 35.0, 45.0], []),  # two won it
        ([8.0, 45.0, 61.0], [1, 2]),  # more than half of the whole
        ([20.0, 0.0, 80.0], [2]),
        ([30.0, 0.0, 70.0], []),  # a quarter of it was lost elsewhere
    ],
)
def test_what_one_value_won_of_another(now: list[float], winner: list[int]) -> None:
    assert np.flatnonzero(swapped(np.array([60.0, 10.0, 30.0]), np.array(now))).tolist() == winner
    assert not swapped(np.array([6.0, 1.0, 3.0]), np.array(now) / 10).any(), "fewer than 30 may be chance"


@pytest.mark.parametrize("wait", [25, 3])
def test_young_sales_wait_for_their_state_and_hide_no_fall(tmp_path: Path, wait: int) -> None:
    """Sales are approved after some days; those of one country halved."""
    rng = np.random.default_rng(9)
    lines = ["action id,action date,country,state,amount"]
    for day in range(FIRST, LAST + 1):
        for country, usual in {"DE": 60, "SE": 30, "GB": 50}.items():
            count = rng.poisson(usual * (0.5 if country == "SE" and day > LAST - ON else 1))
            states = rng.choice(["pending", "approved"], count, p=[0.92, 0.08] if day > LAST - wait else [0.15, 0.85])
            lines += [f"S{len(lines) + at},{iso(day)},{country},{state},20" for at, state in enumerate(states)]
    (tmp_path / "sales.csv").write_text("\n".join(lines) + "\n")
    load(tmp_path / "w.db", [tmp_path / "sales.csv"])
    with Workspace.open(tmp_path / "w.db") as workspace:
        scan = find_incidents(workspace)
        findings = [(item.metric, str(item.where)) for item in scan.findings]
    assert [note.split(":")[0] for note in scan.notes] == ["state"]
    assert findings == [("amount", "country=SE")]


@pytest.mark.parametrize(("weeks", "is_new"), [(1, True), (6, True), (7, False)])
def test_a_value_is_new_for_six_weeks(weeks: int, is_new: bool) -> None:
    old, new = np.full(12, 100.0), np.zeros(12)
    old[:weeks], new[:weeks] = 60, 40
    assert lately._took_over_lately(np.stack([old, new]), is_count=True) is is_new


@pytest.mark.parametrize(("days", "is_young"), [(0, False), (1, True), (3, True), (5, True)])
def test_the_last_days_wait_for_their_state(days: int, is_young: bool) -> None:
    done, waiting = np.full(50, 90.0), np.full(50, 10.0)
    done[50 - days :], waiting[50 - days :] = 10, 90
    assert lately._swapped_lately(np.stack([done, waiting]), is_count=True) is is_young
    few = np.stack([done, waiting])
    assert lately._swapped_lately(few[:, -18:], is_count=True) is is_young
    assert not lately._swapped_lately(few[:, -17:], is_count=True), "no week to compare with"
    assert not lately._took_over_lately(few[:, :0], is_count=True)


@pytest.mark.parametrize(("weeks", "is_young"), [(0, True), (1, True), (2, False)])
def test_most_weeks_must_differ_from_the_last_days(weeks: int, is_young: bool) -> None:
    """Of five weeks some had the same three days already."""
    done = np.full(50, 90.0)
    for end in (50, 36, 29)[: weeks + 1]:
        done[end - 3 : end] = 10
    assert lately._swapped_lately(np.stack([done, 100 - done]), is_count=True) is is_young


def test_a_takeover_is_seen_against_two_weeks_before_the_last_two() -> None:
    weeks = np.array([[60.0, 80, 100, 100], [40.0, 20, 0, 0]])
    assert lately._took_over_lately(weeks, is_count=True)
    assert not lately._took_over_lately(weeks[:, :3], is_count=True)
    assert lately._by_week(np.arange(16.0)[None]).tolist() == [
        [9 + 10 + 11 + 12 + 13 + 14 + 15, 2 + 3 + 4 + 5 + 6 + 7 + 8]
    ]


def test_a_few_amounts_of_unequal_size_take_over_nothing_where_they_are_counted() -> None:
    rng = np.random.default_rng(1)
    where = tuple(Segment.of({"device": name}) for name in "ab")
    for _ in range(20):
        refunds = rng.poisson([[1.2], [0.8]], (2, 112)).astype(float)
        amounts = rng.lognormal(3, 1, refunds.shape) * refunds
        slices = SliceSums(where, {"refunds": refunds, "refund_amount": amounts})
        assert not lately.taken_over(slices, EVERYTHING, {"refunds"})


def test_what_went_wrong_in_one_depot_and_then_in_another_takes_over_nothing(tmp_path: Path) -> None:
    """Of 400 parcels a day each 100 come late in Ulm, then in Bonn, else 4: both depots work on."""
    lines = ["date,depot,deliveries,late_deliveries"]
    for day in range(FIRST, LAST + 1):
        bad = "Bonn" if day > LAST - 14 else "Ulm"
        lines += [
            f"{iso(day)},{depot},{400 + day % 7},{100 if depot == bad else 4}" for depot in ("Ulm", "Bonn", "Jena")
        ]
    (tmp_path / "depots.csv").write_text("\n".join(lines))
    load(tmp_path / "w.db", [tmp_path / "depots.csv"])
    with Workspace.open(tmp_path / "w.db") as workspace:
        assert not [note for note in find_incidents(workspace).notes if note.startswith("depot:")]


@pytest.mark.parametrize(("state", "taken_over"), [("unpaid", ["status"]), ("failed", [])])
def test_young_rows_in_a_state_that_they_leave_lost_nothing(state: str, taken_over: list[str]) -> None:
    """Of 100 orders a day half are unpaid on the last two days, and 10 later; of those that failed, 40 more are a fault."""
    bad = np.where(np.arange(56) >= 54, 50.0, 10.0)
    where = (Segment.of({"status": "paid"}), Segment.of({"status": state}))
    slices = SliceSums(where, {"orders": np.array([100 - bad, bad])})
    assert sorted(lately.taken_over(slices, EVERYTHING, {"orders"})) == taken_over
