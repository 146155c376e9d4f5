"""What is being explained, and the command that asks the same."""

import shlex
from dataclasses import dataclass

from core.base.days import Window
from core.base.segment import EVERYTHING, Segment
from core.reports.number_format import days


@dataclass(frozen=True, slots=True)
class ExplainQuestion:
    """Which metric, on which days, against what, where."""

    metric: str
    window: Window | None = None
    """None: the drop that is on, else the newest days."""
    baseline: str = "expected"
    """As --baseline of the command: expected, previous, or A..B."""
    where: Segment = EVERYTHING

    def command(self, db: str) -> str:
        """The command that prints the same in a shell.

        >>> ExplainQuestion("gmv", baseline="previous", where=Segment.parse("market=ID|TH")).command("my shop.db")
        "whydrop explain gmv --baseline previous --where 'market=ID|TH' --db 'my shop.db'"
        """
        parts = ["whydrop", "explain", self.metric]
        parts += ["--window", str(self.window)] if self.window else []
        parts += ["--baseline", self.baseline] if self.baseline != "expected" else []
        parts += ["--where", str(self.where)] if self.where else []
        return shlex.join([*parts, "--db", db])

    @property
    def words(self) -> str:
        """Metric, segment and days in one line."""
        where = f" {self.where}" if self.where else ""
        when = f"  {days(self.window)}" if self.window else ""
        against = "" if self.baseline == "expected" else f" vs {self.baseline}"
        return f"{self.metric}{where}{when}{against}"
