"""A folder of exports of many systems in one workspace: no figure of one file is changed by another."""

import sqlite3
from collections import Counter
from pathlib import Path

from core.base.errors import WhydropError
from core.workspace.write.load import load
from tests.ingest.test_cases import CASES
from tests.ingest.test_systems import CASES as SYSTEMS

TABLES = ("daily", "orders", "videos")
EVERY = 3
"""Each third case, which takes a second."""


def totals(path: Path) -> Counter[tuple[str, str]]:
    """The sum of each column of figures in a workspace, in thousandths."""
    result: Counter[tuple[str, str]] = Counter()
    with sqlite3.connect(path) as database:
        for table in TABLES:
            names = [
                name for _, name, *_ in database.execute(f"PRAGMA table_info({table})") if name not in {"id", "load_id"}
            ]
            for name in names:
                sums = database.execute(
                    f'SELECT sum("{name}") FROM "{table}" WHERE typeof("{name}") IN (\'integer\', \'real\')'
                )
                result[table, name] = round(1000 * (sums.fetchone()[0] or 0))
    return result


def test_files_of_a_folder_load_as_each_does_alone_or_are_named(tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    apart: dict[str, Counter[tuple[str, str]]] = {}
    for number, (text, *_) in enumerate([*CASES.values(), *SYSTEMS.values()][::EVERY]):
        path = folder / f"e{number}_20260731.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        try:
            load(tmp_path / f"{number}.db", [path])
        except WhydropError:
            path.unlink()
        else:
            apart[path.name] = totals(tmp_path / f"{number}.db")
    report = load(tmp_path / "w.db", [folder])
    left_out = {name for name in apart if any(f"/{name}:" in reason for reason in report.skipped)}
    assert len(left_out) == len(report.skipped) < len(apart) / 3
    assert sum(file.replaced + file.unchanged for file in report.files) == 0
    together = totals(tmp_path / "w.db")
    expected = sum((sums for name, sums in apart.items() if name not in left_out), Counter())
    assert {key: value for key, value in together.items() if value} == {
        key: value for key, value in expected.items() if value
    }
