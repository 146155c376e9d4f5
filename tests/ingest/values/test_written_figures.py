"""However a system writes its figures and days, the sum of a column that is loaded is the sum of what was written."""

import tempfile
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from tests.ingest.shapes import figures, loads


def swapped(text: str) -> str:
    return text.translate(str.maketrans(",.", ".,"))


STYLES: dict[str, Callable[[Decimal], str]] = {
    "plain": str,
    "commas": lambda figure: f"{figure:,}",
    "points": lambda figure: swapped(f"{figure:,}"),
    "apostrophes": lambda figure: f"{figure:,}".replace(",", "'"),
    "narrow spaces": lambda figure: swapped(f"{figure:,}").replace(".", "\u202f"),
    "dollars": lambda figure: f"${figure:,}" if figure >= 0 else f"-${-figure:,}",
    "brackets": lambda figure: f"{figure:,}" if figure >= 0 else f"({-figure:,})",
    "euros behind": lambda figure: f"{swapped(f'{figure:,}')} €",
    "reais": lambda figure: f"R$ {swapped(f'{figure:,}')}",
}
DAYS: dict[str, Callable[[date], str]] = {
    "iso": date.isoformat,
    "compact": lambda day: day.strftime("%Y%m%d"),
    "month name": lambda day: day.strftime("%b-%d-%y"),
    "points": lambda day: day.strftime("%d.%m.%Y"),
    "chinese": lambda day: f"{day.year}年{day.month}月{day.day}日",
    "spreadsheet": lambda day: str((day - date(1899, 12, 30)).days),
    "epoch": lambda day: str((day - date(1970, 1, 1)).days * 86_400),
}
AMOUNTS = st.lists(st.decimals("-99999.99", "9999999.99", places=2), min_size=3, max_size=12)
FIRST = date(2026, 1, 20)


@pytest.mark.parametrize("style", STYLES)
@settings(max_examples=6, deadline=None)
@given(AMOUNTS, st.sampled_from(list(DAYS)), st.sampled_from(";\t|"))
def test_the_sum_that_goes_in_comes_out(style: str, amounts: list[Decimal], form: str, delimiter: str) -> None:
    amounts = [*amounts, Decimal("1234.50")]  # one that says which mark is which
    days = [FIRST + timedelta(at) for at in range(len(amounts))]
    lines = [
        f"{DAYS[form](day)}{delimiter}{at}{delimiter}{STYLES[style](amount)}"
        for at, (day, amount) in enumerate(zip(days, amounts, strict=True))
    ]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        loads(folder, "\n".join([delimiter.join(("Date", "Orders", "Net takings")), *lines]) + "\n")
        first, last, orders, takings = figures(
            folder, "SELECT min(date), max(date), sum(orders), sum(net_takings) FROM daily"
        )
    assert (first, last) == (days[0].isoformat(), days[-1].isoformat())
    assert orders == sum(range(len(amounts)))
    assert takings == pytest.approx(float(sum(amounts)), abs=0.005)
