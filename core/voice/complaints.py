"""Complaints of a window: low reviews, refunds and cancellations by the seller, each with its themes and its order line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.base.days import Window
from core.base.segment import Segment
from core.catalogue.complaint_themes import THEMES
from core.catalogue.text_folding import folded_all
from core.voice.theme_learning import learnt_themes, word_table
from core.voice.theme_lexicon import lexicon_themes
from core.workspace.read.rating_rows import words
from core.workspace.read.rows.voice_rows import VoiceOrders, VoiceReviews, voice_orders, voice_reviews
from core.workspace.read.workspace import Workspace

HAPPY = 4
"""Ratings from here on are no complaints: a four-star text that mentions a delay is a satisfied buyer's."""
_DELIGHTED = 5
"""Such a text is about no theme at all: "arrived late but I love it" needs no action."""
_WAIT_DAYS = 120
"""How long after the order a complaint may come: order lines older than this are not looked for."""


@dataclass(frozen=True, kw_only=True)
class Complaints:
    """Order lines with a complaint, one row each, and reviews whose order is not known; arrays of shape (rows,)."""

    days: Ints
    """On which it was first said."""
    themes: Flags
    """shape (rows, themes)."""
    codes: Mapping[str, Ints]
    """dimension -> code, 0 = not given."""
    lost: Floats
    """Money refunded or ordered and cancelled."""
    texts: Sequence[str]
    """What was written, as it stands; "" where nothing was."""
    written_themes: Flags
    """The themes of what was written alone, shape (rows, themes): the reason of a refund is often another one."""


def text_themes(reviews: VoiceReviews) -> Flags:
    """The themes of each review's text; shape (reviews, themes). Silent complaints are filled in from the others."""
    folded = folded_all(reviews.texts)
    themes = lexicon_themes(folded)
    complaint = np.flatnonzero(reviews.ratings < HAPPY)
    spoken = [folded[row] for row in complaint.tolist()]
    themes[complaint] = learnt_themes(word_table(spoken), themes[complaint])
    themes[reviews.ratings >= _DELIGHTED] = False
    return themes


def read_complaints(
    workspace: Workspace, window: Window, where: Segment, dimensions: Sequence[str]
) -> tuple[Complaints, VoiceOrders, VoiceReviews, Flags]:
    """All complaints that were made in a window, its order lines from long before on, its reviews and their themes."""
    since = max(workspace.span.first, window.first - _WAIT_DAYS)
    orders = voice_orders(workspace, Window(since, window.last), where, dimensions)
    reviews = voice_reviews(workspace, window, where, dimensions)
    themes = text_themes(reviews)
    lines = _from_lines(workspace, window, orders, dimensions)
    spoken = _from_reviews(orders, reviews, themes, dimensions)
    return _joined(lines, spoken, dimensions), orders, reviews, themes


@dataclass(frozen=True, kw_only=True)
class _Part:
    """Complaints of one origin; `lines` are places among the order lines, -1 where not known."""

    lines: Ints
    days: Ints
    themes: Flags
    codes: Mapping[str, Ints]
    lost: Floats
    texts: list[str]


def _from_lines(workspace: Workspace, window: Window, orders: VoiceOrders, dimensions: Sequence[str]) -> _Part:
    """Refunds by their reason, and cancellations by the seller, which mean that the goods were not to be had."""
    reasons = words(workspace, "refund_reason")
    by_reason = lexicon_themes(folded_all(reasons))
    by_reason[0] = False
    sellers = [code for code, word in enumerate(words(workspace, "cancelled_by")) if word.casefold() == "seller"]
    refunded = (orders.refunded >= window.first) & (orders.refunded <= window.last)
    cancelled = (orders.cancelled >= window.first) & (orders.cancelled <= window.last)
    dropped = cancelled & np.isin(orders.cancelled_by, sellers)
    rows = np.flatnonzero(refunded | dropped)
    themes = np.where(refunded[rows, None], by_reason[orders.refund_reason[rows]], False)
    themes[dropped[rows], THEMES.index("stock")] = True
    amount = np.where(orders.refund_amount[rows] > 0, orders.refund_amount[rows], orders.gmv[rows])
    return _Part(
        lines=rows,
        days=np.where(refunded[rows], orders.refunded[rows], orders.cancelled[rows]),
        themes=themes,
        codes={name: orders.codes[name][rows] for name in dimensions},
        lost=np.where(refunded[rows], amount, orders.gmv[rows]),
        texts=[reasons[code] for code in orders.refund_reason[rows].tolist()],
    )


def _from_reviews(orders: VoiceOrders, reviews: VoiceReviews, themes: Flags, dimensions: Sequence[str]) -> _Part:
    rows = np.flatnonzero(reviews.ratings < HAPPY)
    lines = reviews.order_lines[rows]
    places = np.minimum(np.searchsorted(orders.ids, lines), max(len(orders.ids) - 1, 0))
    has_order = (lines > 0) & (orders.ids[places] == lines) if len(orders.ids) else np.zeros(len(rows), bool)
    return _Part(
        lines=np.where(has_order, places, -1),
        days=reviews.days[rows],
        themes=themes[rows],
        codes={name: reviews.codes[name][rows] for name in dimensions},
        lost=np.zeros(len(rows)),
        texts=[reviews.texts[row] or "" for row in rows.tolist()],
    )


def _joined(lines: _Part, spoken: _Part, dimensions: Sequence[str]) -> Complaints:
    """An order line that was refunded and reviewed is one complaint with the themes of both, and the buyer's own words."""
    every = np.concatenate([spoken.lines, lines.lines])
    alone = -1 - np.arange(len(every))  # a review without a known order is a complaint of its own
    keys, first, group = np.unique(np.where(every >= 0, every, alone), return_index=True, return_inverse=True)
    themes = np.zeros((len(keys), len(THEMES)), bool)
    all_themes = np.vstack([spoken.themes, lines.themes])
    np.logical_or.at(themes, group, all_themes)
    days = np.full(len(keys), np.iinfo(np.int64).max)
    np.minimum.at(days, group, np.concatenate([spoken.days, lines.days]))
    texts = [*spoken.texts, *lines.texts]
    return Complaints(
        days=days,
        themes=themes,
        codes={name: np.concatenate([spoken.codes[name], lines.codes[name]])[first] for name in dimensions},
        lost=np.bincount(group, np.concatenate([spoken.lost, lines.lost]), minlength=len(keys)).astype(np.float64),
        texts=[texts[row] for row in first.tolist()],
        written_themes=all_themes[first],
    )
