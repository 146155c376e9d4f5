"""Which languages texts may be in: by their letters, and in Latin letters by frequent words."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.base.arrays import Flags, Ints
from core.catalogue.complaint_themes import complaint_words

_LETTERS = {
    "th": "[\u0e00-\u0e7f]",
    "zh": "[\u3400-\u9fff]",
    "ja": "[\u3040-\u30ff]",
    "ko": "[\uac00-\ud7a3]",
    "ru": "[\u0400-\u04ff]",
}
_LATIN = "[a-z]"
_BORROWED = "en"
"""Its phrases ("refund", "slow respon") stand in texts of every language."""
_PLAIN = 2
"""Frequent words from which on a text tells its language: shorter ones ("te quiero") may be in any."""
_SHARED = 0.5
"""A language with this share of the frequent words of the likeliest one may be it: Spanish and Portuguese share many."""


def rows_by_language(texts: Sequence[str]) -> Mapping[str, Ints]:
    """The places of the folded texts that may be in each language: in several if words are few, in none without letters."""
    column = pa.array(texts, pa.string())
    by_letters = {name: matches(column, letters) for name, letters in _LETTERS.items()}
    by_letters["zh"] &= ~by_letters["ja"]  # Japanese is written in both
    latin = matches(column, _LATIN)
    names = [name for name in complaint_words() if name not in by_letters]
    counts = np.array([_frequent(column, name) for name in names]).reshape(len(names), len(texts))
    most = counts.max(axis=0, initial=0)
    likely = (most < _PLAIN) | (counts >= _SHARED * most)
    by_words = {name: latin & (row | (name == _BORROWED)) for name, row in zip(names, likely, strict=True)}
    return {name: np.flatnonzero(flags) for name, flags in (by_letters | by_words).items()}


def matches(column: pa.StringArray, pattern: str) -> Flags:
    """Whether each text has what a regular expression (RE2) describes."""
    return np.array(pc.match_substring_regex(column, pattern).to_numpy(zero_copy_only=False), bool)


def _frequent(column: pa.StringArray, name: str) -> Ints:
    """How many of a language's frequent words each text has."""
    words = "|".join(complaint_words()[name].frequent)
    return np.asarray(pc.count_substring_regex(column, rf"\b(?:{words})\b").to_numpy(zero_copy_only=False), np.int64)
