"""A fall without a beginning is no drop with a cause: scan and explain say what it is."""

from pathlib import Path

import numpy as np
import pytest

from core.base.days import iso
from core.base.segment import EVERYTHING
from core.explanation import gradual_note as module
from core.explanation.explain import explain
from core.incidents.kept_incidents import find_incidents
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load

HEIGHT = 20_000
"""The day on which the year stands highest; the data end 107 days later, when .35 of a wave falls by 4.1 % a week."""


def visits(folder: Path, days: int, last_year: float) -> Path:
    """Visits of `days` days by channel, of whose wave `last_year` is the height in the year before."""
    rng, lines = np.random.default_rng(5), ["date,channel,visits"]
    for day in range(HEIGHT + 107 - days, HEIGHT + 107):
        height = 0.35 if day > HEIGHT - 182 else last_year
        mean = np.exp(height * np.cos(2 * np.pi * (day - HEIGHT) / 365) + rng.normal(0, 0.02))
        lines += [f"{iso(day)},{name},{rng.poisson(size * mean)}" for name, size in (("web", 4000), ("app", 2500))]
    (folder / "visits.csv").write_text("\n".join(lines) + "\n")
    load(folder / "w.db", [folder / "visits.csv"], as_kind="daily")
    return folder / "w.db"


@pytest.mark.parametrize(
    ("days", "last_year", "said"),
    [
        (170, 0.35, "less than a year of data cannot tell a season from a decline"),
        (480, 0.35, "in the same weeks of last year, by"),
        (480, 0.0, "it did not fall: a decline rather than a season"),
    ],
)
def test_a_season_is_no_drop_and_both_commands_say_what_it_is(
    tmp_path: Path, days: int, last_year: float, said: str
) -> None:
    with Workspace.open(visits(tmp_path, days, last_year)) as workspace:
        answer, scan = explain(workspace, "visits"), find_incidents(workspace)
    assert not answer.is_drop
    assert not answer.segments
    assert not scan.findings
    (note,) = (note for note in scan.notes if "no day on which it began" in note)
    assert note in answer.notes
    assert said in note
    assert 0.03 < float(note.split("about ")[1].split("%")[0]) / 100 < 0.05


def test_what_is_paid_days_later_does_not_fall_at_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each day 12 orders come in, of which two are paid after each of one to six days: four days after the day 96, which is the
    age at which all days count then, a third of its orders are still to be paid."""
    lines = ["order_id,ordered_at,paid_at,market,gmv"]
    for day in range(HEIGHT, HEIGHT + 101):
        for number in range(12):
            paid = day + number % 6 + 1
            moment = f"{iso(paid)} 09:00:00" if paid <= HEIGHT + 100 else ""
            lines.append(f"{day}-{number},{iso(day)} 23:59:59,{moment},DE,10")
    (tmp_path / "orders.csv").write_text("\n".join(lines) + "\n")
    load(tmp_path / "w.db", [tmp_path / "orders.csv"])
    counted: list[np.ndarray] = []
    monkeypatch.setattr(module, "gradual_fall", counted.append)
    with Workspace.open(tmp_path / "w.db") as workspace:
        gmv = workspace.metric("gmv")
        assert gmv.mature_after_days == 6
        for last in (96, 90):
            assert module.gradual_note(workspace, gmv, EVERYTHING, HEIGHT + last) is None
    at_four, mature = counted
    assert set(at_four) == {80}
    assert set(mature) == {120}
