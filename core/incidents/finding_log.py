"""Findings by their id: what each one asked, remembered in the user's cache folder so that `explain ID` answers just that.

Deleting that folder costs nothing: an id that is not remembered is looked for in a scan of the newest day.
"""

import json
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from string import hexdigits
from typing import Any

from core.base.days import Window, iso, parse_day
from core.base.errors import NotEnoughData, UsageError, did_you_mean
from core.base.file_paths import name_bytes, real_name
from core.base.segment import Segment
from core.detection.findings import Finding
from core.incidents.finding_question import FindingQuestion, question_of
from core.workspace.read.blocks import cache_files
from core.workspace.read.workspace import Workspace

_MOST = 2_000
"""Findings that are remembered of one workspace, the newest ones."""
_SHORTEST = 6
"""Hexadecimal digits from which on a word may be the beginning of an id."""


def is_finding_id(word: str) -> bool:
    """Whether a word looks like the id of a finding, or the beginning of one."""
    return len(word) >= _SHORTEST and all(letter in hexdigits for letter in word)


def remember(workspace: Path, findings: Sequence[Finding]) -> None:
    """Keeps what findings ask. Where nothing can be written nothing is, which is no error."""
    path = _log(workspace)
    entries = _read(path)
    for finding in findings:
        entries.pop(finding.id, None)
        question = question_of(finding)
        entries[finding.id] = {
            "metric": question.metric,
            "from": iso(question.window.first),
            "to": iso(question.window.last),
            "where": str(question.where),
            "confidence": question.confidence,
            "severity": question.severity,
            "impact": question.impact,
            "impact_unit": question.impact_unit,
        }
    newest = dict(list(entries.items())[-_MOST:])
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        cache_files.write_bytes(path, json.dumps(newest).encode())


def known_ids(workspace: Path) -> tuple[str, ...]:
    """Ids of the findings that are remembered of a workspace, the newest first."""
    return tuple(reversed(_read(_log(workspace))))


def recall(workspace: Workspace, finding_id: str) -> FindingQuestion:
    """What the finding of that id (or beginning of an id) asks: as remembered, else as a scan of the newest day sees it.

    Raises UsageError when there is no such finding, or several begin so.
    """
    entries = _read(_log(workspace.path))
    questions = {
        name: _question(name, entry) for name, entry in entries.items() if name.startswith(finding_id.casefold())
    }
    if not questions:
        from core.incidents.kept_incidents import find_incidents

        with suppress(NotEnoughData):
            findings = find_incidents(workspace).findings
            remember(workspace.path, findings)
            questions = {
                finding.id: question_of(finding) for finding in findings if finding.id.startswith(finding_id.casefold())
            }
    if len(questions) == 1:
        return next(iter(questions.values()))
    if questions:
        raise UsageError(
            f"{len(questions)} findings begin with {finding_id!r}: {', '.join(sorted(questions)[:5])}. Give more of it."
        )
    near = did_you_mean(finding_id, entries)
    raise UsageError(
        f"no metric and no finding {finding_id!r}.{near} whydrop scan lists findings, whydrop metrics all metrics."
    )


def _question(name: str, entry: dict[str, Any]) -> FindingQuestion:
    window = Window(parse_day(entry["from"]), parse_day(entry["to"]))
    return FindingQuestion(
        id=name,
        metric=entry["metric"],
        window=window,
        where=Segment.parse(entry["where"]),
        confidence=entry["confidence"],
        severity=entry.get("severity", ""),
        impact=entry.get("impact"),
        impact_unit=entry.get("impact_unit", ""),
    )


def _read(path: Path) -> dict[str, Any]:
    """What was written; nothing where the file is not as it was written, or of another workspace."""
    data = cache_files.read_bytes(path)
    return {} if data is None else json.loads(data)


def _log(workspace: Path) -> Path:
    """The file of one workspace among the user's caches."""
    from platformdirs import user_cache_path  # late: only commands that name findings need it

    name = sha256(name_bytes(real_name(workspace))).hexdigest()[:24]
    return user_cache_path("whydrop") / "findings" / f"{name}.json"
