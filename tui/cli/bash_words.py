"""Words of a line that bash completes: bash ends a word at each `=`, so that `--where market=T` comes as four of them."""

import os
from collections.abc import Callable, MutableMapping
from contextlib import redirect_stdout
from io import StringIO

import typer


def completes_after_equals(environ: MutableMapping[str, str] = os.environ) -> bool:
    """Whether bash asks for what follows a `=`; then its words are put together again for typer. A line with quotes stays."""
    line, typed = environ.get("COMP_WORDS", ""), int(environ.get("COMP_CWORD") or 0)
    words = line.split("\n" if "\n" in line else " ")  # as typer's script gives them, and as one would type them
    if environ.get("_WHYDROP_COMPLETE") != "complete_bash" or "=" not in words or set(line) & {"'", '"', "\\"}:
        return False
    joined: list[str] = []
    current = 0
    for at, word in enumerate(words):
        if joined and (word == "=" or (joined[-1].endswith("=") and word)):
            joined[-1] += word
        else:
            joined.append(word)
        if at <= typed:
            current = len(joined) - 1
    environ["COMP_WORDS"], environ["COMP_CWORD"] = " ".join(joined), str(current)
    return "=" in joined[current]


def print_after_equals(complete: Callable[[], object]) -> None:
    """Prints what completion offers as bash inserts it: in place of the last of its words, which follows the last `=`."""
    offered = StringIO()
    try:
        with redirect_stdout(offered):
            complete()
    finally:
        words = (word.rpartition("=")[2] or word for word in offered.getvalue().split("\n") if word)
        typer.echo("\n".join(words))
