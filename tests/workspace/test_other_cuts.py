"""The same totals in two cuts, as app stores and video platforms export them: they count once, or the file is refused."""

from pathlib import Path

import numpy as np
import pytest

from core.base.errors import WhydropError
from core.workspace.write.load import load
from core.workspace.write.merging.other_cuts import _are_same
from tests.ingest.shapes import days
from tests.workspace.loading import rows

COUNTRIES, DEVICES = ("US", "BR", "ID"), ("phone", "tablet")
INSTALLS = np.random.default_rng(2).poisson(50, (12, 3, 2))
DAYS = days(12)


def files(folder: Path, day: slice = slice(None), extra: int = 0) -> dict[str, Path]:
    """By country, by device and without either; `extra`: installs added to one device of each day."""
    table = list(zip(DAYS[day], INSTALLS[day], strict=True))
    texts = {
        "country": [f"{d},{name},{x[at].sum()},1" for d, x in table for at, name in enumerate(COUNTRIES)],
        "device": [f"{d},{name},{x[:, at].sum() + extra},{at}" for d, x in table for at, name in enumerate(DEVICES)],
        "overview": [f"{d},{x.sum()},3" for d, x in table],
    }
    paths = {name: folder / f"installs_{name}.csv" for name in texts}
    for name, lines in texts.items():
        slice_column = "" if name == "overview" else f"{name},"
        paths[name].write_text(f"date,{slice_column}installs,ratings\n" + "\n".join(lines) + "\n")
    return paths


def total(folder: Path) -> float:
    (row,) = rows(folder / "w.db", "SELECT sum(installs) FROM daily")
    return float(row[0])


@pytest.mark.parametrize(("first", "second"), [("country", "device"), ("device", "overview"), ("overview", "country")])
def test_a_second_cut_is_refused_and_a_folder_counts_once(tmp_path: Path, first: str, second: str) -> None:
    paths = files(tmp_path)
    load(tmp_path / "w.db", [paths[first]])
    with pytest.raises(
        WhydropError, match="its installs of 12 days are those that the workspace holds .*would count twice"
    ):
        load(tmp_path / "w.db", [paths[second]])
    assert total(tmp_path) == INSTALLS.sum()
    load(tmp_path / "w.db", [paths[second]], source="again")
    assert total(tmp_path) == 2 * INSTALLS.sum(), "asked for by name"


def test_a_folder_with_three_cuts_counts_once(tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    files(folder)
    for _night in range(2):
        report = load(tmp_path / "w.db", [folder])
        assert len(report.files) == 1
        assert len(report.skipped) == 2
        assert total(tmp_path) == INSTALLS.sum()


def test_other_figures_few_days_and_the_next_weeks_of_the_same_cut_are_loaded(tmp_path: Path) -> None:
    load(tmp_path / "w.db", [files(tmp_path)["country"]])
    load(tmp_path / "w.db", [files(tmp_path, extra=1)["device"]])
    assert total(tmp_path) == 2 * INSTALLS.sum() + 24
    other = tmp_path / "other"
    other.mkdir()
    load(other / "w.db", [files(other, slice(0, 8))["country"]])
    load(other / "w.db", [files(other, slice(4, 12))["country"]])
    assert total(other) == INSTALLS.sum()
    load(other / "w.db", [files(other, slice(0, 4))["device"]])
    assert total(other) == INSTALLS.sum() + INSTALLS[:4].sum(), "four days prove nothing"


@pytest.mark.parametrize(("varied", "equal"), [(5, True), (4, False)])
def test_half_of_the_days_are_enough_where_they_differ_from_one_another(varied: int, equal: bool) -> None:
    """Of ten days five are the same in both, by so many different sums."""
    other = np.r_[np.minimum(np.arange(5), varied - 1) + 100.0, np.arange(5) + 200.0][:, None]
    own = other + np.r_[np.zeros(5), np.ones(5)][:, None]
    assert _are_same(own, other).tolist() == [equal]
