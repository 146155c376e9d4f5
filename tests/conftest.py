"""What all tests share."""

import os
from datetime import date
from pathlib import Path

import pytest
from hypothesis import settings

from tests.shown_commands import ShownCommands

os.environ["OPENBLAS_NUM_THREADS"] = "1"
"""Before numpy is imported: every core has a test worker already, and idle threads of OpenBLAS spin."""

settings.register_profile("whydrop", derandomize=True, deadline=None)
settings.load_profile("whydrop")

ROOT = Path(__file__).parent.parent


def _shared() -> Path | None:
    path = Path(os.environ.get("WHYDROP_SHARED", ROOT.parent / "shared"))
    return path if path.is_dir() else None


SHARED = _shared()
"""Public data sets and benchmarks that stand beside a developer's checkout; None elsewhere."""

needs_shared = pytest.mark.skipif(
    SHARED is None, reason="needs the public data sets beside the checkout (WHYDROP_SHARED)"
)


@pytest.fixture(scope="session", autouse=True)
def _own_caches(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What tests derive from workspaces is not kept among the user's caches."""
    os.environ["XDG_CACHE_HOME"] = str(tmp_path_factory.mktemp("caches"))


@pytest.fixture(scope="session")
def demo_workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small edition of the demo's marketplace: the same seed, days and incident, a quarter of the rows. Tests copy it."""
    from core.workspace.write.load import load
    from fixtures.marketplace import generate

    folder = tmp_path_factory.mktemp("demo")
    generate(folder / "exports", seed=20260309, days=90, scale=0.25, end=date(2026, 3, 15), plant=["C11"])
    load(folder / "whydrop-demo.db", sorted((folder / "exports").glob("*.csv*")))
    return folder / "whydrop-demo.db"


@pytest.fixture(scope="session")
def shown_commands(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> ShownCommands:
    """Runs what help and documentation show."""
    own = tmp_path_factory.getbasetemp()
    done = (own.parent if hasattr(request.config, "workerinput") else own) / "shown-commands"
    done.mkdir(exist_ok=True)
    return ShownCommands(done)
