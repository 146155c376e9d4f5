"""The command for cases: from a finding to its verdict."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.base.errors import UsageError
from tui.cli import app
from tui.cli.completion import case_actions, case_words, days, segments
from tui.cli.options import command
from tui.cli.output import Output

if TYPE_CHECKING:
    from core.base.segment import Segment
    from core.verification.case_results import Case
    from core.views.case_actions import Agreement


Action = Annotated[
    str, typer.Argument(metavar="open|list|show|note|close|verify", help="What to do.", autocompletion=case_actions)
]
Words = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[FINDING|METRIC|CASE] [TEXT]",
        help="What to open a case for; which case, and a text.",
        autocompletion=case_words,
    ),
]
ActionSegment = Annotated[
    str,
    typer.Option(
        metavar="SEG", help="Where the action is taken; that of the finding by default.", autocompletion=segments
    ),
]
ActionStart = Annotated[
    str, typer.Option(metavar="DAY", help="First day of the action; today by default.", autocompletion=days)
]
Promised = Annotated[
    str, typer.Option(metavar="-5%..-10%", help="The promised effect, in percent of the value without it.")
]
JudgeOn = Annotated[
    str, typer.Option(metavar="DAY", help="Day of the verdict; by default, when two weeks are complete.")
]
Until = Annotated[str, typer.Option(metavar="DAY", help="verify: the last day to judge, if not the agreed one.")]


@command(app, "case", "whydrop case open gmv --where market=TH --action Retry --expect +5%..+9%", "whydrop case list")
def case(
    out: Output,
    db: Path,
    action: Action,
    words: Words = None,
    where: ActionSegment = "",
    since: ActionStart = "",
    todo: Annotated[str | None, typer.Option("--action", metavar="TEXT", help="The action.")] = None,
    owner: Annotated[str | None, typer.Option(metavar="NAME", help="The owner of the action.")] = None,
    expect: Promised = "",
    judge_on: JudgeOn = "",
    until: Until = "",
) -> None:
    """From a finding to its verdict. A case has an action, an owner and a promise, and is judged by it.

    open FINDING or METRIC, list, show CASE, note CASE TEXT, close CASE [TEXT], verify CASE
    """
    actions: Mapping[str, Callable[[], None]] = {
        "open": lambda: _open(out, db, named, segment, agreement),
        "list": lambda: _list(out, db),
        "show": lambda: _show(out, db, _first(named, action)),
        "note": lambda: _note(out, db, named, agreement),
        "close": lambda: _close(out, db, named),
        "verify": lambda: _verify(out, db, _first(named, action), until),
    }
    named = words or []
    if action not in actions:
        raise UsageError(f"no action {action!r}. It is one of {', '.join(actions)}.")
    from core.views.questions.agreement_words import AgreementWords, read_agreement

    segment, agreement = read_agreement(db, where, AgreementWords(since, judge_on, todo, owner, expect))
    if not agreement.is_empty and action not in {"open", "note"}:
        raise UsageError(
            f"case {action} agrees nothing. Leave out --since, --action, --owner, --expect and --judge-on."
        )
    actions[action]()


def _first(words: Sequence[str], action: str) -> str:
    if len(words) != 1:
        raise UsageError(f"which case? Write: whydrop case {action} CASE (whydrop case list shows all).")
    return words[0]


def _open(out: Output, db: Path, words: Sequence[str], where: "Segment", agreement: "Agreement") -> None:
    from core.reports.tables.answer import answer_lines
    from core.views.case_actions import open_cases

    if not words:
        raise UsageError("a case for what? Write: whydrop case open FINDING or METRIC (whydrop scan lists findings).")
    _write(out, db, open_cases(db, words, agreement, answer_lines, where or None))


def _note(out: Output, db: Path, words: Sequence[str], agreement: "Agreement") -> None:
    from core.views.case_actions import note_case

    if not words:
        raise UsageError("which case? Write: whydrop case note CASE TEXT (whydrop case list shows all).")
    _write(out, db, [note_case(db, words[0], " ".join(words[1:]), agreement)])


def _close(out: Output, db: Path, words: Sequence[str]) -> None:
    from core.views.case_actions import close_case

    if not words:
        raise UsageError("which case? Write: whydrop case close CASE [TEXT] (whydrop case list shows all).")
    _write(out, db, [close_case(db, words[0], " ".join(words[1:]))])


def _list(out: Output, db: Path) -> None:
    from core.reports.case_narrative import CASE_COLUMNS, case_row, fault_lines
    from core.reports.documents.case_report import case_list_report
    from core.views.case_list import case_list
    from core.workspace.read.workspace import Workspace

    with Workspace.open(db) as workspace:
        listing = case_list(workspace)
    faults = fault_lines(listing.faults)
    rows = list(map(case_row, listing.cases))
    out.report(case_list_report(listing.cases), {"faults": list(faults)}, rows, CASE_COLUMNS, key="cases")
    _end(out, faults)


def _show(out: Output, db: Path, word: str) -> None:
    from core.reports.case_narrative import fault_lines
    from core.views.case_actions import current_definition
    from core.views.case_list import case_list
    from core.workspace.read.workspace import Workspace

    with Workspace.open(db) as workspace:
        listing = case_list(workspace)
        case = listing.case(word)
        definition = current_definition(workspace, case.metric)
    faults = fault_lines(listing.faults_of(case))
    _write(out, db, [case], definition)
    _end(out, faults)


def _verify(out: Output, db: Path, word: str, until: str) -> None:
    from core.reports.case_narrative import CASE_COLUMNS, case_row
    from core.reports.documents.case_report import judgement_report
    from core.views.case_actions import verify_case
    from core.views.questions.question_words import read_day
    from core.workspace.read.workspace import Workspace

    with Workspace.open(db) as workspace:
        last = read_day(workspace, until)
    judgement = verify_case(db, word, last)
    cases = [case_row(judgement.case)]
    document = {"cases": cases, "is_stored": judgement.is_stored, "verification": judgement.result.to_dict()}
    out.report(judgement_report(judgement), document, cases, CASE_COLUMNS)


def _write(out: Output, db: Path, cases: "Sequence[Case]", definition: str | None = None) -> None:
    """The cases as documents, or as text for people."""
    from core.reports.case_narrative import CASE_COLUMNS
    from core.reports.documents.case_report import cases_report
    from core.workspace.read.workspace import Workspace

    with Workspace.open(db) as workspace:
        currency = workspace.currency
    rows = [case.to_dict() for case in cases]
    out.report(cases_report(cases, currency, definition), {}, rows, CASE_COLUMNS, key="cases")


def _end(out: Output, faults: Sequence[str]) -> None:
    """Exit status 1 where records were changed."""
    for line in faults:
        out.error(line)
    if faults:
        raise typer.Exit(1)
