"""Where rows wait before SQLite copies them: files in the workspace's folder; none outlives the next load."""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from core.base.errors import WhydropError
from core.base.file_paths import name_bytes, real_name
from core.workspace.schema.tables import quoted


class Staging:
    """The staged files of one workspace, named after it: whoever holds the lock for writing may remove all of them."""

    def __init__(self, workspace: Path, folder: Path | None = None) -> None:
        """In `folder`, or the workspace's where None. Raises WhydropError when there is no such folder."""
        self._folder = workspace.absolute().parent if folder is None else folder.absolute()
        if not self._folder.is_dir():
            raise WhydropError(f"{self._folder}: there is no such folder. Make it first.")
        name = sha256(name_bytes(real_name(workspace))).hexdigest()[:12]
        self._prefix = f".whydrop-{name}-"
        self._made: list[Path] = []

    def new_file(self) -> Path:
        """An empty file."""
        handle, name = tempfile.mkstemp(dir=self._folder, prefix=self._prefix, suffix=".staged")
        os.close(handle)
        self._made.append(Path(name))
        return self._made[-1]

    def use(self, connection: sqlite3.Connection) -> None:
        """Has SQLite keep its temporary tables here too, where its library still allows it."""
        with suppress(sqlite3.DatabaseError):
            connection.execute(f"PRAGMA temp_store_directory = {quoted(str(self._folder))}")

    def remove(self) -> None:
        """Removes what this load has left, however it ended."""
        for path in self._made:
            path.unlink(missing_ok=True)

    def clear(self) -> None:
        """Removes what a load that was killed left; only while the lock for writing is held."""
        for name in os.listdir(self._folder):  # a pattern for `glob` takes 2 ms to compile
            if name.startswith(self._prefix) and ".staged" in name:
                (self._folder / name).unlink(missing_ok=True)

    def check_room(self, exports: Iterable[Path]) -> None:
        """Raises WhydropError when the disk has less room than the exports have bytes: their rows cannot fit."""
        needed = sum({path: path.stat().st_size for path in exports if path.is_file()}.values())
        free = shutil.disk_usage(self._folder).free
        if free < needed:
            raise WhydropError(
                f"{self._folder}: {free / 1e6:,.1f} MB are free, and exports of {needed / 1e6:,.1f} MB need more than that. "
                "Make room, or name another folder with --temp-dir."
            )
