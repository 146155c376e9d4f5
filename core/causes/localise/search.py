"""The search: peel off the element that shortens the description of the table most, until nothing does."""

import numpy as np

from core.causes.localise.cuboids import Lattice
from core.causes.localise.game import Element, Game
from core.causes.localise.level import centred, general
from core.causes.localise.table import Codes, Floats

_MOST = 24
_PASSES = 3
_LEVELS = 3
_LEAST_FREE = 0.2


def peel(codes: Codes, actual: Floats, mean: Floats, counted: bool) -> list[Element]:
    """The elements that explain the table, strongest first."""
    lattice = Lattice(codes)
    free = np.ones(len(actual), bool)
    found: list[Element] = []
    for turn in range(_PASSES):
        if free.mean() > _LEAST_FREE:
            level, noise = general(actual[free], mean[free], counted)
        if turn and free.any():
            level = centred(actual[free], mean[free], level, noise)
        before = _names(found)
        for _ in range(_LEVELS):
            game = Game(lattice, actual, mean * level, noise, free, not turn)
            found = _kept(game, found)
            free = game.free
            factor = _play(game, found)
            if factor == 1.0:
                break
            level *= factor
        free = game.free
        if turn and _names(found) == before:
            break
    return sorted(found, key=lambda one: -one.gain)


def _play(game: Game, found: list[Element]) -> float:
    """Adds elements to `found` until none pays. Stops early, with the factor, when all the rest has moved by one."""
    while len(found) < _MOST and (best := game.best()) is not None:
        if not best.cuboid.axes:
            return best.ratio
        found.append(best)
        game.own(best.rows)
    return 1.0


def _names(found: list[Element]) -> set[tuple[tuple[int, ...], int]]:
    return {(one.cuboid.axes, one.number) for one in found}


def _kept(game: Game, found: list[Element]) -> list[Element]:
    """The elements that still pay when all others stand, weighed anew, coarse first so that a part must differ from its
    whole; the leaves of the others are free again."""
    kept: list[Element] = []
    for one in sorted(found, key=lambda one: len(one.cuboid.axes)):
        axes = set(one.cuboid.axes)
        wholes = [e for e in kept if set(e.cuboid.axes) < axes and e.cuboid.key(one.rows[:1])[0] == e.number]
        anew = game.weigh(one.cuboid, one.number, one.rows)
        if wholes:
            anew = game.against(anew, wholes[-1])
        if anew.proof > 0:
            kept.append(anew)
        else:
            game.release(one.rows)
    return kept
