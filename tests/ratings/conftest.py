"""The small shopping world that tests of ratings share, and its workspace."""

from pathlib import Path

import pytest

from tests.ratings import shop
from tests.ratings.shop import DAYS, Tables


@pytest.fixture(scope="session")
def tables() -> Tables:
    return shop.world(days=DAYS)


@pytest.fixture(scope="session")
def db(tables: Tables, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shop.saved(tmp_path_factory.mktemp("shop"), tables)
