"""Reviews that go on for a week after the last orders, and a dimension that is typed as its file calls it."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.workspace.write.load import load
from tests.cli.conftest import Run

FIRST, DAYS, LATER = date(2026, 6, 1), 42, 7
"""Orders end on 12 July, a Sunday."""
CITIES = ("Ankara", "Van", "İzmir")


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Each day six orders of 10.00 by six buyers of its own weekday, two a city; a review of each, a week later."""
    folder = tmp_path_factory.mktemp("later")
    orders, reviews = (
        ["order_id,ordered_at,paid_at,buyer_id,channel,gmv,Şehir"],
        ["review_id,order_id,reviewed_at,rating"],
    )
    for day in range(DAYS):
        for line in range(6):
            on, name = FIRST + timedelta(day), f"{day}-{line}"
            orders.append(f"{name},{on},{on},b{day % 7}-{line},live,10.00,{CITIES[line % 3]}")
            reviews.append(f"r{name},{name},{on + timedelta(LATER)},5")
    for kind, lines in (("orders", orders), ("reviews", reviews)):
        (folder / f"{kind}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    load(folder / "w.db", [folder / "orders.csv"], dimensions=["Şehir"])
    load(folder / "w.db", [folder / "reviews.csv"])
    return folder / "w.db"


def _asked(whydrop: Run, db: Path, *words: str) -> Any:
    result = whydrop(*words, "--format", "json", db=db)
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def test_windows_end_with_the_orders(whydrop: Run, db: Path) -> None:
    note = "read as of 12 Jul 2026: orders and traffic end there, later rows do not count"
    channels = _asked(whydrop, db, "channels")
    assert (channels["window"]["from"], channels["window"]["to"]) == ("2026-07-06", "2026-07-12")
    assert (channels["actual"], channels["notes"][0]) == (7 * 6 * 10, note)
    buyers = _asked(whydrop, db, "index", "buyers")
    (figure,) = buyers["indexes"]
    assert (figure["window"]["to"], figure["actual"], buyers["notes"][0]) == ("2026-07-12", 7 * 6, note)
    later = _asked(whydrop, db, "index", "buyers", "--window", "2026-07-11..2026-07-17")  # asked for: no day is too new
    assert [index["actual"] for index in later["indexes"]] == [2 * 6]
    assert not any("complete on" in note for note in later["notes"])
    voice = _asked(whydrop, db, "voice")
    assert (voice["window"]["to"], voice["order_lines"], voice["notes"][0]) == ("2026-07-12", 28 * 6, note)


def test_an_index_without_a_complete_day_says_so_and_not_where_orders_end(whydrop: Run, tmp_path: Path) -> None:
    """Orders on each of 20 days from 1 June: who bought on the first is known to come back, or not, 31 days later."""
    orders = [f"{day},{FIRST + timedelta(day)},{FIRST + timedelta(day)},b,10.00" for day in range(20) for _ in range(9)]
    lines = ["order_id,ordered_at,paid_at,buyer_id,gmv", *(f"{at}-{line}" for at, line in enumerate(orders))]
    (tmp_path / "orders.csv").write_text("\n".join(lines))
    (tmp_path / "reviews.csv").write_text(f"review_id,reviewed_at,rating\nr,{FIRST + timedelta(26)},5\n")
    load(tmp_path / "w.db", [tmp_path / "orders.csv", tmp_path / "reviews.csv"])
    result = whydrop("index", "repeat_purchase_rate", db=tmp_path / "w.db")
    assert result.exit_code == 1
    assert "no day is complete yet; the first one is complete on 2 Jul 2026" in result.stderr


def test_a_scan_watches_the_days_without_orders_and_says_how_to_judge_those_before(whydrop: Run, db: Path) -> None:
    scan = _asked(whydrop, db, "scan")
    assert scan["as_of"] > "2026-07-12"
    note = (
        "orders and traffic end on 12 Jul 2026: days without any are judged anyway; --as-of 2026-07-12 leaves them out"
    )
    assert note in scan["notes"]
    assert _asked(whydrop, db, "scan", "--as-of", "2026-07-12")["notes"] == []


@pytest.mark.parametrize("name", ["Şehir", "ŞEHIR", "şehir"])
def test_dimensions_may_be_typed_as_in_the_file(whydrop: Run, db: Path, name: str) -> None:
    lines = _asked(
        whydrop,
        db,
        "series",
        "gmv",
        "--by",
        name,
        "--where",
        f"{name}=van",
        "--from",
        "2026-07-12",
        "--to",
        "2026-07-12",
    )
    assert [row["value"] for row in lines["rows"]] == [20]


def test_two_names_of_one_dimension_are_refused(whydrop: Run, db: Path) -> None:
    """A file may write `Şehir` and `Şehir_` for one dimension; neither value may take the place of the other unseen."""
    said = whydrop("series", "gmv", "--where", "Şehir=van,Şehir_=ankara", db=db)
    assert (said.exit_code, "names a dimension twice. Write NAME=A|B" in said.stderr) == (2, True)


def test_a_remedy_is_judged_on_days_with_orders(whydrop: Run, db: Path) -> None:
    verified = _asked(whydrop, db, "verify", "orders", "--where", "Şehir=Van", "--since", "2026-07-01")
    assert verified["window"] == {"from": "2026-07-01", "to": "2026-07-12"}
