"""The text that each column of a kind is made of, before it becomes values: parts of cells, filled ones, joined ones."""

from collections.abc import Callable, Iterable, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.base.arrays import Flags, Ints
from core.ingest.formats.arrow_arrays import arrow_array
from core.ingest.formats.batch import TextBatch
from core.ingest.formats.different_cells import are_such, rows_with
from core.ingest.headers.word_lists import is_overturned, is_unpaid
from core.ingest.mapping.column_plan import ColumnPlan
from core.ingest.values.clock_text import ZONES
from core.ingest.values.placeholders import NO_WORD
from core.ingest.values.typed_numbers import TypedColumn

_BLANKS = pa.array(sorted(NO_WORD), pa.string())
_PLUS = pa.scalar(b"+", pa.binary())
ROUNDED_ID = r"^\d(?:[.,]\d+)?[eE]\+\d{2}$"
"""An id that a spreadsheet took for a number and rounded: `5.77001E+17`. Thousands of ids become one."""


def words(text: pa.Array, *, are_ids: bool = False) -> TypedColumn:
    """Trimmed words as a dictionary array; null where a cell is blank. Bytes that are no text, and NUL, are bad."""
    encoded = pc.dictionary_encode(text)
    cells, bad = _readable(encoded.dictionary)
    trimmed = plain_ids(cells) if are_ids else pc.utf8_trim_whitespace(cells)
    if are_ids:
        may_be_rounded = pc.any(pc.equal(pc.binary_slice(trimmed.cast(pa.binary()), -3, -2), _PLUS)).as_py()
        rounded = pc.match_substring_regex(trimmed, ROUNDED_ID) if may_be_rounded else None
        if rounded is not None and pc.any(rounded).as_py():
            lost = rounded.fill_null(False).to_numpy(zero_copy_only=False)
            bad = lost if bad is None else bad | lost
    settings = pc.if_else(pc.is_in(pc.utf8_lower(trimmed), _BLANKS), pa.scalar(None, trimmed.type), trimmed)
    is_as_written = bad is None and settings.null_count == 0 and settings.equals(encoded.dictionary)
    if is_as_written or (bad is None and settings.null_count == 0 and len(pc.unique(settings)) == len(settings)):
        return TypedColumn(pa.DictionaryArray.from_arrays(encoded.indices, settings))
    again = pc.dictionary_encode(settings)
    bad_rows = rows_with(bad, encoded.indices) if bad is not None else None
    return TypedColumn(pa.DictionaryArray.from_arrays(again.indices.take(encoded.indices), again.dictionary), bad_rows)


def plain_ids(cells: pa.Array) -> pa.Array:
    """Ids without spaces, and `1729.0` as `1729`: tools write a column of numbers with blanks so.

    >>> plain_ids(pa.array([" 100.0", "A1.0 ", None])).to_pylist()
    ['100', 'A1.0', None]
    """
    trimmed = pc.utf8_trim_whitespace(cells)
    ends = trimmed.filter(pc.ends_with(trimmed, "0"))
    has_some = pc.any(pc.match_substring(ends, ".0")).as_py()  # a pattern for every cell takes ten times as long
    return pc.replace_substring_regex(trimmed, r"^(-?[0-9]+)\.0+$", r"\1") if has_some else trimmed


def _may_have_nul(cells: pa.Array) -> bool:
    """Whether some byte of the cells is NUL: asked of all at once, which takes no time."""
    text = cells.buffers()[2]
    return text is not None and not np.frombuffer(text, np.uint8).all()


def _readable(cells: pa.Array) -> tuple[pa.Array, Flags | None]:
    """The cells with unreadable ones null, and which those are."""
    try:
        cells.validate(full=True)
        if not _may_have_nul(cells) or not pc.any(pc.match_substring(cells, "\0")).as_py():
            return cells, None
    except pa.ArrowInvalid:
        pass
    raw = cells.cast(pa.binary()).to_pylist()
    text = [_decoded(cell) for cell in raw]
    return pa.array(text, pa.string()), np.array([cell is None for cell in text], bool)


def _decoded(cell: bytes) -> str | None:
    try:
        text = cell.decode()
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def column_text(texts: TextBatch, target_plan: ColumnPlan) -> pa.Array:
    """The cells that a column is made of."""
    if target_plan.source is None:
        return pa.repeat(pa.scalar(target_plan.constant, pa.string()), len(texts.records))
    text = texts.columns[target_plan.source]
    if target_plan.otherwise is not None:
        text = pc.coalesce(text, texts.columns[target_plan.otherwise])
    if target_plan.suffix is not None:
        text = pc.binary_join_element_wise(text, texts.columns[target_plan.suffix], "/")
    if target_plan.fill is not None:
        text = _filled(text, texts.columns[target_plan.fill])
    if target_plan.once is not None:
        # a line without an amount would be refused: the amount of its order stands on another one
        text = _first_only(text, texts.columns[target_plan.once], "0" if target_plan.target == "gmv" else None)
    if target_plan.unless is not None:
        states = texts.columns[target_plan.unless]
        if target_plan.fill is not None:  # the state of an order is that of all its lines, too
            states = _filled(states, texts.columns[target_plan.fill])
        left_out = _rows_with(states, target_plan.unless_cells, _unpaid(target_plan))
        text = pc.if_else(arrow_array(left_out), None, text)
    if target_plan.where is not None:
        left = _rows_with(texts.columns[target_plan.where], target_plan.where_cells, _overturned(target_plan))
        text = pc.if_else(arrow_array(left), text, None)
    if target_plan.sign is not None:
        text = _signed(text, texts.columns[target_plan.sign], target_plan.signs)
    if target_plan.mark is not None:
        text = _part(text, target_plan.mark, target_plan.part == "after")
    if target_plan.words:
        encoded = words(text).values
        put = pa.array([target_plan.words.get(word, word) for word in encoded.dictionary.to_pylist()], pa.string())
        text = put.take(encoded.indices)
    return text


def whole(texts: Iterable[TextBatch]) -> TextBatch | None:
    """All texts as one, for exports whose rows depend on others; None where there are none."""
    parts = list(texts)
    if not parts:
        return None
    columns = {name: pa.concat_arrays([part.columns[name] for part in parts]) for name in parts[0].columns}
    refused = tuple(refused_row for part in parts for refused_row in part.refused)
    return TextBatch(columns, np.concatenate([part.records for part in parts]), refused)


def _filled(text: pa.Array, same: pa.Array) -> pa.Array:
    """Blank cells take the last cell above them whose row is equal in `same`, else the first one below."""
    groups = _groups(same)
    settings = text.is_valid().to_numpy(zero_copy_only=False)
    order = np.argsort(groups, kind="stable")
    position = np.where(settings[order], np.arange(len(order)), -1)
    last = np.maximum.accumulate(position) if len(position) else position
    starts = np.searchsorted(groups[order], groups[order])
    source = np.empty(len(order), np.int64)
    source[order] = np.where(last >= starts, order[np.maximum(last, 0)], _first_of_group(groups, settings)[order])
    return text.take(arrow_array(source))


def _first_of_group(groups: Ints, settings: Flags) -> Ints:
    """For each row the first row of its group that has a cell, else the first one; shape (rows,)."""
    best = np.lexsort((~settings, groups))
    _, first, number = np.unique(groups[best], return_index=True, return_inverse=True)
    result = np.empty(len(groups), np.int64)
    result[best] = best[first][number]
    return result


def _first_only(text: pa.Array, same: pa.Array, others: str | None) -> pa.Array:
    """The cells of the first row, of those equal in `same`, that has one; the others take `others`."""
    settings = text.is_valid().to_numpy(zero_copy_only=False)
    first = np.zeros(len(text), bool)
    first[_first_of_group(_groups(same), settings)] = True
    return pc.if_else(arrow_array(first), text, pa.scalar(others, pa.string()))


def _rows_with(other: pa.Array, cells: frozenset[str], is_such: Callable[[str], bool]) -> Flags:
    """The rows whose cell in another column is one of these, in any case, or is such; shape (rows,)."""
    own = words(other).values.cast(pa.string())
    return are_such(own, lambda cell: cell.casefold() in cells or is_such(cell))


def _signed(text: pa.Array, directions: pa.Array, signs: Mapping[str, int]) -> pa.Array:
    """The cells with a minus where a direction says that they went out, and none where it says that they do not count."""
    encoded = words(directions).values
    found = [signs.get(cell.casefold(), 1) for cell in encoded.dictionary.to_pylist()]
    sign = pa.array(found, pa.int8()).take(encoded.indices).fill_null(1)
    turned = pc.binary_join_element_wise(pa.scalar("-", text.type), text, pa.scalar("", text.type))
    return pc.if_else(pc.equal(sign, 0), None, pc.if_else(pc.less(sign, 0), turned, text))


def _unpaid(plan: ColumnPlan) -> Callable[[str], bool]:
    return lambda cell: plan.is_judged and is_unpaid(cell)


def _overturned(plan: ColumnPlan) -> Callable[[str], bool]:
    return lambda cell: plan.is_judged and is_overturned(cell, plan.where or "")


def without_offsets(text: pa.Array) -> pa.Array:
    """Moments as the clock showed them that wrote them."""
    return pc.replace_substring_regex(text, _OFFSET, r"\1")


_OFFSET = rf"(\d)\s*(?:Z|UTC|GMT|(?:UTC|GMT)?[-+]\d{{2}}:?\d{{2}}|{ZONES})\s*$"


def _groups(same: pa.Array) -> Ints:
    """A number for each row, equal where the cells are; a blank cell is equal to none."""
    codes: Ints = words(same).values.indices.cast(pa.int64()).fill_null(-1).to_numpy()
    return np.where(codes < 0, np.arange(len(codes)) + len(codes), codes)


def _part(text: pa.Array, mark: str, after: bool) -> pa.Array:
    """The cells' parts before the first mark, or after it."""
    encoded = words(text).values
    cut = [word.partition(mark)[2 if after else 0] for word in encoded.dictionary.to_pylist()]
    return pa.array(cut, pa.string()).take(encoded.indices)


def joined_texts(parts: list[pa.Array]) -> pa.Array:
    return words(pc.binary_join_element_wise(*parts, "\x1f")).values.cast(pa.string())
