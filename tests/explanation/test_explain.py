"""Explanations of real posts and of planted causes: where, when, why, and every figure checked by SQL."""

import json
import re
import sqlite3
from math import isclose
from pathlib import Path

import pytest

from core.base.days import Window, parse_day
from core.base.errors import NotEnoughData, UsageError
from core.base.segment import Segment
from core.catalogue.metric_names import metric_words
from core.explanation.explain import explain
from core.reports.finding_narrative import short_cause
from core.reports.tables.answer import answer_lines
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load
from fixtures.marketplace import generate
from tests.conftest import ROOT

LIVE_SELLERS = ROOT / "fixtures" / "fb_live_sellers"


@pytest.fixture(scope="module")
def posts(tmp_path_factory):
    path = tmp_path_factory.mktemp("posts") / "w.db"
    load(path, [LIVE_SELLERS / "Live.csv.gz"], mapping=LIVE_SELLERS / "mapping.toml")
    return path


def about(path: Path, metric: str, window: str, baseline: str, where: str = ""):
    with Workspace.open(path) as workspace:
        return explain(workspace, metric, window=Window.parse(window), baseline=baseline, where=Segment.parse(where))


def figures_by_hand(path: Path, found) -> dict[str, tuple[float, float]]:
    """Query name -> (what SQL gives, what the explanation says)."""
    said = {"actual": found.actual, "expected": found.expected}
    for one in found.drivers:
        if one.metric != found.metric:
            said |= {f"{one.metric} actual": one.actual, f"{one.metric} expected": one.expected}
    for one in found.segments:
        if one.where:
            said |= {f"{one.where} actual": one.actual, f"{one.where} expected": one.expected}
    connection = sqlite3.connect(path)
    assert set(found.queries) == set(said)
    return {name: (connection.execute(sql).fetchone()[0] or 0.0, said[name]) for name, sql in found.queries.items()}


def test_reactions_fell_because_of_status_posts(posts):
    found = about(posts, "reactions", "2016-01-01..2016-03-31", "2015-10-02..2015-12-31")
    assert (found.actual, found.expected, found.change) == (25_981, 99_699, -73_718)
    assert found.segments[0].where == Segment.parse("post_type=status")
    assert found.segments[0].change == -46_512
    (by_type,) = [one for one in found.mix if one.dimension == "post_type"]
    assert {one.value: one.rate for one in by_type.values}["status"] == -46_512
    assert found.drivers[0].contribution == found.change


def test_comments_rose_on_one_page(posts):
    found = about(posts, "comments", "2017-07-01..2017-09-30", "2017-04-01..2017-06-30")
    assert (found.actual, found.expected) == (354_776, pytest.approx(2_237 * 92 / 91, rel=0.01))
    assert found.segments[0].where == Segment.parse("page=1050855161656896")
    assert found.segments[0].share == pytest.approx(0.914, abs=0.001)
    assert not found.is_drop
    assert not found.causes


@pytest.mark.parametrize("baseline", ["previous", "expected", "2017-04-01..2017-06-30"])
def test_sql_by_hand_gives_every_figure(posts, baseline):
    found = about(posts, "comments", "2017-07-01..2017-09-30", baseline)
    figures = figures_by_hand(posts, found)
    assert figures
    for name, (by_hand, said) in figures.items():
        assert isclose(by_hand, said, rel_tol=1e-9, abs_tol=1e-9), name


def test_a_part_can_be_explained_like_the_whole(posts):
    found = about(posts, "comments", "2017-07-01..2017-09-30", "2017-04-01..2017-06-30", "post_type=video")
    assert found.where == Segment.parse("post_type=video")
    assert found.segments[0].where == Segment.parse("page=1050855161656896")
    assert "post_type" not in {one.dimension for one in found.mix}


def test_wrong_questions_are_refused(posts):
    with pytest.raises(UsageError, match="no metric 'comment'. Did you mean comments"):
        about(posts, "comment", "2017-07-01..2017-09-30", "previous")
    with pytest.raises(UsageError, match="no baseline 'yesterday'"):
        about(posts, "comments", "2017-07-01..2017-09-30", "yesterday")
    with pytest.raises(NotEnoughData):
        about(posts, "comments", "2012-07-15..2012-07-16", "expected")
    with pytest.raises(NotEnoughData):
        about(posts, "comments", "2030-07-15..2030-07-16", "previous")


def close(one: float, other: float, size: float) -> bool:
    return isclose(one, other, rel_tol=1e-9, abs_tol=1e-9 * size)


def check_sums(found) -> None:
    assert close(sum(one.contribution for one in found.drivers), found.change, 0)
    for one in found.mix:
        assert close(one.mix + one.rate, found.change, 0), one.dimension
        size = sum(abs(value.mix) + abs(value.rate) for value in one.values)
        assert close(sum(value.mix for value in one.values), one.mix, size), one.dimension
        assert close(sum(value.rate for value in one.values), one.rate, size), one.dimension


def check_words(found, cause: str) -> None:
    lines = answer_lines(found)
    assert len(lines) == 4
    assert metric_words(found.metric) in lines[0]
    assert str(found.segments[0].where) in lines[1]
    assert found.causes[0].cause.startswith(cause)
    assert short_cause(found.causes[0].cause) in lines[2]
    assert found.causes[0].action.rstrip(".") in lines[3]
    assert not any(re.search(r"\b(nan|None|inf)\b", line) for line in lines)


@pytest.mark.parametrize(("cause", "scale"), [("C11", 0.5), ("C24", 0.4)])
def test_a_planted_cause_is_found_where_and_since_when_it_is(tmp_path, cause, scale):
    generate(tmp_path / "exports", seed=71, scale=scale, plant=[cause])
    load(tmp_path / "w.db", [tmp_path / "exports"])
    truth = json.loads((tmp_path / "exports" / "truth.json").read_text())["planted"][0]
    where = Segment.of({name: values.split("|") for name, values in truth["where"].items()})
    found = about(tmp_path / "w.db", truth["metric"], "..".join(truth["window"]), truth["baseline"])
    assert found.segments[0].where == where
    assert found.causes[0].cause.startswith(cause)
    assert found.causes[0].score > 0.5
    assert found.causes[0].evidence
    assert not truth["event_id"] or found.events[0].event_id == truth["event_id"]
    assert {one.cause for one in found.causes}.isdisjoint(ruled.what for ruled in found.ruled_out)
    assert abs(found.onset.day - parse_day(truth["onset"])) <= 3
    check_sums(found)
    check_words(found, cause)
    if cause == "C11":
        for name, (by_hand, said) in figures_by_hand(tmp_path / "w.db", found).items():
            assert close(by_hand, said, 1.0), name
        whole = about(tmp_path / "w.db", "gmv", "..".join(truth["window"]), truth["baseline"])
        assert where in [one.where for one in whole.segments[:2]]
        assert min(whole.drivers, key=lambda one: one.contribution).metric == "payment_rate"
        check_sums(whole)
