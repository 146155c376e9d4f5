"""Cases as a user works on them: opened, noted, judged, and never changed unnoticed."""

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from core.base.date_text import date_text, during
from core.base.days import Window, iso
from core.base.errors import UsageError
from core.reports.case_narrative import promise_lines
from core.reports.verification_narrative import verification_lines
from core.verification.case_judgement import promise_outcome
from core.verification.case_results import ExpectedEffect
from core.verification.promises import parse_agreed, parse_expected
from core.verification.verification_results import Placebo, Verification
from core.views.case_list import case_list
from core.workspace.read.workspace import Workspace
from core.workspace.schema.cases.case_chain import TABLE, CaseChain, read_chain
from core.workspace.write import case_writing
from core.workspace.write.load import load
from core.workspace.write.recovery.rescue import rescue
from core.workspace.write.recovery.undo import undo
from tests.verification.panels import AFTER, BEFORE, series
from tests.verification.test_verify import SINCE, TREATED, _daily
from tui.cli import app

LAST = SINCE + AFTER - 1
AGREED = ("--action", "Longer hours", "--owner", "Ops", "--expect", "+20%..+10%", "--since", iso(SINCE))
Run = Callable[..., Result]


@pytest.fixture(scope="module")
def shops(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seven shops; the first sells 15 % more since SINCE, the fourth 30 % less."""
    values = series(21, effect=0.15)
    values[4, BEFORE:] *= 0.7
    return _daily(tmp_path_factory.mktemp("cases"), values)


@pytest.fixture
def db(shops: Path, tmp_path: Path) -> Path:
    """A workspace that a test may write to."""
    return Path(shutil.copy(shops, tmp_path / "w.db"))


@pytest.fixture
def whydrop(db: Path) -> Run:
    """Runs a command on it, in this process."""
    return lambda *words: CliRunner().invoke(app, [*words, "--db", str(db)])


def _opened(whydrop: Run, *more: str) -> dict[str, object]:
    result = whydrop("case", "open", "sales", "--where", str(TREATED), *AGREED, *more, "--format", "json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)["cases"][0]  # type: ignore[no-any-return]


def _chain(db: Path) -> CaseChain:
    with closing(sqlite3.connect(db)) as connection:
        return read_chain(connection)


def test_a_promise_is_listed_due_and_judged(whydrop: Run) -> None:
    case = _opened(whydrop, "--judge-on", iso(LAST))
    assert case["state"] == "due"
    assert case["expected"] == {"low": 0.1, "high": 0.2}
    scan = json.loads(whydrop("scan", "--format", "json", "-q").stdout)
    assert [due["id"] for due in scan["due_cases"]] == ["case-1"]
    assert whydrop("scan").stdout.startswith(f"Due since {date_text(LAST)}: case-1, sales in {TREATED}.")
    judged = json.loads(whydrop("case", "verify", "1", "--format", "json").stdout)
    assert judged["is_stored"]
    assert judged["cases"][0]["verdict"]["promise"] == "kept"
    assert judged["verification"]["window"] == {"from": iso(SINCE), "to": iso(LAST - 1)}
    (listed,) = json.loads(whydrop("case", "list", "--format", "json").stdout)["cases"]
    assert listed["state"] == "judged"
    assert listed["verdict"]["effect"] == judged["verification"]["effect"]
    assert json.loads(whydrop("scan", "--format", "json", "-q").stdout)["due_cases"] == []
    assert "promise kept" in whydrop("case", "list").stdout


def test_before_its_day_nothing_is_stored(whydrop: Run, db: Path) -> None:
    _opened(whydrop, "--judge-on", iso(LAST + 1))
    before = db.read_bytes()
    result = whydrop("case", "verify", "case-1")
    assert result.exit_code == 0
    assert f"is due on {date_text(LAST + 1)}" in result.stdout
    assert whydrop("case", "list").exit_code == whydrop("case", "show", "1").exit_code == 0
    assert db.read_bytes() == before


@pytest.mark.parametrize(("since", "is_said"), [(SINCE, False), (SINCE + 3, True)])
def test_a_change_that_came_while_its_segment_was_down_is_said(whydrop: Run, since: int, is_said: bool) -> None:
    result = whydrop("verify", "sales", "--where", "shop=s4", "--since", iso(since))
    said = f"The segment was already worse than expected {during(Window(since - 3, since - 1))}."
    assert (said in result.stdout) is is_said


def test_a_case_takes_metric_segment_onset_and_words_of_its_finding(whydrop: Run) -> None:
    finding = json.loads(whydrop("scan", "--format", "json", "-q").stdout)["findings"][0]
    result = whydrop("case", "open", finding["id"], "--format", "json")
    (case,) = json.loads(result.stdout)["cases"]
    for name in ("metric", "where", "onset", "window", "cause"):
        assert case[name] == finding[name]
    assert case["finding"] == finding["id"]
    assert case["words"][0].startswith(f"▼ {finding['severity'].capitalize()}: sales in shop=s4 fell from ")
    assert f"The finding began on {date_text(SINCE)}, before the action" in whydrop("case", "show", "1").stdout
    again = whydrop("case", "open", "sales", finding["id"])
    assert again.exit_code == 2
    assert "case-1 is about the same finding" in again.output
    assert len(json.loads(whydrop("case", "list", "--format", "json").stdout)["cases"]) == 1
    assert whydrop("case", "close", "1", "Shop", "was", "closed").exit_code == 0
    assert "closed" in whydrop("case", "list").stdout


def test_a_promise_can_be_agreed_anew_until_it_is_judged(whydrop: Run, db: Path) -> None:
    first = _opened(whydrop, "--judge-on", iso(LAST))
    assert whydrop("case", "note", "1", "Rain", "--expect", "+5%").exit_code == 0
    (case,) = json.loads(whydrop("case", "show", "1", "--format", "json").stdout)["cases"]
    assert case["expected"] == {"low": 0.05, "high": 0.05}
    assert case["action"] == "Longer hours"
    assert case["hash"] != first["hash"]
    assert [note["text"] for note in case["notes"]] == ["Rain"]
    assert [record.kind for record in _chain(db).records] == ["open", "note", "promise"]
    assert whydrop("case", "verify", "1").exit_code == 0
    refused = whydrop("case", "note", "1", "--expect", "+1%")
    assert refused.exit_code == 2
    assert "its promise cannot change any more" in refused.output


def test_a_promise_that_would_make_the_metric_worse_says_so(whydrop: Run, db: Path) -> None:
    _opened(whydrop, "--expect", "-5%..-9%")
    with Workspace.open(db) as workspace:
        (case,) = case_list(workspace).cases
    assert promise_lines(case)[1] == "Expected effect: -9.0% to -5.0%, which would make sales worse"
    fewer = replace(case, metric="cancel_rate", definition="1 x (cancelled_orders) / (orders), down is good")
    assert promise_lines(fewer)[1] == "Expected effect: -9.0% to -5.0%"
    more = replace(fewer, expected=ExpectedEffect(0.05, 0.09))
    assert promise_lines(more)[1] == "Expected effect: +5.0% to +9.0%, which would make cancel rate worse"
    neither = replace(case, metric="commission_rate", definition="1 x (commission) / (gmv), neutral is good")
    assert promise_lines(neither)[1] == "Expected effect: -9.0% to -5.0%"


def test_the_hash_of_a_record_is_that_of_its_canonical_json(whydrop: Run, db: Path) -> None:
    case = _opened(whydrop)
    with closing(sqlite3.connect(db)) as connection:
        ((body,),) = connection.execute(f"SELECT body FROM {TABLE}").fetchall()
    record = {"number": 1, "case": "case-1", "kind": "open", "previous": "", "body": json.loads(body)}
    text = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert sha256(text.encode()).hexdigest() == case["hash"]


def test_every_random_edit_of_the_stored_records_is_found(whydrop: Run, db: Path) -> None:
    for step in range(3):
        _opened(whydrop, "--judge-on", iso(LAST + step))
        whydrop("case", "note", str(step + 1), "A note", "--owner", "Büro")
    chance = random.Random(7)
    with closing(sqlite3.connect(db, isolation_level=None)) as connection:
        count = len(read_chain(connection).records)
        for _ in range(100):
            connection.execute("BEGIN")
            edit, number = _random_edit(chance, connection, count)
            assert read_chain(connection).faults, (edit, number)
            connection.execute("ROLLBACK")
        assert read_chain(connection).faults == ()


def _random_edit(chance: random.Random, connection: sqlite3.Connection, count: int) -> tuple[str, int]:
    number = chance.randrange(1, count + 1)
    column = chance.choice(["case_id", "kind", "previous", "body", "body", "body", "hash", "number", "row", "tail"])
    if column == "row":
        connection.execute(f"DELETE FROM {TABLE} WHERE number = ?", (number,))
    elif column == "tail":
        connection.execute(f"DELETE FROM {TABLE} WHERE number >= ?", (number,))
    elif column == "number":
        connection.execute(f"UPDATE {TABLE} SET number = number + 100 WHERE number = ?", (number,))
    else:
        ((text,),) = connection.execute(f"SELECT {column} FROM {TABLE} WHERE number = ?", (number,)).fetchall()
        at = chance.randrange(len(text) + 1)
        changed = text
        while changed == text:
            inserted = chance.choice(["", " ", "7", "x", "\x00", "é"])
            changed = text[:at] + inserted + text[at + chance.randrange(2) :]
        connection.execute(f"UPDATE {TABLE} SET {column} = ? WHERE number = ?", (changed, number))
    return column, number


def test_a_changed_promise_is_said_by_every_command(whydrop: Run, db: Path) -> None:
    _opened(whydrop, "--judge-on", iso(LAST))
    _opened(whydrop, "--judge-on", iso(LAST))
    with closing(sqlite3.connect(db, isolation_level=None)) as connection:
        connection.execute(f"""UPDATE {TABLE} SET body = replace(body, '"low":0.1', '"low":0.01') WHERE number = 1""")
    line = "case-1 was changed: its record 1 does not match what was recorded."
    for words in (("list",), ("show", "1")):
        result = whydrop("case", *words)
        assert (result.exit_code, line in result.output) == (1, True)
    assert "case-2" in whydrop("case", "list").stdout
    refused = whydrop("case", "verify", "1")
    assert refused.exit_code == 1
    assert "it is not judged" in refused.output
    assert line in whydrop("scan").output
    assert whydrop("case", "show", "2").exit_code == whydrop("case", "verify", "2").exit_code == 0


KILLED = {
    "open": ("open", "sales", "--where", "shop=s2", "--since", iso(SINCE), "--judge-on", iso(LAST)),
    "note": ("note", "1", "Rain", "--expect", "+5%"),
    "close": ("close", "1", "Done"),
    "verify": ("verify", "1"),
}
ADDED = {"open": 1, "note": 2, "close": 1, "verify": 1}
"""Records that a whole command adds."""


@pytest.mark.parametrize("action", KILLED)
def test_a_command_that_is_killed_at_any_moment_adds_all_its_records_or_none(
    whydrop: Run, db: Path, action: str
) -> None:
    _opened(whydrop, "--judge-on", iso(LAST))
    original = db.read_bytes()
    words = ("case", *KILLED[action])
    began = time.monotonic()
    assert whydrop(*words).exit_code == 0
    duration = time.monotonic() - began
    chance = random.Random(action)
    endings = set()
    for step in range(5):
        for path in db.parent.glob("w.db-*"):
            path.unlink()
        db.write_bytes(original)
        _killed(lambda: whydrop(*words), after=None if step == 0 else chance.uniform(0.3, 1.1) * duration)
        chain = _chain(db)
        assert chain.faults == ()
        assert len(chain.records) in {1, 1 + ADDED[action]}
        endings.add(len(chain.records))
        assert whydrop("case", "note", "1", "Still works").exit_code == 0
    assert 1 in endings


def _killed(run: Callable[[], object], after: float | None) -> None:
    """Runs something in a process that is killed after so many seconds; None: when its records are written, not committed."""
    child = os.fork()
    if child == 0:
        if after is None:
            add = case_writing.add_records

            def add_and_die(*arguments: Any) -> None:
                add(*arguments)
                os.kill(os.getpid(), signal.SIGKILL)

            case_writing.add_records = add_and_die
        else:
            threading.Timer(after, lambda: os.kill(os.getpid(), signal.SIGKILL)).start()
        run()
        os._exit(0)
    os.waitpid(child, 0)


def test_loading_again_undoing_and_rescuing_keep_cases(whydrop: Run, db: Path, tmp_path: Path) -> None:
    _opened(whydrop)
    kept = _chain(db)
    (tmp_path / "more.csv").write_text(f"date,shop,sales\n{iso(LAST + 1)},s1,5\n")
    load(db, [tmp_path / "more.csv"], as_kind="daily", dimensions=["shop"])
    assert _chain(db) == kept
    undo(db, 2)
    undo(db, 1)
    assert _chain(db) == kept
    with Workspace.open(db) as workspace:
        assert [case.id for case in case_list(workspace).cases] == ["case-1"]
    rescue(db, tmp_path / "new.db")
    assert _chain(tmp_path / "new.db") == kept


@pytest.mark.parametrize("form", ["table", "json", "ndjson", "csv", "md"])
def test_cases_are_exported_in_every_format(whydrop: Run, form: str) -> None:
    _opened(whydrop, "--judge-on", iso(LAST))
    result = whydrop("case", "list", "--format", form)
    assert result.exit_code == 0
    assert "Longer hours" in result.stdout


def test_a_changed_definition_is_said(whydrop: Run, db: Path) -> None:
    settings = db.with_name("whydrop.toml")
    metric = '[metrics.turnover]\nname = "Turnover"\nunit = "count"\ngood = "up"\nformula = "{}sales"\n'
    settings.write_text(metric.format(""))
    case = whydrop("case", "open", "turnover", "--where", str(TREATED), *AGREED, "--judge-on", iso(LAST))
    assert case.exit_code == 0, case.output
    settings.write_text(metric.format("1000 x "))
    result = whydrop("case", "verify", "1")
    assert "The definition of the metric changed" in result.stdout
    assert "1 x (sales), up is good" in whydrop("case", "show", "1").stdout


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("open",), "a case for what"),
        (("open", "salles"), "no metric 'salles'"),
        (("open", "sales", "--expect", "lots"), "not an effect"),
        (("open", "sales", "--since", "2026-03-16", "--judge-on", "2026-03-16"), "is not after the first day"),
        (("show", "9"), "no case '9'"),
        (("agree",), "no action 'agree'"),
        (("list", "--owner", "Ops"), "agrees nothing"),
    ],
)
def test_mistakes_are_said_in_one_line(whydrop: Run, words: tuple[str, ...], line: str) -> None:
    result = whydrop("case", *words)
    assert result.exit_code == 2
    assert line in result.output


def test_a_case_about_everything_has_nothing_to_compare_with(whydrop: Run) -> None:
    opened = whydrop("case", "open", "sales", *AGREED, "--judge-on", iso(LAST), "--format", "json")
    assert json.loads(opened.stdout)["cases"][0]["state"] == "open", "never due"
    without_day = whydrop("case", "open", "sales", "--since", iso(SINCE), "--format", "json")
    assert json.loads(without_day.stdout)["cases"][0]["judge_on"] is None
    assert "It cannot be judged" in whydrop("case", "show", "1").output
    result = whydrop("case", "verify", "1")
    assert result.exit_code == 1
    assert "no untouched segment is left" in result.output
    assert "--" not in result.output, "the screens say it, too, and have no options"


def _verified(effect: float, spread: float, p: float) -> Verification:
    with_effect = 100 + effect
    return Verification(
        metric="m", unit="count", is_ratio=False, good="up", where=TREATED, window=None, before=None, actual=with_effect,  # type: ignore[arg-type]
        counterfactual=100.0, effect=effect, effect_pct=effect / 100, interval=(effect - spread, effect + spread), p_value=p,
        verdict="undecided", smallest_detectable=1.0, more_days=None, negligible=3.0, controls=(), dropped=(),
        placebo=Placebo(1, 1), second_opinions=(), series=(),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("expected", "effect", "spread", "p", "outcome"),
    [
        ("-5%..-10%", -7.0, 2.0, 0.001, "kept"),
        ("-5%..-10%", -15.0, 2.0, 0.001, "kept"),
        ("-5%..-10%", -7.0, 8.0, 0.2, "undecided"),
        ("-5%..-10%", -2.0, 1.0, 0.001, "missed"),
        ("-5%..-10%", -2.0, 4.0, 0.3, "undecided"),
        ("-5%..-10%", 7.0, 2.0, 0.001, "missed"),
        ("+3%", 4.0, 1.0, 0.001, "kept"),
        ("+3%", 1.0, 1.0, 0.05, "missed"),
        ("-2%..+2%", 0.5, 1.0, 0.4, "kept"),
        ("-2%..+2%", 0.5, 3.0, 0.7, "undecided"),
        ("-2%..+2%", 5.0, 1.0, 0.001, "missed"),
    ],
)
def test_a_promise_is_kept_missed_or_undecided(
    expected: str, effect: float, spread: float, p: float, outcome: str
) -> None:
    assert promise_outcome(parse_expected(expected), _verified(effect, spread, p)) == outcome


def test_a_promise_may_be_an_action_an_effect_or_a_day_alone() -> None:
    assert parse_agreed("Pin the old app") == ("Pin the old app", None, None)
    assert parse_agreed("+3%") == (None, ExpectedEffect(0.03, 0.03), None)
    assert parse_agreed("1970-01-03") == (None, None, 2)
    with pytest.raises(UsageError, match="one effect and one day"):
        parse_agreed("Pin it 1970-01-03 1970-01-04")


def test_no_change_says_what_a_change_would_have_been() -> None:
    result = replace(_verified(0.5, 1.0, 0.4), verdict="no_change", window=Window(20500, 20506))
    interval = "(by -0.50 to +1.50 on an average day)"
    text = f"No change: m in {TREATED} changed by less than 3 on an average day on 16-22 Feb 2026 {interval}."
    assert verification_lines(result, "")[0] == text
    rate = verification_lines(replace(result, is_ratio=True), "")[0]  # 4.3 stars are not what an average day has
    assert rate == text.replace(" on an average day", "")


def test_nothing_promised_is_nothing_kept() -> None:
    assert promise_outcome(ExpectedEffect(), _verified(5.0, 1.0, 0.001)) is None


def test_a_scan_lists_cases_without_loading_statistics_of_verification() -> None:
    script = (
        "import sys, core.views.case_list, core.reports.case_narrative\n"
        "print([name for name in ('scipy', 'sqlite_utils', 'core.verification.verify') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout == "[]\n"
