"""Which themes a text speaks of by the words of the catalogue, many texts at a time."""

import re
from collections.abc import Sequence
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.base.arrays import Flags
from core.catalogue.complaint_themes import complaint_themes

_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]")
"""Thai and Chinese write words without blanks between them."""


def lexicon_themes(texts: Sequence[str]) -> Flags:
    """Whether each folded text speaks of each theme; shape (texts, themes).

    RE2 (through pyarrow) reads each text once a theme, in time that grows with its length alone.
    """
    text_column = pa.array(texts, pa.string())
    themes = complaint_themes()
    speaks = np.zeros((len(texts), len(themes)), bool)
    for column, theme in enumerate(themes):
        phrases, exceptions = _patterns(theme.key)
        cleaned = pc.replace_substring_regex(text_column, exceptions, "  ") if exceptions else text_column
        speaks[:, column] = pc.match_substring_regex(cleaned, phrases).to_numpy(zero_copy_only=False)
    return speaks


@cache
def _patterns(key: str) -> tuple[str, str]:
    """One expression for all phrases of a theme, one for its exceptions ("" for none)."""
    theme = next(theme for theme in complaint_themes() if theme.key == key)
    phrases = [phrase for texts in theme.phrases.values() for phrase in texts]
    exceptions = [phrase for texts in theme.exceptions.values() for phrase in texts]
    return _alternatives(phrases), _alternatives(exceptions)


def _alternatives(phrases: Sequence[str]) -> str:
    spaced = sorted({_expression(phrase) for phrase in phrases if not _UNSPACED.search(phrase)})
    unspaced = sorted({re.escape(phrase) for phrase in phrases if _UNSPACED.search(phrase)})
    parts = [rf"\b(?:{'|'.join(spaced)})\b"] if spaced else []
    return "|".join([*parts, *unspaced])


def _expression(phrase: str) -> str:
    """A phrase as a regular expression over folded text.

    >>> _expression("nao .. receb*")
    'nao(?: \\\\S+){0,3} receb\\\\w*'
    """
    written = (
        re.escape(phrase.strip()).replace(r"\ ", " ").replace(r"\*", r"\w*").replace(r"\#", r"\d+").replace("#", r"\d+")
    )
    return written.replace(r" \.\. ", r"(?: \S+){0,3} ")
