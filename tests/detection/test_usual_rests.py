"""Hosts who do not stream every day, shops that close now and then: a day without anything that is usual is no drop."""

import csv
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from core.base.days import Window, parse_day
from core.base.segment import Segment
from core.catalogue.metric_tree.metric_loader import load as load_catalogue
from core.detection.comparison import compare
from core.detection.forecast.panel import CLOSED, ORDINARY
from core.detection.forecast.panel_build import SliceSums
from core.detection.forecast.usual_rests import resting_days, usual_rests
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load
from tests.detection.series_scan import scan_series

DAYS, FIRST = 91, date(2026, 1, 5)


def _values(silent: slice, level: float = 20.0, rest: int = 6) -> np.ndarray:
    """One series that rests on each sixth day: on 9 of the 56 days before the last week, so that 3 days in a row come by chance
    more often than 0.002 ((9 / 56)^3 = 0.004), and 4 do not."""
    values = np.full((1, DAYS), level)
    values[0, ::rest] = 0
    values[0, 85:] = level
    values[0, silent] = 0
    return values


@pytest.mark.parametrize(
    ("values", "counts", "judged", "rests"),
    [
        (_values(slice(88, 91)), True, 90, [88, 89, 90]),
        (_values(slice(87, 91)), True, 90, []),  # too long for a rest
        (_values(slice(87, 91)), True, 89, [87, 88, 89]),  # that was not known on the first day that is judged
        (_values(slice(86, 88)), True, 90, [86, 87]),
        (_values(slice(90, 91), level=9), True, 90, []),  # few orders: none of a day is chance
        (_values(slice(90, 91), level=9), False, 90, [90]),
        (_values(slice(90, 91), rest=35), True, 90, []),  # two rests are no habit
        (_values(slice(90, 91), rest=28), True, 90, [90]),  # three are, however long ago
        (_values(slice(88, 90), rest=7), True, 90, []),  # closed on one weekday, which tells nothing of others
        (np.where((np.arange(DAYS) % 7 == 3) | (np.arange(DAYS) > 87), 0, 20.0)[None], True, 90, [87]),  # 3 other days
        (_values(slice(90, 91)) * np.where(np.arange(DAYS) % 4 == 1, 0.1, 1), True, 90, []),  # little on other days, too
    ],
)  # fmt: skip
def test_days_of_rest_are_told_by_the_days_before(
    values: np.ndarray, counts: bool, judged: int, rests: list[int]
) -> None:
    found = np.flatnonzero(usual_rests(values, counts, judged)[0])
    assert found[found >= 85].tolist() == rests


@pytest.mark.parametrize(
    ("lengths", "silent", "rests"),
    [
        ((4, 4, 4), 4, 4),
        ((4, 4, 5), 5, 0),
        ((4, 5), 4, 0),
        ((6, 5, 5, 1), 5, 5),
        ((4, 4, 4), 5, 0),
        ((3, 1, 3), 3, 3),
        ((3, 1, 1), 3, 0),
    ],
)
def test_a_rest_is_usual_when_two_before_were_as_long(lengths: tuple[int, ...], silent: int, rests: int) -> None:
    """A rest every 40 days: at most 6 of 56 days, so that chance alone explains 2 days in a row ((6 / 56)^3 = 0.0012)."""
    values = np.full((1, 240), 20.0)
    for number, length in enumerate(lengths, 1):
        values[0, 40 * number : 40 * number + length] = 0
    values[0, 240 - silent :] = 0
    assert usual_rests(values, True, 239)[0, 235:].sum() == rests


def test_who_has_no_viewers_rests_however_few_orders_there_are() -> None:
    """On each sixth day nobody is there; of four orders a day, some other days have none, too, which is no rest."""
    viewers, orders = _values(slice(90, 91)), np.where(np.arange(DAYS) % 9 == 4, 0, 4.0)[None]
    orders[viewers == 0], orders[0, 89] = 0, 0
    slices = SliceSums((Segment.parse("host=a"),), {"orders": orders, "impressions": 1000 * viewers})
    states = resting_days(load_catalogue().metric("orders"), slices, 90)
    assert states[0, 85:].tolist() == [ORDINARY] * 5 + [CLOSED]


def test_hosts_who_rest_are_no_finding_and_one_who_left_is(tmp_path: Path) -> None:
    """Eight hosts rest on one day of six in turn; on the last day two rest, another has left nine days ago.

    A third sells half since twelve days, on two of which it rests: half of its usual ten days is lost.
    """
    chance, last = np.random.default_rng(5), parse_day(str(FIRST)) + DAYS - 1
    with (tmp_path / "lives.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["date", "host", "orders_made"])
        for day in range(DAYS):
            for host in range(8):
                gone = host == 3 and day >= DAYS - 9
                if not gone and (day + 5 * host + day // 6) % 6 and not (host == 5 and day == DAYS - 1):
                    level = 30 if host == 6 and day >= DAYS - 12 else 60
                    writer.writerow([FIRST + timedelta(day), f"h{host}", chance.poisson(level)])
    load(tmp_path / "w.db", [tmp_path / "lives.csv"])
    with Workspace.open(tmp_path / "w.db") as workspace:
        findings = scan_series(workspace).findings
        half = compare(workspace, "orders_made", Window(last - 11, last), where=Segment.parse("host=h6"))
    assert {str(finding.where): finding.onset for finding in findings} == {"host=h3": last - 8, "host=h6": last - 11}
    assert half.expected == pytest.approx(10 * 60, rel=0.05)
    assert half.actual / half.expected == pytest.approx(0.5, abs=0.06)
    assert half.is_drop
