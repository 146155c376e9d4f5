"""What a load did, in sentences: what a person must know first of each file."""

from collections import Counter
from collections.abc import Sequence

from core.base.count_text import count
from core.workspace.write.load_report import FileLoad

_CHANGES = ("added", "replaced", "unchanged")
_MANY = 3
"""Files of which more are counted together."""


def load_notes(files: Sequence[FileLoad]) -> list[str]:
    """What a person must know of the files, in their order; what several of them share once."""
    is_many = len(files) > _MANY
    notes = [(note, loaded.path) for loaded in files for note in _notes_of(loaded, with_counts=not is_many)]
    times = Counter(note for note, _ in notes)
    first = dict(reversed(notes))
    sentences = [f"{first[note]}{_and_others(times[note] - 1)}: {note}" for note in times]
    return [*sentences, *([_counts(files)] if is_many else [])]


def _and_others(files: int) -> str:
    return f" and {count(files, 'more file')}" if files else ""


def _notes_of(loaded: FileLoad, *, with_counts: bool) -> list[str]:
    """What a person must know of one file, the most important first."""
    refused = [
        f"{count(fault.rows, 'row')} refused: {fault.reason} ({_lines(fault.lines, fault.rows)})"
        for fault in loaded.faults
    ]
    if refused:
        refused.append("see refused rows with: whydrop rejects")
    return [*refused, *loaded.notes, *([_counts([loaded])] if with_counts else [])]


def _counts(files: Sequence[FileLoad]) -> str:
    added, replaced, unchanged = (sum(getattr(loaded, name) for loaded in files) for name in _CHANGES)
    return f"{count(added, 'row')} added, {replaced:,} replaced, {unchanged:,} unchanged"


def _lines(lines: tuple[int, ...], refused: int) -> str:
    more = ", ..." if refused > len(lines) else ""
    return f"line{'' if refused == 1 else 's'} {', '.join(map(str, lines))}{more}"
