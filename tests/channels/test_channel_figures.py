"""What is read of each channel and said of it, from sums written down by hand."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from core.base.days import Window
from core.base.errors import NotEnoughData
from core.base.segment import EVERYTHING
from core.channels import channels
from core.channels.decomposition import decompose
from core.channels.funnel import ChannelDays, read_channels
from core.channels.traffic_move import MoveRequest

DAYS = np.arange(10.0, 31.0)
TABLE = ChannelDays(
    window=Window(10, 30),
    channels=("live", "search"),
    sums={"clicks": np.array([DAYS, 2 * DAYS]), "gmv": np.ones((2, 21))},
)
"""Each day has as many clicks in live as its number says, twice as many in search, and a GMV of 1."""


def test_a_window_is_summed_over_its_own_days_and_the_baseline_by_its_weights() -> None:
    """Days 15 to 17 of a table that ends on day 30: 48 clicks; the baseline is half of all days."""
    usual: Any = SimpleNamespace(reference=SimpleNamespace(dense=lambda _, window: np.full(len(window), 0.5)))
    actual, expected = channels._sides(TABLE, Window(15, 17), usual)
    assert actual["clicks"].tolist() == [15 + 16 + 17, 96]
    assert actual["gmv"].tolist() == [3, 3]
    assert expected["clicks"].tolist() == [DAYS.sum() / 2, DAYS.sum()]


def test_a_move_is_learnt_from_the_days_before_the_window(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[Any] = []
    monkeypatch.setattr(channels, "traffic_move", lambda *words: given.extend(words))
    channels._move(TABLE, Window(20, 26), "clicks", MoveRequest(0.1, "live", "search"))
    past, window, lead, _ = given
    assert (past.window, window.window, lead) == (Window(10, 19), Window(20, 26), "clicks")
    assert past.sums["clicks"][0].tolist() == list(range(10, 20))
    assert window.sums["clicks"][1].tolist() == list(range(40, 54, 2))


SHOWN, HIDDEN = (
    {"impressions": np.array([300.0, 100.0]), "gmv": np.array([6.0, 5.0])},
    {
        "impressions": np.zeros(2),
        "gmv": np.array([6.0, 5.0]),
    },
)


@pytest.mark.parametrize(
    ("actual", "expected", "shares", "gpm"),
    [
        (SHOWN, SHOWN, (0.75, 0.75), (20.0, 20.0)),
        (HIDDEN, SHOWN, (None, 0.75), (None, 20.0)),
        (SHOWN, HIDDEN, (0.75, None), (20.0, None)),
    ],
)
def test_shares_and_rates_without_traffic_are_unknown(
    actual: Any, expected: Any, shares: tuple[float | None, ...], gpm: tuple[float | None, ...]
) -> None:
    parts = decompose(actual, expected, ("gmv",))
    assert parts.rate.tolist() == [0, 0]
    row = channels._row(TABLE, 0, (actual, expected), parts=parts, spreads=None, traffic="impressions")
    assert (row.channel, row.interval, row.intervals) == ("live", None, {})
    assert (row.share, row.share_expected) == shares
    assert (row.funnel["gpm"].actual, row.funnel["gpm"].expected) == gpm


def test_only_traffic_that_is_no_impressions_is_said() -> None:
    assert channels._notes(("impressions", "clicks", "gmv")) == ()
    (note,) = channels._notes(("clicks", "impressions"))
    assert note == "Some channels have no impressions: traffic is counted by clicks."


def _workspace(daily: dict[str, list[list[float]]], dimensions: tuple[str, ...] = ("channel",)) -> Any:
    cube = SimpleNamespace(
        daily=lambda name, _: np.array(daily[name]), values={"channel": ("", "live", "search", "video")}
    )
    return SimpleNamespace(path="w.db", dimensions=dimensions, measures=tuple(daily), cube=lambda *_: cube)


def test_channels_are_those_with_a_single_count_or_a_refund_and_need_gmv() -> None:
    daily = {"orders": [[0, 0], [1, 0], [0, 0], [0, 0]], "gmv": [[0, 0], [0, 0], [0, -0.5], [0, 0]]}
    table = read_channels(_workspace(daily), Window(1, 2), EVERYTHING)
    assert table.channels == ("live", "search")
    assert table.sums["gmv"].tolist() == [[0, 0], [0, -0.5]]
    with pytest.raises(NotEnoughData, match="there is no gmv"):
        read_channels(_workspace({"orders": daily["orders"]}), Window(1, 2), EVERYTHING)
    with pytest.raises(NotEnoughData, match="no rows name their channel"):
        read_channels(_workspace(daily, ("market",)), Window(1, 2), EVERYTHING)
