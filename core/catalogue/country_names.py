"""Countries by their names in the languages of the catalogue, from Unicode's CLDR."""

import re
from collections.abc import Iterable
from functools import cache

from core.catalogue.text_folding import beginnings, folded

_LANGUAGES = ("en", "de", "es", "fil", "fr", "id", "it", "ja", "ko", "ms", "pt", "ru", "th", "vi", "zh", "zh_Hant")
_CODE = 2
"""Letters of an ISO code."""
_SHORT, _LONG = 3, 6
"""Latin letters up to which a name of CLDR is none once its accents are off: Vietnamese Bỉ is Belgium, and bị stands in every
title of an outage. And those from which on the beginning of a word is enough (Indonesian, Indonesiens): Niger is not Nigeria. In
other scripts it is always: in Korean 인도네시아의 is of Indonesia."""
_OTHER_NAMES = {
    "AE": ("UAE", "Emirates"), "CZ": ("Czech Republic",), "GB": ("UK", "Britain", "England", "Großbritannien"),
    "HK": ("Hong Kong", "香港"), "KR": ("Korea", "한국"), "TR": ("Turkey",), "US": ("USA", "America", "США", "アメリカ", "米国"),
    "VN": ("Viet Nam",),
}  # fmt: skip
"""Names that people write and CLDR lacks."""
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_KATAKANA = re.compile("[\u30a1-\u30fc ]+")


def countries_named(text: str, codes: Iterable[str]) -> tuple[str, ...]:
    """The countries, of some ISO codes, that a text names.

    >>> countries_named("Zahlungsausfall in Indonesien", ("ID", "TH", "live")), countries_named("泰国物流调整", ("ID", "TH"))
    (('ID',), ('TH',))
    """
    plain = folded(text)
    countries = [code for code in codes if len(code) == _CODE]
    return tuple(code for code in countries if any(_is_named(name, code, plain) for name in _names(code)))


def countries_called(name: str) -> tuple[str, ...]:
    """The ISO codes of the countries that have a name, in any of the languages.

    >>> countries_called("indonesien"), countries_called("泰国"), countries_called("Индонезия"), countries_called("Thai")
    (('ID',), ('TH',), ('ID',), ())
    """
    plain = folded(name).strip()
    forms = {plain, plain[:-1]} if _CYRILLIC.search(plain) else {plain}
    codes = sorted(code for code in _every_code() if len(code) == _CODE and code.isupper())
    return tuple(code for code in codes if not forms.isdisjoint(piece.strip() for piece in _names(code)))


def _is_named(name: str, code: str, plain: str) -> bool:
    """Whether a folded text has a name outside of longer ones: 印度 is India, 印度尼西亚 is Indonesia, South America is none."""
    if name not in plain:
        return False
    for longer in _longer_names(name, code):
        plain = plain.replace(longer, " ")
    if _KATAKANA.fullmatch(name):  # タイ is Thailand, タイムセール a sale for some hours
        return re.search(f"(?<![\u30a1-\u30fc]){name}(?![\u30a1-\u30fc])", plain) is not None
    return name in plain


@cache
def _longer_names(name: str, code: str) -> tuple[str, ...]:
    """The names of other countries and regions that hold a name of a country."""
    own = name.rstrip()
    others = (longer for other in _every_code() if other != code for longer in _names(other))
    return tuple(longer for longer in others if own in longer and longer.rstrip() != own)


@cache
def _names(code: str) -> tuple[str, ...]:
    """What folded texts hold that name a country or region of CLDR; nothing for what is none."""
    names = {names[code] for names in _territories() if code in names}
    names = {name for name in names if len(folded(name).strip()) > _SHORT or not folded(name).isascii()}
    names |= {name.split("(")[0] for name in names} | {*_OTHER_NAMES.get(code, ())}
    return beginnings(sorted(f"{name} " if len(name) < _LONG and folded(name).isascii() else name for name in names))


@cache
def _every_code() -> frozenset[str]:
    return frozenset().union(*_territories())


@cache
def _territories() -> tuple[dict[str, str], ...]:
    """code -> name in each language; in Russian without its last letter, which the grammar changes."""
    from babel import Locale  # 0.15 s for all languages, and few titles need it

    by_language = {language: dict(Locale.parse(language).territories) for language in _LANGUAGES}
    by_language["ru"] = {code: name[:-1] for code, name in by_language["ru"].items() if len(name) > _LONG}
    return tuple(by_language.values())
