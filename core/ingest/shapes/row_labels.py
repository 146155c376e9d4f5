"""What a table says whose columns are days or hours: which other columns name its rows, and what its figures are called."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from core.base.arrays import Floats
from core.base.errors import UsageError
from core.ingest.formats.batch import Rows
from core.ingest.headers.folding import folded
from core.ingest.headers.id_names import is_id_name
from core.ingest.headers.word_lists import is_total, total_words
from core.ingest.row_kinds import is_mostly
from core.ingest.values.date_words import may_be_month
from core.ingest.values.numbers import is_number
from core.ingest.values.typed_numbers import values_of


def row_labels(header: Sequence[str], places: Sequence[int], body: Rows, what: str) -> list[int]:
    """The columns that name a row: those that are not in `places`, and no totals of them.

    Raises UsageError for other figures; `what` the columns in `places` are.
    """
    result = []
    sums = cell_values(cell for row in body for cell in (row[at] for at in places)).reshape(len(body), len(places))
    for at, name in enumerate(header):
        if at in places or not any(row[at].strip() for row in body):
            continue
        is_one = len({row[at] for row in body}) == 1 < len(body)  # the number of the meter
        if is_one or not is_mostly(body, at, is_number) or is_id_name(name):
            result.append(at)
        elif not is_called_total(name) and not np.allclose(
            cell_values(row[at] for row in body), np.nansum(sums, axis=1), rtol=0.01, equal_nan=True
        ):
            raise UsageError(
                f"its columns are {what}, and the column {name!r} has other figures. Remove it, or save one row for each day."
            )
    return result


def is_called_total(cell: str) -> bool:
    """Whether the first or the last word of a name is one for a total: `North total`, `Total income`."""
    words = folded(cell).split()
    return is_total(cell) or (len(words) > 1 and not total_words().isdisjoint((words[0], words[-1])))


def cell_values(cells: Iterable[str]) -> Floats:
    """The figures of cells, nan where there is none."""
    return values_of(pa.array(cells, pa.string()))


def value_name(titles: Sequence[str], path: str) -> str:
    """What the figures are called: the title of the table, else the name of the file without its days and months."""
    named = [title for title in titles if not any(map(str.isdecimal, title))]
    if named:
        return named[0]
    words = re.sub(r"[\W\d_]+", " ", Path(path).name.partition(".")[0]).split()
    return " ".join(word for word in words if not may_be_month(word.casefold())) or "value"
