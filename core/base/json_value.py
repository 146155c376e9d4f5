"""Results that can be written as JSON: plain frozen values."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, get_args, get_type_hints

from core.base.baseline import Baseline
from core.base.days import Day, Window, iso
from core.base.segment import Segment

_AS_THEY_ARE = frozenset({float, str, int, bool, type(None)})


def _plain(value: Any) -> Any:
    if type(value) in _AS_THEY_ARE:
        return value
    if isinstance(value, Value | Window | Segment | Baseline):
        return value.to_dict()
    if is_dataclass(value) and not isinstance(value, type):
        return _fields(value)
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [item if type(item) in _AS_THEY_ARE else _plain(item) for item in value]
    return value.item() if hasattr(value, "item") else value


def _fields(value: Any) -> dict[str, Any]:
    result = {}
    kind: Any = type(value)
    for name, is_day in _names(kind):
        item = getattr(value, name)
        if is_day and item is not None:
            result[name] = iso(item)
        else:
            result[name] = item if type(item) in _AS_THEY_ARE else _plain(item)
    return result


@cache
def _names(kind: Any) -> tuple[tuple[str, bool], ...]:
    """The fields of a dataclass, and whether each is a day."""
    days = day_fields(kind)
    return tuple((field.name, field.name in days) for field in fields(kind))


@cache
def day_fields(kind: Any) -> frozenset[str]:
    """The fields of a dataclass whose type is `Day` or `Day | None`."""
    hints = get_type_hints(kind, include_extras=True)
    return frozenset(field.name for field in fields(kind) if Day in (hints[field.name], *get_args(hints[field.name])))


class Value:
    """A result that can be written as JSON: a frozen dataclass."""

    def to_dict(self) -> dict[str, Any]:
        """Plain dicts, lists, strings and numbers, keyed as the JSON documents promise."""
        return _fields(self)
