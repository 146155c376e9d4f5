"""Which themes a text speaks of by the words of the catalogue, many texts at a time."""

import re
from collections.abc import Sequence
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.base.arrays import Flags
from core.catalogue.complaint_themes import THEMES, complaint_words
from core.catalogue.text_folding import UNSPACED
from core.voice.text_languages import matches, rows_by_language


def lexicon_themes(texts: Sequence[str]) -> Flags:
    """Whether each folded text speaks of each theme in a language that it may be in; shape (texts, themes).

    RE2 (through pyarrow) reads each text once a language, and those with any of its phrases once a theme, in time that grows with
    their length alone.
    """
    column = pa.array(texts, pa.string())
    speaks = np.zeros((len(texts), len(THEMES)), bool)
    for language, rows in rows_by_language(texts).items():
        complaining = rows[matches(column.take(pa.array(rows)), _any_phrase(language))]
        in_language = column.take(pa.array(complaining))
        for theme, key in enumerate(THEMES):
            speaks[complaining, theme] |= _speaks(in_language, language, key)
    return speaks


def _speaks(column: pa.StringArray, language: str, key: str) -> Flags:
    phrases, exceptions = _patterns(language, key)
    for _ in range(2 if exceptions else 0):  # one right after another shares its blank
        column = pc.replace_substring_regex(column, exceptions, "  ")
    return matches(column, phrases)


@cache
def _any_phrase(language: str) -> str:
    """One expression for all phrases of a language."""
    return _alternatives([phrase for phrases in complaint_words()[language].phrases.values() for phrase in phrases])


@cache
def _patterns(language: str, key: str) -> tuple[str, str]:
    """One expression for all phrases of a theme in a language, one for its exceptions ("" for none)."""
    words = complaint_words()[language]
    return _alternatives(words.phrases[key]), _alternatives(words.exceptions[key])


def _alternatives(phrases: Sequence[str]) -> str:
    longest_first = sorted(
        {*phrases}, key=lambda phrase: (-len(phrase), phrase)
    )  # "kein einziger Kratzer" before "kein *"
    spaced = [_expression(phrase) for phrase in longest_first if not UNSPACED.search(phrase)]
    unspaced = [re.escape(phrase) for phrase in longest_first if UNSPACED.search(phrase)]
    parts = [f" (?:{'|'.join(spaced)}) "] if spaced else []
    return "|".join([*parts, *unspaced])


def _expression(phrase: str) -> str:
    """A phrase as a regular expression over folded text, whose words stand between blanks in every script.

    >>> _expression("nao .. receb*")
    'nao(?: \\\\S+){0,3} receb\\\\S*'
    """
    written = (
        re.escape(phrase.strip()).replace(r"\ ", " ").replace(r"\*", r"\S*").replace(r"\#", r"\d+").replace("#", r"\d+")
    )
    return written.replace(r" \.\. ", r"(?: \S+){0,3} ")
