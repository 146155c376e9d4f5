"""What customers paid in all is no figure of the day that they began."""

from pathlib import Path

import pytest

from tests.ingest.shapes import loads

CELLS = [f"S{at};2026-07-{1 + at % 28:02d};{29 + at},00;{29 * (1 + at % 9)},00\n" for at in range(40)]


@pytest.mark.parametrize(
    ("header", "total"),
    [
        ("Subscriber ID;Started;Last payment;Total paid", "total_paid"),
        ("Kunden-Nr;Registriert am;Letzte Zahlung;Gesamtumsatz", "total_revenue"),
        ("customer_id;created_at;last_payment;orders", "orders"),
        ("会员编号;注册时间;最近金额;累计消费", "累计消费"),
        ("ticket;sold at;fee;Total paid", None),
        ("Subscriber ID;paid on;fee;Total paid", None),
    ],
)
def test_a_total_of_a_customer_is_in_no_sum(tmp_path: Path, header: str, total: str | None) -> None:
    (file,) = loads(tmp_path, f"{header}\n" + "".join(CELLS)).files
    said = [note.rpartition(": ")[2] for note in file.notes if "cannot be added up" in note]
    assert said == ([total] if total else [])
