"""Indexes of a marketplace, against SQL that counts the same from the words of the workspace."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from core.base.days import Window, parse_day
from core.base.errors import NotEnoughData, UsageError
from core.base.segment import Segment
from core.indexes.index_results import IndexValue
from core.indexes.indexes import index_drops, indexes
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load
from tests.indexes.shop import DAYS, FIRST, QUALITY, build
from tui.cli import app

LAST = parse_day((FIRST + timedelta(DAYS - 1)).isoformat())
WEEK = Window(LAST - 41, LAST - 35)
"""Old enough for every index."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("indexes"))


def _ask(db: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(db)) as connection:
        return connection.execute(sql.format(first=WEEK.to_dict()["from"], last=WEEK.to_dict()["to"])).fetchall()


def _by_market(db: Path, key: str, *, where: str = "", by: tuple[str, ...] = ("market",)) -> dict[str, IndexValue]:
    with Workspace.open(db) as workspace:
        result = indexes(workspace, [key], window=WEEK, where=Segment.parse(where), by=by)
    return {value.where.to_dict().get(by[0], "") if by else "": value for value in result.indexes}


PAID = "FROM orders WHERE paid_at IS NOT NULL AND buyer_id <> '' AND date BETWEEN '{first}' AND '{last}'"


def test_buyers_are_counted_distinct_in_every_market_and_never_summed(shop: Path) -> None:
    counted = dict(_ask(shop, f"SELECT market, count(DISTINCT buyer_id) {PAID} GROUP BY 1"))
    assert {market: value.actual for market, value in _by_market(shop, "buyers").items()} == counted
    ((whole,),) = _ask(shop, f"SELECT count(DISTINCT buyer_id) {PAID}")
    assert _by_market(shop, "buyers", by=())[""].actual == whole < sum(counted.values())
    live = _by_market(shop, "buyers", where="channel=live,market=ID|TH", by=())[""]
    part = "AND channel = 'live' AND market IN ('ID', 'TH')"
    assert live.actual == _ask(shop, f"SELECT count(DISTINCT buyer_id) {PAID} {part}")[0][0]


def test_daily_buyers_of_series_are_those_of_each_day(shop: Path) -> None:
    asked = ["series", "buyers", "--by", "market", "--format", "json", "--db", str(shop)]
    result = CliRunner().invoke(app, [*asked, "--from", WEEK.to_dict()["from"], "--to", WEEK.to_dict()["to"]])
    rows = {(row["day"], row["market"]): row["value"] for row in json.loads(result.stdout)["rows"]}
    counted = _ask(shop, f"SELECT date, market, count(DISTINCT buyer_id) {PAID} GROUP BY 1, 2")
    assert {key: value for key, value in rows.items() if value} == {(day, market): n for day, market, n in counted}


def test_new_buyers_are_those_whose_first_purchase_of_all_is_in_the_window(shop: Path) -> None:
    first = "SELECT buyer_id, min(date) day FROM orders WHERE paid_at IS NOT NULL AND buyer_id <> '' GROUP BY 1"
    rows = _ask(
        shop,
        f"SELECT market, avg(f.day >= '{{first}}') FROM (SELECT DISTINCT market, buyer_id {PAID}) o "
        f"JOIN ({first}) f USING (buyer_id) GROUP BY 1",
    )
    actual = {market: value.actual for market, value in _by_market(shop, "new_buyer_share").items()}
    assert actual == pytest.approx(dict(rows))


def test_repeat_purchases_are_later_days_within_thirty_of_the_first_in_the_window(shop: Path) -> None:
    again = (
        "EXISTS (SELECT 1 FROM orders n WHERE n.buyer_id = o.buyer_id AND n.paid_at IS NOT NULL AND n.date > o.day "
        "AND n.date <= date(o.day, '+30 days'))"
    )
    rows = _ask(
        shop,
        f"SELECT market, avg({again}) FROM (SELECT market, buyer_id, min(date) day {PAID} GROUP BY 1, 2) o GROUP BY 1",
    )
    actual = {market: value.actual for market, value in _by_market(shop, "repeat_purchase_rate").items()}
    assert actual == pytest.approx(dict(rows))


def test_a_shop_of_daily_sums_counts_no_index_however_short_its_past(tmp_path: Path) -> None:
    """It was told that the data begin too late for new buyers, of whom nothing is known."""
    days = "".join(f"2026-07-{day:02},10,100\n" for day in range(1, 10))
    (tmp_path / "days.csv").write_text("date,orders,gmv\n" + days)
    load(tmp_path / "w.db", [tmp_path / "days.csv"])
    with Workspace.open(tmp_path / "w.db") as workspace:
        with pytest.raises(NotEnoughData, match="nothing that is loaded counts any index. Load orders with buyer_id"):
            indexes(workspace)
        with pytest.raises(NotEnoughData, match="counts repeat_purchase_rate"):
            indexes(workspace, ["repeat_purchase_rate"])


def test_a_window_whose_cohorts_are_not_complete_is_left_out(shop: Path) -> None:
    young = Window(LAST - 20, LAST - 14)
    with Workspace.open(shop) as workspace:
        with pytest.raises(NotEnoughData, match="is left out: it is complete on"):
            indexes(workspace, ["repeat_purchase_rate"], window=young)
        named = {value.index for value in indexes(workspace, window=young).indexes}
        assert "repeat_purchase_rate" not in named
        assert {"buyers", "satisfaction_index"} <= named


def test_penetration_divides_by_the_buyers_of_everything(shop: Path) -> None:
    ((whole,),) = _ask(shop, f"SELECT count(DISTINCT buyer_id) {PAID}")
    counted = dict(_ask(shop, f"SELECT market, count(DISTINCT buyer_id) {PAID} GROUP BY 1"))
    shares = _by_market(shop, "buyer_penetration", where="market=ID|TH")
    assert shares.keys() == {"ID", "TH"}
    assert all(value.actual == pytest.approx(counted[market] / whole) for market, value in shares.items())


def test_shares_of_creators_products_and_exposure(shop: Path) -> None:
    paid = PAID.replace("AND buyer_id <> ''", "")
    ((active,), (known,)) = _ask(
        shop,
        f"SELECT count(DISTINCT creator_id) {paid} UNION ALL SELECT count(*) FROM (SELECT creator_id FROM creators WHERE "
        "joined_on <= '{last}' UNION SELECT creator_id FROM orders WHERE creator_id <> '' AND date <= '{last}')",
    )
    assert _by_market(shop, "active_creator_share", by=())[""].actual == pytest.approx(active / known)
    ((sold,), (listed,)) = _ask(
        shop,
        f"SELECT count(DISTINCT product_id) {paid} AND product_id IN (SELECT product_id FROM products WHERE listed_on <= "
        "'{last}') UNION ALL SELECT count(*) FROM products WHERE listed_on <= '{last}'",
    )
    assert _by_market(shop, "sell_through_rate", by=())[""].actual == pytest.approx(sold / listed)
    ((new, total),) = _ask(
        shop,
        "SELECT sum(impressions * (julianday(date) - julianday(joined_on) BETWEEN 0 AND 90)), sum(impressions) FROM traffic "
        "JOIN creators USING (creator_id) WHERE date BETWEEN '{first}' AND '{last}'",
    )
    assert _by_market(shop, "newcomer_exposure_share", by=())[""].actual == pytest.approx(new / total)  # type: ignore[operator]


def test_satisfaction_follows_the_planted_quality_of_markets(shop: Path) -> None:
    month = Window(LAST - 69, LAST - 14)
    with Workspace.open(shop) as workspace:
        result = indexes(workspace, ["satisfaction_index"], window=month, by=["market"])
    points = {value.where.to_dict()["market"]: value.actual for value in result.indexes}
    ranks = np.argsort(np.argsort([points[market] for market in QUALITY]))
    assert np.corrcoef(ranks, -np.arange(len(QUALITY)))[0, 1] >= 0.8
    assert all(
        value.interval and 0 <= value.interval[0] < value.actual < value.interval[1] <= 100 for value in result.indexes
    )


def test_satisfaction_is_the_weighted_mean_of_its_components(shop: Path) -> None:
    value = _by_market(shop, "satisfaction_index", by=())[""]
    parts = {part.component: part for part in value.parts}
    assert sum(part.weight for part in value.parts) == pytest.approx(1)
    assert value.actual == pytest.approx(sum(part.weight * (part.points or 0.0) for part in value.parts))
    inside = "date BETWEEN '{first}' AND '{last}'"
    ((stars, negative),) = _ask(shop, f"SELECT avg(rating), avg(rating <= 2) FROM reviews WHERE {inside}")
    ((refunds,),) = _ask(
        shop,
        f"SELECT avg(coalesce(refund_reason, '') = 'defective') FROM orders WHERE paid_at IS NOT NULL AND {inside}",
    )
    ((late, cancelled),) = _ask(
        shop,
        f"SELECT avg(delivered_at > promised_by), avg(coalesce(cancelled_by, '') = 'seller') FROM orders WHERE {inside}",
    )
    counted = {"stars": stars, "negative_reviews": negative, "late_deliveries": late}
    assert {name: parts[name].actual for name in counted} == pytest.approx(counted)
    assert parts["refunds_for_cause"].actual == pytest.approx(refunds)
    assert parts["seller_cancellations"].actual == pytest.approx(cancelled)


def test_weights_of_satisfaction_are_settings_and_relative_to_each_other(shop: Path) -> None:
    usual = {part.component: part for part in _by_market(shop, "satisfaction_index", by=())[""].parts}
    settings = shop.parent / "whydrop.toml"
    try:
        settings.write_text("[satisfaction]\nstars = 90\nnegative_reviews = 0\nlate_deliveries = 45\n")
        value = _by_market(shop, "satisfaction_index", by=())[""]
        settings.write_text("[satisfaction]\n" + "".join(f"{name} = 0\n" for name in usual))
        with pytest.raises(UsageError, match="leaves every component out"):
            _by_market(shop, "satisfaction_index", by=())
    finally:
        settings.unlink()
    weights = {"stars": 90, "refunds_for_cause": 20, "late_deliveries": 45, "seller_cancellations": 15}
    assert {part.component: part.weight for part in value.parts} == pytest.approx(
        {name: weight / sum(weights.values()) for name, weight in weights.items()}
    )
    points = sum(weight * (usual[name].points or 0.0) for name, weight in weights.items())
    assert value.actual == pytest.approx(points / sum(weights.values()))


def test_what_moved_satisfaction_sums_to_its_change(shop: Path) -> None:
    with Workspace.open(shop) as workspace:
        for baseline in ("expected", "previous"):
            result = indexes(workspace, ["satisfaction_index"], baseline=baseline, by=["market", "role"])
            for value in result.indexes:
                if value.change is not None:
                    assert sum(part.contribution or 0.0 for part in value.parts) == pytest.approx(
                        value.change, abs=1e-9
                    )
    assert {value.where.to_dict()["role"] for value in result.indexes} == {"live_host", "affiliate"}


def test_what_got_worse_is_said_by_index_and_scan(tmp_path: Path, computed_once: Callable[[str], None]) -> None:
    computed_once("core.views.questions.scan_answer.find_incidents")
    db = build(tmp_path, seed=4, orders=60, fewer_buyers=0.5, worse=0.5)
    with Workspace.open(db) as workspace:
        drops = index_drops(workspace)
        whole = indexes(workspace, ["satisfaction_index"], where=Segment.parse("market=ID")).indexes[0]
    assert {("buyers", ""), ("satisfaction_index", "market=ID")} <= {(drop.index, str(drop.where)) for drop in drops}
    assert all(drop.good != "neutral" and (drop.change or 0.0) < 0 for drop in drops)
    assert (whole.change or 0.0) < -10
    text = CliRunner().invoke(app, ["scan", "--db", str(db)]).stdout
    assert "Buyers fell to " in text
    document = json.loads(CliRunner().invoke(app, ["scan", "--db", str(db), "--format", "json"]).stdout)
    assert {"index", "where", "actual", "expected", "p_value"} <= document["indexes"][0].keys()


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("buyer",), "no index 'buyer'. Did you mean"),
        (("--by", "planet"), "no dimension 'planet'"),
        (("buyers", "--baseline", "4w"), "Choose a baseline of as many days"),
        (
            ("buyers", "--baseline", "2026-04-19..2026-04-25", "--window", "2026-04-20..2026-04-26"),
            "overlaps the window",
        ),
        (("--where", "role=affiliate"), "Use --by role"),
    ],
)
def test_mistakes_are_said_in_one_line(shop: Path, words: tuple[str, ...], line: str) -> None:
    result = CliRunner().invoke(app, ["index", *words, "--db", str(shop)])
    assert result.exit_code == 2
    assert line in result.output


def test_a_distinct_count_is_no_metric(shop: Path) -> None:
    with Workspace.open(shop) as workspace, pytest.raises(UsageError, match="cannot be added up"):
        workspace.metric("buyers")
    shown = CliRunner().invoke(app, ["metrics", "show", "satisfaction_index", "--db", str(shop), "--format", "json"])
    assert json.loads(shown.stdout)["metrics"][0]["unit"] == "points"
