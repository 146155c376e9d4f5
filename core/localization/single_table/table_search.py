"""The search for causes under what is learnt of the table: its noise, and the factor by which everything moved.

Both are learnt from leaves that no cause owns; since causes are only found by them, this is done again with what was found.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.base.arrays import Codes, Floats
from core.localization.single_table.common_factor import crowded, general, narrower, settle
from core.localization.single_table.element_selection import Element, Name, Round
from core.localization.single_table.leaf_evidence import LeafEvidence
from core.localization.single_table.leaf_noise import LeafNoise
from core.localization.single_table.leaf_table import Rows
from core.localization.single_table.noise_fit import fit, fit_rates, grain_of

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
_LARGE = 100_000
"""A part of larger tables is searched first, to learn from."""
_MUCH = 0.5
"""When causes own so much, everything may have moved instead; it did if causes then own so little of that."""


@dataclass(frozen=True)
class TableSearchResult:
    """The causes, strongest first; the part of all leaves that they own; and, if there are none, how near to being one the most
    promising element is, nats over its price."""

    elements: tuple[Element, ...]
    owned: float
    nearest: float


def table_search(codes: Codes, value: Floats, mean: Floats, rates: bool) -> TableSearchResult:
    """The causes in a table. `rates`: values are counts of rare events against counted rates."""
    table = _Table(codes=codes, value=value, mean=mean, rates=rates, grain=0.0 if rates else grain_of(value, mean))
    if len(codes) <= _LARGE:
        return table.explained()[0]
    return table.causes(table.part().explained()[1])[0]


@dataclass(frozen=True)
class _Known:
    """What is learnt of a table."""

    factor: float
    noise: LeafNoise
    loose: float
    """Variance of the deviations of whole ordinary elements."""


@dataclass(frozen=True, kw_only=True)
class _Table:
    codes: Codes
    value: Floats
    mean: Floats
    rates: bool
    grain: float

    def noise(self, rows: Rows | slice, factor: float) -> LeafNoise:
        """What is learnt from some leaves when everything moved by a factor."""
        learn = fit_rates if self.rates else fit
        return learn(self.value[rows], self.mean[rows] * factor, self.grain)

    def explained(self) -> tuple[TableSearchResult, _Known]:
        """The causes without knowing anything, and what was learnt on the way.

        The forecast is right until another factor explains the table with fewer causes, of much less of it.
        """
        first = self.around(1.0)
        factor = general(self.value, self.mean, first.noise)
        if factor != 1 and not self.rates:
            noise = narrower(first.noise, self.crowd().noise, self.mean)
            factor = general(self.value, self.mean, noise)
        if factor is not None and factor != 1:
            first = self.around(factor)
        result, learnt = self.causes(first)
        if result.owned > _MUCH and not self.rates:
            shifted_result, otherwise = self.causes(self.crowd())
            much = result.owned * (_MUCH if first.factor == 1 else 1.0)
            if len(shifted_result.elements) < len(result.elements) and shifted_result.owned < much:
                return shifted_result, otherwise
        return result, learnt

    def around(self, factor: float) -> _Known:
        """A first idea, when everything moved by a factor."""
        return _Known(factor, self.noise(slice(None), factor), _DRIFT if self.rates else 0.0)

    def crowd(self) -> _Known:
        """A first idea, when everything moved as the larger leaves did."""
        return self.around(crowded(self.value, self.mean))

    def causes(self, idea: _Known) -> tuple[TableSearchResult, _Known]:
        """The causes, given a first idea, and a better one."""
        before = set[Name]()
        for turn in range(_TURNS):
            game = self.round(idea)
            names = {element.name for element in game.found}
            if not names or (turn and names == before):
                break
            before, (learnt, alike) = names, self.learn(game, idea)
            if learnt is None or alike:
                break
            idea = learnt
        nearest = np.inf if game.found else game.lattice.nearest()
        return TableSearchResult(tuple(game.found), 1 - float(game.free.mean()), nearest), idea

    def round(self, learnt: _Known) -> Round:
        """A search, played."""
        evidence = LeafEvidence(self.value, self.mean * learnt.factor, self.mean, learnt.noise)
        return Round(self.codes, evidence, learnt.loose, self.rates).play()

    def learn(self, game: Round, last: _Known) -> tuple[_Known | None, bool]:
        """What ordinary leaves tell after a search, if there are any, and whether it is much what was known."""
        ordinary = _some(game.free)
        if not len(ordinary):
            return None, False
        value, mean = self.value[ordinary], self.mean[ordinary]
        noise = self.noise(ordinary, last.factor)
        factor = settle(value, mean, last.factor, noise)
        before, after = last.noise.deviation(value, mean * last.factor), noise.deviation(value, mean * factor)
        loose = last.loose if self.rates else game.lattice.looseness()
        same = loose == last.loose or last.loose / 2 < loose < 2 * last.loose
        return _Known(factor, noise, loose), same and _alike(before, after)

    def part(self) -> "_Table":
        """Some leaves of a large table, enough to learn from."""
        some = np.random.default_rng(0).random(len(self.codes)) < _LARGE / len(self.codes)
        return _Table(
            codes=np.asfortranarray(self.codes[some]),
            value=self.value[some],
            mean=self.mean[some],
            rates=self.rates,
            grain=self.grain,
        )


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
