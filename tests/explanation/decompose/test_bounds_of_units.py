"""Nothing hangs on the unit that things are counted in, nor on where in the data a change lies: drivers, noise, misfit, onset."""

from dataclasses import replace
from math import log
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from core.base.days import Window
from core.catalogue.metric_tree.metric_loader import load
from core.explanation import change_explanation
from core.explanation.decompose import metric_moves
from core.explanation.decompose.drivers import contributions
from core.explanation.decompose.metric_moves import _LASTING, Daily, MetricMove, _dispersion, _lasting, moved
from core.explanation.explain_request import ExplainRequest
from core.explanation.locate import segment_part
from core.explanation.locate.onset import _misfit, _noise, _scores, estimate_onset

CATALOGUE = load()
GMV = CATALOGUE.metric("gmv")


def line(values: np.ndarray, first: int = 0, window: int = 7) -> Daily:
    days = np.arange(first, first + len(values))
    now = days >= first + len(values) - window
    return Daily({"gmv": values}, days, ~now, now)


@pytest.mark.parametrize("unit", [1e-6, 1e-3, 1.0, 1e6])
def test_drivers_are_those_of_any_unit(unit: float) -> None:
    """A product of three that fell; one factor is a rate far below 1 whatever the unit."""
    after, before = (0.03, 40.0 * unit, 5.0), (0.05, 38.0 * unit, 5.5)
    whole = [float(np.prod(side)) for side in (after, before)]
    parts = contributions(list(zip(after, before, strict=True)), *whole)
    mean = (whole[0] - whole[1]) / log(whole[0] / whole[1])
    assert parts == pytest.approx([mean * log(now / then) for now, then in zip(after, before, strict=True)])
    assert sum(parts) == pytest.approx(whole[0] - whole[1])
    still = contributions([(0.2, 0.2), (3.0 * unit, 3.0 * unit)], 0.6 * unit, 0.6 * unit)
    assert still == pytest.approx([0, 0], abs=1e-12 * unit)
    gone = contributions([(0.0, 0.5), (4.0 * unit, 2.0 * unit)], 0.0, 1.0 * unit)
    assert gone == pytest.approx([-1.5 * unit, 0.5 * unit])


@pytest.mark.parametrize("unit", [1e-6, 1e-3, 1e6])
@pytest.mark.parametrize("days", [9, 16, 70])
def test_noise_of_money_scales_with_its_unit(unit: float, days: int) -> None:
    values = np.random.default_rng(days).lognormal(3, 0.3, days)
    plain, scaled = line(values), line(values * unit)
    level = np.full(days, float(values.mean()))
    assert _dispersion(values * unit, level * unit, scaled, False) == pytest.approx(
        unit * _dispersion(values, level, plain, False)
    )
    assert _lasting(values * unit, level * unit, scaled, scaled.now) == pytest.approx(
        _lasting(values, level, plain, plain.now)
    )
    assert _noise(values * unit, level * unit, scaled) == pytest.approx(unit * _noise(values, level, plain))
    for length in (1, 5):
        shifted = _scores(values * unit, level * unit, length, scaled)
        assert shifted == pytest.approx(_scores(values, level, length, plain))
        assert _misfit(values * unit, level * unit, scaled, length, days - 7) == pytest.approx(
            _misfit(values, level, plain, length, days - 7)
        )
    both = moved([GMV], plain, None), moved([GMV], scaled, None)
    assert both[1]["gmv"].beyond == pytest.approx(both[0]["gmv"].beyond)
    assert both[1]["gmv"].error == pytest.approx(both[0]["gmv"].error)


def test_a_day_alone_and_less_than_two_weeks_say_nothing_of_days_that_follow_one_another() -> None:
    """Each day is as the one before it: of 70 days the windows of a week show it, of a single day and of 13 days nothing does."""
    values = np.repeat([10.0, 20.0, 12.0, 18.0, 11.0, 25.0, 14.0], 10)
    for days, length, shown in ((70, 7, True), (70, 1, False), (13, 7, False)):
        part, window = values[:days], np.arange(days) >= days - length
        more = _lasting(part, np.full(days, float(part.mean())), line(part), window)
        assert (more > _LASTING) is shown


def test_of_what_was_never_expected_before_no_move_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    given = line(np.full(50, 9.0))
    monkeypatch.setattr(metric_moves, "lines", lambda *_: (given.sums["gmv"], np.where(given.now, 9.0, 0.0)))
    assert moved([GMV], given, None) == {}


@pytest.mark.parametrize("level", [0.2, 1.0, 30.0])
def test_the_misfit_of_a_change_by_its_definition(level: float) -> None:
    rng = np.random.default_rng(4)
    values, usual = rng.uniform(0.5, 1.5, 50) * level, np.full(50, level)
    values[40:] *= 0.4
    usual[45] = 0
    values[48:] = level * np.array([0.1, 4.0])
    for length, onset in ((1, 40), (4, 40), (1, 48)):
        part = np.minimum((np.arange(50 - onset) + 1) / length, 1) * usual[onset:]
        change = values[onset:] - usual[onset:]
        left = change - part * (part @ change) / (part @ part)
        known = usual[onset:] > 0
        scatter = (left[known] ** 2 / usual[onset:][known]).sum() / (49 - onset)
        assert _misfit(values, usual, line(values), length, onset) == pytest.approx(
            max(scatter / _noise(values, usual, line(values)), 1)
        )


@pytest.mark.parametrize("empty", [56, 59, 62])
def test_a_new_value_begins_when_it_appears_on_that_day(empty: int) -> None:
    values = np.r_[np.zeros(empty), np.full(63 - empty, 9.0)]
    found = estimate_onset(GMV, line(values, first=1000), line(values * 0 + 50, first=1000))
    assert (found.day, found.first, found.last) == (1000 + empty,) * 3
    assert found.shape == ("spike" if empty == 62 else "step")
    early = estimate_onset(GMV, line(np.r_[np.zeros(20), np.full(43, 9.0)], first=1000), None)
    assert early.first <= early.day <= early.last


@pytest.mark.parametrize(
    ("part", "remainder", "whole", "stands"),
    [
        (-0.4, -0.1, -0.2, True), (-0.4, -0.39, -0.4, False), (-0.4, 0.1, -0.2, True), (0.3, 0.29, 0.3, False),
        (-0.4, -0.39, 0.1, True), (-0.4, 0.0, -0.2, True), (-0.4, -0.19, -0.3, True), (-0.4, -0.21, -0.3, False),
    ],
)  # fmt: skip
def test_a_part_stands_out_of_a_filter_that_did_not_change_alike(
    part: float, remainder: float, whole: float, stands: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = np.array([True, False, False])
    leaves = SimpleNamespace(codes=np.zeros((3, 1)), inside=lambda _: inside)
    located = cast(Any, SimpleNamespace(leaves=leaves, places=(SimpleNamespace(where=None, expected=None),)))
    answers = {(True, False, False): part, (False, True, True): remainder, (True, True, True): whole}
    for module in (change_explanation, segment_part):
        monkeypatch.setattr(module, "relative_change", lambda _, __, rows: answers[tuple(rows.tolist())])
    assert change_explanation._stands_out(GMV, located) is stands
    located.places[0].expected = 0.06
    assert change_explanation._stands_out(GMV, located), "new values have no past to change from"


def test_a_line_without_reference_days_has_not_moved() -> None:
    values = np.random.default_rng(5).lognormal(3, 0.2, 70)
    plain = line(values)
    none = replace(plain, reference=np.zeros(70, bool))
    assert moved([GMV], none, None) == {}
    later = plain.since(50)
    assert later.now.sum() == 20
    assert not later.reference[50:].any()


def test_a_change_is_a_share_of_what_was_expected_or_of_what_else_did() -> None:
    """Of what nothing was expected of, the change beyond the rest is told: e to the log, less one."""
    move = MetricMove(
        metric="gmv", unit="money", actual=3.0, expected=4.0, beyond=log(0.5), error=0.1, relative_error=0.1
    )
    assert move.percent == pytest.approx(-0.25)
    assert replace(move, actual=0.0, expected=0.0).percent == pytest.approx(-0.5)


def test_reference_days_are_days_of_the_past() -> None:
    """Ten days, of which the last three are the window: it is no part of its own baseline, wherever that ends."""
    stock, request = SimpleNamespace(days=np.arange(100, 110)), SimpleNamespace(window=Window(107, 109))
    past = ExplainRequest._between(cast("Any", request), cast("Any", stock), Window(104, 108))
    assert np.flatnonzero(past).tolist() == [4, 5, 6]
