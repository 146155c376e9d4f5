"""`whydrop demo`: sample exports, loaded, scanned and explained."""

import os
import sys
from pathlib import Path
from shlex import quote
from shutil import which
from typing import TYPE_CHECKING, Annotated

import typer

from core.base.errors import WhydropError
from tui.cli import app
from tui.cli.options import DEFAULT_DB, command
from tui.cli.output import Output

if TYPE_CHECKING:
    from core.detection.findings import Finding, Scan
    from core.reports.documents.demo_report import DemoSubject

_DEMO_DB = Path("whydrop-demo.db")


@command(app, "demo", "whydrop demo", "whydrop demo --tui")
def demo(
    out: Output,
    db: Path,
    screens: Annotated[bool, typer.Option("--tui", help="Open the screens instead of printing.")] = False,
) -> None:
    """Builds sample workspaces and explains their worst findings."""
    if screens and db == DEFAULT_DB and _DEMO_DB.is_file():  # as it was left, with the cases that were opened in it
        _open(_DEMO_DB)
        return
    from core.reports.documents.demo_report import demo_report
    from fixtures.demo import build_live_sellers, build_marketplace

    made_up, real = _targets(db)
    out.note("making and loading 120 days of a marketplace ...")
    planted = build_marketplace(made_up)
    out.note("loading six years of posts of live sellers ...")
    build_live_sellers(real)
    if screens:
        _open(made_up)
        return
    scan, worst, first = _worst_of_marketplace(made_up)
    second = _change_of_live_sellers(real)
    out.report(
        demo_report((first, second), planted, _next_commands(made_up, worst.id)),
        {
            "scan": scan.to_dict(),
            "explain": first.answer.to_dict(),
            "live_sellers": second.answer.to_dict(),
            "planted": planted,
        },
        [finding.to_dict() for finding in scan.findings],
    )


def _worst_of_marketplace(db: Path) -> tuple["Scan", "Finding", "DemoSubject"]:
    """What a scan finds, the worst of it that costs money, and why."""
    from core.incidents.finding_log import remember
    from core.incidents.finding_question import explain_finding, question_of
    from core.incidents.kept_incidents import find_incidents
    from core.reports.documents.demo_report import DemoSubject
    from core.workspace.read.workspace import Workspace

    with Workspace.open(db) as workspace:
        scan = find_incidents(workspace)
        remember(workspace.path, scan.findings)
        worst = next((finding for finding in scan.findings if finding.impact_unit == "money"), scan.findings[0])
        answer = explain_finding(workspace, question_of(worst))
        title = f"A marketplace, made up: {db}, {scan.tested:,} series tested"
        return scan, worst, DemoSubject(title=title, finding=worst, answer=answer, currency=workspace.currency)


def _change_of_live_sellers(db: Path) -> "DemoSubject":
    """Why the posts of real live sellers got fewer reactions."""
    from core.base.days import Window
    from core.explanation.explain import explain
    from core.reports.documents.demo_report import DemoSubject
    from core.workspace.read.workspace import Workspace
    from fixtures.demo import LIVE_SELLERS_QUESTION as ASKED

    with Workspace.open(db) as workspace:
        answer = explain(workspace, ASKED.metric, window=Window.parse(ASKED.window), baseline=ASKED.baseline)
    return DemoSubject(title=f"Live sellers in Thailand, real posts: {db}", finding=None, answer=answer)


def _open(db: Path) -> None:
    from tui.cli.commands.tui_command import open_screens

    open_screens(db)


def _next_commands(db: Path, finding: str) -> list[tuple[str, str]]:
    """What to look at next, as it can be typed here."""
    program, end = _program(), f"--db {quote(str(db))}"
    return [
        ("the evidence", f"{program} explain {finding} {end}"),
        ("a page to send", f"{program} report {finding} -o finding.html {end}"),
        ("the screens", f"{program} tui {end}"),
    ]


def _targets(db: Path) -> tuple[Path, Path]:
    """The two workspace files. The packaged names are rebuilt each time. Raises WhydropError rather than overwrite a file that
    the user names."""
    if db != DEFAULT_DB:
        named = db, db.with_name(f"{db.stem}-live-sellers{db.suffix}")
        for path in filter(Path.exists, named):
            raise WhydropError(f"{path} is there already. Name another file: whydrop demo --db PATH")
        return named
    both = _DEMO_DB, _DEMO_DB.with_stem("whydrop-demo-live-sellers")
    for path in both:
        for leftover in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
            leftover.unlink(missing_ok=True)
    return both


def _program() -> str:
    """The program as it can be typed here: its name where that finds it, else the path that was used."""
    if "UV_RUN_RECURSION_DEPTH" in os.environ:  # uv sets it, and its PATH ends with the command
        return "uv run whydrop"
    program = which("whydrop")
    typed = Path(sys.argv[0])
    if typed.name != "whydrop":
        return "python -m tui.cli"
    return "whydrop" if program and Path(program).resolve() == typed.resolve() else quote(str(typed))
