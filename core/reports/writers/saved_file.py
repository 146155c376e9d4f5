"""Files that are written at once: everything or nothing, with the permissions that the user's umask gives."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO
from uuid import uuid4

from core.base.errors import WhydropError


def save_text(path: Path, text: str, *, replace: bool = False) -> None:
    """Writes a file at once. Raises WhydropError when it cannot be written, or is there already and is not to be replaced."""
    with saved_file(path, replace=replace) as file:
        file.write(text.encode())


@contextmanager
def saved_file(path: Path, *, replace: bool = False) -> Iterator[IO[bytes]]:
    """A file to be written that takes its name once everything is in it. Raises what `save_text` raises."""
    unfinished = path.with_name(f".{path.name}.{uuid4().hex[:8]}")
    try:
        # O_EXCL follows no link that somebody put there
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if replace:
            unfinished.replace(path)
            return
        os.link(unfinished, path)  # fails where the file is there already, which a rename would not
    except FileExistsError:
        raise WhydropError(f"{path} is there already. Choose another name.") from None
    except (OSError, UnicodeEncodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise WhydropError(f"{path}: cannot be written ({reason}). Choose another folder.") from None
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
