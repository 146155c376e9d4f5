"""How the process ends on a signal and writes to a stream that cannot hold every character; loads next to nothing.

Set up before anything heavy is imported, so that ctrl+c at the start ends the program as silently as later on.
"""

import codecs
import gc
import os
import signal
import sys
from collections.abc import Mapping
from io import TextIOWrapper

STAND_INS: Mapping[str, str] = {
    **dict(zip("▁▂▃▄▅▆▇█", ".:-=+*%@", strict=True)),
    **dict(zip("▒░▌▼▲▾▸…–—·×→←↑↓±Σ⊃●○◐─━│▊▎▔Δ≥≤›✓✗“”’\u2003", "#'>v^v>.--.x><^v~S>o.%-=|||-d><>+x\"\"' ", strict=True)),
    **dict.fromkeys("╭╮╰╯┌┐└┘", "+"),
}
"""Character -> an ASCII one in its place, so that columns stay in line."""
_IN_SENTENCES: Mapping[str, str] = {"±": "+/-", "→": "->", "…": "..."}
"""Of those, what would be misread in a sentence: ~ says about."""
_ERRORS = "whydrop_plain"

gc.set_threshold(200_000, 20, 100)
# A command lives for seconds and makes few cycles of objects. Python looks through all that lives after every 700 new
# ones: while the program imports itself (80,000 new ones), that took 0.1 of the 0.6 s of CPU of a small load. The screens
# live longer and go back to Python's own threshold.


def end_on_signals() -> None:
    """Ends the program as a shell expects after a signal (130 after ctrl+c), once all that is open has been tidied up."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # as `nohup` asks
            signal.signal(number, _end)


def open_closed_streams() -> None:
    """Opens the standard streams that the caller of the program has closed: nothing is read, and what is written vanishes."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 - open to the end


def on_terminal() -> bool:
    """Whether the screens can be seen and driven: Textual reads stdin, and draws on stderr."""
    return all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))


def write_any_character() -> None:
    """Lets stdout and stderr take every character: where the encoding has none for it, a stand-in or its escape."""
    codecs.register_error(_ERRORS, _plain)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors=_ERRORS)


def _end(number: int, _: object) -> None:
    raise SystemExit(128 + number)


def _plain(error: UnicodeError) -> tuple[str, int]:
    """What stands for characters that cannot be encoded; JSON reads the escapes back."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_stand_in, error.object[error.start : error.end])), error.end


def _stand_in(character: str) -> str:
    if character in STAND_INS:
        return _IN_SENTENCES.get(character, STAND_INS[character])
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
