"""The command for cases: from a finding to its verdict."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.base.errors import UsageError
from tui.cli import app
from tui.cli.options import command
from tui.cli.output import Output

if TYPE_CHECKING:
    from core.verification.case_results import Case
    from core.views.case_actions import Agreement

_LISTED = ("id", "state", "metric", "where", "action", "owner", "expected", "judge_on", "verdict")
"""Columns that people see in a list."""


@command(app, "case")
def case(
    out: Output,
    db: Path,
    action: Annotated[str, typer.Argument(metavar="open|list|show|note|close|verify", help="What to do.")],
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[FINDING|METRIC|CASE] [TEXT]", help="What to open a case for; which case, and a text."),
    ] = None,
    where: Annotated[
        str, typer.Option(metavar="SEG", help="Where the action is taken; that of the finding by default.")
    ] = "",
    since: Annotated[str, typer.Option(metavar="DAY", help="First day of the action; today by default.")] = "",
    todo: Annotated[str | None, typer.Option("--action", metavar="TEXT", help="What is done.")] = None,
    owner: Annotated[str | None, typer.Option(metavar="NAME", help="Who does it.")] = None,
    expect: Annotated[
        str, typer.Option(metavar="-5%..-10%", help="The promised effect, in percent of what would be without it.")
    ] = "",
    judge_on: Annotated[
        str, typer.Option(metavar="DAY", help="When it is judged; once two weeks are complete by default.")
    ] = "",
    until: Annotated[
        str, typer.Option(metavar="DAY", help="verify: the last day to judge, where it is not the agreed one.")
    ] = "",
) -> None:
    """From a finding to its verdict: a case has an action, an owner and a promise, and is judged by it.

    whydrop case open FINDING --action "Pin the old app" --owner Apps --expect +5%..+10% --judge-on 2026-03-30

    whydrop case list, show CASE, note CASE TEXT, close CASE TEXT, verify CASE
    """
    from core.base.days import parse_day
    from core.verification.promises import parse_expected
    from core.views.case_actions import Agreement

    actions: Mapping[str, Callable[[], None]] = {
        "open": lambda: _open(out, db, named, where, agreement),
        "list": lambda: _list(out, db),
        "show": lambda: _show(out, db, _first(named, action)),
        "note": lambda: _note(out, db, named, agreement),
        "close": lambda: _close(out, db, named),
        "verify": lambda: _verify(out, db, _first(named, action), until),
    }
    named = words or []
    if action not in actions:
        raise UsageError(f"no action {action!r}. It is one of {', '.join(actions)}.")
    agreement = Agreement(
        since=parse_day(since) if since else None,
        judge_on=parse_day(judge_on) if judge_on else None,
        action=todo,
        owner=owner,
        expected=parse_expected(expect) if expect else None,
    )
    if not agreement.is_empty and action not in {"open", "note"}:
        raise UsageError(
            f"case {action} agrees nothing. Leave out --since, --action, --owner, --expect and --judge-on."
        )
    actions[action]()


def _first(words: Sequence[str], action: str) -> str:
    if len(words) != 1:
        raise UsageError(f"which case? Write: whydrop case {action} CASE (whydrop case list shows all).")
    return words[0]


def _open(out: Output, db: Path, words: Sequence[str], where: str, agreement: "Agreement") -> None:
    from core.base.segment import Segment
    from core.reports.narrative import narrative
    from core.views.case_actions import open_cases

    if not words:
        raise UsageError("a case for what? Write: whydrop case open FINDING or METRIC (whydrop scan lists findings).")
    _write(out, open_cases(db, words, agreement, narrative, Segment.parse(where) if where else None))


def _note(out: Output, db: Path, words: Sequence[str], agreement: "Agreement") -> None:
    from core.views.case_actions import note_case

    if not words:
        raise UsageError("which case? Write: whydrop case note CASE TEXT (whydrop case list shows all).")
    _write(out, [note_case(db, words[0], " ".join(words[1:]), agreement)])


def _close(out: Output, db: Path, words: Sequence[str]) -> None:
    from core.views.case_actions import close_case

    if not words:
        raise UsageError("which case? Write: whydrop case close CASE [TEXT] (whydrop case list shows all).")
    _write(out, [close_case(db, words[0], " ".join(words[1:]))])


def _list(out: Output, db: Path) -> None:
    from core.base.days import iso
    from core.reports.case_narrative import CASE_COLUMNS, case_row, effect_range, fault_lines, verdict_words
    from core.views.case_list import case_list
    from core.workspace.read.workspace import Workspace

    with Workspace.open(db) as workspace:
        found = case_list(workspace)
    faults = fault_lines(found.faults)
    if out.is_text and not out.fields:
        rows = [
            {
                **{name: getattr(case, name) for name in ("id", "state", "metric", "where", "action", "owner")},
                "expected": effect_range(case.expected),
                "judge_on": iso(case.judge_on) if case.judge_on is not None else "",
                "verdict": verdict_words(case),
            }
            for case in found.cases
        ]
        if rows:
            out.rows(rows, _LISTED)
        else:
            out.text("There are no cases yet. Open one with: whydrop case open FINDING")
    else:
        out.rows(list(map(case_row, found.cases)), CASE_COLUMNS, {"faults": list(faults)}, key="cases")
    _end(out, faults)


def _show(out: Output, db: Path, word: str) -> None:
    from core.reports.case_narrative import fault_lines
    from core.views.case_actions import current_definition
    from core.views.case_list import case_list
    from core.workspace.read.workspace import Workspace

    with Workspace.open(db) as workspace:
        found = case_list(workspace)
        case = found.case(word)
        definition = current_definition(workspace, case.metric)
    faults = fault_lines(found.faults_of(case))
    _write(out, [case], definition)
    _end(out, faults)


def _verify(out: Output, db: Path, word: str, until: str) -> None:
    from core.base.days import parse_day
    from core.reports.case_narrative import case_row, judgement_lines
    from core.reports.verification_narrative import verification_lines
    from core.views.case_actions import verify_case

    judgement = verify_case(db, word, parse_day(until) if until else None)
    cases = [case_row(judgement.case)]
    document = {
        "cases": cases,
        "is_stored": judgement.is_stored,
        "verification": judgement.result.to_dict(),
    }
    lines = (*judgement_lines(judgement), *verification_lines(judgement.result))
    out.document(document, lines, cases)


def _write(out: Output, cases: "Sequence[Case]", definition: str | None = None) -> None:
    """The cases as documents, or as text for people."""
    from core.reports.case_narrative import CASE_COLUMNS, case_lines

    if out.is_text:
        for case in cases:
            out.text(*case_lines(case, definition))
    else:
        out.rows([case.to_dict() for case in cases], CASE_COLUMNS, key="cases")


def _end(out: Output, faults: Sequence[str]) -> None:
    """Exit status 1 where records were changed."""
    for line in faults:
        out.error(line)
    if faults:
        raise typer.Exit(1)
