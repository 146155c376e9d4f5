"""Tables with far more conjunctions than leaves, and tables that are none."""

from dataclasses import replace

import numpy as np
import pytest

from core.base.errors import UsageError
from core.localization.single_table.localize import LeafTable, localize

NAMES, SIZE, LEAVES = tuple("abcde"), 60, 4_000


def sparse(factor: float, causes: tuple[tuple[int, ...], ...]) -> LeafTable:
    """Random leaves of 60^5 with noise of 10 %; each cause, codes of its first dimensions, holds 14 leaves that moved."""
    rng = np.random.default_rng(12)
    codes = rng.integers(0, SIZE, (LEAVES, len(NAMES))).astype(np.int32)
    forecast = rng.lognormal(4, 1, LEAVES)
    actual = forecast * (1 + 0.1 * rng.standard_normal(LEAVES))
    for number, cause in enumerate(causes):
        rows = np.arange(100 * number, 100 * number + 74)
        for axis, code in enumerate(cause):  # 14 leaves of the cause, and 20 of each pair of its values with any third
            codes[np.delete(rows, slice(14 + 20 * axis, 34 + 20 * axis)), axis] = code
        actual[rows[:14]] *= factor
    values = tuple(tuple(f"{name}{code}" for code in range(SIZE)) for name in NAMES)
    return LeafTable(dimensions=NAMES, values=values, codes=codes, actual=actual, forecast=forecast)


@pytest.mark.parametrize("factor", [0.3, 2.5])
def test_a_deep_cause_among_few_leaves_is_found(factor: float) -> None:
    found = [segment.where.to_dict() for segment in localize(sparse(factor, ((3, 5, 7), (9, 1, 4)))).segments]
    assert sorted(map(str, found)) == [str({"a": "a3", "b": "b5", "c": "c7"}), str({"a": "a9", "b": "b1", "c": "c4"})]


def test_a_denominator_that_is_no_number_is_refused_by_name() -> None:
    plain = sparse(1.0, ())
    ones = np.ones(LEAVES)
    spoilt = np.where(np.arange(LEAVES) == 41, np.nan, ones)
    for side in ("actual", "forecast"):
        bases = {"actual_base": ones, "forecast_base": ones, f"{side}_base": spoilt}
        with pytest.raises(UsageError, match=f"denominator of {side} is no finite number in row 42"):
            localize(replace(plain, **bases))
    with pytest.raises(UsageError, match="denominator of actual has 3 rows"):
        localize(replace(plain, actual_base=ones[:3], forecast_base=ones))
