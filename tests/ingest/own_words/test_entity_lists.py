# ruff: noqa: E501 - files are as systems write them
"""Reviews, accounts and orders as a company's own database has them."""

from pathlib import Path

import pytest

from core.base.errors import UsageError
from core.workspace.read.workspace import Workspace
from tests.ingest.shapes import figures, loads
from tests.workspace.loading import load

ORDERS = "order_no,create_time,pay_time,country_code,scene,anchor_id,shop_id,sku_id,qty,pay_amount,currency,promise_time,deliver_time,user_id,order_status\n" + "".join(
    f"5{at:05},2026-07-{1 + at // 8:02} 10:{at % 60:02},{f'2026-07-{1 + at // 8:02} 10:59' if at % 4 else ''},TH,live,A{at % 3},S1,K{at},1,{100 + at},THB,"
    f"2026-07-{5 + at // 8:02} 10:00,2026-07-{4 + (at % 5 == 0) * 3 + at // 8:02} 09:00,U{at},{'DONE' if at % 4 else 'CANCELLED'}\n"
    for at in range(80)
)  # fmt: skip
REVIEWS = "review_id,order_no,review_time,star,content\n" + "".join(
    f"RV{at},5{at:05},2026-07-{6 + at // 8:02} 12:00,{1 + at % 5},text {at}\n" for at in range(40)
)
ACCOUNTS = "anchor_id,nick_name,mcn,fans,register_time\n" + "".join(
    f"A{at},anna{at},nova,{1000 * at},2025-03-0{1 + at}\n" for at in range(3)
)


def test_orders_say_their_creator_shop_channel_and_deliveries(tmp_path: Path) -> None:
    (file,) = loads(tmp_path, ORDERS, "t_order.csv").files
    assert "creator_id = 'anchor_id', seller_id = 'shop_id', channel = 'scene'" in file.notes[0]
    late = sum(at % 5 == 0 for at in range(80))
    paid = sum(100.0 + at for at in range(80) if at % 4)
    counted = (
        "SELECT count(*), sum(CASE WHEN paid_at IS NOT NULL THEN gmv END), sum(delivered_at > promised_by), "
        "count(DISTINCT creator_id), max(channel) FROM orders"
    )
    assert figures(tmp_path, counted) == (80, paid, late, 3, "live")


def test_violations_of_creators(tmp_path: Path) -> None:
    text = "penalty_id,anchor_id,reason,points,penalty_time,revoked_at\n" + "".join(
        f"P{at},A{at % 3},{('counterfeit', 'rude')[at % 2]},{1 + at % 4},2026-07-{1 + at:02} 10:00,{'2026-08-01' if at == 4 else ''}\n"
        for at in range(12)
    )
    (file,) = loads(tmp_path, text, "t_penalty.csv").files
    assert (file.kind, file.added) == ("violations", 12)
    counted = "SELECT sum(points), count(DISTINCT creator_id), count(DISTINCT policy), count(overturned_at), max(occurred_at) FROM violations"
    assert figures(tmp_path, counted) == (3 * (1 + 2 + 3 + 4), 3, 2, 1, "2026-07-12T10:00:00Z")


@pytest.mark.parametrize(
    ("header", "overturned", "stands", "day"),
    [
        ("Status", "Appeal approved", "Appeal rejected", "2026-07-01"),
        ("Status", "Revoked", "Approved", "2026-07-01"),
        ("Overturned", "yes", "no", "2026-07-01"),
        ("Appeal result", "Granted", "Withdrawn", "2026-07-01"),
        ("Decided on,Appeal status", "2026-07-20,overturned", "2026-07-20,not overturned", "2026-07-20"),
        ("Appealed at,Appeal", "2026-07-19,successful", "2026-07-19,unsuccessful", "2026-07-01"),
    ],
)
def test_violations_overturned_by_a_state(tmp_path: Path, header: str, overturned: str, stands: str, day: str) -> None:
    rows = "".join(f"V{at},C1,2026-07-{1 + at:02},{stands if at % 3 else overturned}\n" for at in range(12))
    loads(tmp_path, f"Violation ID,Creator ID,Date,{header}\n{rows}", "violations.csv")
    counted = "SELECT count(overturned_at), substr(min(overturned_at), 1, 10) FROM violations"
    assert figures(tmp_path, counted) == (4, day)


@pytest.mark.parametrize(
    ("appeals", "overturned"),
    [
        (
            "Appeal,Violation ID,Decision\nA1,V1,approved\nA2,V5,rejected\nA3,V9,approved\n",
            "V1 2026-07-02,V9 2026-07-10",
        ),
        (
            "appeal_id,violation_id,decided_at,appeal_text,result\n"
            "A1,V1,2026-07-05,it was approved,Rejected\n"
            "A2,V1,2026-07-12,it was approved,Overturned\n"
            "A3,V5,2026-07-13,please look,Overturned\n"
            "A4,V5,2026-07-14,please look,Pending\n"
            "A5,V9,2026-07-15,approved before,Rejected\n",
            "V1 2026-07-12,V5 2026-07-13",
        ),
        ("Einspruch-ID,violation id,Entscheidung\nA1,V1,stattgegeben\n", "V1 2026-07-02"),
    ],
)
def test_appeals_of_a_file_of_their_own(tmp_path: Path, appeals: str, overturned: str) -> None:
    """Some of twelve violations were appealed, one or two times each, and overturned from the day of the decision where the list has
    one, whatever was written in an appeal, and also when the violations come again alone."""
    violations = "".join(f"V{at},C1,2026-07-{1 + at:02}\n" for at in range(12))
    (tmp_path / "violations.csv").write_text(f"Violation ID,Creator ID,Date\n{violations}")
    (tmp_path / ("appeals.csv" if "ppeal" in appeals else "liste.csv")).write_text(appeals)
    load(tmp_path / "w.db", [tmp_path])
    counted = (
        "SELECT group_concat(violation_id || ' ' || substr(overturned_at, 1, 10)) FROM "
        "(SELECT * FROM violations WHERE overturned_at IS NOT NULL ORDER BY violation_id)"
    )
    assert figures(tmp_path, counted) == (overturned,)
    loads(tmp_path, f"Violation ID,Creator ID,Date\n{violations.replace('V1,C1', 'V1,C2')}", "violations.csv")
    assert figures(tmp_path, counted) == (overturned,)


def test_appeals_alone_are_told_to_come_with_their_violations(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="load it together with their list"):
        loads(tmp_path, "violation_id,result\nV1,overturned\n", "appeals.csv")


def test_rides_with_stars_and_a_fare_are_no_reviews(tmp_path: Path) -> None:
    rows = "".join(
        f"R{at},2026-07-{1 + at // 4:02} 10:0{at % 4},D{at % 2},{at + 0.5},{1 + at % 5}\n" for at in range(40)
    )
    (file,) = loads(tmp_path, f"review id,started,driver,fare,rating\n{rows}", "rides.csv").files
    assert file.kind == "daily"
    assert figures(tmp_path, "SELECT sum(fare) FROM daily") == (sum(range(40)) + 20,)


def test_numbers_of_customers_are_no_number_of_them(tmp_path: Path) -> None:
    rows = "".join(f"{1000 + at},Name {at},2026-07-{1 + at:02},{at}\n" for at in range(12))
    loads(tmp_path, f"Kundennr.,Name,Registrierungsdatum,Umsatz\n{rows}", "kunden.csv")
    with Workspace.open(tmp_path / "w.db") as workspace:
        assert list(workspace.measures) == ["sales"]


def test_reviews_with_the_number_of_their_order(tmp_path: Path) -> None:
    (file,) = loads(tmp_path, REVIEWS, "t_review.csv").files
    assert (file.kind, file.added) == ("reviews", 40)
    assert figures(tmp_path, "SELECT sum(rating), max(order_id) FROM reviews") == (120, "500039")


@pytest.mark.parametrize("head", [ACCOUNTS.partition("\n")[0], "主播ID,昵称,agency,粉丝数,注册时间"])
def test_a_list_of_accounts_is_no_table_of_days(tmp_path: Path, head: str) -> None:
    """The day on which an account was opened says nothing of its followers on it."""
    (file,) = loads(tmp_path, f"{head}\n{ACCOUNTS.partition(chr(10))[2]}", "t_anchor.csv").files
    assert (file.kind, file.added) == ("creators", 3)
    assert figures(tmp_path, "SELECT max(followers), max(agency_id), max(handle) FROM creators") == (
        2000,
        "nova",
        "anna2",
    )


def test_a_list_of_usernames_is_one_of_accounts(tmp_path: Path) -> None:
    """Followers were added up over the days on which their accounts joined."""
    text = "Username,Real name,Followers,Joined\nann,Ann,5,2026-01-01\nbob,Bob,6,2026-01-02\n"
    assert loads(tmp_path, text, "hosts.csv").files[0].kind == "creators"
    assert figures(tmp_path, "SELECT creator_id, followers, joined_on FROM creators ORDER BY 1 LIMIT 1") == (
        "ann",
        5,
        "2026-01-01",
    )


def test_people_with_a_name_an_agency_and_a_day_are_no_accounts(tmp_path: Path) -> None:
    """Customers of agencies, or projects of owners: only followers, or a word for accounts, tell that creators are listed."""
    rows = "".join(f"Ann {at},A{at % 2},2026-07-{1 + at // 4:02}\n" for at in range(40))
    assert loads(tmp_path, f"Name,Agency,Joined\n{rows}", "customers.csv").files[0].kind == "daily"
    assert loads(tmp_path, f"Creator,Agency,Joined\n{rows}", "creators.csv").files[0].kind == "creators"


def test_shops_have_names_and_nothing_to_add_up(tmp_path: Path) -> None:
    (file,) = loads(
        tmp_path, "shop_id,shop_name,registered_at\nS1,Cup,2025-01-01\nS2,Mug,2025-01-02\n", "shops.csv"
    ).files
    assert file.kind == "sellers"
    assert figures(tmp_path, "SELECT count(*), max(name) FROM sellers") == (2, "Mug")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("creator_id,date,followers,gmv\n" + "".join(f"A{at},2026-07-0{1 + at},{at},{at}\n" for at in range(6)), "daily"),
        ("response_id,submitted,country,score\n" + "".join(f"R{at},2026-07-0{1 + at % 9},TH,{at % 11}\n" for at in range(40)), "daily"),
        ("username,date,followers,posts\n" + "".join(f"A{at},2026-07-0{1 + at},{at},{at}\n" for at in range(6)), "daily"),
        ("comment_id,date,likes,score\n" + "".join(f"C{at},2026-07-0{1 + at % 9},{at},{at}\n" for at in range(40)), "daily"),
        ("feedback_id,date,score,agent\n" + "".join(f"F{at},2026-07-0{1 + at % 9},{1 + at % 5},ann\n" for at in range(40)), "daily"),
    ],
)  # fmt: skip
def test_figures_of_days_stay_figures_of_days(tmp_path: Path, text: str, kind: str) -> None:
    assert loads(tmp_path, text).files[0].kind == kind


def test_a_list_of_visits_is_no_list_of_shops(tmp_path: Path) -> None:
    (file,) = loads(tmp_path, "shop_id,shop_name,updated_at\nS1,Cup,2025-01-01\nS2,Mug,2025-01-02\n").files
    assert file.kind == "sellers"
    with pytest.raises(UsageError, match="no column holds figures"):
        loads(tmp_path, "date,shop_id,shop_name\n2026-07-01,S1,Cup\n2026-07-02,S2,Mug\n")


def test_what_was_called_orders_once_needs_no_word_the_next_night(tmp_path: Path) -> None:
    head, *lines = ORDERS.splitlines(keepends=True)
    loads(tmp_path, head + "".join(lines[:40]), "monday.csv", as_kind="orders", dimensions=["order_status"])
    (file,) = loads(tmp_path, head + "".join(lines[40:]), "tuesday.csv").files
    assert (file.kind, file.added, file.dimensions) == ("orders", 40, ("order_status",))
    assert figures(tmp_path, "SELECT count(*), count(DISTINCT order_status) FROM orders") == (80, 2)


def test_what_a_mapping_made_orders_is_still_asked_for(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(
        'kind = "orders"\n[columns]\norder_id = "order_no"\nordered_at = "create_time"\ngmv = "pay_amount"\n'
    )
    loads(tmp_path, ORDERS, "monday.csv", mapping=tmp_path / "own.toml")
    with pytest.raises(UsageError, match="--as orders"):
        loads(tmp_path, ORDERS.replace(",50", ",51"), "tuesday.csv")


@pytest.mark.parametrize(
    "head", ["creator_id,person_id,handle,agency_id,role", "Creator ID,Person ID,Creator Username,Agency,Role"]
)
def test_a_list_of_accounts_with_their_roles_is_both(tmp_path: Path, head: str) -> None:
    """Two accounts of a person, one of them with two roles, and one of another."""
    rows = "7001,p1,ann,nova,live_host\n7001,p1,ann,nova,affiliate\n7002,p1,ann2,,affiliate\n7003,p2,bob,,affiliate\n"
    roles, accounts = loads(tmp_path, f"{head}\n{rows}", "accounts.csv").files
    assert (roles.kind, roles.added, accounts.kind, accounts.added, accounts.read) == ("roles", 4, "creators", 3, 4)
    assert not any("not loaded" in note for note in (*roles.notes, *accounts.notes))
    assert figures(
        tmp_path, "SELECT count(*), count(DISTINCT person_id), max(handle), max(agency_id) FROM creators"
    ) == (
        3,
        2,
        "bob",
        "nova",
    )
    assert figures(tmp_path, "SELECT count(*), sum(role = 'affiliate') FROM roles") == (4, 3)
    again = loads(tmp_path, f"{head}\n{rows}", "accounts.csv")
    assert sum(file.added for file in again.files) == 0


@pytest.mark.parametrize("followers", [(100, 120), ()])
def test_accounts_that_their_roles_tell_differently_are_left_out(tmp_path: Path, followers: tuple[int, ...]) -> None:
    rows = "".join(
        f"7001,p1,{count},{role}\n" for count, role in zip(followers, ("live_host", "affiliate"), strict=False)
    )
    (roles,) = loads(tmp_path, f"creator_id,person_id,followers,role\n{rows}", "accounts.csv").files
    assert (roles.kind, roles.added) == ("roles", len(followers))
    assert any(note.startswith("not loaded: person_id, followers") for note in roles.notes) is bool(followers)


def test_orders_that_name_accounts_by_their_handle_and_their_id_are_of_one_account(tmp_path: Path) -> None:
    loads(tmp_path, "creator_id,handle,agency_id\n7001,ann,nova\n7002,bob,nova\n", "accounts.csv")
    loads(tmp_path, "order_id,ordered_at,gmv,creator_id\no1,2026-07-01,5,ann\no2,2026-07-02,5,7001\n", "orders.csv")
    with Workspace.open(tmp_path / "w.db") as workspace:
        (orphans,) = (item for item in workspace.profile(workspace.span).orphans() if "creators" in item.what)
    assert (orphans.orphans, orphans.of) == (0, 2)
    assert figures(tmp_path, "SELECT creator_id, sum(gmv) FROM orders") == ("7001", 10)


@pytest.mark.parametrize("products", [2, 8])
def test_reviews_without_an_id_are_no_list_of_products(tmp_path: Path, products: int) -> None:
    rows = "".join(f"Great,{2 + at % 3},2026-07-0{1 + at % 4} 1{at}:00,User {at},p{at % products}\n" for at in range(8))
    report = loads(tmp_path, f"title,rating,review_date,reviewer_name,product_id\n{rows}", "reviews.csv")
    assert (report.files[0].kind, report.files[0].added) == ("daily", 8)
    assert "rating is the mean of its rows" in report.files[0].notes


@pytest.mark.parametrize("reviews", ["{}", "see page {}"])
def test_products_with_their_rating_and_reviews_are_a_list(tmp_path: Path, reviews: str) -> None:
    rows = "".join(f"p{at},Mug {at},{at}.99,4.{at},{reviews.format(at)}\n" for at in range(8))
    (file,) = loads(tmp_path, f"product_id,title,price,rating,reviews\n{rows}", "products.csv").files
    assert (file.kind, file.added) == ("products", 8)


def test_stars_over_all_are_those_of_a_review(tmp_path: Path) -> None:
    rows = "".join(f"bv{at},2026-07-{at + 1:02d},{at % 5 + 1},5,Fine,p{at % 3}\n" for at in range(10))
    head = "Review ID,Submission time,Overall rating,Rating range,Review text,Product ID\n"
    assert loads(tmp_path, head + rows).files[0].kind == "reviews"
    assert figures(tmp_path, "SELECT sum(rating), count(*) FROM reviews") == (30, 10)


@pytest.mark.parametrize(
    "header",
    [
        "Post ID,Caption,Publish time,Views,Likes,Completion rate",
        "视频ID,视频描述,发布时间,播放量,喜欢,完播率",
        "ID del vídeo,Título,Fecha de publicación,Visualizaciones,Me gusta,Tasa",
    ],
)
def test_what_videos_had_until_now_counts_on_no_day(tmp_path: Path, header: str) -> None:
    """Eight of 10 to 80 views and 1 to 8 likes."""
    rows = "".join(f"v{at},clip {at},2026-07-0{at},{at}0,{at},5%\n" for at in range(1, 9))
    assert loads(tmp_path, f"{header}\n{rows}").files[0].kind == "videos"
    sums = "SELECT sum(views), sum(likes), max(title), max(published_at) FROM videos"
    assert figures(tmp_path, sums)[:3] == (360, 36, "clip 8")
    daily = f"{header},Day\n" + rows.replace("5%\n", "5%,2026-07-20\n")
    assert loads(tmp_path, daily, "days.csv").files[0].kind == "daily"


@pytest.mark.parametrize("header", ["Headline,Date published,Views,Comments", "Titre,Publié le,Vues,Commentaires"])
def test_what_articles_had_until_now_counts_on_no_day(tmp_path: Path, header: str) -> None:
    rows = "".join(f"About {at},2026-07-0{at},{at}0,{at}\n" for at in range(1, 9))
    assert loads(tmp_path, f"{header}\n{rows}").files[0].kind == "videos"
    assert figures(tmp_path, "SELECT sum(views), sum(comments) FROM videos") == (360, 36)


def test_a_number_of_videos_is_no_id_of_one(tmp_path: Path) -> None:
    rows = "".join(f"2026-07-{1 + at:02},{3 + at},{100 + at},{at}\n" for at in range(9))
    with pytest.raises(UsageError, match="'Upload date' says when something was published"):
        loads(tmp_path, f"Upload date,Video count,Views,Likes\n{rows}")


@pytest.mark.parametrize(
    ("header", "account"),
    [
        ("Creator,Username,Agency,Followers,Joined,Role", "K1"),
        ("Creador,Usuario,Agencia,Seguidores,Fecha de alta,Rol", "K1"),
        ("Código,Usuario,Agencia,Seguidores,Fecha de alta,Rol", "ana"),
    ],
)
def test_accounts_with_a_role_are_both_lists(tmp_path: Path, header: str, account: str) -> None:
    """Their role makes cards of them; a column of codes names nobody."""
    cells = "K1,ana,North,1200,2025-04-01,host\nK2,bea,South,800,2025-05-01,affiliate\nK3,cris,North,15000,2025-06-01,host\n"
    report = loads(tmp_path, f"{header}\n{cells}")
    assert [(file.kind, file.added) for file in report.files] == [("roles", 3), ("creators", 3)]
    assert figures(tmp_path, "SELECT creator_id, role FROM roles ORDER BY creator_id LIMIT 1") == (account, "host")
    assert figures(tmp_path, "SELECT sum(followers), count(agency_id) FROM creators") == (17_000, 3)
    assert not any("not loaded" in note and "Rol" in note for file in report.files for note in file.notes)
