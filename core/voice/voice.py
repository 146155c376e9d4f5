"""What buyers complained about in a window: themes, orders hit, money lost, where, and what is new."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.base.arrays import Flags, Floats
from core.base.date_text import during
from core.base.days import Window
from core.base.errors import NotEnoughData
from core.base.segment import EVERYTHING, Segment
from core.catalogue.complaint_themes import THEMES, ComplaintTheme, complaint_themes
from core.catalogue.text_folding import folded_all
from core.detection.distributions import discoveries
from core.detection.quality.end_of_exports import newest_exported
from core.voice.chance import two_sided
from core.voice.complaints import Complaints, read_complaints, text_themes
from core.voice.quotes import quotes
from core.voice.rising_words import rising_words, theme_words
from core.voice.theme_learning import WordTable, word_table
from core.voice.theme_segments import theme_segments
from core.voice.voice_results import TextThemes, Theme, ThemeSegment, Voice
from core.workspace.read.rating_rows import words
from core.workspace.read.rows.voice_rows import VoiceOrders, voice_reviews
from core.workspace.read.workspace import Workspace

_WINDOW_DAYS = 28
"""By default the newest four weeks: complaints come for weeks after an order."""
_BEFORE_DAYS = 56
"""Days before the window that it is compared with: twice as long, so that the comparison is not the noisier side."""
_FALSE_RISES = 0.005
"""Share of false ones among the themes that are said to have risen: somebody asks every week, and a false alarm costs trust."""
_DIMENSIONS = ("market", "channel", "category", "seller_id", "creator_id", "product_id")
_Z95 = 1.96


def voice(
    workspace: Workspace, *, window: Window | None = None, where: Segment = EVERYTHING, by: Sequence[str] = ()
) -> Voice:
    """The themes of complaints in a window (the newest four weeks by default) and in a segment, sliced by `by` as well.

    Raises UsageError for unknown dimensions, NotEnoughData when neither reviews nor orders are loaded for the
    window.
    """
    days, later = (workspace.window(window.first, window.last), ()) if window else _newest(workspace)
    before = Window(min(max(workspace.span.first, days.first - _BEFORE_DAYS), days.first), days.first - 1)
    dimensions = _dimensions(workspace, by)
    whole = Window(before.first, days.last)
    complaints, orders, reviews, _ = read_complaints(workspace, whole, where, dimensions)
    if not len(orders.ids) and not len(reviews.review_ids):
        raise NotEnoughData(
            f"{workspace.path}: no order lines and no reviews {during(whole)}. Load orders or reviews, or choose other days."
        )
    counts = _counts(complaints, orders, days, before)
    spoken = np.array([bool(text) for text in complaints.texts], bool)
    rows = np.flatnonzero(spoken)
    return Voice(
        window=days,
        before=before,
        where=where,
        order_lines=counts.lines,
        texts=int((counts.now & spoken).sum()),
        silent=int((counts.now & ~complaints.themes.any(axis=1)).sum()),
        themes=_themes(workspace, complaints, orders, counts, days.first, dimensions),
        rising=rising_words([complaints.texts[row] for row in rows.tolist()], counts.now[rows]),
        notes=(*later, *_notes(before, reviews.texts, complaints)),
    )


def texts(workspace: Workspace, *, window: Window | None = None, where: Segment = EVERYTHING) -> tuple[TextThemes, ...]:
    """Every text of the window with its themes, in the order of the reviews' days. Raises what `voice` raises."""
    days = window or workspace.span
    reviews = voice_reviews(workspace, days, where, ())
    themes = text_themes(reviews)
    return tuple(
        TextThemes(review_id, tuple(THEMES[theme] for theme in np.flatnonzero(row).tolist()))
        for review_id, text, row in zip(reviews.review_ids, reviews.texts, themes, strict=True)
        if text
    )


def _newest(workspace: Workspace) -> tuple[Window, tuple[str, ...]]:
    span = workspace.span
    end, notes = newest_exported(workspace)
    last = max(end, span.first)
    return Window(max(span.first, last - _WINDOW_DAYS + 1), last), notes


def _dimensions(workspace: Workspace, by: Sequence[str]) -> tuple[str, ...]:
    workspace.check_dimensions(by)
    available = set(workspace.dimensions) | {"product_id"}
    return tuple(dict.fromkeys([*(name for name in _DIMENSIONS if name in available), *by]))


@dataclass(frozen=True, kw_only=True)
class _Counts:
    """Complaints of the window by theme, and what they are compared with; arrays of shape (themes,)."""

    now: Flags
    """Which complaints are of the window, shape (complaints,)."""
    hits: Floats
    past: Floats
    lines: int
    """Order lines of the window."""
    lines_before: int
    p_values: Floats
    rose: Flags


def _counts(complaints: Complaints, orders: VoiceOrders, window: Window, before: Window) -> _Counts:
    now = complaints.days >= window.first
    hits = complaints.themes[now].sum(axis=0).astype(float)
    past = complaints.themes[~now].sum(axis=0).astype(float)
    lines = int((orders.days >= window.first).sum())
    lines_before = int(((orders.days >= before.first) & (orders.days < window.first)).sum())
    size, size_before = (lines, lines_before) if lines else (len(window), len(before))
    p_values = two_sided(hits, past, size / (size + size_before)) if size_before else np.ones(len(hits))
    return _Counts(
        now=now,
        hits=hits,
        past=past,
        lines=lines,
        lines_before=lines_before,
        p_values=p_values,
        rose=discoveries(p_values, _FALSE_RISES) & (hits * size_before > past * size),
    )


def _themes(
    workspace: Workspace,
    complaints: Complaints,
    orders: VoiceOrders,
    counts: _Counts,
    since: int,
    dimensions: Sequence[str],
) -> tuple[Theme, ...]:
    """All themes that occurred, the most money, then the most orders first."""
    recent = orders.days >= since
    segments = theme_segments(
        complaints.themes[counts.now],
        {name: complaints.codes[name][counts.now] for name in dimensions},
        {name: orders.codes[name][recent] for name in dimensions},
        {name: words(workspace, name) for name in dimensions},
    )
    spoken = [complaints.texts[row] for row in np.flatnonzero(counts.now).tolist()]
    table = word_table(folded_all(spoken))
    themes = [
        _theme(entry, complaints, counts, column, segments[column], spoken=spoken, table=table)
        for column, entry in enumerate(complaint_themes())
        if counts.hits[column]
    ]
    return tuple(sorted(themes, key=lambda theme: (-theme.money_lost, -theme.orders, theme.theme)))


def _theme(
    entry: ComplaintTheme,
    complaints: Complaints,
    counts: _Counts,
    column: int,
    segments: tuple[ThemeSegment, ...],
    *,
    spoken: Sequence[str],
    table: WordTable,
) -> Theme:
    """One theme; `spoken` are the texts of the window's complaints, `table` their words."""
    labels = complaints.themes[counts.now]
    lost = complaints.lost[counts.now & complaints.themes[:, column]]
    half = _Z95 * float(np.sqrt((lost**2).sum()))  # a sum of a Poisson number of amounts has variance sum of squares
    share = counts.hits[column] / max(counts.lines, 1)
    share_before = counts.past[column] / max(counts.lines_before, 1)
    return Theme(
        theme=entry.key,
        name=entry.name,
        owner=entry.owner,
        orders=int(counts.hits[column]),
        share=float(share),
        share_before=float(share_before),
        change=float(share - share_before),
        p_value=float(counts.p_values[column]),
        rose=bool(counts.rose[column]),
        money_lost=float(lost.sum()),
        interval=(max(0.0, float(lost.sum()) - half), float(lost.sum()) + half),
        segments=segments,
        words=theme_words(table, labels[:, column]),
        quotes=quotes(spoken, complaints.written_themes[counts.now], column),
    )


def _notes(before: Window, written: Sequence[str | None], complaints: Complaints) -> tuple[str, ...]:
    notes = []
    if not len(before):
        notes.append("No days before the window: nothing can be said of changes.")
    if not any(written):
        notes.append("No review texts are loaded: themes come from refund reasons and cancellations alone.")
    if not complaints.lost.any():
        notes.append("No refunds and no cancellations by sellers are loaded: money lost is not known.")
    return tuple(notes)
