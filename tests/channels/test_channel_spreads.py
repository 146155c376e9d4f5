"""How wide a channel's usual change is, and which days are asked about by default."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy.stats import t

from core.base.days import Window
from core.channels import channels
from core.channels.funnel import ChannelDays


def _table(first: int, weeks: int, silent: int = -1) -> ChannelDays:
    """One channel whose traffic sells 700 in odd weeks and 1,400 in even ones; `silent`: a week without traffic."""
    week = np.arange(7 * weeks) // 7
    sums = {"impressions": np.where(week == silent, 0.0, 10.0), "gmv": np.where(week % 2, 200.0, 100.0)}
    window = Window(first, 7 * weeks - 1)
    return ChannelDays(window=window, channels=("live",), sums={name: row[None, first:] for name, row in sums.items()})


def _spread(table: ChannelDays, days: Window, reference: Window, scales: Mapping[str, float] | None = None) -> Any:
    """Of a comparison of the days with as many of the reference, each of which weighs the same."""
    past = np.arange(reference.first, reference.last + 1)
    weights = np.full(len(past), len(days) / len(past))
    usual = SimpleNamespace(window=reference, days=past, weights=weights, scales=scales or {})
    return channels._spreads(table, days, SimpleNamespace(reference=usual), ("impressions", "gmv"))  # type: ignore[arg-type]


def test_the_usual_change_is_learnt_from_earlier_windows() -> None:
    """Each week sold 700 more or less than the one before; seven such comparisons fit before the window."""
    spread = _spread(_table(0, 9), Window(56, 62), Window(49, 55))
    assert spread["change"] == pytest.approx([t.ppf(0.975, 7) * 700])
    assert spread["rate"] == pytest.approx([t.ppf(0.975, 7) * 700])
    assert spread["volume"] == pytest.approx([0])


def test_growth_that_is_expected_is_no_usual_change() -> None:
    """Each week sells twice as much as the one before, the fifth three times: 24 a day where 16 follow from all others."""
    week = np.repeat([1.0, 2.0, 4.0, 8.0, 24.0, 48.0, 96.0, 192.0, 384.0], 7)
    table = ChannelDays(
        window=Window(0, 62), channels=("live",), sums={"impressions": np.full((1, 63), 10.0), "gmv": week[None]}
    )
    spread = _spread(table, Window(56, 62), Window(49, 55), {"gmv": 2.0})
    assert spread["change"] == pytest.approx([t.ppf(0.975, 7) * 7 * (24 - 16) / np.sqrt(7)])


@pytest.mark.parametrize(
    ("weeks", "silent", "days", "reference", "windows"),
    [
        (15, -1, (98, 104), (91, 97), 12),  # thirteen fit: twelve are enough
        (9, 2, (56, 62), (49, 55), 5),  # two of the seven touch the week whose traffic is not known
        (9, -1, (49, 55), (56, 62), 7),  # a baseline after the window: the earliest one starts on the first day
        (9, -1, (55, 62), (47, 54), 0),  # of eight days: only every other week has the same weekdays, and three are few
    ],
)
def test_earlier_windows_are_whole_weeks_apart_and_of_the_same_steps(
    weeks: int, silent: int, days: tuple[int, int], reference: tuple[int, int], windows: int
) -> None:
    spread = _spread(_table(0, weeks, silent), Window(*days), Window(*reference))
    assert spread is None if not windows else spread["change"] == pytest.approx([t.ppf(0.975, windows) * 700])


@pytest.mark.parametrize(("first", "reference", "windows"), [(21, 49, 4), (22, 49, 0), (14, 42, 4), (15, 42, 0)])
def test_windows_and_their_baselines_lie_in_the_data_and_four_are_needed(
    first: int, reference: int, windows: int
) -> None:
    spread = _spread(_table(first, 9), Window(56, 62), Window(reference, 55))
    assert (spread is None) is (windows == 0)
    if reference == 49 and windows:
        assert spread["change"] == pytest.approx([t.ppf(0.975, windows) * 700])


@pytest.mark.parametrize(("newest", "first", "days"), [(60, 10, (54, 60)), (12, 10, (10, 12)), (8, 10, (10, 10))])
def test_the_newest_week_that_can_be_judged_is_asked_about(
    newest: int, first: int, days: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channels, "newest_exported", lambda _: (newest, ()))
    workspace: Any = SimpleNamespace(span=Window(first, 99))
    assert channels._newest(workspace)[0] == Window(*days)
