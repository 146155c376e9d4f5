"""Whether ratings promise every group what then comes true.

A rating is fair in this sense when among those whom it promises the same share of bad orders, the groups have the same (Kleinberg
et al., Inherent trade-offs in the fair determination of risk scores, ITCS 2017, condition A). The ratings of 28 days ago are
held against the deliveries since.
"""

from collections.abc import Iterator

import numpy as np

from core.base.arrays import Floats, Ints
from core.ecosystem.activity import WEEKS
from core.ecosystem.fairness.rating_gaps import groups_of, persons_of
from core.ecosystem.fairness.score_history import ScoreHistory
from core.ecosystem.health_results import Calibration, Interval
from core.ratings.cases.case_matrix import Stream, exact
from core.ratings.scoring import grades

_DELIVERIES = "deliveries"


def calibrations(standing: ScoreHistory) -> Iterator[Calibration]:
    """Every group of a side whose cards had a case 28 days ago; none where nothing was rated or delivered."""
    stream = next((one for one in standing.now.gathered.frame.streams if one.of == _DELIVERIES), None)
    if standing.before is None or stream is None:
        return
    cases, observed, expected = _came_true(standing, stream)
    known = np.flatnonzero(expected > 0)
    cards = standing.cards[known]
    person = persons_of(standing.now)[standing.now.gathered.frame.cards.who[cards]]
    for group, code, words in groups_of(standing.now, cards):
        values = np.unique(code).tolist()
        for value in values if len(values) > 1 else ():
            here = code == value
            ratio, interval = _ratio(observed[known][here], expected[known][here], person[here])
            yield Calibration(
                side=standing.side,
                group=group,
                value=words[value],
                cases=int(cases[known][here].sum()),
                observed=float(observed[known][here].sum()),
                expected=float(expected[known][here].sum()),
                ratio=ratio,
                interval=interval,
            )


def _came_true(standing: ScoreHistory, stream: Stream) -> tuple[Ints, Floats, Floats]:
    """Of each card of the standing: deliveries since, bad ones among them, and those that were to be expected."""
    now, frame = standing.now, standing.now.gathered.frame
    since, size = now.gathered.as_of - 7 * WEEKS, now.size
    new = np.flatnonzero(stream.start > since)
    age = np.minimum(now.gathered.as_of - stream.start[new], frame.rules.ripe_days)
    card = frame.cell_card[stream.cell[new]]
    shown = np.bincount(card, exact(frame.delays[stream.market[new], age]), size)[standing.cards]
    observed, expected = np.zeros(len(standing.cards)), np.zeros(len(standing.cards))
    for bad in stream.bads:
        promised = _promised(standing, frame.components[bad.component].key)
        late = np.flatnonzero((bad.start > since) & (bad.known <= now.gathered.as_of))
        came = np.bincount(frame.cell_card[bad.cell[late]], bad.amount[late], size)[standing.cards]
        charged = (now.peers.weight[bad.component, standing.cards] > 0) & (promised > 0)
        observed += np.where(charged, came, 0.0)
        expected += np.where(charged, promised * shown, 0.0)
    return np.bincount(card, minlength=size)[standing.cards], observed, expected


def _promised(standing: ScoreHistory, component: str) -> Floats:
    """The share of bad cases that each card's rating of 28 days ago tells; 0 = it had none. Shape (cards,)."""
    before, found = standing.before, np.zeros(len(standing.cards))
    there = np.flatnonzero(standing.earlier >= 0)
    names = [one.key for one in before.gathered.frame.components] if before else []
    if before is not None and component in names:
        cards, row = standing.earlier[there], names.index(component)
        beliefs = grades.beliefs(before.gathered.frame, before.peers, cards, before.n[:, cards], before.k[:, cards])
        found[there] = beliefs[row].value
    return found


def _ratio(observed: Floats, expected: Floats, person: Ints) -> tuple[float, Interval | None]:
    """observed / expected in sum and its 95 % interval, from how persons scatter, on the scale of logarithms."""
    from scipy.special import stdtrit

    total = float(expected.sum())
    ratio = float(observed.sum()) / total
    members = np.unique(person, return_inverse=True)[1]
    size = int(members.max()) + 1
    rest = np.bincount(members, observed - ratio * expected)
    if size < 2 or ratio <= 0:
        return ratio, None
    # few persons may happen to lie close together: cases by themselves scatter like Poisson's
    variance = max(float((rest**2).sum()) * size / (size - 1), float(observed.sum()))
    deviation = variance**0.5 / total
    spread = np.exp(float(stdtrit(size - 1, 0.975)) * deviation / ratio)
    return ratio, (float(ratio / spread), float(ratio * spread))
