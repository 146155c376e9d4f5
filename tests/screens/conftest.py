"""A small workspace to look at, and answers of the core that never change."""

import asyncio
from collections.abc import Iterator
from math import nan, pi, sin
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from textual._compositor import Compositor
from textual._context import active_app, visible_screen_stack
from textual.app import App
from textual.css.model import RuleSet
from textual.css.styles import RenderStyles
from textual.css.stylesheet import Stylesheet
from textual.dom import DOMNode
from textual.message_pump import MessagePump
from textual.pilot import Pilot
from textual.widgets import Input

from core.base.baseline import Baseline
from core.base.days import Window, iso, parse_day
from core.base.segment import EVERYTHING, Segment
from core.detection.findings import Check, Finding, Onset, Scan
from core.explanation.decompose.drivers import Branch
from core.explanation.explanation_results import (
    CauseMatch,
    Driver,
    EventMatch,
    Explanation,
    MixRate,
    MixValue,
    RuledOut,
    SegmentShare,
)
from core.views.metric_detail import MetricDetail
from core.views.overview import MetricRow, Overview
from core.views.step_tree import StepTree
from core.workspace.read.blocks import cache
from core.workspace.read.event_log import Event
from core.workspace.write.load import load
from fixtures.marketplace import generate
from tests.conftest import of_all_workers
from tests.shared_files import built_once

LAST = parse_day("2026-03-15")
WEEK = Window(LAST - 6, LAST)
NASTY = "[red]not markup[/] \x1b[31m\u202egone"
"""What somebody may write into the title of an event."""


async def settled(pilot: Pilot[None]) -> None:
    """Waits until every question is answered and shown, those that are asked meanwhile too."""
    calm = 0
    while calm < 3:  # a page that is shown asks a moment later
        await pilot.pause()
        workers = [*pilot.app.workers]
        await asyncio.gather(*(worker.wait() for worker in workers), return_exceptions=True)
        is_moving = pilot.app._resize_event is not None or pilot.app.screen._layout_required
        calm = 0 if workers or is_moving else calm + 1
    await pilot.pause()  # a line of state that appears moves all below it


def text_of(app: App[None]) -> str:
    """Everything that is on the screen, as text."""
    width, _ = app.size
    visible_screen_stack.set(app._background_screens)
    lines = app.screen._compositor.render_strips(app.size)
    return "\n".join(strip.text[:width].rstrip() for strip in lines)


async def on_metrics(pilot: Pilot[None]) -> None:
    """Waits for the Overview and puts the focus on its metrics."""
    await settled(pilot)
    pilot.app.screen.query_one("#metrics").focus()
    await pilot.pause()


async def type_in(pilot: Pilot[None], text: str) -> None:
    """Fills the line that asks for something, and sends it."""
    pilot.app.screen.query_one("Input:focus", Input).value = text
    await pilot.press("enter")
    await settled(pilot)


def _daily() -> Iterator[str]:
    """Ten weeks of two markets; in the last week one of them pays less."""
    yield "date,market,impressions,clicks,orders,paid_orders,gmv"
    for day in range(70):
        for market, size in (("ID", 1.0), ("TH", 0.8)):
            season = size * (1 + 0.2 * sin(2 * pi * day / 7))
            orders = round(300 * season)
            paid = round(orders * (0.5 if market == "TH" and day >= 63 else 0.9))
            seen = f"{round(90000 * season)},{round(6000 * season)}"
            yield f"{iso(LAST - 69 + day)},{market},{seen},{orders},{paid},{paid * 12.5:.2f}"


@pytest.fixture(scope="session", autouse=True)
def _parsed_once() -> Iterator[None]:
    """Every app parses the same style sheets, twice: a third of the time of a test of the screens."""
    parsed: dict[object, list[RuleSet]] = {}
    parse = Stylesheet._parse_rules

    def parse_rules(sheet: Stylesheet, *source: Any, **more: Any) -> list[RuleSet]:
        key = (source, *more.items(), *sheet._variables.items())
        if key not in parsed:
            parsed[key] = parse(sheet, *source, **more)
        return parsed[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stylesheet, "_parse_rules", parse_rules)
        yield


async def _until_idle(_: float = 0, longest: float = 1) -> None:
    """Returns once no widget has a message to handle, seen three times 2 ms apart; after so many seconds in any case."""
    app, until, idle = active_app.get(), monotonic() + longest, 0
    while idle < 3 and monotonic() < until:
        await asyncio.sleep(0.002)
        idle = 0 if any(map(_is_waited_for, (app, *app._registry))) else idle + 1
        app.screen._on_timer_update()  # what the next picture would bring


def _is_waited_for(pump: MessagePump) -> bool:
    queue = pump._message_queue
    return bool(pump._next_callbacks) or (queue is not None and not queue.empty())


@pytest.fixture(scope="session", autouse=True)
def _idle_by_messages() -> Iterator[None]:
    """Textual naps for 20 ms, twice a key, until a nap took no CPU: a quarter of the time of a test of the screens."""
    with pytest.MonkeyPatch.context() as patch:
        for module in ("app", "pilot"):
            patch.setattr(f"textual.{module}.wait_for_idle", _until_idle)
        yield


@pytest.fixture(scope="session", autouse=True)
def _drawn_when_read() -> Iterator[None]:
    """Without a terminal every picture is drawn and thrown away: half of the time of a test of the screens. `text_of` draws."""

    def nothing(compositor: Compositor, **_: object) -> None:
        compositor._dirty_regions.clear()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Compositor, "render_update", nothing)
        yield


@pytest.fixture(scope="session", autouse=True)
def _parts_styled_when_drawn() -> Iterator[None]:
    """Textual finds the styles of all parts of a widget whenever it may look otherwise: a seventh of the time of a test of the
    screens, and few of them are drawn. Rules are told apart by a function in C, as they are by that of Textual."""
    styles_of = DOMNode.get_component_styles

    def find_later(_: Stylesheet, node: DOMNode) -> None:
        if node._component_styles:
            node._component_styles.clear()
            node.refresh()

    def found_now(node: DOMNode, *names: str) -> RenderStyles:
        for name in {*names} & node._get_component_classes() - node._component_styles.keys():
            part = DOMNode(classes=name)
            part._attach(node)
            node.app.stylesheet.apply(part, animate=False)
            node._component_styles[name] = part.styles
        return styles_of(node, *names)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stylesheet, "_process_component_classes", find_later)
        patch.setattr(DOMNode, "get_component_styles", found_now)
        patch.setattr(RuleSet, "__hash__", object.__hash__)
        yield


@pytest.fixture(scope="session", autouse=True)
def _answers_kept() -> Iterator[None]:
    """Answers are kept as those of large workspaces are: many tests look at the same two."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cache, "_LEAST_BYTES", 0)
        yield


@pytest.fixture(autouse=True)
def _nothing_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    """No tab is answered before it is opened: tests open one or two."""
    monkeypatch.setattr("tui.screens.overview_screen.answer_ahead", lambda *_: None)


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace whose payments fail in one of two markets in its last week."""
    folder = tmp_path_factory.mktemp("screens")
    (folder / "daily.csv").write_text("\n".join(_daily()), encoding="utf-8")
    events = [
        "event_id,starts_at,kind,title,market",
        f'E1,2026-03-09,outage,"{NASTY}",TH',
        "E2,2026-03-01,campaign,Spring,",
    ]
    (folder / "events.csv").write_text("\n".join(events), encoding="utf-8")
    load(folder / "shop.db", [folder / "daily.csv"], as_kind="daily")
    load(folder / "shop.db", [folder / "events.csv"], as_kind="events")
    return folder / "shop.db"


@pytest.fixture(scope="session")
def market(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """A small marketplace with orders, reviews and creators of several roles."""

    def build(folder: Path) -> None:
        generate(folder, seed=3, days=60, scale=0.2)
        load(folder / "market.db", sorted(folder.glob("*.csv*")))

    return built_once(of_all_workers(tmp_path_factory, request) / "market", build) / "market.db"


def _row(
    metric: str, actual: float, expected: float, spread: float, unit: str = "count", good: str = "up"
) -> MetricRow:
    values = tuple(expected / 7 * (1 + 0.1 * sin(day)) for day in range(35)) + (actual / 7,) * 7
    away = (actual - expected) * (1 if good == "down" else -1)
    interval = (expected - 2 * spread, expected + 2 * spread)
    return MetricRow(
        metric=metric,
        name=f"{metric} in words",
        unit=unit,
        good=good,
        formula=f"formula of {metric}",
        window=WEEK,
        actual=actual,
        expected=expected,
        interval=interval,
        change=actual - expected,
        change_pct=(actual - expected) / expected,
        worse_by=away / spread,
        is_drop=away > 2 * spread,
        values=values,
    )


TH = Segment.of({"market": "TH"})
FINDING = Finding(
    id="f1",
    as_of=LAST,
    metric="payment_rate",
    where=EVERYTHING,
    window=WEEK,
    onset=WEEK.first,
    actual=0.72,
    expected=0.9,
    interval=(0.88, 0.92),
    change=-0.18,
    change_pct=-0.2,
    impact=5250.0,
    severity="critical",
    p_value=1e-9,
    impact_unit="money",
    cause="C11 Payment provider outage",
    owner="Payments",
)
EVENT = Event(
    event_id="E1", starts_at="2026-03-09", ends_at=None, kind="outage", title=NASTY, owner="payments", where=TH
)


@pytest.fixture
def overview() -> Overview:
    """Three metrics: one has a drop, one is a little low, one is as expected."""
    rows = (
        _row("payment_rate", 0.72, 0.9, 0.01, "ratio"),
        _row("gmv", 41250.0, 47250.0, 1000.0, "money"),
        _row("refund_rate", 0.03, 0.031, 0.002, "ratio", "down"),
    )
    return Overview(
        where=EVERYTHING,
        span=Window(LAST - 69, LAST),
        rows=rows,
        events=(EVENT,),
        notes=("1 metric has too short a past",),
    )


@pytest.fixture
def scan() -> Scan:
    """One drop that is on."""
    return Scan(
        as_of=LAST, tested=12, findings=(FINDING,), data_quality=(Check("orphans", "fail", "3 reviews without orders"),)
    )


UNITS = {
    "gmv": "money",
    "paid_orders": "count",
    "orders": "count",
    "payment_rate": "ratio",
    "average_order_value": "money",
}


@pytest.fixture
def metric_detail() -> MetricDetail:
    """Fewer payments in one market; every sum closes."""
    rate = Driver("payment_rate", -7000.0, 7 / 6, 0.72, 0.9)
    value = Driver("average_order_value", 0.0, 0.0, 12.5, 12.5)
    orders = Driver("orders", 1000.0, -1 / 6, 4200.0, 4100.0)
    paid = Branch("paid_orders", 3024.0, 3690.0, -6000.0, 1.0, (
        Branch("orders", 4200.0, 4100.0, 1000.0, -1 / 6), Branch("payment_rate", 0.72, 0.9, -7000.0, 7 / 6),
    ))  # fmt: skip
    tree = Branch("gmv", 41250.0, 47250.0, -6000.0, 1.0, (paid, Branch("average_order_value", 12.5, 12.5, 0.0, 0.0)))
    explained = Explanation(
        metric="gmv",
        unit="money",
        where=EVERYTHING,
        window=WEEK,
        baseline=Baseline("expected", WEEK.shifted(-28)),
        actual=41250.0,
        expected=47250.0,
        change=-6000.0,
        change_pct=-6000 / 47250,
        interval=(45000.0, 49500.0),
        is_drop=True,
        onset=Onset(WEEK.first, "step"),
        data_quality=(Check("double loads", "warn", "one day came twice"),),
        drivers=(orders, rate, value),
        mix=(MixRate("market", -500.0, -5500.0, (MixValue("TH", -300.0, -6000.0), MixValue("ID", -200.0, 500.0))),),
        segments=(
            SegmentShare(
                where=TH,
                actual=12000.0,
                expected=18300.0,
                change=-6300.0,
                share=1.05,
                confidence=0.93,
                p_value=2e-9,
                n=1800.0,
                interval=(17100.0, 19500.0),
            ),
        ),
        events=(EventMatch("E1", NASTY, 0.8, "starts on the day of the onset"),),
        causes=(
            CauseMatch(
                cause="C11 Payment provider outage",
                score=0.82,
                evidence=("for: payment_rate fell",),
                action="Fail over.",
                owner="Payments",
                verify="It is back.",
            ),
        ),
        ruled_out=(RuledOut("C18 App release bug", "no release near it"),),
        queries={"gmv": "SELECT sum(gmv) FROM orders"},
    )
    values = tuple(6750 + 300 * sin(day) for day in range(35)) + (41250.0 / 7,) * 7
    span = Window(LAST - 69, LAST)
    return MetricDetail(
        explanation=explained,
        name="Gross merchandise value",
        formula="paid_orders x ...",
        is_ratio=False,
        steps=StepTree(root=tree, units=UNITS, watched_sign=-1),
        closes=True,
        days=Window(LAST - 41, LAST),
        values=values,
        low=(nan,) * 35 + (6400.0,) * 7,
        high=(nan,) * 35 + (7100.0,) * 7,
        events=(EVENT,),
        span=span,
    )


@pytest.fixture
def explained(monkeypatch: pytest.MonkeyPatch, overview: Overview, scan: Scan, metric_detail: MetricDetail) -> None:
    """Lets the screens have these answers instead of asking the core."""
    monkeypatch.setattr("tui.screens.overview_screen.overview", lambda *_, **__: overview)
    monkeypatch.setattr("tui.screens.overview_screen.kept_scan", lambda *_, **__: scan)
    monkeypatch.setattr("tui.explain_question.ExplainQuestion.answer", lambda *_: metric_detail)
    from tests.screens import answers, people  # late: both take their days from here
    from tests.views.boards import board

    monkeypatch.setattr("tui.screens.funnel_screen.funnel", lambda *_, **__: answers.funnel())
    monkeypatch.setattr("tui.screens.funnel_screen.daily_gmv", lambda *_: answers.daily_gmv())
    monkeypatch.setattr("tui.screens.voice_screen.kept_voice", lambda *_, **__: answers.voice())
    monkeypatch.setattr("tui.screens.voice_screen.complaint_texts", lambda *_: answers.texts())
    monkeypatch.setattr("tui.screens.match_screen.kept_match", answers.matches)
    monkeypatch.setattr("tui.screens.creators_screen.leaderboard", lambda *_: board())
    monkeypatch.setattr("tui.screens.creator_screen.scorecard", lambda *_: people.scorecard())
