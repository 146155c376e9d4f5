"""Where exports end, ratings and health end: what is counted after it says nothing about the members."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from core.base.date_text import date_text, during
from core.base.days import Window, iso, parse_day
from core.base.segment import Segment
from core.detection import scan
from core.detection.quality.end_of_exports import end_of_exports, newest_to_judge
from core.ecosystem.completeness import missing_exports
from core.ecosystem.health import health
from core.incidents.kept_incidents import find_incidents
from core.reports.health_narrative import five_lines
from core.views.case_list import newest_day
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load
from tui.cli import app

FIRST, DAYS = "2026-01-05", 70
LAST = parse_day(FIRST) + DAYS - 1
Rows = list[str]


def orders(last_days: list[int], usual: int = 40, market: str = "TH") -> Rows:
    """So many orders a day of twenty sellers, and then so many on the last days."""
    start, lines = np.datetime64(FIRST), []
    for at, number in enumerate([*[usual] * (DAYS - len(last_days)), *last_days]):
        day = start + at
        lines += [
            f"{market}{at}-{row},{day}T12:00:00,S{(at + row) % 20:02},B{at}-{row},10,{day},{market},"
            for row in range(number)
        ]
    return lines


def order(number: int, day: int, later: str = "") -> str:
    """A straggler, and when its money was given back."""
    return f"late{number},{iso(day)}T12:00:00,S0{number % 9},B{number},10,{iso(day)},TH,{later}"


def saved(folder: Path, lines: Rows, reviews: Rows | None = None) -> Path:
    header = "order_id,ordered_at,seller_id,buyer_id,gmv,paid_at,market,refunded_at"
    files = {"orders": [header, *lines]}
    if reviews is not None:
        files["reviews"] = ["review_id,order_id,reviewed_at,rating", *reviews]
    for name, rows in files.items():
        (folder / f"{name}.csv").write_text("\n".join(rows))
    load(folder / "w.db", [folder / f"{name}.csv" for name in files])
    return folder / "w.db"


def ask(db: Path, *words: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(CliRunner().invoke(app, [*words, "--db", str(db), "--format", "json"]).stdout)
    return document


def end(db: Path, where: str = "") -> int:
    with Workspace.open(db) as workspace:
        return end_of_exports(workspace, Segment.parse(where)) - LAST


def test_health_is_that_of_the_last_day_before_the_exports_all_but_end(tmp_path: Path) -> None:
    with Workspace.open(saved(tmp_path, orders([2, 0, 1, 1]))) as workspace:
        assert end_of_exports(workspace) == LAST - 4
        found = health(workspace)
        assert found.as_of == LAST - 4
        assert any("read as of 11 Mar 2026" in note for note in found.notes)
        assert (
            five_lines(found, "")[1] == "Read as of 11 Mar 2026: orders and traffic end there, later rows do not count."
        )
        assert not [claim for claim in found.claims if claim.is_marked]
        assert health(workspace, LAST).as_of == LAST, "whoever chooses a day gets it"


def test_a_quiet_day_or_two_is_no_end(tmp_path: Path) -> None:
    with Workspace.open(saved(tmp_path, orders([20, 18, 1, 1]))) as workspace:
        assert end_of_exports(workspace) == LAST
        assert health(workspace).as_of == LAST


@pytest.mark.parametrize(
    "add",
    [
        lambda rows, reviews: rows.append(order(1, LAST + 50)),
        lambda rows, reviews: rows.extend(order(at, LAST + 20 * at) for at in range(1, 6)),
        lambda rows, reviews: rows.append(order(1, LAST, later=f"{iso(LAST + 300)}")),
        lambda rows, reviews: reviews.append(f"R1,TH5-1,{iso(LAST + 40)},1"),
        lambda rows, reviews: reviews.extend(f"R{at},TH5-{at},{iso(LAST + 1 + at // 4)},1" for at in range(40)),
    ],
    ids=["an order", "some orders", "a refund", "a review", "reviews"],
)
@pytest.mark.parametrize("usual", [40, 1])
def test_stragglers_do_not_move_the_end(add: Callable[[Rows, Rows], None], usual: int, tmp_path: Path) -> None:
    rows, reviews = orders([], usual), [f"R0,TH5-0,{iso(LAST - 3)},5"]
    add(rows, reviews)
    assert end(saved(tmp_path, rows, reviews)) == 0


def test_few_orders_that_go_on_have_not_ended(tmp_path: Path) -> None:
    """Two a week: a fortnight without any may be chance."""
    sparse = [line for line in orders([], 1) if int(line[2:].split("-")[0]) % 4 == 0]
    assert end(saved(tmp_path, [*sparse, order(1, LAST + 12)])) == 12


def test_a_segment_ends_where_its_own_exports_do(tmp_path: Path) -> None:
    gone = orders([0] * 12, 20, "VN")
    db = saved(tmp_path, [*orders([]), *gone])
    assert (end(db), end(db, "market=VN"), end(db, "market=TH")) == (0, -12, 0)


def test_every_page_reads_the_same_day_and_says_so(tmp_path: Path) -> None:
    db = saved(tmp_path, [*orders([]), order(1, LAST + 30, later=iso(LAST + 60))], [f"R1,TH5-1,{iso(LAST + 90)},2"])
    rules = tmp_path / "rules.toml"
    rules.write_text("[grades]\nA = 80\nB = 60\nC = 45\nD = 0\n")
    pages = (("rate", "sellers"), ("health",), ("simulate", "sellers", "--rules", str(rules)), ("seller", "S01"))
    for words in pages:
        found = ask(db, *words)
        assert found["as_of"] == iso(LAST), words
        assert any(f"read as of {date_text(LAST)}" in note for note in found["notes"]), words
        assert not any("read as of" in note for note in ask(db, *words, "--as-of", iso(LAST))["notes"])


def test_a_closure_that_is_over_is_no_end(tmp_path: Path) -> None:
    for last, expected in ((40, 0), (4, -12)):
        folder = tmp_path / str(last)
        folder.mkdir()
        assert end(saved(folder, orders([*[0] * 11, last]))) == expected


@pytest.mark.parametrize(("tail", "day"), [(14, LAST), (40, LAST), (13, LAST + 13)])
def test_what_fell_is_asked_of_days_that_exports_cover(tmp_path: Path, tail: int, day: int) -> None:
    """Two weeks with stragglers alone are no outage; fewer may be one, and are judged."""
    reviews = [f"R{at},TH{at}-1,{iso(LAST - 40 + at)},4" for at in range(30, 40)]
    db = saved(
        tmp_path, [*orders([]), order(1, LAST + tail - 1), f"end,{iso(LAST + tail)}T23:30:00,S01,B,10,,TH,"], reviews
    )
    with Workspace.open(db) as workspace:
        assert newest_to_judge(workspace)[0] == day
    found_drops, answer = ask(db, "scan"), ask(db, "explain", "orders", "--baseline", "previous")
    assert (found_drops["as_of"], answer["window"]["to"]) == (iso(day), iso(day))
    for found in (found_drops, answer):
        assert any(f"read as of {date_text(LAST)}" in note for note in found["notes"]) is (day == LAST)
    for page in ("voice", "index"):
        notes = [note for note in ask(db, page)["notes"] if note.startswith(f"read as of {date_text(LAST)}")]
        assert len(notes) == 1, (page, "says which later rows do not count")
    assert ask(db, "voice")["window"]["to"] == iso(LAST), "of days on which orders came"
    assert ask(db, "explain", "orders", "--baseline", "previous", "--window", "7d")["window"]["to"] == iso(day)
    with Workspace.open(db) as workspace:
        assert newest_day(workspace) == day, "cases are due by it"
    assert ask(db, "index")["indexes"][0]["window"]["to"] <= iso(day)


def test_a_scan_of_a_day_before_an_incomplete_one_says_which_it_leaves_out_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newest row is two weeks after the exports end; the newest complete day is not."""
    db = saved(tmp_path, [*orders([]), order(1, LAST + 14)])
    monkeypatch.setattr(scan, "newest_whole_day", lambda _: LAST + 13)
    with Workspace.open(db) as workspace:
        result = find_incidents(workspace, metrics=["orders"])
    assert result.as_of == LAST + 13
    assert [note.partition(" (")[0] for note in result.notes] == [
        f"left out as incomplete: {date_text(LAST + 14)}",
        f"orders and traffic end on {date_text(LAST)}: days without any are judged anyway; "
        f"--as-of {iso(LAST)} leaves them out",
    ]


@pytest.mark.parametrize(("each", "days", "missed"), [(2, 8, True), (2, 7, False), (20, 2, True), (20, 1, False)])
def test_reviews_that_end_before_orders_are_said_to(each: int, days: int, missed: bool, tmp_path: Path) -> None:
    """Two a day bring 16 in eight days; a day without any may be chance, or come tomorrow."""
    reviews = [
        f"R{at}-{row},TH{at}-{row},{iso(LAST - DAYS + 1 + at)},4" for at in range(DAYS - days) for row in range(each)
    ]
    with Workspace.open(saved(tmp_path, orders([]), reviews)) as workspace:
        found = [str(gap) for gap in missing_exports(workspace, LAST, Segment.parse(""))]
    text = f"no reviews rows {during(Window(LAST - days + 1, LAST))}: their export ends before the others"
    assert found == ([text] if missed else [])


def test_reviews_end_with_the_orders_and_are_no_export_of_their_own_that_ends(tmp_path: Path) -> None:
    """Orders stop 20 days before traffic does; reviews come up to three days later, or end ten days sooner."""
    rows = orders([0] * 20)
    for later, gaps in ((3, [("orders", 20)]), (-10, [("orders", 20), ("reviews", 10)])):
        folder = tmp_path / str(later)
        folder.mkdir()
        days = [(row, at) for at in range(DAYS - 20 + later) for row in range(4)]
        reviews = [f"R{at}-{row},TH{min(at, DAYS - 21)}-{row},{iso(LAST - DAYS + 1 + at)},4" for row, at in days]
        with Workspace.open(saved(folder, rows, reviews)) as workspace:
            found = missing_exports(workspace, LAST, Segment.parse(""))
        assert [(gap.kind, len(gap.window)) for gap in found] == gaps


def test_reviews_of_every_other_week_have_not_ended(tmp_path: Path) -> None:
    """Forty at once, every fourteen days: 26 days without any are two of their usual pauses, 25 are not."""
    for days, missed in ((25, False), (26, True)):
        folder = tmp_path / str(days)
        folder.mkdir()
        at = [DAYS - 1 - days - 14 * back for back in range(3)]
        reviews = [f"R{day}-{row},TH{day}-{row},{iso(LAST - DAYS + 1 + day)},4" for day in at for row in range(40)]
        with Workspace.open(saved(folder, orders([]), reviews)) as workspace:
            assert bool(missing_exports(workspace, LAST, Segment.parse(""))) is missed
