"""What a delimited text is: its encoding, its delimiter, and which line is the header."""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from core.base.errors import UsageError, WhydropError
from core.base.frozen import frozen
from core.ingest.formats.delimited import Dialect
from core.ingest.formats.encoding import encoding_of, utf8_stream
from core.ingest.formats.sources import ExportSource

_SAMPLE = 1 << 20
"""Bytes that are looked at: of most exports that is the whole file."""
SHOWN_ROWS = 80
"""How far down what decides on the delimiter is looked for, and the header of a file that is longer than the sample."""
_DELIMITERS = (",", "\t", ";", "|")
_CONTROL = (*range(9), *range(14, 32), 127)
_INVISIBLE = dict.fromkeys((*_CONTROL, *map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff")))
_SAID_DELIMITER = re.compile(r"\ufeff?\"?sep=([,;|\t])\"?\r?\n", re.IGNORECASE)
"""A line by which a file tells spreadsheets its delimiter."""
_NUMBER = re.compile(r"[-+]?[\d.,:/% -]+")


@frozen(kw_only=True)
class SniffedText:
    """The beginning of a delimited text."""

    encoding: str
    delimiter: str
    rows: tuple[tuple[str, ...], ...]
    """Its first records, blank lines left out."""
    ends: tuple[tuple[int, int], ...]
    """For each of them the UTF-8 bytes and the physical lines up to its end."""
    old_lines: bool
    gaps: frozenset[int]
    """Which rows have a blank line above them."""
    is_complete: bool
    """Whether the rows are all that there are."""

    def dialect(self, header: int, names: Sequence[str] | None = None) -> Dialect:
        """The dialect when this row is the header; `names` instead of the row's own."""
        data_at, lines = self.ends[header]
        cells = self.rows[header] if names is None else tuple(names)
        return Dialect(
            encoding=self.encoding,
            delimiter=self.delimiter,
            header=unique(cells),
            data_at=data_at,
            lines_before=lines,
            old_lines=self.old_lines,
        )

    def header_line(self, header: int) -> str:
        """The header's row as one line in this dialect."""
        line = io.StringIO()
        csv.writer(line, delimiter=self.delimiter, lineterminator="").writerow(self.rows[header])
        return line.getvalue()


def _with_last_mark(rows: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
    """The rows, the header with a blank cell at its end where all rows below it have a delimiter there, and it has none."""
    widths = list(map(len, rows))
    width = modal_width(rows)
    first = widths.index(width)
    if not first or width <= _FEWEST_CELLS or widths[first - 1] != width - 1 or not rows[first - 1][-1].strip():
        return rows
    if any(row[-1].strip() for row in rows if len(row) == width):
        return rows
    return (*rows[: first - 1], (*rows[first - 1], ""), *rows[first:])


_FEWEST_CELLS = 2


def clean(name: str) -> str:
    """A header's cell without what cannot be seen: soft hyphens, marks, spaces around it.

    >>> clean(" Com\\u00adments ad\\u00added\\t")
    'Comments added'
    """
    return " ".join(name.translate(_INVISIBLE).split())


def unique(cells: Sequence[str]) -> tuple[str, ...]:
    """Names that differ: a repeated one gets its number, one without a name its place; a country next to others is no id.

    >>> unique(["a", "a", ""]), unique(["Day", "SG", "ID", "TH"]), unique(["ID", "Day", "TH"])
    (('a', 'a (2)', '(column 3)'), ('Day', 'SG', 'Indonesia', 'TH'), ('ID', 'Day', 'TH'))
    """
    observed: Counter[str] = Counter()
    names: list[str] = []
    regions = _region_names(cells)
    for position, cell in enumerate(cells):
        name = regions.get(position) or clean(cell) or f"(column {position + 1})"
        observed[name] += 1
        names.append(name if observed[name] == 1 else f"{name} ({observed[name]})")
    return tuple(names)


def _region_names(cells: Sequence[str]) -> dict[int, str]:
    """The names of the columns whose code means an id or a number, too, where they stand among the codes of other countries or
    states; an id is more often the first column.
    """
    codes = [clean(cell) for cell in cells]
    result: dict[int, str] = {}
    if COUNTRIES_LIKE_IDS.keys().isdisjoint(codes):
        return result
    for is_code, run in groupby(range(len(codes)), key=lambda position: codes[position] in _REGIONS):
        positions = list(run)
        others = {codes[position] for position in positions} - COUNTRIES_LIKE_IDS.keys()
        if not is_code or others <= _WORDS:
            continue
        names = COUNTRIES_LIKE_IDS if others <= OTHER_COUNTRIES else _STATES if others <= _OTHER_STATES else {}
        result |= {position: names[codes[position]] for position in positions if position and codes[position] in names}
    return result


COUNTRIES_LIKE_IDS = {"ID": "Indonesia", "NO": "Norway"}
"""Codes of countries that columns of ids are called, too."""
_STATES = {"ID": "Idaho"}
_COUNTRY_LINES = (
    "TH VN MY PH SG TW BR MX CO CL AR PE US CA GB UK IE FR DE ES IT PT NL BE AT CH PL CZ SK SE DK FI HU RO GR TR AE SA",
    "EG ZA NG KE IN PK BD LK JP KR CN HK AU NZ",
)
OTHER_COUNTRIES = frozenset(code for line in _COUNTRY_LINES for code in line.split())
_STATE_LINES = (
    "AL AK AZ AR CA CO CT DE FL GA HI IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI",
    "SC SD TN TX UT VT VA WA WV WI WY DC PR",
)
_OTHER_STATES = frozenset(code for line in _STATE_LINES for code in line.split())
_REGIONS = COUNTRIES_LIKE_IDS.keys() | OTHER_COUNTRIES | _OTHER_STATES
_WORDS = frozenset(("IN", "AT", "IT", "BE", "ME", "OR", "HI", "OK"))
"""Codes that are words of a header, too: `NO, IN, OUT`."""


def sniff(source: ExportSource, encoding: str | None = None) -> SniffedText:
    """Reads the beginning of a text. Raises UsageError for an empty file, WhydropError for what is no text."""
    with source.open() as stream:
        sample = stream.read(_SAMPLE)
    if not sample.strip():
        raise UsageError(f"{source.name}: the file is empty.")
    result = encoding_of(sample, source.name, encoding)
    with utf8_stream(source.open(), result) as stream:
        data = stream.read(_SAMPLE)
    text = data.decode("utf-8", "ignore" if len(data) == _SAMPLE else "replace")
    old_lines = "\r" in text and "\n" not in text
    text = text.replace("\r", "\n") if old_lines else text
    complete = len(data) < _SAMPLE
    setting = _SAID_DELIMITER.match(text)
    delimiter = setting[1] if setting else _delimiter(text, complete)
    rows, ends, gaps = _records(text, delimiter, complete, None if complete else SHOWN_ROWS)
    if setting:
        rows, ends, gaps = rows[1:], ends[1:], frozenset(position - 1 for position in gaps)
    if not rows and not text.strip():
        raise WhydropError(f"{source.name}: the file is empty.")
    if not rows:
        raise WhydropError(f"{source.name}: its first row is longer than {_SAMPLE >> 10} kB. Is it a table?")
    rows = _with_last_mark(rows)
    return SniffedText(
        encoding=result, delimiter=delimiter, rows=rows, ends=ends, old_lines=old_lines, gaps=gaps, is_complete=complete
    )


def header_row(rows: Sequence[Sequence[str]], is_known: Callable[[str], bool]) -> int | None:
    """Which row is the header: the one with most known names, else the first that is as wide as the table and all words.

    None when no row could be one.
    """
    figures = [sum(cell[:1].isdecimal() for cell in row) for row in rows]
    hits = [
        0 if 2 * count > len(row) else sum(map(is_known, unique(row))) for row, count in zip(rows, figures, strict=True)
    ]
    best = max(range(len(rows)), key=lambda position: hits[position])
    width = modal_width(rows)
    if hits[best] >= 2 or (hits[best] == 1 and width == 1):
        return best
    for position, row in enumerate(rows):
        cells = [cell.strip() for cell in row]
        is_named = sum(map(bool, cells)) >= len(cells) / 2  # a title of a workbook has a cell in each column
        if (
            len(cells) >= width
            and all(cells[:1])
            and is_named
            and not any(_NUMBER.fullmatch(cell) for cell in cells if cell)
        ):
            return position
    return None


def modal_width(rows: Sequence[Sequence[str]]) -> int:
    """How many cells most rows have; of equally common counts the larger."""
    counts = Counter(map(len, rows))
    return max(counts, key=lambda width: (counts[width], width))


def _delimiter(text: str, complete: bool) -> str:
    """The delimiter under which most rows have the same number of cells, and many of them."""

    def score(delimiter: str) -> float:
        rows, _, _ = _records(text, delimiter, complete, SHOWN_ROWS)
        width = modal_width(rows) if rows else 1
        share = sum(len(row) == width for row in rows) / max(len(rows), 1)
        return share * (width > 1) * (1 + min(width, 50) / 50)

    return max(_DELIMITERS, key=score)


def _records(
    text: str, delimiter: str, complete: bool, limit: int | None
) -> tuple[tuple[tuple[str, ...], ...], tuple[tuple[int, int], ...], frozenset[int]]:
    """The first records of a text, where each ends, and which have a blank line above them.

    The last one of an incomplete text is left out.
    """
    gaps: set[int] = set()
    csv.field_size_limit(_SAMPLE)
    rows: list[tuple[str, ...]] = []
    ends: list[tuple[int, int]] = []
    size = lines = 0

    def counted() -> Iterator[str]:
        nonlocal size, lines
        for line in io.StringIO(text, newline=""):
            size, lines = size + len(line.encode()), lines + 1
            yield line

    try:
        for row in csv.reader(counted(), delimiter=delimiter):
            if row:
                rows.append(tuple(row))
                ends.append((size, lines))
            else:
                gaps.add(len(rows))
            if limit is not None and len(rows) > limit:
                break
    except csv.Error:
        pass  # a field longer than the sample: what came before it is what can be known
    if not complete and len(rows) > 0 and (limit is None or len(rows) <= limit):
        rows.pop()
        ends.pop()
    return tuple(rows), tuple(ends), frozenset(gaps)
