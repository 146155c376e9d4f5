"""Verification of workspaces, as a user asks for it."""

import csv
import json
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from core.base.days import Window, iso, parse_day
from core.base.errors import NotEnoughData, UsageError
from core.base.segment import Segment
from core.reports.case_narrative import baseline_lines
from core.verification.case_results import incident_before
from core.verification.control_choice import read_panel
from core.verification.verify import plan, verify
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load
from tests.conftest import SHARED, needs_shared
from tests.verification.panels import AFTER, BEFORE, series
from tui.cli import app

FIRST = date(2026, 1, 5)
SINCE = parse_day((FIRST + timedelta(BEFORE)).isoformat())
TREATED = Segment.parse("shop=treated")


def _daily(folder: Path, values: np.ndarray, name: str = "w.db", extra: str = "") -> Path:
    path = folder / f"{name}.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["date", "shop", "sales"])
        for row, line in enumerate(values):
            shop = "treated" if row == 0 else f"s{row}"
            writer.writerows(
                [(FIRST + timedelta(day)).isoformat(), shop, f"{value:.2f}"] for day, value in enumerate(line)
            )
        file.write(extra)
    load(folder / name, [path], as_kind="daily", dimensions=["shop"])
    return folder / name


@pytest.fixture(scope="module")
def shops(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seven shops; the first sells 15 % more since SINCE, the fifth 30 % less."""
    values = series(21, effect=0.15)
    values[4, BEFORE:] *= 0.7
    return _daily(tmp_path_factory.mktemp("verify"), values)


def test_an_improvement_is_told_with_controls_and_days(shops: Path) -> None:
    with Workspace.open(shops) as workspace:
        result = verify(workspace, "sales", since=SINCE, where=TREATED)
    assert result.verdict == "improved"
    assert result.effect_pct == pytest.approx(0.15, abs=0.05)
    assert [str(control.where) for control in result.dropped] == ["shop=s4"]
    assert {str(control.where) for control in result.controls} == {f"shop=s{row}" for row in (1, 2, 3, 5, 6)}
    assert sum(control.weight for control in result.controls) == pytest.approx(1)
    assert len(result.series) == AFTER == len(result.window)
    assert np.mean([day.actual for day in result.series]) == pytest.approx(result.actual)
    assert np.mean([day.counterfactual for day in result.series]) == pytest.approx(result.counterfactual, rel=1e-6)
    assert result.actual - result.counterfactual == pytest.approx(result.effect)
    assert result.placebo.rank == 1


def test_what_falls_is_worse_and_what_stays_is_no_improvement(shops: Path) -> None:
    with Workspace.open(shops) as workspace:
        fallen = verify(workspace, "sales", since=SINCE, where=Segment.parse("shop=s4"))
        same = verify(workspace, "sales", since=SINCE, where=Segment.parse("shop=s2"))
    assert fallen.verdict == "worse"
    assert same.verdict in {"no_change", "undecided"}
    assert (same.more_days is None) or same.verdict == "undecided"


def test_named_controls_are_used_as_they_are_named(shops: Path) -> None:
    names = [Segment.parse("shop=s1"), Segment.parse("shop=s2|s3")]
    with Workspace.open(shops) as workspace:
        result = verify(workspace, "sales", since=SINCE, where=TREATED, controls=names)
        assert {control.where for control in result.controls} == set(names)
        with pytest.raises(UsageError, match="overlaps"):
            verify(workspace, "sales", since=SINCE, where=TREATED, controls=[Segment.parse("shop=treated|s1")])


def test_a_plan_says_what_can_be_seen_and_when(shops: Path) -> None:
    with Workspace.open(shops) as workspace:
        last = workspace.span.last
        short = plan(workspace, "sales", where=Segment.parse("shop=s2"), days=7)
        long = plan(workspace, "sales", where=Segment.parse("shop=s2"), days=28)
        fallen, known = (
            answer(workspace, "sales", where=Segment.parse("shop=s4"), **asked)
            for answer, asked in ((plan, {"days": AFTER}), (verify, {"since": SINCE}))
        )
    assert short.window == Window(last + 1, last + 7)
    assert short.judge_on == last + 8
    assert 0 < long.smallest_detectable < short.smallest_detectable
    assert short.smallest_detectable_pct == pytest.approx(0.05, abs=0.045)
    usual = fallen.smallest_detectable / fallen.smallest_detectable_pct
    assert usual == pytest.approx(known.counterfactual), "without the fall of these days"


def test_what_cannot_be_judged_is_refused_in_one_sentence(shops: Path, tmp_path: Path) -> None:
    with Workspace.open(shops) as workspace:
        last = workspace.span.last
        with pytest.raises(NotEnoughData, match="complete only to"):
            verify(workspace, "sales", since=last + 1, where=TREATED)
        with pytest.raises(NotEnoughData, match=f"Use --until {iso(last)}"):
            verify(workspace, "sales", since=SINCE, until=last + 1, where=TREATED)
        with pytest.raises(NotEnoughData, match="only 20 days of data before"):
            verify(workspace, "sales", since=workspace.span.first + 20, where=TREATED)
        with pytest.raises(UsageError, match="Swap them"):
            verify(workspace, "sales", since=SINCE, until=SINCE - 1, where=TREATED)
    alone = _daily(tmp_path, series(2, controls=1), "two.db")
    nothing = _daily(tmp_path, np.zeros((4, BEFORE + AFTER)), "nothing.db")
    with (
        Workspace.open(nothing) as workspace,
        pytest.raises(NotEnoughData, match="nothing that sales needs is counted"),
    ):
        verify(workspace, "sales", since=SINCE, where=TREATED)
    with Workspace.open(alone) as workspace, pytest.raises(NotEnoughData, match="two are needed"):
        verify(workspace, "sales", since=SINCE, where=TREATED)


def test_days_without_any_rows_are_left_out_and_said(tmp_path: Path) -> None:
    values = series(23, effect=0.2)
    values[:, 30:37] = np.nan
    db = tmp_path / "gap.db"
    lines = ["date,shop,sales"]
    for row, line in enumerate(values):
        shop = "treated" if row == 0 else f"s{row}"
        lines += [
            f"{FIRST + timedelta(day)},{shop},{value:.2f}" for day, value in enumerate(line) if not np.isnan(value)
        ]
    (tmp_path / "gap.csv").write_text("\n".join(lines) + "\n")
    load(db, [tmp_path / "gap.csv"], as_kind="daily", dimensions=["shop"])
    first, later = FIRST + timedelta(BEFORE), FIRST + timedelta(BEFORE + 2)
    (tmp_path / "log.csv").write_text(f"event_id,starts_at,title\nE1,{first},New racks\nE2,{later},Sale\n")
    load(db, [tmp_path / "log.csv"])
    with Workspace.open(db) as workspace:
        result = verify(workspace, "sales", since=SINCE, where=TREATED)
    assert result.verdict == "improved"
    assert any("7 days without any rows" in note for note in result.notes)
    assert any(note.startswith("This may be the change") and "New racks" in note for note in result.notes)
    assert any(note.startswith("Another change") and "Sale" in note for note in result.notes)


def _whydrop(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def test_a_day_of_a_ratio_is_known_by_its_denominator(tmp_path: Path) -> None:
    """Of 100, 200 and 300 orders a tenth, a fifth and three tenths are paid; on the third day the second shop has no order."""
    lines = ["date,shop,orders,paid_orders"]
    for day in range(20):
        for number in (1, 2, 3):
            orders = 0 if (number, day) == (2, 2) else 100 * number
            lines.append(f"{(FIRST + timedelta(day)).isoformat()},s{number},{orders},{orders * number // 10}")
    (tmp_path / "d.csv").write_text("\n".join(lines) + "\n")
    load(tmp_path / "w.db", [tmp_path / "d.csv"], as_kind="daily", dimensions=["shop"])
    days = Window(parse_day(FIRST.isoformat()), parse_day(FIRST.isoformat()) + 19)
    with Workspace.open(tmp_path / "w.db") as workspace:
        metric, where = workspace.metric("payment_rate"), Segment.parse("shop=s1")
        others = [Segment.parse("shop=s2"), Segment.parse("shop=s3")]
        panel = read_panel(workspace, metric, where, days, days.first + 15, others).panel
    assert panel.exposure is not None
    assert sorted(panel.exposure.tolist()) == [[100] * 20, [200, 200, 1, *[200] * 17], [300] * 20]
    assert sorted(panel.values.tolist()) == [[pytest.approx(share)] * 20 for share in (0.1, 0.2, 0.3)]


def test_the_command_prints_the_promised_keys(shops: Path) -> None:
    asked = ("verify", "sales", "--where", "shop=treated", "--db", str(shops))
    done = _whydrop(*asked, "--since", iso(SINCE), "--format", "json")
    document = json.loads(done.stdout)
    assert document["schema"] == "whydrop.verify/1"
    assert document.keys() >= {
        "effect", "effect_pct", "interval", "p_value", "verdict", "controls", "placebo", "series",
    }  # fmt: skip
    assert document["series"][0].keys() == {"day", "actual", "counterfactual", "lo", "hi"}
    assert document["series"][0]["day"] == iso(SINCE)
    text = _whydrop(*asked, "--since", iso(SINCE)).stdout
    assert text.startswith("Improved: sales in shop=treated changed by")
    planned = _whydrop(*asked, "--plan", "--days", "7", "--format", "json")
    assert json.loads(planned.stdout)["days"] == 7
    wrong = _whydrop("verify", "sales", "--db", str(shops), "--since", iso(SINCE))
    assert (wrong.exit_code, wrong.stderr.count("\n")) == (2, 1)
    assert "such as --where shop=treated." in wrong.stderr, "a segment of the data"
    assert _whydrop(*asked).exit_code == 2


@needs_shared
def test_published_answers_of_proposition_99() -> None:
    from core.verification.synthetic_did import difference_in_differences, synthetic_did

    assert SHARED is not None
    with (SHARED / "data" / "prop99" / "smoking_data.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    states = sorted({row["state"] for row in rows}, key=lambda state: (state != "California", state))
    years = sorted({int(row["year"]) for row in rows})
    packs = {(row["state"], int(row["year"])): float(row["cigsale"]) for row in rows}
    values = np.array([[packs[state, year] for year in years] for state in states])
    before = years.index(1989)
    assert synthetic_did(values, before).effect == pytest.approx(-15.604, abs=0.05)
    assert difference_in_differences(values, before) == pytest.approx(-27.349, abs=0.1)


@pytest.mark.parametrize(("onset", "before"), [(None, None), (98, 98), (99, None), (100, None), (103, None)])
def test_a_finding_was_on_before_the_action_when_it_had_two_days(onset: int | None, before: int | None) -> None:
    case = SimpleNamespace(onset=onset, since=100)
    assert incident_before(case) == before  # type: ignore[arg-type]
    said = " ".join(baseline_lines(case))  # type: ignore[arg-type]
    assert ("that level, continued" in said, "back to usual" in said) == (onset == 98, onset == 99)
