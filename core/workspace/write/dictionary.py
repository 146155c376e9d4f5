"""Words become codes: the dictionary of the workspace, kept dense and in order of first appearance."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from itertools import repeat
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.catalogue.kinds import CellType
from core.ingest.formats.arrow_arrays import arrow_array
from core.workspace.schema.tables import WORDS_INDEX

_MANY = 50_000

Values = Any
"""A column as it is stored: a numpy array without blanks, or a pyarrow array with them."""


class Dictionary:
    """The codes of one connection's workspace while a load runs; new ones are written by `save`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._codes: dict[str, dict[str, int]] = {}
        self._new: dict[str, list[str]] = defaultdict(list)

    def encode(self, dimension: str, words: pa.DictionaryArray) -> NDArray[np.int32]:
        """The code of each row's word, shape (n,); 0 = not given. Words that are new get the next codes."""
        indices: NDArray[np.int32] = words.indices.fill_null(-1).to_numpy()
        listed_words = words.dictionary.to_numpy(zero_copy_only=False).tolist()
        codes_of_words = self._known(dimension)
        codes = list(map(codes_of_words.get, listed_words))
        if None in codes:
            self._take_in(dimension, listed_words, codes, indices)
            codes = list(map(codes_of_words.get, listed_words))
            if None in codes:  # words that only refused rows have
                codes = [code or 0 for code in codes]
        codes.append(0)  # the last place serves -1, "not given"
        table = np.array(codes, np.int32)
        coded: NDArray[np.int32] = table[indices]
        return coded

    def _take_in(self, dimension: str, words: list[str], codes: list[int | None], indices: NDArray[np.int32]) -> None:
        """Gives codes to the words that have none yet and that some row has."""
        codes_of_words = self._known(dimension)
        used = np.bincount(indices[indices >= 0], minlength=len(words)) > 0
        fresh = [
            word for word, code, is_used in zip(words, codes, used.tolist(), strict=True) if code is None and is_used
        ]
        codes_of_words.update(
            zip(fresh, range(len(codes_of_words) + 1, len(codes_of_words) + 1 + len(fresh)), strict=True)
        )
        self._new[dimension] += fresh

    def decode(self, dimension: str, codes: Iterable[int]) -> list[str]:
        """The word of each code; "" where none is given."""
        words = {code: word for word, code in self._known(dimension).items()}
        return [words.get(code, "") for code in codes]

    def save(self) -> None:
        """Writes the new words."""
        many = sum(map(len, self._new.values())) > _MANY
        if many:  # to sort all words at the end is faster than to find each its place
            self._connection.execute("DROP INDEX dictionary_words")
        for dimension, words in self._new.items():
            first = len(self._codes[dimension]) - len(words) + 1
            rows = zip(repeat(dimension), range(first, first + len(words)), words)
            self._connection.executemany("INSERT INTO dictionary VALUES (?, ?, ?)", rows)
        if many:
            self._connection.execute(WORDS_INDEX)
        self._new.clear()

    def _known(self, dimension: str) -> dict[str, int]:
        if dimension not in self._codes:
            rows = self._connection.execute("SELECT value, code FROM dictionary WHERE dimension = ?", (dimension,))
            self._codes[dimension] = dict(rows.fetchall())
        return self._codes[dimension]


def plain(cell: CellType, values: pa.Array) -> pa.Array:
    """A column as the plain tables have it: days and moments as ISO text (UTC), amounts in units."""
    import pyarrow.compute as pc

    if cell is CellType.DAY:
        return values.cast(pa.int32()).cast(pa.date32()).cast(pa.string())
    if cell.is_moment:
        return pc.binary_join_element_wise(pc.strftime(values.cast(pa.timestamp("s")), "%Y-%m-%dT%H:%M:%S"), "Z", "")
    if cell is CellType.MONEY:
        return pc.divide(values.cast(pa.float64()), 100.0)
    return values.cast(pa.string()) if cell is CellType.WORD else values


def listed(values: Values) -> list[Any]:
    """A column as Python values, for binding."""
    as_array = isinstance(values, np.ndarray) or not (values.null_count or pa.types.is_string(values.type))
    result: list[Any] = np.asarray(values).tolist() if as_array else values.to_pylist()
    return result


def chosen(values: Values, rows: NDArray[np.bool_]) -> Values:
    """A column of these rows only."""
    return values[rows] if isinstance(values, np.ndarray) else values.filter(arrow_array(rows))
