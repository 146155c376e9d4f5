"""Results that can be written as JSON: plain frozen values."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, get_args, get_type_hints

from core.base.baseline import Baseline
from core.base.days import Day, Window, iso
from core.base.segment import Segment

_AS_THEY_ARE = (float, str, int, bool, type(None))


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
        return [_plain(item) for item in value]
    return value.item() if hasattr(value, "item") else value


def _fields(value: Any) -> dict[str, Any]:
    kind: Any = type(value)
    days = day_fields(kind)
    return {field.name: _iso(getattr(value, field.name), field.name in days) for field in fields(value)}


def _iso(value: Any, is_day: bool) -> Any:
    return iso(value) if is_day and value is not None else _plain(value)


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
