"""How long a day stays incomplete: meals arrive within the hour, parcels do not."""

from pathlib import Path

import pytest

from core.base.days import iso
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load
from core.workspace.write.recovery.undo import undo

FIRST = 20_000


def orders(folder: Path, name: str, count: int, hours: int) -> Path:
    """So many orders, a dozen a day, which are delivered so many hours later."""
    lines = ["order_id,ordered_at,paid_at,gmv,delivered_at,promised_by"]
    for at in range(count):
        day, late = FIRST + at // 12, FIRST + at // 12 + (at % 12 + hours) // 24
        lines.append(
            f"{name}{at},{iso(day)}T{at % 12:02d}:00:00,{iso(day)},5,{iso(late)}T{(at % 12 + hours) % 24:02d}:30:00,{iso(day)}"
        )
    (folder / f"{name}.csv").write_text("\n".join(lines) + "\n")
    return folder / f"{name}.csv"


@pytest.mark.parametrize(("count", "hours", "days"), [(240, 1, 1), (190, 1, 14), (240, 30, 14)])
def test_what_comes_within_a_day_is_complete_after_one(tmp_path: Path, count: int, hours: int, days: int) -> None:
    load(tmp_path / "w.db", [orders(tmp_path, "a", count, hours)])
    with Workspace.open(tmp_path / "w.db") as workspace:
        waits = {
            key: workspace.metric(key).mature_after_days
            for key in ("late_delivery_rate", "deliveries", "delivery_time")
        }
    assert waits == {"late_delivery_rate": days, "deliveries": days, "delivery_time": days}


def test_a_few_parcels_among_meals_make_days_wait_again(tmp_path: Path) -> None:
    load(tmp_path / "w.db", [orders(tmp_path, "meals", 480, 1)])
    load(tmp_path / "w.db", [orders(tmp_path, "parcels", 12, 50)])
    with Workspace.open(tmp_path / "w.db") as workspace:
        assert workspace.metric("late_delivery_rate").mature_after_days == 14
    undo(tmp_path / "w.db", 2)
    with Workspace.open(tmp_path / "w.db") as workspace:
        assert workspace.metric("late_delivery_rate").mature_after_days == 1


@pytest.mark.parametrize(
    ("waits", "ages"),
    [
        ((0,), (0, 1)),
        ((1 / 96,), (0, 1)),
        ((1 / 24,), (1, 0)),
        ((0,) * 99 + (4,), (0, 1)),
        ((0,) * 49 + (4,), (4, 1)),
        ((1, 1, 3), (3, 1)),
        ((2, 3), (3, 2)),
        ((40,), (30, 30)),
    ],
)
def test_days_are_complete_when_nearly_all_payments_have_come(
    tmp_path: Path, waits: tuple[float, ...], ages: tuple[int, int]
) -> None:
    """Of 300 orders, 99 of 100 payments; they are compared when half of them have come. Of those an hour later, one in 24 comes
    after the day of its order: days are compared as known by then. A measure of the user waits as long."""
    lines = ["order_id,ordered_at,paid_at,gmv"]
    for at in range(300):
        day, (days, part) = FIRST + at % 25, divmod(waits[at % len(waits)], 1)
        lines.append(
            f"o{at},{iso(day)}T08:00:00,{iso(day + int(days))}T{8 + int(part * 24):02d}:{part * 1440 % 60:02.0f}:00,5"
        )
    (tmp_path / "orders.csv").write_text("\n".join(lines) + "\n")
    (tmp_path / "whydrop.toml").write_text('[metrics.spent]\nformula = "gmv / orders"\n')
    load(tmp_path / "w.db", [tmp_path / "orders.csv"])
    with Workspace.open(tmp_path / "w.db") as workspace:
        for key in ("gmv", "spent", "average_order_value"):
            metric = workspace.metric(key)
            assert (metric.mature_after_days, metric.compared_after_days if ages[0] else 1) == ages
        assert workspace.metric("orders").mature_after_days == 0
