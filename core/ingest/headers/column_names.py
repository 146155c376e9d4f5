"""What columns are called in English, whatever the language of their header."""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache

from core.base.frozen import frozen
from core.catalogue.kinds import KINDS
from core.ingest.headers.folding import as_in_programs, folded, spaced
from core.ingest.headers.languages import ENGLISH, HeaderLanguage, known_names, language, likely_languages


@frozen
class Translation:
    """A header in English."""

    names: Mapping[str, str]
    """Column -> its English name, of those that have one."""
    languages: tuple[HeaderLanguage, ...]
    """Those that it could be in, the likeliest only."""

    @property
    def spoken(self) -> tuple[str, ...]:
        """The codes of these languages."""
        return tuple(language.code for language in self.languages)


@cache
def translated(names: tuple[str, ...]) -> Translation:
    """A header of another language in English, by the language that knows most of its columns."""
    best: list[HeaderLanguage] = []
    most = 0
    for spoken in likely_languages((*names, *map(as_in_programs, names))):
        hits = sum(_known(spoken, name) is not None for name in names)
        if hits > most:
            best, most = [spoken], hits
        elif hits == most and hits:
            best.append(spoken)
    result: dict[str, str] = {}
    for spoken in reversed(best):
        own = {name: english for name in names if (english := _known(spoken, name)) is not None}
        if any(folded(english) != folded(name) for name, english in own.items()):  # `Status` is English, too
            own |= {name: spoken.short[word] for name in names if (word := as_in_programs(name)) in spoken.short}
        result |= own
    return Translation(result, tuple(best))


def _known(spoken: HeaderLanguage, name: str) -> str | None:
    """What a column is called in English, by a language; None where that does not know it."""
    return spoken.headers.get(folded(name)) or spoken.headers.get(as_in_programs(name))


def is_known_name(cell: str) -> bool:
    """Whether a cell is what exports of some kind call a column, in any language.

    It is looked for in the text of the languages: parsing all of them takes 10 ms, a tenth of a small load.
    """
    name = folded(cell)
    return bool(name) and (name in _kind_names() or name in known_names())


@cache
def _kind_names() -> frozenset[str]:
    return frozenset(
        folded(name.replace("_", joint)) for kind in KINDS.values() for name in kind.columns for joint in "_ "
    )


def english_names(names: Iterable[str]) -> dict[str, str]:
    """Folded English name -> column, of a header in any language; a column's own name comes before its translation."""
    own = tuple(names)
    synonyms = language(ENGLISH).headers
    result = {folded(synonyms[folded(name)]): name for name in reversed(own) if folded(name) in synonyms}
    result |= {folded(english): name for name, english in translated(own).names.items()}
    in_programs = {as_in_programs(name): name for name in reversed(own)}
    return in_programs | result | {folded(name): name for name in own}


def first_called(
    columns: Mapping[str, str], names: Iterable[str], fits: Callable[[str], bool] = lambda _: True
) -> str | None:
    """The column that is called by the first of these names that one has, and that fits; None where none does.

    `columns`: folded name -> column.
    """
    found = (columns.get(folded(name)) for name in names)
    return next((column for column in found if column is not None and fits(column)), None)


def in_english(name: str) -> str:
    """What a column of that name is called in English; the name itself where no language knows it.

    >>> in_english("点击次数"), in_english("pay_ord_cnt"), in_english("Colour")
    ('Clicks', 'Paid orders', 'Colour')
    """
    own = language(ENGLISH).headers.get(folded(name))
    return own or translated((name,)).names.get(name, name)


def without_brackets(english: Mapping[str, str]) -> dict[str, str]:
    """The names, with what they are before a bracket (`order total(inc tax)`) and without underscores, or without their group
    (`Item - Price`, `Order Lines/Quantity`, `lineItem.quantity`), or what an id is one of (`cliente.id`), where no other is
    called so.
    """
    bare = [name.partition("(")[0].replace("_", " ").strip() for name in english]
    named = dict(reversed(list(zip(bare, english.values(), strict=True))))  # of two that are called so, the first
    parts = {name.removesuffix(" id"): column for name, column in named.items() if name.endswith(" id")}
    parts |= {_GROUP.sub("", name): column for name, column in reversed(list(english.items())) if _GROUP.match(name)}
    in_english_too = {
        form: column for name, column in parts.items() for form in (spaced(name), spaced(in_english(name)))
    }
    return in_english_too | named | dict(english)


_GROUP = re.compile(r".*(?: - |\w/)(?=\w)|lineitem |(?:line_?items?|order_?(?:lines?|items?))\.(?=\w)")
