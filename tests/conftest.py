"""What all tests share."""

import gc
import os
import shutil
import sqlite3
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import pytest
import typer.testing
from hypothesis import settings

from core.workspace.schema import connection, schema_steps
from tests.shared_files import built_once
from tests.shown_commands import ShownCommands

os.environ["OPENBLAS_NUM_THREADS"] = "1"
"""Before numpy is imported: every core has a test worker already, and idle threads of OpenBLAS spin."""

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
"""Workers, and the programs that tests start, share what one of them has compiled: all of it takes each of them 6 s."""

MEMORY = Path("/dev/shm")  # noqa: S108
if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > 4e9:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))
"""Where there is room, files of tests are kept in memory: tests that load files waited a third of their time for the disk."""

settings.register_profile("whydrop", derandomize=True, deadline=None)
settings.load_profile("whydrop")

ROOT = Path(__file__).parent.parent


def _shared() -> Path | None:
    path = Path(os.environ.get("WHYDROP_SHARED", ROOT.parent / "shared"))
    return path if path.is_dir() else None


SHARED = _shared()
"""The folder of public data sets and benchmarks; None where there is none."""

needs_shared = pytest.mark.skipif(SHARED is None, reason="public data not present (WHYDROP_SHARED)")


def pytest_sessionstart(session: pytest.Session) -> None:
    """Each worker imports another part of the tests first. In the same order all would compile the same file at a time."""
    worker: dict[str, Any] | None = getattr(session.config, "workerinput", None)
    if worker is None:
        return
    modules = sorted(path.relative_to(ROOT).with_suffix("") for path in (ROOT / "tests").rglob("test_*.py"))
    first = len(modules) * int(worker["workerid"].removeprefix("gw")) // worker["workercount"]
    for module in (*modules[first:], *modules[:first]):
        with suppress(Exception, pytest.skip.Exception):  # the collection says what is wrong with it, or missing
            import_module(".".join(module.parts))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Slow tests come first: no worker is left with one at the end."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


def pytest_collection_finish() -> None:
    """What the collection made stays to the end: the garbage collector need not look through it again and again, and rarely
    through the rest (a tenth of the time of tests of screens)."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def pytest_sessionfinish() -> None:
    """What is left at the end is no garbage either: pytest would look through all of it five times (2.5 s with screens)."""
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _own_caches(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What tests derive from workspaces is not kept among the user's caches."""
    os.environ["XDG_CACHE_HOME"] = str(tmp_path_factory.mktemp("caches"))


def of_all_workers(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """The folder that all test workers of this run share."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if hasattr(request.config, "workerinput") else own


@pytest.fixture(scope="session")
def demo_workspace(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """A small edition of the demo's marketplace: the same seed, days and incident, a quarter of the rows. Tests copy it."""
    from core.workspace.write.load import load
    from fixtures.marketplace import generate

    def build(folder: Path) -> None:
        generate(folder / "exports", seed=20260309, days=90, scale=0.25, end=date(2026, 3, 15), plant=["C11"])
        load(folder / "whydrop-demo.db", sorted((folder / "exports").glob("*.csv*")))

    return built_once(of_all_workers(tmp_path_factory, request) / "demo", build) / "whydrop-demo.db"


@pytest.fixture(scope="session")
def olist(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """The workspace of the public Olist files; tests only read it."""
    from core.workspace.write.load import load

    assert SHARED is not None
    files = SHARED / "data" / "olist"
    return (
        built_once(of_all_workers(tmp_path_factory, request) / "olist", lambda folder: load(folder / "w.db", [files]))
        / "w.db"
    )


@pytest.fixture(scope="session", autouse=True)
def _commands_built_once() -> None:
    """As in a process that a user starts: CliRunner would build all of them for each command that it runs (9 ms)."""
    typer.testing._get_command = cache(typer.testing._get_command)


@pytest.fixture(scope="session", autouse=True)
def _no_waiting_for_the_disk() -> None:
    """Tests end programs, not machines: thirteen times a load the disk would be waited for."""
    connection._SYNCHRONOUS = "OFF"


@pytest.fixture(scope="session", autouse=True)
def _tables_made_once() -> None:
    """A new workspace is a copy of the first: making tables, indexes and triggers is 6 of the 17 ms of a small load. Processes
    that a test starts make their own, as they may do so at the same time."""
    make, process = schema_steps.make_new, os.getpid()
    empty = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    make(empty, connection.APPLICATION_ID)

    def make_new(new: sqlite3.Connection, application_id: int) -> None:
        if os.getpid() == process:
            empty.backup(new)
        else:
            make(new, application_id)

    schema_steps.make_new = make_new


@pytest.fixture
def computed_once(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Lets a function of the core answer a question about a workspace once in a test: for tests of how answers are written."""

    def patch(name: str) -> None:
        function = resolve_name(name)
        answers: dict[str, Any] = {}

        def answer(workspace: Any, *words: Any, **more: Any) -> Any:
            question = repr((workspace.path, words, more))
            if question not in answers:
                answers[question] = function(workspace, *words, **more)
            return answers[question]

        monkeypatch.setattr(name, answer)

    return patch


@pytest.fixture(scope="session")
def shown_commands(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> ShownCommands:
    """Runs what help and documentation show."""
    done = of_all_workers(tmp_path_factory, request) / "shown-commands"
    done.mkdir(exist_ok=True)
    return ShownCommands(done)


@pytest.hookimpl(optionalhook=True)  # tests run without xdist too
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: tests wait for processes that they start, and for screens to settle."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return cores + 1
