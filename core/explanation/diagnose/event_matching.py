"""Events: which change in the world fits the drop in time, scope and kind. Context, not proof."""

import re
from collections.abc import Iterable, Sequence
from math import exp

import numpy as np
from numpy.typing import NDArray

from core.base.count_text import count
from core.base.date_text import date_text
from core.base.segment import Segment
from core.catalogue.cause_signatures import KIND_OVER
from core.catalogue.country_names import countries_named
from core.catalogue.event_kinds import says_over
from core.explanation.explanation_results import EventMatch
from core.explanation.locate.onset import OnsetEstimate
from core.localization.with_history.actual_vs_expected import LeafSums
from core.workspace.read.event_log import Event

_BEFORE_DAYS = 4.0
"""An event so many days before the onset fits 1/e as well as one on the day."""
_AFTER_DAYS = 0.7
"""The same for one after it: what follows cannot be the cause, but an onset is known to a day at best."""
OVER = "is over"
"""How the reason of an event begins whose end fits, not its start."""
_WORTH = 0.05
"""A fit below this is not worth a reader's line."""
_ENDS = frozenset({"campaign", "holiday", "price", "policy"})
"""Kinds whose end can bring a drop as well as their start."""
_UNSCOPED, _SCOPED = 0.4, 0.25
"""What the scope of an event is worth at least that covers the segment and far more: most writers of a change log leave the scope
blank although they know it; who states a wide one means it."""
_CODE, _LONGEST = 3, 5
"""Letters of a value that is a code, and words of the longest value that is looked for in titles."""
_MARKET = "market"
_ELSEWHERE = 0.5
"""The part of that score which remains when the title names another part than the segment: its words are not always a scope."""
_WORD = re.compile(r"[^\W_]+")


def kind_of(event: Event, match: EventMatch) -> str:
    """The kind of an event, "campaign over" where it is the end of one that fits."""
    return event.kind + (KIND_OVER if match.reason.startswith(OVER) else "")


def match_events(
    events: Iterable[Event],
    starts: Sequence[OnsetEstimate],
    places: Sequence[Segment],
    leaves: LeafSums,
    measure: str,
) -> tuple[tuple[Event, EventMatch], ...]:
    """The events that fit, best first; score = fit in time x fit in scope, each from 0 to 1.

    `starts`: when the change may have begun; the one that an event fits best counts. `places`: where the change is, best first.
    `measure` weighs scopes: what share of the event's scope and of the place lies in both.
    """
    scored = [
        (
            event,
            max((_matched(event, began, places, leaves, measure) for began in starts), key=lambda match: match.score),
        )
        for event in events
    ]
    worth = [pair for pair in scored if pair[1].score >= _WORTH]
    return tuple(sorted(worth, key=lambda pair: (-pair[1].score, pair[1].event_id)))


def _matched(
    event: Event, began: OnsetEstimate, places: Sequence[Segment], leaves: LeafSums, measure: str
) -> EventMatch:
    time, when = _in_time(event, began)
    if time < _WORTH:
        return EventMatch(event.event_id, event.title, 0.0, when, event.owner)
    named = named_in(event.title, leaves, event.where)
    scope, where = max(_in_scope(event.where, named, segment, leaves, measure) for segment in places)
    return EventMatch(event.event_id, event.title, round(time * scope, 4), f"{when}; {where}", event.owner)


def _in_time(event: Event, began: OnsetEstimate) -> tuple[float, str]:
    window = event.window
    ended = event.kind in _ENDS and says_over(event.title)
    fits = [(_near(window.first, began), window.first, OVER if ended else "starts")]
    if event.ends_at and event.kind in _ENDS and not ended:
        fits.append((_near(window.last + 1, began), window.last + 1, OVER))
    fit, day, word = max(fits)
    gap = day - began.day
    if not gap:
        return fit, f"{word} on {date_text(day)}, the day of the onset"
    return (
        fit,
        f"{word} on {date_text(day)}, {count(abs(gap), 'day')} {'after' if gap > 0 else 'before'} the onset",
    )


def _near(day: int, began: OnsetEstimate) -> float:
    if began.first <= day <= began.last:
        return exp(-abs(day - began.day) / (2 * _BEFORE_DAYS))
    gap = began.first - day if day < began.first else day - began.last
    return exp(-gap / (_BEFORE_DAYS if day < began.first else _AFTER_DAYS))


def _in_scope(scope: Segment, named: Segment, segment: Segment, leaves: LeafSums, measure: str) -> tuple[float, str]:
    """Overlap of an event's scope and a segment, weighed by what was expected of a measure there.

    What the title names (`named`) narrows the scope where that brings it nearer.
    """
    written = _overlap(scope, segment, leaves, measure, _SCOPED if scope else _UNSCOPED)
    if not named or not written[0]:
        return written
    fit, text = _overlap(scope.narrowed(named), segment, leaves, measure, _SCOPED)
    if not fit:
        return _ELSEWHERE * written[0], f"its title names {named}, and {text}"
    return max(written, (fit, f"its title names {named}: {text}"), key=lambda pair: pair[0])


def _overlap(scope: Segment, segment: Segment, leaves: LeafSums, measure: str, least: float) -> tuple[float, str]:
    if scope == segment:
        return 1.0, f"its scope ({segment or 'everything'}) matches the affected segment"
    inside, covering = leaves.inside(segment), leaves.inside(scope)
    both = size(leaves, measure, inside & covering)
    if both <= 0:
        return 0.0, f"its scope ({scope or 'everything'}) does not overlap {segment or 'everything'}"
    covered, filled = both / size(leaves, measure, inside), both / size(leaves, measure, covering)
    text = f"its scope ({scope or 'everything'}) covers {covered:.0%} of {segment or 'everything'}"
    return covered * (least + (1 - least) * filled), f"{text}; that is {filled:.0%} of the scope"


def named_in(title: str, leaves: LeafSums, known: Segment) -> Segment:
    """The values that a title names, of the dimensions that `known` says nothing about.

    A value is named by all its words in a row. Codes of up to three letters count as they are written (ID, not id), and
    numbers that are short count for nothing. A market is named by its country, too.
    """
    words = words_of(title)
    runs = {" ".join(words[first : first + size]) for size in range(1, _LONGEST + 1) for first in range(len(words))}
    plain = {run.casefold() for run in runs}

    def is_named(value: str) -> bool:
        name = value if value.isalnum() else " ".join(words_of(value))
        if len(name) - name.count(" ") <= _CODE:
            return bool(name) and name in runs and not value.isdigit()
        return name.casefold() in plain

    named = {
        name: tuple(value for value in leaves.values[name] if is_named(value))
        for name in leaves.dimensions
        if name not in known.dimensions
    }
    if _MARKET in named and not named[_MARKET]:
        named[_MARKET] = countries_named(title, leaves.values[_MARKET])
    return Segment.of({name: values for name, values in named.items() if values})


def words_of(text: str) -> list[str]:
    """The runs of letters and digits of a text, in order."""
    return _WORD.findall(text)


def size(leaves: LeafSums, measure: str, rows: NDArray[np.bool_]) -> float:
    """What was expected in some leaves, or came where nothing was expected."""
    actual, expected = leaves.sums[measure]
    return float(np.maximum(np.abs(expected[rows]), np.abs(actual[rows])).sum())
