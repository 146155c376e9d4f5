"""Words of lists that are looked for in the names of columns: whole ones, phrases, beginnings and ends of words."""

import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache

from core.base.frozen import frozen
from core.ingest.headers.folding import FEWEST_UNACCENTED, HUMP, VOWEL_SIGNS, folded, unaccented
from core.ingest.headers.languages import JOINED_SCRIPTS, language_lists

INNER_POINT = re.compile(r"(?<=[^\W\d_])\.(?=[^\W\d_])")
"""What parts the names of nested fields: `metrics.ctr`."""
_INNER_HYPHEN = re.compile(r"(?<=\w)-(?=\w)")
"""What programs write as one of `_`: `rata_rata` for `rata-rata`."""
_ELIDED = re.compile(r"^(?:d|l|qu|all|dell|nell)['’]")
"""What joins the word before (`d'annulation`, `dell'ordine`)."""
_MARKS = re.compile(rf"[^\w{VOWEL_SIGNS}%.'’-]+|_")


@frozen
class NameWords:
    """Words of names: whole ones, phrases, beginnings (`schnitt-`) and ends (`-bestand`) of words."""

    words: frozenset[str]
    phrases: tuple[str, ...]
    starts: tuple[str, ...]
    ends: tuple[str, ...]

    @classmethod
    def of(cls, entries: Iterable[str]) -> "NameWords":
        """The folded entries of a list, sorted by what they are, each also as it is written without accents, and with blanks for
        the hyphens inside.
        """
        parted = (
            form
            for entry in entries
            for form in ((entry, _INNER_HYPHEN.sub(" ", entry)) if "-" in entry[1:-1] else (entry,))
        )
        plain = tuple(dict.fromkeys(form for entry in parted for form in (entry, _bare(entry))))
        whole = [word for word in plain if not word.startswith("-") and not word.endswith("-")]
        return cls(
            frozenset(word for word in whole if " " not in word),
            tuple(f" {word} " for word in whole if " " in word),
            tuple(word[:-1] for word in plain if word.endswith("-")),
            tuple(word[1:] for word in plain if word.startswith("-")),
        )

    def are_in(self, name: "NameParts") -> bool:
        """Whether a name has one of them."""
        return (
            not self.words.isdisjoint(name.words)
            or any(phrase in name.spaced for phrase in self.phrases)
            or (bool(self.starts or self.ends) and any(map(self._is_compound, name.words)))
        )

    def have(self, word: str) -> bool:
        """Whether one word is one of them."""
        return word in self.words or self._is_compound(word)

    def _is_compound(self, word: str) -> bool:
        return word.startswith(self.starts) or word.endswith(self.ends)


def _bare(word: str) -> str:
    """A word without its accents, where it is long enough to be no other word then and nothing but Latin letters is left."""
    bare = unaccented(word)
    return bare if bare.isascii() and len(bare) >= FEWEST_UNACCENTED else word


@frozen
class NameParts:
    """The name of a column, as words are looked for in it."""

    joined: str
    spaced: str
    words: frozenset[str]

    @classmethod
    @lru_cache(maxsize=1 << 12)
    def of(cls, name: str) -> "NameParts":
        """The parts of a name."""
        name = INNER_POINT.sub(" ", name)
        plain = folded(name)
        words = _MARKS.sub(" ", plain.replace("%", " % ")).split()
        humps = folded(HUMP.sub(" ", name)).split() if HUMP.search(name) else ()
        parts = {
            part
            for word in (*words, *humps)
            for part in (word, word.strip(".'’-"), *word.split("-"), _ELIDED.sub("", word))
        }
        return cls(plain, f" {' '.join(words)} ", frozenset(parts))

    def has(self, key: str, codes: Iterable[str] | None = None) -> bool:
        """Whether it has a word of such a list of one of these languages, or of any."""
        chosen = tuple(sorted(codes)) if codes is not None else None
        joined = _joined_words(key, chosen, is_ascii=self.joined.isascii())
        return _spaced_words(key, chosen).are_in(self) or any(word in self.joined for word in joined)

    @property
    def last_word(self) -> str:
        """Its last word; blank where it has none."""
        return next(reversed(self.spaced.split()), "")

    def without(self, key: str) -> "NameParts":
        """The name without the words and phrases of a list, in all languages."""
        listed = spaced_words(key)
        joined, spaced = self.joined, self.spaced
        for word in _joined_words(key, None, is_ascii=False):
            joined = joined.replace(word, " ")
        for phrase in (*listed.phrases, *(f" {word} " for word in listed.words)):
            spaced = spaced.replace(phrase, " ")
        gone = listed.words.union(self.spaced.split()).difference(spaced.split())
        return NameParts(joined, spaced, self.words - gone)


@cache
def listed_words(key: str) -> NameWords:
    """The words of a list in all languages."""
    return NameWords.of(word for words in language_lists(key).values() for word in words)


def spaced_words(key: str) -> NameWords:
    """The words of a list, those of languages that put no spaces between them left out."""
    return _spaced_words(key, None)


@cache
def _spaced_words(key: str, codes: tuple[str, ...] | None) -> NameWords:
    return NameWords.of(word for code, word in _words_of_list(key, codes) if code not in JOINED_SCRIPTS)


@cache
def _joined_words(key: str, codes: tuple[str, ...] | None, *, is_ascii: bool) -> tuple[str, ...]:
    """The words of a list of languages that put no spaces between them; with `is_ascii` those that a name of such letters has."""
    joined = (word for code, word in _words_of_list(key, codes) if code in JOINED_SCRIPTS)
    return tuple(word for word in joined if word.isascii() or not is_ascii)


def _words_of_list(key: str, codes: tuple[str, ...] | None) -> Iterator[tuple[str, str]]:
    """The words of a list, each with the code of its language."""
    lists = language_lists(key).items()
    return ((code, word) for code, words in lists if codes is None or code in codes for word in words)
