"""Where each rule of the detector, of severity and of merging begins and ends to hold."""

from itertools import combinations

import numpy as np
import pytest

from core.base.days import Window
from core.base.segment import Segment
from core.catalogue.metric_tree.metric_loader import load
from core.detection.detector import drop_state
from core.detection.detector.drop_state import DropState
from core.detection.detector.onset_shape import shape_of
from core.detection.detector.regularity import Regularity
from core.detection.detector.window_sums import WindowSums
from core.detection.finding_dedup import dedup_findings
from core.detection.findings import Finding, Severity
from core.detection.forecast.panel import Panel
from core.detection.segment_overlap import _overlaps, intersection
from core.detection.severity import Cost, root_of, severity

CATALOGUE = load()


@pytest.mark.parametrize(
    ("every", "first"),
    [(1, 21), (8, 73), (30, None)],
)
def test_a_series_is_regular_when_seven_days_carry_it(every: int, first: int | None) -> None:
    """One event every so many days, the effective number of days with memory written out."""
    days = 400
    panel = Panel(first=0, values=np.where(np.arange(days) % every == 0, 1.0, 0.0)[None])
    regularity, live = Regularity(1), np.array([True])
    known = []
    for day in range(days):
        known.append(bool(regularity.known(panel)[0]))
        regularity.learn(panel, day, live, live, np.ones(1))
    memory = 0.99 ** np.arange(days)[::-1]
    past = [(panel.values[0, :day] * memory[days - day :]) for day in range(days)]
    fade = [(panel.values[0, :day] ** 2 * memory[days - day :]) for day in range(days)]
    carried = [
        sum(a) ** 2 / max(sum(b), 1e-300) >= 7 and day >= 21 for day, (a, b) in enumerate(zip(past, fade, strict=True))
    ]
    assert known == carried
    assert (known.index(True) if any(known) else None) == first


@pytest.mark.parametrize(("week", "starts"), [(15.0, False), (24.4, False), (24.6, True)])
def test_a_series_starts_up_while_weeks_grow_by_half(week: float, starts: bool) -> None:
    """From 10 a week: half more, and three roots of 10 beyond it, are 24.5"""
    values = np.full((1, 40), 10 / 7)
    values[0, 20:27] = week / 7
    panel, regularity, live = Panel(first=0, values=values), Regularity(1), np.array([True])
    for day in range(28):
        regularity.learn(panel, day, live, live, np.ones(1))
    assert bool(regularity._watched[0] < 28) is starts


def drops_on(onset: int, lately: float, depth: float, recovered: float = 0.0, score: float = -5.0) -> DropState:
    drops = DropState(np.array([-1.0]), np.array([7.0]))
    drops.on[:] = True
    drops.window.began[0], drops.window.expected[0], drops.window.actual[0] = onset, 100.0, 100.0 * (1 + depth)
    drops._recovered[:], drops.score[:] = recovered, score
    return drops


@pytest.mark.parametrize(
    ("age", "lately", "ends"),
    [(40, -0.3, ""), (41, -0.3, "old"), (41, -0.38, ""), (97, -0.38, ""), (98, -0.38, "old"), (41, 0.38, "")],
)
def test_a_drop_is_the_new_level_after_six_weeks_unless_it_deepens(age: int, lately: float, ends: str) -> None:
    drops = drops_on(100, lately, depth=-0.3)
    ended, old = drops.end(100 + age, np.zeros(1), np.array([True]), np.array([lately]), np.ones(1))
    assert (len(ended), len(old)) == (0, int(ends == "old"))
    assert drops.on[0] == (ends == "")


@pytest.mark.parametrize(
    ("lately", "chance", "old"), [(-0.35, 0.026, True), (-0.35, 0.024, False), (-0.25, 0.01, True)]
)
def test_a_step_that_goes_on_to_leak_is_news(lately: float, chance: float, old: bool) -> None:
    drops = drops_on(100, lately, depth=-0.3)
    ended = drops.end(141, np.zeros(1), np.array([True]), np.array([lately]), np.array([chance]))
    assert [len(who) for who in ended] == [0, int(old)]


@pytest.mark.parametrize(
    ("recovered", "today", "score", "ready", "over"),
    [
        (1.0, 1.0, -5.0, True, False),
        (1.0, 1.1, -5.0, True, True),
        (1.0, 1.1, -5.0, False, False),
        (1.0, -3.0, -5.0, True, False),
        (0.0, 0.0, -2.0, True, False),
        (0.0, 0.0, -1.9, True, True),
    ],
)
def test_a_drop_ends_when_days_speak_for_the_normal_level(
    recovered: float, today: float, score: float, ready: bool, over: bool
) -> None:
    drops = drops_on(100, -0.3, -0.3, recovered, score)
    ended, old = drops.end(105, np.array([today]), np.array([ready]), np.array([-0.3]), np.ones(1))
    assert (ended.tolist(), old.tolist()) == ([0] if over else [], [])
    if ready and today < 0:
        assert drops._recovered[0] == 0, "the count starts again"


@pytest.mark.parametrize(
    ("days", "score", "goes_on"),
    [
        ((-1.5, -1.6), -5.0, True),
        ((-1.5, -1.5), -5.0, False),  # 3.0 is not more than 3
        ((2.0, -5.1), -5.0, True),
        ((2.0, -4.9), -5.0, False),  # what spoke for the normal level counts as well
        ((-3.1,), -3.6, False),
        ((0.0,) * 13 + (-3.1,), -5.0, True),
        ((0.0,) * 14 + (-3.1,), -5.0, False),  # after more than two weeks another drop begins
    ],
)
def test_a_drop_that_one_day_ended_goes_on_when_the_next_ones_fit_it(
    days: tuple[float, ...], score: float, goes_on: bool
) -> None:
    drops, rest = drops_on(100, -0.3, -0.3, 1.0, score), (np.array([True]), np.array([-0.3]), np.ones(1))
    assert drops.end(110, np.array([1.1]), *rest)[0].tolist() == [0]
    for day, toward in enumerate(days, 111):
        drops.end(day, np.array([toward]), *rest)
    assert (bool(drops.on[0]), drops.resumed.tolist()) == (goes_on, [0] if goes_on else [])
    assert drops.onset[0] == 100


def test_a_closed_day_does_not_speak_for_a_drop_that_ended() -> None:
    drops = drops_on(100, -0.3, -0.3, 1.0, -5.0)
    for day, toward, is_ready in ((110, 2.1, True), (111, -9.0, False), (112, -2.9, True)):
        drops.end(day, np.array([toward]), np.array([is_ready]), np.array([-0.3]), np.ones(1))
    assert not drops.on[0]
    drops.end(113, np.array([-0.2]), np.array([True]), np.array([-0.3]), np.ones(1))
    assert drops.resumed.tolist() == [0], "3.1 in all"


def windows_of(scores: dict[int, float]) -> tuple[WindowSums, np.ndarray]:
    """Windows by the day they began on, with their scores; 40 expected in each."""
    windows = WindowSums(len(scores), np.array([7.0]), -np.ones(1))
    windows.began[:, 0] = list(scores)
    windows.expected[:], windows.actual[:], windows.days[:] = 400.0, 200.0, 1.0
    return windows, np.array(list(scores.values()))[:, None]


@pytest.mark.parametrize(
    ("lowest", "toward", "ready", "plenty", "begins"),
    [
        (-3.61, 0.0, True, True, True),
        (-drop_state.THRESHOLD, 0.0, True, True, False),
        (-9.0, 1.9, True, True, True),
        (-9.0, 2.0, True, True, False),
        (-9.0, 0.0, False, True, False),
        (-9.0, 0.0, True, False, False),
    ],
)
def test_a_drop_begins_with_its_most_improbable_window(
    lowest: float, toward: float, ready: bool, plenty: bool, begins: bool
) -> None:
    windows, scores = windows_of({90: -1.0, 95: lowest, 99: lowest / 2})
    drops, panel = DropState(np.array([-1.0]), np.array([7.0])), Panel(first=0, values=np.full((1, 101), 400.0))
    new = drops.begin(
        100, windows, panel, slot=scores.argmin(0), lowest=scores.min(0),
        toward_normal=np.array([toward]), ready=np.array([ready]), plenty=np.array([plenty]),
    )  # fmt: skip
    assert (new.tolist(), bool(drops.on[0])) == (([0], True) if begins else ([], False))
    if begins:
        assert (drops.anchor[0], drops.onset[0], drops.window.actual[0, 0]) == (95, 95, 200.0)


@pytest.mark.parametrize(
    ("began", "day", "score", "onset"),
    [(102, 114, -9.0, 102), (103, 114, -9.0, 95), (88, 101, -9.0, 88), (87, 101, -9.0, 95), (102, 115, -9.0, 95),
     (102, 100, -9.0, 95), (102, 101, -5.0, 95), (102, 101, -5.1, 102)],
)  # fmt: skip
def test_an_onset_is_corrected_by_a_week_for_two_weeks(began: int, day: int, score: float, onset: int) -> None:
    drops = drops_on(95, -0.3, -0.3)
    drops.anchor[:], drops._seen[:] = 95, 100
    windows, scores = windows_of({began: score, 60: -20.0})
    corrected = drops.correct(day, windows, scores)
    assert (len(corrected), drops.onset[0]) == (int(onset != 95), onset)


def test_shapes_of_two_to_four_days() -> None:
    full = np.full(4, 100.0)
    falling = np.array([90.0, 80.0, 70.0, 60.0])
    assert [shape_of(falling[:days], full[:days]) for days in (1, 2, 3, 4)] == ["spike", "step", "step", "ramp"]
    heavy = np.array([1000.0, 100.0, 100.0, 1000.0])
    assert shape_of(heavy * np.array([0.8, 0.99, 0.99, 0.78]), heavy) == "step", "days weigh as what they should bring"
    assert shape_of(heavy * np.array([0.9, 0.99, 0.99, 0.6]), heavy) == "ramp"


def test_segments_without_others_by_inclusion_and_exclusion() -> None:
    values = {"market": "ABC", "channel": "xy", "device": "12"}
    cells = [(m, c, d) for m in "ABC" for c in "xy" for d in "12"]

    def inside(segment: Segment) -> set[tuple[str, ...]]:
        terms = dict(segment.terms)
        return {
            cell
            for cell in cells
            if all(word in terms.get(name, word) for name, word in zip(values, cell, strict=True))
        }

    texts = ["market=A", "market=A|B,channel=x", "device=1", "market=C,device=2", "channel=y"]
    segments = [Segment.parse(text) for text in texts]
    whole = Segment.parse("market=A|B")
    for others in (pair for size in (1, 2, 3) for pair in combinations(segments, size)):
        count = sum(sign * len(inside(common)) for sign, common in _overlaps(whole, others))
        assert count == len(inside(whole) & set.union(*map(inside, others)))
        common = intersection(others)
        assert (set() if common is None else inside(common)) == set.intersection(*map(inside, others))


@pytest.mark.parametrize(
    ("share", "own", "depth", "p", "grave"),
    [
        (0.10, 0.0, 0.05, 1e-4, "critical"),
        (0.0999, 0.0, 0.05, 1e-4, "major"),
        (0.0125, 0.0, 0.05, 1e-4, "major"),
        (0.0124, 0.0, 0.05, 1e-4, "minor"),
        (0.0, 0.05, 0.05, 1e-4, "major"),
        (0.0, 0.0499, 0.05, 1e-4, "minor"),
        (0.5, 0.5, 0.0499, 1e-4, "minor"),
        (0.5, 0.5, 0.05, 1.01e-4, "minor"),
    ],
)
def test_severity_at_its_limits(share: float, own: float, depth: float, p: float, grave: Severity) -> None:
    assert severity(Cost(1.0, "count", share, own), depth, p, tested=100) == grave


def test_the_root_is_what_moves_as_the_metric_does() -> None:
    every = CATALOGUE.metric("gmv").measures() | CATALOGUE.metric("refund_rate").measures()
    assert root_of(CATALOGUE, CATALOGUE.metric("payment_rate"), every).key == "gmv"
    assert root_of(CATALOGUE, CATALOGUE.metric("payment_rate"), CATALOGUE.metric("gmv").measures()).key == "gmv"
    assert root_of(CATALOGUE, CATALOGUE.metric("payment_rate"), every - {"gmv"}).key == "payment_rate"
    assert root_of(CATALOGUE, CATALOGUE.metric("refund_rate"), every).key == "refund_rate"


def finding(metric: str, change: float | None, onset: int = 100, grave: Severity = "minor", where: str = "") -> Finding:
    return Finding(
        id=f"{metric}{onset}{where}", as_of=120, metric=metric, where=Segment.parse(where), window=Window(onset, 120),
        onset=onset, actual=1.0, expected=2.0, interval=(1.5, 2.5), change=-1.0, change_pct=change, impact=1.0,
        severity=grave, p_value=1e-9,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rate", "volume", "onset", "together"),
    [
        (-0.5, -0.5, 103, True),
        (-0.5, -0.5, 104, False),
        (-0.5, -0.5, 97, True),
        (-0.5, 0.5, 100, False),
        (-0.5, 0.5**0.76 - 1, 100, True),
        (-0.5, 0.5**0.74 - 1, 100, False),
        (-0.5, None, 100, False),
    ],
)
def test_a_rate_tells_what_falls_by_as_much_within_three_days(
    rate: float, volume: float | None, onset: int, together: bool
) -> None:
    told = dedup_findings([finding("gmv", volume, onset, "critical"), finding("payment_rate", rate)], CATALOGUE)
    assert [item.metric for item in told] == (["payment_rate"] if together else ["gmv", "payment_rate"])
    if together:
        assert (told[0].also, told[0].severity) == (("gmv",), "critical")


@pytest.mark.parametrize(("power", "together"), [(0.61, True), (0.59, False)])
def test_volumes_are_one_drop_when_they_fall_alike(power: float, together: bool) -> None:
    findings = [finding("clicks", -0.5, grave="major"), finding("impressions", 0.5**power - 1)]
    assert len(dedup_findings(findings, CATALOGUE)) == (1 if together else 2)
    assert len(dedup_findings([findings[0], finding("impressions", -0.5, where="market=ID")], CATALOGUE)) == 2
