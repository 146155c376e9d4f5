"""What is agreed about a case, read from what somebody writes."""

from dataclasses import dataclass
from pathlib import Path

from core.base.segment import Segment
from core.verification.promises import parse_expected
from core.views.case_actions import Agreement
from core.views.questions.question_words import read_day, read_segment
from core.workspace.read.workspace import Workspace


@dataclass(frozen=True, slots=True)
class AgreementWords:
    """The first day of the action, the day of the verdict, the action, its owner and the promised effect, as written."""

    since: str
    judge_on: str
    action: str | None
    owner: str | None
    expected: str


def read_agreement(db: Path, where: str, words: AgreementWords) -> tuple[Segment, Agreement]:
    """The segment of the action, and what is agreed about it. Raises UsageError for words that mean nothing here."""
    with Workspace.open(db) as workspace:
        return read_segment(workspace, where), Agreement(
            since=read_day(workspace, words.since),
            judge_on=read_day(workspace, words.judge_on),
            action=words.action,
            owner=words.owner,
            expected=parse_expected(words.expected) if words.expected else None,
        )
