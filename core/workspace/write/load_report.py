"""What a load says of itself."""

from collections.abc import Callable
from dataclasses import dataclass, field

from core.base.days import Window
from core.base.frozen import frozen
from core.base.json_value import Value
from core.ingest.formats.sources import ExportSource

SHOWN_REJECTS = 20
"""Rows that a report quotes; the workspace has all that were refused."""


@frozen
class Reject(Value):
    """A row that could not be read."""

    line: int
    reason: str
    file: str = ""
    raw: str = ""


@frozen
class RowFault(Value):
    """Why some rows of a file were refused."""

    reason: str
    rows: int
    lines: tuple[int, ...]
    """The first three."""


@frozen(kw_only=True)
class FileLoad(Value):
    """What became of one file: read = accepted + rejected + unchanged."""

    path: str
    kind: str
    preset: str | None
    read: int
    accepted: int
    rejected: int
    unchanged: int
    replaced: int
    """Those of the accepted rows that took the place of another."""
    seconds: float
    copies: int = 0
    """Those of the unchanged rows that are equal in every column to another row of the file."""
    faults: tuple[RowFault, ...] = ()
    """Why rows were refused, the most frequent reason first."""
    source: str | None = None
    dimensions: tuple[str, ...] = ()
    """The dimensions of its own, beyond the slice columns."""
    notes: tuple[str, ...] = ()
    days: Window | None = None
    """First and last day of its rows; None for kinds without days."""

    @property
    def added(self) -> int:
        """Rows that are new in the workspace."""
        return self.accepted - self.replaced


@frozen
class LoadReport(Value):
    """What a load did."""

    files: tuple[FileLoad, ...]
    rejects: tuple[Reject, ...]
    """The first 20; the workspace has all."""
    skipped: tuple[str, ...] = ()
    """Files of a folder that are no exports, and why."""
    dry_run: bool = False
    refused: str | None = None
    """Why the load failed, though something was read: a file that the user named was refused, or no row was accepted."""


@dataclass(slots=True, kw_only=True)
class LoadedFiles:
    """What became of the files that a load had to read."""

    reports: dict[ExportSource, list[FileLoad]] = field(default_factory=dict)
    tables: dict[ExportSource, list[int]] = field(default_factory=dict)
    """The numbers of the loads of files with several tables."""
    rejects: list[Reject] = field(default_factory=list)
    """The first refused rows of each file."""
    skipped: list[str] = field(default_factory=list)
    """Why some files are not loaded,"""
    failed: str | None = None
    """and why one that the user named is not."""


@frozen
class Progress:
    """How far the load of one file is."""

    path: str
    rows: int
    seconds: float
    seconds_left: float | None = None
    """None when that cannot be known, as for a packed file."""


OnProgress = Callable[[Progress], None]
