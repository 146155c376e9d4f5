"""What stars are worth: learnt from how the other orders go of those who get them, as known at a day.

R(s) is the rate of bad orders among the other orders of an account, on average over all reviews of s stars, relative to the
market's. A review of three or four stars counts as much as log R(s) / R(5) over log R(1 or 2) / R(5) of a bad one: nothing where
those who get it do as well as those who get five, all where they do as badly as those who get one or two. An order is never
compared with its own review, so that chance within an account teaches nothing.

A review of an order that came late tells by where it stands among the reviews of late orders. Stars are taken as steps on a
normal scale of contentment, which lateness shifts (Samejima, Estimation of latent ability using a response pattern of graded
scores, 1969): each number of stars stands for the mean of its step. What a review in time is worth goes with that mean by a
slope, and a late one gets its own mean times the slope. So lateness is nobody's fault, and what is better or worse than lateness
explains still counts; where lateness alone makes all of them one star they tell nothing.
"""

from statistics import NormalDist

import numpy as np

from core.base.arrays import Floats
from core.ratings.cases.case_matrix import CaseMatrix, StarWorth
from core.ratings.cases.case_streams import exact

_BAD, _FIVE = 2, 5
_DOUBT = 1.5
"""Standard errors by which R must exceed that of five stars to count at all; from one more on it counts in full. Where three and
four stars are noise they count 0.01 on average; with 2, worlds of five reviews an account lost a third of what stars tell."""
_LEAST_ORDERS = 2
_MANY_LATE = 50.0
"""Reviews of late orders from which they weigh half of what they tell: no single one switches them on."""
_MANY = 50.0
"""Reviews from which what they tell of stars counts half: among three members one bad order took nine tenths of the weight of all
reviews. In 24 markets of two to six members it raised a card of whose it was by up to 9.3 points, by 1.1 with this."""
_LEAST_SPREAD = 0.1
"""Where all reviews are alike they do not tell more than ten times as much as their number."""


def learn_worth(matrix: CaseMatrix, day: int) -> StarWorth:
    """The worth of each number of stars by what is known at a day."""
    stars, orders, bad, own_bad = _by_card(matrix, day)
    reviews = stars.sum(axis=1)
    worth = np.array([0.0, 1.0, 1.0, 0.0, 0.0, 0.0])
    remainder = np.where(orders >= _LEAST_ORDERS, orders - 1, np.inf)
    logs, parts = np.zeros(6), np.zeros((6, len(orders)))
    for at in range(_BAD, 6):
        own = own_bad if at == _BAD else 0.0
        others = stars[at] * np.maximum(bad - own, 0.0) / remainder
        ratio = max(float(others.sum()), 1e-9) / max(reviews[at], 1e-9)
        logs[at] = np.log(ratio)
        parts[at] = (others / ratio - stars[at]) / max(reviews[at], 1e-9)
    known = float(reviews.sum() / (reviews.sum() + _MANY))
    # reviews of one and two stars are few: three stars are never taken to be worse than these
    worst = max(logs[_BAD], logs[3]) - logs[_FIVE]
    for at in (3, 4):
        share = (logs[at] - logs[_FIVE]) / max(worst, 1e-9)
        worth[at] = min(max(share, 0.0), 1.0) * _surplus(logs, parts, at) * known
    worth[4] = min(worth[4], worth[3])
    late, late_cases = _linked(worth, reviews, _late_reviews(matrix, day))
    return StarWorth(worth, 1 - known * (1 - _spread(worth, reviews)), late, late_cases)


def _linked(worth: Floats, reviews: Floats, late_reviews: Floats) -> tuple[Floats, float]:
    """(worth by stars, cases) of a review of a late order; reviews by stars, shape (6,).

    A late review counts as a share of a case: the variance of what late reviews are worth over that of reviews in time, at most
    1. It is worth that share of the mean, plus its own deviation in full: it then moves a rate as a review in time does.
    """
    total, number = float(reviews.sum()), float(late_reviews.sum())
    if total <= 0 or number <= 0:
        return np.zeros(6), 0.0
    in_time, late = _contentment(reviews), _contentment(late_reviews)
    mean = float(worth @ reviews) / total
    variance = float(worth**2 @ reviews) / total - mean**2
    scale = float(in_time**2 @ reviews) / total
    if variance <= 0 or scale <= 0:
        return np.zeros(6), 0.0
    slope = -float(in_time * worth @ reviews) / total / scale
    linked = -max(slope, 0.0) * late
    cases = float(linked**2 @ late_reviews) / number / variance
    shrinkage = number / (number + _MANY_LATE)
    share = shrinkage * min(cases, 1.0)
    result = np.zeros(6)
    result[1:] = shrinkage * linked[1:] / max(cases, 1.0) + share * mean
    return result, share


def _contentment(reviews: Floats) -> Floats:
    """The mean of each step of a standard normal variable that is cut into steps of these shares; shape (6,)."""
    normal = NormalDist()
    share = reviews / reviews.sum()
    edges = np.clip(np.append(0.0, np.cumsum(share)), 0.0, 1.0)
    density = np.array([normal.pdf(normal.inv_cdf(edge)) for edge in np.clip(edges, 1e-12, 1 - 1e-12).tolist()])
    density[(edges <= 0) | (edges >= 1)] = 0.0
    means: Floats = np.where(share > 0, (density[:-1] - density[1:]) / np.maximum(share, 1e-12), 0.0)
    return means


def _late_reviews(matrix: CaseMatrix, day: int) -> Floats:
    """Weighed reviews of late orders by stars; shape (6,)."""
    times = np.zeros(6)
    for stream in (entry for entry in matrix.streams if entry.came_late):
        for bad in stream.bads:
            times[bad.stars] += float(exact(bad.amount[bad.known <= day]).sum())
    return times


def _by_card(matrix: CaseMatrix, day: int) -> tuple[Floats, Floats, Floats, Floats]:
    """Weighed reviews by stars, shape (6, cards), 1 and 2 together; orders; bad ones relative to the market's rate, and what
    one of them is relative to it."""
    size = matrix.cards.size
    stars, orders, bad = np.zeros((6, size)), np.zeros(size), np.zeros(size)
    for stream in matrix.streams:
        if stream.of not in {"deliveries", "reviews"} or stream.came_late:
            continue
        here = stream.start <= day
        cases = np.bincount(matrix.cell_card[stream.cell[here]], exact(stream.weight[here]), size)
        if stream.of == "deliveries":
            orders += cases
        else:
            stars[_FIVE] += cases
        for entry in stream.bads:
            hit = (entry.known <= day) & (entry.gone > day)
            k = np.bincount(matrix.cell_card[entry.cell[hit]], exact(entry.amount[hit]), size)
            if stream.of == "reviews":
                stars[entry.stars] += k
                stars[_FIVE] -= k
            if entry.stars <= _BAD:
                bad += k
    orders += stars[_BAD]
    usual = (np.bincount(matrix.cards.market, bad) + 0.5) / (np.bincount(matrix.cards.market, orders) + 1)
    each = 1 / usual[matrix.cards.market]
    return np.maximum(stars, 0.0), orders, bad * each, each


def _surplus(logs: Floats, parts: Floats, at: int) -> float:
    """0..1: how sure it is that R of some stars exceeds that of five; the standard error is that over accounts."""
    error = float(np.sqrt(((parts[at] - parts[_FIVE]) ** 2).sum()))
    return float(np.clip((logs[at] - logs[_FIVE]) / max(error, 1e-12) - _DOUBT, 0.0, 1.0))


def _spread(worth: Floats, reviews: Floats) -> float:
    """Variance of what a review is worth over that of a case that is bad or not with the same mean."""
    total = max(float(reviews.sum()), 1e-9)
    mean, square = float(worth @ reviews) / total, float(worth**2 @ reviews) / total
    return min(max((square - mean**2) / max(mean - mean**2, 1e-9), _LEAST_SPREAD), 1.0) if mean > 0 else 1.0
