"""Countries by their names in the languages of the catalogue, from Unicode's CLDR."""

from collections.abc import Iterable
from functools import cache

from core.catalogue.text_folding import beginnings, folded

_LANGUAGES = ("en", "de", "es", "fil", "fr", "id", "it", "ja", "ko", "ms", "pt", "ru", "th", "vi", "zh", "zh_Hant")
_CODE = 2
"""Letters of an ISO code."""
_LONG = 6
"""Letters from which on the beginning of a word is enough (Indonesian, Indonesiens): Niger is not Nigeria. In other scripts it is
always: in Korean 인도네시아의 is of Indonesia."""
_OTHER_NAMES = {
    "AE": ("UAE", "Emirates"), "CZ": ("Czech Republic",), "GB": ("UK", "Britain", "England"), "TR": ("Turkey",),
    "US": ("USA", "America"), "VN": ("Viet Nam",),
}  # fmt: skip
"""Names that people write and CLDR lacks."""


def countries_named(text: str, codes: Iterable[str]) -> tuple[str, ...]:
    """The countries, of some ISO codes, that a text names.

    >>> countries_named("Zahlungsausfall in Indonesien", ("ID", "TH", "live")), countries_named("泰国物流调整", ("ID", "TH"))
    (('ID',), ('TH',))
    """
    plain = folded(text)
    return tuple(code for code in codes if any(name in plain for name in _names(code)))


@cache
def _names(code: str) -> tuple[str, ...]:
    """What folded texts hold that name a country; nothing for what is no country's code."""
    if len(code) != _CODE or not code.isupper():
        return ()
    names = {names[code] for names in _territories() if code in names} | {*_OTHER_NAMES.get(code, ())}
    return beginnings(sorted(f"{name} " if len(name) < _LONG and folded(name).isascii() else name for name in names))


@cache
def _territories() -> tuple[dict[str, str], ...]:
    """code -> name in each language; in Russian without its last letter, which the grammar changes."""
    from babel import Locale  # 0.15 s for all languages, and few titles need it

    by_language = {language: dict(Locale.parse(language).territories) for language in _LANGUAGES}
    by_language["ru"] = {code: name[:-1] for code, name in by_language["ru"].items() if len(name) > _LONG}
    return tuple(by_language.values())
