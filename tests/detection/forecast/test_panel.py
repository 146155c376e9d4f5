"""From cubes and events to series: sums by combination, days that an event touches, days of the past that are compared."""

import numpy as np
import pytest

from core.base.days import Window, iso
from core.base.segment import EVERYTHING, Segment
from core.cube import cube as cubes
from core.cube.cube import Cube, CubePart
from core.detection.forecast.panel import IGNORED, LIFTED, ORDINARY
from core.detection.forecast.panel_build import Slicer, known_days
from core.detection.forecast.reference_days import usual_days
from core.workspace.read.event_log import Event

FIRST, DAYS = 20_000, 20
MARKETS, CHANNELS = ("", "ID", "TH"), ("", "live", "search", "video")
ID, TH, LIVE = Segment.of({"market": "ID"}), Segment.of({"market": "TH"}), Segment.of({"channel": "live"})


def cube(rows: int = 400) -> Cube:
    rng = np.random.default_rng(6)
    part = CubePart(
        (FIRST + rng.integers(0, DAYS, rows)).astype(np.int32),
        {"market": rng.integers(1, 3, rows).astype(np.int32), "channel": rng.integers(1, 4, rows).astype(np.int32)},
        {"visits": rng.integers(1, 9, rows).astype(float)},
    )
    return Cube(Window(FIRST, FIRST + DAYS - 1), {"market": MARKETS, "channel": CHANNELS}, (part,))


@pytest.mark.parametrize("limit", ["_DENSE_CELLS", "_MANY_VALUES"])
@pytest.mark.parametrize("most", [None, 4])
def test_sums_of_combinations_are_those_counted_row_by_row(
    monkeypatch: pytest.MonkeyPatch, limit: str, most: int | None
) -> None:
    monkeypatch.setattr(cubes, limit, 0)
    whole = cube()
    slices = Slicer(whole, ["visits"]).by(("market", "channel"), most)
    (part,) = whole.parts
    counted: dict[tuple[str, str, int], float] = {}
    for at, day in enumerate(part.days.tolist()):
        cell = MARKETS[part.codes["market"][at]], CHANNELS[part.codes["channel"][at]], day - FIRST
        counted[cell] = counted.get(cell, 0.0) + part.measures["visits"][at]
    assert len(slices.where) == (most or 6)
    for where, row in zip(slices.where, slices.sums["visits"], strict=True):
        names = {name: values[0] for name, values in where.terms}
        assert row.tolist() == [counted.get((names["market"], names["channel"], day), 0.0) for day in range(DAYS)]


def event(kind: str, where: Segment, first: int, last: int | None) -> Event:
    start, end = iso(FIRST + first), None if last is None else iso(FIRST + last)
    return Event(event_id="E1", starts_at=start, ends_at=end, kind=kind, title="", owner="", where=where)


@pytest.mark.parametrize(("kind", "state"), [("campaign", LIFTED), ("holiday", IGNORED), ("release", ORDINARY)])
def test_an_event_touches_what_it_covers_and_what_it_is_a_good_part_of(kind: str, state: int) -> None:
    inside = ID.narrowed(LIVE)
    segments = (EVERYTHING, ID, TH, LIVE, inside)
    touched = known_days([event(kind, ID, 3, 5)], cube(), segments)
    assert touched[:, [2, 6]].tolist() == [[ORDINARY, ORDINARY]] * 5
    # half of everything is in ID; TH is elsewhere
    assert touched[:, 4].tolist() == [state, state, ORDINARY, state, state]
    small = known_days([event(kind, inside, 3, 5)], cube(), segments)
    assert small[:, 4].tolist() == [ORDINARY, ORDINARY, ORDINARY, ORDINARY, state], "a sixth of everything"


def test_what_lasts_most_of_the_time_is_how_things_are() -> None:
    assert not known_days([event("campaign", EVERYTHING, 0, 10)], cube(), (EVERYTHING,)).any()
    assert (
        known_days([event("campaign", EVERYTHING, 0, 9)], cube(), (EVERYTHING,))[0].tolist() == [LIFTED] * 10 + [0] * 10
    )


@pytest.mark.parametrize(("kind", "days"), [("campaign", 7), ("holiday", 1), ("release", 0)])
def test_what_has_no_end_does_not_silence_its_segments_for_ever(kind: str, days: int) -> None:
    touched = known_days([event(kind, ID, 11, None)], cube(), (ID,))
    assert np.flatnonzero(touched[0]).tolist() == list(range(11, 11 + days))


@pytest.mark.parametrize(
    ("kind", "last", "ends"), [("campaign", None, 17), ("release", None, 11), ("release", 14, 14), ("campaign", 9, 11)]
)
def test_an_event_without_an_end_is_over_soon(kind: str, last: int | None, ends: int) -> None:
    assert event(kind, ID, 11, last).window == Window(FIRST + 11, FIRST + ends)


def test_usual_days_are_same_weekdays_and_weigh_as_many_days_as_the_window() -> None:
    window, past = Window(FIRST + 70, FIRST + 72), Window(FIRST, FIRST + 69)
    unusual = np.zeros(70, bool)
    unusual[63] = True
    reference = usual_days(window, past, unusual)
    assert reference.weights.sum() == pytest.approx(3)
    assert (reference.weights > 0).all()
    assert FIRST + 63 not in reference.days
    assert set(((reference.days - FIRST) % 7).tolist()) == {0, 1, 2}
    assert reference.weights.max() == pytest.approx(1 / 8), "eight weeks of each weekday"
    assert reference.window == Window(int(reference.days.min()), int(reference.days.max()))
