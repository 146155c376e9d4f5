"""Dataclasses of arrays as plain values and bytes, and back: what a cache can keep without trusting what it reads."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from types import UnionType
from typing import Any, TypeVar, get_args, get_type_hints

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T")

_INTEGERS = (np.int8, np.int16, np.int32)


def pack(value: Any, left_out: tuple[type, ...] = ()) -> Any:
    """Lists, strings, numbers and bytes that tell the value; whole numbers in as few bytes as hold them.

    `left_out`: types whose values need no keeping, being known when it is unpacked.
    """
    if isinstance(value, left_out):
        return None
    if isinstance(value, np.ndarray):
        small = _small(value)
        return [small.dtype.str, value.dtype.str, list(value.shape), small.tobytes()]
    if is_dataclass(value) and not isinstance(value, type):
        return [pack(getattr(value, entry.name), left_out) for entry in fields(value)]
    if isinstance(value, tuple | frozenset):
        return [pack(entry, left_out) for entry in value]
    return value


def unpack(kind: type[T], packed: Any, known_values: Mapping[type, Any]) -> T:
    """The dataclass that was packed. `given`: the values of the types that were left out."""
    values: T = _unpacked(kind, packed, known_values)
    return values


def _unpacked(kind: Any, packed: Any, known_values: Mapping[type, Any]) -> Any:
    if kind in known_values:
        return known_values[kind]
    if isinstance(kind, type) and is_dataclass(kind):
        hints = _hints(kind)
        return kind(
            **{name: _unpacked(hint, part, known_values) for (name, hint), part in zip(hints, packed, strict=True)}
        )
    if isinstance(kind, UnionType):
        return None if packed is None else _unpacked(get_args(kind)[0], packed, known_values)
    if getattr(kind, "__origin__", None) is np.ndarray:
        stored, form, shape, data = packed
        return np.frombuffer(data, stored).reshape(shape).astype(form)
    if getattr(kind, "__origin__", None) in {tuple, frozenset}:
        inner = get_args(kind)[0]
        return kind.__origin__(_unpacked(inner, part, known_values) for part in packed)
    return packed


@cache
def _hints(kind: Any) -> tuple[tuple[str, Any], ...]:
    """(name, type) of each field, in the order in which they are packed."""
    hints = get_type_hints(kind)
    return tuple((field.name, hints[field.name]) for field in fields(kind))


def _small(values: NDArray[Any]) -> NDArray[Any]:
    if values.dtype != np.int64 or not values.size:
        return values
    low, high = int(values.min()), int(values.max())
    for form in _INTEGERS:
        if np.iinfo(form).min <= low and high <= np.iinfo(form).max:
            return values.astype(form)
    return values
