"""How wide a channel's usual change is, and which days are asked about by default."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy.stats import t

from core.base.days import Window
from core.channels import channels
from core.channels.funnel import ChannelDays

WEEKS = 9


def _spread(first: int, reference: int) -> Any:
    """One channel whose traffic sells 700 in odd weeks and 1,400 in even ones; the last week versus the one before it.

    `first`: of the table; `reference`: the first day of the baseline that the window of day 56 to 62 is compared with.
    """
    gmv = np.array([[100.0, 200.0][week % 2] for week in range(WEEKS) for _ in range(7)])[first:]
    table = ChannelDays(
        window=Window(first, 62),
        channels=("live",),
        sums={"impressions": np.full((1, len(gmv)), 10.0), "gmv": gmv[None]},
    )
    days = np.arange(reference, 56)
    usual = SimpleNamespace(window=Window(reference, 55), days=days, weights=np.full(len(days), 7 / len(days)))
    return channels._spreads(table, Window(56, 62), SimpleNamespace(reference=usual), ("impressions", "gmv"))  # type: ignore[arg-type]


def test_the_usual_change_is_learnt_from_earlier_windows() -> None:
    """Each week sold 700 more or less than the one before; seven such comparisons fit before the window."""
    spread = _spread(0, 49)
    assert spread["change"] == pytest.approx([t.ppf(0.975, 7) * 700])
    assert spread["rate"] == pytest.approx([t.ppf(0.975, 7) * 700])
    assert spread["volume"] == pytest.approx([0])


@pytest.mark.parametrize(("first", "reference", "windows"), [(21, 49, 4), (22, 49, 0), (14, 42, 4), (15, 42, 0)])
def test_windows_and_their_baselines_lie_in_the_data_and_four_are_needed(
    first: int, reference: int, windows: int
) -> None:
    spread = _spread(first, reference)
    assert (spread is None) is (windows == 0)
    if reference == 49 and windows:
        assert spread["change"] == pytest.approx([t.ppf(0.975, windows) * 700])


@pytest.mark.parametrize(("newest", "first", "days"), [(60, 10, (54, 60)), (12, 10, (10, 12)), (8, 10, (10, 10))])
def test_the_newest_week_that_can_be_judged_is_asked_about(
    newest: int, first: int, days: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channels, "newest_to_judge", lambda _: (newest, ()))
    workspace: Any = SimpleNamespace(span=Window(first, 99))
    assert channels._newest(workspace) == Window(*days)
