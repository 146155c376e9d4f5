"""What can go wrong, as the user sees it.

    WhydropError            it could not be done (exit status 1)
    ├── UsageError          the question itself is wrong (exit status 2)
    │   ├── WrongOption     an option does not fit the file that it is for (exit status 2)
    │   ├── NoDailyFigures  a table has no days, or no figures of them (exit status 2)
    │   └── RefusedFile     a file cannot be loaded as it is (exit status 1)
    ├── UnreadableFile      a file cannot be read to its end (exit status 1)
    └── NotEnoughData       the data cannot answer the question

The text of each is one line that says what, where and what to do. Anything else that escapes is a bug.
"""

from collections.abc import Iterable
from difflib import get_close_matches


class WhydropError(Exception):
    """It could not be done; `str(error)` is one line for a person: what, where, what to do."""

    exit_code = 1


class UsageError(WhydropError):
    """The question is wrong: a name that does not exist, a window that cannot be read."""

    exit_code = 2


class WrongOption(UsageError):  # noqa: N818 - named after what it is about
    """An option names what does not exist, or what the file that it is for does not have."""


class MissingColumn(WrongOption):
    """An option names a column that the file does not have; another file of the same load may have it."""


class NoDailyFigures(UsageError):  # noqa: N818 - the same
    """A table has no days, or no figures that add up; it may say more of what other tables name."""


class RefusedFile(UsageError):  # noqa: N818 - the same
    """A file cannot be loaded as it is: it is no export, or a person has to say how it is read."""

    exit_code = 1


class UnreadableFile(WhydropError):  # noqa: N818 - the same
    """A file cannot be read to its end: it is damaged, cut short, or no table all the way."""


def as_refusal(error: WhydropError) -> WhydropError:
    """The error as one of the file that was read, unless an option of the command is what is wrong."""
    if isinstance(error, WrongOption) or not isinstance(error, UsageError):
        return error
    return RefusedFile(str(error))


class NoWorkspace(WhydropError):  # noqa: N818 - the same
    """There is no workspace yet: no file, or one that nothing was ever written to."""


class DamagedWorkspace(WhydropError):  # noqa: N818 - the same
    """The workspace file is damaged, or lacks a table."""


class NotEnoughData(WhydropError):  # noqa: N818 - it is an answer, not a fault
    """The data cannot answer: too short a past, a window outside the data."""


def did_you_mean(word: str, candidates: Iterable[str], limit: int = 3) -> str:
    """The part of an error line that offers the nearest known names; empty when nothing is near.

    >>> did_you_mean("crt", ["ctr", "gmv"])
    ' Did you mean ctr?'
    """
    by_fold = {name.casefold(): name for name in candidates}
    near = [by_fold[fold] for fold in get_close_matches(word.casefold(), by_fold, n=limit, cutoff=0.5)]
    return f" Did you mean {' or '.join(near)}?" if near else ""
