"""Figures of goods and service, and shares of channels, counted row by row over their windows."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from core.base.days import Window
from core.base.segment import EVERYTHING, Segment
from core.catalogue.metric_tree.metric_loader import load
from core.cube.cube import Cube, CubePart
from core.ecosystem.service_quality import channels, counted_by_age, known_shares, qualities, waits

CATALOGUE = load()
WORDS = {"channel": ("", "video", "live"), "seller_id": ("", "s2", "s1", "s3"), "creator_id": ("", "c1", "c2")}


def workspace(
    members: tuple[str, ...], measures: tuple[str, ...], known: dict[int | None, float] | None = None
) -> tuple[Any, CubePart]:
    """Rows, and a workspace that knows a part of each amount after so many days."""
    rng = np.random.default_rng(1)
    rows = 600
    codes = {name: rng.integers(0, len(WORDS[name]), rows).astype(np.int32) for name in ("channel", *members)}
    part = CubePart(
        rng.integers(900, 1001, rows).astype(np.int32),
        codes,
        {name: rng.integers(0, 50, rows).astype(float) for name in measures},
    )
    asked: list[tuple[Window, int | None]] = []

    def cube(names: Any, window: Window, dimensions: Any, where: Segment, *, as_of: int, age: int | None) -> Cube:
        asked.append((window, age))
        here = part.keep((part.days >= window.first) & (part.days <= window.last))
        seen = {name: amount * (known or {}).get(age, 1.0) for name, amount in here.measures.items()}
        return Cube(window, WORDS, (CubePart(here.days, here.codes, seen),))

    room = {
        "measures": measures,
        "span": Window(900, 1000),
        "dimensions": ("channel", *members),
        "catalogue": CATALOGUE,
    }
    return SimpleNamespace(**room, cube=cube, values=lambda name: WORDS[name], asked=asked), part


def total(part: CubePart, measure: str, window: Window, **where: int) -> float:
    here = (part.days >= window.first) & (part.days <= window.last)
    for name, code in where.items():
        here &= part.codes[name] == code
    return float(part.measures[measure][here].sum())


def test_shares_of_channels_over_four_weeks_and_the_four_before() -> None:
    room, part = workspace(("seller_id",), ("gmv", "orders"))
    found = {(item.channel, item.measure): item.figures for item in channels(room, 1000, EVERYTHING)}
    assert set(found) == {(name, measure) for name in ("live", "video") for measure in ("gmv", "orders")}
    now, before = Window(973, 1000), Window(945, 972)
    for (channel, measure), figures in found.items():
        code = WORDS["channel"].index(channel)
        assert figures.n == total(part, measure, now)
        assert figures.value == pytest.approx(total(part, measure, now, channel=code) / total(part, measure, now))
        assert figures.before == pytest.approx(
            total(part, measure, before, channel=code) / total(part, measure, before)
        )
    by_size = [item.figures.value or 0 for item in channels(room, 1000, EVERYTHING) if item.measure == "gmv"]
    assert by_size == sorted(by_size, reverse=True)
    assert set(room.asked) == {(Window(945, 1000), None)}
    room.dimensions = ("seller_id",)
    assert list(channels(room, 1000, EVERYTHING)) == []


@pytest.mark.parametrize("members", [("seller_id", "creator_id"), ("creator_id",), ()])
def test_figures_are_of_days_that_are_old_enough(members: tuple[str, ...]) -> None:
    metrics = [CATALOGUE.metric(name) for name in ("refund_rate", "late_dispatch_rate")]
    names = tuple(sorted({name for metric in metrics for name in metric.measures()}))
    room, part = workspace(members, names)
    ages = waits(room, counted_by_age(room, 1000, EVERYTHING))
    found = {item.metric: item for item in qualities(room, 1000, EVERYTHING, ages)}
    assert set(found) == {"refund_rate", "late_dispatch_rate"}
    for metric in metrics:
        item, age = found[metric.key], {"refund_rate": 7, "late_dispatch_rate": 3}[metric.key]
        assert (item.age, item.window) == (age, Window(973 - age, 1000 - age))
        earlier = item.window.shifted(-28)
        ratios = []
        for window in (item.window, earlier):
            sums = {name: np.array(total(part, name, window)) for name in metric.measures()}
            assert metric.denominator is not None
            ratios.append(metric.scale * float(metric.numerator.of(sums)) / float(metric.denominator.of(sums)))
        assert (item.figures.value, item.figures.before) == pytest.approx(tuple(ratios))
        assert item.figures.change == pytest.approx(ratios[0] - ratios[1])
        assert (Window(earlier.first, item.window.last), age or None) in room.asked
        assert (item.figures.interval is not None) == bool(members)


@pytest.mark.parametrize(
    ("known", "days"), [({7: 0.91}, 7), ({7: 0.89, 10: 0.91}, 10), ({7: 0.5, 10: 0.89}, 14), ({7: 0, 10: 0, 14: 0}, 14)]
)
def test_days_are_looked_at_once_nine_tenths_are_known(known: dict[int | None, float], days: int) -> None:
    metric = CATALOGUE.metric("refund_rate")
    room, _ = workspace((), tuple(sorted(metric.measures())), known)
    assert waits(room, counted_by_age(room, 1000, EVERYTHING)) == {"refund_rate": days}
    assert room.asked == [(Window(931, 986), age) for age in (0, 3, 5, 7, 10, 14)]


@pytest.mark.parametrize(("day", "first"), [(902, None), (913, None), (914, 900), (970, 901)])
def test_of_days_too_new_to_tell_nothing_is_asked(day: int, first: int | None) -> None:
    """The data begin on day 900: up to day 913 no day is fourteen days old."""
    room, _ = workspace((), tuple(sorted(CATALOGUE.metric("refund_rate").measures())))
    assert waits(room, counted_by_age(room, day, EVERYTHING)) == {"refund_rate": 14 if first is None else 7}
    assert {window for window, _ in room.asked} == ({Window(first, day - 14)} if first else set())


def test_what_is_known_at_each_age_is_a_part_of_what_is_known_in_the_end() -> None:
    """Of 200 orders 50 are refunded in 14 days, 20 of them in three; of the days between the line between is taken. Deliveries
    become known with those that are late."""
    cases = {0: 5.0, 3: 20.0, 5: 20.0, 7: 30.0, 10: 45.0, 14: 50.0}
    keys = ["refund_rate", "late_delivery_rate"]
    for refunds in (1, 0):
        by_age = {
            age: {
                "refund_rate": (number * refunds, 180.0 if age < 14 else 200.0),
                "late_delivery_rate": (number * refunds, 179.0 if age < 14 else 200.0),
            }
            for age, number in cases.items()
        }
        known = known_shares(keys, by_age)
        assert list(known) == ["refund_rate"][:refunds], "nothing tells without a refund"
        if refunds:
            assert known["refund_rate"][[0, 1, 3, 4, 6, 7, 10, 12, 14]] == pytest.approx(
                [0.1, 0.2, 0.4, 0.4, 0.5, 0.6, 0.9, 0.95, 1]
            )
        assert known_shares(keys[1:], by_age) == known_shares(keys, {}) == {}


def test_nothing_is_counted_of_figures_that_are_known_soon() -> None:
    room, _ = workspace((), ("orders", "seller_cancelled_orders"))
    assert counted_by_age(room, 1000, EVERYTHING) == {}
    assert room.asked == []
