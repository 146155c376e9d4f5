"""The command that opens the screens; nothing of them is loaded before."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from core.errors import UsageError, WhydropError
from tui.cli import app
from tui.cli.options import command, failing_kindly
from tui.cli.output import Format, Output


@command(app, "tui")
def tui(
    out: Output,
    db: Path,
    ascii_: Annotated[
        bool, typer.Option("--ascii", help="Use nothing but ASCII (also where the locale is C).")
    ] = False,
) -> None:
    """Opens the screens."""
    _run(db, plain=ascii_, no_color=out.no_color)


def open_screens(db: Path | None = None) -> None:
    """The screens on a workspace; on $WHYDROP_DB or whydrop.db for `whydrop` alone in a terminal."""
    with failing_kindly(Output("tui", Format.TABLE, "", False, False)):
        _run(db or Path(os.environ.get("WHYDROP_DB") or "whydrop.db"))


def _run(db: Path, plain: bool = False, no_color: bool = False) -> None:
    """Raises UsageError without a terminal, WhydropError without a workspace."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()) or os.environ.get("TERM") == "dumb":
        raise UsageError("no terminal for the screens. Try: whydrop scan")
    if not db.exists():
        raise WhydropError(f"{db}: there is no workspace. Make one with: whydrop demo, or whydrop load PATH --db {db}")
    if no_color:
        os.environ["NO_COLOR"] = "1"
    from core.workspace.workspace import Workspace
    from tui.app import Whydrop
    from tui.widgets.ascii import is_plain_terminal

    Workspace.open(db).close()
    Whydrop(db, plain or is_plain_terminal()).run()
