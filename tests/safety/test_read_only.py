"""A workspace on a medium that cannot be written is read as any other."""

import shutil
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bench.attacks.disk import mounted
from tests.workspace.loading import loaded, written
from tui.cli import app


def test_a_read_only_medium_serves_a_workspace(tmp_path: Path) -> None:
    export = written(tmp_path, "t.csv", "date,market,impressions\n2026-03-01,ID,5\n2026-03-02,ID,7\n")
    loaded(tmp_path / "w.db", export)
    disc = tmp_path / "disc"
    disc.mkdir()
    with mounted(disc, 4 << 20) as is_mounted:
        if not is_mounted:
            pytest.skip("no file system can be mounted here")
        shutil.copy(tmp_path / "w.db", disc)
        subprocess.run(["mount", "-o", "remount,ro", str(disc)], check=True)
        run = CliRunner().invoke
        series = run(app, ["series", "impressions", "--db", str(disc / "w.db"), "-f", "csv"])
        assert (series.exit_code, series.stdout.splitlines()[1:]) == (0, ["2026-03-01,5", "2026-03-02,7"])
        for words in (["check"], ["loads"], ["metrics"]):
            assert run(app, [*words, "--db", str(disc / "w.db"), "-q"]).exit_code == 0
        refused = run(
            app,
            [
                "load",
                str(written(tmp_path, "u.csv", "date,market,impressions\n2026-03-03,ID,5\n")),
                "--db",
                str(disc / "w.db"),
                "-q",
            ],
        )
        assert refused.exit_code == 1
        assert refused.stderr.count("\n") == 1
        assert [path.name for path in disc.iterdir()] == ["w.db"]
