"""Columns that only compare: the same figure of an earlier period, a goal, a plan, a forecast, or what two columns differ by."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import permutations

import numpy as np

from core.base.arrays import Floats
from core.base.frozen import frozen
from core.ingest.columns.id_columns import is_of_country
from core.ingest.columns.rate_parts import CHANGED, FITS, MOST_COLUMNS
from core.ingest.formats.batch import Figures
from core.ingest.headers.folding import VOWEL_SIGNS, folded
from core.ingest.headers.languages import ENGLISH, JOINED_SCRIPTS, language_lists
from core.ingest.headers.word_lists import words_of


@frozen
class ComparedColumns:
    """Measures that only compare."""

    other: Sequence[str]
    """Those of a period before, and differences."""
    planned: Sequence[str]
    """Goals, plans and forecasts."""


def compared_columns(sources: Mapping[str, str], figures: Figures, spoken: Sequence[str] = ()) -> ComparedColumns:
    """The measures that repeat another one for a period before, or say what it should be, or how far it is from that.

    `sources` says what the column of each measure is called, `spoken` are the codes of the languages that it may be in;
    `figures` has the values of each, shape (rows,).
    """
    words = {name: _words(source) for name, source in sources.items() if name in figures}
    lists = {key: _PhraseList.of(key, tuple(spoken)) for key in ("earlier", "planned", "forecasts", "changes")}

    def bare_words(key: str) -> dict[str, frozenset[str]]:
        """The measures that have words of a list, with their others."""
        return {name: bare for name in words if (bare := lists[key].taken_off(sources[name])) is not None}

    earlier, forecasts = bare_words("earlier"), bare_words("forecasts")
    earlier = {
        name: bare for name, bare in earlier.items() if not is_of_country(sources[name], sources.values(), _YEARS)
    }
    planned = {**bare_words("planned"), **forecasts}
    has_networks = any(not bare.isdisjoint(_NETWORKS) for bare in words.values())
    networks = {name for name in planned if has_networks and _META in words[name]}
    planned = {name: bare for name, bare in planned.items() if bare or name not in networks}
    plain = {name: bare for name, bare in words.items() if name not in earlier and name not in planned}
    differ = [name for name in bare_words("changes") if name in plain and _is_difference(figures[name], name, figures)]
    alone = [
        name for name in planned if plain and (name in forecasts or (name not in networks and _is_set(figures[name])))
    ]

    def twins(names: Mapping[str, frozenset[str]]) -> list[str]:
        return [
            name
            for name, bare in names.items()
            if (not bare and plain)
            or any(_is_like(bare, words) for words in plain.values())
            or _is_near_one(figures[name], [figures[other] for other, words in plain.items() if bare < words])
        ]

    return ComparedColumns(
        [*twins(earlier), *differ], [name for name in dict.fromkeys((*twins(planned), *alone)) if name not in earlier]
    )


def may_compare(source: str, spoken: tuple[str, ...]) -> bool:
    """Whether a column is called an earlier period or a plan in one of these languages: no other one may be its twin."""
    return any(_PhraseList.of(key, spoken).taken_off(source) is not None for key in ("earlier", "planned", "forecasts"))


def _is_near_one(values: Floats, others: Sequence[Floats]) -> bool:
    """Whether figures are about those of the only other column that is called the same and more (`Units planned`, `Units
    produced`): of two or more, and of another size, they are one of several kinds (`Target sales`, `Walmart sales`).
    """
    if len(others) != 1:
        return False
    filled = np.isfinite(values) & np.isfinite(others[0])
    apart = np.abs(values - others[0])[filled]
    return bool(len(apart) and np.median(apart) <= _NEAR * np.median(np.abs(others[0][filled])))


_NEAR = 0.25
"""Distance of a plan from what came, by that; a fifth of two kinds, of which one has up to ten times the other, are nearer."""
_META = "meta"
"""A goal in Spanish and Portuguese, and a network."""
_NETWORKS = frozenset(
    ("google", "facebook", "instagram", "tiktok", "youtube", "twitter", "linkedin", "pinterest", "ads")
)
_YEARS = frozenset(("LY", "PY"))
"""Last and prior year; Libya and Paraguay."""


@frozen
class _PhraseList:
    """Words of a list of the languages' files, spaced ones and such of languages that put no spaces between words."""

    spaced: tuple[str, ...]
    joined: tuple[str, ...]

    @classmethod
    @cache
    def of(cls, key: str, spoken: tuple[str, ...]) -> "_PhraseList":
        """The words that say so in any language; short ones in these languages and English only."""
        lists = language_lists(key)
        spaced = (
            word
            for code, words in lists.items()
            for word in words
            if code not in JOINED_SCRIPTS and (len(word) >= _TELLING or code in (ENGLISH, *spoken))
        )
        return cls(tuple(dict.fromkeys(spaced)), tuple(word for code in JOINED_SCRIPTS for word in lists.get(code, ())))

    def taken_off(self, source: str) -> frozenset[str] | None:
        """The words of a name without those of the list; None of one that has none of them."""
        plain = _plain(source)
        bare = plain
        for word in self.spaced:
            bare = bare.replace(f" {word} ", " ")
        for word in self.joined:
            bare = bare.replace(word, " ")
        return _words(bare) if bare != plain else None


def _is_set(values: Floats) -> bool:
    """Whether somebody set figures, and nobody counted them: all are the same, or in fives."""
    filled = values[np.isfinite(values)]
    return len(filled) >= _FEWEST_SET and bool((filled % _ROUND == 0).all() or np.ptp(filled) == 0)


_FEWEST_SET = 5
_ROUND = 5


def tells_changes(name: str) -> bool:
    """Whether a measure is called, in any language, something that a system computes from two rows.

    >>> tells_changes("change_from_previous_day"), tells_changes("exchange_fee")
    (True, False)
    """
    return any(_PhraseList.of(key, ()).taken_off(name) is not None for key in ("changes", "earlier"))


_TELLING = 5
"""Letters of a word that means this in its language and nothing else in any other."""


def _is_like(bare: frozenset[str], words: frozenset[str]) -> bool:
    """Whether words name the same: they are equal but for their endings (`План продаж`, `Продажи`), or begin alike where words
    are not separated (`売上`, `売上金額`).
    """
    joined = "".join(sorted(bare))
    if len(bare) == len(words) and all(any(_is_inflected(word, other) for other in words) for word in bare):
        return True
    return not joined.isascii() and len(bare) == 1 and any(w.startswith(joined) for w in words)


def _is_inflected(word: str, other: str) -> bool:
    """Whether two words are one, or begin alike and differ in two letters at their end."""
    shared = next(
        (at for at, (a, b) in enumerate(zip(word, other, strict=False)) if a != b), min(len(word), len(other))
    )
    return word == other or (shared >= _STEM and shared >= max(len(word), len(other)) - _ENDING)


_STEM = 4
_ENDING = 2


def _plain(source: str) -> str:
    return f" {' '.join(re.split(_MARKS, folded(source)))} "


_MARKS = rf"[^\w{VOWEL_SIGNS}-]+|_"  # a text, as few tables need it: 1 ms to compile


def _words(source: str) -> frozenset[str]:
    """The words of a name without those that name no figure, which both columns of a comparison may have."""
    return frozenset(word.strip("-") for word in _plain(source).split() if word.strip("-")) - words_of("neutral")


def _is_difference(values: Floats, name: str, figures: Figures) -> bool:
    """Whether a column is what two others differ by, in nearly all of its rows."""
    others: Sequence[str] = [other for other in list(figures)[:MOST_COLUMNS] if other != name]
    filled = np.isfinite(values)
    if filled.sum() < 2:
        return False
    for first, second in permutations(others, 2):
        apart = np.abs(figures[first][filled] - figures[second][filled] - values[filled])
        if (apart <= CHANGED).mean() >= FITS:
            return True
    return False
