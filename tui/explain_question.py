"""What is being explained, and the command that asks the same."""

import shlex
from dataclasses import dataclass

from core.base.date_text import date_range
from core.base.days import Window
from core.base.segment import EVERYTHING, Segment
from core.catalogue.metric_names import metric_words
from core.detection.findings import Finding
from core.incidents.finding_question import question_of


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

    @property
    def located(self) -> float | None:
        """How sure it is that `where` is the segment; None: it is to be found inside."""
        return question_of(self.finding).confidence if self.finding else None

    @property
    def words(self) -> str:
        """Metric, segment and days in one line."""
        where = f" in {self.where}" if self.where else ""
        when = f", {date_range(self.window)}" if self.window else ""
        against = "" if self.baseline == "expected" else f" vs {self.baseline}"
        return f"{metric_words(self.metric)}{where}{when}{against}"
