"""What a window is compared with: other days by their daily means, and the complete part of an incomplete window."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from core.base.days import Window, iso, parse_day
from core.base.errors import NotEnoughData
from core.detection.comparison import compare
from core.explanation.explain import explain
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load

FIRST, DAYS = date(2024, 1, 1), 500
COUNTS = np.random.default_rng(3).poisson(200 * (1 + 0.3 * np.sin(np.arange(DAYS) * 2 * np.pi / 7)), (2, DAYS))


def day(number: int) -> int:
    return parse_day((FIRST + timedelta(number)).isoformat())


@pytest.fixture(scope="module")
def visits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("visits")
    lines = ["date,market,visits"]
    lines += [f"{iso(day(k))},{name},{COUNTS[row, k]}" for k in range(DAYS) for row, name in enumerate("AB")]
    (folder / "visits.csv").write_text("\n".join(lines))
    load(folder / "w.db", [folder / "visits.csv"], as_kind="daily")
    return folder / "w.db"


def by_weekday(window: range, other: range) -> float:
    """The mean of the same weekdays of other days, added up over a window."""
    total = COUNTS.sum(0)
    return float(sum(np.mean([total[k] for k in other if k % 7 == at % 7]) for at in window))


@pytest.mark.parametrize(
    ("baseline", "kind", "first", "last"),
    [("previous", "previous", 486, 492), ("last-year", "last-year", 129, 135), ("4w", "4w", 465, 492),
     (f"{iso(day(400))}..{iso(day(432))}", "window", 400, 432)],
)  # fmt: skip
def test_days_of_another_length_count_by_the_means_of_their_weekdays(
    visits: Path, baseline: str, kind: str, first: int, last: int
) -> None:
    with Workspace.open(visits) as workspace:
        answer = explain(workspace, "visits", window=Window(day(493), day(499)), baseline=baseline)
    assert answer.baseline.kind == kind
    assert answer.baseline.window == Window(day(first), day(last))
    assert answer.expected == pytest.approx(by_weekday(range(493, 500), range(first, last + 1)))
    assert answer.actual == COUNTS[:, 493:].sum()
    assert any("daily means of each weekday" in note for note in answer.notes) == (last - first != 6)


@pytest.mark.parametrize(
    ("window", "other"), [((499, 499), (498, 498)), ((499, 499), (480, 482)), ((480, 499), (470, 471))]
)
def test_any_length_from_one_day_works(visits: Path, window: tuple[int, int], other: tuple[int, int]) -> None:
    days = Window(day(other[0]), day(other[1]))
    with Workspace.open(visits) as workspace:
        answer = explain(workspace, "visits", window=Window(day(window[0]), day(window[1])), baseline=str(days))
    usual = COUNTS[:, other[0] : other[1] + 1].sum() / len(days) * (window[1] - window[0] + 1)
    assert answer.expected == pytest.approx(usual)
    low, high = answer.interval
    assert low < answer.expected < high
    assert sum(part.contribution for part in answer.drivers) == pytest.approx(answer.change)


def test_days_outside_the_data_are_refused_in_one_line(visits: Path) -> None:
    with Workspace.open(visits) as workspace, pytest.raises(NotEnoughData, match="not all inside the data"):
        compare(workspace, "visits", Window(day(20), day(26)), "last-year")


def test_the_complete_part_of_a_window_is_answered_and_said(tmp_path: Path) -> None:
    """Deliveries take five days, one in twenty eight, and nine at the end: of the last week nothing is known yet."""
    lines = ["order_id,ordered_at,gmv,paid_at,promised_by,delivered_at"]
    for number in range(90):
        at = FIRST + timedelta(number)
        for k in range(20):
            done = at + timedelta(9 if number >= 66 else 8 if k == 0 else 5)
            delivered = f"{done}T12:00:00" if done < FIRST + timedelta(90) else ""
            lines.append(f"{at}-{k},{at}T08:00:00,10,{at}T08:05:00,{at + timedelta(7)}T00:00:00,{delivered}")
    (tmp_path / "orders.csv").write_text("\n".join(lines))
    load(tmp_path / "w.db", [tmp_path / "orders.csv"])
    with Workspace.open(tmp_path / "w.db") as workspace:
        answer = explain(workspace, "late_delivery_rate", window=Window(day(66), day(89)))
    assert answer.is_drop
    assert answer.window.first == day(66)
    assert answer.window.last < day(89)
    assert any("still incomplete" in note for note in answer.notes)
