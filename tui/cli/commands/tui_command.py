"""The command that opens the screens; nothing of them is loaded before."""

import gc
import os
from pathlib import Path
from typing import Annotated

import typer

from core.base.errors import UsageError, WhydropError
from tui.cli import app
from tui.cli.options import command, failing_kindly
from tui.cli.output import Format, Output
from tui.process import on_terminal

_PORT = 8000
"""The usual port of a development server."""
_DRIVER = "TEXTUAL_DRIVER"
"""Set where the screens are not drawn on a terminal but sent to a browser."""


@command(app, "tui", "whydrop tui", "whydrop tui --serve --port 8080")
def tui(
    out: Output,
    db: Path,
    ascii_: Annotated[bool, typer.Option("--ascii", help="Use only ASCII characters (also in the C locale).")] = False,
    serve: Annotated[bool, typer.Option("--serve", help="Show them in a browser on this machine instead.")] = False,
    port: Annotated[int, typer.Option(min=1, max=65535, metavar="N", help="Port for --serve.")] = _PORT,
) -> None:
    """Opens the screens."""
    if serve:
        _serve(db, port, ["--ascii"] if ascii_ else [])
    else:
        _run(db, plain=ascii_, no_color=out.no_color)


def open_screens(db: Path | None = None) -> None:
    """The screens on a workspace; for `whydrop` alone in a terminal, on the nearest one."""
    path = db or _nearest()
    with failing_kindly(Output("tui", Format.TABLE, fields="", quiet=False, no_color=False), path):
        _run(path)


def _nearest() -> Path:
    """$WHYDROP_DB, whydrop.db, or the newest other .db file of this folder."""
    usual = Path(os.environ.get("WHYDROP_DB") or "whydrop.db")
    if usual.exists() or os.environ.get("WHYDROP_DB"):
        return usual
    others = sorted(Path().glob("*.db"), key=lambda path: path.stat().st_mtime)
    return others[-1] if others else usual


def _run(db: Path, plain: bool = False, no_color: bool = False) -> None:
    """Raises UsageError without a terminal or with bad keys, WhydropError without a workspace."""
    in_browser = _DRIVER in os.environ
    in_terminal = on_terminal() and os.environ.get("TERM") != "dumb"
    if not (in_terminal or in_browser):
        raise UsageError("no terminal for the screens. Try: whydrop scan")
    _check(db)
    if no_color:
        os.environ["NO_COLOR"] = "1"
    from tui import keymap
    from tui.app import Whydrop
    from tui.widgets.ascii_filter import is_plain_terminal

    own_keys = keymap.read(db)
    gc.freeze()  # the program itself is no garbage: looking through it again halts the screens for 0.1 s
    gc.set_threshold(
        700, 10, 10
    )  # Python's own: many short looks at what is new, instead of the few long ones of a command
    Whydrop(db, plain or (in_terminal and is_plain_terminal()), own_keys).run()


def _serve(db: Path, port: int, options: list[str]) -> None:
    """Raises WhydropError without the optional extra, or when the port is taken."""
    _check(db)
    try:
        from tui.serve import LocalServer
    except ImportError as error:
        raise WhydropError(
            f"--serve needs {error.name}, which is not installed. Install it with: pip install textual-serve"
        ) from None
    try:
        LocalServer(["tui", "--db", str(db), *options], port, f"whydrop {db.name}").serve()
    except OSError as error:
        raise WhydropError(f"port {port}: {os.strerror(error.errno or 0)}. Choose another with --port.") from None


def _check(db: Path) -> None:
    """Raises WhydropError when there is no workspace at the path, or it is something else."""
    from core.workspace.read.workspace import Workspace

    Workspace.open(db).close()
