"""Which column gives rows their day, and which row their names, where several could."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from core.base.errors import UsageError
from tests.ingest.shapes import days, figures, loads


def test_figures_of_videos_do_not_count_on_the_day_they_were_published(tmp_path: Path) -> None:
    text = "Video title,Waktu posting,Cost,Orders\n" + "".join(
        f"V{at},2026-06-{at + 1:02d} 10:00,{10 + at},{at}\n" for at in range(6)
    )
    with pytest.raises(UsageError, match="'Waktu posting' says when something was published"):
        loads(tmp_path, text)
    loads(tmp_path, text, "creatives 2026-07-01 - 2026-07-31.csv")
    assert figures(tmp_path, "SELECT sum(cost), min(date), count(*) FROM daily") == (75, "2026-07-31", 6)


def test_a_header_right_below_what_a_report_says_of_itself(tmp_path: Path) -> None:
    report = "Data Iklan - Shopee\nNama Pengguna,tokoku\nID Toko,938284780\nPeriode,01/07/2026 - 31/07/2026\n"
    loads(
        tmp_path, report + 'Urutan,Nama Iklan,Penonton,Pesanan,Biaya\n1,Live A,900,4,"100.000"\n2,Live B,80,1,"5.500"\n'
    )
    assert figures(tmp_path, "SELECT sum(penonton), sum(cost), max(date) FROM daily") == (980, 105500, "2026-07-31")


def test_a_word_of_another_language_makes_no_slice_of_figures(tmp_path: Path) -> None:
    report = loads(
        tmp_path, ",date,live,video\n" + "".join(f"{at},{day},{at + 1},7\n" for at, day in enumerate(days(4)))
    )
    assert report.files[0].preset is None
    assert figures(tmp_path, "SELECT sum(live), sum(video) FROM daily") == (10, 28)


def test_a_blank_column_takes_no_name_from_another(tmp_path: Path) -> None:
    loads(
        tmp_path,
        "Datum,Sales,Umsatz,Bestellungen\n" + "".join(f"{day},,{at + 5},7\n" for at, day in enumerate(days(4))),
    )
    assert figures(tmp_path, "SELECT sum(sales), sum(orders) FROM daily") == (26, 28)


def test_units_below_a_header_do_not_hide_a_figure(tmp_path: Path) -> None:
    loads(tmp_path, "date,spend,impressions\n,EUR,count\n2026-07-01,5.5,100\n2026-07-02,6,80\n2026-07-03,1,9\n")
    assert figures(tmp_path, "SELECT sum(spend), sum(impressions) FROM daily") == (12.5, 189)


def test_the_hour_of_the_day_is_a_slice_and_no_figure(tmp_path: Path) -> None:
    rows = "".join(f"{day},{hour},{hour + 1}\n" for day in days(3) for hour in (0, 6, 12))
    report = loads(tmp_path, "Day,Hour of the day,Clicks\n" + rows)
    assert report.files[0].dimensions == ("hour_of_the_day",)
    assert figures(tmp_path, "SELECT sum(clicks), count(*) FROM daily") == (63, 9)


@pytest.mark.parametrize("offset", ["+07:00", "-0500", " +05:30"])
def test_rows_of_days_and_hours_keep_the_day_of_their_clock(tmp_path: Path, offset: str) -> None:
    """Midnight in Jakarta is 17:00 UTC of the day before: its figures were counted by the clock in Jakarta."""
    whole = "".join(f"2026-07-0{day}T00:00:00{offset},{day}\n" for day in range(1, 7))
    (file,) = loads(tmp_path, "timestamp,orders\n" + whole, "days.csv").files
    assert any(note.startswith("its days are those of the clock that wrote them") for note in file.notes)
    hours = "".join(f"2026-07-0{day} {hour:02}:00{offset},{hour}\n" for day in (1, 2, 3) for hour in range(24))
    loads(tmp_path, "hour_start,visits\n" + hours, "hours.csv")
    assert figures(tmp_path, "SELECT min(date), max(date), sum(orders * (date = '2026-07-03')) FROM daily") == (
        "2026-07-01", "2026-07-06", 3,
    )  # fmt: skip
    by_hour = "SELECT sum(visits) FILTER (WHERE date = '2026-07-02'), sum(visits) FILTER (WHERE hour = '23') FROM daily"
    assert figures(tmp_path, by_hour) == (276, 69)


def test_moments_of_events_are_of_the_days_of_utc_and_it_is_said(tmp_path: Path) -> None:
    rows = "".join(f"P{at},2026-07-0{1 + at // 8}T0{at % 8}:17:00+07:00,5\n" for at in range(40))
    (file,) = loads(tmp_path, "payment_id,paid,amount\n" + rows).files
    assert any(note.startswith("its moments are of +07:00, its days are those of UTC") for note in file.notes)
    assert figures(tmp_path, "SELECT min(date), sum(payments) FROM daily") == ("2026-06-30", 40)


def test_the_day_of_a_birth_is_no_day_of_an_event(tmp_path: Path) -> None:
    births = [f"{1960 + 17 * at % 40}-0{1 + at % 9}-15" for at in range(20)]
    text = "Member ID,Birth Date,Join Date,Points\n" + "".join(
        f"{7000 + at},{birth},2026-07-0{1 + at // 5},{at}\n" for at, birth in enumerate(births)
    )
    loads(tmp_path, text)
    assert figures(tmp_path, "SELECT min(date), max(date), sum(points) FROM daily") == ("2026-07-01", "2026-07-04", 190)


@pytest.mark.parametrize(("sign", "is_known"), [(" ر.س", True), ("\u200f د.إ", True), (" Qz", False)])
def test_an_amount_with_a_sign_behind_it_is_no_name_of_a_row(tmp_path: Path, sign: str, *, is_known: bool) -> None:
    rows = "".join(f"{day},{shop},{at},{at * 10 + 5.5}{sign}\n" for at, day in enumerate(days(10)) for shop in "ab")
    report = loads(tmp_path, f"Date,Shop,Orders,Worth\n{rows}")
    assert figures(tmp_path, "SELECT sum(orders), count(DISTINCT shop) FROM daily") == (90, 2)
    if not is_known:
        assert "not loaded: Worth; keep one with, say, --dimension Worth" in report.files[0].notes
    else:
        assert figures(tmp_path, "SELECT sum(worth) FROM daily") == (2 * (450 + 55),)


def test_of_two_sorted_days_the_one_called_like_the_id_of_the_rows_counts(tmp_path: Path) -> None:
    rows = "".join(f"{700 + 7 * at},2026-07-{at + 1:02d},2026-07-{at + 4:02d},{at}.50\n" for at in range(12))
    loads(tmp_path, f"Transaction ID,Click Date,Transaction Date,Commission\n{rows}")
    assert figures(tmp_path, "SELECT min(date), max(date), sum(commission) FROM daily") == (
        "2026-07-04",
        "2026-07-15",
        72,
    )


@pytest.mark.parametrize("count", [1, 2, 3])
def test_hours_are_of_the_day_on_which_they_start(tmp_path: Path, count: int) -> None:
    hours = [(day, hour) for day in range(1, count + 1) for hour in range(24)]
    rows = "".join(
        f"2026-07-{day:02d}T{hour:02d}:00:00Z,2026-07-{day + (hour + 1) // 24:02d}T{(hour + 1) % 24:02d}:00:00Z,{hour}\n"
        for day, hour in hours
    )
    loads(tmp_path, f"start_time,end_time,swipes\n{rows}")
    assert figures(tmp_path, "SELECT count(DISTINCT date), sum(swipes) FROM daily") == (count, 276 * count)


def test_an_export_of_a_period_has_the_days_by_which_it_is_whole(tmp_path: Path) -> None:
    """Six visits a day for nine weeks, booked up to 29 days ahead: of those booked in the last week, six visits have come."""
    visits = [date(2026, 7, 6) + timedelta(at // 6) for at in range(6 * 63)]
    rows = [f"V{at},{day - timedelta(at * 7 % 30)},{day} 1{at % 6}:30,40\n" for at, day in enumerate(visits)]
    loads(tmp_path, "Appointment no,Booked on,Visit,Fee\n" + "".join(rows))
    assert figures(tmp_path, "SELECT min(date), max(date), sum(fee), count(DISTINCT date) FROM daily") == (
        "2026-07-06",
        "2026-09-06",
        15120,
        63,
    )


def test_a_fall_at_the_end_leaves_the_days_of_a_table_as_they_are(tmp_path: Path) -> None:
    """Parcels arrive five days after they were ordered; in the last week, one of six is."""
    ordered = [date(2026, 7, 6) + timedelta(at // 6) for at in range(6 * 63)]
    kept = [(at, day) for at, day in enumerate(ordered) if day < date(2026, 8, 31) or at % 6 == 0]
    rows = [f"B{at},{day},{day + timedelta(5)},40\n" for at, day in kept]
    loads(tmp_path, "Parcel no,Booked on,Arrived,Fee\n" + "".join(rows))
    assert figures(tmp_path, "SELECT min(date), max(date), sum(fee) FROM daily WHERE date > '2026-08-30'") == (
        "2026-08-31",
        "2026-09-06",
        280,
    )


def test_days_are_read_in_the_order_that_a_column_which_is_not_loaded_shows(tmp_path: Path) -> None:
    rows = "".join(f"0{at}/07/2026,{at + 5},{at + 12}/07/2026\n" for at in (1, 2, 3))
    loads(tmp_path, "Day,Visits,Checked\n" + rows)
    assert figures(tmp_path, "SELECT min(date), max(date), sum(visits) FROM daily") == ("2026-07-01", "2026-07-03", 21)


@pytest.mark.parametrize("name", ["Ad set name", "Ad set", "Nome"])
def test_names_that_look_like_days_are_none(tmp_path: Path, name: str) -> None:
    loads(tmp_path, f"Reporting starts,{name},Spend\n2026-07-01,Set 1,10.50\n2026-07-01,Set 2,4.25\n")
    assert figures(tmp_path, "SELECT min(date), max(date), sum(spend) FROM daily")[2] == 14.75
    assert figures(tmp_path, "SELECT count(DISTINCT date) FROM daily") == (1,)


def test_hours_of_a_named_zone_are_of_the_days_of_its_clock(tmp_path: Path) -> None:
    rows = "".join(f"2026-07-0{day} {hour:02}:00:00 AEST,{day + hour}\n" for day in (1, 2, 3) for hour in (7, 20))
    report = loads(tmp_path, f"timestamp,orders\n{rows}")
    assert report.files[0].notes[0] == "its days are those of the clock that wrote them (AEST)"
    assert figures(tmp_path, "SELECT min(date), sum(orders) FROM daily WHERE date = '2026-07-01'") == ("2026-07-01", 29)
