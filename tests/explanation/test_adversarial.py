"""Inputs that are out to mislead, asked through the command: a clear answer, or a refusal that says what to do."""

import json
from collections.abc import Callable, Iterable
from datetime import date, timedelta

import numpy as np
import pytest
from typer.testing import CliRunner

from core.workspace.write.load import load
from tui.cli import app

DAYS = [date(2026, 1, 1) + timedelta(day) for day in range(70)]
LAST_WEEK = "2026-03-05..2026-03-11"
MARKETS = ("ID", "TH", "VN")


@pytest.fixture
def asked(tmp_path):
    """Loads lines of a `daily` export and asks why `plays` changed in the last week; returns the command's result."""

    def ask(header: str, lines: Iterable[str], *options: str, dimensions: tuple[str, ...] = ()):
        export = tmp_path / "plays.csv"
        export.write_text("\n".join([header, *lines]) + "\n")
        load(tmp_path / "w.db", [export], as_kind="daily", dimensions=list(dimensions))
        arguments = ["explain", "plays", "--window", LAST_WEEK, "--db", str(tmp_path / "w.db"), "-f", "json", *options]
        return CliRunner().invoke(app, arguments)

    return ask


def answer(done) -> dict:
    """The document, once its sums are seen to close."""
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    size = 1e-9 * max(abs(found["actual"]), abs(found["expected"]), 1.0)
    assert sum(one["contribution"] for one in found["drivers"]) == pytest.approx(found["change"], abs=size)
    for one in found["mix"]:
        assert one["mix"] + one["rate"] == pytest.approx(found["change"], abs=size)
    return found


def refused(done) -> None:
    """One line that says what to do."""
    assert done.exit_code == 1
    assert "an expected value needs" in done.stderr
    assert "--baseline" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def wheres(found: dict) -> list[dict]:
    return [one["where"] for one in found["segments"]]


def plays(change: Callable[[int, str], float], noise: int = 7) -> Iterable[tuple[date, str, int]]:
    """A hundred plays a day in each market, times `change(day, market)`."""
    rng = np.random.default_rng(noise)
    for number, day in enumerate(DAYS):
        for market in MARKETS:
            yield day, market, int(rng.poisson(100 * change(number, market)))


def halved(day: int, market: str) -> float:
    return 0.5 if day >= 63 and market == "ID" else 1.0


def test_of_two_dimensions_that_say_the_same_the_shorter_name_wins(asked):
    lines = [f"{day},{market},{market}-land,{count}" for day, market, count in plays(halved)]
    found = answer(asked("date,market,nation_of_it,plays", lines, dimensions=("nation_of_it",)))
    assert wheres(found) == [{"market": "ID"}]


def test_a_dimension_with_a_hundred_thousand_values_hides_nothing(asked):
    rng = np.random.default_rng(3)
    lines = [
        f"{day},{market},t{thing},{int(rng.poisson(5 * halved(number, market)))}"
        for number, day in enumerate(DAYS)
        for market in MARKETS
        for thing in rng.choice(100_000, 480, replace=False)
    ]
    found = answer(asked("date,market,thing,plays", lines, dimensions=("thing",)))
    assert wheres(found) == [{"market": "ID"}]
    (by_thing,) = [one for one in found["mix"] if one["dimension"] == "thing"]
    assert len(by_thing["values"]) <= 201


def test_where_nothing_was_before_there_is_no_percentage(asked):
    lines = [f"{day},{market},{5 if day >= DAYS[63] else 0}" for day, market, _ in plays(lambda *_: 1.0)]
    found = answer(asked("date,market,plays", lines, "--baseline", "previous"))
    assert (found["actual"], found["expected"], found["change_pct"]) == (105, 0, None)
    assert not found["is_drop"]


def test_nothing_can_be_expected_of_what_never_was(asked):
    refused(asked("date,market,plays", [f"{day},{market},0" for day, market, _ in plays(halved)]))


def test_one_leaf_is_its_own_explanation(asked):
    lines = [f"{day},ID,{count}" for day, market, count in plays(halved) if market == "ID"]
    found = answer(asked("date,market,plays", lines))
    assert found["is_drop"]
    assert wheres(found) == [{}]
    assert found["segments"][0]["change"] == pytest.approx(found["change"])


def test_refunds_may_outweigh_what_was_sold(asked):
    def net(day: int, market: str, count: int) -> float:
        return count - 170.5 if day >= 63 and market == "TH" else count + 0.25

    lines = [f"{day},{market},{net(DAYS.index(day), market, count)}" for day, market, count in plays(lambda *_: 1.0)]
    found = answer(asked("date,market,plays", lines))
    assert found["is_drop"]
    assert wheres(found)[0] == {"market": "TH"}
    assert found["segments"][0]["actual"] < 0


@pytest.mark.parametrize("blank", ["", "NaN", "nan", "-"])
def test_figures_that_are_missing_count_nothing(asked, blank):
    lines = [
        f"{day},{market},{blank if market == 'VN' and day >= DAYS[63] else count}"
        for day, market, count in plays(lambda *_: 1.0)
    ]
    found = answer(asked("date,market,plays", lines))
    assert wheres(found) == [{"market": "VN"}]
    assert found["segments"][0]["actual"] == 0


def test_a_past_that_is_too_short_is_refused_in_one_line(asked):
    lines = [f"{day},{market},{count}" for day, market, count in plays(halved) if day >= DAYS[60]]
    refused(asked("date,market,plays", lines))
