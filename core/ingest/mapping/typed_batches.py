"""The rows of an export as typed batches, with the rows that are refused for what other columns or tables hold."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice

import numpy as np

from core.base.arrays import Ints
from core.base.time_zones import Zones
from core.ingest.formats.batch import Batch, Records, RefusedRow, TextBatch
from core.ingest.mapping.cell_parsing import CellParser
from core.ingest.mapping.cell_text import whole
from core.ingest.mapping.column_plan import Plan

_AHEAD = 1
"""Blocks of text that are parsed before they are wanted."""
_TYPISTS = 2
"""Threads that turn text into values."""


class TypedBatches:
    """The typed batches of an export, from the start each time."""

    def __init__(self, records: Records, names: Sequence[str], plan: Plan, zones: Zones) -> None:
        self._records, self._names, self._plan, self._zones = records, names, plan, zones

    def __iter__(self) -> Iterator[Batch]:
        blank: list[Ints] = []
        texts = _noting_blank(self._records.texts(self._plan.sources), blank)
        if self._plan.is_whole:
            texts = iter([item] if (item := whole(texts)) is not None else [])
        return with_last(_typed(texts, CellParser(self._plan, self._zones)), lambda: self._partly_blank(blank))

    def _partly_blank(self, blank: Sequence[Ints]) -> tuple[RefusedRow, ...]:
        """The rows, of those that are blank in all columns that are loaded, that have a cell in another column."""
        used = set(self._plan.sources)
        others = [name for name in self._names if name not in used]
        if not blank or not others:
            return ()
        records = np.concatenate(blank)
        result: list[RefusedRow] = []
        for texts in self._records.texts(others):
            is_filled = np.logical_or.reduce(
                [column.is_valid().to_numpy(zero_copy_only=False) for column in texts.columns.values()]
            )
            lost = texts.records[is_filled & np.isin(texts.records, records)]
            result += [RefusedRow(record, _BLANK) for record in lost.tolist()]
        return tuple(result)


_BLANK = "blank in every column that is loaded"


def _typed(texts: Iterator[TextBatch], parser: CellParser) -> Iterator[Batch]:
    """The typed batches of some text, made by threads where there are several: for one they would cost more than they save."""
    beginning = list(islice(texts, 2))
    if len(beginning) < 2:
        return map(parser.batch, beginning)
    from core.ingest.formats.prefetch import mapped, prefetch

    return mapped(parser.batch, prefetch(chain(beginning, texts), _AHEAD), _TYPISTS)


def _noting_blank(batches: Iterable[TextBatch], blank: list[Ints]) -> Iterator[TextBatch]:
    """The same batches; the records that are blank in all their columns are added to `blank`."""
    for texts in batches:
        columns = list(texts.columns.values())
        if columns and columns[0].null_count:
            is_blank = np.logical_and.reduce([column.is_null().to_numpy(zero_copy_only=False) for column in columns])
            if is_blank.any():
                blank.append(texts.records[is_blank])
        yield texts


def with_last(batches: Iterable[Batch], refused: Callable[[], tuple[RefusedRow, ...]]) -> Iterator[Batch]:
    """The batches, the last with further refused rows, which are asked for when all have been read."""
    last: Batch | None = None
    for batch in batches:
        if last is not None:
            yield last
        last = batch
    if last is not None:
        rows = sorted((*last.refused, *refused()), key=lambda row: row.record)
        yield replace(last, refused=tuple(rows))
