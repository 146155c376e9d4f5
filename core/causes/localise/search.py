"""The search for causes under what is learnt of the table: its noise, and the factor by which everything moved.

Both are learnt from leaves that no cause owns; since causes are only found by them, this is done again with what was found.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.causes.localise.evidence import Evidence
from core.causes.localise.fitting import fit, fit_rates, grain_of
from core.causes.localise.level import crowded, general, narrower, settle
from core.causes.localise.noise import Noise
from core.causes.localise.rounds import Element, Name, Round
from core.causes.localise.table import Codes, Floats, Rows

_TURNS = 3
"""Times that noise and factor are learnt at most."""
_DRIFT = 0.03
"""Variance of what the rate of a whole ordinary element drifts by, some tenths: rates differ between two times for many small
reasons. Chosen on simulated rates (`bench/localize.py`)."""
_SETTLED, _SHIFTED = 0.03, 0.1
"""The search is not done again for a noise that is so little wider or narrower, and a factor that moves leaves by so small a
part of their noise."""
_ENOUGH = 100_000
"""Leaves that are enough to learn noise and factor from."""
_MUCH = 0.5
"""When causes own so much, everything may have moved instead; it did if causes then own so little of that."""


@dataclass(frozen=True)
class Found:
    """The causes, strongest first; the part of all leaves that they own; and, if there are none, how near to being one the most
    promising element is, nats over its price."""

    elements: tuple[Element, ...]
    owned: float
    nearest: float


def search(codes: Codes, value: Floats, mean: Floats, rates: bool) -> Found:
    """The causes in a table. `rates`: values are counts of rare events against counted rates.

    The forecast is right until another factor explains the table with fewer causes, of much less of it.
    """
    table = _Table(codes, value, mean, rates, 0.0 if rates else grain_of(value, mean))
    noise = table.noise(slice(None), 1.0)
    factor = general(value, mean, noise)
    if factor != 1 and not rates:
        factor = general(value, mean, narrower(noise, table.noise(slice(None), crowded(value, mean)), mean))
    found = table.causes(factor, noise if factor == 1 else table.noise(slice(None), factor))
    if found.owned > _MUCH and not rates:
        factor = crowded(value, mean)
        moved = table.causes(factor, table.noise(slice(None), factor))
        if len(moved.elements) < len(found.elements) and moved.owned < _MUCH * found.owned:
            return moved
    return found


@dataclass(frozen=True)
class _Table:
    codes: Codes
    value: Floats
    mean: Floats
    rates: bool
    grain: float

    def noise(self, rows: Rows | slice, factor: float) -> Noise:
        """What is learnt from some leaves when everything moved by a factor."""
        learn = fit_rates if self.rates else fit
        return learn(self.value[rows], self.mean[rows] * factor, self.grain)

    def causes(self, factor: float, noise: Noise) -> Found:
        """The causes, given a first idea of factor and noise."""
        value, mean = self.value, self.mean
        loose, before = _DRIFT if self.rates else 0.0, set[Name]()
        for turn in range(_TURNS):
            game = Round(self.codes, Evidence(value, mean * factor, mean, noise), loose, self.rates)
            elements = game.play()
            names, ordinary = {one.name for one in elements}, _some(game.free)
            if not elements or (turn and names == before) or not len(ordinary):
                break
            before, was = names, noise.deviation(value[ordinary], mean[ordinary] * factor)
            loose = _DRIFT if self.rates else game.lattice.looseness()
            noise = self.noise(ordinary, factor)
            factor = settle(value[ordinary], mean[ordinary], factor, noise)
            if (self.rates or not loose) and _alike(was, noise.deviation(value[ordinary], mean[ordinary] * factor)):
                break
        nearest = np.inf if elements else game.lattice.nearest()
        return Found(tuple(elements), 1 - float(game.free.mean()), nearest)


def _some(free: NDArray[np.bool_]) -> Rows:
    """Free leaves that are enough to learn from."""
    rows = np.flatnonzero(free)
    return rows[:: max(1, len(rows) // _ENOUGH)]


def _alike(before: tuple[Floats, Floats], after: tuple[Floats, Floats]) -> bool:
    """Whether the deviations of ordinary leaves and their precisions are so nearly the same that the same causes would be
    found again."""
    (was, precise), (now, precise_now) = before, after
    wider = np.abs(np.log(precise_now / precise))
    return bool(wider.mean() < 2 * _SETTLED and ((was - now) ** 2 * precise).mean() < _SHIFTED**2)
