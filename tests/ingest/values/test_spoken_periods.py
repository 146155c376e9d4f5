# ruff: noqa: E501 - files are as systems write them
"""Weeks, logs, eras and years as people and systems write them; figures of documents by day; lines with names in one word."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.base.errors import UsageError
from core.ingest.values.dates import days_in_texts
from tests.ingest.shapes import days, figures, loads

DAYS = [date(2026, 7, 1) + timedelta(at) for at in range(24)]
WEEKS = [date(2026, 6, 1) + timedelta(7 * at) for at in range(6)]


def number(week: date) -> int:
    return week.isocalendar().week


SPOKEN: dict[str, tuple[list[date], Callable[[date], str]]] = {
    "week of": (WEEKS, lambda day: f"Week of {day:%b} {day.day}, {day.year}"),
    "week ending": (WEEKS, lambda day: f"W/E {day:%d.%m.%Y}"),
    "words of a week": (
        WEEKS,
        lambda day: f"Week {day:%B} {day.day} – {day + timedelta(6):%B} {(day + timedelta(6)).day}, 2026",
    ),
    "Thai weekday": (
        DAYS,
        lambda day: f"{['จ.', 'อ.', 'พ.', 'พฤ.', 'ศ.', 'ส.', 'อา.'][day.weekday()]} {day.day}/{day.month}/2569",
    ),
    "Go": (DAYS, lambda day: f"{day} 10:11:12 +0000 UTC"),
    "short range": (WEEKS, lambda day: f"{day:%d.%m.}-{day + timedelta(6):%d.%m.%Y}"),
    "KW and year": (WEEKS, lambda day: f"KW {number(day)}/{day.year}"),
    "W and year": (WEEKS, lambda day: f"W{number(day)} {day.year}"),
    "year and KW": (WEEKS, lambda day: f"{day.year} KW {number(day)}"),
    "year and week": (WEEKS, lambda day: f"{day.year}/{number(day)}"),
    "week and year": (WEEKS, lambda day: f"{number(day)}-{day.year}"),
    "a log": (DAYS, lambda day: f"{day:%d/%b/%Y}:00:00:00 +0000"),
    "basic": (DAYS, lambda day: f"{day:%Y%m%d}T000000Z"),
    "an era": (DAYS, lambda day: f"令和8年7月{day.day}日"),
    "years of the republic": (DAYS, lambda day: f"民國115年7月{day.day}日"),
    "Polish": (DAYS, lambda day: f"{day.day} lipca 2026 r."),
}


@pytest.mark.parametrize("how", SPOKEN)
def test_periods_as_they_are_written(tmp_path: Path, how: str) -> None:
    starts, written = SPOKEN[how]
    loads(tmp_path, "Week;Orders\n" + "".join(f"{written(day)};{at}\n" for at, day in enumerate(starts)))
    assert figures(tmp_path, "SELECT min(date), max(date), count(*) FROM daily") == (
        str(starts[0]),
        str(starts[-1]),
        len(starts),
    )


def test_a_short_range_over_the_turn_of_the_year(tmp_path: Path) -> None:
    loads(tmp_path, "Week;Orders\n21.12.-27.12.2026;3\n28.12.-03.01.2027;4\n04.01.-10.01.2027;5\n")
    assert figures(tmp_path, "SELECT min(date), max(date) FROM daily") == ("2026-12-21", "2027-01-04")


@pytest.mark.parametrize(
    "text", ["Viewing Range=[7/1/26 - 7/31/26]", "Report Time: 7/1/2026,7/31/2026", "01/07/2026 - 31/07/2026"]
)
def test_a_period_says_which_of_its_numbers_is_the_month(text: str) -> None:
    assert [str(date(1970, 1, 1) + timedelta(day)) for day in days_in_texts([text])] == ["2026-07-01", "2026-07-31"]


def test_years_below_each_other_and_months_side_by_side(tmp_path: Path) -> None:
    loads(tmp_path, "Orders by month\n\nYear,Jan,Feb,Mar,Apr,Total\n2024,1,2,3,4,10\n2025,5,6,7,8,26\n")
    assert figures(tmp_path, "SELECT sum(value), min(date), max(date), count(*) FROM daily") == (
        36,
        "2024-01-01",
        "2025-04-01",
        8,
    )


DOCUMENTS: dict[str, Any] = {
    "days without values": {day: ({"views": at} if at != 3 else []) for at, day in enumerate(days(8))},
    "figures by day": {"data": {"values": {"views": {day: at for at, day in enumerate(days(8)) if at != 3}, "likes": dict.fromkeys(days(8), 1)}}},
    "labels and lists": {"data": {"series": [[at * (at != 3) for at in range(8)], [1] * 8], "seriesLabels": ["views", "likes"], "xValues": days(8)}},
}  # fmt: skip


@pytest.mark.parametrize("shape", DOCUMENTS)
def test_documents_of_figures_by_day(tmp_path: Path, shape: str) -> None:
    loads(tmp_path, json.dumps(DOCUMENTS[shape]), "answer.json")
    assert figures(tmp_path, "SELECT sum(views), min(date), max(date) FROM daily") == (25, "2026-07-01", "2026-07-08")


def test_figures_next_to_a_list_count_once(tmp_path: Path) -> None:
    actions = [{"action_type": "click", "value": "3"}, {"action_type": "buy", "value": "1"}]
    data = [
        {"campaign": name, "date_start": day, "impressions": "40", "actions": actions}
        for day in days(5)
        for name in "ab"
    ]
    loads(tmp_path, json.dumps({"data": data}), "insights.json")
    assert figures(tmp_path, "SELECT sum(impressions), count(*) FROM daily") == (400, 10)


def test_columns_named_in_one_word_with_humps_are_those_of_orders(tmp_path: Path) -> None:
    rows = "".join(
        f"{at},2026-07-0{at} 09:01:00,{at * 10}.00,{'Komplett bezahlt' if at != 4 else 'Offen'}\n" for at in range(1, 9)
    )
    text = f"orderId,orderTime,invoiceAmount,paymentStatus\n{rows}"
    loads(tmp_path, text)
    assert figures(tmp_path, "SELECT sum(gmv) FROM orders WHERE paid_at IS NOT NULL") == (320,)


def test_dinars_have_three_decimals(tmp_path: Path) -> None:
    loads(tmp_path, "Date,Revenue\n" + "".join(f"{day},KWD {at + 1}.125\n" for at, day in enumerate(days(6))))
    assert figures(tmp_path, "SELECT round(sum(revenue), 3) FROM daily") == (21.75,)


def test_days_of_another_calendar_are_no_days(tmp_path: Path) -> None:
    """The table has both: 14 Muharram 1448 is 1 July 2026."""
    rows = "".join(f"{14 + at}/01/1448,{1 + at:02d}/07/2026,{at}\n" for at in range(6))
    loads(tmp_path, f"Hijri date,Gregorian date,Orders\n{rows}")
    assert figures(tmp_path, "SELECT min(date), max(date), sum(orders) FROM daily") == ("2026-07-01", "2026-07-06", 15)
    with pytest.raises(UsageError, match="no column holds days"):
        loads(tmp_path, "Hijri date,Orders\n" + "".join(f"{14 + at}/01/1448,{at}\n" for at in range(6)))
