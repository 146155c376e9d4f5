"""What an answer is put together from: queries, contributions, mix, events, measures that are counted; at their bounds."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from core.base.baseline import Baseline
from core.base.days import Window
from core.base.segment import EVERYTHING, Segment
from core.catalogue.metric_tree.metric_loader import load
from core.detection.forecast.reference_days import ReferenceDays
from core.explanation import trace_sql
from core.explanation.change_explanation import _mix
from core.explanation.decompose.drivers import contributions, counted_sums, drivers
from core.explanation.diagnose.diagnosis import _asked, _counted_in, _finest
from core.explanation.diagnose.event_matching import _in_scope, match_events
from core.explanation.explanation_results import Driver, SegmentShare
from core.explanation.locate.onset import OnsetEstimate
from core.explanation.locate.part_verdict import chance_of_part
from core.explanation.locate.replaced_values import _cells
from core.explanation.locate.segment_choice import _history
from core.explanation.locate.segment_part import denominator_of
from core.explanation.trace_sql import queries
from core.localization.with_history.actual_vs_expected import LeafSums
from core.localization.with_history.segment_lattice import MANY
from core.workspace.read.event_log import Event
from tests.explanation.diagnose.test_cause_tests import move
from tests.explanation.test_bounds_of_requests import judged, request

CATALOGUE = load()
GMV, CTR, CLICKS = (CATALOGUE.metric(key) for key in ("gmv", "ctr", "clicks"))
ID, LIVE = Segment.parse("market=ID"), Segment.parse("channel=live")


def share(where: Segment) -> SegmentShare:
    return SegmentShare(where=where, actual=1.0, expected=2.0, change=-1.0, share=1.0, confidence=0.9)


@pytest.mark.parametrize("weight", [1.0, 0.5])
def test_each_figure_has_its_query_once(monkeypatch: pytest.MonkeyPatch, weight: float) -> None:
    def total(_: Any, key: str, days: Any, where: Segment, clock: str, age: int) -> dict[str, str]:
        return {key: f"{key} of {days('gmv')} in {where or 'all'} by {clock} at {age}"}

    monkeypatch.setattr(trace_sql, "total_sql", total)
    catalogue = SimpleNamespace(metric=CATALOGUE.metric)
    reference = ReferenceDays(np.array([1, 2]), np.full(2, weight), {})
    asked = SimpleNamespace(
        workspace=SimpleNamespace(catalogue=catalogue), metric=GMV, where=ID, window=Window(8, 9), clock="order",
        judged=SimpleNamespace(reference=reference, baseline=Baseline("previous", Window(1, 2)), age=5),
    )  # fmt: skip
    parts = [Driver("gmv", 1.0, 1.0), Driver("ctr", 1.0, 1.0)]
    found = queries(cast(Any, asked), parts, [share(ID), share(LIVE)])
    past = str(Window(1, 2)) if weight == 1 else "{1: 0.5, 2: 0.5}"
    assert found == {
        "actual": f"gmv of {Window(8, 9)} in market=ID by order at 5",
        "expected": f"gmv of {past} in market=ID by order at 5",
        "ctr actual": f"ctr of {Window(8, 9)} in market=ID by order at 5",
        "ctr expected": f"ctr of {past} in market=ID by order at 5",
        "channel=live actual": f"gmv of {Window(8, 9)} in channel=live,market=ID by order at 5",
        "channel=live expected": f"gmv of {past} in channel=live,market=ID by order at 5",
    }
    everything = SimpleNamespace(**{**vars(asked), "where": EVERYTHING})
    assert list(queries(cast(Any, everything), [], [share(EVERYTHING)])) == ["actual", "expected"]


def test_what_known_factors_do_not_account_for_goes_to_the_unknown_one() -> None:
    """Orders are counted without clicks: 1,000 became 3,000, of which a factor that doubled explains nothing alone."""
    nan = float("nan")
    assert contributions([(2.0, 1.0), (nan, nan)], 3000.0, 1000.0) == [0.0, 2000.0]
    parts = contributions([(2.0, 1.0), (nan, 3.0)], 9.0, 3.0)
    assert parts == pytest.approx([9.0 - 3.0 - parts[1], 6.0 - parts[0]])
    assert contributions([(2.0, 1.0), (1e-300, 1e300)], 2e-300, 1e300)[0] > 0, "far numbers have logarithms"


def test_factors_that_hardly_moved_have_exact_contributions() -> None:
    step = 2.0**-54  # the next number after 0.1 is that much larger
    parts = contributions([(0.1, 0.1 + step), (2.0, 2.0)], 0.2, 0.2 + 2 * step)
    assert sum(parts) == 0.2 - (0.2 + 2 * step)
    assert parts[1] == 0.0
    near = contributions([(1 + 1e-9, 1.0), (1 + 3e-9, 1.0)], 1 + 4e-9, 1.0)
    assert near[1] / near[0] == pytest.approx(3, rel=1e-6)


def test_a_ratio_without_a_denominator_is_zero_in_the_sum_of_contributions() -> None:
    (part,) = drivers(CATALOGUE, "ctr", {"clicks": 0.0, "impressions": 0.0}, {"clicks": 5.0, "impressions": 100.0})
    assert part.contribution == pytest.approx(-0.05)


def test_mix_and_rate_of_a_ratio_over_its_own_denominator() -> None:
    """ID has 3 of 4 impressions instead of half of them; its rate stays at 10 %, that of TH at 30 %: all of the change is mix."""
    by = {
        "clicks": (np.array([30.0, 30.0]), np.array([20.0, 60.0])),
        "impressions": (np.array([300.0, 100.0]), np.full(2, 200.0)),
    }
    compared = SimpleNamespace(by=lambda name, _: by[name], values={"market": ("ID", "TH")})
    effect = _mix(CTR, cast(Any, compared), "market", ())
    assert (effect.mix, effect.rate) == (pytest.approx(0.15 - 0.20), pytest.approx(0.0))


def test_only_what_is_counted_inside_the_filter_is_taken_apart() -> None:
    sums = {"impressions": 0.0, "clicks": 0.0, "orders": 2.0, "gmv": 0.0, "paid_orders": 0.0}
    before = {"impressions": 0.0, "clicks": 0.5, "orders": 0.0, "gmv": 0.0, "paid_orders": 0.0}
    actual, expected = counted_sums(GMV, (sums, before))
    assert set(actual) == set(expected) == {"clicks", "orders", "gmv"}


def counted(name: str, *days: float) -> Any:
    return SimpleNamespace(daily=lambda asked: np.array(days if asked == name else [0.0, 0.0]))


@pytest.mark.parametrize(("days", "known"), [((0.0, 0.0), False), ((0.0, 5.0), True)])
def test_traffic_is_counted_in_a_segment_where_any_day_has_some(days: tuple[float, ...], known: bool) -> None:
    compared = SimpleNamespace(
        where=lambda _: SimpleNamespace(stock=counted("clicks", *days)), measures=frozenset({"clicks", "orders"})
    )
    assert _counted_in(cast(Any, compared), ID) == ({"clicks", "orders"} if known else {"orders"})


def test_what_is_to_be_explained_is_the_leaf_that_moved_most_for_its_error() -> None:
    subject = SimpleNamespace(metric=GMV, drivers=(Driver("ctr", 1.0, 1.0), Driver("payment_rate", 1.0, 1.0)))
    moves = {"ctr": move("ctr", 0.5, 0.2), "payment_rate": move("payment_rate", -0.4, 0.01)}
    assert _asked(CATALOGUE, cast(Any, subject), moves) == "payment_rate", "2.0 of 0.25 versus 6.7 of 0.06"
    finer = {"cart_rate": move("cart_rate", 0.1), "ctr": moves["ctr"]}
    assert _finest(CATALOGUE, "ctr", finer) == ["ctr"]
    assert _finest(CATALOGUE, "click_to_order_rate", finer) == ["cart_rate"]
    assert _finest(CATALOGUE, "payment_rate", finer) == []
    unknown = SimpleNamespace(metric=CLICKS, drivers=())
    assert _asked(CATALOGUE, cast(Any, unknown), {"clicks": move("clicks", 0.1)}) == "clicks"
    assert _asked(CATALOGUE, cast(Any, unknown), {}) == "clicks"
    rate = SimpleNamespace(metric=CTR, drivers=())
    assert (
        _asked(CATALOGUE, cast(Any, rate), {"clicks": move("clicks", 0.1), "orders": move("orders", 0.9)}) == "clicks"
    )


LEAVES = LeafSums(
    {"market": ("", "ID", "TH")},
    ("market",),
    np.array([[1], [2]], np.int32),
    {"orders": (np.array([5.0, 5.0]), np.full(2, 10.0))},
)


def test_an_event_counts_by_the_start_that_it_fits_best() -> None:
    logged = Event(event_id="E", starts_at="1970-01-21", ends_at=None, kind="outage", title="T", owner="", where=ID)
    later = replace(logged, event_id="D", starts_at="1970-01-23")
    early, late = (OnsetEstimate(day=day, first=day, last=day, shape="step") for day in (20, 22))
    for starts in ([early, late], [late, early]):
        found = match_events([logged, later], starts, [ID], LEAVES, "orders")
        assert [match.event_id for _, match in found] == ["D", "E"], "alike: by their ids"
        assert [match.score for _, match in found] == [1.0, 1.0]
        assert all("the day of the onset" in match.reason for _, match in found)


def test_a_title_that_names_a_place_helps_no_scope_that_lies_elsewhere() -> None:
    elsewhere = Segment.parse("market=TH")
    fit, text = _in_scope(elsewhere, LIVE, ID, LEAVES, "orders")
    assert (fit, text) == (0.0, "its scope (market=TH) does not overlap market=ID")
    assert _in_scope(ID, Segment(), ID, LEAVES, "orders")[0] == 1.0


@pytest.mark.parametrize(("actual", "chance"), [(99.5, 0.1), (100.0, 1.0), (100.5, 1.0)])
def test_a_part_that_did_not_fall_is_none_by_its_own_days(
    actual: float, chance: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    verdict = SimpleNamespace(actual=actual, expected=100.0, is_drop=True, p_value=0.01)
    monkeypatch.setattr("core.explanation.locate.part_verdict._verdict", lambda *_: verdict)
    assert chance_of_part(request(CLICKS, judged=judged()), ID, CLICKS) == pytest.approx(chance)


@pytest.mark.parametrize(("size", "apart"), [(MANY + 1, True), (MANY + 2, False)])
def test_cells_are_of_the_dimensions_with_few_values(size: int, apart: bool) -> None:
    values = {"market": ("", "ID"), "shop": ("", *map(str, range(size - 1)))}
    codes = np.array([[1, 1], [1, 2]], np.int32)
    cells = _cells(LeafSums(values, tuple(values), codes, {}), "market")
    assert (cells[0] != cells[1]) is np.bool_(apart)


@pytest.mark.parametrize(("key", "coarse", "dimensions"), [
    ("clicks", True, ("market",)), ("clicks", False, ("market", "shop")), ("ctr", True, ("market", "shop")),
])  # fmt: skip
def test_sums_are_looked_at_coarsely_and_ratios_are_not(
    key: str, coarse: bool, dimensions: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []
    monkeypatch.setattr("core.explanation.locate.segment_choice.leaf_history", lambda *given: seen.append(given))
    compared = SimpleNamespace(
        slices=lambda _: ("market", "shop"), values={"market": ("",) * (MANY + 1), "shop": ("",) * (MANY + 2)}
    )
    for replaced in (set(), {"market"}):
        scope = SimpleNamespace(coarse=coarse, groups=(), replaced=replaced)
        _history(CATALOGUE.metric(key), cast(Any, compared), cast(Any, scope))
    assert seen[0][2] == dimensions
    assert seen[1][2] == dimensions[1:], "values that took over in the window are none to look in on more days"


def test_the_denominator_of_a_ratio_is_a_count_of_its_own() -> None:
    volume = denominator_of(CTR)
    assert volume is not None
    assert (volume.key, volume.unit, volume.scale, volume.denominator) == ("impressions", "count", 1.0, None)
    assert volume.value({"impressions": 7.0}) == 7.0
    assert denominator_of(CLICKS) is None
