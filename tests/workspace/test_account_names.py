"""Accounts that orders name by their handles, and whose list by ids."""

from pathlib import Path

import pytest

from core.base.days import Window
from core.workspace.read import rating_rows
from core.workspace.read.rows import index_rows
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load
from tests.workspace.loading import written

CREATORS = """\
creator_id,person_id,handle,agency_id
7001,p1,@Ann,nova
7002,p1,bo,
7003,p2,cy,nova
7004,p3,twin,
7005,p4,@twin,
7006,p5,7003,
"""
ROLES = "creator_id,role\n7001,live_host\n7003,affiliate\nbo,affiliate\n"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    names = ("ann", "@bo", "7003", "cy", "twin", "gone")
    orders = "order_id,ordered_at,gmv,creator_id\n" + "".join(
        f"o{at},2026-07-01,5,{name}\n" for at, name in enumerate(names)
    )
    texts = {"creators": CREATORS, "roles": ROLES, "orders": orders}
    load(tmp_path / "w.db", [written(tmp_path, f"{name}.csv", text) for name, text in texts.items()])
    return Workspace.open(tmp_path / "w.db")


def test_an_account_is_called_as_rows_call_it(workspace: Workspace) -> None:
    """`7003` is in rows itself, so that `cy` is nobody's; nor is a handle that two accounts have, or that is another's id."""
    with workspace:
        accounts = rating_rows.accounts(workspace)
        assert {name: account.person_id for name, account in accounts.items()} == {
            "ann": "p1", "@bo": "p1", "7003": "p2", "7004": "p3", "7005": "p4", "7006": "p5"
        }  # fmt: skip
        assert {(row.creator_id, row.role) for row in rating_rows.roles(workspace)} == {
            ("ann", "live_host"), ("7003", "affiliate"), ("bo", "affiliate")
        }  # fmt: skip
        assert rating_rows.person_of(workspace, "ann") == "p1"
        assert rating_rows.accounts_of(workspace, "p1") == ("@bo", "ann")
        assert [rating_rows.name_in_rows(workspace, name) for name in ("7001", "7003", "ann")] == ["ann", "7003", "ann"]
        assert workspace.agencies == {"ann": "nova", "7003": "nova"}


def test_only_who_is_in_no_list_is_an_orphan(workspace: Workspace) -> None:
    """Of six orders those of cy, twin and gone."""
    with workspace:
        (found,) = workspace.profile(Window(20_635, 20_635)).orphans()
        assert (found.orphans, found.of) == (3, 6)


def test_indexes_know_accounts_by_their_handles(workspace: Workspace) -> None:
    """Of six accounts three are in rows, two of them by their handle."""
    with workspace:
        words = rating_rows.words(workspace, "creator_id")
        known = [words[code] for code in index_rows.known_creators(workspace).code.tolist() if code >= 0]
    assert known == ["7003", "@bo", "ann"]
