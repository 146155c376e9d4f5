"""A file that is written to while it is loaded: what is added at its end waits for the next load, any other change is refused."""

from collections.abc import Iterable

from core.base.errors import UnreadableFile
from core.ingest.formats.sources import ExportSource
from core.workspace.write.file_fingerprint import content


class HalfLineRead(Exception):  # noqa: N818 - no error
    """The last line was half written when the file was opened: it is to be read again without that."""


class FileChanged(UnreadableFile):
    """What was read of a file is no longer there."""

    def __init__(self, source: ExportSource) -> None:
        super().__init__(f"{source.name}: was written to while it was read. Load it again, or a copy of it.")


def check_growth(source: ExportSource, size: int, fingerprint: str | None) -> tuple[str, ...]:
    """What is to be said of a file that has grown since it was opened; nothing of one that is as it was.

    `fingerprint` is that of the `size` bytes that were read, None where nobody knows. Raises FileChanged when these are no
    longer there, HalfLineRead when they end within a line.
    """
    if source.file.is_as_opened():
        return ()
    if fingerprint is None or not source.file.has_grown() or content(source, size) != fingerprint:
        raise FileChanged(source)
    if source.file.leave_half_line():
        raise HalfLineRead
    return ("it grew while it was read: what was added since comes with the next load",)


def check_joined(sources: Iterable[ExportSource]) -> None:
    """Raises FileChanged for a file that was read with the rows of others and has changed since, but for lines at its end.

    Rows would be of no state of it.
    """
    for source in sources:
        if not source.file.is_as_opened() and (not source.file.has_grown() or source.file.leave_half_line()):
            raise FileChanged(source)
