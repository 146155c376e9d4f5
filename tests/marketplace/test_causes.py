"""Every planted cause moves what it says, leaves flat what it says, and says where and when."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from core.base.date_text import date_text
from core.base.days import parse_day
from fixtures.marketplace import CAUSES, Plant, Planted, Records, generate, simulate
from fixtures.marketplace.causes.plans import make_plans
from fixtures.marketplace.output.change_log import make_events
from fixtures.marketplace.output.truth import make_truth
from fixtures.marketplace.world.world import World, make_world
from tests.marketplace.counting import RATIOS, Counted

SEED = 8
SMALLEST_MOVE = {"ratio": 0.08, "count": 0.15, "everywhere": 0.025}
END = date(2026, 3, 15)


def planted_in(made: Records) -> tuple[Planted, ...]:
    return make_truth(made.world, made.plans, made.lines, made.fate).planted


def change(
    counted: Counted, planted: Planted, metric: str, where: dict[str, str], window: tuple[str, str]
) -> tuple[float, float]:
    """How far the metric is from the same weekdays before the cause, and how far those scatter, as fractions."""
    first, last = (counted.day(one) for one in window)
    began = counted.day(planted.onset)
    if planted.baseline == "previous":
        before = [(first - 7, last - 7)]
    else:
        before = [(first - 7 * k, last - 7 * k) for k in range(1, 16) if last - 7 * k < began and first >= 7 * k]
    usual = np.array([counted.value(metric, where, *one) for one in before[:6]])
    scatter = usual.std(ddof=1) / usual.mean() if len(usual) > 1 else 0.0
    return counted.value(metric, where, first, last) / usual.mean() - 1, scatter


@pytest.mark.parametrize("key", CAUSES)
def test_cause_moves_what_it_says(key: str) -> None:
    made = simulate(seed=SEED, scale=0.5, plant=[key])
    counted, (planted,) = Counted(made), planted_in(made)
    assert planted.cause == key[:3]
    assert (planted.metric, planted.window) == (planted.moves[0].metric, planted.moves[0].window)
    for move in planted.moves:
        found, _ = change(counted, planted, move.metric, move.where, move.window)
        kind = "everywhere" if not move.where else "ratio" if move.metric in RATIOS else "count"
        least = 0.03 if move.metric == "average_rating" else SMALLEST_MOVE[kind]
        assert found * (1 if move.direction == "up" else -1) > least, (move, found)
    for metric in planted.flat:
        found, scatter = change(counted, planted, metric, planted.where, planted.window)
        assert abs(found) < 0.1 + 3 * scatter, (metric, found, scatter)


def test_all_causes_have_different_signatures() -> None:
    """No two causes turn the same dials in the same kind of segment, with the same moves, event and length."""
    world = world_of(SEED)
    signs = set()
    for key, cause in CAUSES.items():
        (plan,) = make_plans(world, [key])
        moves = tuple((move.metric, move.direction, move.everywhere) for move in cause.sees)
        shape = tuple((effect.dial, effect.ramp > 0, effect.weekly, effect.related) for effect in cause.effects)
        signs.add((tuple(sorted(plan.where)), moves, shape, cause.event.kind if cause.event else None, cause.days))
    assert len(signs) == len(CAUSES) == 27


def world_of(seed: int) -> World:
    return make_world(seed, 1.0, (END - date(1970, 1, 1)).days - 119, 120)


@pytest.mark.parametrize("key", CAUSES)
def test_seeds_choose_the_place(key: str) -> None:
    """Another seed, another segment (where there is a choice), always one that the exports can name."""
    places = set()
    for seed in range(8):
        world = world_of(seed)
        (plan,) = make_plans(world, [key])
        assert all(len(codes) for codes in plan.codes.values())
        low, high = CAUSES[key].onset
        assert world.days - 1 + low <= plan.onset <= world.days - 1 + high
        places.add(str(plan.where))
    assert len(places) >= (2 if key in {"C01", "C08", "C09", "C13", "C18", "C20", "C24"} else 3)


def test_several_causes_keep_apart() -> None:
    made = simulate(seed=SEED, plant=["C13", "C11", "C06", "C01"])
    counted, found = Counted(made), planted_in(made)
    assert [one.cause for one in found] == ["C13", "C11", "C06", "C01"]
    values = [value for one in found for joined in one.where.items() for value in joined[1].split("|")]
    assert len(values) == len(set(values))
    for one in found:
        moved, _ = change(counted, one, one.metric, one.where, one.window)
        assert moved * (1 if one.direction == "up" else -1) > 0.3


def test_same_cause_twice_takes_two_places() -> None:
    one, two = planted_in(simulate(seed=SEED, plant=["C11", "C11"]))
    assert one.where != two.where
    assert one.event_id != two.event_id


def test_caller_decides_place_day_and_strength() -> None:
    first = (END - date(1970, 1, 1)).days - 20
    where = {"market": "BR", "channel": "search"}
    calm = Counted(simulate(seed=SEED))
    rates = []
    for strength in (0.5, 1.0):
        made = simulate(seed=SEED, plant=[Plant("C08", where=where, onset=first, days=10, strength=strength)])
        (planted,) = planted_in(made)
        assert (planted.where, planted.onset, planted.last) == (where, "2026-02-23", "2026-03-04")
        assert planted.window[0] >= planted.onset
        rates.append(Counted(made).value("ctr", where, 99, 108) / calm.value("ctr", where, 99, 108))
        assert Counted(made).value("ctr", where, 110, 119) == pytest.approx(calm.value("ctr", where, 110, 119), rel=0.1)
    assert rates[1] < rates[0] - 0.1 < 0.9


def test_caller_decides_place_of_a_cause_with_tiers() -> None:
    made = simulate(seed=SEED, plant=[Plant("C09", where={"channel": "recommendation", "market": "TH"})])
    (plan,) = made.plans
    assert set(plan.related) == {"top", "rest"}
    assert all(codes["market"].tolist() == [2] for codes in plan.related.values())


@pytest.mark.parametrize(
    ("plant", "words"),
    [
        ("C99", "no cause 'C99'"),
        (Plant("C11", where={"planet": "X"}), "no dimension 'planet'"),
        (Plant("C11", where={"market": "XX"}), "no market 'XX'"),
        (Plant("C11", onset=0), "outside the data"),
        (Plant("C13", where={"product_id": "P1000"}), "cannot be turned by product_id"),
    ],
)
def test_what_cannot_be_planted_is_said(plant: Plant | str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        simulate(seed=SEED, days=40, scale=0.2, plant=[plant])


@pytest.mark.parametrize("seed", range(4))
def test_change_log_holds_the_event_and_no_rival(seed: int) -> None:
    world = world_of(seed)
    for key in ("C11", "C05", "C06"):
        (plan,) = make_plans(world, [key])
        events = make_events(world, [plan])
        true = [event for event in events if event.event_id == plan.event_id]
        assert len(true) == (1 if CAUSES[key].event else 0)
        assert all(event.first == plan.onset and event.where.items() <= dict(plan.where).items() for event in true)
        near = [event for event in events if event not in true and abs(event.first - plan.onset) <= 5]
        for event in near:
            shared = event.where.keys() & plan.where.keys()
            assert any(event.where[name] not in plan.where[name].split("|") for name in shared)
        assert len(events) - len(true) >= 8


def test_truth_stands_beside_the_exports(tmp_path: Path) -> None:
    truth = generate(tmp_path, seed=2, days=60, scale=0.3, plant=["C10"])
    assert (truth.first, truth.last) == ("2026-01-15", "2026-03-15")
    assert (tmp_path / "truth.json").read_text() == truth.to_json()
    (planted,) = truth.planted
    assert planted.title.startswith("Stock-out in a category or of hero products (C10): cart rate down in category=")
    assert planted.title.endswith(f" since {date_text(parse_day(planted.onset))}")
    assert set(truth.quality) == {"creators", "sellers", "products"}
    assert all(0 <= one["late_dispatch"] <= 0.4 for one in truth.quality["sellers"].values())
