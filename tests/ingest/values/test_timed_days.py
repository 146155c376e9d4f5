"""Moments that are read by their days: as when each is read by itself."""

import pyarrow as pa
import pytest

from core.ingest.values.date_columns import decide
from core.ingest.values.date_order import DateHints
from core.ingest.values.dates import times
from core.ingest.values.moment_text import DateReading, read_moment
from core.ingest.values.timed_days import without_times

DAYS = ["05/07/2026", "2026/07/05", "5.7.26", "05-Jul-2026", "2026年07月05日", "2569/07/05", "31/13/2026"]
CLOCKS = [
    *("07:40", "7:40:05", "12:15 AM", "1:05PM", "13:05 PM", "24:00", "7.40"),
    *("10:20 +0700", "10:20 -0330", "10:20 UTC", "10:20-0500"),
]


@pytest.mark.parametrize("clock", CLOCKS)
@pytest.mark.parametrize("order", ["dmy", "mdy"])
def test_a_moment_is_its_day_and_its_time(clock: str, order: str) -> None:
    reading = DateReading(order="dmy" if order == "dmy" else "mdy")
    cells = [f"{day} {clock}" for day in DAYS] + ["-", f" {DAYS[0]} {clock}", f"{DAYS[0]}T{clock}"]
    found = times(pa.array(cells), reading)
    for at, cell in enumerate(cells):
        try:
            own = read_moment(cell, reading)
        except ValueError:
            assert found.bad is not None
            assert found.bad[at]
            continue
        assert found.seconds[at].as_py() == (own.seconds if own else None)
        assert bool(found.absolute is not None and found.absolute[at]) == bool(own and own.is_absolute)
        assert bool(found.dateless is not None and found.dateless[at]) == bool(own and own.is_day)


def test_the_days_of_moments_decide_how_a_column_is_read() -> None:
    cells = [f"{month}/14/2026 0{hour}:30" for month in (6, 7) for hour in range(5)]
    assert without_times(cells) == ["6/14/2026", "7/14/2026"]
    assert decide(cells, DateHints(last=20_000))[0].order == "mdy"
