"""Findings that somebody keeps for a report: a small file beside the workspace, which itself is never written."""

import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2s
from pathlib import Path
from typing import Any, Literal, get_args

from core.base.errors import WhydropError
from core.base.json_value import Value
from core.explanation.explanation_results import Explanation

State = Literal["open", "likely", "confirmed"]
"""How sure the person who keeps it is."""
STATES: tuple[State, ...] = get_args(State)
_SCHEMA = "whydrop.findings/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class PinnedFinding(Value):
    """An explanation as it was when it was kept."""

    id: str
    """Names the question (metric, segment, days, baseline), so that it is kept once."""
    state: State
    note: str
    command: str
    """Prints the same in a shell."""
    words: Sequence[str]
    """The answer in lines for people."""
    told: Mapping[str, Any]
    """The document of `explain`."""


def pin(explanation: Explanation, words: Sequence[str], command: str) -> PinnedFinding:
    """An explanation to keep, with the answer in words."""
    baseline = explanation.baseline
    name = f"{explanation.metric}|{explanation.where}|{explanation.window}|{baseline.kind}|{baseline.window}"
    return PinnedFinding(
        id=blake2s(name.encode(), digest_size=5).hexdigest(),
        state="open",
        note="",
        command=command,
        words=tuple(words),
        told=_finite(explanation.to_dict()),
    )


def added(findings: Sequence[PinnedFinding], finding: PinnedFinding) -> tuple[PinnedFinding, ...]:
    """With one more; a newer answer to the same question takes the place of the older, state and note stay."""
    if all(other.id != finding.id for other in findings):
        return (*findings, finding)
    return tuple(
        replace(finding, state=other.state, note=other.note) if other.id == finding.id else other for other in findings
    )


def path_of(workspace: Path) -> Path:
    """Where the findings of a workspace are kept.

    >>> path_of(Path("shop.db")).name
    'shop.findings.json'
    """
    return workspace.with_suffix(".findings.json")


def read(workspace: Path) -> tuple[PinnedFinding, ...]:
    """What was kept, in the order that it was put in. Raises WhydropError when the file is no such list."""
    path = path_of(workspace)
    if not path.exists():
        return ()
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["schema"] != _SCHEMA:
            raise ValueError(document["schema"])
        return tuple(PinnedFinding(**entry) for entry in document["findings"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WhydropError(f"{path}: not a list of findings ({error}). Move it away to begin a new one.") from None


def write(workspace: Path, findings: Sequence[PinnedFinding]) -> None:
    """Keeps these findings; the file is never half written. Raises WhydropError when it cannot be."""
    path = path_of(workspace)
    document = {"schema": _SCHEMA, "findings": [finding.to_dict() for finding in findings]}
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(document, file, ensure_ascii=False, indent=1, allow_nan=False)
        Path(temporary).replace(path)
    except OSError as error:
        raise WhydropError(f"{path}: cannot be written ({error.strerror}).") from None


def _finite(value: Any) -> Any:
    """JSON has no nan: null stands for a figure that the data cannot give."""
    if isinstance(value, float) and value != value:
        return None
    if isinstance(value, Mapping):
        return {key: _finite(item) for key, item in value.items()}
    return [_finite(item) for item in value] if isinstance(value, list | tuple) else value
