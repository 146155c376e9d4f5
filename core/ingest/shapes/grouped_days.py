"""Tables with two rows of headers, days in one and the names of figures in the other: turned into rows of days."""

from collections.abc import Sequence

from core.ingest.formats.batch import Rows
from core.ingest.formats.turned_table import Made
from core.ingest.headers.word_lists import is_total
from core.ingest.row_kinds import carried, filled, is_mostly
from core.ingest.values.date_columns import is_date
from core.ingest.values.numbers import is_number

_FEWEST = 2
_READ_BELOW = 100
_LABEL = "label"
"""What a column of labels is called that has no name."""


def grouped_days(rows: Rows, depth: int) -> Made | None:
    """A table that has figures below each day, or days below each figure, as rows of days; None of any other. The first row of
    headers is among the first `depth`.
    """
    for position in range(min(len(rows) - 2, depth)):
        top, names = list(rows[position]), list(rows[position + 1])
        if len(top) != len(names) or len(filled(top)) < _FEWEST:
            continue
        days_above = _are_days(top)
        if days_above == _are_days(names):
            continue
        upper = carried(top)
        days, figures = (upper, names) if days_above else (names, upper)
        places = [at for at, cell in enumerate(days) if is_date(cell.strip()) and figures[at].strip()]
        called = list(dict.fromkeys(figures[at].strip() for at in places if not is_total(figures[at])))
        pairs = {(days[at].strip(), figures[at].strip()): at for at in places}
        if (
            len(called) < _FEWEST
            or any(map(is_number, called))
            or len(pairs) < len(places)
            or len({day for day, _ in pairs}) < _FEWEST
        ):
            continue
        if len(pairs) <= len(called) * len({day for day, _ in pairs}) / 2:
            continue  # each figure is of one day: a period above the table, or weekdays below the days
        below = rows[position + 2 : position + 2 + _READ_BELOW]
        if not all(is_mostly(below, at, is_number) for at in places[:_FEWEST]):
            continue
        return _rows(rows, position, pairs, called)
    return None


def _are_days(row: Sequence[str]) -> bool:
    """Whether most cells of a row are days."""
    cells = filled(row)
    # rows of figures are most: asking each cell whether it is a day takes long
    likely = [cell for cell in cells if not cell.isalpha() and not cell.replace(".", "", 1).isdecimal()]
    days = sum(map(is_date, likely))
    return days >= _FEWEST and days > len(cells) / 2


def _rows(rows: Rows, position: int, pairs: dict[tuple[str, str], int], called: Sequence[str]) -> Made:
    names = rows[position + 1]
    below = rows[position + 2 :]
    labels = [at for at in range(min(pairs.values())) if any(_cell(row, at).strip() for row in below)]
    called_labels = (names[at].strip() or rows[position][at].strip() or _LABEL for at in labels)
    made: Made = [(position + 1, ("Date", *called_labels, *called))]
    days = list(dict.fromkeys(day for day, _ in pairs))
    for at in range(position + 2, len(rows)):
        row = rows[at]
        if not filled(row) or is_total(filled(row)[0]):
            continue
        for day in days:
            cells = [_cell(row, pairs.get((day, name))) for name in called]
            if any(cell.strip() for cell in cells):
                made.append((at, (day, *(_cell(row, label) for label in labels), *cells)))
    return made


def _cell(row: Sequence[str], at: int | None) -> str:
    return row[at] if at is not None and at < len(row) else ""
