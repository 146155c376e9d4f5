"""What screens and commands show of a workspace: figures counted by hand."""

from math import isnan
from pathlib import Path
from shutil import copy

import pytest

from core.base.days import Window, iso, parse_day
from core.base.errors import UsageError
from core.base.segment import EVERYTHING, Segment
from core.catalogue.rating_rules import packaged
from core.channels.channels import channels
from core.verification.case_results import CaseSubject, ExpectedEffect
from core.views.case_actions import Agreement, close_case, note_case, open_case, open_cases, verify_case
from core.views.case_figures import case_figures
from core.views.case_list import CaseList, case_list
from core.views.change_note import add_note
from core.views.complaint_texts import complaint_texts
from core.views.daily_range import daily_range
from core.views.funnel_view import daily_gmv, funnel
from core.views.metric_detail import _around, metric_detail
from core.views.metric_series import series
from core.views.overview import overview
from core.views.standings.leaderboard_build import leaderboard
from core.views.standings.scorecard_checks import is_sure
from core.workspace.read.workspace import Workspace
from core.workspace.schema.cases.case_chain import ChainFault
from tests.views.conftest import DAYS, LAST

TH = Segment.of({"market": "TH"})
WEEK = Window(LAST - 6, LAST)


def test_the_overview_has_the_newest_complete_week_worst_first(workspace: Workspace) -> None:
    shown = overview(workspace)
    rows = {row.metric: row for row in shown.rows}
    clicks = rows["clicks"]
    waves = sum(2 * (day % 3) for day in range(DAYS - 7, DAYS))
    assert (clicks.window, clicks.actual, clicks.incomplete) == (WEEK, 7 * 120 + waves, 0)
    assert clicks.is_drop
    assert clicks.expected == pytest.approx(7 * 152, rel=0.01)
    assert clicks.change == pytest.approx(clicks.actual - clicks.expected)
    assert clicks.change_pct == pytest.approx(clicks.change / clicks.expected)
    assert clicks.worse_by > 0
    assert len(clicks.values) == 42
    assert clicks.values[-1] == 120 + 2 * ((DAYS - 1) % 3)
    assert [row.is_drop for row in shown.rows] == sorted((row.is_drop for row in shown.rows), reverse=True)
    refunds = rows["refund_rate"]
    assert refunds.window.last == LAST - workspace.metric("refund_rate").mature_after_days
    assert refunds.incomplete == LAST - refunds.window.last > 0
    assert [event.event_id for event in shown.events] == ["e2", "e1"], "the newest first; that of January is too old"
    assert (shown.span, shown.currency) == (Window(LAST - DAYS + 1, LAST), "USD")
    late = [row.metric for row in shown.rows if row.window.last < LAST]
    new = [row.metric for row in shown.rows if isnan(row.expected)]
    assert shown.notes == (
        f"waiting for late-arriving data: {len(late)} metrics with incomplete newest days",
        f"no expected value: {len(new)} metrics with too little history",
    )
    in_th = overview(workspace, window=WEEK, where=TH)
    asked = {row.metric: row for row in in_th.rows}
    assert in_th.notes[0] == f"no expected value: {len(late)} metrics with incomplete days"
    assert asked["clicks"].actual == 7 * 20 + waves / 2
    assert isnan(asked["refund_rate"].expected), "days that are incomplete have no expected value"


def test_a_series_has_a_row_for_each_day_and_slice(workspace: Workspace) -> None:
    two = Window(LAST - 1, LAST)
    by_market = series(workspace, "gmv", two, EVERYTHING, ("market", "market"))
    assert by_market.rows() == [
        {"day": iso(day), "market": market, "value": value}
        for day in (LAST - 1, LAST)
        for market, value in (("ID", 60), ("TH", 40))
    ]
    (row, _) = series(workspace, "ctr", two, TH).rows()
    assert row == {"day": iso(LAST - 1), "value": (20 + (DAYS - 2) % 3) / 500}
    shares = series(workspace, "new_buyer_share", two, EVERYTHING).rows()
    assert [row["value"] for row in shares] == [0, 0], "each day has its only buyer"


def test_an_explanation_stands_among_its_days(workspace: Workspace) -> None:
    detail = metric_detail(workspace, "clicks", window=WEEK)
    assert detail.closes
    assert detail.values[-1] == 120 + 2 * ((DAYS - 1) % 3)
    assert len(detail.values) == len(detail.low) == len(detail.high) == len(detail.days)
    assert detail.days.last == LAST
    began = detail.explanation.onset.day - detail.days.first
    assert all(map(isnan, detail.low[:began]))
    assert not any(map(isnan, detail.low[began:]))
    assert [event.event_id for event in detail.events] == ["e1", "e2"]
    assert (detail.is_ratio, detail.span) == (False, Window(LAST - DAYS + 1, LAST))


@pytest.mark.parametrize(
    ("window", "span", "days"),
    [
        (Window(193, 199), Window(0, 199), Window(158, 199)),
        (Window(100, 106), Window(0, 199), Window(72, 113)),
        (Window(140, 199), Window(0, 199), Window(80, 199)),
        (Window(5, 11), Window(0, 12), Window(0, 12)),
    ],
)
def test_a_window_has_days_before_and_after_it(window: Window, span: Window, days: Window) -> None:
    """Six weeks in all; a week after it, two weeks before it at least, and of a long one as many as it has."""
    assert _around(window, span) == days


def test_a_range_of_days_holds_usual_ones_alone(workspace: Workspace) -> None:
    low, high = daily_range(workspace, "clicks", EVERYTHING, Window(LAST - 8, LAST - 6))
    values = [150 + 2 * ((DAYS - 9) % 3), 150 + 2 * ((DAYS - 8) % 3), 120 + 2 * ((DAYS - 7) % 3)]
    assert [left <= value <= right for left, value, right in zip(low, values, high, strict=True)] == [True, True, False]
    low, high = daily_range(workspace, "ctr", EVERYTHING, Window(LAST - 8, LAST - 6))
    rates = [value / (1500 + (DAYS - 9 + at) % 3) for at, value in enumerate(values)]
    assert [left <= rate <= right for left, rate, right in zip(low, rates, high, strict=True)] == [True, True, False]
    early = daily_range(workspace, "clicks", EVERYTHING, Window(LAST - DAYS + 4, LAST - DAYS + 5))
    assert all(isnan(end) for ends in early for end in ends)


def test_channels_by_day_add_up(workspace: Workspace) -> None:
    shown = funnel(workspace, window=WEEK)
    assert shown.currency == "USD"
    assert {"refund_rate"} <= shown.incomplete
    assert "clicks" not in shown.incomplete
    daily = daily_gmv(workspace, channels(workspace, window=WEEK))
    assert (daily.days, set(daily.total)) == (Window(LAST - 55, LAST), {100.0})
    assert {name: set(values) for name, values in daily.by_channel.items()} == {"live": {60.0}, "video": {40.0}}
    assert [event.event_id for event in daily.events] == ["e3", "e1", "e2"]


def test_complaints_come_newest_first_without_addresses(workspace: Workspace) -> None:
    texts = complaint_texts(workspace, WEEK)
    assert [(text.review_id, text.rating, text.day) for text in texts] == [
        ("r2", 2, parse_day("2026-03-12")),
        ("r1", 1, parse_day("2026-03-10")),
    ]
    assert texts[0].themes == ("delivery", "quality")
    assert "me@shop.com" not in texts[1].text


def test_ratings_are_compared_with_four_weeks_before(workspace: Workspace) -> None:
    board = leaderboard(workspace, "creators", packaged())
    assert (board.as_of, board.since) == (LAST, LAST - 28)
    assert {board.leader(card).id for card in range(board.size)} == {"c0", "c1", "c2", "c3"}
    first = LAST - DAYS + 1
    assert leaderboard(workspace, "creators", packaged(), first + 20).since == first, "no further back than the data"
    with pytest.raises(UsageError, match="the day to compare with is after"):
        leaderboard(workspace, "creators", packaged(), LAST - 5, LAST - 4)


def test_a_grade_is_sure_where_the_whole_interval_is_inside() -> None:
    grades = {"A": 80.0, "B": 60.0, "C": 0.0}
    inside = [(0, 80.0, 99.0), (1, 60.0, 79.9), (2, 0.0, 59.0), (-1, 0.0, 100.0)]
    outside = [(0, 79.9, 99.0), (1, 60.0, 80.0), (1, 59.0, 70.0), (2, 10.0, 60.0)]
    assert [is_sure(grades, *card) for card in (*inside, *outside)] == [True] * 4 + [False] * 4


@pytest.fixture
def own(shop: Path, tmp_path: Path) -> Path:
    """A workspace that a test may write to."""
    return Path(copy(shop, tmp_path / "own.db"))


def test_a_case_keeps_what_is_agreed(own: Path) -> None:
    subject = CaseSubject(metric="clicks", where=TH, finding="f1", action="Retry", owner="Payments", onset=WEEK.first)
    case = open_case(own, subject, Agreement(since=LAST - 3, expected=ExpectedEffect(0.05, 0.1)))
    assert (case.action, case.owner, case.since, case.state) == ("Retry", "Payments", LAST - 3, "open")
    assert case.judge_on == LAST - 3 + 14, "two weeks; clicks are complete at once"
    with pytest.raises(UsageError, match="case-1 is about the same finding"):
        open_case(own, subject)
    with pytest.raises(UsageError, match="is not after the first day of the action"):
        note_case(own, "1", "", Agreement(judge_on=LAST - 3))
    with pytest.raises(UsageError, match="nothing to write down"):
        note_case(own, "1", "", Agreement())
    changed = note_case(own, "1", "asked them", Agreement(owner="Ops"))
    assert (changed.owner, changed.action, changed.notes[0].text) == ("Ops", "Retry", "asked them")
    with Workspace.open(own) as workspace:
        figures = case_figures(workspace, changed)
    assert figures.days == Window(WEEK.first - 42, LAST)
    assert figures.actual[-1] == 20 + (DAYS - 1) % 3
    assert all(isnan(value) for values in (figures.counterfactual, figures.low, figures.high) for value in values)
    assert close_case(own, "case-1", "done").state == "closed"
    for again, fault in (
        (lambda: close_case(own, "1", ""), "case-1 is closed already"),
        (lambda: verify_case(own, "1"), "case-1 is closed. Open a new case to judge it again."),
        (lambda: note_case(own, "1", "", Agreement(owner="x")), "its promise cannot change any more"),
    ):
        with pytest.raises(UsageError, match=fault):
            again()
    assert note_case(own, "1", "a late note", Agreement()).notes[-1].text == "a late note"
    assert open_case(own, subject).id == "case-2", "the first one is closed"
    faults = tuple(ChainFault(at, case, "changed") for at, case in enumerate(("", "case-1", "case-2")))
    assert CaseList((changed,), faults).faults_of(changed) == faults[:2], "its own, and those of the whole chain"


def test_cases_are_opened_all_or_none(own: Path) -> None:
    for words, opened in ((["clicks", "nonsense"], 0), (["clicks", "gmv"], 2)):
        if not opened:
            with pytest.raises(UsageError, match="no metric 'nonsense'"):
                open_cases(own, words, Agreement(), lambda *_: ())
        else:
            assert [case.where for case in open_cases(own, words, Agreement(), lambda *_: (), TH)] == [TH, TH]
        with Workspace.open(own) as workspace:
            assert len(case_list(workspace).cases) == opened


def test_a_note_is_an_event_of_the_change_log(own: Path) -> None:
    event = add_note(own, title=" New page ", window=WEEK, kind="release", owner=" Web ", where=TH)
    assert (event.title, event.owner, event.window, event.where) == ("New page", "Web", WEEK, TH)
    again = add_note(own, title="New page", window=WEEK, kind="release", owner="Web", where=TH)
    assert again.event_id == event.event_id
    one_day = add_note(own, title="Day", window=Window(LAST, LAST), kind="other", owner="", where=EVERYTHING)
    assert one_day.ends_at is None
    for where in (Segment.of({"market": ["ID", "TH"]}), Segment.of({"product_id": "p1"})):
        with pytest.raises(UsageError, match="the scope of an event has one value of"):
            add_note(own, title="x", window=WEEK, kind="release", owner="", where=where)
    for title, kind, fault in ((" ", "release", "a note needs a text"), ("x", "relaese", "Did you mean release?")):
        with pytest.raises(UsageError, match=fault):
            add_note(own, title=title, window=WEEK, kind=kind, owner="", where=TH)
