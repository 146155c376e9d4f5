"""The calm world: repeatable, seasonal, noisy, and consistent from one export to the next."""

import csv
import gzip
import io
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from fixtures.marketplace import Records, generate, simulate
from fixtures.marketplace.settings import BURST, CHANNELS, MARKETS
from fixtures.marketplace.stages.fulfilment import NEVER
from tests.conftest import ROOT
from tests.marketplace.counting import DAY, Counted

KINDS = ("traffic", "orders", "reviews", "violations", "creators", "roles", "products", "sellers", "events", "fx")
Rows = dict[str, list[dict[str, str]]]


@pytest.fixture(scope="module")
def made() -> Records:
    return simulate(seed=5)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("marketplace")
    generate(path, seed=11, days=50, scale=0.3)
    return path


@pytest.fixture(scope="module")
def rows(folder: Path) -> Rows:
    """Every export of a small world, read as anybody would."""
    found = {}
    for path in folder.glob("*.csv*"):
        raw = path.read_bytes()
        text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode()
        found[path.name.split(".")[0]] = list(csv.DictReader(io.StringIO(text)))
    return found


def test_same_seed_gives_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        generate(tmp_path / name, seed=3, days=40, scale=0.3, plant=["C11", "C06"])
    generate(tmp_path / "other", seed=4, days=40, scale=0.3, plant=["C11", "C06"])
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert len(names) == len(KINDS) + 1
    assert all((tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes() for name in names)
    assert (tmp_path / "one/orders.csv.gz").read_bytes() != (tmp_path / "other/orders.csv.gz").read_bytes()


def test_command_writes_every_kind(tmp_path: Path) -> None:
    words = [
        sys.executable,
        "-m",
        "fixtures.marketplace",
        str(tmp_path),
        "--seed",
        "2",
        "--days",
        "30",
        "--scale",
        "0.2",
    ]
    done = subprocess.run([*words, "--plant", "C11"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("Payment provider outage or method declined (C11): payment rate down in market=")
    truth = json.loads((tmp_path / "truth.json").read_text())
    assert [one["cause"] for one in truth["planted"]] == ["C11"]
    assert {path.name.split(".")[0] for path in tmp_path.iterdir()} == {*KINDS, "truth"}


def test_size_is_as_promised(made: Records) -> None:
    assert 110_000 < len(made.traffic.day) < 160_000
    assert 50_000 < len(made.lines.head) < 75_000


def test_scale_grows_rows_and_people() -> None:
    small, large = (simulate(seed=5, days=40, scale=scale) for scale in (0.5, 1.5))
    for count in (lambda m: len(m.traffic.day), lambda m: len(m.lines.head), lambda m: len(m.world.creators.person)):
        assert 2.4 < count(large) / count(small) < 3.7


def test_week_and_growth(made: Records) -> None:
    daily = Counted(made).daily("impressions", {})
    weekday = (made.world.first + 3 + np.arange(made.world.days)) % 7
    means = np.array([daily[weekday == one].mean() for one in range(7)])
    assert means[5:].mean() / means[:3].mean() > 1.1
    weeks = daily[-112:].reshape(-1, 7).sum(axis=1)
    assert 1.03 < weeks[-4:].mean() / weeks[:4].mean() < 1.2


def test_markets_and_channels_have_their_shares(made: Records) -> None:
    counted = Counted(made)
    total = counted.daily("impressions", {}).sum()
    for name, market in MARKETS.items():
        assert counted.daily("impressions", {"market": name}).sum() / total == pytest.approx(market.share, rel=0.1)
    for name, channel in CHANNELS.items():
        assert counted.daily("impressions", {"channel": name}).sum() / total == pytest.approx(channel.share, rel=0.15)


def test_counts_scatter_more_than_poisson(made: Records) -> None:
    daily = Counted(made).daily("impressions", {"market": "MY", "channel": "search"})
    assert daily.var() > 5 * daily.mean()


def test_rows_are_few_but_not_tiny(made: Records) -> None:
    assert len(made.traffic.day) < 0.2 * made.world.days * len(made.world.slices.shop)
    assert np.median(made.traffic.impressions) > BURST / 2


def test_nothing_breaks_in_a_calm_world() -> None:
    """Each of the last four weeks lies where the twelve before it predict, in total and by market and channel."""
    worst = []
    for seed in range(6):
        counted = Counted(simulate(seed=seed))
        places = [{}, *({"market": name} for name in MARKETS), *({"channel": name} for name in CHANNELS)]
        for where in places:
            weeks = np.log(counted.daily("impressions", where)[-112:].reshape(16, 7).sum(axis=1))
            trend = np.polyfit(np.arange(12), weeks[:12], 1)
            scatter = np.std(weeks[:12] - np.polyval(trend, np.arange(12)), ddof=2)
            worst.append(np.abs(weeks[12:] - np.polyval(trend, np.arange(12, 16))).max() / scatter)
    assert np.quantile(worst, 0.95) < 5


def test_funnel_narrows_row_by_row(made: Records) -> None:
    traffic = made.traffic
    for wide, narrow in (
        (traffic.impressions, traffic.clicks),
        (traffic.clicks, traffic.detail_views),
        (traffic.detail_views, traffic.add_to_carts),
        (traffic.add_to_carts, traffic.orders),
        (traffic.impressions, traffic.viewers),
    ):
        assert (narrow <= wide).all()


def test_young_days_are_not_mature(made: Records) -> None:
    counted = Counted(made)
    for measure in ("deliveries", "refunded_orders"):
        daily = counted.daily(measure, {}) / counted.daily("orders", {})
        assert daily[-2:].mean() < 0.3 * daily[-60:-40].mean()
    assert max(made.reviews.reviewed_at) <= made.world.end


def test_nothing_is_known_after_the_end(rows: Rows, made: Records) -> None:
    last = max(row["date"] for row in rows["traffic"])
    for name in ("ordered_at", "paid_at", "shipped_at", "delivered_at", "cancelled_at", "refunded_at"):
        assert max(row[name] for row in rows["orders"]) <= f"{last}T23:59:59"
    assert (made.fate.delivered_at[made.fate.delivered_at < NEVER] > made.world.end).any()


def test_orders_come_from_traffic(rows: Rows) -> None:
    names = ("market", "channel", "content_type", "creator_id", "seller_id", "category", "user_segment", "device")
    clicks = {(row["date"], *(row[name] for name in names)): int(row["clicks"]) for row in rows["traffic"]}
    assert len(clicks) == len(rows["traffic"])
    bought = Counter((row["ordered_at"][:10], *(row[name] for name in names)) for row in rows["orders"])
    assert all(count <= clicks[key] for key, count in bought.items())


def test_products_belong_to_their_shop(rows: Rows) -> None:
    shop = {row["product_id"]: (row["seller_id"], row["category"]) for row in rows["products"]}
    assert all(shop[row["product_id"]] == (row["seller_id"], row["category"]) for row in rows["orders"])
    sellers = {row["seller_id"]: row["market"] for row in rows["sellers"]}
    assert all(sellers[row["seller_id"]] == row["market"] for row in rows["orders"])


def test_order_keys_are_unique_and_lines_share_their_order(rows: Rows) -> None:
    keys = Counter((row["order_id"], row["product_id"]) for row in rows["orders"])
    assert max(keys.values()) == 1
    moments: dict[str, tuple[str, ...]] = {}
    for row in rows["orders"]:
        held = tuple(row[name] for name in ("buyer_id", "ordered_at", "paid_at", "shipped_at", "delivered_at"))
        assert moments.setdefault(row["order_id"], held) == held
    assert len(moments) < len(rows["orders"])


def test_moments_of_an_order_follow_each_other(rows: Rows) -> None:
    for row in rows["orders"]:
        told = [
            row[name] for name in ("ordered_at", "paid_at", "shipped_at", "delivered_at", "refunded_at") if row[name]
        ]
        assert told == sorted(told)
        assert bool(row["refunded_at"]) == bool(row["refund_amount"]) == bool(row["refund_reason"])
        assert bool(row["cancelled_at"]) == bool(row["cancelled_by"])
        assert not (row["cancelled_at"] and row["shipped_at"])
        assert float(row["refund_amount"] or 0) <= float(row["gmv"])


def test_reviews_follow_deliveries(rows: Rows) -> None:
    lines = {(row["order_id"], row["product_id"]): row for row in rows["orders"]}
    for row in rows["reviews"]:
        line = lines[row["order_id"], row["product_id"]]
        days = np.datetime64(row["reviewed_at"]) - np.datetime64(line["delivered_at"])
        assert np.timedelta64(1, "D") <= days <= np.timedelta64(21, "D") + np.timedelta64(1, "s")
        assert row["market"] == line["market"]
    assert {row["rating"] for row in rows["reviews"]} == set("12345")


def test_people_have_several_accounts_and_roles(rows: Rows) -> None:
    creators = {row["creator_id"]: row for row in rows["creators"]}
    assert max(Counter(row["person_id"] for row in rows["creators"]).values()) > 1
    roles = [(row["creator_id"], row["role"]) for row in rows["roles"]]
    assert max(Counter(creator for creator, _ in roles).values()) > 1
    assert {role for _, role in roles} == {"affiliate", "live_host", "video_author", "seller_owned", "agency_member"}
    current = {(row["creator_id"], row["role"]) for row in rows["roles"] if not row["until"]}
    for creator, row in creators.items():
        assert bool(row["agency_id"]) == ((creator, "agency_member") in current)
        assert bool(row["seller_id"]) == ((creator, "seller_owned") in current)
    seen = {row["creator_id"] for kind in ("traffic", "orders", "violations") for row in rows[kind]} - {""}
    assert seen <= creators.keys()
    assert all(row["joined_on"] <= max(one["date"] for one in rows["traffic"]) for row in creators.values())


def test_money_has_two_decimals(rows: Rows) -> None:
    for row in rows["orders"]:
        assert all(
            len(row[name].partition(".")[2]) == 2 for name in ("gmv", "refund_amount", "commission") if row[name]
        )
    assert all(len(row["price"].partition(".")[2]) == 2 for row in rows["products"])


def test_true_quality_shows_in_what_happens(made: Records) -> None:
    """Sellers who are late by nature are late in the data, and products with defects get the bad reviews."""
    fate, lines = made.fate, made.lines
    seller = lines.sheet.codes["seller_id"] - 1
    sent = (fate.shipped_at <= made.world.end) & (fate.ship_by <= made.world.end)
    late = np.bincount(seller[sent], (fate.shipped_at > fate.ship_by)[sent]) / np.bincount(seller[sent])
    assert np.corrcoef(late, made.world.sellers.late_dispatch)[0, 1] > 0.8
    product = made.lines.product[made.reviews.line]
    bad = made.reviews.rating <= 2
    poor = made.world.products.defects[product] > 2
    assert bad[poor].mean() > 1.4 * bad[~poor].mean()


def test_newest_moments_of_reviews_stay_within_the_data(rows: Rows) -> None:
    first = min(row["date"] for row in rows["traffic"])
    last = max(row["date"] for row in rows["traffic"])
    assert all(first <= row["reviewed_at"][:10] <= last for row in rows["reviews"])
    assert all(first <= row["occurred_at"][:10] <= last for row in rows["violations"])
    assert (np.datetime64(last) - np.datetime64(first)).astype(int) * DAY == 49 * DAY
