"""Days that are still incomplete: what has not arrived although it was promised is late, and no age is asked that cannot tell."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from core.base.days import Window, parse_day
from core.base.errors import NotEnoughData
from core.base.segment import EVERYTHING
from core.catalogue.metric_tree.metrics import Metric
from core.explanation.complete_days import last_complete_days, on_complete_days
from core.explanation.explain import explain
from core.explanation.explain_request import ExplainRequest
from core.workspace.read.cube_query import Clock
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load
from tests.explanation import test_bounds_of_requests
from tests.explanation.test_bounds_of_requests import CLICKS, DAY, NOW, REFUNDS, judged, request
from tests.explanation.test_bounds_of_requests import FIRST as FIRST_KNOWN

FIRST, DAYS, STRIKE = parse_day("2026-01-05"), 84, 70
WHOLE = FIRST + DAYS - 2
"""The last day that is over: of the one after it nothing is known after noon."""
MARKETS = ("ID", "PH", "TH")


def shop(folder: Path, usual: int) -> Path:
    """Sixty orders a day, ten promised in five days; one in ten a day late. From the strike on nothing arrives in PH."""
    start, end = date(2026, 1, 5), date(2026, 1, 5) + timedelta(DAYS)
    lines = ["order_id,ordered_at,market,gmv,paid_at,promised_by,delivered_at"]
    for number in range(DAYS):
        at = start + timedelta(number)
        for k in range(60):
            market = MARKETS[k % 3]
            promise = 5 if k % 6 == 0 else usual
            done = at + timedelta(promise + 1 if (k // 6 + number) % 10 == 0 else promise - 4)
            arrived = done < end and not (market == "PH" and number >= STRIKE)
            lines.append(
                f"{number}-{k},{at}T08:00:00,{market},10,{at}T08:05:00,{at + timedelta(promise)}T12:00:00,"
                + (f"{done}T12:00:00" if arrived else "")
            )
    (folder / "orders.csv").write_text("\n".join(lines))
    load(folder / "w.db", [folder / "orders.csv"])
    return folder / "w.db"


@pytest.fixture(scope="module")
def soon(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shop(tmp_path_factory.mktemp("soon"), usual=5)


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shop(tmp_path_factory.mktemp("slow"), usual=10)


def test_a_strike_shows_before_any_parcel_of_it_arrives(soon: Path) -> None:
    """Of the 20 orders a day in PH all are late at the age of seven days, of the 40 others four are: 24 of 60."""
    with Workspace.open(soon) as workspace:
        answer = explain(workspace, "late_delivery_rate", window=Window(FIRST + STRIKE, FIRST + DAYS - 1))
    assert answer.window == Window(FIRST + STRIKE, WHOLE - 7)
    assert answer.is_drop
    assert answer.actual == pytest.approx(24 / 60, abs=0.005)
    assert answer.expected == pytest.approx(6 / 60, abs=0.01)
    assert [str(part.where) for part in answer.segments] == ["market=PH"]
    assert answer.segments[0].actual == 1
    assert answer.p_value is not None
    assert answer.p_value < 0.001
    assert any("have not arrived count as late" in note for note in answer.notes)


def test_a_strike_is_on_without_a_window_too(soon: Path) -> None:
    with Workspace.open(soon) as workspace:
        answer = explain(workspace, "late_delivery_rate")
    assert answer.window == Window(FIRST + STRIKE, WHOLE - 7)
    assert [str(part.where) for part in answer.segments] == ["market=PH"]


def test_days_before_their_promised_day_tell_nothing(slow: Path) -> None:
    """At seven days what was promised in ten is not late yet, which is most: the days are those that are complete."""
    with Workspace.open(slow) as workspace:
        answer = explain(workspace, "late_delivery_rate", window=Window(FIRST + 56, FIRST + DAYS - 1))
        latest = explain(workspace, "late_delivery_rate")
    assert answer.window == Window(FIRST + 56, WHOLE - 14)
    assert answer.actual == pytest.approx(0.1, abs=0.01)
    assert answer.p_value is None
    assert latest.window == Window(WHOLE - 14 - 6, WHOLE - 14)
    assert any("still incomplete" in note for note in answer.notes)


def test_days_none_of_which_is_complete_are_compared_at_their_age(slow: Path) -> None:
    with Workspace.open(slow) as workspace:
        answer = explain(workspace, "late_delivery_rate", window=Window(FIRST + DAYS - 12, FIRST + DAYS - 1))
    assert answer.window == Window(FIRST + DAYS - 12, WHOLE - 7)


@pytest.mark.parametrize(("span", "window"), [((FIRST_KNOWN, 130), (124, 130)), ((128, 130), (128, 130))])
def test_by_default_the_last_week_that_is_known_is_asked_about(span: tuple[int, int], window: tuple[int, int]) -> None:
    """Nothing that is loaded says that exports ended before."""
    workspace = cast(
        Any,
        SimpleNamespace(span=Window(*span), newest_clock=131 * DAY - 1, measures=(), cube=request().workspace.cube),
    )

    def latest(metric: Metric, clock: Clock) -> Window:
        return last_complete_days(workspace, metric, EVERYTHING, clock)

    assert latest(CLICKS, "order") == Window(*window)
    workspace.span = Window(FIRST_KNOWN, 130)
    assert latest(REFUNDS, "order").last == 130 - min(REFUNDS.mature_after_days, 7)
    assert latest(REFUNDS, "event").last == 130
    workspace.newest_clock = 130 * DAY + DAY // 2
    assert latest(CLICKS, "order").last == 129, "half a day is none"


def test_of_incomplete_days_the_complete_part_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    """At an early age where that tells anything, else when nothing more is to come."""
    assert REFUNDS.mature_after_days > 7
    too_early = [123]

    def verdict(asked: ExplainRequest) -> Any:
        if asked.window.last in too_early:
            raise NotEnoughData("too early")
        return judged()

    monkeypatch.setattr(ExplainRequest, "judged", property(verdict))
    complete = NOW.last - REFUNDS.mature_after_days
    asked = replace(request(REFUNDS), window=Window(90, 126))
    assert on_complete_days(asked)[0].window == Window(90, complete)
    too_early.clear()
    asked = replace(request(REFUNDS), window=Window(110, 126))
    part, notes = on_complete_days(asked)
    assert part.window == Window(110, 123)
    assert len(notes) == 1
    assert notes[0].endswith(" on 5-7 May 1970 is still incomplete; the answer is for the days before")
    for unchanged in (
        request(REFUNDS, window=Window(110, 123)), request(REFUNDS, window=Window(124, 126)),
        request(CLICKS, window=Window(110, 130)),
        request(REFUNDS, window=Window(110, 126), clock="event"),
    ):  # fmt: skip
        assert on_complete_days(unchanged) == (unchanged, [])


@pytest.mark.parametrize(
    ("first", "known_at_4", "last"),
    [(123, 5.0, 123), (124, 5.0, 126), (126, 5.0, 126), (127, 5.0, 130), (124, 4.99, 125), (126, 4.99, 130)],
)
def test_days_too_young_for_either_age_are_those_of_which_half_is_known(
    monkeypatch: pytest.MonkeyPatch, first: int, known_at_4: float, last: int
) -> None:
    """Of ten refunds that are known a week later, five or hardly five are known four days later; the newest day is 130."""
    monkeypatch.setattr(ExplainRequest, "judged", property(lambda _: judged()))
    known = {None: 20.0, 7: 10.0, 6: 9.0, 5: 8.0, 4: known_at_4, 3: 2.0, 2: 1.0, 1: 0.5, 0: 0.0}
    cube = lambda names, days, *_, age: SimpleNamespace(total=lambda name: known[age])  # noqa: E731
    assert on_complete_days(request(REFUNDS, window=Window(first, 130), cube=cube))[0].window == Window(first, last)


def test_what_is_soon_complete_is_judged_at_its_age_where_that_tells_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    """Dispatches of three days: of the newest day, 130, nothing is known; up to 127 all is."""
    verdicts = {130: NotEnoughData("too early")}

    def verdict(asked: ExplainRequest) -> Any:
        if asked.window.last in verdicts:
            raise verdicts[asked.window.last]
        return judged()

    monkeypatch.setattr(ExplainRequest, "judged", property(verdict))
    asked = request(replace(REFUNDS, mature_after_days=3), window=Window(110, 130))
    part, notes = on_complete_days(asked)
    assert part.window == Window(110, 127)
    assert notes[0].endswith(" on 9-11 May 1970 is still incomplete; the answer is for the days before")
    verdicts.clear()
    assert on_complete_days(asked) == (asked, [])


def test_what_is_known_too_late_is_judged_when_complete(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of ten refunds five are known after a week: enough. Of ten fewer are not."""
    monkeypatch.setattr(ExplainRequest, "judged", property(lambda _: judged()))
    complete = NOW.last - REFUNDS.mature_after_days
    for known, last in ((5.0, 123), (4.99, complete)):
        monkeypatch.setattr(test_bounds_of_requests, "KNOWN_EARLY", known)
        for until in (123, 126):
            asked = request(REFUNDS, window=Window(90, until), measures=())
            assert on_complete_days(asked)[0].window == Window(90, last)
        assert last_complete_days(asked.workspace, REFUNDS, EVERYTHING, "order").last == last
    asked = request(REFUNDS, window=Window(90, complete))
    assert on_complete_days(asked) == (asked, [])


def test_what_is_known_early_is_learnt_from_eight_weeks_of_complete_days(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[Any] = []
    monkeypatch.setattr(ExplainRequest, "judged", property(lambda _: judged()))

    def cube(names: list[str], days: Window, *_: Any, age: int | None) -> Any:
        looked.append((tuple(names), days, age))
        return SimpleNamespace(total=lambda _: 1.0)

    asked = request(REFUNDS, window=Window(190, 196), span=Window(50, 200), newest_clock=201 * DAY - 1, cube=cube)
    on_complete_days(asked)
    last = 200 - REFUNDS.mature_after_days
    assert looked == [(("refunded_orders",), Window(last - 55, last), age) for age in (7, None)]
    looked.clear()
    on_complete_days(
        request(REFUNDS, window=Window(190, 196), span=Window(180, 200), newest_clock=201 * DAY - 1, cube=cube)
    )
    assert looked[0][1] == Window(180, 180)
