"""What must not change an explanation: the unit of money, the order of rows and columns, names, dimensions that say nothing."""

from pathlib import Path

import pytest

from core.base.days import Window
from core.explanation.explain import explain
from core.explanation.explanation_results import Explanation
from core.incidents.kept_incidents import find_incidents
from tests.incidents.shop import DAYS, Fault, day, opened
from tests.incidents.shop_variants import Change, in_unit, renamed, shuffled, with_copy, with_noise

FAULTS = [Fault("payment_rate", {"market": "TH", "device": "ios"}, 0.4)]
WINDOW = Window(day(DAYS - 6), day(DAYS - 1))


def asked(folder: Path, change: Change = lambda rows: rows, metric: str = "gmv") -> Explanation:
    with opened(folder, FAULTS, change=change) as workspace:
        return explain(workspace, metric, window=WINDOW)


def money(answer: Explanation) -> list[float]:
    parts = [driver.contribution for driver in answer.drivers]
    segments = [figure for segment in answer.segments for figure in (segment.actual, segment.expected, segment.change)]
    mixes = [figure for mix in answer.mix for figure in (mix.mix, mix.rate)]
    return [answer.actual, answer.expected, answer.change, *answer.interval, *parts, *segments, *mixes]


def words(answer: Explanation) -> tuple[object, ...]:
    return (
        [str(segment.where) for segment in answer.segments],
        [cause.cause for cause in answer.causes],
        [cause.what for cause in answer.ruled_out],
        answer.onset,
        answer.is_drop,
        [(check.check, check.status) for check in answer.data_quality],
    )


def scores(answer: Explanation) -> list[float]:
    return [*(segment.confidence for segment in answer.segments), *(cause.score for cause in answer.causes)]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Explanation:
    answer = asked(tmp_path_factory.mktemp("plain"))
    assert [str(segment.where) for segment in answer.segments] == ["device=ios,market=TH"]
    assert answer.causes[0].cause.startswith("C11")
    assert min(answer.drivers, key=lambda driver: driver.contribution).metric == "payment_rate"
    return answer


@pytest.mark.parametrize("factor", [100.0, 16_000.0, 1e6, 1e9])
def test_money_of_any_unit(tmp_path: Path, plain: Explanation, factor: float) -> None:
    other = asked(tmp_path, in_unit(factor))
    size = 1e-5 * abs(plain.expected)
    assert words(other) == words(plain)
    assert [figure / factor for figure in money(other)] == pytest.approx(money(plain), rel=1e-4, abs=size)
    assert scores(other) == pytest.approx(scores(plain), abs=1e-3)


def test_the_order_of_rows_and_columns(tmp_path: Path, plain: Explanation) -> None:
    other = asked(tmp_path, shuffled)
    assert words(other) == words(plain)
    assert money(other) == pytest.approx(money(plain), rel=1e-9, abs=1e-6)


def test_names_of_values(tmp_path: Path, plain: Explanation) -> None:
    other = asked(tmp_path, renamed)
    assert other.segments[0].where.to_dict() == {"device": "ios", "market": "A b"}
    assert words(other)[1:] == words(plain)[1:]
    assert scores(other) == pytest.approx(scores(plain))
    assert (other.actual, *other.interval) == pytest.approx((plain.actual, *plain.interval))


@pytest.mark.parametrize("change", [with_noise, with_copy])
def test_dimensions_that_say_nothing(tmp_path: Path, plain: Explanation, change: Change) -> None:
    other = asked(tmp_path, change)
    assert words(other)[0] == words(plain)[0]
    assert other.causes[0].cause == plain.causes[0].cause
    assert scores(other) == pytest.approx(scores(plain), abs=0.05)
    assert other.change == pytest.approx(plain.change)


def test_a_finding_is_explained_as_it_was_found(tmp_path: Path) -> None:
    with opened(tmp_path, FAULTS) as workspace:
        (finding,) = (one for one in find_incidents(workspace).findings if one.severity != "minor")
        own = explain(workspace, finding.metric, window=finding.window, where=finding.where)
        whole = explain(workspace, finding.metric, window=finding.window)
    assert [own.segments[0].where, whole.segments[0].where] == [finding.where, finding.where]
    assert own.causes[0].cause == whole.causes[0].cause
    assert own.onset is not None
    assert own.onset.day == finding.onset
    assert own.is_drop
    assert (own.actual, own.expected) == pytest.approx((finding.actual, finding.expected), rel=0.02)


def test_what_moved_no_more_than_usual_has_no_place_and_no_cause(tmp_path: Path) -> None:
    weeks = [Window(day(last - 6), day(last)) for last in range(DAYS - 8, DAYS - 40, -7)]
    with opened(tmp_path, []) as workspace:
        answers = [explain(workspace, metric, window=week) for week in weeks for metric in ("gmv", "payment_rate")]
    usual = [answer for answer in answers if answer.interval[0] <= answer.actual <= answer.interval[1]]
    assert len(usual) >= 7, "of ten windows in which nothing happened, half of one is outside its 95% interval"
    assert [(answer.segments, answer.causes) for answer in usual if not answer.is_drop] == [((), ())] * len(usual)
