"""Lines to type that ask about a workspace: days, a segment, a baseline, written as commands take them."""

from collections.abc import Callable
from pathlib import Path

from core.base.baseline import NAMED_BASELINES
from core.base.days import Window
from core.base.errors import UsageError
from core.base.segment import Segment
from core.views.questions.question_words import read_baseline, read_segment, read_window
from core.workspace.read.workspace import Workspace
from tui.screens.common.modals import Prompt


def window_prompt(db: Path, now: str, use: Callable[[Window | None], None]) -> Prompt:
    """Asks for days; `now`: those that were chosen. An empty line stands for the newest days, None."""

    def read(text: str) -> None:
        with Workspace.open(db) as workspace:
            window = read_window(workspace, text)
        use(window)

    hint = "For example 2026-03-09..2026-03-15, 7d, tuesday or last-week. Empty: the newest days."
    return Prompt("Days to look at", now, hint, read)


def segment_prompt(db: Path, now: Segment, use: Callable[[Segment], None]) -> Prompt:
    """Asks for a segment to look at; `now`: the one that is looked at."""

    def read(text: str) -> None:
        with Workspace.open(db) as workspace:
            segment = read_segment(workspace, text)
        use(segment)

    hint = "For example market=ID,channel=live. Empty: everywhere."
    return Prompt("Look at which segment?", str(now), hint, read)


def baseline_prompt(db: Path, now: str, use: Callable[[str], None]) -> Prompt:
    """Asks what to compare the window with; `now`: what it is compared with. An empty line stands for `expected`."""
    names = ", ".join(NAMED_BASELINES)

    def read(text: str) -> None:
        baseline = text.strip() or "expected"
        if baseline not in NAMED_BASELINES:
            if ".." not in baseline:
                raise UsageError(f"no baseline {baseline!r}. Known: {names}, or days such as 2026-03-02..2026-03-08.")
            with Workspace.open(db) as workspace:
                baseline = read_baseline(workspace, baseline)
        use(baseline)

    return Prompt("Compare with", now, f"{names}, or days such as 2026-03-02..2026-03-08.", read)
