"""The baseline of a comparison."""

from dataclasses import dataclass
from typing import Any, Literal

from core.base.days import Window


@dataclass(frozen=True, slots=True)
class Baseline:
    """What the window is compared with."""

    kind: Literal["expected", "previous", "window"]
    window: Window

    def to_dict(self) -> dict[str, Any]:
        return {"kind": self.kind, **self.window.to_dict()}
