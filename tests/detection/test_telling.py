"""Which of many series that show one drop is told, and how grave it is."""

from dataclasses import replace

import pytest

from core.base.days import Window
from core.base.segment import EVERYTHING, Segment
from core.catalogue.metric_tree.metric_loader import load
from core.detection.drop_merging import Drop, _is_the_fall, _shares, crossing, nested
from core.detection.finding_dedup import dedup_findings
from core.detection.findings import Finding
from core.detection.severity import Cost, severity

CATALOGUE = load()
LIVE = Segment.of({"channel": "live"})
ID = Segment.of({"market": "ID"})


@pytest.mark.parametrize(
    ("share", "depth", "p", "grave"),
    [
        (0.2, 0.5, 1e-9, "critical"), (0.1, 0.05, 1e-9, "critical"), (0.09, 0.5, 1e-9, "major"), (0.0125, 0.5, 1e-9, "major"),
        (0.012, 0.5, 1e-9, "minor"), (0.5, 0.04, 1e-9, "minor"), (0.5, 0.5, 1.1e-5, "minor"), (0.5, 0.5, 1e-5, "critical"),
    ],
)  # fmt: skip
def test_severity_is_share_and_certainty(share: float, depth: float, p: float, grave: str) -> None:
    assert severity(Cost(1.0, "money", share), depth, p, tested=1000) == grave


def drop(where: Segment, actual: float, expected: float) -> Drop:
    return Drop(
        test=0,
        where=where,
        row=0,
        kin=0,
        anchor=10,
        onset=10,
        last=16,
        actual=actual,
        expected=expected,
        variance=expected,
        exposure=7.0,
        score=9.0,
        clearest=9.0,
        reach=2.0,
    )


def test_the_part_is_told_when_the_rest_is_as_expected() -> None:
    whole, part = drop(EVERYTHING, 900, 1000), drop(LIVE, 100, 200)
    assert nested([whole, part], lambda one, _: (one.actual, one.expected)) == [part]


def test_the_whole_is_told_when_its_parts_only_share_the_fall() -> None:
    whole, part = drop(EVERYTHING, 500, 1000), drop(LIVE, 100, 200)
    assert nested([whole, part], lambda one, _: (one.actual, one.expected)) == [whole]


@pytest.mark.parametrize(
    ("part", "variance", "is_all"),
    [
        ((85, 200), 1, True), ((85.1, 200), 1, False), ((20, 100), 1, True), ((21, 100), 1, False),
        ((20, 80), 400, True), ((20.1, 80), 400, False), ((20, 80), 399, False),
    ],
)  # fmt: skip
def test_a_part_is_the_fall_of_the_whole(part: tuple[float, float], variance: float, is_all: bool) -> None:
    """The whole halved, to 100 of 200. The part must have fallen by 1.15 times that, and hold .8 of it; .6 where the rest is
    within two standard deviations."""
    whole = replace(drop(EVERYTHING, 100, 200), variance=variance)
    assert _is_the_fall(drop(LIVE, 1, 2), whole, lambda *_: part) is is_all


@pytest.mark.parametrize(
    ("level", "actual", "variance", "shares"),
    [
        (500, 90, 16, True), (500, 89, 16, False), (500, 96, 0, True), (500, 95, 0, False), (500, 150, 0, True),
        (1500, 310, 16, True), (1500, 311, 16, False), (1500, 250, 0, True),
    ],
)  # fmt: skip
def test_a_part_shares_the_fall_of_the_whole(level: float, actual: float, variance: float, shares: bool) -> None:
    """200 were expected of it. As of the whole, 100 or 300 would have come: 2.5 standard deviations more are its own, or 4."""
    part = replace(drop(LIVE, actual, 200), variance=variance)
    for unit in (1.0, 1e-3):
        assert _shares(part, drop(EVERYTHING, 1, 2), lambda *_, unit=unit: (unit * level, unit * 1000)) is shares
    assert not _shares(part, drop(EVERYTHING, 1, 2), lambda *_: (level, 0.0)), "nothing was expected"


@pytest.mark.parametrize(
    ("actual", "expected", "left"),
    [
        (119, 199, "both"), (119.1, 199, "live id"), (99, 179, "both"), (100, 180, "both"), (281, 361, "live"),
        (280, 360, "live"), (279.9, 359.9, "both"),
    ],
)  # fmt: skip
def test_what_holds_both_falls_and_is_smaller_is_told(actual: float, expected: float, left: str) -> None:
    """100 less of 400 and of 500: .8 of it must lie in what they share, of which less than .9 of the smaller was expected."""
    a, b = drop(LIVE, 400, 500), drop(ID, 300, 400)
    both = LIVE.narrowed(ID)
    names = {LIVE: "live", ID: "id", both: "both"}
    told = crossing([a, b], lambda *_: drop(both, actual, expected))
    assert " ".join(names[one.where] for one in told) == left


def test_what_crossing_segments_have_in_common_is_told() -> None:
    a, b = drop(LIVE, 400, 500), drop(ID, 300, 400)
    both = drop(LIVE.narrowed(ID), 20, 118)
    assert [one.where for one in crossing([a, b], lambda *_: both)] == [both.where]
    assert {one.where for one in crossing([a, b], lambda *_: drop(both.where, 100, 118))} == {LIVE, ID}


def test_of_crossing_segments_the_one_that_falls_with_the_other_is_told_no_more() -> None:
    """All of the smaller fall lies in what both share, half of the larger one does; as large as the smaller segment is, they
    share no smaller cause."""
    a, b = drop(LIVE, 800, 1000), drop(ID, 300, 400)
    shared = drop(LIVE.narrowed(ID), 280, 380)
    assert [one.where for one in crossing([a, b], lambda *_: shared)] == [LIVE]
    small = replace(shared, actual=120, expected=220)
    assert [one.where for one in crossing([a, b], lambda *_: small)] == [LIVE], "half of the larger fall is elsewhere"
    alike = drop(ID, 800, 1000)
    assert [one.where for one in crossing([a, alike], lambda *_: replace(shared, actual=800, expected=1000))] == [LIVE]
    later = replace(b, onset=20, last=26)
    assert len(crossing([a, later], lambda *_: shared)) == 2, "they have no day in common"


def test_only_the_largest_falls_are_compared_with_those_that_cross_them() -> None:
    asked: list[tuple[Segment, Segment]] = []
    names = "abcdefg"
    drops = [drop(Segment.of({name: "x"}), 900 - at, 1000) for at, name in enumerate(names)]

    def common(first: Drop, second: Drop, _: Window) -> None:
        asked.append((first.where, second.where))

    assert len(crossing(drops, common)) == len(drops)
    assert {str(first) for first, _ in asked} == {f"{name}=x" for name in names[-4:]}
    assert {str(second) for _, second in asked} == {f"{name}=x" for name in names[:-1]}


def finding(metric: str, change: float, where: Segment = ID, onset: int = 10, grave: str = "minor") -> Finding:
    return Finding(
        id=f"{metric}{where}",
        as_of=16,
        metric=metric,
        where=where,
        window=Window(onset, 16),
        onset=onset,
        actual=1 + change,
        expected=1.0,
        interval=(0.9, 1.1),
        change=change,
        change_pct=change,
        impact=5.0,
        severity=grave,
        p_value=1e-9,
    )


def test_one_outage_is_told_once_by_the_rate_that_fell() -> None:
    found = dedup_findings(
        [finding("gmv", -0.38, grave="major"), finding("paid_orders", -0.4), finding("payment_rate", -0.41)], CATALOGUE
    )
    assert [(one.metric, set(one.also), one.severity) for one in found] == [
        ("payment_rate", {"gmv", "paid_orders"}, "major")
    ]


def test_what_falls_elsewhere_or_later_or_otherwise_is_told_apart() -> None:
    outage = finding("payment_rate", -0.4)
    for other in (
        finding("gmv", -0.4, where=LIVE),
        replace(finding("gmv", -0.4), onset=15),
        finding("gmv", -0.1),
        finding("late_delivery_rate", 0.4),
    ):
        assert {one.metric for one in dedup_findings([outage, other], CATALOGUE)} == {outage.metric, other.metric}


def test_volumes_that_fell_together_are_one_drop() -> None:
    (told,) = dedup_findings(
        [finding("clicks", -0.5), finding("impressions", -0.5), finding("orders", -0.45)], CATALOGUE
    )
    assert len({told.metric, *told.also}) == 3
