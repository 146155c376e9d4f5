"""The screen of cases: opened from Explain, agreed, judged, closed."""

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from shutil import copy

import pytest

from core.base.date_text import date_text
from core.base.days import iso
from core.base.segment import Segment
from core.reports.text_width import cell_width
from core.verification.case_results import CaseSubject, ExpectedEffect
from core.views.case_actions import Agreement, explained_subject, open_case, verify_case
from core.views.case_figures import case_figures
from core.views.case_list import CaseList, case_list
from core.views.metric_detail import MetricDetail
from core.workspace.read.workspace import Workspace
from core.workspace.schema import tables
from core.workspace.schema.cases import pinned_import
from core.workspace.schema.connection import open_read
from tests.screens.conftest import LAST, TH, WEEK, settled, text_of, type_in
from tests.verification.panels import series
from tests.verification.test_verify import SINCE, TREATED, _daily
from tui.app import Whydrop
from tui.explain_question import ExplainQuestion
from tui.screens.cases_screen import CasesScreen
from tui.screens.explain_screen import ExplainScreen
from tui.widgets.text_pane import TextPane


@pytest.fixture
def own(shop: Path, tmp_path: Path) -> Path:
    """A workspace that a test may write to."""
    return Path(copy(shop, tmp_path / "own.db"))


def cases(db: Path) -> CaseList:
    with Workspace.open(db) as workspace:
        return case_list(workspace)


@pytest.mark.usefixtures("explained")
async def test_a_case_is_opened_from_explain_once(own: Path) -> None:
    app = Whydrop(own)
    async with app.run_test(size=(100, 30)) as pilot:
        await app.explain(ExplainQuestion("gmv"))
        await settled(pilot)
        for _ in range(2):
            await pilot.press("p")
            await settled(pilot)
        await pilot.press("7")
        await settled(pilot)
        assert isinstance(app.screen, CasesScreen)
        screen = text_of(app)
        assert "1 case   0 due  1 open  0 judged  0 closed" in screen
        assert "GMV in market=TH: Payment provider outage" in screen
        assert "Fail over. (Payments)" in screen
        await pilot.press("enter")
        await settled(pilot)
        assert isinstance(app.screen, ExplainScreen)
        assert app.question == ExplainQuestion("gmv", WEEK, where=TH)
    (case,) = cases(own).cases
    assert (case.metric, case.where, case.onset, case.owner) == ("gmv", TH, WEEK.first, "Payments")


@pytest.mark.usefixtures("explained")
async def test_promise_note_and_closing_are_written_down(own: Path) -> None:
    open_case(own, CaseSubject(metric="gmv", where=TH))
    app = Whydrop(own)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("7")
        await settled(pilot)
        await pilot.press("a")
        await type_in(pilot, f"Fail over +5%..+10% {iso(LAST + 400)}")
        await settled(pilot)
        await pilot.press("e")
        await type_in(pilot, "talk to payments")
        await settled(pilot)
        assert "talk to payments" in text_of(app)
        await pilot.press("delete")
        await type_in(pilot, "not ours")
        await settled(pilot)
        for key in ("a", "delete"):
            await pilot.press(key)
            await settled(pilot)
            assert isinstance(app.screen, CasesScreen), "nothing is asked that a closed case refuses"
        assert "case-1 is closed: only notes can be added" in [note.message for note in app._notifications]
    (case,) = cases(own).cases
    assert (case.action, case.expected, case.judge_on) == ("Fail over", ExpectedEffect(0.05, 0.1), LAST + 400)
    assert ([note.text for note in case.notes], case.state) == (["talk to payments", "not ours"], "closed")


@pytest.mark.usefixtures("explained")
async def test_due_and_changed_cases_stand_on_top_of_the_overview(own: Path) -> None:
    open_case(own, CaseSubject(metric="gmv", where=TH), Agreement(since=WEEK.first, judge_on=LAST))
    app = Whydrop(own)
    async with app.run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        assert f"Due since {date_text(LAST)}: case-1, GMV in market=TH." in text_of(app)
        with closing(sqlite3.connect(own, isolation_level=None)) as connection:
            connection.execute("UPDATE case_records SET body = replace(body, '\"gmv\"', '\"orders\"')")
        await pilot.press("r")
        await settled(pilot)
        assert "case-1 was changed: its record 1" in text_of(app)
        await pilot.press("7")
        await settled(pilot)
        assert "case-1 was changed: its record 1" in text_of(app)


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a judged case: the action brought 15 %."""
    db = _daily(tmp_path_factory.mktemp("judged"), series(21, effect=0.15))
    agreement = Agreement(since=SINCE, judge_on=SINCE + 13, action="Longer hours", expected=ExpectedEffect(0.1, 0.2))
    open_case(db, CaseSubject(metric="sales", where=TREATED, onset=SINCE - 7), agreement)
    return db


async def test_a_due_case_is_judged_on_the_screen(judged: Path, tmp_path: Path) -> None:
    db = Path(copy(judged, tmp_path / "own.db"))
    app = Whydrop(db)
    async with app.run_test(size=(160, 40)) as pilot:
        await pilot.press("7")
        await settled(pilot)
        await pilot.resize_terminal(120, 40)
        await settled(pilot)
        pane = app.screen.query_one(TextPane)
        widest = max(cell_width(line) for line in pane.lines if " " in line)  # a hash does not break
        assert widest < pane.content_size.width < 60, "it is written for the width beside the chart"
        await pilot.press("V")
        await settled(pilot)
        await settled(pilot)
        assert "case-1 is judged: improved" in text_of(app)
        await pilot.press("escape")
        await settled(pilot)
        screen = text_of(app)
        assert "promise kept" in screen
        assert "░ expected without the action" in screen
        await pilot.press("x")
        await type_in(pilot, str(tmp_path / "cases.md"))
        await settled(pilot)
    assert "The promise was kept." in (tmp_path / "cases.md").read_text(encoding="utf-8")
    assert cases(db).cases[0].state == "judged"


def test_the_plot_shows_actual_and_counterfactual(judged: Path, tmp_path: Path) -> None:
    db = Path(copy(judged, tmp_path / "own.db"))
    judgement = verify_case(db, "1")
    with Workspace.open(db) as workspace:
        figures = case_figures(workspace, judgement.case)
    counted = [value for value in figures.counterfactual if value == value]
    assert counted == [point.counterfactual for point in judgement.result.series]
    assert len(figures.actual) == len(figures.days) == len(figures.low) == 42 + 7 + 14
    assert figures.actual[-2] == pytest.approx(judgement.result.series[-1].actual)


def test_an_explanation_of_everything_is_about_its_one_segment(metric_detail: MetricDetail) -> None:
    answer = metric_detail.explanation
    assert explained_subject(answer, ()).where == TH
    unsure = replace(answer, segments=(replace(answer.segments[0], confidence=0.2),))
    assert explained_subject(unsure, ()).where == Segment()
    other = replace(answer.segments[0], where=Segment.parse("market=ID"))
    cause = replace(answer.causes[0], where=TH, score=0.95)
    two = replace(answer, segments=(other, answer.segments[0]), causes=(cause,))
    assert explained_subject(two, ()).where == TH, "of two segments that of the cause"
    assert explained_subject(replace(two, causes=()), ()).where == Segment()


def test_pinned_findings_of_an_older_workspace_become_cases(own: Path, metric_detail: MetricDetail) -> None:
    answer = metric_detail.explanation.to_dict()
    pinned = {"id": "1", "state": "likely", "note": "mine", "command": "", "words": ["gmv fell."], "told": answer}
    path = pinned_import.path_of(own)
    path.write_text(json.dumps({"schema": "whydrop.findings/1", "findings": [pinned, pinned]}), encoding="utf-8")
    with closing(sqlite3.connect(own, isolation_level=None)) as connection:
        connection.execute("DROP TABLE case_records")
        connection.execute("DELETE FROM _sqlite_migrations WHERE name = '4 cases'")
        connection.execute("PRAGMA user_version = 3")
    before = path.read_bytes()
    for _ in range(2):
        found = cases(own)
        assert [(case.id, case.metric, case.onset, case.window, case.owner) for case in found.cases] == [
            (name, "gmv", WEEK.first, WEEK, "Payments") for name in ("case-1", "case-2")
        ]
        assert found.cases[0].notes[0].text == "Pinned as likely. mine"
        assert (found.cases[0].words, found.faults) == (("gmv fell.",), ())
    assert path.read_bytes() == before
    with closing(open_read(own)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (tables.SCHEMA_VERSION,)


def test_a_file_that_is_no_list_of_findings_brings_none_and_stays(tmp_path: Path) -> None:
    path = pinned_import.path_of(tmp_path / "a.db")
    for text in ("not JSON", json.dumps({"schema": "other/1", "findings": []}), json.dumps({"findings": 3}), "[]"):
        path.write_text(text, encoding="utf-8")
        assert pinned_import.drafts(tmp_path / "a.db", "2026-03-15T00:00:00+00:00") == ()
        assert path.read_text(encoding="utf-8") == text
