"""What an earlier load says of files with the same columns: it decides for them while rows of it are there."""

from pathlib import Path

import pytest

from core.base.errors import UsageError
from core.workspace.write.load import load
from core.workspace.write.recovery.undo import undo
from tests.workspace.loading import rows


def lines(path: Path, first: int, order: str = "R{}", amount: str = "{}.5") -> Path:
    """Thirty lines of orders, the first of that number, three a day."""
    body = "".join(
        f"{order.format(number)},2026-03-{1 + number // 3 % 28:02},T{number % 4},{amount.format(5 + number % 7)}\n"
        for number in range(first, first + 30)
    )
    path.write_text(f"Order No,Created,Item,Total\n{body}")
    return path


def test_what_the_user_called_orders_once_stays_orders(tmp_path: Path) -> None:
    db = tmp_path / "w.db"
    load(db, [lines(tmp_path / "a.csv", 0)], as_kind="orders")
    assert load(db, [lines(tmp_path / "b.csv", 30)]).files[0].kind == "orders"
    assert rows(db, "SELECT count(*) FROM orders") == [(60,)]
    daily = load(db, [lines(tmp_path / "c.csv", 60)], as_kind="daily")  # what told lines apart says nothing of days
    assert (daily.files[0].kind, daily.files[0].accepted) == ("daily", 30)


def test_what_the_user_called_days_of_figures_stays_that(tmp_path: Path) -> None:
    db = tmp_path / "w.db"
    load(db, [lines(tmp_path / "a.csv", 0)], as_kind="daily")
    assert load(db, [lines(tmp_path / "b.csv", 30)]).files[0].kind == "daily"
    assert rows(db, "SELECT count(*) FROM daily") == [(60,)]


def test_a_refusal_of_another_file_of_these_columns_names_the_earlier_load(tmp_path: Path) -> None:
    db = tmp_path / "w.db"
    load(db, [lines(tmp_path / "a.csv", 0)], as_kind="orders")
    with pytest.raises(UsageError, match=r"taken for orders, as an earlier load of the same columns was: .*no column"):
        load(db, [lines(tmp_path / "b.csv", 30, amount="")])


def test_a_load_of_which_no_row_was_taken_decides_nothing(tmp_path: Path) -> None:
    db = tmp_path / "w.db"
    load(db, [lines(tmp_path / "a.csv", 0)], as_kind="orders")
    without_ids = lines(tmp_path / "b.csv", 30, order="")
    for _ in range(2):  # it is read again, since nothing of it is there
        refused = load(db, [without_ids]).refused
        assert refused is not None
        assert "order_id: not given" in refused
    undo(db, 1)
    with pytest.raises(UsageError, match="not recognised, but its lines look like orders"):
        load(db, [without_ids])


def statement(path: Path, first: int, last: int) -> Path:
    """Lines of a bank: 3 a day of 10 to 47 and a half; each fourth line is paid in, the others are paid out."""
    amounts = [f"{10 + number % 38},5" for number in range(first, last)]
    lines = [
        f"2026-03-{1 + number // 3:02};Tekst {number};" + (f"{amount};" if number % 4 == 0 else f";{amount}")
        for number, amount in zip(range(first, last), amounts, strict=True)
    ]
    path.write_text("\n".join(["Dato;Forklaring;Inn på konto;Ut fra konto", *lines]) + "\n")
    return path


@pytest.mark.parametrize("together", [True, False])
def test_a_column_that_counts_in_one_part_counts_in_a_short_one(tmp_path: Path, together: bool) -> None:
    """Of the 20 lines of the short part five are paid in: too few to show that what is called an account has amounts."""
    db, parts = tmp_path / "w.db", [statement(tmp_path / "b.csv", 0, 61), statement(tmp_path / "a.csv", 61, 81)]
    for paths in [parts[::-1]] if together else [[path] for path in parts]:
        load(db, paths)
    paid_in = sum(10.5 + number % 38 for number in range(0, 81, 4))
    assert rows(db, 'SELECT sum("inn_på_konto"), count(*) FROM daily') == [(paid_in, 81)]
