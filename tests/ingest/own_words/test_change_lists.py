"""Lists of changes, as teams keep them: they are the change log, and no count of days."""

from pathlib import Path

import pytest

from core.base.errors import UsageError
from core.workspace.read.event_log import Event
from core.workspace.read.workspace import Workspace
from tests.ingest.shapes import figures, loads


def changes(folder: Path, text: str, name: str) -> list[Event]:
    (report,) = loads(folder, text, name).files
    assert report.kind == "events"
    with Workspace.open(folder / "w.db") as workspace:
        return list(workspace.events())


def test_deployments_with_who_made_them(tmp_path: Path) -> None:
    text = (
        "deployed_at,service,change,team\n2026-10-01T10:00:00Z,checkout,Wallet SDK 4.1,Payments\n"
        "2026-10-03T11:00:00Z,feed,New ranking of live rooms,Feed\n"
    )
    first, second = changes(tmp_path, text, "deployments.csv")
    assert (first.title, first.kind, first.owner, first.starts_at[:10], str(first.where)) == (
        "Wallet SDK 4.1", "release", "Payments", "2026-10-01", "",
    )  # fmt: skip
    assert (second.title, second.kind) == ("New ranking of live rooms", "ranking")


def test_a_column_that_says_half_of_the_kinds_says_all(tmp_path: Path) -> None:
    text = "time,change,type\n2026-10-01,Cards declined: outage,release\n2026-10-03,Search outage,banana\n"
    assert [event.kind for event in changes(tmp_path, text, "a.csv")] == ["release", "other"]
    thirds = text + "2026-10-05,Wallet outage,apple\n"
    assert [event.kind for event in changes(tmp_path, thirds, "b.csv")][-1] == "outage"


def test_a_calendar_of_campaigns_has_ends_and_channels(tmp_path: Path) -> None:
    text = "Campaign,Start,End,Channel\n10.10,2026-10-08,2026-10-11,live\nPayday,2026-10-25,2026-10-28,All\n"
    first, second = changes(tmp_path, text, "promo calendar.csv")
    assert (first.kind, str(first.window)[-10:], str(first.where)) == ("campaign", "2026-10-11", "channel=live")
    assert (second.kind, str(second.where)) == ("campaign", "")


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("incidents.csv", "Started,Resolved,Incident,Severity\n2026-10-01 10:00,2026-10-01 12:30,Cards declined,1\n"
         "2026-10-09 10:00,2026-10-10 01:30,Images slow,3\n", "outage"),
        ("feiertage.csv", "Datum;Ereignis\n03.10.2026;Tag der Einheit\n31.10.2026;Reformationstag\n", "holiday"),
        ("holidays.csv", "date,name\n2026-04-13,Songkran\n2026-12-05,National Day\n", "holiday"),
        ("log.csv", "日期,活动,负责人\n2026-10-01,国庆促销,市场部\n2026-10-11,新人优惠券下线,增长\n", "campaign"),
    ],
)  # fmt: skip
def test_lists_in_other_words(tmp_path: Path, name: str, text: str, kind: str) -> None:
    listed = changes(tmp_path, text, name)
    assert [event.kind for event in listed] == [kind] * 2
    assert {event.title for event in listed} <= {
        cell for line in text.splitlines() for cell in line.replace(";", ",").split(",")
    }


def test_a_later_list_adds_what_is_new_and_repeats_nothing(tmp_path: Path) -> None:
    head = "time,change\n2026-10-01 10:00,Wallet 4.1\n"
    changes(tmp_path, head, "a.csv")
    assert [event.title for event in changes(tmp_path, head + "2026-10-03 09:00,Wallet 4.2\n", "b.csv")] == [
        "Wallet 4.1",
        "Wallet 4.2",
    ]


def test_tickets_and_uses_are_counted(tmp_path: Path) -> None:
    """What happens several times a day, says the same again, or has a title that nothing calls a change."""
    uses = "".join(f"2026-10-{day:02}T10:{at:02}:00Z,page_view,u{at}\n" for day in range(1, 9) for at in range(4))
    (report,) = loads(tmp_path, "ts,event,user\n" + uses, "events.csv").files
    tickets = "".join(
        f"2026-10-{day:02} 10:0{at},Where is order {day}{at},open\n" for day in range(1, 9) for at in range(5)
    )
    (other,) = loads(tmp_path, "Created,Subject,Status\n" + tickets, "tickets.csv").files
    assert (report.kind, other.kind) == ("daily", "daily")
    assert figures(tmp_path, "SELECT sum(events) FROM daily") == (72,)


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("content_calendar.csv", "date,title,format"),
        ("log.csv", "date,event,customer_id"),
        ("live_events.csv", "date,title,format"),
        ("july.csv", "date,event,streamer"),
    ],
)
def test_posts_streams_and_events_of_one_customer_are_no_changes(tmp_path: Path, name: str, header: str) -> None:
    rows = "".join(f"2026-07-{day:02},Item {day},C{day}\n" for day in range(1, 11))
    with pytest.raises(UsageError, match="no column holds figures"):
        loads(tmp_path, f"{header}\n{rows}", name)


def test_days_and_contents_without_figures_are_no_export_of_a_known_system(tmp_path: Path) -> None:
    """A chart of a channel has a date and a content as well, and a change log in Japanese calls its columns so."""
    text = "日付,種別,内容,担当\n2026-07-20,リリース,アプリ公開,モバイル\n2026-07-21,障害,決済停止,決済\n"
    with pytest.raises(UsageError, match="If it lists what changed, load it with --as events"):
        loads(tmp_path, text, "log.csv")
    (file,) = loads(tmp_path, text, "log.csv", as_kind="events").files
    assert (file.kind, file.accepted) == ("events", 2)


def test_what_is_called_a_list_of_changes_is_read_as_one(tmp_path: Path) -> None:
    """Its longest words say what changed: `Fixes` is said twice, and `Notes` may be anything."""
    text = "Version,Released,Notes\n7.6,2026-07-01,Fixes\n7.7,2026-07-02,Fixes\n7.8,2026-07-03,New checkout page\n"
    with pytest.raises(UsageError, match="If it lists what changed, load it with --as events"):
        loads(tmp_path, text, "app.csv")
    loads(tmp_path, text, "app.csv", as_kind="events")
    assert figures(tmp_path, "SELECT count(*), max(title), max(starts_at) FROM events") == (
        3, "New checkout page", "2026-07-03T00:00:00Z",
    )  # fmt: skip


def test_releases_are_called_by_their_versions_and_hold_for_a_device(tmp_path: Path) -> None:
    text = "date,release,device\n" + "".join(f"2026-07-{day:02},4.{day},ios\n" for day in range(1, 11))
    listed = changes(tmp_path, text, "log.csv")
    assert (listed[0].title, listed[9].title, str(listed[0].where)) == ("4.1", "4.10", "device=ios")


def test_a_scope_of_several_values_or_of_all_is_everywhere(tmp_path: Path) -> None:
    """No day of a segment is of the market `TH, VN`: such a change would explain nothing."""
    text = 'date,change,market\n2026-07-01,Fee,"TH, VN"\n2026-07-03,Wallet,All markets\n2026-07-05,Pay,TH\n'
    assert [str(event.where) for event in changes(tmp_path, text, "log.csv")] == ["", "", "market=TH"]
    (report,) = loads(tmp_path, text.replace("Fee", "Tax"), "again.csv").files
    assert "a change whose 'market' lists several values is taken to affect everything" in report.notes


@pytest.mark.parametrize(("name", "words"), [("to", "1.3"), ("по", "почта"), ("bis", "Kasse B")])
def test_what_a_change_went_to_is_no_end_of_it(tmp_path: Path, name: str, words: str) -> None:
    text = f"event_id,starts_at,{name},title\ne1,2026-07-01,{words},Moved\ne2,2026-07-03,{words},Moved again\n"
    assert [event.ends_at for event in changes(tmp_path, text, "list.csv")] == [None, None]
