"""Which process holds the lock that a load waits for."""

from contextlib import suppress
from pathlib import Path

_LOCKS = Path("/proc/locks")
"""Where Linux lists file locks. Other systems have no such list that can be read without opening the locked file, which
would drop this process's own locks."""
_READINGS = 3
"""The kernel gives a long list in pieces, and locks that end between two of them hide others: 3 of 2,000 readings missed the
lock that was there while another program held up to 200."""
_WRITE_LOCK = {"": 0x40000001, "-shm": 120}
"""The byte that a writer locks: in the file itself (os_unix.c, RESERVED_BYTE), or with a write-ahead log in its index
(wal.c, WAL_WRITE_LOCK)."""


def lock_owner(path: Path) -> str:
    """Who writes to a workspace: `process 1234, whydrop load x.csv`, or "another program" where that cannot be known."""
    with suppress(OSError, ValueError):
        inodes = {}
        for suffix, byte in _WRITE_LOCK.items():
            with suppress(OSError):
                inodes[path.with_name(path.name + suffix).stat().st_ino] = byte
        for line in (line for _ in range(_READINGS) for line in _LOCKS.read_text().splitlines()):
            words = line.split()
            if len(words) < 8 or words[1] == "->" or words[3] != "WRITE":
                continue
            inode, first = int(words[5].rpartition(":")[2]), int(words[6])
            if inodes.get(inode) == first:
                return f"process {words[4]}{_command(words[4])}"
    return "another program"


def _command(process: str) -> str:
    with suppress(OSError):
        words = Path(f"/proc/{process}/cmdline").read_bytes().decode("utf-8", "replace").split("\0")
        command = " ".join(word for word in words if word)
        return f", {command[:80]}" if command else ""
    return ""
