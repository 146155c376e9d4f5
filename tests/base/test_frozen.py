"""Frozen values behave as frozen dataclasses do, whatever way they are made."""

import copy
import pickle
from dataclasses import FrozenInstanceError, asdict, field, fields, replace

import pytest

from core.base.frozen import frozen


@frozen
class Span:
    """Two required fields, one with a default, one made anew for each."""

    first: int
    last: int
    unit: str = "day"
    notes: list[str] = field(default_factory=list)


@frozen(kw_only=True)
class Named:
    """By name only."""

    first: int
    last: int = 7


def test_fields_are_set_by_place_by_name_and_by_default() -> None:
    span = Span(1, last=2)
    assert (span.first, span.last, span.unit, span.notes) == (1, 2, "day", [])
    assert Span(1, 2).notes is not Span(1, 2).notes
    assert Span(1, 2, "week", ["a"]) == Span(notes=["a"], unit="week", last=2, first=1)
    assert repr(Named(first=1)) == "Named(first=1, last=7)"
    assert hash(Named(first=1)) == hash(Named(first=1, last=7))
    assert Named(first=1) != Named(first=2)
    assert Named(first=1) != Span(1, 7)


@pytest.mark.parametrize(
    ("args", "given"),
    [
        ((), {}),
        ((1,), {}),
        ((1, 2, "x", [], 5), {}),
        ((1, 2), {"first": 1}),
        ((1,), {"first": 3}),
        ((1, 2), {"end": 3}),
    ],
)
def test_wrong_fields_are_refused(args: tuple[object, ...], given: dict[str, object]) -> None:
    with pytest.raises(TypeError, match=r"Span\(\) takes the fields first, last, unit, notes"):
        Span(*args, **given)


def test_values_by_name_take_none_by_place() -> None:
    with pytest.raises(TypeError, match="given were 1 by place"):
        Named(1)


def test_nothing_changes_a_value() -> None:
    span = Span(1, 2)
    with pytest.raises(FrozenInstanceError, match="first of Span never changes"):
        span.first = 3
    with pytest.raises(FrozenInstanceError):
        del span.first
    assert not hasattr(span, "__dict__")


def test_values_are_copied_and_known_to_dataclasses() -> None:
    span = Span(1, 2, notes=["a"])
    assert pickle.loads(pickle.dumps(span)) == copy.deepcopy(span) == copy.copy(span) == span  # noqa: S301
    assert replace(span, last=9) == Span(1, 9, "day", ["a"])
    assert asdict(span) == {"first": 1, "last": 2, "unit": "day", "notes": ["a"]}
    assert [each.name for each in fields(Named)] == ["first", "last"]
