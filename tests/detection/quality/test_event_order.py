"""What happened on an order line before it could: found to the second, a day without a time being no proof."""

from pathlib import Path

import pytest

from core.detection.findings import Check
from core.detection.quality.data_quality import check
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load

COLUMNS = "order_id,ordered_at,gmv,paid_at,shipped_at,delivered_at,cancelled_at,refunded_at\n"
SOUND = "2026-03-01T10:00:00Z,5,2026-03-01T10:00:01Z,2026-03-02T09:00:10Z,2026-03-04T09:00:10Z,,2026-03-09T08:00:01Z\n"
BARE = "2026-03-01T10:00:00Z,5,2026-03-01,2026-03-01,2026-03-01,2026-03-01,2026-03-01\n"
"""All on the day of the order, without times."""


def found(folder: Path, *lines: str) -> list[Check]:
    text = COLUMNS + "".join(f"O{number},{line}" for number, line in enumerate(lines))
    (folder / "orders.csv").write_text(text, encoding="utf-8")
    load(folder / "w.db", [folder / "orders.csv"])
    with Workspace.open(folder / "w.db") as workspace:
        return [one for one in check(workspace) if one.check == "event_order"]


def test_what_comes_in_order_passes(tmp_path: Path) -> None:
    (passed,) = found(tmp_path, SOUND, BARE, SOUND)
    assert passed.status == "pass"


@pytest.mark.parametrize(
    ("line", "event", "before"),
    [
        ("2026-03-01T10:00:00Z,5,2026-03-01T09:59:59Z,,,,\n", "paid_at", "ordered_at"),
        ("2026-03-01T10:00:00Z,5,2026-02-28,,,,\n", "paid_at", "ordered_at"),
        ("2026-03-01T10:00:00Z,5,2026-03-01T10:00:01Z,2026-02-20T10:00:07Z,,,\n", "shipped_at", "ordered_at"),
        (
            "2026-03-01T10:00:00Z,5,2026-03-01T10:00:01Z,2026-03-03T10:00:01Z,2026-03-02T10:00:01Z,,\n",
            "delivered_at",
            "shipped_at",
        ),
        ("2026-03-01T10:00:00Z,5,2026-03-01T10:00:09Z,,,2026-03-01T09:00:01Z,\n", "cancelled_at", "ordered_at"),
        ("2026-03-01T10:00:00Z,5,2026-03-01T10:00:09Z,,,,2026-03-01T10:00:08Z\n", "refunded_at", "paid_at"),
    ],
)
def test_what_comes_too_early_is_counted_and_named(tmp_path: Path, line: str, event: str, before: str) -> None:
    (issue,) = found(tmp_path, SOUND, line, line.replace("2026-03", "2026-04").replace("2026-02", "2026-03"), SOUND)
    assert issue.status == "fail"
    both = 2 if event == "cancelled_at" else 4
    assert issue.detail.startswith(f"2 of {both} order lines have {event} before {before}, ")
    assert "the first of them in order O1 of 1 Mar 2026" in issue.detail


def test_a_few_of_many_are_a_warning(tmp_path: Path) -> None:
    early = "2026-03-01T10:00:00Z,5,2026-03-01T09:59:59Z,,,,\n"
    (issue,) = found(tmp_path, early, *[SOUND] * 99)
    assert (issue.status, issue.detail[:28]) == ("warn", "1 of 100 order lines have pa")
