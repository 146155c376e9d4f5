# ruff: noqa: E501 - headers and rows are as the systems write them
"""Payments and ledgers, whose rows are events, and order lines in words of their own: figures counted by hand."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from core.base.errors import WhydropError
from core.workspace.read.workspace import Workspace
from tests.ingest.shapes import figures, loads

PAYPAL = (
    '"Datum","Uhrzeit","Typ","Währung","Brutto","Gebühr","Netto","Transaktionscode","Guthaben"\n'
    '"01.07.2026","09:05:06","Zahlung","EUR","1.020,50","-2,50","1.018,00","9A1","1.018,00"\n'
    '"01.07.2026","09:05:06","Zahlung","USD","30,00","-1,00","29,00","9A2","1.047,00"\n'
    '"02.07.2026","19:00:00","Rückzahlung","EUR","-20,50","0,00","-20,50","9A3","1.026,50"\n'
    '"02.07.2026","20:00:00","Zahlung","EUR","10,00","0,00","10,00","9A4","1.036,50"\n'
    '"03.07.2026","20:00:00","Zahlung","EUR","10,00","0,00","10,00","9A5","1.046,50"\n'
)


LEDGER = (
    "transaction-type\torder-id\tamount-type\tamount-description\tamount\tposted-date\n"
    + "".join(
        f"Order\tA{at}\t{kind}\t{name}\t{amount}\t2026-07-0{1 + at // 2}\n"
        for at in range(6)
        for kind, name, amount in (("ItemPrice", "Principal", "20.00"), ("ItemFees", "Commission", "-3.00"))
    )
)  # fmt: skip


def test_payments_of_a_day_add_up_by_type_and_currency_and_their_ids_are_no_dimension(tmp_path: Path) -> None:
    (file,) = loads(tmp_path, PAYPAL).files
    assert (file.kind, file.accepted) == ("daily", 5)
    sums = "SELECT sum(brutto), sum(CASE WHEN currency = 'USD' THEN brutto END), sum(CASE WHEN typ = 'Rückzahlung' THEN netto END) FROM daily"
    assert figures(tmp_path, sums) == pytest.approx((1050.0, 30.0, -20.5))
    assert "each row is an event, known by its Transaktionscode" in file.notes
    assert any("cannot be added up: guthaben" in note for note in file.notes)


def test_entries_without_an_id_count_beside_those_that_have_one(tmp_path: Path) -> None:
    rows = "".join(f"0{1 + at // 3}.07.2026 0{at % 3}:15:00,Order,A{at},Cup,20.00,-3.00\n" for at in range(18))
    text = (
        "when,type,ref,text,sale,fee\n"
        + rows
        + "01.07.2026 00:15:00,Ads,,Costs,0.00,-7.50\n05.07.2026 00:15:00,Ads,,Costs,0.00,-2.50\n"
    )
    (file,) = loads(tmp_path, text).files
    assert (file.accepted, file.rejected) == (20, 0)
    assert figures(tmp_path, "SELECT sum(sale), sum(fee) FROM daily") == (360.0, -64.0)
    (again,) = loads(tmp_path, text.splitlines()[0] + "\n" + rows, "part.csv").files
    assert (again.added, again.unchanged) == (0, 18)


def test_a_later_export_of_the_same_payments_replaces_what_it_corrects_and_nothing_else(tmp_path: Path) -> None:
    loads(tmp_path, PAYPAL, "july.csv")
    corrected = PAYPAL.replace('"30,00","-1,00","29,00"', '"35,00","-1,00","34,00"') + (
        '"04.07.2026","08:00:00","Zahlung","EUR","7,00","0,00","7,00","9A6","1.058,50"\n'
    )
    (file,) = loads(tmp_path, corrected, "july-again.csv").files
    assert (file.added, file.replaced, file.unchanged) == (1, 1, 4)
    assert figures(tmp_path, "SELECT count(*), sum(brutto) FROM daily") == pytest.approx((6, 1062.0))


def test_entries_of_a_ledger_name_orders_and_are_none(tmp_path: Path) -> None:
    (file,) = loads(tmp_path, LEDGER, "ledger.tsv").files
    assert (file.kind, file.accepted, file.rejected) == ("daily", 12, 0)
    assert figures(tmp_path, "SELECT sum(amount), max(date) FROM daily") == (102.0, "2026-07-03")


def test_a_column_that_is_one_figure_by_another_is_a_rate_whatever_it_is_called(tmp_path: Path) -> None:
    lines = [(day, 10 + day * day, 5 + day % 4) for day in range(1, 15)]
    text = "Date,Paid out,Taps,Efekt\n" + "".join(
        f"2026-07-{day:02d},{paid}.00,{taps},{paid / taps:.4f}\n" for day, paid, taps in lines
    )
    (file,) = loads(tmp_path, text).files
    assert "efekt is computed as paid_out / taps" in file.notes


def test_what_there_is_of_an_account_is_not_added_up_over_days(tmp_path: Path) -> None:
    text = "Date,Streams,Followers\n" + "".join(f"2026-07-{day:02d},{day * 7},{5000 + day}\n" for day in range(1, 15))
    (file,) = loads(tmp_path, text).files
    assert any("cannot be added up: followers" in note for note in file.notes)
    grows = text.replace(",50", ",")  # new ones of a day: 1, 2, 3
    (file,) = loads(tmp_path / "..", grows, "new.csv", source="b").files
    assert not any("cannot be added up" in note for note in file.notes)


def test_amounts_of_several_currencies_are_kept_apart(tmp_path: Path) -> None:
    text = "Date,Currency,Proceeds\n2026-07-01,USD,5\n2026-07-02,JPY,500\n2026-07-03,USD,7\n"
    loads(tmp_path, text)
    assert figures(tmp_path, "SELECT sum(proceeds) FROM daily WHERE currency = 'USD'") == (12,)


def test_a_file_whose_largest_table_cannot_be_read_is_refused(tmp_path: Path) -> None:
    text = "Item,Total\nfees,5\nsales,7\n\n\nWhen,Text,Words\n" + "".join(f"2026-07-0{at},a,b\n" for at in range(1, 8))
    with pytest.raises(WhydropError, match="most rows of its 2 tables cannot be loaded"):
        loads(tmp_path, text, "export_2026-07-31.csv")


def test_rows_that_nobody_paid_are_named_where_they_count_as_days(tmp_path: Path) -> None:
    text = "Day,Status,Sales\n" + "".join(
        f"2026-07-0{at},{state},{at}0\n" for at in range(1, 6) for state in ("Paid", "Cancelled")
    )
    (file,) = loads(tmp_path, text).files
    assert any(note.startswith("rows whose 'Status' is cancelled are counted like all others") for note in file.notes)


def test_of_a_start_and_an_end_the_start_gives_the_day(tmp_path: Path) -> None:
    text = "Session,Opened,Closed,Sales\n" + "".join(
        f"S{at},2026-07-{1 + at // 2:02d} 23:{10 * (at % 2):02d},2026-07-{2 + at // 2:02d} 00:{at:02d},7\n"
        for at in range(8)
    )
    loads(tmp_path, text)
    assert figures(tmp_path, "SELECT min(date), max(date) FROM daily") == ("2026-07-01", "2026-07-04")


def test_numbers_of_rows_count_nothing_whatever_they_are_called(tmp_path: Path) -> None:
    rows = [f"{70_001 + at},2026-07-{1 + at // 20:02d},{at % 3 + 1},{at}.50" for at in range(200)]
    shuffled = [rows[at * 7 % 200] for at in range(200)]
    (file,) = loads(tmp_path, "Reservation,day,nights,price\n" + "\n".join(shuffled) + "\n").files
    assert "each row is an event, known by its Reservation" in file.notes
    assert figures(tmp_path, "SELECT count(*) FROM pragma_table_info('daily') WHERE name = 'reservation'") == (0,)
    assert figures(tmp_path, "SELECT count(*), sum(nights) FROM daily") == (200, sum(at % 3 + 1 for at in range(200)))


def test_a_growing_total_of_one_row_a_day_numbers_nothing(tmp_path: Path) -> None:
    days = [date(2026, 7, 1) + timedelta(at) for at in range(60)]
    loads(tmp_path, "day,members\n" + "".join(f"{day},{5_000 + at}\n" for at, day in enumerate(days)))
    assert figures(tmp_path, "SELECT min(members), max(members) FROM daily") == (5_000, 5_059)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("Booked on,Arrival,Leaving", "2026-07-01"),
        ("Transaction ID,Opened,Transaction Moment", "2026-07-04"),
        ("Leaving,Arrival,Booked on", "2026-07-01"),
    ],
)
def test_of_several_days_a_row_takes_the_one_of_its_id_or_that_its_table_is_sorted_by(
    tmp_path: Path, header: str, expected: str
) -> None:
    """Arrivals lie up to 40 days after the booking: their days differ more, and begin later."""
    names = header.split(",")
    lines = []
    for at in range(120):
        booked = date(2026, 7, 1) + timedelta(at // 4)
        cells = {"Booked on": booked, "Arrival": booked + timedelta(at * 11 % 40), "Transaction ID": f"T{at}"}
        cells |= {"Leaving": booked + timedelta(at * 11 % 40 + 3), "Opened": booked + timedelta(at * 7 % 20)}
        cells["Transaction Moment"] = booked + timedelta(3 + at * 3 % 5)
        lines.append(",".join(str(cells[name]) for name in names) + f",place {at % 3},{at}.5")
    loads(tmp_path, f"{header},place,amount\n" + "\n".join(lines) + "\n", duplicates="keep")
    assert figures(tmp_path, "SELECT min(date), sum(amount) FROM daily") == (
        expected,
        sum(at + 0.5 for at in range(120)),
    )


def test_answers_of_a_survey_count_and_their_scores_are_means(tmp_path: Path) -> None:
    marks = [(9, 10, 8, 3)[at % 4] for at in range(80)]
    rows = "".join(
        f"R{at},2026-07-{1 + at // 8:02d},{'DE' if at % 2 else 'FR'},{mark}\n" for at, mark in enumerate(marks)
    )
    (file,) = loads(tmp_path, "response_id,submitted,country,score\n" + rows).files
    assert "score is the mean of its rows" in file.notes
    with Workspace.open(tmp_path / "w.db") as workspace:
        assert workspace.measures == ("score_sum", "responses")
        score, total = workspace.metric("score"), workspace.metric("score_sum")
    assert (score.unit, score.good, total.good) == ("number", "up", "neutral")
    means = "SELECT avg(m) FILTER (WHERE country = 'DE'), avg(m) FILTER (WHERE country = 'FR') FROM (SELECT country, 1.0 * sum(score_sum) / sum(responses) m FROM daily GROUP BY 1)"
    assert figures(tmp_path, means) == (6.5, 8.5)


def test_two_lists_of_events_are_two_measures(tmp_path: Path) -> None:
    """Tickets and returns were one sum when both were called events; a title names no rows."""
    loads(
        tmp_path,
        "Ticket ID,Created,Topic\n" + "".join(f"{at},2026-07-{1 + at // 8:02d},late\n" for at in range(100, 180)),
        "t.csv",
    )
    loads(
        tmp_path,
        "Return,Return date,Why\n" + "".join(f"R{at},2026-07-{1 + at // 4:02d},size\n" for at in range(40)),
        "r.csv",
    )
    assert figures(tmp_path, "SELECT sum(tickets), sum(returns) FROM daily") == (80, 40)
    with Workspace.open(tmp_path / "w.db") as workspace:
        assert [workspace.metric(name).good for name in ("tickets", "returns")] == ["up", "down"]


@pytest.mark.parametrize(("step", "expected"), [(0.5, {"stars_sum", "events"}), (40, {"stars", "events"})])
def test_stars_up_to_five_are_a_mean_and_gifts_add_up(tmp_path: Path, step: float, expected: set[str]) -> None:
    rows = "".join(f"V{at},2026-07-{1 + at // 4:02},{(1 + at % 10) * step}\n" for at in range(80))
    loads(tmp_path, "review_id,date,stars\n" + rows)
    with Workspace.open(tmp_path / "w.db") as workspace:
        assert set(workspace.measures) == expected


def test_rows_known_by_an_address_are_no_emails(tmp_path: Path) -> None:
    loads(tmp_path, "Email,Date\n" + "".join(f"u{at}@x.com,2026-07-{1 + at // 3:02}\n" for at in range(60)))
    assert figures(tmp_path, "SELECT sum(events) FROM daily") == (60,)


def test_the_sum_of_a_score_takes_the_name_of_no_other_column(tmp_path: Path) -> None:
    rows = "".join(f"R{at},2026-07-{1 + at // 8:02d},{at % 11},{at % 7}\n" for at in range(80))
    loads(tmp_path, "response_id,submitted,score,score_sum\n" + rows)
    with Workspace.open(tmp_path / "w.db") as workspace:
        assert workspace.measures == ("score_sum_sum", "responses")
    assert figures(tmp_path, "SELECT sum(score), sum(score_sum_sum) FROM daily") == (
        sum(at % 11 for at in range(80)),
        sum(at % 7 for at in range(80)),
    )


def test_a_price_of_each_is_a_number_and_a_share_of_counts_a_ratio(tmp_path: Path) -> None:
    rows = ""
    for day in range(1, 21):
        visits, sales, amount = 300 + 17 * day, 40 + day * 7 % 23, 500 + day * 31 % 97
        rows += f"2026-07-{day:02d},{visits},{sales},{amount}.00,{100 * sales / visits:.2f}%,{amount / sales:.2f}\n"
    loads(tmp_path, "day,visits,sales,amount,sales rate,amount per sale\n" + rows)
    with Workspace.open(tmp_path / "w.db") as workspace:
        units = {name: workspace.metric(name).unit for name in ("sales_rate", "amount_per_sale")}
    assert units == {"sales_rate": "ratio", "amount_per_sale": "number"}


@pytest.mark.parametrize(
    "moment",
    [
        "{day}{clock}",
        "{day}{clock}123",
        "{day} {clock}",
        "{year}-{month}-{date}-{hour}.{minute}.{second}.000000",
        "{date}JUL{year}:{hour}:{minute}:{second}",
    ],
)
def test_moments_without_colons_are_moments(tmp_path: Path, moment: str) -> None:
    """Sixty calls, six a day, of which every fifth is of cell B; a column that is called no day."""
    lines = ["CALL_START|CELL|SECONDS"]
    for number in range(60):
        parts = {"year": "2026", "month": "07", "date": f"{number // 6 + 1:02}"}
        parts |= {"hour": f"{8 + number % 6:02}", "minute": f"{number % 59:02}", "second": "09"}
        parts |= {"day": "202607" + parts["date"], "clock": parts["hour"] + parts["minute"] + parts["second"]}
        lines.append(f"{moment.format(**parts)}|{'B' if number % 5 == 0 else 'A'}|{number}")
    loads(tmp_path, "\n".join(lines))
    assert figures(tmp_path, "SELECT count(DISTINCT date), sum(events), sum(seconds), max(date) FROM daily") == (
        10,
        60,
        1770,
        "2026-07-10",
    )
    assert figures(tmp_path, "SELECT sum(events), sum(seconds) FROM daily WHERE cell = 'B'") == (12, 330)


@pytest.mark.parametrize(
    ("hosts", "rows", "kept"),
    [(50, 500, ("host",)), (51, 510, ()), (50, 499, ()), (20, 40, ("host",)), (20, 39, ()), (21, 42, ())],
)
def test_up_to_fifty_words_slice_events_where_each_has_ten_rows(
    tmp_path: Path, hosts: int, rows: int, kept: tuple[str, ...]
) -> None:
    lines = "".join(f"G{at:04},2026-07-{1 + at % 20:02} 10:{at % 60:02},h{at % hosts},7\n" for at in range(rows))
    (file,) = loads(tmp_path, f"gift_id,time,host,coins\n{lines}").files
    assert file.dimensions == kept


@pytest.mark.parametrize("name", ["context.app.version", "appVersion", "Versão do app", "版本号"])
def test_versions_are_sliced_by_and_never_added_up(tmp_path: Path, name: str) -> None:
    lines = "".join(f"m{at:03},2026-07-{1 + at % 20:02} 10:{at % 60:02},5.{at // 50},7\n" for at in range(100))
    (file,) = loads(tmp_path, f"message_id,time,{name},bytes\n{lines}").files
    assert len(file.dimensions) == 1
    assert figures(tmp_path, f"SELECT count(DISTINCT {file.dimensions[0]}), sum(bytes) FROM daily") == (2, 700)


@pytest.mark.parametrize("order", [1, -1, 3])
def test_entries_of_an_account_are_known_by_the_balance_after_them(tmp_path: Path, order: int) -> None:
    """Twelve entries, two alike on most days: 21 paid in, 36 out, from a balance of 100."""
    moves = [(at % 2 * (at + 1) / 2, (at + 1) % 2 * (at + 1)) for at in range(12)]
    balances = [100 + sum(paid_in - out for paid_in, out in moves[: at + 1]) for at in range(12)]
    entries = [
        f"2026-07-{at // 3 + 1:02d},shop,{paid_in or ''},{out or ''},{balance}\n"
        for at, ((paid_in, out), balance) in enumerate(zip(moves, balances, strict=True))
    ]
    entries = [entries[at * 3 % 13 - 1] for at in range(1, 13)] if order == 3 else entries[::order]
    text = "Date,Text,Paid in,Paid out,Balance\n" + "".join(entries)
    assert loads(tmp_path, text).files[0].added == 12
    assert loads(tmp_path, text, "again.csv").files[0].unchanged == 12
    assert figures(tmp_path, "SELECT sum(paid_in), sum(paid_out), sum(events) FROM daily") == (21, 36, 12)
