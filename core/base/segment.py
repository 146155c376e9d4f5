"""Segments: which rows are meant, as a conjunction of dimension = value."""

import re
from collections.abc import Iterable, Mapping

from core.base.errors import UsageError
from core.base.frozen import frozen

_SPECIAL = re.compile(r"([\\,|=])")
_PLAIN = re.compile(r"\\(.)")


def _split(text: str, mark: str) -> list[str]:
    """Parts of `text` between the marks that no backslash precedes."""
    parts, start, at = [], 0, 0
    while at < len(text):
        if text[at] == "\\":
            at += 1
        elif text[at] == mark:
            parts.append(text[start:at])
            start = at + 1
        at += 1
    return [*parts, text[start:]]


def _escaped(value: str) -> str:
    return _SPECIAL.sub(r"\\\1", value)


@frozen
class Segment:
    """A conjunction of dimension = value (or one of several values); the empty one means everything.

    Written `market=ID,channel=live` or `market=ID|TH`; a backslash keeps `,`, `|`, `=` and `\\` inside a value.
    """

    terms: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """(dimension, values) in the order of the dimensions' names; values sorted and without repeats."""

    @classmethod
    def of(cls, values: Mapping[str, str | Iterable[str]]) -> "Segment":
        """The segment with these values.

        >>> str(Segment.of({"market": ["TH", "ID"], "channel": "live"}))
        'channel=live,market=ID|TH'
        """
        terms = {
            name: (value,) if isinstance(value, str) else tuple(sorted(set(value))) for name, value in values.items()
        }
        return cls(tuple(sorted(terms.items())))

    @classmethod
    def parse(cls, text: str) -> "Segment":
        """The segment that `text` writes. Raises UsageError.

        >>> Segment.parse("market=ID|TH").to_dict()
        {'market': 'ID|TH'}
        """
        terms_by_name: dict[str, list[str]] = {}
        for term in _split(text, ",") if text.strip() else []:
            name, *values = _split(term, "=")
            name = name.strip().casefold()  # dimensions are loaded in lower case
            if len(values) != 1 or not name:
                raise UsageError(
                    f"not a segment: {text!r}. Write it as market=ID,channel=live (several values: market=ID|TH)."
                )
            if name in terms_by_name:
                raise UsageError(f"the segment {text!r} names {name} twice. Write {name}=A|B for either value.")
            terms_by_name[name] = [_PLAIN.sub(r"\1", value.strip()) for value in _split(values[0], "|")]
        return cls.of(terms_by_name)

    @property
    def dimensions(self) -> tuple[str, ...]:
        """The dimensions that it names."""
        return tuple(name for name, _ in self.terms)

    def narrowed(self, other: "Segment") -> "Segment":
        """Both at once; where both name a dimension, `other` decides."""
        return Segment.of({**dict(self.terms), **dict(other.terms)})

    def joined(self, other: "Segment") -> "Segment | None":
        """What lies in either, as one segment: they name the same dimensions, and differ in the values of one; None where not.

        >>> str(Segment.parse("channel=live,market=ID").joined(Segment.parse("channel=live,market=TH")))
        'channel=live,market=ID|TH'
        """
        own, others = dict(self.terms), dict(other.terms)
        differing = [name for name in own if own[name] != others.get(name)]
        if own.keys() != others.keys() or len(differing) != 1:
            return None
        return Segment.of({name: (*values, *others[name]) for name, values in self.terms})

    def meets(self, other: "Segment") -> bool:
        """Whether a row can be in both.

        >>> Segment.parse("market=ID").meets(Segment.parse("market=TH|VN,channel=live"))
        False
        """
        theirs = dict(other.terms)
        return all(not {*values}.isdisjoint(theirs.get(name, values)) for name, values in self.terms)

    def covers(self, other: "Segment") -> bool:
        """Whether all of the other lies inside.

        >>> Segment.parse("market=ID|TH").covers(Segment.parse("market=TH,channel=live"))
        True
        """
        theirs = dict(other.terms)
        return all(name in theirs and {*theirs[name]} <= {*values} for name, values in self.terms)

    def __bool__(self) -> bool:
        return bool(self.terms)

    def __str__(self) -> str:
        return ",".join(f"{name}={'|'.join(_escaped(value) for value in values)}" for name, values in self.terms)

    def to_dict(self) -> dict[str, str]:
        """`{dimension: value}`; several values are joined by `|`."""
        return {name: "|".join(values) for name, values in self.terms}


EVERYTHING = Segment()
"""The segment that leaves nothing out."""
