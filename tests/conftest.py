"""What all tests share."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

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
