"""What is being explained, and the command that asks the same."""

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.base.date_text import date_range
from core.base.days import Window
from core.base.segment import EVERYTHING, Segment
from core.catalogue.metric_names import metric_words
from core.detection.findings import Finding
from core.incidents.finding_question import question_of
from core.workspace.read.workspace import Workspace

if TYPE_CHECKING:
    from core.views.metric_detail import MetricDetail


@dataclass(frozen=True, slots=True)
class ExplainQuestion:
    """Which metric, on which days, against what, where."""

    metric: str
    window: Window | None = None
    """None: the drop that is on, else the newest days."""
    baseline: str = "expected"
    """As --baseline of the command: expected, previous, or A..B."""
    where: Segment = EVERYTHING
    finding: Finding | None = None
    """The finding that is asked about: its segment is known, and with it its severity and cost."""

    def command(self, db: str) -> str:
        """The command that prints the same in a shell.

        >>> ExplainQuestion("gmv", baseline="previous", where=Segment.parse("market=ID|TH")).command("my shop.db")
        "whydrop explain gmv --baseline previous --where 'market=ID|TH' --db 'my shop.db'"
        """
        if self.finding:
            return shlex.join(["whydrop", "explain", self.finding.id, "--db", db])
        parts = ["whydrop", "explain", self.metric]
        parts += ["--window", str(self.window)] if self.window else []
        parts += ["--baseline", self.baseline] if self.baseline != "expected" else []
        parts += ["--where", str(self.where)] if self.where else []
        return shlex.join([*parts, "--db", db])

    @classmethod
    def about(cls, finding: Finding) -> "ExplainQuestion":
        """What a finding asks."""
        question = question_of(finding)
        return cls(question.metric, question.window, where=question.where, finding=finding)

    def answer(self, workspace: Workspace) -> "MetricDetail":
        """The explanation with what stands around it. Raises what `explain` raises."""
        from core.views.metric_detail import metric_detail  # late: an Overview is read without explanations

        return metric_detail(
            workspace,
            self.metric,
            window=self.window,
            baseline=self.baseline,
            where=self.where,
            located=question_of(self.finding).confidence if self.finding else None,
        )

    @property
    def words(self) -> str:
        """Metric, segment and days in one line."""
        where = f" in {self.where}" if self.where else ""
        when = f", {date_range(self.window)}" if self.window else ""
        against = "" if self.baseline == "expected" else f" vs {self.baseline}"
        return f"{metric_words(self.metric)}{where}{when}{against}"
