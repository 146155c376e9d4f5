"""Columns of cells that are numbers: a column of text at a time."""

import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.base.arrays import Flags, Floats
from core.base.frozen import frozen
from core.ingest.formats.arrow_arrays import arrow_array
from core.ingest.formats.different_cells import rows_with
from core.ingest.request import DecimalMark
from core.ingest.values.numbers import read_duration, read_number

_CENTS = 100
_PROBED = 256
_LARGEST = 2**63 - 1
_SAFE = 2.0**50
"""Up to here a float's hundredths are the decimal's that it was read from."""
_HALF_IS_NEAR = 1e-3
"""So close to half a cent, a float may lie on the wrong side of it; the decimal decides."""


@frozen
class TypedColumn:
    """A typed column. Where `bad`, the cell could not be read and its value is null."""

    values: pa.Array
    bad: Flags | None = None
    """shape (n,); None = every cell could be read."""


def by_word(text: pa.Array, read: Callable[[str], int | float | None], kind: pa.DataType) -> TypedColumn:
    """A column read by a function of one cell, called once for each different cell; ValueError marks it as bad."""
    encoded = pc.dictionary_encode(text)
    values: list[int | float | None] = []
    recognized = np.ones(len(encoded.dictionary), bool)
    for position, word in enumerate(encoded.dictionary.to_pylist()):
        try:
            values.append(read(word))
        except (ValueError, ArithmeticError):
            values.append(None)
            recognized[position] = False
    bad = None
    if not recognized.all():
        bad = rows_with(~recognized, encoded.indices)
    return TypedColumn(pa.array(values, kind).take(encoded.indices), bad)


def whole_numbers(
    text: pa.Array, decimal: DecimalMark = ".", *, least: int | None = 0, most: int | None = None
) -> TypedColumn:
    """int64 from a column of whole numbers between `least` and `most`."""
    result = _cast(text, pa.int64()) if decimal == "." else None
    if result is not None:
        low, high = (bound.as_py() for bound in pc.min_max(result).values())
        if low is None or (_within(low, least, most) and _within(high, least, most)):
            return TypedColumn(result)
    number = _reader(text, decimal)

    def read(cell: str) -> int | None:
        value = number(cell)
        if value is None:
            return None
        if value != value.to_integral_value() or not _within(value, least, most):
            raise ValueError("not a whole number in range")
        return int(value)

    return by_word(text, read, pa.int64())


def floats(text: pa.Array, decimal: DecimalMark = ".") -> TypedColumn:
    """int64 where every cell is whole, else float64."""
    if decimal == ".":
        whole = _cast(text, pa.int64())
        if whole is not None:
            return TypedColumn(whole)
        result = _cast(text, pa.float64())
        if result is not None and pc.all(pc.is_finite(result)).as_py() is not False:
            return TypedColumn(result)
    number = _reader(text, decimal)
    return by_word(text, lambda cell: _float(number(cell)), pa.float64())


def values_of(text: pa.Array, decimal: DecimalMark = ".") -> Floats:
    """The figures of a column, shape (rows,), nan where a cell has none."""
    result: Floats = (
        floats(text, decimal).values.cast(pa.float64(), safe=False).fill_null(np.nan).to_numpy(zero_copy_only=False)
    )
    return result


def durations(text: pa.Array, decimal: DecimalMark = ".") -> TypedColumn:
    """Seconds as float64."""
    return by_word(text, lambda cell: _float(read_duration(cell, decimal)), pa.float64())


def cents(text: pa.Array, decimal: DecimalMark = ".") -> TypedColumn:
    """Amounts as int64 cents, rounded half up where they have more than two decimals."""
    if decimal == ".":
        result = _cast(text, pa.float64())
        if result is not None:
            exact = _cents_of_floats(text, result)
            if exact is not None:
                return TypedColumn(exact)
    number = _reader(text, decimal)
    return by_word(text, lambda cell: _cents(number(cell)), pa.int64())


def _reader(text: pa.Array, decimal: DecimalMark) -> Callable[[str], Decimal | None]:
    """What reads the figures of a column. `1.2 Cr` is 1.2 on the credit side, but among lakhs it is 1.2 crores."""
    if not pc.any(pc.match_substring(text, "lakh", ignore_case=True)).as_py():
        return lambda cell: read_number(cell, decimal)
    return lambda cell: read_number(_CRORE.sub("crore", cell), decimal)


_CRORE = re.compile(r"(?<=[\d\s])Cr\.?$", re.IGNORECASE)


def _cents_of_floats(text: pa.Array, amounts: pa.Array) -> pa.Array | None:
    """Cents of amounts that were read as floats; None when some amount is too large for that."""
    hundredths = amounts.fill_null(0.0).to_numpy() * _CENTS
    if not np.all(np.abs(hundredths) < _SAFE):
        return None
    nearest = np.floor(np.abs(hundredths) + 0.5)
    near_half = np.flatnonzero(np.abs(np.abs(hundredths) % 1.0 - 0.5) < _HALF_IS_NEAR)
    whole = (np.sign(hundredths) * nearest).astype(np.int64)
    if len(near_half):
        whole[near_half] = [_cents(Decimal(cell)) for cell in text.take(arrow_array(near_half)).to_pylist()]
    return arrow_array(whole, amounts.is_null().to_numpy(zero_copy_only=False))


def _cents(value: Decimal | None) -> int | None:
    if value is None:
        return None
    result = int((value * _CENTS).to_integral_value(ROUND_HALF_UP))
    if abs(result) > _LARGEST:
        raise ValueError("too large")
    return result


def _float(value: Decimal | None) -> float | None:
    if value is None:
        return None
    result = float(value)
    if not np.isfinite(result):
        raise ValueError("too large")
    return result


def _cast(text: pa.Array, kind: pa.DataType) -> pa.Array | None:
    try:
        pc.cast(text[:_PROBED], kind)  # a cast that fails is slow, since every cell that fails makes an error
        return pc.cast(text, kind)
    except pa.ArrowInvalid:
        return None


def cast_whole(text: pa.Array) -> pa.Array | None:
    """int64 from a column of plain whole numbers; None when some cell is anything else."""
    return _cast(text, pa.int64())


def _within(value: Decimal | int, least: int | None, most: int | None) -> bool:
    return (value >= least if least is not None else True) and value <= (_LARGEST if most is None else most)
