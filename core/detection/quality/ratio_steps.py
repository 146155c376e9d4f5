"""Steps of ratios: how far the newest days of one measure over another lie from the days before, in every segment."""

from collections.abc import Iterator

import numpy as np

from core.base.arrays import Floats
from core.base.segment import EVERYTHING, Segment
from core.cube.cube import Cube

SPANS = (3, 7, 14)
BEFORE = 28


def grouped_sums(cube: Cube, names: tuple[str, ...], sliced: list[str]) -> Iterator[tuple[Segment, tuple[Floats, ...]]]:
    """The daily sums of some measures in total and for each value of some dimensions."""
    yield EVERYTHING, tuple(cube.daily(name) for name in names)
    for dimension in sliced:
        tables = [cube.daily(name, (dimension,)) for name in names]
        for code, value in enumerate(cube.values[dimension]):
            if code:
                yield Segment.of({dimension: value}), tuple(table[code] for table in tables)


def ratio_step(numerator: Floats, denominator: Floats, days: int) -> tuple[float, float] | None:
    """By how much (log) a ratio of the last days lies above that of the days before, and its standard deviation."""
    past = slice(-days - BEFORE, -days)
    sums = [numerator[-days:].sum(), denominator[-days:].sum(), numerator[past].sum(), denominator[past].sum()]
    if min(sums) < 30:
        return None
    with np.errstate(divide="ignore", invalid="ignore"):
        daily = np.log(numerator[past] / denominator[past])
    daily = daily[np.isfinite(daily)]
    if len(daily) < BEFORE // 2:
        return None
    change = float(np.log(sums[0] / sums[1]) - np.log(sums[2] / sums[3]))
    return change, float(np.hypot(daily.std() / np.sqrt(days), np.sqrt(1 / min(sums[0], sums[1]))))
