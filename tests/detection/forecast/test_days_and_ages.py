"""Days of a panel, weekdays of a baseline, and how old a day must be: counted by hand."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from core.base.days import Window
from core.base.errors import NotEnoughData, UsageError
from core.catalogue.metric_tree.metric_loader import load
from core.detection.forecast.maturity import DAY_SECONDS, age_for, incomplete_days, judged_ages, newest_known
from core.detection.forecast.panel import Panel
from core.detection.forecast.reference_days import balanced_days, has_weekdays, named_days
from core.detection.forecast.sum_noise import SPANS, SumNoise

CATALOGUE = load()


def known_until(day: int, share_of_next: float = 0.0) -> SimpleNamespace:
    """A workspace whose newest moment is so far into the day after `day`."""
    return SimpleNamespace(newest_clock=(day + 1) * DAY_SECONDS + int(share_of_next * DAY_SECONDS))


@pytest.mark.parametrize(("share", "newest"), [(0.0, 99), (0.5, 99), (0.8999, 99), (0.9, 100)])
def test_a_day_is_known_when_it_is_nearly_over(share: float, newest: int) -> None:
    assert newest_known(known_until(99, share)) == newest


@pytest.mark.parametrize(("last", "age"), [(97, 2), (99, 0), (105, 0), (40, None)])
def test_days_are_compared_at_the_age_of_the_youngest(last: int, age: int | None) -> None:
    metric = CATALOGUE.metric("refund_rate")
    found, notes = age_for(known_until(99), metric, Window(last - 6, last), "order")
    assert found == age
    assert [note.split(" is ")[1] for note in notes] == (
        []
        if age is None
        else ["still incomplete: late data arrive for 30 days. All days are compared at the same age."]
    )
    assert age_for(known_until(99), metric, Window(last - 6, last), "event") == (None, ())
    assert (
        "arrive for 1 day."
        in age_for(known_until(99), replace(metric, mature_after_days=1), Window(99, 99), "order")[1][0]
    )
    assert incomplete_days(metric, "order") == 7
    assert incomplete_days(metric, "event") == incomplete_days(CATALOGUE.metric("gmv"), "order") == 0


@pytest.mark.parametrize(
    ("last", "age", "words"), [(99, 0, "on its own day"), (98, 1, "1 day later"), (40, 1, "1 day later")]
)
def test_what_appeals_take_back_is_always_compared_as_it_was_known_a_day_later(last: int, age: int, words: str) -> None:
    metric = CATALOGUE.metric("violations_per_1k_orders")
    found, notes = age_for(known_until(99), metric, Window(last - 6, last), "order")
    assert found == age
    assert notes[0].endswith(f"counts as it was known {words}, since cases are taken back for months.")
    assert age_for(known_until(99), metric, Window(last - 6, last), "event") == (None, ())


def test_payments_are_waited_for_by_either_clock() -> None:
    """They count on the day of their order; refunds by the clock of events on their own."""
    late = load(payment_days=(5, 2))
    for key, waits in (("gmv", 2), ("payment_rate", 2), ("refund_rate", 0), ("refund_amount", 0), ("violations", 0)):
        assert incomplete_days(late.metric(key), "event") == waits
        assert (age_for(known_until(99), late.metric(key), Window(97, 98), "event")[0] == 1) is bool(waits)


def test_what_matures_slowly_is_judged_early_as_well() -> None:
    """What payments wait for is counted of them: refunds wait longer anyway."""
    keys = ("clicks", "cancel_rate", "refund_rate", "violations", "gmv", "payment_rate", "gpm")
    assert [judged_ages(CATALOGUE.metric(key)) for key in keys] == [
        ((0, None),), ((3, None),), ((30, None), (7, 7)), ((1, 1),), ((0, None),), ((1, None),), ((0, None),)
    ]  # fmt: skip
    late = load(payment_days=(5, 2))
    assert [judged_ages(late.metric(key)) for key in keys] == [
        ((0, None),), ((3, None),), ((30, None), (7, 7)), ((1, 1),), *[((5, None), (2, 2))] * 3
    ]  # fmt: skip


def test_the_days_of_a_panel() -> None:
    panel = Panel(10, np.ones((2, 5)), np.ones((2, 5)))
    assert panel.last == 14
    early = panel.until(12)
    assert (early.last, early.values.shape, early.exposure.shape, early.known.shape) == (12, (2, 3), (2, 3), (1, 3))


def test_a_baseline_of_another_length_stands_in_weekday_by_weekday() -> None:
    assert has_weekdays(Window(0, 1), Window(7, 13))
    assert has_weekdays(Window(0, 1), Window(14, 15))
    assert not has_weekdays(Window(0, 2), Window(7, 8))
    assert not has_weekdays(Window(0, 1), Window(8, 13))
    weekend = balanced_days(Window(5, 6), Window(14, 34))
    assert dict(zip(weekend.days.tolist(), weekend.weights.tolist(), strict=True)) == {
        day: 1 / 3 if day % 7 in (5, 6) else 0.0 for day in range(14, 35)
    }
    assert balanced_days(Window(0, 2), Window(7, 8)).weights.tolist() == [1.5, 1.5]


def test_a_baseline_lies_inside_the_data_on_both_sides() -> None:
    span, week = Window(100, 600), Window(500, 506)
    names = ("previous", "last-year", "4w", "1970-06-01..1970-06-07")
    found = [named_days(span, week, name).window for name in names]
    assert found == [Window(493, 499), Window(136, 142), Window(472, 499), Window(151, 157)]
    for window, name in ((Window(100, 106), "previous"), (week, "1971-08-20..1971-08-26"), (Window(120, 126), "4w")):
        with pytest.raises(NotEnoughData, match="not all inside the data"):
            named_days(span, window, name)
    with pytest.raises(UsageError, match="no baseline 'usual'"):
        named_days(span, week, "usual")


def widening(scores: np.ndarray, counting: float = 0.0) -> float:
    """Of a week's interval, after days of scores, shape (days, series), the median of the series."""
    noise = SumNoise(np.zeros(scores.shape[1], np.int64))
    for day in scores:
        judged = np.ones((len(SPANS), scores.shape[1]), bool)
        noise.learn(np.stack([day] * len(SPANS)), judged, np.ones(scores.shape[1]))
    return float(np.median(noise.widening(7, np.full(scores.shape[1], counting))))


def test_what_is_not_known_of_noise_widens_intervals_until_it_is() -> None:
    rng = np.random.default_rng(3)
    unknown, half, counted = (widening(np.zeros((0, 1)), counting=share) for share in (0.0, 0.5, 1.0))
    assert unknown == pytest.approx(2**0.5 * 2.776 / 1.96, rel=0.01), (
        "twice the variance; four windows: Student's quantile"
    )
    assert half == pytest.approx(1.5**0.5 * 2.120 / 1.96, rel=0.01), "half of it from four windows: 4 / 0.5^2 degrees"
    assert counted == pytest.approx(1.0), "of counting nothing is left to learn"
    alone, together = widening(rng.normal(0, 1, (60, 1))), widening(rng.normal(0, 1, (60, 80)))
    assert unknown > alone > together > 1.0
    assert widening(rng.normal(0, 1, (400, 80))) < 1.1
    fresh = widening(rng.normal(0, 1, (6, 80)))
    assert together < fresh < unknown, "80 series tell in six days more than one, and less than in 60"
