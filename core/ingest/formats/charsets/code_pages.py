"""Which code page of one byte a letter a text is in: by the alphabets of languages, and by how often their letters come.

Small exports have a handful of words, which detectors trained on prose take for anything. Of Latin scripts the alphabet decides:
bytes of another page make letters that no one language has together. Of other scripts the share of frequent letters decides.
"""

import unicodedata
from collections.abc import Sequence

from core.base.frozen import frozen

_LOOKED_AT = 1 << 16
_FRENCH = ("àâçéèêëîïôœùûü", "éèàçêôœë")
_ALPHABETS: tuple[tuple[str, Sequence[tuple[str, str]]], ...] = (
    (
        "cp1252",
        (
            *(("äöüß", ""), _FRENCH, ("áéíñóúüºª", ""), ("áâãàçéêíóôúüºª", ""), ("áâãàçéêíóôõúüºª", "ã")),
            *(("àèéìíîòóùúº", ""), ("áèéëïóöü", ""), ("åäöé", ""), ("æøåé", ""), ("àçèéíïòóúü", "")),
        ),
    ),
    ("cp1254", (("çğıöşüâîû", "ğış"),)),
    ("cp1252", (("áðéíóúýþæö", ""),)),
    (
        "cp1250",
        (
            *(("áčďéěíňóřšťúůýž", ""), ("áäčďéíľĺňóôŕšťúýž", ""), ("ąćęłńóśźż", ""), ("áéíóöőúüű", "")),
            *(("ăâîşţ", "ăşţ"), ("čćđšž", "")),
        ),
    ),
    ("cp1257", (("ąčęėįšųūž", ""), ("āčēģīķļņšūž", ""), ("äõöüšž", ""))),
    ("cp850", (("äöüß", ""), _FRENCH, ("áéíñóúüºª", ""), ("áâãàçéêíóôõú", ""), ("åäöé", ""), ("æøåé", ""))),
    ("cp852", (("áčďéěíňóřšťúůýž", ""), ("ąćęłńóśźż", ""), ("áéíóöőúüű", ""))),
    ("mac_roman", (("äöüß", ""), _FRENCH, ("áéíñóúü", ""))),
)
"""The small letters beyond ASCII of the languages that are written in a page, the likeliest page first, and those of which a text
has one at least: rare letters of one language alone are the frequent ones of another."""
_FREQUENT = {
    "cp1251": "оеаинтсрвлкмдпу",
    "koi8-r": "оеаинтсрвлкмдпу",
    "cp866": "оеаинтсрвлкмдпу",
    "cp874": "านรอกเงมยวลดทสต่้ีิัุ",
    "cp1253": "αοιετνσρκπλμυίό",
    "cp1255": "יוהלאתרבמש",
    "cp1256": "المنيتوربةكفعسد",
}
"""The letters that make up three quarters of a text in the languages of a page of another script."""
_WESTERN = "cp1252"
_NEXT_TO_LATIN = 0.5
_WORDS = 1.3
"""A few words in their own page have 1.6 to 1.9, those of East Asian encodings at most 1 in any page of one byte a letter."""
_MANY = 20
_LEADING = frozenset("เแโใไ")
"""Thai vowels, which stand before a consonant."""


@frozen
class _Letter:
    """A character beyond ASCII, and its neighbours."""

    before: str
    itself: str
    after: str


def code_page(sample: bytes) -> str | None:
    """The code page of a text that is neither UTF-8 nor East Asian; None where many letters make no words in any."""
    start = sample[:_LOOKED_AT]
    latin = next((page for page, alphabets in _ALPHABETS if _is_of_one_language(start, page, alphabets)), None)
    if latin is not None:
        return latin
    scores = {page: _score(start, page) for page in (*_FREQUENT, "cp1252", "cp1250", "cp1258")}
    best = max(scores, key=lambda page: scores[page])
    are_words = best not in _FREQUENT or scores[best] >= _WORDS or len(_letters(start, best) or ()) < _MANY
    return best if are_words else None


def _letters(sample: bytes, page: str) -> list[_Letter] | None:
    """The characters beyond ASCII but spaces, which are in figures of every language; None where the page lacks one."""
    try:
        text = sample.decode(page)
    except UnicodeDecodeError:
        return None
    padded = f" {text} "
    triples = zip(padded, text, padded[2:], strict=False)
    return [_Letter(before, item, after) for before, item, after in triples if item > "\x7f" and not item.isspace()]


def _is_of_one_language(sample: bytes, page: str, alphabets: Sequence[tuple[str, str]]) -> bool:
    """Whether all letters beyond ASCII are of one of the alphabets, in words that are otherwise Latin."""
    letters = _letters(sample, page)
    if not letters:
        return False
    own = [letter for letter in letters if letter.itself.isalpha() and not _is_alone(letter)]
    if not own:
        return page == _WESTERN and all(letter.itself in _SIGNS or _is_alone(letter) for letter in letters)
    if not all(map(_is_sign, (letter for letter in letters if not letter.itself.isalpha() and not _is_alone(letter)))):
        return False
    next_to_latin = sum(_is_latin(letter.before) or _is_latin(letter.after) for letter in own)
    used = {small for letter in own for small in letter.itself.lower()} - _PLAIN
    return (
        next_to_latin >= _NEXT_TO_LATIN * len(own)
        and not any(map(_breaks_case, own))
        and any(used <= set(alphabet) and (not some or not used.isdisjoint(some)) for alphabet, some in alphabets)
    )


def _is_sign(letter: _Letter) -> bool:
    """Whether a character that is no letter may stand where it does: inside of a word only an apostrophe or a point does."""
    is_inside = letter.before.isalpha() and letter.after.isalpha()
    return letter.itself in (_INSIDE if is_inside else _SIGNS)


def _is_alone(letter: _Letter) -> bool:
    """Whether a letter stands alone, as the sign for a mean (`Ø Umsatz`) or for each (`à-pris`)."""
    return letter.itself in "ØøÀà" and not letter.before.isalpha() and not letter.after.isalpha()


_PLAIN = frozenset(("i", "\u0307"))
"""What the large dotted I of Turkish is in small letters."""
_INSIDE = frozenset("’‘·–—€&")
_SIGNS = frozenset("€£¥§°²³·–—‘’“”„…«»©®™±×½¼¡¿&•‰")
"""Signs that exports have next to letters."""


def _is_latin(item: str) -> bool:
    return item.isascii() and item.isalpha()


def _breaks_case(letter: _Letter) -> bool:
    return letter.itself.isupper() and letter.before.islower()


def _score(sample: bytes, page: str) -> float:
    """How much a text looks like words when read in a page: letters where letters are, most of them frequent ones."""
    letters = _letters(sample, page)
    if not letters:
        return -1.0
    good = sum(map(_is_in_place, letters)) / len(letters)
    frequent = _FREQUENT.get(page)
    if frequent is None:
        runs = sum(letter.before > "\x7f" for letter in letters)
        return good + (runs < len(letters) / 2) * _FREQUENT_SHARE
    good -= sum(_is_latin(letter.before) or _is_latin(letter.after) for letter in letters) / len(letters)
    return good + sum(letter.itself.lower() in frequent for letter in letters) / len(letters)


_FREQUENT_SHARE = 0.75
"""What frequent letters make up, for the pages whose letters are not counted."""


def _is_in_place(letter: _Letter) -> bool:
    item, before, after = letter.itself, letter.before, letter.after
    if unicodedata.category(item) == "Mn":
        return before > "\x7f" and before not in _LEADING  # a vowel or a tone above its consonant
    if not item.isalpha():
        return False
    if item in _LEADING:
        return after.isalpha()
    is_word = before.isalpha() or unicodedata.category(before) == "Mn" or before in ' \t,;|"\n\r-('
    return is_word and not _breaks_case(letter)
