"""From order lines to cases, scorecards and other rules: what counts for whom, counted line by line on a few hundred lines."""

from dataclasses import replace
from functools import cache
from typing import Any, cast

import numpy as np
import pytest

from core.catalogue.rating_rules import RatingRules, packaged
from core.ratings.cases import case_counts, case_outcomes, evidence_weights, order_facts
from core.ratings.cases.accounts import Accounts
from core.ratings.cases.case_matrix import CaseMatrix, card_keys, case_matrix
from core.ratings.cases.case_outcomes import Cases, Violations
from core.ratings.cases.case_streams import Stream
from core.ratings.rate import inputs, judge, known_by
from core.ratings.rating_table import RatingTable
from core.ratings.scoring.ranking import ended, newcomers, sold
from core.workspace.read.rating_rows import FOREVER, NEVER, RoleRow
from tests.ratings.cases.test_algebra_of_evidence import accounts

RULES = packaged()
REASONS = list(RULES.reasons)
ROLES = ("affiliate", "creator")
DAY = 400
LINES = 1200


def orders(**columns: list[int]) -> dict[str, np.ndarray]:
    """Columns of order lines; what is not given did not happen."""
    size = len(next(iter(columns.values())))
    names = (
        "day",
        "paid",
        "cancelled",
        "cancelled_by",
        "refunded",
        "refund_reason",
        "delivered",
        "due",
        "sent_late",
        "buyer",
        "purchase",
        "id",
        "source",
        "market",
        "category",
    )
    return {name: np.array(columns.get(name, [0] * size)) for name in names}


def reports(rows: dict[str, np.ndarray], complete_until: int = DAY) -> order_facts._Reports:
    """What the sources of these lines tell; lines until the day `ripe` have had the time to arrive."""
    return order_facts._Reports(rows, complete_until)


def test_a_line_is_judged_since_its_delivery_or_since_it_is_lost() -> None:
    rows = orders(day=[10, 20, 30, 40], delivered=[15, 0, 0, 0], refunded=[0, 80, 25, 90], cancelled=[0, 0, 0, 41])
    assert order_facts._base(reports(rows), 28).tolist() == [15, 52, 30, 0]
    plain = orders(day=[10, 20, 30], paid=[1, 0, 1], cancelled=[0, 0, 31])
    assert order_facts._base(reports(plain), 28).tolist() == [10, 0, 0]
    assert order_facts._base(reports(orders(day=[10, 20], cancelled=[0, 21])), 28).tolist() == [10, 0], (
        "nobody's payment is told"
    )
    two = orders(day=[10, 20, 30, 40], delivered=[15, 0, 0, 0], refunded=[0, 0, 0, 45], source=[1, 1, 2, 2])
    assert order_facts._base(reports(two), 28).tolist() == [15, 0, 30, 40], "the second source tells of no delivery"


@pytest.mark.parametrize("name", ["market", "category"])
def test_a_market_or_category_of_which_no_delivery_is_told_is_judged_since_the_order(name: str) -> None:
    """Goods arrive after five days, downloads never do; of 12 downloads ten or more are to be expected once they are ripe."""
    groups = {name: [1] * 60 + [2] * 12}
    arrived = [0] * 6 + [15] * 54 + [0] * 12
    rows = orders(day=[10] * 72, delivered=arrived, **groups)
    assert order_facts._base(reports(rows), 28).tolist() == [0] * 6 + [15] * 54 + [0] * 12, "nine are to be expected"
    rows = orders(day=[10] * 84, delivered=[*arrived, *[0] * 12], **{name: groups[name] + [2] * 12})
    assert order_facts._base(reports(rows), 28).tolist() == [0] * 6 + [15] * 54 + [10] * 24
    assert order_facts._base(reports(rows, complete_until=9), 28).tolist() == [0] * 6 + [15] * 54 + [0] * 24, (
        "all are on their way"
    )
    rows["delivered"][-1] = 15
    assert order_facts._base(reports(rows), 28).tolist() == [0] * 6 + [15] * 54 + [0] * 23 + [15], "one in twenty"


@pytest.mark.parametrize("name", ["source", "market", "category"])
def test_where_no_refund_is_told_none_is_said_to_be_spared(name: str) -> None:
    """A tenth of 200 orders is refunded, of 300 others nothing is told; of 8 more nothing is to be expected yet."""
    rows = orders(day=[5] * 508, refunded=([9] + [0] * 9) * 20 + [0] * 308, **{name: [1] * 200 + [2] * 300 + [3] * 8})
    assert reports(rows).cover_refunds().tolist() == [True] * 200 + [False] * 300 + [True] * 8


def test_orders_without_told_refunds_count_for_no_component() -> None:
    cases, violations, roles = lines()
    silent = replace(cases, refundable=cases.market == 1)
    frame = case_matrix(
        silent,
        roles,
        violations,
        violations.who % 2,
        crowd(),
        ROLES,
        np.zeros(0, int),
        RULES,
        frozenset(RULES.components),
    )
    counted = case_counts.count(frame, DAY)
    of_deliveries = [entry.of == "deliveries" for entry in frame.components]
    market = frame.cards.market[frame.cell_card]
    assert (counted.n[of_deliveries][:, market == 2] == 0).all()
    whole = case_counts.count(framed(), DAY)
    assert counted.n[of_deliveries][:, market == 1].sum() == pytest.approx(whole.n[of_deliveries].sum() / 2, rel=0.1)
    assert sum(len(entry.start) for entry in frame.streams if entry.of == "deliveries") == len(
        stream("deliveries").start
    )


def test_orders_of_a_category_without_deadlines_are_kept_where_it_is_told_who_cancels() -> None:
    """Nobody sends a cleaner: of 100 orders of goods and 100 of services a tenth is cancelled by the seller."""
    cancelled = ([9] + [0] * 9) * 20
    rows = orders(
        day=[5] * 200, due=[7] * 100 + [0] * 100, category=[1] * 100 + [2] * 100,
        cancelled=cancelled, cancelled_by=[3 * (day > 0) for day in cancelled],
    )  # fmt: skip
    due, reason = order_facts._dispatches(reports(rows), 3, RULES, DAY)
    assert ((due > 0).sum(), (reason >= 0).sum()) == (200, 20)


def test_the_first_review_of_an_order_counts_and_of_a_day_the_worst() -> None:
    reviews = {
        "order_line": np.array([7, 7, 5, 5, 9, 7]),
        "rating": np.array([4, 1, 5, 2, 3, 5]),
        "day": np.array([8, 9, 3, 3, 1, 7]),
    }
    stars, reviewed = order_facts._first_reviews({"id": np.array([5, 6, 7])}, reviews)
    assert (stars.tolist(), reviewed.tolist()) == ([2, 0, 5], [3, 0, 7])


def test_a_fault_is_that_of_the_refund_else_of_the_review_and_known_with_the_first_of_them() -> None:
    product, review = REASONS.index("product"), REASONS.index("review")
    reasons = np.array([-1, product])
    rows = orders(refunded=[50, 50, 0, 50, 0], refund_reason=[1, 0, 1, 1, 0])
    fault, known = order_facts._faults(rows, np.array([1, 2, 2, 5, 3]), np.array([40, 60, 44, 9, 9]), reasons, RULES)
    assert fault.tolist() == [product, review, review, product, -1]
    assert known.tolist() == [40, 60, 44, 50, 0]


def test_a_dispatch_is_due_when_its_day_is_over_or_the_seller_cancels() -> None:
    rows = orders(
        due=[10, 10, 0, 10, 10, 20], cancelled=[0, 12, 0, 13, 0, 0], cancelled_by=[0, 3, 0, 1, 0, 0],
        sent_late=[1, 1, 0, 1, 0, 1],
    )  # fmt: skip
    due, reason = order_facts._dispatches(reports(rows), 3, RULES, 20)
    assert due.tolist() == [11, 12, 0, 0, 11, 21]
    assert [REASONS[at] if at >= 0 else "" for at in reason] == ["dispatch", "cancellation", "", "", "", ""]


def test_orders_that_go_through_are_kept_where_no_deadline_is_reports() -> None:
    """The first source tells of payments and who cancels, the second of deadlines too, the third of neither; the fourth will
    tell who cancels, but has not yet."""
    rows = orders(
        day=[5, 6, 7, 8, 5, 6, 5, 5], paid=[5, 6, 0, 8, 0, 0, 0, 0], due=[0, 0, 0, 0, 10, 0, 0, 0],
        cancelled=[0, 9, 0, 9, 0, 0, 0, 0], cancelled_by=[0, 3, 0, 1, 0, 1, 0, 3], source=[1, 1, 1, 1, 2, 2, 3, 4],
    )  # fmt: skip
    due, reason = order_facts._dispatches(reports(rows), 3, RULES, 20)
    assert due.tolist() == [5, 9, 0, 0, 11, 0, 0, 0]
    assert [REASONS[at] if at >= 0 else "" for at in reason] == ["", "cancellation", "", "", "", "", "", ""]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("Defective item", "product"),
        ("wrong_size", "content"),
        ("Changed my mind", None),
        ("arrived-late", "carrier"),
        ("no idea", "unexplained"),
        ("", "unexplained"),
        ("late, but defective", "carrier"),
        ("unfit", "unexplained"),
        ("rude seller", "service"),
    ],
)
def test_what_a_refund_reason_means(words: str, reason: str | None) -> None:
    (code,) = order_facts.reason_codes([words], RULES)
    assert (None if code < 0 else REASONS[code]) == reason


def test_an_order_of_an_unknown_buyer_is_of_a_buyer_of_its_own() -> None:
    rows = orders(buyer=[4, 0, 0, 4, 0], purchase=[1, 2, 2, 3, 5])
    buyers = evidence_weights._buyers(rows)
    assert buyers[0] == buyers[3] == 4
    assert buyers[1] == buyers[2] != buyers[4]
    assert min(buyers[1], buyers[4]) > 4


@cache
def lines(seed: int = 1) -> tuple[Cases, Violations, np.ndarray]:
    """Lines of twelve accounts in two markets and categories; two of ten went wrong, more of the higher numbers."""
    rng = np.random.default_rng(seed)
    who = rng.integers(0, 13, LINES)
    day = rng.integers(1, DAY + 1, LINES)
    base = np.where(rng.random(LINES) < 0.9, day + rng.integers(0, 5, LINES), 0)
    wrong = rng.random(LINES) < 0.05 + 0.02 * who
    fault = np.where(
        wrong,
        rng.choice([REASONS.index(name) for name in ("product", "content", "service", "carrier", "review")], LINES),
        -1,
    )
    known = np.where(wrong, base + rng.integers(-2, 40, LINES), 0)
    stars = np.where(
        fault == REASONS.index("review"),
        rng.integers(1, 3, LINES),
        rng.choice([0, 3, 4, 5], LINES, p=[0.5, 0.1, 0.1, 0.3]),
    )
    due = np.where(rng.random(LINES) < 0.5, day + 2, 0)
    dispatch = np.where((due > 0) & (rng.random(LINES) < 0.1), REASONS.index("dispatch"), -1)
    cases = Cases(
        id=np.arange(LINES),
        day=day,
        seller=np.ones(LINES, int),
        who=who,
        market=1 + who % 2,
        category=rng.integers(0, 2, LINES),
        channel=np.zeros(LINES, int),
        content=np.zeros(LINES, int),
        product=np.ones(LINES, int),
        base=base,
        refundable=np.ones(LINES, bool),
        late=rng.random(LINES) < 0.1,
        fault=fault,
        known=known,
        stars=stars,
        reviewed=np.where(stars > 0, day + 9, 0),
        due=due,
        dispatch=dispatch,
        gmv=rng.integers(100, 9000, LINES),
        delivery_weight=rng.integers(4, 9, LINES) / 8,
        dispatch_weight=(4 + np.arange(LINES) % 5) / 8,
        review_weight=(4 + np.arange(LINES) % 4) / 8,
    )
    size = 30
    offender = rng.integers(1, 13, size)
    violations = Violations(
        day=rng.integers(1, DAY, size),
        who=offender,
        market=np.where(np.arange(size) % 3 == 0, 0, 1 + offender % 2),
        category=np.zeros(size, int),
        channel=np.zeros(size, int),
        content=np.zeros(size, int),
        points=rng.integers(1, 5, size).astype(float),
        overturned=np.where(np.arange(size) % 5 == 0, DAY - 3, 0),
    )
    return cases, violations, who % 2


PERSONS = ("P1", "P2", "P1", *(f"P{at}" for at in range(4, 13)))


def crowd() -> Accounts:
    plain = accounts(PERSONS, (RoleRow("c1", "affiliate", 0, 300),))
    return replace(plain, categories=replace(plain.categories, words=("", "beauty")))


def framed(rules: RatingRules = RULES) -> CaseMatrix:
    cases, violations, roles = lines()
    known = frozenset(rules.components)
    idle = card_keys(np.array([5]), np.array([0]), np.array([0]), len(ROLES), 3)
    return case_matrix(cases, roles, violations, violations.who % 2, crowd(), ROLES, idle, rules, known)


@cache
def table(rules: RatingRules = RULES, day: int = DAY) -> RatingTable:
    cases, violations, _ = lines()
    return judge(inputs(day, crowd(), cases, violations, framed(rules)))


def stream(of: str, late: bool = False) -> Stream:
    return next(entry for entry in framed().streams if entry.of == of and entry.came_late == late)


def test_which_lines_each_kind_of_case_is_made_of() -> None:
    cases, _, roles = lines()
    rated = cases.who > 0
    review = REASONS.index("review")
    controls = np.array([[reason in RULES.role(role).controls for reason in REASONS] for role in ROLES])
    own, sent_late = ((reason >= 0) & controls[roles, reason] for reason in (cases.fault, cases.dispatch))
    foreign = (cases.fault >= 0) & ~own
    # what went wrong with its review or dispatch is no good order
    delivered = rated & (cases.base > 0) & ~cases.late & ~foreign & (cases.fault != review)
    delivered &= own | ~sent_late
    assert sorted(stream("deliveries").start) == sorted(cases.base[delivered])
    due = rated & (cases.due > 0) & np.where(cases.dispatch >= 0, sent_late, ~own)
    assert sorted(stream("dispatches").start) == sorted(cases.due[due])
    assert ((stream("orders").weight > 0) == ~(own | sent_late)[rated]).all(), "what went wrong dilutes no violations"
    for late in (False, True):
        reviewed = (
            rated
            & (cases.stars > 0)
            & (cases.base > 0)
            & ((cases.fault < 0) | (own & (cases.stars <= 2)))
            & (cases.late == late)
        )
        assert sorted(stream("reviews", late).start) == sorted(np.maximum(cases.reviewed, cases.base)[reviewed])
        number = sum(len(bad.row) for bad in stream("reviews", late).bads)
        assert number == (reviewed if late else reviewed & (cases.stars < 5)).sum()


def test_bad_cases_are_those_of_each_component_known_in_time() -> None:
    cases, _, _ = lines()
    deliveries = stream("deliveries")
    frame = framed()
    for bad in deliveries.bads:
        component = frame.components[bad.component]
        expected = [
            row
            for row in range(LINES)
            if cases.who[row] > 0
            and cases.base[row] > 0
            and not cases.late[row]
            and cases.fault[row] >= 0
            and REASONS[cases.fault[row]] in component.bad
            and REASONS[cases.fault[row]] in RULES.role(ROLES[cases.who[row] % 2]).controls
            and max(cases.known[row], cases.base[row]) - cases.base[row] <= RULES.mature_after_days
        ]
        assert sorted(bad.row) == expected
        assert (bad.known >= bad.start).all()
        assert bad.amount.tolist() == cases.delivery_weight[bad.row].tolist()


def test_violations_weigh_by_points_and_count_in_the_largest_cell_of_their_card() -> None:
    _, violations, _ = lines()
    (bad,) = stream("orders").bads
    stands = violations.overturned == 0
    assert bad.amount == pytest.approx(violations.points / violations.points[stands].mean(), abs=1e-5)
    assert bad.spread == pytest.approx((bad.amount[stands] ** 2).sum() / bad.amount[stands].sum(), abs=1e-5)
    assert bad.gone.tolist() == [day if day else FOREVER for day in violations.overturned]
    frame = framed()
    assert frame.cards.who[frame.cell_card[bad.cell]].tolist() == violations.who.tolist()
    times = np.bincount(stream("orders").cell, minlength=len(frame.cell_card))
    for cell in bad.cell:
        assert times[cell] == times[frame.cell_card == frame.cell_card[cell]].max()


def test_violations_that_are_all_overturned_leave_scores_as_finite_as_before() -> None:
    cases, violations, roles = lines()
    gone = replace(violations, overturned=np.full(len(violations.day), DAY - 3))
    idle = np.zeros(0, int)
    frame = case_matrix(cases, roles, gone, gone.who % 2, crowd(), ROLES, idle, RULES, frozenset(RULES.components))
    (bad,) = next(entry for entry in frame.streams if entry.of == "orders").bads
    assert bad.spread == 1
    assert np.isfinite(judge(inputs(DAY, crowd(), cases, gone, frame), with_grades=False).score).all()


def test_what_was_sold_by_card_and_who_is_new() -> None:
    cases, violations, roles = lines()
    frame = framed()
    number, gmv, first = sold(cases, frame, DAY)
    for card in range(frame.cards.size):
        mine = (
            (cases.who == frame.cards.who[card])
            & (cases.market == frame.cards.market[card])
            & (roles == frame.cards.role[card])
        )
        assert number[card] == mine.sum()
        assert gmv[card] == pytest.approx(cases.gmv[mine & (cases.day > DAY - 28)].sum() / 100)
        assert first[card] == (cases.day[mine].min() if mine.any() else 0)
    joined_on = np.full(13, NEVER)
    joined_on[[2, 3, 4]] = [DAY - 89, DAY - 90, DAY - 500]
    late = np.where(frame.cards.who == 6, DAY - 10, first)
    new = newcomers(replace(crowd(), joined=joined_on), frame, late, DAY)
    assert {int(who) for who in frame.cards.who[new]} == {2, 6}
    last = ended(crowd(), frame, DAY)
    assert set(last[(frame.cards.who == 1) & (frame.cards.role == 0)]) <= {300}
    assert set(last[frame.cards.who != 1]) == {NEVER}
    known = known_by(
        replace(crowd(), listed=np.arange(13) == 7, joined=np.where(np.arange(13) == 7, DAY + 1, NEVER)),
        cases,
        violations,
        1,
    )
    assert known.tolist() == [at in set(cases.who[cases.day <= 1]) | set(violations.who) for at in range(13)]


@pytest.mark.parametrize(("loaded", "reported"), [
    ((), ()), (("refunded_at",), ("product",)), (("refund_amount",), ("product",)), (("refund_reason",), ()),
    (("refund_amount", "refund_reason"), ("content", "product", "service")), (("ship_by",), ("fulfilment",)),
    (("cancelled_by",), ("fulfilment",)), (("violations",), ("compliance",)), (("reviews",), ("reviews",)),
])  # fmt: skip
def test_components_are_those_that_loaded_columns_can_show(
    loaded: tuple[str, ...], reported: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    columns = {(name, "") if name in {"violations", "reviews"} else ("orders", name) for name in loaded}
    monkeypatch.setattr(case_outcomes.rating_rows, "columns_loaded", lambda _: columns)
    assert sorted(case_outcomes.reported_components(cast(Any, None), RULES)) == list(reported)
