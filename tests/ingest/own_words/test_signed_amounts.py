"""Statements whose amounts have no sign: a column says which came in and which went out."""

import re
from pathlib import Path

import pytest

from core.base.errors import UsageError
from core.ingest.formats.sources import sources
from core.ingest.inspection import inspect
from core.workspace.write.load import load
from tests.ingest.shapes import figures, loads

ROWS = (("01", "40.50", 1), ("01", "12.25", -1), ("02", "7.75", -1), ("03", "100.00", 1))
NET = 40.50 - 12.25 - 7.75 + 100.00
"""Counted by hand: 120.50."""


def statement(name: str, came: str, went: str, amount: str = "Amount") -> str:
    words = {1: came, -1: went}
    body = "".join(f"2026-07-{day},at {figure},{words[sign]},{figure}\n" for day, figure, sign in ROWS)
    return f"Date,Text,{name},{amount}\n{body}"


@pytest.mark.parametrize(
    ("name", "came", "went"),
    [
        ("DR/CR", "CR", "DR"),
        ("Transaction type", "credit", "debit"),
        ("Credit Debit Indicator", "CRDT", "DBIT"),
        ("Soll/Haben", "H", "S"),
        ("Af Bij", "Bij", "Af"),
        ("收/支", "收入", "支出"),
        ("D/C", "C", "D"),
        ("Тип", "приход", "расход"),
        ("Směr úhrady", "Příchozí", "Odchozí"),
        ("Richtung der Zahlung", "eingehend", "ausgehend"),
        ("Movimiento", "Ingreso", "Egreso"),
        ("Operação", "Entrada", "Saída"),
    ],
)
def test_what_went_out_is_negative(tmp_path: Path, name: str, came: str, went: str) -> None:
    report = loads(tmp_path, statement(name, came, went))
    assert figures(tmp_path, "SELECT sum(amount), count(*) FROM daily") == (NET, 4)
    assert report.files[0].notes[0].startswith("amount is negative where "), report.files[0].notes


@pytest.mark.parametrize(
    "text",
    [
        statement("Card type", "credit", "debit"),  # what was paid with
        statement("Direction", "in", "out", amount="Vehicles").replace(".50", "").replace(".25", "").replace(".75", ""),
        statement("DR/CR", "CR", "CR"),
        statement("Delivery status", "Received", "Sent"),
    ],
    ids=["cards", "no amounts", "nothing went out", "a state"],
)
def test_other_figures_keep_their_sign(tmp_path: Path, text: str) -> None:
    total = sum(float(figure) for figure in re.findall(r",([\d.]+)\n", text))
    loads(tmp_path, text)
    measure = "vehicles" if "Vehicles" in text else "amount"
    assert figures(tmp_path, f'SELECT sum("{measure}") FROM daily') == (total,)


def test_the_only_figures_have_the_sign_of_their_direction_with_cents_alone(tmp_path: Path) -> None:
    """`Jumlah` is an amount and a number of pieces."""
    loads(tmp_path, statement("Jenis", "Masuk", "Keluar", amount="Jumlah"))
    assert figures(tmp_path, "SELECT sum(units), count(*) FROM daily") == (NET, 4)


def test_amounts_that_have_signs_keep_them(tmp_path: Path) -> None:
    text = statement("DR/CR", "CR", "DR").replace("DR,", "DR,-")
    assert not any("negative" in note for note in loads(tmp_path, text).files[0].notes)
    assert figures(tmp_path, "SELECT sum(amount) FROM daily") == (NET,)


def test_transfers_between_own_accounts_count_in_neither(tmp_path: Path) -> None:
    text = statement("收/支", "收入", "支出", amount="金额") + "2026-07-03,own,不计收支,5000.00\n"
    report = loads(tmp_path, text)
    assert figures(tmp_path, "SELECT sum(amount), count(*) FROM daily") == (NET, 5)
    assert "left out where it is 不计收支" in report.files[0].notes[0]


def test_halves_with_one_direction_each_give_the_same_as_the_whole(tmp_path: Path) -> None:
    header, *body = statement("DR/CR", "CR", "DR").splitlines()
    for direction in ("CR", "DR"):
        own = [line for line in body if f",{direction}," in line]
        loads(tmp_path, "\n".join([header, *own]) + "\n", f"{direction}.csv", dimensions=("DR/CR",))
    assert figures(tmp_path, "SELECT sum(amount), count(*) FROM daily") == (NET, 4)


def test_an_order_number_makes_no_order_of_an_entry(tmp_path: Path) -> None:
    body = "".join(
        f"2026-07-{at:02} 10:0{at},{7000 + at},{'支出' if at % 3 else '收入'},{at}.50\n" for at in range(1, 10)
    )
    loads(tmp_path, f"交易时间,交易订单号,收/支,金额\n{body}")
    came, went = 3.5 + 6.5 + 9.5, 1.5 + 2.5 + 4.5 + 5.5 + 7.5 + 8.5
    assert figures(tmp_path, "SELECT sum(amount) FROM daily") == (came - went,)


def test_a_state_of_payment_makes_no_order_of_an_entry(tmp_path: Path) -> None:
    body = "".join(
        f"2026-07-{at:02},T{700 + at},{'支出' if at % 3 else '收入'},{at}.50,{'交易关闭' if at == 4 else '交易成功'}\n"
        for at in range(1, 10)
    )
    report = loads(tmp_path, f"交易时间,交易订单号,收/支,金额,交易状态\n{body}")
    assert figures(tmp_path, "SELECT sum(amount) FROM daily") == (19.5 - 30.0,)
    assert any("交易关闭 are counted like all others" in note for note in report.files[0].notes)


def test_the_mapping_that_inspect_prints_turns_signs_as_well(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(statement("DR/CR", "CR", "DR"))
    mapping = tmp_path / "m.toml"
    (found,) = inspect(next(iter(sources(path))))
    mapping.write_text(found.mapping)
    assert 'sign = "DR/CR"' in mapping.read_text()
    load(tmp_path / "w.db", [path], mapping=mapping)
    assert figures(tmp_path, "SELECT sum(amount) FROM daily") == (NET,)
    path.write_text("Date,Text,Amount\n2026-07-01,shop,5.25\n")
    amount = '{ column = "Amount", sign = "DR/CR", signs = { DR = -1 } }'
    mapping.write_text(f'[columns]\ndate = "Date"\namount = {amount}\n')
    with pytest.raises(UsageError, match=r"no column 'DR/CR', which amount depends on"):
        load(tmp_path / "w.db", [path], mapping=mapping)


RECEIPTS = (
    ("R-1", "Sale", 2, "20.50"),
    ("R-2", "Sale", 1, "10.25"),
    ("R-3", "Refund", 1, "10.25"),
    ("R-4", "Sale", 3, "30.00"),
)


def receipts(sign: str = "") -> str:
    body = "".join(
        f"2026-07-{at:02},{number},{kind},{sign if kind == 'Refund' else ''}{units},{sign if kind == 'Refund' else ''}{total}\n"
        for at, (number, kind, units, total) in enumerate(RECEIPTS, 11)
    )
    return f"Date,Receipt number,Receipt type,Items,Net sales\n{body}"


@pytest.mark.parametrize("sign", ["", "-"])
def test_a_receipt_that_takes_one_back_does_so_in_all_its_figures(tmp_path: Path, sign: str) -> None:
    loads(tmp_path, receipts(sign))
    assert figures(tmp_path, "SELECT sum(items), sum(net_sales) FROM daily") == (5, 50.5)


def test_refunds_alone_are_a_list_of_them(tmp_path: Path) -> None:
    loads(tmp_path, receipts().replace("Sale", "Refund"))
    assert figures(tmp_path, "SELECT sum(net_sales) FROM daily") == (71,)


def test_a_return_among_orders_is_a_refund(tmp_path: Path) -> None:
    text = receipts().replace("Receipt number", "Order no").replace("Items", "Qty").replace("Net sales", "Total")
    loads(tmp_path, text, as_kind="orders")
    found = figures(
        tmp_path, "SELECT sum(gmv), sum(units), sum(refund_amount), sum(refunded_at IS NOT NULL) FROM orders"
    )
    assert tuple(found) == (60.75, 5, 10.25, 1)
