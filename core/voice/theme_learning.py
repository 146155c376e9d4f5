"""Themes of complaints that the lexicon is silent about, learnt from those that it knows.

Multinomial naive Bayes with expectation maximisation: the lexicon's themes are the labels, silent complaints are the unlabelled
texts (Nigam, McCallum, Thrun and Mitchell 2000, Machine Learning 39).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.base.arrays import Flags, Floats, Ints
from core.catalogue.text_folding import UNSPACED

_ROUNDS = 5
"""Each round sharpens the last; a few are usual for text, and many let the silent texts drift from the lexicon."""
_SURE = 0.9
"""Posterior from which a silent text gets a theme: a wrong theme misleads, silence is counted and said."""
_LEAST_WORDS = 3
"""Shorter texts ("horrible") say nothing of a theme."""
_SMOOTHING = 0.1
"""Pseudo-count of each word: small, as most words occur in few texts."""
_SILENT_WEIGHT = 0.3
"""A text without a label counts less than one with it, so that many silent texts do not drown the lexicon."""
_LEAST_LABELLED = 30
"""Complaints with a theme below which nothing is learnt."""


@dataclass(frozen=True, kw_only=True)
class WordTable:
    """The words of texts as integers; one element of `texts` and `words` for each different word of a text."""

    texts: Ints
    words: Ints
    vocabulary: tuple[str, ...]
    count: int
    """How many texts there are."""


def word_table(texts: Sequence[str]) -> WordTable:
    """The different words of each folded text; pairs of characters where a script writes no blanks."""
    spaced = pc.replace_substring_regex(pa.array(texts, pa.string()), f"({UNSPACED.pattern})", r" \1 ")
    parts = pc.split_pattern_regex(pc.utf8_trim_whitespace(spaced), r"\s+")
    owner: Ints = pc.list_parent_indices(parts).to_numpy().astype(np.int64)
    flat = pc.list_flatten(parts)
    lone: Flags = np.asarray(
        pc.match_substring_regex(flat, f"^{UNSPACED.pattern}$").to_numpy(zero_copy_only=False), bool
    )
    if lone.any():
        pairs = pc.binary_join_element_wise(flat[:-1], flat[1:], "")
        same_text = np.asarray(owner[:-1] == owner[1:])
        joined = np.flatnonzero(np.logical_and.reduce([lone[:-1], lone[1:], same_text]))
        spaced_words = np.flatnonzero(~lone)
        flat = pa.concat_arrays([flat.take(spaced_words), pairs.take(joined)])
        owner = np.concatenate([owner[spaced_words], owner[joined]])
    coded = flat.dictionary_encode()
    words = coded.indices.to_numpy().astype(np.int64)
    vocabulary = tuple(coded.dictionary.to_pylist())
    step = max(len(vocabulary), 1)
    pairs_once = np.sort(owner * step + words)
    pairs_once = pairs_once[np.diff(pairs_once, prepend=-1) != 0]  # np.unique hashes integers, which is slower here
    owners, words = np.divmod(pairs_once, step)
    named = np.array([bool(word) for word in vocabulary], bool)[words] if len(words) else np.zeros(0, bool)
    return WordTable(texts=owners[named], words=words[named], vocabulary=vocabulary, count=len(texts))


def learnt_themes(table: WordTable, labels: Flags) -> Flags:
    """Themes with those of silent texts filled in where the words leave little doubt; shapes (texts, themes)."""
    labelled: Flags = np.asarray(labels.any(axis=1))
    if labelled.sum() < _LEAST_LABELLED or labelled.all():
        return labels
    labelled_share = labels / np.maximum(labels.sum(axis=1, keepdims=True), 1)
    belief = labelled_share.copy()
    for _ in range(_ROUNDS):
        weight = np.where(labelled[:, None], belief, _SILENT_WEIGHT * belief)
        belief = np.where(labelled[:, None], labelled_share, _posterior(table, weight))
    enough = np.bincount(table.texts, minlength=table.count) >= _LEAST_WORDS
    best = belief.argmax(axis=1)
    sure = ~labelled & enough & (belief.max(axis=1) >= _SURE)
    filled = labels.copy()
    filled[np.flatnonzero(sure), best[sure]] = True
    return filled


def _posterior(table: WordTable, weight: Floats) -> Floats:
    """Probability of each theme for each text, given soft labels; shape (texts, themes)."""
    words, themes = len(table.vocabulary), weight.shape[1]
    scores = np.zeros((table.count, themes))
    prior = weight.sum(axis=0) + 1
    for theme in range(themes):
        counts = np.bincount(table.words, weight[table.texts, theme], minlength=words) + _SMOOTHING
        likelihood = np.log(counts / counts.sum())
        scores[:, theme] = np.log(prior[theme]) + np.bincount(
            table.texts, likelihood[table.words], minlength=table.count
        )
    scores -= scores.max(axis=1, keepdims=True)
    odds = np.exp(scores)
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))
