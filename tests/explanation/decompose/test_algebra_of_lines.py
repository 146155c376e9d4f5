"""Scatter of lines, weights of reference days, shapes and shares: the same sums written out day by day."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from core.base.days import Window
from core.base.errors import NotEnoughData
from core.base.segment import Segment
from core.catalogue.metric_tree.metric_loader import load
from core.explanation.baseline_days import expected_reference
from core.explanation.decompose.metric_moves import Daily, _dispersion, _lasting, lines, moved
from core.explanation.decompose.mix_and_rate import mix_of_ratio, mix_of_sum, simpson
from core.explanation.explanation_results import MixRate, MixValue
from core.explanation.locate import onset
from core.explanation.locate.onset import estimate_onset
from core.explanation.locate.segment_choice import Scope, _Weigh
from core.localization.with_history.actual_vs_expected import LeafSums
from core.localization.with_history.scan_search import CandidateSegment

CATALOGUE = load()
GMV, ORDERS, CTR = (CATALOGUE.metric(key) for key in ("gmv", "orders", "ctr"))


def daily(past: int, window: int = 7, reference: int | None = None, **sums: np.ndarray) -> Daily:
    days = np.arange(past + window)
    now = days >= past
    counted = ~now if reference is None else ~now & (days >= past - reference)
    return Daily({name: np.asarray(line, float) for name, line in sums.items()}, days, counted, now)


@pytest.mark.parametrize("length", [1, 2, 7])
def test_days_that_follow_one_another_add_their_covariances(length: int) -> None:
    rng = np.random.default_rng(1)
    noise = rng.standard_normal(60)
    for day in range(1, 60):
        noise[day] += 0.8 * noise[day - 1]
    actual, level = 1000 + 50 * noise, np.full(60, 1000.0)
    line = daily(60 - length, length, gmv=actual)
    left = (actual - actual[: 60 - length].mean())[: 60 - length]
    r = (left[1:] * left[:-1]).sum() / (left**2).sum()
    r = min(r + (1 + 3 * r) / len(left), 0.9)
    summed = sum(r ** abs(a - b) for a, b in product(range(length), repeat=2)) / length
    expected = 1.5 if length == 1 else max(1.5, summed)
    assert _lasting(actual, level, line, line.now) == pytest.approx(expected)
    alternating = 1000 + 50 * (-1.0) ** np.arange(60)
    assert _lasting(alternating, level, line, line.now) == 1.5, "opposite days do not narrow it"
    short = daily(13, length, gmv=actual[: 13 + length])
    assert _lasting(actual[: 13 + length], level[: 13 + length], short, short.now) == 1.5, "thirteen days tell nothing"


@pytest.mark.parametrize("past", [56, 14, 13, 2, 1])
@pytest.mark.parametrize("counted", [True, False])
def test_the_scatter_of_the_days_before_by_their_number(past: int, counted: bool) -> None:
    rng = np.random.default_rng(2)
    actual = rng.poisson(400, past + 7).astype(float) * 10
    level = 3000.0 + 500 * (np.arange(past + 7) % 7)
    known, usual = actual[:past], level[:past]
    fitted = usual * known.sum() / usual.sum()
    if past - 7 >= 7:
        expected = ((known - fitted) ** 2).sum() / fitted.sum() * past / (past - 7)
    elif counted:
        expected = 1.0
    elif past > 1:
        expected = ((known - known.mean()) ** 2).sum() / known.sum() * past / (past - 1)
    else:
        expected = known[0]
    assert _dispersion(actual, level, daily(past, gmv=actual), counted) == pytest.approx(expected)


def test_what_is_counted_scatters_by_one_at_least() -> None:
    flat = np.full(63, 500.0)
    line = daily(56, gmv=flat)
    assert _dispersion(flat, flat, line, counted=True) == 1.0
    assert 0 < _dispersion(flat, flat, line, counted=False) < 1e-5
    nothing = np.zeros(63)
    assert _dispersion(nothing, nothing, line, counted=False) == 1.0


def test_the_error_of_a_move_adds_the_window_and_what_its_level_rests_on() -> None:
    rng = np.random.default_rng(3)
    values = 1000 * (1 + 0.1 * rng.standard_normal(63))
    line = daily(56, gmv=values)
    _, level = lines(GMV, line, None)
    unit = _dispersion(values, level, line, counted=False)
    expected = level[56:].sum()
    lasting = [_lasting(values, level, line, days) for days in (line.now, line.reference)]
    doubt = unit * expected * (lasting[0] + lasting[1] * expected / level[:56].sum())
    found = moved([GMV], line, None)["gmv"]
    assert found.beyond == pytest.approx(np.log((values[56:].sum() + unit) / (expected + unit)))
    assert found.error == pytest.approx(np.sqrt(doubt / ((values[56:].sum() + unit) * (expected + unit))))
    assert found.relative_error == pytest.approx(np.sqrt(doubt) / expected)


def test_a_larger_rest_moves_what_is_expected_and_a_smaller_one_does_not() -> None:
    season = np.where(np.arange(63) >= 56, 0.5, 1.0)
    inside = daily(56, orders=np.full(63, 100.0) * season)
    for size, expected in ((1.5, 50.0), (0.7, 100.0)):
        outside = daily(56, orders=np.full(63, 100.0 * size) * season)
        assert lines(ORDERS, inside, outside)[1][60] == pytest.approx(expected)
    whole = daily(56, orders=np.full(63, 250.0))
    assert whole.minus(inside).sums["orders"].tolist() == (250 - inside.sums["orders"]).tolist()


@pytest.mark.parametrize(("reference", "known"), [(20, 56), (21, 21), (None, 56)])
def test_twenty_one_reference_days_tell_how_a_line_scatters(reference: int | None, known: int) -> None:
    line = daily(56, reference=reference, orders=np.ones(63))
    assert line.known.sum() == known
    since = line.since(50)
    assert np.flatnonzero(since.now).tolist() == list(range(50, 63))
    assert since.reference.sum() == line.reference[:50].sum()


@pytest.mark.parametrize(("before", "first"), [(500, 444), (440, 400), (407, 400)])
def test_reference_days_weigh_by_weekday_and_by_age(before: int, first: int) -> None:
    """Eight weeks, half as much every three; each weekday of the window once."""
    window = Window(500, 502)
    reference = expected_reference(Window(400, 600), window, before)
    assert reference.baseline.window == Window(first, before - 1)
    days = np.arange(first, before)
    for weekday in range(7):
        same = days % 7 == weekday
        judged = sum(day % 7 == weekday for day in range(500, 503))
        if same.any():
            assert reference.weights[same].sum() == pytest.approx(judged)
    age = (before - 1 - days) // 7
    same = days % 7 == 500 % 7
    ratio = reference.weights[same] / reference.weights[same][-1]
    assert ratio == pytest.approx(0.5 ** ((age[same] - age[same][-1]) / 3))


def test_seven_days_are_needed_to_expect_anything() -> None:
    with pytest.raises(NotEnoughData, match="only 6 days of data before"):
        expected_reference(Window(400, 600), Window(500, 502), 406)
    with pytest.raises(NotEnoughData, match="only 0 days"):
        expected_reference(Window(400, 600), Window(395, 502), 395)


def stepped(start: int, factor: float = 0.5, length: int = 1, seed: int = 4) -> Daily:
    grown = np.clip((np.arange(63) - start + 1) / length, 0, 1)
    values = np.random.default_rng(seed).poisson(400 * (1 + (factor - 1) * grown)).astype(float)
    return daily(56, orders=values)


def scored(line: Daily, length: int) -> np.ndarray:
    """Log likelihood ratio of a change from each day on, each fitted by least squares on its own."""
    actual = line.sums["orders"]
    level = lines(ORDERS, line, None)[1]
    noise = np.median((actual - level)[:56] ** 2 / level[:56]) / 0.455
    mean = actual.sum() / level.sum()
    scores = []
    for day in range(63):
        grown = np.clip((np.arange(63) - day + 1) / length, 0, 1)
        centred = grown - (grown * level).sum() / level.sum()
        gain = (centred * (actual - mean * level)).sum()
        right = gain * (actual - level)[56:].sum() > 0
        weight = (centred**2 * level).sum()
        scores.append(gain**2 / (2 * noise * mean * weight) if right and weight > 1e-6 else 0.0)
    return np.array(scores)


@pytest.mark.parametrize("length", [1, 8])
def test_the_likelihood_of_each_day_as_the_onset(length: int) -> None:
    line = stepped(52, length=length)
    _, level = lines(ORDERS, line, None)
    found = onset._scores(line.sums["orders"], level, length, line)
    assert found[1:] == pytest.approx(scored(line, length)[1:])
    assert abs(int(found.argmax()) - 52) <= 2


def test_the_days_between_which_an_onset_lies_hold_it_and_are_few() -> None:
    for start in (50, 56, 60):
        found = estimate_onset(ORDERS, stepped(start, 0.7), None)
        assert found.first <= start <= found.last
        assert found.last - found.first <= 4
        assert found.day == pytest.approx(start, abs=1)
        assert (found.shape, found.grown) == ("step", 1)
    assert estimate_onset(ORDERS, stepped(62, 0.3), None).shape == "spike"
    ramp = estimate_onset(ORDERS, stepped(36, 0.3, 14), None)
    assert (ramp.shape, ramp.grown) == ("ramp", 14)


def test_a_change_may_have_begun_six_weeks_before_the_window_where_days_join() -> None:
    long = daily(100, orders=np.random.default_rng(5).poisson(np.where(np.arange(107) >= 55, 100, 400)).astype(float))
    assert estimate_onset(ORDERS, replace(long, reference=long.days < 50), None).day == 100 - 42, "no further back"
    parted = replace(long, days=np.where(long.now, long.days + 30, long.days), reference=long.days < 50)
    assert estimate_onset(ORDERS, parted, None).day >= 130, "not in days that are not looked at"


def test_nothing_begins_on_a_day_of_rest() -> None:
    """Two days of each week have no rows at all: what falls on the first day after them did not fall on these."""
    line = stepped(58, 0.6)
    rest = np.isin(np.arange(63) % 7, (0, 1))  # 56 and 57
    closed = replace(line, sums={name: np.where(rest, 0.0, counts) for name, counts in line.sums.items()})
    found = estimate_onset(ORDERS, closed, None)
    assert (found.day, found.first) == (58, 58)
    full = replace(closed, sums={name: np.full(63, counts.max()) for name, counts in closed.sums.items()})
    assert estimate_onset(ORDERS, closed, full.minus(closed)).first <= 58, "others are open then"
    short = replace(closed, now=np.arange(63) >= 58, reference=np.arange(63) < 58)
    assert (estimate_onset(ORDERS, short, None).day, estimate_onset(ORDERS, short, None).first) == (58, 58)


def test_days_that_are_missing_everywhere_are_no_onset() -> None:
    gap = (np.arange(63) >= 30) & (np.arange(63) < 33)
    line = stepped(56, 0.7)
    holed = replace(line, sums={name: np.where(gap, 0.0, counts) for name, counts in line.sums.items()})
    rest = replace(holed, sums={name: 3 * np.where(gap, 0.0, line.sums[name].mean()) for name in line.sums})
    assert estimate_onset(ORDERS, holed, None).day == 56
    steady = stepped(56, 1.0)
    asked, later = ((np.arange(63) >= first) & (np.arange(63) < end) for first, end in ((20, 22), (30, 50)))
    sums = {name: np.where(asked, 0.0, counts) for name, counts in steady.sums.items()}
    stopped = replace(steady, sums=sums, now=asked, reference=later)
    assert estimate_onset(ORDERS, stopped, None).day == 20, "days that are asked about are none of the past"
    assert estimate_onset(ORDERS, holed, rest).day == 56
    full = replace(rest, sums={name: np.full(63, counts.max()) for name, counts in rest.sums.items()})
    assert estimate_onset(ORDERS, holed, full).first < 33, "what others have then, it lacks"


@pytest.mark.parametrize(("empty", "appears"), [(1, False), (2, False), (5, True), (30, True)])
def test_what_was_never_there_appears(empty: int, appears: bool) -> None:
    """Every second day has something: five empty days in a row come by chance once in 32."""
    values = np.where(np.arange(63 - empty) % 2 == 0, 9.0, 0.0)
    assert onset._appearance(np.r_[np.zeros(empty), values]) == (empty if appears else 0)
    assert onset._appearance(np.zeros(5)) == onset._appearance(np.ones(5)) == 0


def segment(where: str, gain: float) -> CandidateSegment:
    return CandidateSegment(where=Segment.parse(where), rows=np.zeros(0, np.int64), gain=gain, scale=1.0, price=0.0)


LEAVES = LeafSums(
    {"market": ("", "ID", "TH", "VN")}, ("market",), np.array([[1], [2], [3]], np.int32),
    {"orders": (np.array([40.0, 90.0, 105.0]), np.array([100.0, 100.0, 100.0]))},
)  # fmt: skip
SURE = 0.98


def weigh(error: float = 5.0, price: float = 0.0, leaves: LeafSums = LEAVES, change: float = -65.0) -> _Weigh:
    return _Weigh(Scope(metric=ORDERS, searches=(ORDERS,), error=error, price=price), leaves, change)


def shown(weigh: _Weigh, candidates: list[CandidateSegment]) -> list[tuple[str, float]]:
    return [(str(each.where), each.gain) for each in weigh.showing(weigh.moving(candidates))]


def test_segments_are_shown_that_moved_the_whole_its_way_and_by_no_trifle() -> None:
    three = [segment(f"market={name}", 10.0) for name in ("ID", "TH", "VN")]
    both = [("market=ID", 10.0), ("market=TH", 10.0)]
    assert shown(weigh(), three) == both
    assert shown(weigh(19.0), three) == both, "half of 19 is less than 10"
    assert shown(weigh(21.0), three) == both[:1]
    assert [str(each.where) for each in weigh(21.0).moving(three)] == ["market=ID", "market=TH"]
    assert shown(weigh(price=10.0), three) == []
    assert shown(weigh(price=4.0), three) == [("market=ID", 6.0), ("market=TH", 6.0)]
    restless = weigh(100.0)
    assert not restless.moved
    assert shown(restless, three) == both, "1.25 % of 300 is less than 10"


def test_a_set_is_worth_the_share_that_it_surely_explains() -> None:
    sure = SURE * (1 - np.exp(-2.0))
    one, two = segment("market=ID", 8.0), segment("market=TH", 8.0)
    assert weigh().worth([one]) == pytest.approx(60 / 65 * sure)
    assert weigh().worth([one, two]) == pytest.approx(min(70 / 65 * sure, 1.0))
    thrice = 3 * 60 / 65 * sure
    assert weigh().worth([one, one, one]) == pytest.approx(1 - (thrice - 1.5)), "what is explained twice is taken off"
    assert weigh(100.0).worth([one, two]) == pytest.approx(sure * 60 / 300), "the strongest, by what it moves"
    assert weigh().worth([]) == weigh(100.0).worth([]) == 0.0
    assert weigh().size(one) == 100.0


@pytest.mark.parametrize(("gain", "further"), [(14.1, True), (13.6, False)])
def test_a_further_segment_is_surer_than_the_first_and_adds(gain: float, further: bool) -> None:
    """.98 (1 - exp(-gain / 4)) reaches .95 at 13.95."""
    first, second = segment("market=ID", 20.0), segment("market=TH", gain)
    assert (weigh().next([first], [(second, ORDERS)]) is second) is further
    assert weigh().next([first], [(first, ORDERS)]) is None, "nothing is added"
    assert weigh().next([first, second], [(segment("market=VN", 99.0), ORDERS)]) is None, "it moved the other way"
    little = replace(LEAVES, sums={"orders": (np.array([40.0, 94.0, 105.0]), np.full(3, 100.0))})
    few = weigh(leaves=little, change=-61.0)
    assert few.next([first], [(segment("market=TH", 99.0), ORDERS)]) is None, "six of 61"


def test_simpsons_reversal_is_a_whole_that_got_worse_while_its_values_got_better() -> None:
    values = (MixValue("a", -3.0, 1.0), MixValue("b", -1.0, 0.5))
    assert "in every value" in (simpson(MixRate("market", -4.0, 1.5, values), -1) or "")
    mixed = (MixValue("a", -3.0, 2.0), MixValue("b", -1.0, -0.5))
    together = simpson(MixRate("market", -4.0, 1.5, mixed), -1)
    assert together is not None
    assert "in every value" not in together
    assert simpson(MixRate("market", -4.0, 1.5, values), 1) is None
    assert simpson(MixRate("market", -4.0, -1.5, values), -1) is None
    assert simpson(MixRate("market", -1.5, 1.5, values), -1) is None
    assert simpson(MixRate("market", -4.0, 0.0, values), -1) is None


def test_mix_and_rate_of_each_value_by_the_means_of_both_sides() -> None:
    numerator, denominator = (
        (np.array([6.0, 8.0]), np.array([2.0, 9.0])),
        (np.array([30.0, 10.0]), np.array([10.0, 10.0])),
    )
    found = mix_of_ratio("market", ("a", "b"), numerator, denominator)
    mean = (14 / 40 + 11 / 20) / 2
    by_value = {value.value: (value.mix, value.rate) for value in found.values}
    assert by_value["a"] == pytest.approx((0.25 * (0.2 - mean), 0.0), abs=1e-12)
    assert by_value["b"] == pytest.approx((-0.25 * (0.85 - mean), 0.375 * -0.1))
    assert (found.mix, found.mix + found.rate) == pytest.approx((0.25 * (0.2 - 0.85), 14 / 40 - 11 / 20))
    total = mix_of_sum("market", ("a", "b"), numerator, denominator)
    assert total.mix == pytest.approx(30 * (0.25 * 0.2 - 0.25 * 0.85))
    assert total.mix + total.rate == pytest.approx(3)
    gone = mix_of_ratio("market", ("a",), (np.array([0.0]), np.array([4.0])), (np.array([5.0]), np.array([8.0])))
    assert (gone.mix, gone.rate) == (0.0, -0.5)


@pytest.mark.parametrize(
    ("orders", "refunds", "factor"),
    [
        (50, 10, 1),  # refunds are of orders of weeks before: their share doubles, and nothing happened
        (100, 20, 2),
        (50, 15, 1.5),  # three times the share, one and a half times the cases
        (200, 10, 1),
        (200, 8, 0.8),
    ],
)
def test_refunds_move_no_more_than_their_number_or_their_share(orders: int, refunds: int, factor: float) -> None:
    """100 orders a day before, and 10 refunds."""
    rate = CATALOGUE.metric("refund_rate")
    since = np.arange(63) >= 56
    line = daily(56, paid_orders=np.where(since, orders, 100), refunded_orders=np.where(since, refunds, 10))
    move = moved([rate], line, None)["refund_rate"]
    assert move.beyond == pytest.approx(np.log(factor), abs=0.02)
    assert move.actual == pytest.approx(refunds / orders)
    assert move.percent == pytest.approx(np.expm1(move.beyond))
