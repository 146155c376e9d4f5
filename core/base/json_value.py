"""Results that can be written as JSON: plain frozen values."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from core.base.baseline import Baseline
from core.base.days import Window, iso
from core.base.segment import Segment

_AS_THEY_ARE = (float, str, int, bool, type(None))


def _plain(value: Any) -> Any:
    if type(value) in _AS_THEY_ARE:
        return value
    if isinstance(value, Window | Segment | Baseline):
        return value.to_dict()
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: _day_or_plain(f.name, f.type, getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value.item() if hasattr(value, "item") else value


def _day_or_plain(name: str, kind: Any, value: Any) -> Any:
    return iso(value) if name in {"as_of", "onset", "day"} and isinstance(value, int) else _plain(value)


class Value:
    """A result that can be written as JSON."""

    def to_dict(self) -> dict[str, Any]:
        """Plain dicts, lists, strings and numbers, keyed as the JSON documents promise."""
        plain: dict[str, Any] = _plain(self)
        return plain
