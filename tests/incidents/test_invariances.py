"""What must not change a finding: the unit of money, the order of rows and columns, names, dimensions that say nothing."""

from pathlib import Path

import pytest

from core.base.days import Window
from core.detection.findings import Finding
from core.explanation.explain import explain
from core.incidents.kept_incidents import find_incidents
from tests.incidents.shop import DAYS, Fault, day, opened
from tests.incidents.shop_variants import Change, in_unit, renamed, shuffled, with_copy, with_noise

FAULT = Fault("order_value", {"market": "TH", "device": "ios"}, 0.4)


def finding_of(folder: Path, change: Change = lambda rows: rows) -> Finding:
    with opened(folder, [FAULT], change=change) as workspace:
        (finding,) = (one for one in find_incidents(workspace).findings if one.severity != "minor")
    return finding


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Finding:
    finding = finding_of(tmp_path_factory.mktemp("plain"))
    assert (finding.metric, str(finding.where)) == ("average_order_value", "device=ios,market=TH")
    return finding


def test_money_of_any_unit(tmp_path: Path, plain: Finding) -> None:
    factor = 16_000.0  # rupiah for a dollar; 1e9 is tried in tests/detection/quality/test_money_units.py
    other = finding_of(tmp_path, in_unit(factor))
    assert (other.where, other.metric, other.onset, other.severity) == (
        plain.where, plain.metric, plain.onset, plain.severity,
    )  # fmt: skip
    figures = (other.actual, other.expected, other.impact, *other.interval)
    assert [value / factor for value in figures] == pytest.approx(
        [plain.actual, plain.expected, plain.impact, *plain.interval], rel=1e-4
    )


@pytest.mark.parametrize("change", [shuffled, with_noise, with_copy], ids=["order", "noise", "copy"])
def test_rows_columns_and_dimensions_that_say_nothing(tmp_path: Path, plain: Finding, change: Change) -> None:
    other = finding_of(tmp_path, change)
    where = {name: value for name, value in other.where.to_dict().items() if name != "note"}
    assert {**where, "device": "ios"} == plain.where.to_dict()
    assert (other.metric, other.onset, other.severity) == (plain.metric, plain.onset, plain.severity)
    assert other.impact == pytest.approx(plain.impact, rel=1e-3)


def test_names_of_values(tmp_path: Path, plain: Finding) -> None:
    other = finding_of(tmp_path, renamed)
    assert other.where.to_dict() == {"device": "ios", "market": "A b"}
    assert (other.actual, other.expected) == pytest.approx((plain.actual, plain.expected))


@pytest.mark.parametrize("baseline", ["expected", "previous", "4w", "other"])
def test_the_length_of_a_baseline(tmp_path: Path, baseline: str) -> None:
    days = {"other": str(Window(day(20), day(52)))}.get(baseline, baseline)
    with opened(tmp_path, [FAULT]) as workspace:
        answer = explain(workspace, "gmv", window=Window(day(DAYS - 6), day(DAYS - 1)), baseline=days)
    assert str(answer.segments[0].where) == "device=ios,market=TH"
    worst = min(answer.drivers, key=lambda driver: driver.contribution)
    assert worst.metric == "average_order_value"
    if baseline != "previous":  # six days before these have other weekdays
        assert answer.change == pytest.approx(-0.075 * answer.expected, rel=0.25), "an eighth of the shop lost 60 %"


@pytest.mark.parametrize("age", [2, 13, 30])
def test_the_age_of_a_drop(tmp_path: Path, age: int) -> None:
    fault = Fault(FAULT.step, FAULT.where, FAULT.factor, day=DAYS - age)
    with opened(tmp_path, [fault]) as workspace:
        (finding,) = (one for one in find_incidents(workspace).findings if one.severity != "minor")
    assert (finding.metric, str(finding.where), finding.onset) == (
        "average_order_value", "device=ios,market=TH", day(DAYS - age),
    )  # fmt: skip
