"""Words that complaints use more often than before, and words that set a theme apart."""

from collections.abc import Sequence

import numpy as np

from core.base.arrays import Flags, Ints
from core.catalogue.text_folding import folded_all
from core.detection.distributions import discoveries
from core.voice.chance import more_than_share
from core.voice.quotes import masked
from core.voice.theme_learning import WordTable, word_table
from core.voice.voice_results import RisingWord

_LEAST_TEXTS = 5
"""A word in fewer complaints is somebody's own."""
_FALSE_SHARE = 0.005
"""Thousands of words are tested every time somebody asks: one false word in two hundred that are marked."""
_LEAST_LETTERS = 4
"""Shorter words (com, the, yg) are grammar."""
_SHOWN = 8
_PRIOR_TEXTS = 50.0
"""Weight of the usual frequency of words in texts (an informative Dirichlet prior): rare words need more than one text."""
_LEAST_SCORE = 2.0
"""Standard errors that the log-odds of a theme's word are above 0."""
_LEAST_RISE = 2.0
"""A word must be twice as frequent: less is a drift of habits, not a new complaint."""


def rising_words(texts: Sequence[str], now: Flags) -> tuple[RisingWord, ...]:
    """Words more frequent in the texts of the window (`now`) than in those before it, the surest first."""
    table = word_table(folded_all(texts))
    count = len(table.vocabulary)
    recent = np.bincount(table.words[now[table.texts]], minlength=count).astype(float)
    before = np.bincount(table.words, minlength=count) - recent
    share = float(now.sum()) / max(len(now), 1)
    if not 0 < share < 1:
        return ()
    # chosen by all texts: of words chosen for being frequent now, too many would look risen
    tested = np.flatnonzero((recent + before >= _LEAST_TEXTS) & _is_word(table))
    p_values = more_than_share(recent[tested], before[tested], share)
    rise = recent[tested] * (1 - share) / np.maximum(before[tested] * share, 1e-9)
    is_common = recent[tested] >= _LEAST_TEXTS
    risen = tested[discoveries(p_values, _FALSE_SHARE) & is_common & (rise >= _LEAST_RISE)]
    chance = dict(zip(tested.tolist(), p_values.tolist(), strict=True))
    order = sorted(risen.tolist(), key=lambda word: (chance[word], table.vocabulary[word]))[:_SHOWN]
    return tuple(
        RisingWord(
            word=table.vocabulary[word],
            texts=int(recent[word]),
            texts_before=int(before[word]),
            p_value=chance[word],
            quote=masked(texts[_first_text(table, word, now)]),
        )
        for word in order
    )


def theme_words(table: WordTable, inside: Flags, most: int = 5) -> tuple[str, ...]:
    """Words that set some texts apart from all others: log-odds with an informative Dirichlet prior.

    Monroe, Colaresi and Quinn 2008, Political Analysis 16.
    """
    count = len(table.vocabulary)
    if not inside.any() or inside.all():
        return ()
    hits = np.bincount(table.words[inside[table.texts]], minlength=count).astype(float)
    outside = np.bincount(table.words, minlength=count) - hits
    prior = _PRIOR_TEXTS * (hits + outside) / max(float(inside.size), 1.0) + 0.01
    odds = np.log((hits + prior) / (inside.sum() + _PRIOR_TEXTS)) - np.log(
        (outside + prior) / ((~inside).sum() + _PRIOR_TEXTS)
    )
    score = odds / np.sqrt(1 / (hits + prior) + 1 / (outside + prior))
    usable = _is_word(table) & (hits >= _LEAST_TEXTS)
    order = [word for word in np.argsort(-score, kind="stable").tolist() if usable[word] and score[word] > _LEAST_SCORE]
    return tuple(table.vocabulary[word] for word in order[:most])


def _is_word(table: WordTable) -> Flags:
    """Letters enough, or characters of a script that writes words with few."""
    return np.array(
        [(len(word) >= _LEAST_LETTERS or not word.isascii()) and not word.isdigit() for word in table.vocabulary],
        bool,
    )


def _first_text(table: WordTable, word: int, now: Flags) -> int:
    using: Ints = table.texts[(table.words == word) & now[table.texts]]
    return int(using[0])
