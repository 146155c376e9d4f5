"""Every document and table of reports about made-up results of many shapes: with and without figures, intervals, reasons."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from math import nan, sin
from typing import Any, get_args

from core.base.days import Window
from core.base.segment import EVERYTHING, Segment
from core.catalogue.metric_tree.metric_loader import load as load_catalogue
from core.detection.findings import Finding, Scan
from core.ecosystem.false_discovery import LEAST_DIFFERENCE
from core.ecosystem.results.claim_results import Claim, Topic
from core.ecosystem.results.health_results import Health
from core.explanation.decompose.drivers import Branch
from core.explanation.explanation_results import Explanation
from core.indexes.index_results import Indexes, IndexValue
from core.matching.match_results import Match, Matches, Reason
from core.ratings.rating_results import Component, Held, Movement, Rating, ScoreCard, Scorecard, Shift
from core.ratings.simulation_results import Simulation
from core.reports import match_narrative
from core.reports.documents.case_report import case_hand_off, case_list_report, cases_report, judgement_report
from core.reports.documents.catalogue_report import catalogue_report
from core.reports.documents.channel_report import channel_report
from core.reports.documents.demo_report import DemoSubject, demo_report
from core.reports.documents.finding_report import explanation_report, finding_report
from core.reports.documents.health.health_records import health_records
from core.reports.documents.health.health_report import health_report
from core.reports.documents.index_report import index_report
from core.reports.documents.match_report import match_report
from core.reports.documents.report_inputs import Inputs
from core.reports.documents.scan_report import scan_report
from core.reports.documents.scorecard_report import scorecard_report
from core.reports.documents.simulation_report import simulation_report
from core.reports.documents.verification_report import plan_report, verification_report
from core.reports.documents.voice_report import voice_report
from core.reports.report import Report
from core.reports.table import Column, Table, table_of
from core.reports.tables import (
    cause_table,
    channel_tables,
    explanation_tables,
    health_tables,
    match_tables,
    overview_tables,
    scorecard_tables,
    voice_tables,
)
from core.reports.tables.finding_table import finding_table
from core.verification.case_results import Case, CaseVerdict
from core.verification.verification_results import CounterfactualDay, Verification, VerificationPlan
from core.views.case_actions import Judgement
from core.views.complaint_texts import ComplaintText
from core.views.funnel_view import Funnel
from core.views.metric_detail import MetricDetail
from core.views.overview import Overview
from core.views.step_tree import StepTree
from core.voice.voice_results import Voice
from core.workspace.read.event_log import Event
from core.workspace.schema.load_log import Load
from tests.reports.made_up import LAST, Maker

Documents = Callable[[Maker], Iterator[Report]]
STEPS = ("impressions", "clicks", "orders", "paid_orders", "gmv")
EVENT = Event(
    event_id="E1", starts_at="2026-03-09", ends_at=None, kind="outage", title="Outage", owner="Payments",
    where=Segment.of({"market": "TH"}),
)  # fmt: skip


def _claims(maker: Maker) -> tuple[Claim, ...]:
    """Claims of several topics, or none; a factor where the topic has no differences."""
    kinds = [
        (topic, topic not in LEAST_DIFFERENCE)
        for topic in maker.random.sample(get_args(Topic), maker.random.choice((0, 4, 8)))
    ]
    claims = (maker.make(Claim, topic=topic, is_factor=is_factor, where=maker.where()) for topic, is_factor in kinds)
    return tuple(replace(claim, effect=abs(claim.effect) + 0.1) for claim in claims)


OF_HEALTH: Mapping[str, Callable[[Maker], Any]] = {
    "claims": _claims,
    "worst": lambda maker: maker.random.choice((None, *_claims(maker))),
    "intervals": lambda _: {"gini": (0.1, 0.25), "top_10pct_share": (0.4, 0.55)},
    "risk_kinds": lambda maker: maker.random.choice(
        ((), ("many_accounts",), ("many_accounts", "order_burst", "order_surge"))
    ),
}


def _tree(maker: Maker) -> StepTree:
    def branch(metric: str, *factors: Branch) -> Branch:
        return maker.make(Branch, metric=metric, children=factors)

    paid = branch("paid_orders", branch("orders"), branch("payment_rate"))
    units = {
        "gmv": "money",
        "paid_orders": "count",
        "orders": "count",
        "payment_rate": "ratio",
        "refund_rate": "ratio",
        "average_order_value": "money",
    }
    root = branch("gmv", paid, branch("average_order_value"))
    return StepTree(root=root, units=units, watched_sign=maker.random.choice((-1, 1)))


def _detail(maker: Maker) -> MetricDetail:
    days = Window(LAST - 41, LAST)
    values = tuple(800 + 40 * sin(day) for day in range(42))
    low, high = (tuple(value + shift for value in values) for shift in (-90.0, 90.0))
    return maker.make(MetricDetail, steps=_tree(maker), days=days, values=values, low=low, high=high, span=days)


def _loads(maker: Maker, number: int) -> Inputs:
    loads = [maker.make(Load, path=f"/exports/{at}.csv", fingerprint=f"sha:{at:032d}") for at in range(number)]
    return Inputs(loads=loads, command="whydrop explain gmv --db w.db")


def _case(maker: Maker) -> Case:
    """A case, without an action where it has no verdict; the days of its verdict are judged, but for the first two."""
    window = Window(LAST - 6, LAST)
    days = tuple(maker.make(CounterfactualDay, day=day) for day in range(LAST - 8, LAST + 1))
    verdict = maker.make(CaseVerdict, window=window, series=maker.random.choice(((), days)))
    case = maker.make(Case, id=f"case-{maker.random.randint(1, 9)}", verdict=maker.random.choice((None, verdict)))
    return case if case.verdict else replace(case, action="")


def _cases(maker: Maker) -> Iterator[Report]:
    case = _case(maker)
    yield case_list_report([case, _case(maker)])
    yield case_list_report([])
    yield cases_report([case], "USD", "a / b")
    yield cases_report([case, _case(maker)], "")
    yield case_hand_off(case, case.definition, "USD", _loads(maker, 2))
    yield judgement_report(maker.make(Judgement, case=case))


def _explanations(maker: Maker) -> Iterator[Report]:
    finding = maker.make(Finding)
    for currency in ("USD", ""):
        answer = maker.make(Explanation)
        yield explanation_report(answer, _tree(maker), currency, finding if currency else None, with_sql=bool(currency))
    yield finding_report(_detail(maker), _loads(maker, maker.random.choice((0, 1, 14))), finding)


def _scans(maker: Maker) -> Iterator[Report]:
    catalogue = load_catalogue()
    scan = maker.make(Scan)
    drops = [maker.make(IndexValue) for _ in range(maker.random.choice((0, 1, 9)))]
    yield scan_report(scan, catalogue, "USD", due=("case-1 is due.",), drops=drops, command_end=" --db w.db")
    yield scan_report(scan, catalogue, "", days=Window(LAST - 2, LAST))


def _catalogue(_: Maker) -> Iterator[Report]:
    yield catalogue_report(load_catalogue(), {"impressions", "clicks", "gmv"})


def _demo(maker: Maker) -> Iterator[Report]:
    subjects = [
        DemoSubject(title="A shop", finding=maker.make(Finding), answer=maker.make(Explanation), currency="USD"),
        DemoSubject(title="Posts", finding=None, answer=maker.make(Explanation)),
    ]
    yield demo_report(subjects, "an outage", [("the screens", "whydrop tui")])


def _funnels(maker: Maker) -> Iterator[Report]:
    yield channel_report(Maker(maker.random.randint(0, 999), steps=lambda _: STEPS).make(Funnel))


def _matches(maker: Maker) -> Iterator[Report]:
    own = {"signal": lambda self: self.random.choice(sorted(match_narrative._WORDS)), "names": lambda _: ("P8", "P9")}
    result = Maker(maker.random.randint(0, 999), **own).make(Matches)
    yield match_report(result, "USD")
    yield match_report(replace(result, creator_id=None, product_id="P1", matches=()), "")


def _movement(maker: Maker) -> Movement:
    shifts = tuple(maker.make(Shift, component=name) for name in ("reviews", "late_dispatches"))
    return maker.make(Movement, shifts=shifts)


def _scorecards(maker: Maker) -> Iterator[Report]:
    own = {"name": lambda self: self.random.choice(("reviews", "late_dispatches", "own rule")), "movement": _movement}
    makers = Maker(maker.random.randint(0, 999), **own)
    cards = tuple(makers.make(ScoreCard) for _ in range(makers.random.randint(0, 3)))
    twin = tuple(replace(card, rating=replace(card.rating, id="C9")) for card in cards[:1])
    weights = (0.15, 0.5, 0.3, 0.05, 0.0)[: len(cards) + len(twin)]
    yield scorecard_report(makers.make(Scorecard, cards=(*cards, *twin), weights=weights))


def _of(kind: type[Any], report: Callable[..., Report], *others: str, **own: Callable[[Maker], Any]) -> Documents:
    """The document of one result of this class."""

    def reports(maker: Maker) -> Iterator[Report]:
        yield report(Maker(maker.random.randint(0, 999), **own).make(kind), *others)

    return reports


DOCUMENTS: Mapping[str, Documents] = {
    "cases": _cases,
    "catalogue": _catalogue,
    "channels": _funnels,
    "demo": _demo,
    "explanations": _explanations,
    "health": _of(Health, health_report, "USD", **OF_HEALTH),
    "indexes": _of(Indexes, index_report),
    "matches": _matches,
    "scans": _scans,
    "scorecards": _scorecards,
    "simulations": _of(Simulation, simulation_report, "USD"),
    "verifications": _of(Verification, verification_report, "USD"),
    "plans": _of(VerificationPlan, plan_report, "USD"),
    "complaints": _of(Voice, voice_report, "USD"),
}


def _facts_of_health(maker: Maker) -> Iterator[Table]:
    health = Maker(maker.random.randint(0, 999), **OF_HEALTH).make(Health)
    yield from (make(health) for make in (health_tables.cohorts, health_tables.fairness, health_tables.risks))
    yield health_tables.claims(health, "USD")
    lines = [*health_tables.numbers(health, "USD")]
    cohorts = [cohort for new in health.newcomers for cohort in new.cohorts]
    for item in (*health.claims[:2], *health.fairness[:1], *health.risk[:1], *cohorts[:1]):
        title, text = health_tables.behind(item)
        lines += [title, *text]
    yield _listed("behind the rows", lines)
    records = health_records(health)
    yield table_of("records", [Column(name, name, "") for name in records[0]], records)


def _listed(title: str, lines: Sequence[str]) -> Table:
    """Lines as a table, to be compared as one."""
    return table_of(title, (Column("line", title, ""),), [{"line": line} for line in lines])


def _overviews(maker: Maker) -> Iterator[Table]:
    days = [800 + 40 * sin(day) for day in range(maker.random.choice((3, 42)))]
    values = tuple(maker.random.choice((value, value, nan)) for value in days)
    makers = Maker(maker.random.randint(0, 999), values=lambda _: values)
    events = (EVENT, replace(EVENT, where=EVERYTHING))
    result = makers.make(Overview, scan=maker.random.choice((None, maker.make(Scan))), events=events)
    yield overview_tables.open_findings(result)
    yield overview_tables.metric_table(result)
    yield overview_tables.event_table(result)


def _cards(maker: Maker) -> Iterator[Table]:
    for card in (maker.make(ScoreCard, rating=_rating(maker), movement=_movement(maker)) for _ in range(2)):
        yield from (scorecard_tables.components(card)[0], scorecard_tables.path(card), scorecard_tables.cases(card))
        held = (Held("C1", "affiliate", LAST - 400, None), Held("C1", "live_host", None, LAST - 9))
        person = maker.make(Scorecard, cards=(card,), weights=(0.5,), roles=held)
        yield scorecard_tables.cards(person, {"A": 80.0, "B": 60.0, "C": 0.0})


def _rating(maker: Maker) -> Rating:
    names = ("reviews", "late_dispatches")
    return maker.make(Rating, components=tuple(maker.make(Component, name=name) for name in names))


def _reasons(maker: Maker) -> Iterator[Table]:
    for signal in sorted(match_narrative._WORDS):
        reason = maker.make(Reason, signal=signal, names=("P8", "P9"), out_of=maker.random.choice((None, 1, 2, 3, 9)))
        yield _listed(signal, [match_narrative.reason_words(reason, "USD")])
    match = maker.make(Match, reasons=())
    yield _listed("one match", match_tables.reason_lines(match, "USD"))


def _segments(maker: Maker) -> Iterator[Table]:
    answer = maker.make(Explanation)
    yield from (explanation_tables.split_by(answer, mix, "USD") for mix in answer.mix)
    funnel = Maker(maker.random.randint(0, 999), steps=lambda _: STEPS).make(Funnel)
    for channel in (*funnel.result.channels, None):
        yield channel_tables.step_table(channel, funnel)
    yield voice_tables.theme_table(maker.make(Voice), "USD")
    yield voice_tables.text_table("delivery", [maker.make(ComplaintText) for _ in range(3)], "delivery")
    yield _listed("causes", cause_table.numbers(_detail(maker), "whydrop explain gmv"))


def _findings(maker: Maker) -> Iterator[Table]:
    finding = maker.make(Finding, metric="orders")
    for where in ("market=TH", "channel=live,market=TH,seller_id=S1234"):
        yield finding_table([replace(finding, where=Segment.parse(where))], {"orders": "count"}, "USD", note="1 open")


TABLES: Mapping[str, Callable[[Maker], Iterator[Table]]] = {
    "tables_of_cards": _cards,
    "tables_of_findings": _findings,
    "tables_of_health": _facts_of_health,
    "tables_of_overviews": _overviews,
    "tables_of_reasons": _reasons,
    "tables_of_segments": _segments,
}
