"""One cause is one finding, with its place, its metric and what it cost; explain says the same."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from core.base.days import Window, iso, parse_day
from core.base.segment import Segment
from core.detection.findings import Finding
from core.explanation.explain import explain
from core.incidents import incident_scan
from core.incidents.finding_question import explain_finding, question_of
from core.incidents.incident_scan import _by_themselves
from core.incidents.kept_incidents import find_incidents
from core.reports.tables.answer import answer_lines
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load
from tests.incidents.shop import DAYS, Fault, day, inside, opened

OUTAGE = Fault("payment_rate", {"market": "TH", "device": "ios"}, 0.3)
RANKING = Fault("impressions", {"market": "ID", "channel": "search"}, 0.35)
TRACKING = (
    Fault("impressions", {"device": "ios"}, 0.45),
    Fault("ctr", {"device": "ios"}, 1 / 0.45),
)
INFLUX = (
    Fault("impressions", {"market": "VN", "channel": "live"}, 4.0),
    Fault("ctr", {"market": "VN", "channel": "live"}, 0.25),
)
PRICE = Fault("order_value", {"market": "ID"}, 0.5)
LEAK = Fault("order_rate", {"market": "TH"}, 1.0, day=DAYS - 35, ramp=0.98 ** (1 / 3))


Scanned = Callable[[Sequence[Fault]], tuple[Workspace, list[Finding]]]


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scanned]:
    """The shop with some faults, and its findings of weight; each is loaded and scanned once."""
    known: dict[str, tuple[Workspace, list[Finding]]] = {}

    def scan(faults: Sequence[Fault]) -> tuple[Workspace, list[Finding]]:
        if repr(faults) not in known:
            workspace = opened(tmp_path_factory.mktemp("shop"), faults)
            known[repr(faults)] = (
                workspace,
                [one for one in find_incidents(workspace).findings if one.severity != "minor"],
            )
        return known[repr(faults)]

    yield scan
    for workspace, _ in known.values():
        workspace.close()


@pytest.mark.parametrize(
    ("faults", "expected"),
    [
        ([OUTAGE], {("payment_rate", "device=ios,market=TH")}),
        ([RANKING], {("impressions", "channel=search,market=ID")}),
        ([PRICE], {("average_order_value", "market=ID")}),
        (TRACKING, {("impressions", "device=ios")}),
        (INFLUX, {("ctr", "channel=live,market=VN")}),
        ([OUTAGE, RANKING], {("payment_rate", "device=ios,market=TH"), ("impressions", "channel=search,market=ID")}),
        ([], set()),
    ],
    ids=["outage", "ranking", "price", "tracking", "influx", "two", "none"],
)  # fmt: skip
def test_a_cause_is_one_finding_and_explain_says_the_same(
    scanned: Scanned, faults: list[Fault], expected: set[tuple[str, str]]
) -> None:
    workspace, findings = scanned(faults)
    assert {(finding.metric, str(finding.where)) for finding in findings} == expected
    assert len(findings) == len(expected)
    for finding in findings:
        agrees(workspace, finding)
        assert finding.onset == day(DAYS - 6)
        assert finding.window == Window(day(DAYS - 6), finding.window.last)


def test_two_causes_of_one_week_are_told_apart_by_both(scanned: Scanned) -> None:
    workspace, findings = scanned([OUTAGE, RANKING])
    answer = explain(workspace, "gmv", window=Window(day(DAYS - 6), day(DAYS - 1)))
    assert {str(segment.where) for segment in answer.segments} == {str(finding.where) for finding in findings}
    by_segment = {str(cause.where): cause.cause for cause in reversed(answer.causes) if cause.score >= 0.5}
    assert by_segment == {str(finding.where): finding.cause for finding in findings if finding.cause}
    assert [cause.score for cause in answer.causes] == sorted((cause.score for cause in answer.causes), reverse=True)
    assert not {other.what for other in answer.ruled_out} & {cause.cause for cause in answer.causes}
    lines = "\n".join(answer_lines(answer))
    assert all(f" in {where} (confidence" in lines for where in by_segment)


@pytest.mark.parametrize("sells", [1.0, 0.4], ids=["as well", "worse"])
def test_what_a_new_version_takes_over_is_lost_by_nobody(tmp_path: Path, sells: float) -> None:
    """A staged rollout: a quarter of the live traffic, an eighth of all, moves to it."""

    def rolled_out(rows: list[dict[str, str | float]]) -> list[dict[str, str | float]]:
        def part(row: dict[str, str | float], note: str, share: float, bought: float) -> dict[str, str | float]:
            factors = dict.fromkeys(("orders", "paid_orders"), share * bought) | dict.fromkeys(
                ("impressions", "clicks"), share
            )
            counts = {name: round(float(row[name]) * factor) for name, factor in factors.items()}
            return {**row, **counts, "gmv": round(float(row["gmv"]) * share * bought, 2), "note": note}

        table = []
        for row in rows:
            is_new = row["channel"] == "live" and parse_day(str(row["date"])) >= day(DAYS - 6)
            table += (
                [part(row, "4.9", 0.75, 1.0), part(row, "5.0", 0.25, sells)] if is_new else [{**row, "note": "4.9"}]
            )
        return table

    with opened(tmp_path, [], change=rolled_out) as workspace:
        findings = [finding for finding in find_incidents(workspace).findings if finding.severity != "minor"]
        expected = [] if sells == 1.0 else [("click_to_order_rate", "channel=live")]
        assert [(finding.metric, str(finding.where)) for finding in findings] == expected
        for finding in findings:
            assert finding.onset == day(DAYS - 6)


@pytest.mark.parametrize(("market", "lost"), [("TH", False), ("ID", True)], ids=["same market", "another market"])
def test_what_a_new_seller_takes_over_in_the_same_market_is_no_drop_of_another(
    tmp_path: Path, market: str, lost: bool
) -> None:
    """One of five sellers of each cell, of more than a scan watches; a newcomer gets 60 % of what one of them had."""
    counts = ("impressions", "clicks", "orders", "paid_orders", "gmv")

    def with_sellers(rows: list[dict[str, str | float]]) -> list[dict[str, str | float]]:
        def part(row: dict[str, str | float], seller: str, share: float, **other: str) -> dict[str, str | float]:
            return {**row, **other, **{name: round(float(row[name]) * share) for name in counts}, "note": seller}

        table = []
        for row in rows:
            cell = f"{row['market']}-{row['device']}-{row['channel']}"
            moves = cell == "TH-ios-live" and parse_day(str(row["date"])) >= day(DAYS - 6)
            table += [part(row, f"{cell}-{number}", 0.2) for number in range(4)]
            table += [part(row, f"{cell}-4", 0.08 if moves else 0.2)]
            table += [part(row, "newcomer", 0.12, market=market)] if moves else []
        return table

    with opened(tmp_path, [], change=with_sellers) as workspace:
        answer = explain(workspace, "gmv", window=Window(day(DAYS - 6), day(DAYS - 1)))
        assert answer.is_usual_as_a_whole
        assert answer.is_drop == lost
        assert [str(segment.where) for segment in answer.segments] == (["note=TH-ios-live-4"] if lost else [])


def agrees(workspace: Workspace, finding: Finding) -> None:
    """Both ways to ask about a finding give its segment, cause, owner, onset and verdict."""
    by_id = explain_finding(workspace, question_of(finding))
    by_command = explain(workspace, finding.metric, window=finding.window, where=finding.where)
    for answer in (by_id, by_command):
        cause = answer.causes[0] if answer.causes else None
        assert finding.where.narrowed(answer.segments[0].where) == finding.where
        assert (answer.onset.day, answer.is_drop) == (finding.onset, True)
        assert (cause and cause.cause, cause and cause.owner) == (finding.cause, finding.owner)
    assert (by_id.actual, by_id.expected) == (finding.actual, finding.expected)


def test_a_series_that_no_incident_explains_has_the_cause_that_explain_gives_its_id(tmp_path, monkeypatch):
    monkeypatch.setattr(incident_scan, "_incidents", lambda *_: ([], []))
    monkeypatch.setattr(incident_scan, "_MOST_CAUSED", 1)
    with opened(tmp_path, [OUTAGE, RANKING]) as workspace:
        series = find_incidents(workspace, metrics=["payment_rate", "impressions"]).findings
        assert {finding.severity for finding in series} == {"minor"}
        assert [finding.causes_skipped for finding in series] == [
            "",
            *["causes are tested when it is explained"] * (len(series) - 1),
        ]
        assert len(series) > 1
        for finding in series[:1]:
            answer = explain_finding(workspace, question_of(finding))
            cause = answer.causes[0] if answer.causes else None
            assert (cause and cause.cause, cause and cause.owner) == (finding.cause, finding.owner)
            assert (answer.onset.day, answer.causes_skipped) == (finding.onset, finding.causes_skipped)
        assert series[0].cause


def test_its_cost_is_what_the_root_lost_there(scanned: Scanned) -> None:
    where = {"market": "TH", "device": "ios"}
    _, (finding,) = scanned([OUTAGE])
    lost = inside([OUTAGE], where, "gmv", finding.window)
    assert finding.impact_unit == "money"
    # 70 % of what is paid in the segment is lost: 7 / 3 of what is left
    assert finding.impact == pytest.approx(lost * 7 / 3, rel=0.1)
    assert finding.severity == "major", "an eighth of the shop lost 70 %: 8.75 % of the whole"
    assert {("gmv", str(finding.where))} <= {(part.metric, str(part.where)) for part in finding.parts}
    assert all(part.change_pct is not None and part.change_pct < 0 for part in finding.parts)


@pytest.mark.parametrize(("faults", "kind"), [(TRACKING, "drop"), (INFLUX, "mix")], ids=["tracking", "influx"])
def test_where_the_root_lost_nothing_there_is_no_large_cost(scanned: Scanned, faults: list[Fault], kind: str) -> None:
    _, (finding,) = scanned(faults)
    whole = inside(faults, {}, "gmv", finding.window)
    assert finding.impact < 0.01 * whole
    assert (finding.severity, finding.kind) == ("major", kind)


def test_a_leak_behind_a_step_elsewhere_is_a_finding_of_its_own_and_a_drop_for_explain(scanned: Scanned) -> None:
    workspace, findings = scanned([LEAK, Fault("order_rate", {"market": "ID"}, 0.7)])
    assert [(finding.metric, str(finding.where)) for finding in findings] == [
        ("click_to_order_rate", "market=ID"), ("click_to_order_rate", "market=TH"),
    ]  # fmt: skip
    assert findings[0].onset == day(DAYS - 6)
    assert findings[1].onset < day(DAYS - 20)
    answer = explain(workspace, findings[1].metric, where=findings[1].where)
    assert answer.is_drop
    assert not answer.interval[0] <= answer.actual <= answer.interval[1]


def test_a_drop_stays_one_while_it_lasts(scanned: Scanned) -> None:
    old = Fault("payment_rate", {"market": "TH"}, 0.5, day=DAYS - 28)
    workspace, (finding,) = scanned([old])
    assert finding.onset == day(DAYS - 28)
    last_week = Window(day(DAYS - 7), day(DAYS - 1))
    assert explain(workspace, "payment_rate", window=last_week, where=Segment.parse("market=TH")).is_drop
    assert explain(workspace, "payment_rate").onset.day == day(DAYS - 28)


def test_a_filter_and_the_segment_inside_it_are_judged_together(scanned: Scanned) -> None:
    workspace, _ = scanned([OUTAGE])
    window = Window(day(DAYS - 6), day(DAYS - 1))
    whole = explain(workspace, "payment_rate", window=window)
    filtered = explain(workspace, "payment_rate", window=window, where=Segment.parse("market=TH"))
    assert str(filtered.segments[0].where) == "device=ios"
    assert filtered.causes[0].cause == whole.causes[0].cause
    assert filtered.onset == whole.onset


@dataclass(frozen=True)
class SimpleDrop:
    """What of a drop decides whether it is chance; its p-value is its score."""

    score: float
    clearest: float


def test_series_of_an_incident_do_not_make_what_began_with_it_real() -> None:
    def drop(p: float) -> Any:
        return SimpleDrop(score=3.0, clearest=p)

    detection: Any = SimpleNamespace(figures=SimpleNamespace(p_value=lambda one: one.score))
    chance, real = drop(8e-4), drop(1e-7)
    assert _by_themselves(detection, [chance, real], 400) == (real,)
    assert _by_themselves(detection, [chance], 400) == ()
    assert _by_themselves(detection, [chance], 40) == (chance,)
    assert _by_themselves(detection, [], 0) == ()


def test_a_holiday_of_a_small_market_is_no_finding(tmp_path: Path) -> None:
    """Of five markets alike, in turns 1 % over and under 200 visits a day, TH has 30 on its holiday, the last three days."""
    lines = ["date,market,visits"]
    for number in range(60):
        for at, market in enumerate(("ID", "TH", "VN", "PH", "MY")):
            lines.append(
                f"{iso(20_000 + number)},{market},{30 if market == 'TH' and number > 56 else 198 + (number * 3 + at) % 5}"
            )
    (tmp_path / "visits.csv").write_text("\n".join(lines) + "\n")
    (tmp_path / "events.csv").write_text(
        f"event_id,starts_at,ends_at,kind,market\nh,{iso(20_057)},{iso(20_059)},holiday,TH\n"
    )
    found = []
    for name in ("visits", "events"):
        load(tmp_path / "w.db", [tmp_path / f"{name}.csv"])
        with Workspace.open(tmp_path / "w.db") as workspace:
            found.append([str(finding.where) for finding in find_incidents(workspace).findings])
    assert found == [["market=TH"], []]
