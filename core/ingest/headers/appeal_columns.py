"""Columns that tell of appeals against violations, by their names."""

from collections.abc import Callable, Iterable, Sequence

from core.ingest.headers.folding import folded
from core.ingest.headers.id_names import names_order
from core.ingest.headers.word_lists import called, names_appeal, says_overturned, words_of

TOGETHER = " If it says which violations were overturned, load it together with their list."
"""The advice to somebody who loads a list of appeals alone."""


def state_names(names: Iterable[str]) -> list[str]:
    """Of folded names, those of columns that may say whether a violation was overturned, the likeliest first. What somebody wrote
    in an appeal may speak of approval, too: it is asked only where no column has the name of a state of appeals.

    >>> state_names(["appeal reason", "status", "appeal result"]), state_names(["appeal", "status"])
    (['appeal result', 'status'], ['appeal', 'status'])
    """
    told = [name for name in names if not names_order(name)]
    states = [word for word in called("violation_state") if not names_appeal(word)]
    appeals = [name for name in told if names_appeal(name)]
    tells: tuple[Callable[[str], bool], ...] = (
        lambda name: says_overturned(name) or any(f" {word} " in f" {name} " for word in states),
        lambda name: any(word in name for word in states),
    )
    of_appeals = next((found for tell in tells if (found := [*filter(tell, appeals)])), appeals)
    others = [name for word in states for name in told if word in name and name not in appeals]
    return list(dict.fromkeys((*of_appeals, *others, *filter(says_overturned, told))))


def name_of_appeals(file: str, header: Sequence[str]) -> str | None:
    """The name of a file whose rows are appeals against violations (`appeals` where only its header says so); None of others."""
    if not any(map(names_violation, header)) or not any(map(names_appeal, (file, *header))):
        return None
    return file if names_appeal(file) else "appeals"


def names_violation(name: str) -> bool:
    """Whether a column is called after violations."""
    return any(word in folded(name) for word in words_of("violations"))


def names_decision_day(name: str) -> bool:
    """Whether a column is called after the day on which an appeal was decided."""
    return folded(name).replace("_", " ").endswith(called("decided_at"))
