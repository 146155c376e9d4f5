"""A sign of life in a terminal while a command computes: one line on stderr, gone before anything else is written."""

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threading import Timer

_PATIENCE = 0.5
"""Seconds before there is a sign: a shorter wait needs none."""
_CLEARED = "\r\x1b[K"


class WaitingSign:
    """The line of the command that runs; there is one command a process."""

    def __init__(self) -> None:
        self._timer: Timer | None = None
        self._is_shown = False

    def begin(self, words: str) -> None:
        """Shows the words in a moment, where a person looks at stderr."""
        if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
            return
        from threading import Timer  # late: in a pipe nobody waits for a sign

        self._timer = Timer(_PATIENCE, self._show, [words])
        self._timer.daemon = True
        self._timer.start()

    def end(self) -> None:
        """Takes the line away; the command has something to say, or has ended."""
        if self._timer is None:
            return
        timer, self._timer = self._timer, None
        timer.cancel()
        timer.join()
        if self._is_shown:
            self._is_shown = False
            sys.stderr.write(_CLEARED)
            sys.stderr.flush()

    def _show(self, words: str) -> None:
        self._is_shown = True
        sys.stderr.write(words)
        sys.stderr.flush()


SIGN = WaitingSign()
