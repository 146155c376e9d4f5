"""What the change log weighs for a cause: an event of its kind, all the more when its title speaks of the same things."""

from collections.abc import Sequence

from core.catalogue.cause_signatures import NO_EVENT, CauseSignature
from core.explanation.diagnose.change_evidence import KNOWN_DIMENSIONS, Weight
from core.explanation.diagnose.event_matching import words_of
from core.explanation.explanation_results import EventMatch

_STEM = 5
_KIND, _COMMON_WORDS = 1.5, (0.0, 1.0, 2.0)
"""Nats of an event that fits in time and scope: for its kind, and for the words that it shares with the cause. Not tempered,
for the change log was written without looking at the metrics."""
_COINCIDENCE = 0.5
"""Nats of an event of another kind that fits, against a cause that shows without one: both at once are a coincidence, but change
logs are full of what changed nothing."""
_ANY_KIND = "other"
"""The kind of an event that has none."""


def events_weight(signature: CauseSignature, events: Sequence[tuple[str, EventMatch]]) -> Weight:
    """An event of a kind that tells of the cause, all the more when its title speaks of the same things."""
    fits = [(_event_fit(signature, kind, match), match) for kind, match in events]
    weight, best = max(fits, key=lambda pair: pair[0], default=(0.0, None))
    if best is not None and weight > 0:
        return Weight(weight, f"event {best.name}: {best.reason}")
    other = max((match.score for _, match in events), default=0.0)
    if NO_EVENT in signature.events:
        text = "an event of another kind fits" if other else "no event in the change log fits"
        return Weight(-_COINCIDENCE * other, text)
    return Weight(-0.3 - 0.3 * other, f"the change log has no {' or '.join(signature.events)} event that fits")


def _event_fit(signature: CauseSignature, kind: str, event: EventMatch) -> float:
    """What an event says for a cause: its fit, times that of its kind and of its words. An event of the kind "other" may be
    anything: its kind counts only together with a word."""
    common = len(stems(event.title) & subject_stems(signature))
    of_kind = kind in signature.events and (common > 0 or kind != _ANY_KIND)
    return ((_KIND if of_kind else 0.0) + _COMMON_WORDS[min(common, 2)]) * event.score


def subject_stems(signature: CauseSignature) -> set[str]:
    """What a cause may be called; short words, and those that name what any event may be about (a seller, a market), only where
    the signature lists them."""
    named = stems(f"{signature.name} {signature.owner}", _STEM) - stems(" ".join(KNOWN_DIMENSIONS))
    return named | stems(" ".join(signature.words))


def stems(text: str, least: int = 1) -> set[str]:
    """The words of a text of at least so many letters, cut to their stems: slot and slots, ranker and rankers are one."""
    return {_stem(word) for word in words_of(text.casefold()) if len(word) >= least}


def _stem(word: str) -> str:
    is_plural = len(word) >= _STEM and word.endswith("s") and not word.endswith("ss")
    return word[: min(_STEM, len(word) - is_plural)]
