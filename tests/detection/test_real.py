"""Changes that public data really hold, and ends of extracts that look like one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.base.days import Window, parse_day
from core.detection.comparison import compare
from core.detection.quality.data_quality import issues
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load
from tests.conftest import SHARED, needs_shared
from tests.detection.series_scan import scan_series

pytestmark = needs_shared


def _opened(folder: Path, name: str) -> Workspace:
    assert SHARED is not None
    load(folder / "w.db", [SHARED / "data" / name])
    return Workspace.open(folder / "w.db")


@pytest.fixture(scope="module")
def shop(olist: Path) -> Iterator[Workspace]:
    with Workspace.open(olist) as workspace:
        yield workspace


def test_the_end_of_an_extract_is_a_matter_of_the_data(shop: Workspace) -> None:
    for day in ("2018-09-05", "2018-09-20"):
        found = scan_series(shop, as_of=parse_day(day), metrics=["orders", "gmv", "paid_orders"])
        assert {one.kind for one in found.findings} == {"data"}
        assert {one.severity for one in found.findings} == {"minor"}
        assert any(one.check == "stopped_source" for one in found.data_quality)


def test_after_a_sale_nothing_has_dropped(shop: Workspace) -> None:
    window = Window.parse("2017-12-01..2017-12-03")
    assert not scan_series(shop, as_of=window, metrics=["orders"], by=["market"]).findings
    compared = compare(shop, "orders", window)
    assert not compared.is_drop
    assert compared.interval[0] < compared.actual < compared.interval[1]


def test_the_wave_of_late_deliveries_is_found_with_its_onset(shop: Workspace) -> None:
    found = scan_series(
        shop, as_of=Window.parse("2018-03-09..2018-03-31"), metrics=["late_delivery_rate"], by=["market"]
    )
    whole = [one for one in found.findings if not one.where or str(one.where) == "market=BR"]
    assert any(one.severity == "critical" for one in whole)
    for one in whole:
        assert one.kind == "drop"
        assert parse_day("2018-02-05") <= one.onset <= parse_day("2018-02-26")
        assert one.actual > one.interval[1] > one.expected
    assert compare(shop, "late_delivery_rate", Window.parse("2018-02-19..2018-03-15")).is_drop


def test_a_reaction_that_was_launched_later_was_not_counted_before(tmp_path: Path) -> None:
    with _opened(tmp_path, "fb_live_sellers") as live:
        loves = [one for one in issues(live) if one.check == "instrumentation" and "loves" in one.measures]
    assert [one.days.last for one in loves] == [parse_day("2016-02-23")]
    assert loves[0].status == "fail"
