"""The explanation of a finding, or of a metric in the days and the segment that somebody writes."""

from dataclasses import dataclass

from core.base.errors import UsageError
from core.explanation.explain import explain
from core.explanation.explanation_results import Explanation
from core.incidents.finding_log import is_finding_id, recall
from core.incidents.finding_question import FindingQuestion, explain_finding
from core.views.questions.question_words import read_baseline, read_clock, read_segment, window_or_since
from core.workspace.read.workspace import Workspace


@dataclass(frozen=True, slots=True)
class ExplainWords:
    """The question about a metric, as it is written; what is left out has its default."""

    window: str = ""
    since: str = ""
    baseline: str = "expected"
    where: str = ""
    clock: str = "order"


def asked_explanation(
    workspace: Workspace, word: str, words: ExplainWords
) -> tuple[FindingQuestion | None, Explanation]:
    """The finding with this id (None for a metric), and why it, or the metric, changed.

    Raises UsageError for a finding with a question of its own, and what explaining raises.
    """
    finding = _finding(workspace, word, has_own_question=words != ExplainWords())
    if finding:
        return finding, explain_finding(workspace, finding)
    return None, explain(
        workspace,
        word,
        window=window_or_since(workspace, words.window, words.since),
        baseline=read_baseline(workspace, words.baseline),
        where=read_segment(workspace, words.where),
        clock=read_clock(words.clock),
    )


def _finding(workspace: Workspace, word: str, *, has_own_question: bool) -> FindingQuestion | None:
    if word in workspace.catalogue.metrics or not is_finding_id(word):
        return None
    if has_own_question:
        raise UsageError(
            f"finding {word} has its own window and segment. Leave out --window, --since, --where, --baseline, --clock."
        )
    return recall(workspace, word)
