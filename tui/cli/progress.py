"""How far a load is, on stderr: only in a terminal, and only when it takes a while."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from core.reports.escaping import for_terminal
from tui.cli.options import command_end
from tui.cli.output import Output

if TYPE_CHECKING:
    from core.workspace.schema.connection import OnWait
    from core.workspace.write.load_report import Progress

_PATIENCE = 0.5
"""Seconds before progress is shown: a shorter wait needs none."""
_EVERY = 0.2
"""Seconds between updates: five a second look smooth."""
_WAIT_LINE = 30.0
"""Seconds between lines about waiting where they do not rewrite themselves, as in a log."""


@contextmanager
def said_when_stopped(out: Output, db: Path) -> Iterator[None]:
    """Says in one line what a load leaves behind that is stopped by ctrl+c or another signal."""
    try:
        yield
    except (KeyboardInterrupt, SystemExit):
        finished = f"Only files that were finished are in {db}. List them with: whydrop loads{command_end(db)}"
        with suppress(OSError):  # the terminal may be what went away
            out.error(f"stopped. {finished if db.exists() else 'Nothing was loaded.'}")
        raise


@contextmanager
def shown_progress(out: Output) -> "Iterator[Callable[[Progress], None] | None]":
    """A function that shows how far a load is in one line that rewrites itself; None where nobody would see it."""
    if out.quiet or not sys.stderr.isatty():
        yield None
        return
    last = 0.0

    def show(progress: "Progress") -> None:
        nonlocal last
        now = time.monotonic()
        if progress.seconds < _PATIENCE or now - last < _EVERY:
            return
        last = now
        left = f", {progress.seconds_left:.0f} s left" if progress.seconds_left is not None else ""
        line = f"{for_terminal(progress.path)}: {progress.rows:,} rows, {progress.rows / progress.seconds:,.0f} a second{left}"
        sys.stderr.write(f"\r\x1b[K{line}")
        sys.stderr.flush()

    try:
        yield show
    finally:
        if last:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def shown_waiting(out: Output) -> "OnWait | None":
    """A function that says who a load waits for: one line that rewrites itself in a terminal, one line in all elsewhere."""
    if out.quiet:
        return None
    last = -_WAIT_LINE

    def show(waited: float, owner: str) -> None:
        nonlocal last
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\x1b[Kwaiting {waited:.0f} s for another load ({for_terminal(owner)})")
            sys.stderr.flush()
        elif waited - last >= _WAIT_LINE:
            last = waited
            out.note(f"waiting for another load ({owner})")

    return show
