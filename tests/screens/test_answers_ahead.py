"""While the Overview is read, what the other tabs ask is answered: they open at once."""

from pathlib import Path
from sqlite3 import DatabaseError
from typing import Any

import pytest

from core.workspace.read.workspace import Workspace
from tests.screens.conftest import settled
from tui import answers_ahead
from tui.app import Whydrop


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """What is asked of the workspace of answers that are kept."""
    questions: set[str] = set()
    kept = Workspace.kept

    def spied(workspace: Workspace, question: Any, *more: Any) -> Any:
        words = tuple(question)
        questions.add(repr(words))
        return kept(workspace, words, *more)

    monkeypatch.setattr(Workspace, "kept", spied)
    return questions


async def test_every_tab_is_answered_before_it_is_opened(
    market: Path, asked: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = Whydrop(market)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        asked.clear()
        for key in "2345678":
            await pilot.press(key)
            await settled(pilot)
    of_tabs = set(asked)
    assert {question.split("'")[1] for question in of_tabs} >= {"explain", "channels", "leaderboard", "health", "voice"}
    monkeypatch.setattr("tui.screens.overview_screen.answer_ahead", answers_ahead.answer_ahead)
    asked.clear()
    async with Whydrop(market).run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert of_tabs - asked == set()
        asked.clear()
        await pilot.press("r")  # after a load, say
        await settled(pilot)
        assert of_tabs - asked == set()


async def test_where_answers_are_not_kept_nothing_is_asked_ahead(
    shop: Path, asked: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.workspace.read.blocks.cache._LEAST_BYTES", 1 << 40)
    answers_ahead.answer_ahead(shop, [], lambda: False)
    assert asked == set()


def test_what_a_tab_cannot_answer_stops_nothing(shop: Path, asked: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A workspace without orders has no ratings."""
    answers_ahead.answer_ahead(shop, [], lambda: False)
    assert any("checks" in question for question in asked)


def test_damage_is_left_to_the_tab_that_meets_it_and_a_fault_of_the_program_is_none(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers_ahead.answer_ahead(tmp_path / "gone.db", [], lambda: False)

    def questions(error: Exception) -> Any:
        def ask(_: Workspace) -> None:
            raise error

        return lambda _: (ask,)

    monkeypatch.setattr(answers_ahead, "_first_questions", questions(DatabaseError("database disk image is malformed")))
    answers_ahead.answer_ahead(shop, [], lambda: False)
    monkeypatch.setattr(answers_ahead, "_first_questions", questions(KeyError("x")))
    with pytest.raises(KeyError):
        answers_ahead.answer_ahead(shop, [], lambda: False)
