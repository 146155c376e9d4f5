"""A part that was taken out before its whole is said with it, where both moved alike."""

import numpy as np
import pytest

from core.localization.single_table.element_selection import Round
from core.localization.single_table.leaf_evidence import LeafEvidence
from core.localization.single_table.leaf_noise import LeafNoise

GRID = np.stack([axis.ravel() for axis in np.indices((6, 7, 8))], axis=1).astype(np.int32)
WHOLE, PART = ((0,), (2,)), ((0, 1), (2, 3))


def taken_out(part_falls_to: float) -> Round:
    """A search that has taken out a part first, then what was left of its whole, which fell to 0.5."""
    mean = np.random.default_rng(3).lognormal(4, 1, len(GRID))
    inside = GRID[:, 0] == 2
    value = np.where(inside, 0.5 * mean, mean) * (1 + 0.05 * np.random.default_rng(4).standard_normal(len(GRID)))
    part = inside & (GRID[:, 1] == 3)
    value[part] *= part_falls_to / 0.5
    noise = LeafNoise(counts=0.0, spread=0.05**2, measured="larger", tail=1000.0)
    search = Round(GRID, LeafEvidence(value, mean, mean, noise), loose=0.0, uneven=False)
    for axes, codes in (PART, WHOLE):
        element = search.weigh(axes, codes)
        search.found.append(element)
        search.free[element.rows] = False
        search.lattice.take(element.rows)
    return search.play()


@pytest.mark.parametrize(("part_falls_to", "names"), [(0.5, [WHOLE]), (0.05, [PART, WHOLE])])
def test_a_part_stays_by_itself_only_where_it_moved_otherwise(part_falls_to: float, names: list[object]) -> None:
    found = taken_out(part_falls_to).found
    assert [element.name for element in found] == names
    assert sorted(np.concatenate([element.rows for element in found])) == np.flatnonzero(GRID[:, 0] == 2).tolist()
