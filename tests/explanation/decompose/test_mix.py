"""Mix and rate add up to the change, and mean what they say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.explanation.decompose.mix_and_rate import mix_of_ratio, mix_of_sum, simpson

NAMES = ("", "a", "b", "c")
row = st.lists(st.one_of(st.just(0.0), st.floats(1, 1e6)), min_size=4, max_size=4).map(np.array)
SOME = np.array([1.0, 0, 0, 0])


def values(found):
    return {one.value: one for one in found.values}


@given(row, row, row, row)
def test_mix_and_rate_of_a_ratio_add_up(over_now, over_then, under_now, under_then):
    under_now, under_then = under_now + SOME, under_then + SOME
    found = mix_of_ratio("d", NAMES, (over_now, over_then), (under_now, under_then))
    change = over_now.sum() / under_now.sum() - over_then.sum() / under_then.sum()
    size = sum(abs(one.mix) + abs(one.rate) for one in found.values)
    assert found.mix + found.rate == pytest.approx(change, rel=1e-9, abs=1e-15 * size), (
        "as exact as floats that cancel can be"
    )
    assert sum(one.mix for one in found.values) == pytest.approx(found.mix, abs=1e-9 * size)
    assert sum(one.rate for one in found.values) == pytest.approx(found.rate, abs=1e-9 * size)


@given(row, row, row, row)
def test_mix_and_rate_of_a_sum_add_up_value_by_value(now, then, volume_now, volume_then):
    found = mix_of_sum("d", NAMES, (now, then), (volume_now, volume_then))
    scale = max(now.sum() + then.sum(), 1.0)
    assert found.mix + found.rate == pytest.approx(now.sum() - then.sum(), abs=1e-9 * scale)
    for name, one in values(found).items():
        place = NAMES.index(name)
        assert one.mix + one.rate == pytest.approx(now[place] - then[place], abs=1e-6 * scale)


def test_only_a_shift_of_shares_is_all_mix():
    under_then, under_now = np.array([0, 50.0, 50, 0]), np.array([0, 80.0, 20, 0])
    rate = np.array([0, 0.1, 0.3, 0])
    found = mix_of_ratio("d", NAMES, (under_now * rate, under_then * rate), (under_now, under_then))
    assert found.rate == pytest.approx(0, abs=1e-12)
    assert found.mix == pytest.approx(0.14 - 0.20)


def test_only_changes_inside_are_all_rate():
    under = np.array([0, 50.0, 50, 0])
    found = mix_of_ratio("d", NAMES, (under * [0, 0.1, 0.2, 0], under * [0, 0.1, 0.3, 0]), (under, under))
    assert (found.mix, found.rate) == (pytest.approx(0), pytest.approx(-0.05))
    assert values(found)["b"].rate == pytest.approx(-0.05)


def test_all_volume_down_alike_is_no_mix():
    then, volume = np.array([0, 10.0, 40, 0]), np.array([0, 100.0, 100, 0])
    found = mix_of_sum("d", NAMES, (then * 0.8, then), (volume * 0.8, volume))
    assert (found.mix, found.rate) == (pytest.approx(0), pytest.approx(-10))


def test_volume_moving_to_the_poorer_value_is_mix():
    volume = np.array([0, 60.0, 140, 0]), np.array([0, 100.0, 100, 0])
    gain = np.array([0, 4.0, 1, 0])
    found = mix_of_sum("d", NAMES, (volume[0] * gain, volume[1] * gain), volume)
    assert (found.mix, found.rate) == (pytest.approx(-120), pytest.approx(0))


def test_a_sum_without_volume_is_all_rate():
    found = mix_of_sum("post_type", NAMES, (np.array([0, 1.0, 2, 0]), np.array([0, 5.0, 1, 0])), None)
    assert (found.mix, found.rate) == (0, -3)
    assert values(found)["a"].rate == -4


def test_a_reversal_is_said_in_words_and_nothing_else_is():
    under_then, under_now = np.array([0, 90.0, 10, 0]), np.array([0, 10.0, 90, 0])
    over_then, over_now = under_then * [0, 0.5, 0.1, 0], under_now * [0, 0.55, 0.12, 0]
    found = mix_of_ratio("device", NAMES, (over_now, over_then), (under_now, under_then))
    text = simpson(found, worse=-1)
    assert text is not None
    assert "in every value it improved" in text
    assert simpson(found, worse=1) is None


def test_a_long_tail_is_added_up_and_still_closes():
    n = 1000
    now, then = np.arange(n, dtype=float), np.arange(n, dtype=float)[::-1].copy()
    found = mix_of_sum("creator_id", [f"C{k}" for k in range(n)], (now, then), None)
    assert len(found.values) == 201
    assert found.values[-1].value == "(800 others)"
    assert sum(one.rate for one in found.values) == pytest.approx(0, abs=1e-9)
