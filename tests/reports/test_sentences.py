"""The sentences that people act on, about results whose figures are counted by hand."""

import re
from types import SimpleNamespace
from typing import Any

import pytest

from core.base.baseline import Baseline
from core.base.days import Window, parse_day
from core.base.segment import EVERYTHING, Segment
from core.catalogue.metric_tree.metric_loader import load
from core.channels.channel_results import ChannelChange, Channels, StepFigures, Strategy, TrafficMove
from core.detection.findings import Finding, Onset
from core.ecosystem.results.health_results import Health
from core.ecosystem.risk import shared_buyers
from core.explanation.explanation_results import CauseMatch, Driver, EventMatch, Explanation, SegmentShare
from core.indexes.index_results import IndexValue
from core.matching.match_results import Matches
from core.reports.case_narrative import _harm
from core.reports.channel_narrative import channel_summary, mostly, move_lines, strategy_lines
from core.reports.documents.health.health_claims import _LOOKED_AT, lead_section
from core.reports.finding_narrative import cost_words, what_words
from core.reports.index_narrative import drop_lines
from core.reports.table import Cell, Column, Row, Table
from core.reports.tables.answer import answer_lines
from core.reports.tables.channel_tables import channel_table, funnel_table
from core.reports.tables.match_tables import cost_lines
from core.reports.verification_narrative import plan_lines, verification_lines
from core.reports.voice_narrative import theme_lines, theme_summary, voice_summary
from core.verification.case_results import Case, ExpectedEffect
from core.verification.verification_results import Control, Placebo, Verification, VerificationPlan
from core.views.funnel_view import Funnel
from core.views.step_tree import step_tree
from core.voice.voice_results import Theme, ThemeSegment, Voice
from tests.conftest import ROOT
from tests.reports.made_up import LAST, Maker

WEEK = Window(LAST - 6, LAST)
TH, LIVE = Segment.parse("market=TH"), Segment.parse("market=ID,channel=live")
MAKER = Maker(0)


def explanation(**fields: Any) -> Explanation:
    """A week's GMV of 34,000 USD of 40,000: TH sold 11,700 of 18,000 and live in ID 10,300 of 10,000."""
    outage = MAKER.make(
        CauseMatch, cause="C11 Payment provider outage", score=0.82, action="Fail over.", owner="Payments", where=TH
    )
    parts = tuple(
        MAKER.make(SegmentShare, where=where, actual=actual, expected=expected, change=actual - expected,
                   share=(actual - expected) / -6_000, p_value=0.001)
        for where, actual, expected in ((TH, 11_700.0, 18_000.0), (LIVE, 10_300.0, 10_000.0))
    )  # fmt: skip
    story: dict[str, Any] = {
        "metric": "gmv", "unit": "money", "where": EVERYTHING, "window": WEEK, "actual": 34_000.0, "expected": 40_000.0,
        "baseline": Baseline("expected", WEEK.shifted(-28)), "change": -6_000.0, "interval": (38_000.0, 42_000.0),
        "is_drop": True, "onset": Onset(LAST - 5, "step"), "data_quality": (), "data_doubt": "", "causes_skipped": "",
        "segments": parts, "causes": (outage,), "events": (), "ruled_out": (), "mix": (), "drivers": (),
    }  # fmt: skip
    return MAKER.make(Explanation, **story | fields)


def test_an_answer_says_what_where_why_and_what_to_do() -> None:
    finding = SimpleNamespace(severity="critical", impact=6_000.0, impact_unit="money")
    what, where, why, todo, *_ = answer_lines(explanation(), finding, "USD")
    assert what == "▼ Critical: GMV fell from 40.0k to 34.0k USD since 10 Mar."
    # of the 6,000 that are gone TH lost 6,300: 105 %; live in ID sold more, which is no share of a loss
    assert where == (
        "Cost: 6,000 USD of GMV. Where: market=TH (18.0k to 11.7k USD, 105% of the change), "
        "channel=live,market=ID (10.0k to 10.3k USD)."
    )
    assert why.startswith("Likely cause: Payment provider outage")
    assert "(confidence 82%)" in why
    assert todo == "Do: Fail over. Owner: Payments."


def test_an_answer_names_the_days_that_it_compares_and_what_is_usual() -> None:
    previous = Baseline("previous", WEEK.shifted(-7))
    first = answer_lines(explanation(baseline=previous))[0]
    assert first == "▼ Got worse: GMV fell from 40.0k to 34.0k (9-15 Mar 2026 versus 2-8 Mar 2026)."
    first = answer_lines(explanation(onset=Onset(LAST - 12, "ramp")))[0]
    assert first == "▼ Got worse: GMV fell from 40.0k to 34.0k gradually since 3 Mar."
    calm = explanation(is_drop=False, interval=(33_000.0, 42_000.0), segments=(), causes=())
    assert answer_lines(calm, currency="USD") == (
        "Within the expected range: GMV came to 34.0k USD on 9-15 Mar 2026 (95% range 33.0k to 42.0k).",
        "Nothing to explain and nothing to do.",
    )


def test_an_answer_without_a_cause_names_the_nearest_event_or_that_there_is_none() -> None:
    lone: dict[str, Any] = {"causes": (), "others": (), "nearest_causes": ()}
    assert answer_lines(explanation(**lone))[2] == "No known cause fits, and no event is near."
    unasked = answer_lines(explanation(**lone, causes_skipped="it is too small"))[2]
    assert unasked == "No event is near. It is too small."
    near = MAKER.make(EventMatch, event_id="E1", title="New checkout", score=0.3)
    assert ". Nearest event: New checkout (E1" in answer_lines(explanation(**lone, events=(near,)))[2]


def test_a_rate_that_fell_in_a_segment_is_no_shift_of_the_mix() -> None:
    """Of 1,000 orders 920 were paid and 690 are: in TH 90 % of 400 and now 32.5 %, all others pay as before."""
    fell = MAKER.make(SegmentShare, where=TH, actual=0.325, expected=0.9, change=-0.23, share=1.0, p_value=0.001)
    rate = explanation(metric="payment_rate", unit="ratio", actual=0.69, expected=0.92, change=-0.23, segments=(fell,))
    assert answer_lines(rate)[1] == "Where: market=TH (90.0% to 32.5%, 100% of the change)."


def test_a_dozen_indexes_are_named_and_the_others_counted() -> None:
    drops = [MAKER.make(IndexValue) for _ in range(13)]
    assert len(drop_lines(drops[:12])) == 12
    assert drop_lines(drops)[12:] == ("and 1 more index",)


def test_a_setting_that_cost_nothing_is_not_said_to() -> None:
    result = MAKER.make(Matches, gated=2, gate_price=0.0, floor_price=0.0, damping_price=5.0)
    assert cost_lines(result, "USD") == (
        "The quality limit excluded 2 matches, at a cost of no expected GMV.",
        "Preferring products that few creators sell costs 5 USD of expected GMV.",
    )


def test_a_finding_says_how_far_and_at_what_cost() -> None:
    """Of 1,000 orders 460 are paid instead of 920; 540 orders come late where 100 are usual."""
    drop = Maker(0, kind=lambda _: "drop")
    paid = drop.make(
        Finding, metric="payment_rate", actual=0.46, expected=0.92, change=-0.46, change_pct=-0.5,
        impact=5_750.0, impact_unit="money",
    )  # fmt: skip
    assert what_words(paid, "ratio", "USD") == "payment rate fell from 92.0% to 46.0%"
    assert cost_words(paid, "USD") == "5,750 USD"
    late = drop.make(
        Finding, metric="late_deliveries", actual=540.0, expected=100.0, change=440.0, change_pct=4.4,
        impact=440.0, impact_unit="count",
    )  # fmt: skip
    assert what_words(late, "count", "USD") == "late deliveries rose from 100 to 540"
    assert cost_words(late, "USD") == "440 more"


def test_channels_say_what_changed_gmv() -> None:
    """1,000 USD less of 10,000: 95.69 for lack of traffic, 304.31 for a worse mix, 600 for lower rates."""
    move = TrafficMove(
        share=0.02, source="live", target="search", effect=150.0, interval=(-40.0, 340.0),
        elasticities={"live": 0.8, "search": 1.25},
    )  # fmt: skip
    result = MAKER.make(
        Channels, window=WEEK, where=EVERYTHING, actual=9_000.0, expected=10_000.0, change=-1_000.0,
        volume=-95.69, mix=-304.31, rate=-600.0, move=move,
    )  # fmt: skip
    assert channel_summary(result, "USD") == (
        "GMV was 9,000 USD on 9-15 Mar 2026, -1,000 USD (-10.0%) versus the baseline: "
        "traffic volume -96, traffic mix -304, rates -600."
    )
    assert list(move_lines(move, "USD")) == [
        "Moving 2.0% of the traffic from live to search would change GMV by +150 USD in as many days "
        "(80% interval -40 to +340).",
        "Elasticity of GMV to traffic: live 0.80, search 1.25.",
    ]


def test_amounts_of_one_column_are_equally_exact() -> None:
    channels = tuple(
        MAKER.make(ChannelChange, channel=name, funnel={"gmv": StepFigures(gmv, gmv)}, rates={"payment_rate": -22.66})
        for name, gmv in (("live", 11_900.0), ("paid_ads", 68.53))
    )
    result = MAKER.make(Channels, channels=channels, steps=("gmv",))
    table = funnel_table(Funnel(result=result, incomplete=frozenset(), currency="USD"))
    assert [row.cells[1].text for row in table.rows] == ["11.9k 0%", "69 0%"]
    assert mostly(channels[1], largest=11_900.0) == "payment rate -23"


def test_a_change_beyond_the_usual_range_has_a_colour_however_small() -> None:
    rows = tuple(
        MAKER.make(ChannelChange, channel=name, change=change, interval=interval)
        for name, change, interval in (
            ("up", 0.5, (0.1, 0.9)), ("down", -0.5, (-0.9, -0.1)), ("usual", -0.5, (-1.0, 0.2)), ("still", 0.0, None),
        )
    )  # fmt: skip
    table = channel_table(MAKER.make(Channels, channels=rows, actual=100.0), "USD")
    tones = {row.key: row.cells[3].style for row in table.rows[:-1]}
    assert tones == {"up": "good", "down": "bad", "usual": "", "still": ""}


def test_groups_are_compared_in_a_currency_where_one_is_known() -> None:
    compared = Strategy(by=("market",), groups=(), channels=(), reversals=())
    for currency, words in (("", "GMV per"), ("EUR", "GMV in EUR per")):
        assert list(strategy_lines(compared, "impressions", currency)) == [
            f"At equal traffic mix, {words} 1,000 impressions by market:"
        ]


def test_complaints_say_what_they_cost_and_whose_they_are() -> None:
    """50 of 2,000 orders came late, 20 of the 200 of TH and 30 of the 1,800 others."""
    late = MAKER.make(
        Theme, name="Late or missing delivery", orders=50, share=0.025, change=0.01, rose=True, p_value=0.0004,
        money_lost=600.0, interval=(450.0, 750.0), owner="logistics", words=("late", "never came"), quotes=("Still waiting",),
        segments=(MAKER.make(ThemeSegment, where=TH, share=20 / 200, elsewhere=30 / 1_800),),
    )  # fmt: skip
    result = MAKER.make(Voice, window=WEEK, where=EVERYTHING, themes=(late,))
    assert voice_summary(result, "USD") == (
        "Late or missing delivery costs the most on 9-15 Mar 2026: 50 orders and 600 USD (95% range 450 to 750). "
        "More frequent than before: late or missing delivery."
    )
    assert list(theme_summary(late, "USD")) == [
        "Late or missing delivery: 50 orders, 2.50% of all, a significant increase (p < 0.001).",
        "Refunded, or ordered and cancelled: 600 USD (95% range 450 to 750).",
        "Owner: logistics.",
    ]
    assert list(theme_lines(late)) == [
        "Where: market=TH, 10.0% of its order lines versus 1.67% elsewhere",
        "Words: late, never came",
        "“Still waiting”",
    ]


def test_a_verdict_says_the_effect_and_what_it_rests_on() -> None:
    """110 orders a day where 100 would have come; two controls weigh 3 to 1; a tenth of 20 runs."""
    result = MAKER.make(
        Verification, metric="orders", unit="count", is_ratio=False, where=TH, window=WEEK, actual=110.0, counterfactual=100.0,
        effect=10.0, effect_pct=0.1, interval=(4.0, 16.0), p_value=0.002, verdict="improved", smallest_detectable=7.0,
        controls=(Control(Segment.parse("market=ID"), 0.75), Control(Segment.parse("market=VN"), 0.25)), dropped=(),
        placebo=Placebo(19, 2), second_opinions=(), notes=(),
    )  # fmt: skip
    assert verification_lines(result, "USD") == (
        "Improved: orders in market=TH changed by +10 on an average day (+10.0%) on 9-15 Mar 2026, more than chance explains.",
        "Actual 110 on an average day versus 100 expected without the change; 95% interval of the effect +4 to +16, "
        "p = 0.002. Effects of 7 or more would be detected.",
        "Controls and their weights (2 unchanged segments): market=ID 75%, market=VN 25%.",
        "Placebo runs: the effect ranks 2 of 20 by size.",
    )
    plan = VerificationPlan(
        metric="orders", unit="count", is_ratio=False, where=TH, days=14, window=Window(LAST + 1, LAST + 14),
        judge_on=parse_day("2026-03-31"), smallest_detectable=5.0, smallest_detectable_pct=0.05, controls=result.controls,
    )  # fmt: skip
    assert plan_lines(plan, "USD") == (
        "In 14 days, an effect of +5 on an average day (+5.0%) or more on orders in market=TH would be detected four "
        "times out of five.",
        "Judge it on 31 Mar 2026, when 16-29 Mar 2026 is complete.",
        "Controls: market=ID, market=VN.",
    )


def test_a_folded_branch_hides_what_is_below_it_and_nothing_else() -> None:
    tree = (("a", ""), ("a1", "a"), ("a11", "a1"), ("b", ""), ("b1", "b"))
    table = Table(
        "tree", (Column("name", "name", ""),), tuple(Row(key, (Cell(key),), parent=parent) for key, parent in tree)
    )
    assert [row.key for row in table.shown("", {"a"}, "", False)] == ["a", "b", "b1"]
    assert [row.key for row in table.shown("", (), "", False)] == [key for key, _ in tree]


@pytest.mark.parametrize(
    ("definition", "low", "high", "harms"),
    [
        ("refund_rate (ratio), down is good", 0.05, 0.10, True),
        ("refund_rate (ratio), down is good", -0.10, -0.05, False),
        ("gmv (money), up is good", -0.10, -0.05, True),
        ("gmv (money), up is good", 0.05, 0.10, False),
        ("gmv (money), up is good", -0.05, 0.0, False),
        ("gmv (money), down is good", 0.0, 0.05, False),
    ],
)
def test_a_promise_of_the_wrong_direction_is_said_to_do_harm(
    definition: str, low: float, high: float, harms: bool
) -> None:
    case = MAKER.make(Case, metric="gmv", definition=definition, expected=ExpectedEffect(low, high))
    assert _harm(case) == (", which would make GMV worse" if harms else "")


def test_a_step_has_the_share_of_the_steps_below_it() -> None:
    """1,000 impressions, 10 % of them clicked, half of those ordered, 80 % paid, at 5 USD: 200 USD. Each step lost a part."""
    parts = {
        "impressions": -10.0,
        "ctr": -20.0,
        "click_to_order_rate": -30.0,
        "payment_rate": -40.0,
        "average_order_value": 0.0,
    }
    values = {
        "impressions": 1_000.0,
        "ctr": 0.1,
        "click_to_order_rate": 0.5,
        "payment_rate": 0.8,
        "average_order_value": 5.0,
    }
    drivers = tuple(Driver(key, lost, lost / -100, values[key], values[key]) for key, lost in parts.items())
    root = step_tree(load(), explanation(actual=200.0, expected=300.0, drivers=drivers)).root
    assert (root.metric, root.actual, root.expected, root.contribution) == ("gmv", 200.0, 300.0, -100.0)
    paid = next(step for step in root.children if step.metric == "paid_orders")
    assert (paid.actual, paid.contribution, paid.share) == (pytest.approx(40), -100.0, pytest.approx(1))
    clicks = next(step for step in paid.children[0].children if step.metric == "clicks")
    assert (clicks.actual, clicks.contribution, clicks.share) == (pytest.approx(100), -30.0, pytest.approx(0.3))


def test_where_there_are_no_leads_the_matters_that_were_tested_are_named() -> None:
    def line(*kinds: str) -> str:
        return lead_section(MAKER.make(Health, risk=(), risk_tests=1_200, risk_kinds=kinds)).lines[0]

    assert line("refund_ring") == "No leads in 1,200 tests of refunds."
    assert line("many_accounts", "few_buyers", "order_burst") == "No leads in 1,200 tests of buyers and accounts."
    assert line() == "No leads were looked for: that takes buyers or reviews."
    code = "".join(path.read_text("utf-8") for path in (ROOT / "core/ecosystem/risk").rglob("*.py"))
    kinds = re.findall(r'(?:by_member|_surges|hourly_bursts|nothing)\(\s*"(\w+)"|Leads\(\s*kind="(\w+)"', code)
    assert {one or other for one, other in kinds} | shared_buyers._WORDS.keys() == _LOOKED_AT.keys()
