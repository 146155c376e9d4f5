"""What buyers complain about, asked of workspaces whose complaints are known."""

import csv
import json
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from core.base.days import Window
from core.base.errors import NotEnoughData
from core.base.segment import Segment
from core.voice.chance import more_than_share
from core.voice.rising_words import rising_words
from core.voice.voice import texts, voice
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load
from tui.cli import app

FIRST, DAYS, A_DAY = date(2026, 1, 5), 84, 20
NOW = Window.parse("2026-03-02..2026-03-29")
USUAL = (
    "Produto ruim, veio quebrado",
    "Não recebi meu pedido",
    "Atendimento péssimo, ninguém responde",
    "Not as described",
)
PRAISE = ("Adorei, chegou antes do prazo", "Great product")


def _write(path: Path, header: str, rows: list[list[object]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header.split(","))
        writer.writerows(rows)


def shop(folder: Path, seed: int, *, planted: str = "", late_market: str = "", since: int = 77) -> Path:
    """Twelve weeks of orders and reviews; from day `since` on some buyers write `planted`, and one market is late."""
    chance = np.random.default_rng(seed)
    orders: list[list[object]] = []
    reviews: list[list[object]] = []
    for day in range(DAYS):
        at = FIRST + timedelta(day)
        for number in range(A_DAY):
            key, market = f"o{day}-{number}", ("ID", "TH", "VN")[number % 3]
            refunded = chance.random() < 0.05
            orders.append([key, at, f"p{number % 5}", 100, market, at, at if refunded else "", 40 if refunded else "",
                           "arrived broken" if refunded else ""])  # fmt: skip
            bad = chance.random() < 0.15
            text = str(chance.choice(USUAL if bad else PRAISE))
            if day >= since and late_market == market and chance.random() < 0.5:
                bad, text = True, "Chegou muito atrasado"
            if day >= since and planted and number < 2:
                bad, text = True, planted
            reviews.append([f"r{key}", key, at, 1 if bad else 5, text])
    _write(
        folder / "orders.csv",
        "order_id,ordered_at,product_id,gmv,market,paid_at,refunded_at,refund_amount,refund_reason",
        orders,
    )
    _write(folder / "reviews.csv", "review_id,order_id,reviewed_at,rating,text", reviews)
    load(folder / "w.db", [folder / "orders.csv", folder / "reviews.csv"])
    return folder / "w.db"


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Nothing new."""
    return shop(tmp_path_factory.mktemp("calm"), 3)


def test_orders_money_and_shares_are_counted_once(calm: Path) -> None:
    with calm.parent.joinpath("orders.csv").open() as file:
        orders = {row["order_id"]: row for row in csv.DictReader(file)}
    with calm.parent.joinpath("reviews.csv").open() as file:
        reviews = {row["order_id"]: row for row in csv.DictReader(file)}
    window = [key for key, row in orders.items() if "2026-03-02" <= row["ordered_at"] <= "2026-03-29"]
    quality = [
        key
        for key in window
        if orders[key]["refund_reason"] or (reviews[key]["rating"] == "1" and "quebrado" in reviews[key]["text"])
    ]
    with Workspace.open(calm) as workspace:
        result = voice(workspace, window=NOW)
    theme = next(theme for theme in result.themes if theme.theme == "quality")
    assert result.order_lines == len(window) == 28 * A_DAY
    assert theme.orders == len(quality)
    assert theme.share == pytest.approx(len(quality) / len(window))
    assert theme.money_lost == pytest.approx(40 * sum(bool(orders[key]["refund_reason"]) for key in window))
    assert theme.interval[0] < theme.money_lost < theme.interval[1]
    assert theme.change == pytest.approx(theme.share - theme.share_before)
    assert str(result.before)[:10] == "2026-01-05"


def test_nothing_rises_where_nothing_is_new(calm: Path, tmp_path: Path) -> None:
    for seed, db in ((3, calm), (8, shop(tmp_path, 8))):
        with Workspace.open(db) as workspace:
            result = voice(workspace, window=Window.parse("2026-03-23..2026-03-29"))
        assert not [theme.theme for theme in result.themes if theme.rose], seed
        assert result.rising == (), seed


def test_a_word_that_is_not_twice_as_frequent_did_not_rise() -> None:
    now = np.arange(20_000) % 10 == 0
    for share, marked in ((0.15, False), (0.3, True)):  # of the texts now, and 0.1 of those before: both beyond chance
        has_word = np.where(now, np.arange(20_000) // 10 % 100 < 100 * share, np.arange(20_000) // 10 % 10 == 0)
        texts_of_days = [f"produto{number % 50} {'vazando' * flag}" for number, flag in enumerate(has_word.tolist())]
        assert ("vazando" in {word.word for word in rising_words(texts_of_days, now)}) is marked


def test_the_chance_of_a_single_case_is_the_share_of_the_window() -> None:
    assert more_than_share(np.array([0.0, 1.0]), np.array([3.0, 0.0]), 0.1) == pytest.approx([1.0, 0.1])


def test_words_that_happen_to_be_frequent_in_a_week_did_not_rise() -> None:
    marked = 0
    for seed in range(80):  # forty complaints that are written again and again, each in words of its own
        chance = np.random.default_rng(seed)
        written, now = chance.integers(0, 40, 600), chance.random(600) < 0.1
        letters = [f"{chr(97 + number // 20)}{chr(97 + number % 20)}" for number in written.tolist()]
        marked += bool(rising_words([f"abc{word} def{word} ghi{word}" for word in letters], now))
    assert marked <= 1


def test_a_new_complaint_is_seen_within_its_first_week(tmp_path: Path) -> None:
    db = shop(tmp_path, 5, planted="The charger explodes and sparks, write to me@mail.example")
    with Workspace.open(db) as workspace:
        result = voice(workspace, window=Window.parse("2026-03-23..2026-03-29"))
    found = {word.word: word for word in result.rising}
    assert {"explodes", "sparks", "charger"} <= found.keys()
    assert found["explodes"].texts_before == 0
    assert found["explodes"].texts == 14
    assert "me@mail" not in found["explodes"].quote


def test_a_theme_that_rose_is_said_with_the_market_where(tmp_path: Path) -> None:
    db = shop(tmp_path, 6, late_market="TH", since=70)
    with Workspace.open(db) as workspace:
        result = voice(workspace, window=Window.parse("2026-03-16..2026-03-29"))
        only = voice(workspace, window=Window.parse("2026-03-16..2026-03-29"), where=Segment.parse("market=VN"))
    late = next(theme for theme in result.themes if theme.theme == "delivery")
    assert late.rose
    assert [str(segment.where) for segment in late.segments if "market" in segment.where.dimensions] == ["market=TH"]
    assert "atrasado" in late.words
    assert not any(theme.rose for theme in only.themes)


def test_every_text_is_listed_with_its_themes(calm: Path) -> None:
    with Workspace.open(calm) as workspace:
        listed = texts(workspace, window=NOW)
    with calm.parent.joinpath("reviews.csv").open() as file:
        written = {row["review_id"]: row for row in csv.DictReader(file) if row["reviewed_at"] >= "2026-03-02"}
    assert {text.review_id for text in listed} == written.keys()
    for text in listed:
        assert ("delivery" in text.themes) == ("recebi" in written[text.review_id]["text"])
        assert written[text.review_id]["rating"] == "1" or not text.themes


def test_five_stars_are_no_complaint_whatever_is_written(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        [f"r{day}-{stars}", FIRST + timedelta(day), stars, "It arrived broken"]
        for day in range(3)
        for stars in range(1, 6)
    ]
    _write(tmp_path / "reviews.csv", "review_id,reviewed_at,rating,text", rows)
    load(tmp_path / "w.db", [tmp_path / "reviews.csv"])
    with Workspace.open(tmp_path / "w.db") as workspace:
        listed = texts(workspace, window=Window.parse("2026-01-05..2026-01-07"))
        themes = voice(workspace, window=Window.parse("2026-01-05..2026-01-07")).themes
    assert {text.review_id for text in listed if text.themes == ("quality",)} == {
        f"r{day}-{stars}" for day in range(3) for stars in range(1, 5)
    }
    assert [(theme.theme, theme.orders) for theme in themes] == [("quality", 9)], (
        "four stars speak of it, three complain"
    )


def test_refund_reasons_alone_are_enough(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        [f"o{day}", FIRST + timedelta(day), "p", 50, FIRST + timedelta(day), FIRST + timedelta(day), "wrong size"]
        for day in range(60)
    ]
    _write(tmp_path / "o.csv", "order_id,ordered_at,product_id,gmv,paid_at,refunded_at,refund_reason", rows)
    load(tmp_path / "w.db", [tmp_path / "o.csv"])
    with Workspace.open(tmp_path / "w.db") as workspace:
        result = voice(workspace)
    (theme,) = result.themes
    assert (theme.theme, theme.orders, theme.money_lost) == ("wrong_item", 28, 28 * 50)
    half = 1.96 * 50 * 28**0.5  # 28 independent amounts of 50: their sum has a variance of 28 x 2,500
    assert theme.interval == pytest.approx((1400 - half, 1400 + half), rel=1e-4)
    assert any("refund reasons and cancellations alone" in note for note in result.notes)


def test_what_the_shop_cancels_is_out_of_stock_to_the_last_day(tmp_path: Path) -> None:
    """Each of 60 days the shop cancels one order of 50 and a buyer another one: 28 of the shop's are in the window."""
    days = [FIRST + timedelta(day) for day in range(60)]
    rows: list[list[object]] = [
        [f"{by}{day}", day, "p", 50, day, day, by] for day in days for by in ("seller", "buyer")
    ]
    _write(tmp_path / "o.csv", "order_id,ordered_at,product_id,gmv,paid_at,cancelled_at,cancelled_by", rows)
    load(tmp_path / "w.db", [tmp_path / "o.csv"])
    with Workspace.open(tmp_path / "w.db") as workspace:
        result = voice(workspace)
    (theme,) = result.themes
    assert (theme.theme, theme.orders, theme.money_lost) == ("stock", 28, 28 * 50)
    assert (theme.share, theme.share_before) == (0.5, 0.5), "of 56 order lines, and of two each day before"


def test_a_quote_speaks_of_its_theme_whatever_the_refund_was_for(tmp_path: Path) -> None:
    """On each of 60 days one order is returned as broken, and its buyer writes of the service; 28 of them are counted."""
    days = [FIRST + timedelta(day) for day in range(60)]
    orders: list[list[object]] = [[f"O{day}", day, "P1", 50, day, day, "broken"] for day in days]
    _write(tmp_path / "o.csv", "order_id,ordered_at,product_id,gmv,paid_at,refunded_at,refund_reason", orders)
    reviews: list[list[object]] = [[f"R{day}", f"O{day}", day, 1, "Nobody ever answers my messages"] for day in days]
    _write(tmp_path / "r.csv", "review_id,order_id,reviewed_at,rating,text", reviews)
    load(tmp_path / "w.db", [tmp_path / "o.csv", tmp_path / "r.csv"])
    with Workspace.open(tmp_path / "w.db") as workspace:
        themes = {theme.theme: (theme.orders, theme.quotes) for theme in voice(workspace).themes}
    assert themes == {"quality": (28, ()), "service": (28, ("Nobody ever answers my messages",))}


def test_a_workspace_without_orders_and_reviews_is_refused(tmp_path: Path) -> None:
    rows: list[list[object]] = [[FIRST + timedelta(day), "live", 100, 5] for day in range(60)]
    _write(tmp_path / "t.csv", "day,channel,impressions,clicks", rows)
    load(tmp_path / "w.db", [tmp_path / "t.csv"])
    with (
        Workspace.open(tmp_path / "w.db") as workspace,
        pytest.raises(NotEnoughData, match=r"reviews from 5 Jan to 5 Mar 2026\. Load orders or reviews"),
    ):
        voice(workspace)


def test_the_command_prints_the_promised_keys(calm: Path) -> None:
    words = ["voice", "--db", str(calm), "--window", str(NOW)]
    document = json.loads(CliRunner().invoke(app, [*words, "--format", "json"]).stdout)
    assert document["schema"] == "whydrop.voice/1"
    keys = {"theme", "orders", "share", "change", "money_lost", "interval", "segments", "words", "quotes"}
    assert document["themes"][0].keys() >= keys
    listed = CliRunner().invoke(app, [*words, "--texts", "--format", "json"])
    assert json.loads(listed.stdout)["texts"][0].keys() == {"review_id", "themes"}
    text = CliRunner().invoke(app, words).stdout
    assert "Poor quality or damaged costs the most on 2-29 Mar 2026" in text


@pytest.mark.parametrize("window", ["0001-01-01", "1990-01-01..1990-02-01", "9999-12-31"])
def test_a_window_outside_the_data_is_refused(calm: Path, window: str) -> None:
    with Workspace.open(calm) as workspace, pytest.raises(NotEnoughData, match="Choose days inside"):
        voice(workspace, window=Window.parse(window))


def test_a_window_that_begins_before_the_data_has_nothing_to_compare_with(calm: Path) -> None:
    with Workspace.open(calm) as workspace:
        result = voice(workspace, window=Window(workspace.span.first - 400, workspace.span.last))
    assert len(result.before) == 0
    assert any("No days before the window" in note for note in result.notes)
