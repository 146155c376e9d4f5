"""Channels of workspaces whose changes are known."""

import csv
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from core.base.days import Window, parse_day
from core.base.errors import NotEnoughData, UsageError
from core.base.segment import Segment
from core.channels import channels as room
from core.channels.channels import channels
from core.channels.traffic_move import MoveRequest
from core.views.funnel_view import funnel
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load
from tui.cli import app

FIRST, DAYS = date(2026, 1, 5), 91
WINDOW = Window.parse("2026-03-30..2026-04-05")
VALUES = {"live": 2.0, "search": 4.0, "video": 1.0}
"""GMV for an impression."""


def shop(folder: Path, seed: int = 1, *, rate: float = 1.0) -> Path:
    """Daily traffic of three channels in two markets that moves from day to day; `rate`: of live in the last week."""
    chance = np.random.default_rng(seed)
    rows: list[list[object]] = []
    for day in range(DAYS):
        for market, size in (("ID", 1000), ("TH", 500)):
            for channel, value in VALUES.items():
                swing = float(np.exp(chance.normal(0, 0.25)))
                impressions = round(size * swing)
                orders = round(impressions * 0.1)
                level = value * size * swing * float(np.exp(chance.normal(0, 0.03)))
                if day >= DAYS - 7 and channel == "live":
                    level *= rate
                rows.append([FIRST + timedelta(day), market, channel, impressions, orders, round(level)])
    with (folder / "daily.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["date", "market", "channel", "impressions", "orders", "gmv"])
        writer.writerows(rows)
    load(folder / "w.db", [folder / "daily.csv"], as_kind="daily")
    reviews = f"review_id,reviewed_at,rating\nR1,{FIRST + timedelta(DAYS - 1)},5\n"  # of no channel that sells
    (folder / "reviews.csv").write_text(reviews)
    load(folder / "w.db", [folder / "reviews.csv"])
    return folder / "w.db"


@pytest.fixture(scope="module")
def fallen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Live sells half for its traffic in the last week."""
    return shop(tmp_path_factory.mktemp("channels"), rate=0.5)


def test_parts_sum_to_the_change_and_the_change_is_what_was_counted(fallen: Path) -> None:
    with Workspace.open(fallen) as workspace:
        result = channels(workspace, window=WINDOW, baseline="previous")
    assert {row.channel for row in result.channels} == set(VALUES)
    assert not any("reviews" in row.funnel for row in result.channels), "of a review without a channel nobody had none"
    with fallen.parent.joinpath("daily.csv").open() as file:
        rows = list(csv.DictReader(file))

    def counted(first: str, last: str, channel: str, column: str = "gmv") -> float:
        days = (row for row in rows if first <= row["date"] <= last and channel in {"", row["channel"]})
        return sum(float(row[column]) for row in days)

    for row in result.channels:
        assert row.actual == counted("2026-03-30", "2026-04-05", row.channel)
        assert row.expected == counted("2026-03-23", "2026-03-29", row.channel)
        for share, days in (
            (row.share, ("2026-03-30", "2026-04-05")),
            (row.share_expected, ("2026-03-23", "2026-03-29")),
        ):
            seen = counted(*days, row.channel, "impressions")
            assert share == pytest.approx(seen / counted(*days, "", "impressions"))
        assert row.volume + row.mix + row.rate == pytest.approx(row.change, abs=1e-6)
        assert sum(row.rates.values()) == pytest.approx(row.rate, abs=1e-9)
    assert result.volume + result.mix + result.rate == pytest.approx(result.change, abs=1e-6)
    assert sum(row.change for row in result.channels) == pytest.approx(result.change)


def test_a_rate_that_fell_in_one_channel_stands_first(fallen: Path) -> None:
    with Workspace.open(fallen) as workspace:
        result = channels(workspace, window=WINDOW)
    worst = result.channels[0]
    assert worst.channel == "live"
    assert worst.rate == pytest.approx(worst.change, abs=0.35 * abs(worst.change))
    assert worst.interval is not None
    assert worst.interval[0] < worst.change < worst.interval[1]
    assert worst.intervals["rate"][1] < 0
    assert worst.funnel["gpm"].actual == pytest.approx(1000 * worst.actual / (worst.funnel["impressions"].actual or 1))


def test_a_move_is_told_where_shares_were_seen_and_refused_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Workspace.open(shop(tmp_path, 4)) as workspace:
        result = channels(workspace, window=WINDOW, move=MoveRequest.parse("3%:video>search"))
        assert result.move is not None
        assert result.move.interval[0] < result.move.effect < result.move.interval[1]
        assert result.move.effect > 0
        assert result.move.elasticities["search"] == pytest.approx(1, abs=0.15)
        with pytest.raises(NotEnoughData, match="Move less"):
            channels(workspace, window=WINDOW, move=MoveRequest.parse("30%:video>search"))
        with pytest.raises(UsageError, match="no channel"):
            channels(workspace, window=WINDOW, move=MoveRequest.parse("3%:vidio>search"))
        monkeypatch.setattr(room, "_move", lambda _, days, lead, __: (days, lead))
        asked: Any = channels(workspace, window=WINDOW, move=MoveRequest.parse("3%:video>search")).move
        assert asked == (WINDOW, "impressions")
    with pytest.raises(UsageError, match="not a move"):
        MoveRequest.parse("live>search")


def test_growth_since_the_baseline_is_traffic_that_was_expected(tmp_path: Path) -> None:
    """Both channels grow by 10 impressions a week; in the last week, half of the orders of live are paid.

    Each step is expected to grow along, so that neither traffic nor the order value (always 10) changed GMV: the fall is that of
    payment. Live counts for half of the GMV, half of that is lost. Of the steps, payment rates included, none is incomplete.
    """
    lines = ["date,channel,impressions,clicks,orders,paid_orders,gmv"]
    weeks, rhythm = 16, (0, 3, -2, 1, -3, 2, -1)
    for day in range(7 * weeks):
        for name in ("live", "search"):
            orders = 4 * (100 + 1 * (day // 7) + rhythm[day % 7])
            paid = orders // (2 if name == "live" and day >= 7 * (weeks - 1) else 1)
            lines.append(f"{FIRST + timedelta(day)},{name},{100 * orders},{10 * orders},{orders},{paid},{10 * paid}")
    (tmp_path / "d.csv").write_text("\n".join(lines) + "\n")
    load(tmp_path / "w.db", [tmp_path / "d.csv"], as_kind="daily")
    with Workspace.open(tmp_path / "w.db") as workspace:
        shown = funnel(workspace)
        result = shown.result
    assert not shown.incomplete
    assert result.change == pytest.approx(-result.expected / 4, rel=0.05)
    assert sum(row.rates["payment_rate"] for row in result.channels) == pytest.approx(result.change, rel=0.05)
    assert result.volume == pytest.approx(0, abs=0.02 * -result.change)
    assert sum(row.rates["average_order_value"] for row in result.channels) == pytest.approx(
        0, abs=0.02 * -result.change
    )


@pytest.mark.parametrize(("weeks", "half"), [(5, None), (6, 2.776 * 700)])
def test_intervals_are_what_earlier_weeks_differed_by(tmp_path: Path, weeks: int, half: float | None) -> None:
    """GMV of live is 1,100 or 1,000 a day in turn, so that earlier weeks differ by 700; in the last one it is 1,500.

    Three earlier comparisons say too little; of four the 95 % interval is 2.776 root mean squares wide to each side.
    """
    lines = ["date,channel,impressions,orders,gmv"]
    for day in range(7 * weeks):
        level = 1500 if day >= 7 * (weeks - 1) else 1000 + 100 * (day // 7 % 2)
        lines += [f"{FIRST + timedelta(day)},{name},100,10,{level if name == 'live' else 900}" for name in VALUES]
    (tmp_path / "d.csv").write_text("\n".join(lines) + "\n")
    load(tmp_path / "w.db", [tmp_path / "d.csv"], as_kind="daily")
    with Workspace.open(tmp_path / "w.db") as workspace:
        result = channels(workspace, baseline="previous")
    last = parse_day(str(FIRST)) + 7 * weeks
    assert result.window == Window(last - 7, last - 1)
    live = result.channels[0]
    change = 7 * (1500 - 1100 if weeks == 5 else 1500 - 1000)
    assert live.change == pytest.approx(change)
    assert live.interval == (None if half is None else pytest.approx((change - half, change + half), abs=1))


def _groups(folder: Path, cells: dict[tuple[str, str], tuple[int, float]]) -> Path:
    """Twenty days of traffic and value by market and channel."""
    lines = ["date,market,channel,impressions,orders,gmv"]
    for day in range(20):
        for (market, channel), (impressions, value) in cells.items():
            lines.append(
                f"{FIRST + timedelta(day)},{market},{channel},{impressions},{impressions // 10},{impressions * value}"
            )
    (folder / "g.csv").write_text("\n".join(lines) + "\n")
    load(folder / "g.db", [folder / "g.csv"], as_kind="daily")
    return folder / "g.db"


def test_a_reversal_is_said_and_none_where_there_is_none(tmp_path: Path) -> None:
    window = Window(parse_day("2026-01-19"), parse_day("2026-01-24"))
    planted = {
        ("ID", "live"): (9000, 2.0),
        ("ID", "search"): (1000, 1.0),
        ("TH", "live"): (1000, 2.4),
        ("TH", "search"): (9000, 1.2),
    }
    with Workspace.open(_groups(tmp_path, planted)) as workspace:
        result = channels(workspace, window=window, baseline="previous", by=("market",)).strategy
    assert result is not None
    assert [(str(pair.ahead), str(pair.behind)) for pair in result.reversals] == [("market=ID", "market=TH")]
    assert [str(group.where) for group in result.groups] == ["market=TH", "market=ID"]
    at_pooled = {str(group.where): group.standardised for group in result.groups}
    assert at_pooled["market=TH"] == pytest.approx(1000 * (0.5 * 2.4 + 0.5 * 1.2))
    advice = {(str(row.where), row.channel): row.advice for row in result.channels}
    assert advice["market=TH", "live"] == "underused"
    assert advice["market=TH", "search"] == "overused"
    slim = {**planted, ("TH", "live"): (5500, 2.3), ("TH", "search"): (4500, 1.35)}  # 1.9 and 1.87: within chance
    (tmp_path / "slim").mkdir()
    with Workspace.open(_groups(tmp_path / "slim", slim)) as workspace:
        result = channels(workspace, window=window, baseline="previous", by=("market",)).strategy
    assert result is not None
    assert [str(pair.ahead) for pair in result.reversals] == ["market=ID"]
    calm = {key: (2000, value) for key, (_, value) in planted.items()}
    (tmp_path / "calm").mkdir()
    with Workspace.open(_groups(tmp_path / "calm", calm)) as workspace:
        result = channels(workspace, window=window, baseline="previous", by=("market",)).strategy
    assert result is not None
    assert result.reversals == ()
    assert {row.advice for row in result.channels} == {"as_pooled"}


def test_a_segment_and_the_command(fallen: Path) -> None:
    with Workspace.open(fallen) as workspace:
        part = channels(workspace, window=WINDOW, where=Segment.parse("market=ID"))
        whole = channels(workspace, window=WINDOW)
    assert 0 < part.actual < whole.actual
    words = ["channels", "--db", str(fallen), "--window", str(WINDOW)]
    document = json.loads(CliRunner().invoke(app, [*words, "--format", "json"]).stdout)
    assert document["schema"] == "whydrop.channels/1"
    keys = {"channel", "actual", "expected", "change", "volume", "mix", "rate", "interval", "funnel"}
    assert document["channels"][0].keys() >= keys
    assert document["channels"][0]["funnel"]["gmv"].keys() == {"actual", "expected"}
    text = CliRunner().invoke(app, [*words, "--by", "market"]).stdout
    assert text.startswith("GMV was ")
    assert "At equal traffic mix, GMV per 1,000 impressions by market:" in text
    refused = CliRunner().invoke(app, [*words, "--by", "channel"])
    assert (refused.exit_code, "every channel is compared already" in refused.stderr) == (2, True)
