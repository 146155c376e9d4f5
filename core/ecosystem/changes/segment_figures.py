"""Figures by segment: which there are, who belongs to them, and who moves them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.base.arrays import Flags, Floats
from core.ecosystem.changes.step_test import RECENT
from core.ecosystem.changes.weekly_panel import WeeklyPanel
from core.ecosystem.false_discovery import LIMIT
from core.ecosystem.results.claim_results import Topic

LEAST_MEMBERS = 3
"""Members before the newest weeks of a segment that is tested: below, it is a matter of a member."""
OF_CREATORS = frozenset({"agency", "role", "newcomer"})
"""Dimensions that only creators have."""
CANDIDATE = 2e-5
"""Chance below which a segment may be a cause; a few hundred are tested."""
NAMED_BELOW = LIMIT
"""Chance below which the members that move a figure are named: of a single test, every claim below is marked."""
VALUES = 2.0
"""Variance of a sum of order values over that of their number: 1 + the square of their coefficient of variation, taken as 1."""
FEW = 50.0
"""Cases a week below which counts are tested as counts: the logarithm of a few has no constant variance."""
_NAMED, _NEARLY_ALL = 3, 0.9
"""Members named at most, and the part of a change from which on nobody else is named with those who bring it."""
_LEANING = 5.0
"""Cases at everybody's rate that the rate of a member leans to."""
_THINNEST = 100.0
"""The most that thin weeks count as noisier: a base of nearly nothing would make the noise endless."""
NOW, THEN = slice(0, max(RECENT)), slice(max(RECENT), 2 * max(RECENT))


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A figure by leaf: a share of an amount (`base` None), or a rate: amount / base."""

    topic: Topic
    name: str
    amount: Floats
    """Shape (leaves, weeks)."""
    base: Floats | None
    is_count: bool
    more_is_worse: bool | None
    dimensions: tuple[str, ...]
    scale: float = 1.0
    unit: float = 1.0
    """What one case is worth on average: 1 of counts, the value of an order of money."""
    weight: Floats | None = None
    """Of an amount: how much each leaf counts, shape (leaves,); None = all by their amounts."""
    level: Floats | None = None
    """Of a rate: how many times the usual one the members of each leaf have, shape (leaves,); None = all the same."""

    def rate(self) -> float:
        """The usual rate, over everything; 1 of an amount, and where there is none."""
        total = 0.0 if self.base is None else float(self.base.sum())
        cases = float(self.amount.sum())
        return cases / total if total > 0 and cases > 0 else 1.0

    @cached_property
    def seen_before(self) -> Flags:
        """Leaves that had any of it before the newest weeks; shape (leaves,)."""
        return np.asarray((self.amount if self.base is None else self.base)[:, max(RECENT) :].sum(axis=1) > 0)

    @cached_property
    def size(self) -> Floats:
        """The amount over all weeks, of a rate what it is a rate of; shape (leaves,)."""
        return np.asarray((self.amount if self.base is None else self.base).sum(axis=1))

    @cached_property
    def columns(self) -> Floats:
        """What is summed over leaves, shape (leaves, columns): of a rate the amount, the base, and what that lets expect; of an
        amount as it is weighed, as it is, and the squares of weights."""
        due = self.due
        if self.base is not None and due is not None:
            return np.hstack([self.amount, self.base, due])
        weight = np.ones(len(self.amount)) if self.weight is None else self.weight
        squares = weight**2 * self.amount.sum(axis=1)
        return np.hstack([weight[:, None] * self.amount, self.amount, squares[:, None]])

    @cached_property
    def due(self) -> Floats | None:
        """The base as it lets expect cases: as its members' own usual rates do, so that no shift between members is a change."""
        return self.base if self.base is None or self.level is None else self.base * self.level[:, None]


def inside(panel: WeeklyPanel, where: Mapping[str, str]) -> Flags:
    """The leaves of a segment; shape (leaves,)."""
    chosen = np.ones(len(next(iter(panel.amounts.values()))), bool)
    for name, value in where.items():
        chosen &= panel.codes[name] == panel.words[name].index(value)
    return chosen


@dataclass(frozen=True, slots=True)
class PanelMember:
    """A creator or a seller of the panel: both may have the same name."""

    column: str
    """creator_id or seller_id."""
    code: int

    def name(self, panel: WeeklyPanel) -> str:
        """As the data call it."""
        return panel.member_names[self.column][self.code]

    def leaves(self, panel: WeeklyPanel) -> Flags:
        """Which leaves it has; shape (leaves,)."""
        return np.asarray(panel.leaf_members[self.column] == self.code)


def segments(panel: WeeklyPanel, figure: Figure) -> tuple[Mapping[str, str], ...]:
    """Every value of every dimension of which there are several."""
    result: list[Mapping[str, str]] = []
    for name in figure.dimensions:
        codes = np.unique(panel.codes[name]).tolist() if name in panel.codes else []
        chosen = [code for code in codes if code]
        if len(chosen) > 1 or (len(codes) > 1 and name in OF_CREATORS):
            result += [{name: panel.words[name][code]} for code in chosen]
    return tuple(result)


def member_levels(panel: WeeklyPanel, amount: Floats, base: Floats) -> Floats:
    """How many times the usual rate the members of each leaf have over all weeks, their creators first, their shops of what those
    leave; shape (leaves,). Few cases lean to the usual rate."""
    level = np.ones(len(amount))
    usual = float(amount.sum()) / max(float(base.sum()), 1e-9)
    cases, due = amount.sum(axis=1), usual * base.sum(axis=1)
    for code in panel.leaf_members.values():
        of_member = (np.bincount(code, cases) + _LEANING) / (np.bincount(code, due * level) + _LEANING)
        level *= of_member[code]
    return level


def movers(panel: WeeklyPanel, figure: Figure, here: Flags, upwards: bool) -> tuple[PanelMember, ...]:
    """The members of a segment that add most to its change: up to three creators, then up to three sellers.

    Nobody is named after those who bring nearly all of it."""
    history = slice(max(RECENT), None)
    due = figure.due
    if due is None:
        usual = figure.amount[:, history].mean(axis=1)
    else:
        usual_rate = figure.amount[here, history].sum() / max(float(due[here, history].sum()), 1e-9)
        usual = usual_rate * due[:, NOW].mean(axis=1)
    added = np.where(here, figure.amount[:, NOW].mean(axis=1) - usual, 0.0) * (1 if upwards else -1)
    result: list[PanelMember] = []
    for column, code in panel.leaf_members.items():
        total = np.bincount(code, added, len(panel.member_names[column]))
        total[0] = 0.0
        order = np.argsort(-total, kind="stable")[:_NAMED]
        missing = np.append(True, np.cumsum(total[order])[:-1] < _NEARLY_ALL * added.sum())
        result += [PanelMember(column, at) for at in order[missing[: len(order)]].tolist() if total[at] > 0]
    return tuple(result)


def weekly_ratio(amount: Floats, base: Floats, unit: float, rate: float) -> Floats:
    """Amount over base, half a case and its base at the usual rate added: a week without any is a usual one."""
    return np.asarray((amount + 0.5 * unit) / (base + 0.5 * unit / rate))


def common_movement(cases: Floats, due: Floats) -> tuple[Floats, Floats]:
    """What others' few cases tell of how a rate moves everywhere, around 1, and how many cases tell as much.

    Shape (series, weeks). Their weeks lean to their usual rate by how much they scatter beyond chance: a gamma-Poisson posterior,
    whose variance comes from all weeks by moments.
    """
    mean = np.maximum(due * (cases.sum(axis=1) / np.maximum(due.sum(axis=1), 1e-12))[:, None], 1e-9)
    beyond = ((cases - mean) ** 2 - mean).sum(axis=1) / (mean**2).sum(axis=1)
    weight = mean * np.maximum(beyond, 0.0)[:, None]
    follows = weight / (1 + weight)
    return 1 + follows * (cases / mean - 1), cases / np.maximum(follows.mean(axis=1, keepdims=True), 1e-6) ** 2


def thinness(base: Floats) -> Floats:
    """How much noisier than usual the newest weeks are because there is less in them; shape (lengths of `RECENT`, series)."""
    usual = base[:, max(RECENT) :].mean(axis=1, keepdims=True)
    noisier = np.clip(usual / np.maximum(base[:, : max(RECENT)], 1e-12), 1.0, _THINNEST)
    return np.stack([noisier[:, :weeks].mean(axis=1) for weeks in RECENT])


def counting_variance(amount: Floats, base: Floats) -> Floats:
    """Variance of the logarithm of one week's ratio where both are counts of independent events."""
    return np.asarray(1 / (amount.mean(axis=1) + 0.5) + 1 / (base.mean(axis=1) + 0.5))
