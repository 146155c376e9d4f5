"""What every command shares: its common options, how it fails, and the register that the program is put together from."""

import errno
import inspect
import os
import shlex
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer

from core.base.errors import WhydropError
from tui.cli.output import Format, Output
from tui.cli.waiting import SIGN

_HAVE_SIGNS = {"load", "demo", "tui"}
"""Commands that say themselves how far they are, or open the screens."""
DEFAULT_DB = Path("whydrop.db")
_NOT_PERMITTED = {errno.EACCES, errno.EPERM, errno.EROFS}
_NO_ROOM = {errno.ENOSPC, errno.EFBIG, errno.EDQUOT}

_COMMON: dict[str, Any] = {
    "db": (
        Annotated[Path, typer.Option("--db", metavar="PATH", envvar="WHYDROP_DB", help="The workspace file.")],
        DEFAULT_DB,
    ),
    "format": (Annotated[Format, typer.Option("--format", "-f", help="Output format.")], Format.TABLE),
    "fields": (Annotated[str, typer.Option("--fields", metavar="A,B", help="Only these columns or keys.")], ""),
    "wide": (Annotated[bool, typer.Option("--wide", help="All columns, however wide the terminal.")], False),
    "quiet": (Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no notes on stderr.")], False),
    "no_color": (Annotated[bool, typer.Option("--no-color", help="No colours (also NO_COLOR).")], False),
}


def command_end(db: Path) -> str:
    """What a command that is offered for copying needs to read the same workspace."""
    is_default = db == Path(os.environ.get("WHYDROP_DB", DEFAULT_DB))
    return "" if is_default else f" --db {shlex.quote(str(db))}"


Body = Callable[..., None]
EXAMPLES: dict[str, tuple[str, ...]] = {}
"""Of each command, as its help shows them; they run on the demo workspace."""


def command(app: typer.Typer, name: str, *examples: str) -> Callable[[Body], Body]:
    """Registers `body(out, db, ...)` as a command: it takes the common options in any position, gets the `Output` that
    they describe and the workspace's path, and turns a user's mistake into one line on stderr and an exit status.

    `examples` stand at the end of its help.
    """

    def register(body: Body) -> Body:
        own = list(inspect.signature(body).parameters.values())[2:]
        common = [
            inspect.Parameter(key, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)
            for key, (kind, default) in _COMMON.items()
        ]

        @wraps(body)
        def run(**values: Any) -> None:
            db = values.pop("db")
            out = Output(name, **{key: values.pop(key) for key in ("format", "fields", "quiet", "no_color", "wide")})
            if name not in _HAVE_SIGNS and not out.quiet:
                SIGN.begin(f"{name} is running ...")
            try:
                with failing_kindly(out, db):
                    body(out, db, **values)
            finally:
                SIGN.end()

        run.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
            [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own] + common
        )
        run.__annotations__ = {p.name: p.annotation for p in [*own, *common]}
        EXAMPLES[name] = examples
        app.command(name, help=_help(body, examples))(run)
        return body

    return register


def _help(body: Body, examples: tuple[str, ...]) -> str:
    """What a command does, then its examples, a line each."""
    return "\n\n".join([inspect.getdoc(body) or "", "Examples:", "\b\n" + "\n".join(f"  {line}" for line in examples)])


class failing_kindly:  # noqa: N801 - reads as the words that it is used in: `with failing_kindly(out, db)`
    """Ends a command with one line on stderr and the exit status of the contract when the user can mend what is wrong."""

    def __init__(self, out: Output, db: Path) -> None:
        self._out, self._db = out, db

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if error is None:
            try:
                sys.stdout.flush()
            except OSError as failed:
                self._end(failed)
        else:
            self._end(error)

    def _end(self, error: BaseException) -> None:
        """Raises the exit that an error ends with; comes back where the error is nobody's but the program's."""
        if isinstance(error, BrokenPipeError):
            close_stdout()  # the reader of stdout went away (`| head`): nothing is wrong
            raise typer.Exit(0) from None
        if isinstance(error, KeyboardInterrupt):
            raise SystemExit(130) from None
        if isinstance(error, typer.Exit | SystemExit):
            return
        line, status = self._line(error)
        if line:
            self._out.error(line)
            if isinstance(error, OSError):
                close_stdout()
            raise typer.Exit(status) from None

    def _line(self, error: BaseException) -> tuple[str, int]:
        if isinstance(error, WhydropError):
            return str(error), error.exit_code
        if isinstance(error, OSError) and (line := of_output(error)):
            return line, 1
        if isinstance(error, OSError) and error.filename is not None and error.errno not in _NO_ROOM:
            advice = " See who may read and write it and its folder." if error.errno in _NOT_PERMITTED else ""
            return f"{error.filename}: {error.strerror}.{advice}", 1  # it is about a file that the user can see
        from core.workspace.schema.damage import fault_of

        fault = fault_of(self._db, error)
        return ("", 1) if fault is None else (str(fault), 1)


def of_output(error: OSError) -> str:
    """What to say of an error of stdout; empty for one of a file."""
    is_output = error.filename is None and error.errno in {errno.ENOSPC, errno.EFBIG, errno.EIO}
    return f"the output could not be written: {error.strerror}." if is_output else ""


def close_stdout() -> None:
    """What is left to be written goes nowhere: Python must not flush it at exit."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
