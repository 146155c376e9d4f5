"""Accounts, shops and products that orders name by their handles, names and titles, and whose list by ids."""

from pathlib import Path

import pytest

from core.base.days import Window
from core.views.case_list import case_list
from core.views.questions.question_words import read_segment
from core.workspace.read import rating_rows
from core.workspace.read.rows import index_rows
from core.workspace.read.workspace import Workspace
from core.workspace.schema.cases.case_chain import CaseDraft
from core.workspace.write.case_writing import append_records
from core.workspace.write.load import load
from core.workspace.write.recovery.undo import undo
from tests.workspace.loading import rows, written

CREATORS = """\
creator_id,person_id,handle,agency_id
7001,p1,@Ann,nova
7002,p1,bo,
7003,p2,cy,nova
7004,p3,twin,
7005,p4,@twin,
7006,p5,7003,
"""
ROLES = "creator_id,role\n7001,live_host\n7003,affiliate\nbo,affiliate\ntwin,affiliate\n"


EVENTS = """\
event_id,starts_at,kind,title,creator_id
e1,2026-07-01,policy,Ann and Bo,7001|BO
e2,2026-07-01,policy,Cy,@cy
e3,2026-07-01,policy,Both of a name,twin
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    names = ("ann", "@bo", "7003", "cy", "twin", "gone")
    orders = "order_id,ordered_at,gmv,creator_id\n" + "".join(
        f"o{at},2026-07-01,5,{name}\n" for at, name in enumerate(names)
    )
    texts = {"creators": CREATORS, "roles": ROLES, "orders": orders, "events": EVENTS}
    load(tmp_path / "w.db", [written(tmp_path, f"{name}.csv", text) for name, text in texts.items()])
    return Workspace.open(tmp_path / "w.db")


def test_an_account_is_called_as_rows_call_it(workspace: Workspace) -> None:
    """`cy` is counted as `7003`, which rows have too; a handle that two accounts have, or that is another's id, is nobody's."""
    with workspace:
        accounts = rating_rows.accounts(workspace)
        assert {name: account.person_id for name, account in accounts.items()} == {
            "ann": "p1", "@bo": "p1", "7003": "p2", "7004": "p3", "7005": "p4", "7006": "p5"
        }  # fmt: skip
        assert {(row.creator_id, row.role) for row in rating_rows.roles(workspace)} == {
            ("ann", "live_host"), ("7003", "affiliate"), ("@bo", "affiliate"), ("twin", "affiliate")
        }  # fmt: skip
        assert rating_rows.person_of(workspace, "ann") == "p1"
        assert rating_rows.accounts_of(workspace, "p1") == ("@bo", "ann")
        asked = {
            "7001": "ann",
            "7003": "7003",
            "ann": "ann",
            "@ANN": "ann",
            "cy": "7003",
            "twin": "twin",
            "gone": "gone",
        }
        assert {name: rating_rows.name_in_rows(workspace, "creator_id", name) for name in asked} == asked
        assert workspace.agencies == {"ann": "nova", "7003": "nova"}


def test_scopes_of_events_name_accounts_as_rows_do(workspace: Workspace) -> None:
    with workspace:
        scopes = {event.event_id: str(event.where) for event in workspace.events()}
    assert scopes == {"e1": "creator_id=@bo|ann", "e2": "creator_id=7003", "e3": "creator_id=twin"}


OPENED = {
    "finding": None, "metric": "gmv", "where": "channel=live,creator_id=@ann|gone", "window": None, "onset": None,
    "baseline": None, "cause": None, "definition": None, "words": [], "data_until": None, "action": "", "owner": "",
    "expected": {"low": None, "high": None}, "since": "2026-07-01", "judge_on": None, "registered_at": "2026-07-01",
}  # fmt: skip


def test_cases_of_an_account_stay_with_it_under_its_new_name(workspace: Workspace, tmp_path: Path) -> None:
    """A case that was opened before rows had another name of its account asked for rows that are nobody's now."""
    workspace.close()
    append_records(tmp_path / "w.db", lambda _: [CaseDraft("case-1", "open", OPENED)])
    with Workspace.open(tmp_path / "w.db") as reopened:
        (case,) = case_list(reopened).cases
    assert str(case.where) == "channel=live,creator_id=ann|gone"


def test_only_who_is_in_no_list_is_an_orphan(workspace: Workspace) -> None:
    """Of six orders those of twin and gone."""
    with workspace:
        (found,) = workspace.profile(Window(20_635, 20_635)).orphans()
        assert (found.orphans, found.of) == (2, 6)
        assert (
            found.what
            == "orders whose creator_id is not among the creators, but is a handle of several there: use ids in all exports"
        )


def test_indexes_know_accounts_by_their_handles(workspace: Workspace) -> None:
    """Of six accounts three are in rows, two of them by their handle."""
    with workspace:
        words = rating_rows.words(workspace, "creator_id")
        known = [words[code] for code in index_rows.known_creators(workspace).code.tolist() if code >= 0]
    assert known == ["7003", "@bo", "ann"]


MIXED = ("ann", "7001", "@Ann", "ANN", "bo", "cy")
"""The same as 7001 four times, 7002 and 7003."""


@pytest.mark.parametrize("last", ["creators", "orders", "traffic"])
def test_rows_by_handle_and_by_id_are_of_one_account(tmp_path: Path, last: str) -> None:
    """Whatever is loaded last: orders name accounts in any way, traffic by their ids; counted as if all had ids."""
    texts = {
        "creators": CREATORS,
        "orders": "order_id,ordered_at,paid_at,gmv,creator_id\n"
        + "".join(f"o{at},2026-07-01,2026-07-01,{1 << at},{name}\n" for at, name in enumerate(MIXED)),
        "traffic": "date,creator_id,clicks\n2026-07-01,7001,10\n2026-07-01,7003,20\n",
    }
    for name in sorted(texts, key=lambda name: name == last):
        load(tmp_path / "w.db", [written(tmp_path, f"{name}.csv", texts[name])])
    with Workspace.open(tmp_path / "w.db") as workspace:
        cube = workspace.cube(["gmv", "clicks"], Window(20_635, 20_635), ["creator_id"])
        names = workspace.values("creator_id")
        assert sorted(names) == ["", "7001", "7003", "bo"], "each account is one value, whatever rows call it"
        sums = {name: dict(zip(names, cube.totals(name, ["creator_id"]), strict=True)) for name in ("gmv", "clicks")}
        assert {name: gmv for name, gmv in sums["gmv"].items() if gmv} == {"7001": 15, "bo": 16, "7003": 32}
        assert {name: clicks for name, clicks in sums["clicks"].items() if clicks} == {"7001": 10, "7003": 20}
        assert str(read_segment(workspace, "creator_id=@ann")) == "creator_id=7001"
        orders = rating_rows.orders(workspace, Window(20_635, 20_635))["creator_id"]
        words = rating_rows.words(workspace, "creator_id")
        assert [words[code] for code in orders.tolist()] == ["7001"] * 4 + ["bo", "7003"]
    assert rows(tmp_path / "w.db", "SELECT creator_id, total(gmv) FROM orders GROUP BY 1 ORDER BY 1") == [
        ("7001", 15), ("7003", 32), ("bo", 16)
    ]  # fmt: skip
    assert rows(tmp_path / "w.db", "SELECT DISTINCT creator_id FROM traffic ORDER BY 1") == [("7001",), ("7003",)]


def test_undone_accounts_leave_the_names_of_rows(tmp_path: Path) -> None:
    orders = "order_id,ordered_at,gmv,creator_id\no1,2026-07-01,1,7001\no2,2026-07-01,2,ann\n"
    load(tmp_path / "w.db", [written(tmp_path, "orders.csv", orders), written(tmp_path, "creators.csv", CREATORS)])
    counted = "SELECT creator_id, gmv FROM orders ORDER BY 2"
    assert rows(tmp_path / "w.db", counted) == [("7001", 1), ("7001", 2)]
    undo(tmp_path / "w.db", 2)
    assert rows(tmp_path / "w.db", counted) == [("7001", 1), ("ann", 2)]


SHOPS = "seller_id,name\ns1,Müller  & Söhne\ns2,ÉCLAIR\ns3,Twin\ns4,twin\n"
GOODS = "product_id,title\ns1,Müller  & Söhne\ns2,ÉCLAIR\ns3,Twin\ns4,twin\n"
CALLED = ("s1", "MÜLLER & SÖHNE", "Ｍüller & Söhne", "éclair", "Éclair", "twin", "S3", "gone")
"""s1 three times and s2 twice; a name of two, an id in another case, and a name of none are what they are."""
LISTS = {"seller_id": ("sellers", SHOPS), "product_id": ("products", GOODS)}


@pytest.mark.parametrize("last", ["list", "orders", "traffic"])
@pytest.mark.parametrize("column", LISTS)
def test_rows_by_name_and_by_id_are_of_one_thing(tmp_path: Path, column: str, last: str) -> None:
    """Whatever is loaded last, and in any case; undoing the list gives the names of the rows again."""
    kind, listed = LISTS[column]
    texts = {
        "list": listed,
        "orders": f"order_id,ordered_at,paid_at,gmv,{column}\n"
        + "".join(f"o{at},2026-07-01,2026-07-01,{1 << at},{name}\n" for at, name in enumerate(CALLED)),
        "traffic": "date,seller_id,clicks\n2026-07-01,s2,10\n",
    }
    names = sorted(texts, key=lambda name: name == last)
    for name in names:
        load(
            tmp_path / "w.db", [written(tmp_path, f"{name}.csv", texts[name])], as_kind=kind if name == "list" else None
        )
    counted = {"s1": 7.0, "s2" if column == "seller_id" else "éclair": 24.0, "twin": 32.0, "S3": 64.0, "gone": 128.0}
    assert dict(rows(tmp_path / "w.db", f"SELECT {column}, sum(gmv) FROM orders GROUP BY 1")) == counted
    with Workspace.open(tmp_path / "w.db") as workspace:
        cube = workspace.cube(["gmv"], Window(20_635, 20_635), [column])
        sums = dict(zip(workspace.values(column), cube.totals("gmv", [column]), strict=True))
        assert {name: gmv for name, gmv in sums.items() if gmv} == counted
        assert str(read_segment(workspace, f"{column}=müller & söhne")) == f"{column}=s1"
        if column == "seller_id":
            assert set(rating_rows.sellers(workspace)) == {"s1", "s2", "s3", "s4"}
            assert {shops.what: shops.orphans for shops in workspace.profile(Window(20_635, 20_635)).orphans()} == {
                "orders whose seller_id is not among the sellers, but is a name of several there: use ids in all exports": 3
            }
        else:
            words, products = rating_rows.words(workspace, column), index_rows.listed_products(workspace)
            assert [words[code] for code in products.code.tolist() if code >= 0] == ["s1", "éclair"]
    if last == "list":
        undo(tmp_path / "w.db", 3)
        assert rows(tmp_path / "w.db", f"SELECT {column} FROM orders ORDER BY gmv") == [(name,) for name in CALLED]


def test_shops_are_called_alike_in_accounts_events_and_rows(tmp_path: Path) -> None:
    texts = {
        "sellers": SHOPS,
        "creators": "creator_id,handle,seller_id\n7001,ΣΊΣΥΦΟΣ,éclair\n",
        "events": "event_id,starts_at,kind,title,seller_id\ne1,2026-07-01,policy,Both,S1|s1|Éclair|müller & söhne\n",
        "orders": "order_id,ordered_at,gmv,seller_id,creator_id\no1,2026-07-01,5,Éclair,@σίσυφος\n",
    }
    load(tmp_path / "w.db", [written(tmp_path, f"{name}.csv", text) for name, text in texts.items()])
    with Workspace.open(tmp_path / "w.db") as workspace:
        assert str(workspace.events()[0].where) == "seller_id=S1|s1|Éclair"
        assert {name: account.seller_id for name, account in rating_rows.accounts(workspace).items()} == {
            "@σίσυφος": "Éclair"
        }
