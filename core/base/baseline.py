"""The baseline of a comparison."""

from typing import Any, Literal, get_args

from core.base.days import Window
from core.base.frozen import frozen

BaselineKind = Literal["expected", "previous", "last-year", "4w", "window"]
"""What the days before lead one to expect; as many days before; 52 weeks earlier; the four weeks before; days by name."""
NAMED_BASELINES: tuple[str, ...] = get_args(BaselineKind)[:-1]
"""Those that one word asks for."""


@frozen
class Baseline:
    """What the window is compared with."""

    kind: BaselineKind
    window: Window

    def to_dict(self) -> dict[str, Any]:
        return {"kind": self.kind, **self.window.to_dict()}
