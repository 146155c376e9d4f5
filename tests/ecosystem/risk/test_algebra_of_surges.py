"""What lets expect how many orders, and how many bad ones: cell by cell."""

from typing import Any

import numpy as np
import pytest

from core.ecosystem.risk import traffic_and_orders as module
from core.ecosystem.risk.buyer_patterns import Purchases
from core.ecosystem.risk.lead_tests import Leads
from core.ecosystem.risk.tail_tests import scaled, unusual
from core.ecosystem.risk.traffic_and_orders import LineWeeks

WEEKS, PAST = 4, 4


def bought(seed: int, members: int = 6, markets: int = 3, weeks: int = 10) -> Purchases:
    rng = np.random.default_rng(seed)
    size = 400
    return Purchases(
        member=rng.integers(1, members, size),
        market=rng.integers(0, markets, size),
        week=rng.integers(0, weeks, size),
        buyer=np.arange(size),
        refunded=(rng.random(size) < 0.3).astype(int),
        first_week=np.zeros(size, int),
    )


def captured(monkeypatch: pytest.MonkeyPatch, name: str) -> list[tuple[Any, ...]]:
    asked: list[tuple[Any, ...]] = []

    def record(*values: Any, **named: Any) -> Leads:
        asked.append((*values, named))
        return Leads.nothing("x")

    monkeypatch.setattr(module, name, record)
    return asked


@pytest.mark.parametrize(("gap", "with_base"), [(0, False), (0, True), (1, True)])
def test_surges_are_weeks_against_the_four_before_as_others_went_since(
    gap: int, with_base: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(51 + gap)
    members, span = 12, WEEKS + PAST + 1
    sold = rng.poisson(6, (members, span)) * (rng.random((members, span)) < 0.8) * 1.0
    sold[1, 5:] = 0  # began lately
    sold[2, 1:8] = 0  # long off
    counts = np.minimum(sold, rng.poisson(4, (members, span))) if gap else sold
    base = rng.poisson(90, (members, span)) * (rng.random((members, span)) < 0.9) * 1.0 if with_base else None
    lines = LineWeeks(
        np.repeat(np.arange(members), WEEKS), np.tile(np.arange(WEEKS), members), np.arange(members * WEEKS) != 0
    )
    asked = captured(monkeypatch, "by_member")
    surged = counts + 1
    if base is not None:
        base[3, [1, 6]] = np.nan  # traffic of two weeks is missing
    variance = rng.random((members, span)) * 9 * (base != 0) if base is not None and gap else None
    more: dict[str, Any] = {"gap": gap, "surged": surged, "variance": variance}
    module._surges("kind", counts, sold, base, WEEKS, lines, lambda *of: (str(of),), **more)
    missing = np.isnan(base) if base is not None else np.zeros(counts.shape, bool)
    base = base if base is None else np.where(missing, 0, base)
    expected = []
    one = 0.0 if base is None else base.sum() / counts.sum()
    for week in range(WEEKS):
        past = [at for at in range(week + 1 + gap, week + 1 + gap + PAST) if at < span]
        for member in range(members):
            others = counts.sum(axis=0) - counts[member] + 10
            before = counts[member, past].sum() + 1
            works = [at for at in past if sold[member, at] > 0]
            since = max(others[works].sum(), 1)
            usual, doubt = before * others[week] / since if works else None, 1 / before + 1 / others[week] + 1 / since
            seen = 1 + sum(counts[member, at] for at in past if base is not None and base[member, at] > 0)
            if base is not None and base[member, week] > 0 and (works or 2 * seen >= before):
                as_base = seen * base[member, week] / (base[member, past].sum() + one)
                usual = as_base if usual is None else max(usual, as_base)
            if base is not None and variance is not None:
                doubt += variance[member, week] / max(base[member, week], 1e-9) ** 2
                doubt += variance[member, past].sum() / (base[member, past].sum() + one) ** 2
            began = sold[member, min(week + 1 + gap + PAST, span - 1) :].any()
            if began and usual is not None and sold[member, week] > 0 and not missing[member, week]:
                expected.append((member, week, surged[member, week], usual, doubt))
    member, _, count, bases, doubts = (np.array(column) for column in zip(*expected, strict=True))
    kind, who, p_value, found, usual_of, reasons, named = asked[0]
    assert (kind, who.tolist(), found.tolist()) == ("kind", member.tolist(), count.tolist())
    chance, law = unusual(count.astype(int), scaled(bases, count)[:, None], doubts)
    assert p_value == pytest.approx(chance)
    assert usual_of == pytest.approx(law)
    cells = expected[0], expected[-1]
    of_cells = [[line] if line else [] for line in (of * WEEKS + week for of, week, *_ in cells)]
    assert [np.flatnonzero(named["rows"](at)).tolist() for at in (0, -1)] == of_cells, "the first line is not meant"
    assert reasons(0)[0].startswith(f"({cells[0][0]}, {cells[0][1]}, ")


def test_surges_of_orders_are_asked_by_traffic_or_else_of_those_with_known_mates(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = captured(monkeypatch, "_surges")
    everything, known = bought(52), bought(53)
    impressions = np.arange(6 * 12.0).reshape(6, 12) - 3
    lines = LineWeeks(np.zeros(0, int), np.zeros(0, int))
    for base, surged in ((impressions, everything), (None, known)):
        module.order_surges(everything, base, 6, WEEKS, lines, known)
        kind, counts, sold, of, weeks, _, reasons, named = asked.pop()
        assert (kind, weeks, counts is sold, of is None) == ("order_surge", WEEKS, True, base is None)
        for table, source in ((counts, everything), (named["surged"], surged)):
            assert table.shape == (6, 9)
            assert all(
                table[member, week] == ((source.member == member) & (source.week == week)).sum()
                for member in range(6)
                for week in range(9)
            )
        if of is not None:
            assert of.tolist() == np.maximum(impressions[:, :9], 0).tolist()
        here = (surged.member == 2) & (surged.week == 1)
        first, second = reasons(2, 1, 3.21)
        assert (
            first
            == f"{here.sum()} purchases in one week, 1 week before the newest, where its four weeks before predict 3.2"
        )
        assert second == f"refunded: {surged.refunded[here].sum()} of them"


def test_bad_orders_follow_what_others_of_the_group_had_that_week(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = captured(monkeypatch, "_surges")
    rows = bought(54)
    module.bad_order_surges(rows, 6, WEEKS, LineWeeks(np.zeros(0, int), np.zeros(0, int)))
    kind, spoilt, sold, base, _, _, reasons, named = asked.pop()
    usual = rows.refunded.mean()
    expected, variance = np.zeros((6, 9)), np.zeros((6, 9))
    for member in range(1, 6):
        for week in range(9):
            for group in range(3):
                here = (rows.market == group) & (rows.week == week)
                mine, others = here & (rows.member == member), here & (rows.member != member)
                bad, good = rows.refunded[others].sum(), (1 - rows.refunded[others]).sum()
                part = (1 - rows.refunded[mine]).sum() * (bad + 30 * usual) / (good + 30 * (1 - usual))
                expected[member, week] += part
                variance[member, week] += part**2 / (bad + 30 * usual)
    assert base == pytest.approx(expected)
    assert named["variance"] == pytest.approx(variance)
    assert (kind, named["gap"], sold.sum(), spoilt.sum()) == (
        "bad_order_surge", 1, (rows.week < 9).sum(), rows.refunded[rows.week < 9].sum(),
    )  # fmt: skip
    here = (rows.member == 1) & (rows.week == 0)
    assert reasons(1, 0, 2.0)[0].startswith(
        f"{rows.refunded[here].sum()} of {here.sum()} purchases of one week, the newest, were"
    )


def test_impressions_sell_as_those_of_others_of_the_market_do(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = captured(monkeypatch, "unusual")
    rows = bought(55)
    rng = np.random.default_rng(55)
    impressions = rng.integers(0, 3, (6, 10)) * rng.integers(1, 50, (6, 1)) * 1.0
    impressions[2] *= 40
    impressions[5] = 0
    monkeypatch.setattr(module, "unusual", lambda count, *of: asked.append((count, *of)) or (np.ones(len(count)),) * 2)
    lines = LineWeeks(np.array([1, 2, 1]), np.zeros(3, int))
    found = module.orders_without_traffic(rows, impressions, WEEKS, lines)
    seen = impressions[:, :WEEKS].sum(axis=1)
    who = [member for member in range(6) if seen[member] > 0]
    counts = [
        sum(
            ((rows.member == member) & (rows.week == week)).sum()
            for week in range(WEEKS)
            if impressions[member, week] > 0
        )
        for member in who
    ]
    market = [int(np.bincount(rows.market[rows.member == member], minlength=1).argmax()) for member in who]
    weight = np.minimum(3 * np.median(seen[who]) / seen[who], 1)
    assert weight.min() < 1
    views, orders = weight * seen[who], weight * counts
    ((count, bases, doubt),) = asked
    assert count.tolist() == counts
    for at, of in enumerate(market):
        others = [other for other in range(len(who)) if market[other] == of and other != at]
        known = orders[others].sum() + orders.sum() / views.sum() * views.mean()
        assert bases[at, 0] == pytest.approx(known / (views[others].sum() + views.mean()) * seen[who[at]])
        assert doubt[at] == pytest.approx(1 / known)
    assert found.rows is not None
    assert found.rows(who.index(1)).tolist() == [True, False, True]
    nobody = module.orders_without_traffic(rows, np.zeros((6, 10)), WEEKS, lines)
    assert len(nobody.member) == 0


def test_who_had_begun_sold_together_before_the_four_weeks_before() -> None:
    rng = np.random.default_rng(56)
    member, mate, week = rng.integers(0, 5, 60), rng.integers(0, 6, 60), rng.integers(0, 13, 60)
    found = module.had_begun(member, mate, week)
    assert week.max() == 12
    for at in range(60):
        oldest = week[(member == member[at]) & (mate == mate[at])].max()
        assert found[at] == (oldest > week[at] + 4 or oldest >= 11)
    assert set(found.tolist()) == {True, False}
