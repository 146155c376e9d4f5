"""When a window is too early to be compared, and when it has no score: by hand."""

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from core.base.days import Window, iso
from core.base.errors import NotEnoughData
from core.catalogue.metric_tree.metric_loader import load
from core.detection import comparison
from core.detection.comparison_result import Comparison
from core.detection.distributions import deviance_score, normal_score
from core.detection.forecast.panel import Panel
from core.detection.forecast.residual_noise import ResidualNoise
from core.detection.window_judge import WindowJudge

CATALOGUE = load()


@pytest.mark.parametrize(
    ("more", "knows", "refused"), [(-2, False, True), (-1, False, True), (0, False, False), (-1, True, False)]
)
def test_a_window_is_too_early_below_the_least_age(
    more: int, knows: bool, refused: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = Comparison.__new__(Comparison)
    monkeypatch.setattr(comparison, "age_for", lambda *_: (7 + more, ()))
    monkeypatch.setattr(comparison, "segment_sums", lambda *_, **__: (None, None))
    judge = SimpleNamespace(knows_past=knows, against_expected=lambda: result)
    monkeypatch.setattr(comparison, "WindowJudge", lambda *_: judge)
    monkeypatch.setattr(comparison, "replace", lambda item, **_: item)
    workspace = cast(Any, SimpleNamespace(metric=CATALOGUE.metric, span=Window(1000, 1100)))
    monkeypatch.setattr(result.__class__, "notes", (), raising=False)
    if refused:
        with pytest.raises(NotEnoughData, match=f"too early.* Choose days up to {iso(1096 + more)} "):
            comparison.compare(workspace, "gmv", Window(1090, 1096))
    else:
        assert comparison.compare(workspace, "gmv", Window(1090, 1096)) is result


def test_a_window_without_anything_expected_has_no_score() -> None:
    judged = WindowJudge.__new__(WindowJudge)
    judged._first, judged._window = 100, Window(103, 105)
    panel = Panel(100, np.arange(10.0)[None])
    noise = ResidualNoise(panel, 3)
    noise.days[:] = 30
    judged._replay = cast(Any, SimpleNamespace(panel=panel, noise=noise))
    assert judged._score(0.0, 3.0) == judged._score(20.0, 0.0) == 0.0
    for total, sd in ((20.0, 3.0), (0.8, 0.5)):
        raw = deviance_score(np.array([12.0]), np.array([total]), np.array([sd**2]), np.ones(1))
        assert judged._score(total, sd) == pytest.approx(-normal_score(raw, np.array([40.0]))[0])
