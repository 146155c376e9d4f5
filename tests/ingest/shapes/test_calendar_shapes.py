"""Days that tables give as calendars do: weekdays, months, weeks and days without a year, in several columns or rows."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from core.base.days import parse_day
from core.base.errors import UsageError
from core.ingest.values.date_words import month_of
from tests.ingest.shapes import figures, loads

RANGE = "SELECT min(date), max(date), count(DISTINCT date) FROM daily"
TOTAL = "SELECT sum({}) FROM daily"
LAST = parse_day("2026-08-01")


def test_weekdays_side_by_side_count_on_their_days(tmp_path: Path) -> None:
    rows = "".join(f"{day},1,2,3,4,5,6,7,28\n" for day in ("29/06/2026", "06/07/2026", "13/07/2026"))
    loads(tmp_path, f"Semaine du,Lun,Mar,Mer,Jeu,Ven,Sam,Dim,Total\n{rows}")
    assert figures(tmp_path, RANGE) == ("2026-06-29", "2026-07-19", 21)
    assert figures(tmp_path, "SELECT sum(value) FROM daily WHERE date = '2026-07-07'") == (2,)


def test_a_week_may_begin_on_sunday(tmp_path: Path) -> None:
    rows = "".join(f"{day},1,2,3,4,5,6,7\n" for day in ("2026-07-06", "2026-07-13"))
    loads(tmp_path, f"Week,Sun,Mon,Tue,Wed,Thu,Fri,Sat\n{rows}")
    assert figures(tmp_path, RANGE) == ("2026-07-05", "2026-07-18", 14)
    loads(tmp_path, "Week,Sun,Mon,Tue,Wed,Thu,Fri,Sat\n2026-07-20,1,2,3,4,5,6,7\n", "one.csv")
    assert figures(tmp_path, RANGE) == ("2026-07-05", "2026-07-25", 21)
    with pytest.raises(UsageError, match="its columns are weekdays"):
        loads(tmp_path, "Week,Sun,Mon,Tue,Wed,Thu,Fri,Sat\n06/07/2026,1,2,3,4,5,6,7\n", "unsure.csv")


def test_weekdays_of_weeks_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    rows = "".join(f"{day},1,2,3,4,5,6,7\n" for day in ("2026-07-06", "2026-07-08", "2026-07-09"))
    with pytest.raises(UsageError, match="its columns are weekdays"):
        loads(tmp_path, f"Day,Mon,Tue,Wed,Thu,Fri,Sat,Sun\n{rows}")
    for label in ("KW {}", "{}"):
        rows = "".join(f"{label.format(week)},1,2,3,4,5,6,7\n" for week in (20, 21, 22))
        with pytest.raises(UsageError, match="'Week' does not say the first day of each week"):
            loads(tmp_path, f"Week,Mon,Tue,Wed,Thu,Fri,Sat,Sun\n{rows}")


def test_days_of_the_month_below_each_other_with_a_column_for_each_month(tmp_path: Path) -> None:
    lengths = (31, 28, 31)
    rows = "".join(
        f"{day}," + ",".join(str(day) if day <= length else "" for length in lengths) + "\n" for day in range(1, 32)
    )
    loads(tmp_path, f"Tag,Jan 2026,Feb 2026,Mrz 2026\n{rows}")
    assert figures(tmp_path, RANGE) == ("2026-01-01", "2026-03-31", 90)
    assert figures(tmp_path, TOTAL.format("value")) == (496 + 406 + 496,)


def test_months_side_by_side_take_the_year_of_the_title(tmp_path: Path) -> None:
    loads(tmp_path, "Ventas 2026\n\nProducto,Ene,Feb,Mar,Total\nTaza,1,2,3,6\nPlato,4,5,6,15\n", "ventas.csv")
    assert figures(tmp_path, RANGE) == ("2026-01-01", "2026-03-01", 3)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("Year,Month,Orders\n2025,11,1\n2025,12,2\n2026,1,3\n", "2025-11-01", "2026-01-01"),
        ("Jahr;Monat;Bestellungen\n2025;November;1\n2025;Dezember;2\n2026;Januar;3\n", "2025-11-01", "2026-01-01"),
        ("Year,Week,Orders\n2025,51,1\n2025,52,2\n2026,1,3\n", "2025-12-15", "2025-12-29"),
        ("Year,Month,Day,Orders\n2026,7,1,1\n2026,7,2,2\n2026,7,3,3\n", "2026-07-01", "2026-07-03"),
    ],
)
def test_days_in_several_columns(tmp_path: Path, text: str, first: str, last: str) -> None:
    loads(tmp_path, text)
    assert figures(tmp_path, RANGE) == (first, last, 3)
    assert figures(tmp_path, TOTAL.format("orders")) == (6,)


@pytest.mark.parametrize("label", ["KW {}", "{}. KW", "Week {}", "{}"])
def test_weeks_without_a_year_end_by_the_last_day(tmp_path: Path, label: str) -> None:
    rows = "".join(f"{label.format(week)};{week}\n" for week in (51, 52, 1, 2))
    report = loads(tmp_path, f"KW;Besucher\n{rows}", day=parse_day("2026-02-01"))
    assert figures(tmp_path, RANGE) == ("2025-12-15", "2026-01-05", 4)
    assert "its days have no year" in report.files[0].notes[0]


def test_weeks_side_by_side(tmp_path: Path) -> None:
    loads(tmp_path, "Kanal;KW 20;KW 21;KW 22\nLive;1;2;3\nSuche;4;5;6\n", "kw.csv", day=LAST)
    assert figures(tmp_path, RANGE) == ("2026-05-11", "2026-05-25", 3)


def test_weeks_since_a_cohort_began_are_no_weeks_of_the_year(tmp_path: Path) -> None:
    rows = "".join(f"{date(2026, 6, 1) + timedelta(7 * n)},9,5,4,3\n" for n in range(4))
    loads(tmp_path, f"Cohort,Week 0,Week 1,Week 2,Week 3\n{rows}")
    assert figures(tmp_path, RANGE) == ("2026-06-01", "2026-06-22", 4)


@pytest.mark.parametrize("form", ["{0.month}/{0.day}", "{0.day}/{0.month}", "{0:%m-%d}", "{0:%d.%m.}"])
def test_numbers_of_day_and_month_take_the_order_in_which_days_follow_each_other(tmp_path: Path, form: str) -> None:
    days = [date(2026, 7, 1) + timedelta(n) for n in range(12)]
    rows = "".join(f"{form.format(day)},{n}\n" for n, day in enumerate(days))
    loads(tmp_path, f"Day,Sessions\n{rows}", day=LAST)
    assert figures(tmp_path, RANGE) == ("2026-07-01", "2026-07-12", 12)


@pytest.mark.parametrize("days", ["1/7,2/7,3/7", "Wed 07/01,Thu 07/02,Fri 07/03"])
def test_days_without_a_year_side_by_side(tmp_path: Path, days: str) -> None:
    loads(tmp_path, f"Kota,{days},Total\nMedan,1,2,3,6\nBandung,4,5,6,15\nTotal,5,7,9,21\n", "kota.csv", day=LAST)
    assert figures(tmp_path, RANGE) == ("2026-07-01", "2026-07-03", 3)


def test_days_that_follow_each_other_need_no_name(tmp_path: Path) -> None:
    rows = [f"7/{day},Shop {day % 2},{day}" for day in range(1, 15)]
    loads(tmp_path, "When,Where,Spent\n" + "\n".join(rows), day=LAST)
    assert figures(tmp_path, RANGE) == ("2026-07-01", "2026-07-14", 14)
    with pytest.raises(UsageError, match="no column holds days"):
        loads(tmp_path, "Score,Where,Spent\n" + "\n".join(rows[::3]), "scores.csv")


def test_labels_that_are_no_days_are_not_put_on_one_day(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="'Fiscal week' has 'FY26 WK01', which is no day"):
        loads(tmp_path, "Fiscal week,Orders\nFY26 WK01,5\nFY26 WK02,6\nFY26 WK03,7\n")
    with pytest.raises(UsageError, match="'Week' has '2026-W60', which is no day"):
        loads(tmp_path, "Week,Orders\n2026-W20,5\n2026-W60,6\n")


@pytest.mark.parametrize(
    "text",
    [
        ",2026-07-01,,2026-07-02,\nChannel,Orders,Views,Orders,Views\nLive,1,10,2,20\nVideo,3,30,4,40\n",
        ",Orders,,Views,\nChannel,2026-07-01,2026-07-02,2026-07-01,2026-07-02\nLive,1,2,10,20\nVideo,3,4,30,40\n",
    ],
)
def test_two_rows_of_headers_days_and_figures(tmp_path: Path, text: str) -> None:
    loads(tmp_path, text)
    assert figures(tmp_path, RANGE) == ("2026-07-01", "2026-07-02", 2)
    assert figures(tmp_path, "SELECT sum(orders), sum(views) FROM daily WHERE channel = 'Live'") == (3, 30)


@pytest.mark.parametrize(
    ("name", "text", "first", "last"),
    [
        (
            "besucher_2026-07.csv",
            "Tag;Besucher\n" + "".join(f"{n};{n}\n" for n in range(1, 11)),
            "2026-07-01",
            "2026-07-10",
        ),
        ("sales 2026.csv", "Month,Visitors\nJanuary,1\nFebruary,2\nMarch,3\n", "2026-01-01", "2026-03-01"),
    ],
)
def test_what_no_column_says_is_in_the_name_of_the_file(
    tmp_path: Path, name: str, text: str, first: str, last: str
) -> None:
    loads(tmp_path, text, name)
    assert figures(tmp_path, RANGE)[:2] == (first, last)


@pytest.mark.parametrize(
    "cell",
    [
        *("{0:%a} {0:%d/%m/%Y}", "{0:%A}, {0.day}.{0.month}.{0.year}", "{0:%Y.%m.%d}.(수)", "{0.day} ก.ค. 69"),
        "{0.day} Jul - {1.day} Jul 2026",
        "Jul {0.day} – {1.day}, 2026",
        *("du {0:%d/%m/%Y} au {1:%d/%m/%Y}", "{0:%Y. %m. %d.} - {1:%Y. %m. %d.}"),
        *(
            "{0:%Y-%m-%d} 00:00 - {0:%Y-%m-%d} 23:59",
            "{0:%d/%m/%Y} 23:00:00 – {1:%d/%m/%Y} 00:00:00",
            "{0:%Y-%m-%d} 09:00-10:00",
        ),
    ],
)
def test_days_as_people_write_them(tmp_path: Path, cell: str) -> None:
    starts = [date(2026, 7, 1) + timedelta(7 * n) for n in range(4)]
    rows = "".join(f'"{cell.format(day, day + timedelta(6))}",{n}\n' for n, day in enumerate(starts))
    loads(tmp_path, f"Date,Visits\n{rows}")
    assert figures(tmp_path, RANGE) == ("2026-07-01", "2026-07-22", 4)


def test_a_range_over_the_turn_of_the_year_begins_in_the_year_before(tmp_path: Path) -> None:
    loads(tmp_path, 'Week,Visits\n"29 Dec - 4 Jan 2026",1\n"5 Jan - 11 Jan 2026",2\n')
    assert figures(tmp_path, RANGE) == ("2025-12-29", "2026-01-05", 2)


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("reps 2026.csv", "Date,April,May,June"),
        ("export.csv", "Cohort week,W2,W3,W4"),
        ("export.csv", "Date,1/2,2/2,3/2"),
    ],
)
def test_columns_called_like_months_or_weeks_are_no_days_where_rows_have_days(
    tmp_path: Path, name: str, header: str
) -> None:
    loads(tmp_path, header + "\n" + "".join(f"2026-07-0{n},{n},2,3\n" for n in (1, 2, 3)), name)
    assert figures(tmp_path, RANGE) == ("2026-07-01", "2026-07-03", 3)


def test_the_name_of_a_slice_may_stand_in_the_row_above_the_days(tmp_path: Path) -> None:
    loads(tmp_path, "Filiale,Q1 2026,,\n,Jan,Feb,Mär\nMitte,1,2,3\nNord,4,5,6\n", "werte.csv")
    assert figures(tmp_path, "SELECT sum(werte), count(DISTINCT filiale), min(date) FROM daily") == (
        21,
        2,
        "2026-01-01",
    )


def test_a_week_may_be_called_by_its_last_day(tmp_path: Path) -> None:
    rows = "".join(f"{day},1,2,3,4,5,6,7\n" for day in ("2026-07-05", "2026-07-12"))
    loads(tmp_path, f"Week ending,Mon,Tue,Wed,Thu,Fri,Sat,Sun\n{rows}")
    assert figures(tmp_path, RANGE) == ("2026-06-29", "2026-07-12", 14)


def test_a_week_next_to_a_month_is_a_column_of_words(tmp_path: Path) -> None:
    loads(tmp_path, "Year,Month,Week,Orders\n2026,7,27,1\n2026,8,32,2\n2026,9,36,3\n")
    assert figures(tmp_path, RANGE) == ("2026-07-01", "2026-09-01", 3)


def test_a_day_without_figures_gives_a_label_no_row(tmp_path: Path) -> None:
    text = ",2026-07-01,,2026-07-02,\nChannel,Orders,Views,Orders,Views\nLive,1,10,,\nVideo,3,30,4,40\n"
    loads(tmp_path, text)
    assert figures(tmp_path, "SELECT count(*), sum(views) FROM daily") == (3, 80)


def test_words_that_begin_like_months_are_none(tmp_path: Path) -> None:
    loads(tmp_path, "Date,Marge,Aprikosen,Maibowle\n2026-07-01,1,2,3\n2026-07-02,4,5,6\n", "umsatz 2026.csv")
    assert figures(tmp_path, "SELECT sum(marge), sum(aprikosen), sum(maibowle) FROM daily") == (5, 7, 9)
    assert month_of("Marge") is None
    assert month_of("12 May 2026") is None


@pytest.mark.parametrize(
    ("name", "header", "cells"),
    [("sales 2026.csv", "Month", ("Jan", "Feb", "Mar")), ("visits_2026-07.csv", "Day", ("1", "2", "3"))],
)
def test_each_slice_has_its_own_months_or_days(tmp_path: Path, name: str, header: str, cells: tuple[str, ...]) -> None:
    rows = "".join(f"{channel},{cell},{n}\n" for channel in ("live", "video") for n, cell in enumerate(cells, 1))
    loads(tmp_path, f"Channel,{header},Visits\n{rows}", name)
    assert figures(tmp_path, "SELECT count(DISTINCT date), sum(visits), count(DISTINCT channel) FROM daily") == (
        3,
        12,
        2,
    )


DIARY = "Day,Coffees,Cakes\nMay 2026,,\n30,5,1\n31,7,2\nJune 2026,,\n1,9,3\n2,11,4\n"


def test_days_below_the_row_of_their_month_are_days_of_it(tmp_path: Path) -> None:
    loads(tmp_path, DIARY)
    sql = "SELECT min(date), max(date), count(*), sum(coffees), sum(cakes) FROM daily"
    assert figures(tmp_path, sql) == ("2026-05-30", "2026-06-02", 4, 32, 10)
    assert loads(tmp_path, DIARY + "32,90,9\nTotal,122,19\n", "late.csv").files[0].rejected == 1


def test_days_below_a_month_without_a_year_are_refused(tmp_path: Path) -> None:
    assert loads(tmp_path, DIARY.replace(" 2026", "")).files[0].accepted == 0


def test_numbers_that_are_called_dates_and_are_none_are_no_figures(tmp_path: Path) -> None:
    rows = "".join(f"{at},50;S;{at:02d}07\n" for at in range(1, 20))
    with pytest.raises(UsageError, match="'Belegdatum' has '0107', which is no day"):
        loads(tmp_path, f"Periode;01.07.2026 - 31.07.2026\n\nUmsatz;Kennzeichen;Belegdatum\n{rows}")


def test_years_side_by_side_are_those_of_the_months_below_each_other(tmp_path: Path) -> None:
    names = ("janvier", "février", "mars", "avril", "mai", "juin")
    rows = "".join(f"{name},{at},{10 * at},\n" for at, name in enumerate(names, 1))
    loads(tmp_path, f"Mois,2024,2025,2026\n{rows}Total,21,210,\n")
    assert figures(tmp_path, RANGE) == ("2024-01-01", "2025-06-01", 12)
    assert figures(tmp_path, "SELECT sum(value) FROM daily WHERE date LIKE '2025%'") == (210,)
    assert figures(tmp_path, "SELECT value FROM daily WHERE date = '2024-03-01'") == (3,)


def test_years_above_columns_of_one_name_tell_them_apart(tmp_path: Path) -> None:
    rows = "".join(f"{day} Jul,{day},{day}0,{day}00,{day}000\n" for day in range(1, 5))
    loads(tmp_path, f",2025,,2026,\nDay,Orders,Visits,Orders,Visits\n{rows}", day=LAST)
    sums = "SELECT sum(orders_2025), sum(visits_2025), sum(orders_2026), sum(visits_2026) FROM daily"
    assert figures(tmp_path, sums) == (10, 100, 1000, 10000)
