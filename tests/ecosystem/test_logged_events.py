"""Changes on the days of logged events alone have no mark and name the events."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from core.base.days import iso
from core.base.segment import EVERYTHING, Segment
from core.ecosystem import logged_events as module
from core.ecosystem.changes.weekly_panel import WeeklyPanel
from core.ecosystem.claim_families import Sources
from core.ecosystem.headline import headline
from core.ecosystem.results.claim_results import Claim
from core.ecosystem.results.health_results import Health
from core.reports.documents.health.health_claims import claim_table
from core.reports.health_narrative import five_lines
from core.reports.tables.health_tables import behind
from core.workspace.read.event_log import Event
from tests.ecosystem.changes.test_algebra_of_weeks import panel
from tests.ecosystem.spread.test_concentration import activity
from tests.ecosystem.test_marks import claim
from tests.reports.made_up import Maker
from tests.reports.made_up_documents import OF_HEALTH

LAST = 20_000


def event(title: str, first: int, last: int, where: str = "") -> Event:
    return Event(
        event_id=f"E-{first}", starts_at=iso(LAST - first), ends_at=iso(LAST - last), kind="campaign", title=title,
        owner="", where=Segment.parse(where),
    )  # fmt: skip


def share(market: str, chance: float, effect: float, figure: str = "orders_share") -> Claim:
    return claim(chance, "sales", effect, figure=figure, where={"market": market}, is_worse=None, onset=LAST - 13)


def decided(
    monkeypatch: pytest.MonkeyPatch, every: list[Claim], others: list[Claim], *events: Event
) -> tuple[Claim, ...]:
    """What is decided where all days and the days without events tell these."""
    asked: list[tuple[Event, ...]] = []
    monkeypatch.setattr(module, "_without", lambda calm: asked.append(calm.left_out) or others)
    table = replace(panel(np.ones((1, 12)), np.ones(1, int)), last=LAST)
    monkeypatch.setattr(Sources, "panel", lambda *_: cast(WeeklyPanel, table))
    workspace = SimpleNamespace(events=lambda first, last: events if (first, last) == (LAST - 83, LAST) else ())
    sources = Sources(
        workspace=cast(Any, workspace), as_of=LAST, where=EVERYTHING, activities=(), standings=(),
        groups=cast(Any, None), ages={}, known={}, incomplete=frozenset(), interrupted=frozenset(),
    )  # fmt: skip
    result = module.decided_by_log(sources, every)
    assert asked in ([], [tuple(item for item in events if len(item.window) <= 14)])
    return result


def test_a_share_that_moves_on_logged_days_alone_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    every = [share("ID", 1e-8, 1.6), share("TH", 0.4, 0.9), claim(1e-8, figure="refund_rate")]
    calm = [share("ID", 0.3, 1.1), share("TH", 0.5, 0.95)]
    sale, old, elsewhere = (
        event("mega sale", 9, 6, "market=ID"),
        event("old", 50, 48, "market=ID"),
        event("no", 9, 9, "market=TH"),
    )
    found = decided(monkeypatch, every, calm, sale, old, elsewhere)
    assert [(item.figure, item.is_marked, item.events) for item in found] == [
        ("refund_rate", True, ()), ("orders_share", False, ("mega sale",)), ("orders_share", False, ()),
    ]  # fmt: skip
    assert (found[1].effect, found[1].p_value, found[1].q_value < 1e-6) == (1.6, 1e-8, True), "of all days"
    # of two markets, the share of one is what the campaign of the other leaves
    mirrored = decided(monkeypatch, [share("VN", 1e-8, 0.6)], [share("VN", 0.3, 0.97)], elsewhere, sale)
    assert mirrored[0].events == ("no", "mega sale")
    untitled = decided(monkeypatch, every, calm, event("", 9, 6))
    assert untitled[1].events == ("E-9",)


def test_what_other_days_show_too_keeps_its_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    sale = event("mega sale", 9, 6, "market=ID")
    for chance, effect in ((1e-7, 1.6), (0.3, 1.5)):
        (found,) = decided(monkeypatch, [share("ID", 1e-8, 1.6)], [share("ID", chance, effect)], sale)
        assert (found.is_marked, found.events, found.now, found.before) == (True, (), 0.2, 0.1)
    (found,) = decided(monkeypatch, [share("ID", 1e-8, 1.6)], [], sale)
    assert found.is_marked, "untested on other days"
    for events in ((), (event("for good", 20, 0, "market=ID"),)):
        (found,) = decided(monkeypatch, [share("ID", 1e-8, 1.6)], [share("ID", 0.3, 1.1)], *events)
        assert found.is_marked


def test_what_an_event_hid_has_a_mark_with_the_figures_of_all_days(monkeypatch: pytest.MonkeyPatch) -> None:
    hidden = replace(share("TH", 1e-8, 0.5), now=0.01, before=0.02)
    found = decided(
        monkeypatch,
        [share("ID", 1e-8, 1.6), share("TH", 0.4, 0.9)],
        [share("ID", 0.3, 1.1), hidden],
        event("sale", 9, 6),
    )
    assert [(item.where["market"], item.is_marked, item.effect, item.now) for item in found] == [
        ("TH", True, 0.5, 0.2), ("ID", False, 1.6, 0.2),
    ]  # fmt: skip


def test_the_page_names_what_the_change_log_explains(monkeypatch: pytest.MonkeyPatch) -> None:
    found = decided(monkeypatch, [share("ID", 1e-8, 1.6)], [share("ID", 0.3, 1.1)], event("mega sale", 9, 6))
    page = replace(Maker(7, **OF_HEALTH).make(Health), claims=found, headline=headline(found, ()), risk=())
    assert five_lines(page, "")[-1] == "Explained by the change log (mega sale): share of orders, market=ID."
    (row,) = claim_table(page, "").rows
    assert [str(row.cells[at].text) for at in (1, -1)] == ["market=ID, during mega sale", ""]
    assert behind(found[0])[1][0].startswith("Explained by mega sale: q ")


def test_concentration_is_that_of_the_days_without_events(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    amount = rng.lognormal(3, 0.3, (20, 12))
    table = replace(panel(amount, np.ones(20, int)), amounts={"gmv": amount, "orders": amount})
    monkeypatch.setattr(module, "amount_claims", lambda _: [share("ID", 0.3, 1.1)])
    creators = activity([1] * 20, [1] * 20)
    monkeypatch.setattr(module.steady_members, "places", lambda *_: np.append(0, np.arange(20, 0, -1)))
    sources = cast(Any, SimpleNamespace(activities=(creators,), amounts=table))
    _, *found = module._without(sources)
    assert [item.figure for item in found] == ["gini of gmv", "hhi of gmv", "top_10pct_share of gmv"]
    recent = amount[:, :4].sum(axis=1)
    assert found[1].now == pytest.approx((recent**2).sum() / recent.sum() ** 2)
    top = np.argsort(
        -(recent / recent.sum() - amount[:, 4:].sum(axis=1) / amount[:, 4:].sum()) * (1 if found[1].is_worse else -1)
    )
    assert found[1].who[0] == creators.crowd.names.words[20 - top[0]]
