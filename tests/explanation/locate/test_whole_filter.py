"""How sure it is that all of a filter changed: the rest of it, without the value that lost most, tells."""

from pathlib import Path

import numpy as np
import pytest

from core.base.days import Window, iso
from core.base.segment import Segment
from core.explanation.explain_request import ExplainRequest
from core.explanation.locate.whole_filter import whole_filter_confidence
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load

FIRST, DAYS = 20_000, 70


def confidence(folder: Path, kept: tuple[float, float], size: int) -> float:
    """Two devices of a channel, each of which keeps a part of its visits in the last week."""
    rng = np.random.default_rng(6)
    lines = ["date,channel,device,visits"]
    for day in range(DAYS):
        for channel in ("web", "app"):
            for device, part in zip(("phone", "tablet"), kept, strict=True):
                left = part if channel == "web" and day >= DAYS - 7 else 1.0
                lines.append(f"{iso(FIRST + day)},{channel},{device},{rng.poisson(size * left)}")
    (folder / "visits.csv").write_text("\n".join(lines) + "\n")
    load(folder / "w.db", [folder / "visits.csv"], as_kind="daily")
    with Workspace.open(folder / "w.db") as workspace:
        last = workspace.span.last
        request = ExplainRequest(
            workspace=workspace, metric=workspace.metric("visits"), window=Window(last - 6, last),
            where=Segment.of({"channel": "web"}),
        )  # fmt: skip
        return whole_filter_confidence(request.metric, request.compare(), request.judged)


@pytest.mark.parametrize(
    ("kept", "size", "low", "high"),
    [((0.6, 0.6), 400, 0.95, 0.98), ((0.3, 1.0), 400, 0.0, 0.05), ((0.7, 0.7), 2, 0.3, 0.9)],
    ids=["both devices", "one of them", "too few to tell"],
)
def test_it_is_as_sure_as_the_rest_of_the_filter_changed(
    tmp_path: Path, kept: tuple[float, float], size: int, low: float, high: float
) -> None:
    assert low <= confidence(tmp_path, kept, size) <= high
