"""The texts behind a theme of complaints."""

from dataclasses import dataclass

import numpy as np

from core.base.days import Day, Window
from core.base.segment import EVERYTHING, Segment
from core.catalogue.complaint_themes import THEMES
from core.voice.complaints import text_themes
from core.voice.quotes import masked
from core.workspace.read.rows.voice_rows import voice_reviews
from core.workspace.read.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintText:
    """One review that complains."""

    review_id: str
    day: Day
    rating: int
    themes: tuple[str, ...]
    """Keys of its themes."""
    text: str
    """On one line; mails, links and long numbers are masked."""


def complaint_texts(workspace: Workspace, window: Window, where: Segment = EVERYTHING) -> tuple[ComplaintText, ...]:
    """The reviews of a window that speak of a theme, the newest first."""
    reviews = voice_reviews(workspace, window, where, ())
    themes = text_themes(reviews)
    rows = [row for row in np.flatnonzero(themes.any(axis=1)).tolist() if reviews.texts[row]]
    texts = [
        ComplaintText(
            review_id=reviews.review_ids[row],
            day=int(reviews.days[row]),
            rating=int(reviews.ratings[row]),
            themes=tuple(THEMES[theme] for theme in np.flatnonzero(themes[row]).tolist()),
            text=masked(reviews.texts[row] or ""),
        )
        for row in rows
    ]
    return tuple(sorted(texts, key=lambda text: (-text.day, text.review_id)))
