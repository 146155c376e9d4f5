"""A version that is rolled out has no past to fall from: what it does otherwise than the others at the time is the answer."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from core.base.days import Window, iso
from core.base.segment import Segment
from core.catalogue.metric_tree.metric_loader import load as load_catalogue
from core.detection.findings import Scan
from core.explanation.explain import explain
from core.explanation.explanation_results import Explanation
from core.explanation.locate.new_values import _at_fault
from core.incidents.kept_incidents import find_incidents
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load

FIRST, DAYS, ON = 20_000, 63, 7
CATALOGUE = load_catalogue()
Slice = tuple[str, str, float, float]
"""Version, country, share of 8,000 visits a day, share of these that buys."""


def answer_of(folder: Path, before: list[Slice], now: list[Slice]) -> tuple[Explanation, Scan]:
    """The explanation of the last week of orders per visit, and what a scan finds on its last day."""
    rng, lines = np.random.default_rng(4), ["date,version,country,visits,orders_made"]
    for day in range(DAYS):
        for version, country, share, rate in before if day < DAYS - ON else now:
            visits = rng.poisson(8000 * share)
            lines.append(f"{iso(FIRST + day)},{version},{country},{visits},{rng.binomial(visits, rate)}")
    (folder / "visits.csv").write_text("\n".join(lines) + "\n")
    (folder / "whydrop.toml").write_text(
        '[metrics.orders_per_visit]\nformula = "orders_made / visits"\nunit = "ratio"\n'
    )
    load(folder / "w.db", [folder / "visits.csv"], as_kind="daily", dimensions=["version", "country"])
    with Workspace.open(folder / "w.db") as workspace:
        last = workspace.span.last
        return explain(workspace, "orders_per_visit", window=Window(last - ON + 1, last)), find_incidents(workspace)


@pytest.mark.parametrize(
    ("new", "old", "said"),
    [
        (0.03, 0.06, "the change came with version=2.4: orders per visit is 3."),
        (0.045, 0.045, "version does not locate the change: 2.4 replaced other values"),
    ],
    ids=["the new version", "both"],
)
def test_the_share_of_a_new_version_is_compared_with_that_of_the_others(
    tmp_path: Path, new: float, old: float, said: str
) -> None:
    """Of 8,000 visits a day 6 % bought; the new version has half of them: 4.5 % of all buy either way."""
    answer, scan = answer_of(tmp_path, [("2.3", "DE", 1.0, 0.06)], [("2.3", "DE", 0.5, old), ("2.4", "DE", 0.5, new)])
    assert answer.is_drop
    (note,) = (note for note in answer.notes if "version" in note)
    assert note.startswith(said)
    (segment,) = answer.segments
    assert scan.findings[0].where == segment.where
    if new == old:
        assert not segment.where
    else:  # half of the visits, at 3 % where 6 % were expected: all of the change
        assert str(segment.where) == "version=2.4"
        assert (segment.actual, segment.expected) == pytest.approx((new, 0.06), rel=0.05)
        assert segment.confidence == 0.9


def test_a_new_version_with_a_fault_in_one_country_is_named_with_it(tmp_path: Path) -> None:
    half: list[Slice] = [("2.3", "DE", 0.5, 0.06), ("2.3", "FR", 0.5, 0.06)]
    now: list[Slice] = [
        (version, land, 0.25, 0.02 if version + land == "2.4FR" else 0.06)
        for version in ("2.3", "2.4")
        for land in ("DE", "FR")
    ]
    answer, scan = answer_of(tmp_path, half, now)
    assert str(answer.segments[0].where) == str(scan.findings[0].where) == "country=FR,version=2.4"


def test_a_new_version_has_the_share_of_the_country_that_gets_it_first(tmp_path: Path) -> None:
    """Germans buy in 6 of 100 visits, the French in 2; these come three times as often now, most with the new version."""
    before: list[Slice] = [("2.3", "DE", 0.8, 0.06), ("2.3", "FR", 0.2, 0.02)]
    now: list[Slice] = [("2.3", "DE", 0.4, 0.06), ("2.3", "FR", 0.1, 0.02), ("2.4", "FR", 0.5, 0.02)]
    assert all("version" not in segment.where.dimensions for segment in answer_of(tmp_path, before, now)[0].segments)


def test_of_new_versions_those_at_fault_are_named_with_their_own_share(tmp_path: Path) -> None:
    """Half of the visits have new versions: a quarter one that is as good as the old one, a quarter twelve others, a little each,
    in which 2 of 100 buy."""
    broken = [f"3.{number}" for number in range(12)]
    now: list[Slice] = [("2.3", "DE", 0.5, 0.06), ("2.4", "DE", 0.26, 0.06)]
    answer, _ = answer_of(tmp_path, [("2.3", "DE", 1.0, 0.06)], [*now, *((name, "DE", 0.02, 0.02) for name in broken)])
    (segment,) = answer.segments
    assert segment.where == Segment.of({"version": broken})
    assert (segment.actual, segment.expected) == pytest.approx((0.02, 0.06), rel=0.05)
    assert any("orders per visit is 2.0" in note or "orders per visit is 1.9" in note for note in answer.notes)


def test_a_new_device_without_any_click_is_the_one_finding(tmp_path: Path) -> None:
    """Of 20,000 impressions a day a tenth is clicked; the new device has half of them: 7 x 1,000 clicks are missing there."""
    rng, lines = np.random.default_rng(5), ["date,market,device,impressions,clicks"]
    for day in range(DAYS):
        for device, share, rate in [("old", 1.0, 0.1)] if day < DAYS - ON else [("old", 0.5, 0.1), ("new", 0.5, 0.0)]:
            shown = rng.poisson(20_000 * share)
            lines.append(f"{iso(FIRST + day)},DE,{device},{shown},{rng.binomial(shown, rate)}")
    (tmp_path / "traffic.csv").write_text("\n".join(lines) + "\n")
    load(tmp_path / "w.db", [tmp_path / "traffic.csv"])
    with Workspace.open(tmp_path / "w.db") as workspace:
        last = workspace.span.last
        answer = explain(workspace, "clicks", window=Window(last - ON + 1, last))
        findings = find_incidents(workspace).findings
    (segment,) = answer.segments
    assert (str(segment.where), segment.actual) == ("device=new", 0)
    assert segment.expected == pytest.approx(7 * 1000, rel=0.02)
    assert not any("does not locate" in note for note in answer.notes)
    assert [str(finding.where) for finding in findings] == ["device=new"]


def test_new_products_among_many_are_no_place() -> None:
    """Of 41 products and what has none, some are new every week: nothing else of the figures is even looked at."""
    compared = SimpleNamespace(values={"product": ("",) * 42})
    assert _at_fault(cast(Any, compared), CATALOGUE.metric("ctr"), "product") is None
