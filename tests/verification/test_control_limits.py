"""Which series may be controls, and days that a ratio says nothing of: counted by hand."""

from typing import Any, cast

import numpy as np
import pytest

from core.base.errors import NotEnoughData
from core.base.segment import Segment
from core.catalogue.metric_tree.metric_loader import load
from core.detection.forecast.panel_build import SliceSums
from core.verification.control_choice import _usable, _values
from core.verification.verify import _known_incident

WHERE = [Segment.parse(f"shop=s{row}") for row in range(4)]


def test_series_without_anything_on_more_than_a_fifth_of_the_days_are_no_controls() -> None:
    """Of ten days before the change two may be empty, not three; nor may half of those after it. The first always counts."""
    counted = np.ones((4, 14))
    counted[0, :5] = 0
    counted[1, :2], counted[2, :3], counted[3, 12:] = 0, 0, 0
    usable, dropped = _usable(counted, np.ones(14, bool), np.arange(14) < 10, WHERE)
    assert usable.tolist() == [True, True, False, False]
    assert [(item.where, item.reason) for item in dropped] == [
        (WHERE[2], "nothing counted on 30% of the days"), (WHERE[3], "nothing counted on 50% of the days"),
    ]  # fmt: skip


def test_a_ratio_without_a_denominator_says_nothing_of_its_day() -> None:
    """A payment may be counted on a day without an order."""
    sums = SliceSums((WHERE[0],), {"paid_orders": np.array([[3.0, 3.0, 0.0]]), "orders": np.array([[0.0, 6.0, 0.0]])})
    values, denominator = _values(load().metric("payment_rate"), sums)
    assert values[0].tolist() == pytest.approx([np.nan, 0.5, np.nan], nan_ok=True)
    assert denominator is not None
    assert denominator.tolist() == [[0.0, 6.0, 0.0]]
    assert _values(load().metric("orders"), sums)[1] is None


def test_an_incident_of_one_day_has_no_level() -> None:
    assert _known_incident(98, 100) == 98
    with pytest.raises(NotEnoughData, match="only 1 day before the change on 11 Apr 1970: 2 are needed"):
        _known_incident(cast(Any, 99), 100)
