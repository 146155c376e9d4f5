"""Causes in shops that count less, call things by other names, or write their change log in a hurry."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from core.base.days import Window
from core.base.segment import EVERYTHING, Segment
from core.explanation.explain import explain
from core.explanation.explanation_results import Driver, Explanation, NearestCause
from core.reports.narrative import step_line
from core.reports.tables.answer import answer_lines
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load
from tests.incidents.shop import DAYS, FIRST, Fault, day, rows

SINCE = DAYS - 6
Row = dict[str, str | float]


def written(path: Path, table: Sequence[Mapping[str, object]]) -> Path:
    names = list(table[0])
    path.write_text("\n".join([",".join(names), *(",".join(str(row[name]) for name in names) for row in table)]) + "\n")
    return path


def answer(
    folder: Path,
    faults: Sequence[Fault],
    title: str,
    kind: str,
    change: Callable[[Row], Row] = lambda row: row,
    own: Sequence[str] = (),
    where: Segment = EVERYTHING,
    metric: str = "gmv",
) -> Explanation:
    """What is said of the last days of a shop, whose change log has one event without a scope on the day of the faults."""
    folder.mkdir(exist_ok=True)
    event = {"event_id": "E1", "starts_at": (FIRST + timedelta(SINCE)).isoformat(), "kind": kind, "title": title}
    load(folder / "w.db", [written(folder / "events.csv", [event])], as_kind="events")
    table = [change(dict(row)) for row in rows(faults)]
    load(folder / "w.db", [written(folder / "shop.csv", table)], as_kind="daily", dimensions=list(own))
    with Workspace.open(folder / "w.db") as workspace:
        return explain(workspace, metric, window=Window(day(SINCE), day(DAYS - 1)), where=where)


def without(*names: str) -> Callable[[Row], Row]:
    return lambda row: {name: cell for name, cell in row.items() if name not in names}


def named(old: str, new: str, **values: str) -> Callable[[Row], Row]:
    return lambda row: {
        new if name == old else name: values.get(str(cell), cell) if name == old else cell for name, cell in row.items()
    }


@pytest.mark.parametrize(("gone"), [("impressions",), ("impressions", "clicks")])
def test_a_holiday_of_a_shop_that_does_not_count_impressions(tmp_path: Path, gone: tuple[str, ...]):
    found = answer(
        tmp_path, [Fault("impressions", {"market": "TH"}, 0.6)], "TH public holidays", "Holiday", without(*gone)
    )
    assert found.segments[0].where == Segment.parse("market=TH")
    assert found.causes[0].cause.startswith("C04")
    assert found.events[0].reason.endswith("its scope (market=TH) matches the affected segment")


def test_an_incident_of_a_payment_method(tmp_path: Path):
    change = named("device", "payment_method", android="kaspi", ios="card")
    fault = Fault("payment_rate", {"device": "ios"}, 0.3)
    found = answer(tmp_path, [fault], "acquirer declines every card", "incident", change, own=["payment_method"])
    assert found.segments[0].where == Segment.parse("payment_method=card")
    assert found.causes[0].cause.startswith("C11")
    assert found.causes[0].score > 0.9


CHECKOUT, LEFT = Fault("order_rate", {"device": "ios"}, 0.5), Fault("impressions", {"device": "ios"}, 0.02)
TRADED = Fault("impressions", {"channel": "search"}, 0.3), Fault("impressions", {"channel": "live"}, 1.12)


@pytest.mark.parametrize(
    ("faults", "event", "own", "where", "cause"),
    [
        ([CHECKOUT], ("checkout rewritten", "release"), "device", "device=ios", "C18"),
        ([LEFT], ("account closed", "other"), "seller_id", "seller_id=ios", "C19"),
        ([LEFT], ("new terms", "policy"), "seller_id", "seller_id=ios", "C21"),
        (TRADED, ("ranker v4", "ranking"), "device", "channel=search", "C08"),
    ],
    ids=["a bug of the checkout", "a seller who leaves", "a seller who is barred", "a ranking, not an allocation"],
)
def test_what_tells_similar_causes_apart(
    tmp_path: Path, faults: Sequence[Fault], event: tuple[str, str], own: str, where: str, cause: str
) -> None:
    found = answer(tmp_path, faults, *event, named("device", own))
    assert str(found.segments[0].where) == where
    assert found.causes[0].cause.startswith(cause)
    assert found.causes[0].score > 0.7


def test_search_by_its_name_in_another_language(tmp_path: Path):
    change = named("channel", "channel", search="Suche")
    found = answer(
        tmp_path, [Fault("ctr", {"channel": "search"}, 0.5)], "LTR v2 at 100 % (Suche)", "experiment", change
    )
    assert found.segments[0].where == Segment.parse("channel=Suche")
    assert found.causes[0].cause.startswith("C08")


def test_a_filter_does_not_narrow_the_cause(tmp_path: Path):
    fault = Fault("impressions", {"market": "TH"}, 0.6)
    found = answer(tmp_path, [fault], "TH bank holiday", "holiday", where=Segment.parse("channel=live"))
    assert found.segments[0].where == Segment.parse("market=TH")
    assert found.causes[0].cause.startswith("C04")
    assert found.events[0].reason.endswith("its scope (market=TH) matches the affected segment")


def test_a_new_version_that_sells_less(tmp_path: Path):
    def rolled_out(row: Row) -> Row:
        is_new = row["channel"] == "live" and str(row["date"]) >= (FIRST + timedelta(SINCE)).isoformat()
        return {**without("impressions")(row), "app_version": "5.0" if is_new else "4.9"}

    faults = [Fault("order_rate", {"channel": "live"}, 0.4)]
    found = answer(
        tmp_path, faults, "app 5.0 rollout", "deploy", rolled_out, ["app_version"], metric="click_to_order_rate"
    )
    assert "app_version" in found.segments[0].where.dimensions or found.segments[0].where == Segment.parse(
        "channel=live"
    )
    assert found.causes[0].cause.startswith("C18")
    with Workspace.open(tmp_path / "w.db") as workspace:
        window, market = Window(day(SINCE), day(DAYS - 1)), Segment.parse("market=ID")
        filtered = explain(workspace, "click_to_order_rate", window=window, where=market)
    assert filtered.causes[0].cause == found.causes[0].cause


def test_a_shift_of_the_mix_is_told_by_weights_not_by_a_rate_that_stayed(tmp_path: Path):
    faults = [Fault("order_rate", {"channel": "live"}, 0.4, day=0), Fault("impressions", {"channel": "live"}, 3.0)]
    found = answer(tmp_path, faults, "office move", "other", metric="click_to_order_rate")
    assert found.is_drop
    lines = answer_lines(found)
    assert lines[1].startswith("Where: more weight on channel=live (12.")
    assert lines[1].endswith("% of the change).")
    named = replace(found, causes=())
    assert answer_lines(named)[2] == "No known cause fits. Nearest event: office move (E1 on the same day)."
    moved = replace(named.events[0], event_id="2026-03-09/office move", owner="Ops", score=0.9)
    untold = list(answer_lines(replace(named, events=(moved,))))  # its list had no ids: one was made of its title
    assert untold[2:] == [
        "No known cause fits. Nearest event: office move (on the same day).",
        'Do: ask what "office move" changed there. Owner: Ops.',
    ]
    nearly = replace(named, events=(), nearest_causes=(NearestCause("C12 Influx of low-quality traffic", 0.49),))
    near = "nearest: Influx of low-quality traffic, 49%"
    assert answer_lines(nearly)[2] == f"No known cause fits well enough to be named ({near}), and no event is near."
    tied = (NearestCause("C09 Recommendation model changed", 0.48), *nearly.nearest_causes)
    both = "nearest: Recommendation model changed, 48% or Influx of low-quality traffic, 49%"
    assert both in answer_lines(replace(nearly, nearest_causes=tied))[2]
    pair = tuple(replace(found.causes[0], cause=cause.cause, score=cause.score) for cause in tied)
    either = replace(nearly, nearest_causes=tied, causes=pair)
    words = "Recommendation model changed (confidence 48%) or Influx of low-quality traffic (confidence 49%)"
    assert answer_lines(either)[2] == f"Likely cause: either {words}."
    likely = tuple(replace(pair[0], cause=name, score=score) for name, score in (("A", 0.6), ("B", 0.2), ("C", 0.1)))
    assert replace(either, nearest_causes=(), causes=likely).one_of_two == (), "what is less likely than one is no pair"
    outage = replace(pair[0], cause="C11 Outage", score=0.9, where=Segment.parse("market=TH"))
    both = replace(either, causes=(outage, *pair), segments=found.segments * 2)
    assert answer_lines(both)[2] == (
        f"Likely causes: Outage in market=TH (confidence 90%); either {words} in {pair[0].where}."
    )
    assert [line.partition(":")[0] for line in answer_lines(either)[3:]] == [
        "If it is Recommendation model changed", "If it is Influx of low-quality traffic"
    ]  # fmt: skip
    assert (either.likeliest, found.one_of_two) == (None, ())
    far = replace(nearly, nearest_causes=(NearestCause("C12 Influx of low-quality traffic", 0.29),))
    assert answer_lines(far)[2] == "No known cause fits, and no event is near."
    assert step_line(found, {}).startswith("The traffic mix changed by channel: mix effect -")
    assert step_line(replace(found, interval=(0.0, 1.0)), {}) == "", "steps of a whole that stayed are noise"
    steps = (Driver("visits", 20.0, -0.1, 9.0, 8.0), Driver("orders_per_visit", -220.0, 1.1, 0.02363, 0.04033))
    moved = step_line(replace(found, drivers=steps), {"visits": "count", "orders_per_visit": "ratio"})
    assert moved.startswith("Largest contribution: orders per visit (4.03% to 2.36%), "), "as the table of steps has it"
    against = replace(found, segments=(replace(found.segments[0], share=-7.67),))
    assert "change" not in answer_lines(against)[1]


def test_a_count_without_a_volume_says_nothing_of_the_mix(tmp_path: Path):
    change = without("impressions", "clicks", "paid_orders", "gmv")
    found = answer(
        tmp_path, [Fault("order_rate", {"market": "TH"}, 0.3)], "office move", "other", change, metric="orders"
    )
    assert found.segments[0].where == Segment.parse("market=TH")
    assert step_line(found, {}) == ""
