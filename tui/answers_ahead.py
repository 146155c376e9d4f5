"""What the other tabs ask first, answered while the Overview is read: on a large workspace nobody waits tab by tab.

Answers are kept with the state of the workspace, so this is done once a load. The price is the time of screens that nobody
opens: about as much again as finding the incidents takes.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from core.base.errors import WhydropError
from core.workspace.read.workspace import Workspace
from core.workspace.schema.damage import fault_of
from tui.explain_question import ExplainQuestion
from tui.worker_thread import Stopped

Ask = Callable[[Workspace], object]


def answer_ahead(db: Path, questions: Sequence[ExplainQuestion], stopped: Stopped) -> None:
    """Answers what is asked of Explain and what the tabs after it ask, until `stopped()`; nothing where answers are not kept.

    What cannot be answered is left to the tab that asks it, which says why.
    """
    try:
        with Workspace.open(db) as workspace:
            if not workspace.keeps:
                return
            workspace.stop_when(stopped)
            for ask in _first_questions(questions):
                if stopped():
                    return
                with suppress(WhydropError):
                    ask(workspace)
    except Exception as error:
        if not isinstance(error, WhydropError) and fault_of(db, error) is None:
            raise


def _first_questions(questions: Sequence[ExplainQuestion]) -> Sequence[Ask]:
    """In the order of the tabs."""
    from core.catalogue.rating_rules import packaged
    from core.views.funnel_view import funnel
    from core.views.kept_answers import kept_checks, kept_health, kept_voice
    from core.views.standings.leaderboard_build import leaderboard

    return (
        *(question.answer for question in questions),
        funnel,
        lambda workspace: leaderboard(workspace, "creators", packaged()),
        kept_health,
        kept_checks,
        kept_voice,
    )
