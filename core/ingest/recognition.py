"""What a table is: which preset or kind, which row is its header, what its columns are called."""

from collections.abc import Collection, Iterable, Iterator, Sequence

from core.base.errors import NoDailyFigures, UsageError, WrongOption, did_you_mean
from core.base.frozen import frozen
from core.catalogue.kinds import KINDS, SLICE, Kind
from core.ingest.formats.batch import Rows
from core.ingest.formats.sniffing import header_row, unique
from core.ingest.headers.appeal_columns import TOGETHER, names_violation
from core.ingest.headers.column_names import english_names, translated
from core.ingest.headers.folding import folded
from core.ingest.headers.id_names import are_of_ledger, are_of_refunds, is_id_name, names_order
from core.ingest.layout import TableRegion
from core.ingest.mapping.column_plan import LISTS, MANY, few, snake
from core.ingest.mapping.mapping_file import Mapping
from core.ingest.presets import preset, preset_heads, presets
from core.ingest.row_kinds import ROWS_READ, carried, figure_columns, filled, header_cells, is_figure, is_mostly
from core.ingest.values.date_columns import is_date
from core.ingest.values.numbers import is_number

_DEPTH = 30
"""How far down a header is looked for."""
SECTION = "::"


@frozen
class RecognizedExport:
    """What a table is taken for."""

    header: int
    """Which of the table's rows is the header."""
    names: tuple[str, ...]
    """What its columns are called, each once."""
    kind: Kind
    mapping: Mapping | None = None
    """A preset, or the user's own mapping; None = the kind's own columns."""
    nearest: str | None = None
    """Of lines that only look like orders: the preset that they are most like. None of what is recognised."""


def recognize(region: TableRegion, as_kind: str | None, mapping: Mapping | None) -> RecognizedExport:
    """What a table is. Raises UsageError when nothing fits, or what was asked for does not."""
    if mapping is not None:
        return _as_mapping(region.rows, mapping)
    if as_kind is not None and as_kind not in KINDS:
        recognized = presets()
        if as_kind not in recognized:
            names = (*KINDS, *recognized)
            near = did_you_mean(as_kind, names)
            raise WrongOption(
                f"no kind or preset {as_kind!r}.{near} Kinds: {', '.join(KINDS)}; whydrop presets lists presets."
            )
        return _as_mapping(region.rows, recognized[as_kind])
    result = (_as_preset(region) if as_kind is None else None) or _as_kind(region, as_kind)
    if result.mapping is None:
        _refuse_repeats(region.rows[result.header], result.kind.columns)
    return result


def _refuse_repeats(header: Sequence[str], columns: Collection[str]) -> None:
    """Raises UsageError when two headers name one column of the kind: which of them counts nobody can say."""
    folded = [cell.strip().casefold() for cell in header]
    repeated = sorted({name for name in folded if folded.count(name) > 1 and name in columns})
    if repeated:
        raise UsageError(f"the column {repeated[0]} appears twice. Remove one of them, or rename it.")


def _headers(rows: Rows, *, sections: bool, figures: bool) -> Iterator[tuple[int, tuple[str, ...]]]:
    """What the columns are called by each of the first rows, those of figures left out unless `figures` are asked for."""
    for position, row in enumerate(rows[:_DEPTH]):
        if figures or _may_name(row):
            if not sections:
                yield position, unique(row)
            elif position:
                yield position, unique(_sectioned(rows[position - 1], row))


def _sectioned(above: Sequence[str], row: Sequence[str]) -> list[str]:
    """`section::header`, a section reaching until the next; columns before the first section keep their names."""
    sections = carried([*above, *[""] * len(row)])
    pairs = zip(sections, row, strict=False)
    return [f"{section}{SECTION}{cell.strip()}" if section and cell.strip() else cell for section, cell in pairs]


def _as_preset(region: TableRegion) -> RecognizedExport | None:
    """The preset that knows most columns of a header which has all those that it is recognised by."""
    best, most = None, (0, 0)
    headers = {
        sections: [
            (position, names, frozenset(english_names(names)))
            for position, names in _headers(region.rows, sections=sections, figures=False)
        ]
        for sections in (False, True)
    }
    for head in preset_heads():
        for position, names, recognized in headers[head.sections]:
            if not head.telling or any(recognized.isdisjoint(synonyms) for synonyms in head.telling):
                continue
            mapping = preset(head.name)
            if mapping.recognises(names, recognized) and not _tells_figures(region, position, names, mapping):
                kind = mapping.settings.kind.name
                if kind == "orders" and are_of_ledger(map(snake, recognized)):
                    continue
                below = region.rows[position + 1 :]
                if kind == "daily" and (_has_only_words(below, names, mapping) or _has_others(below, names, mapping)):
                    continue
                score = (len(mapping.known & recognized), len(mapping.recognised_by))
                if score > most:
                    best, most = RecognizedExport(position, names, mapping.settings.kind, mapping), score
    return best


def _tells_figures(region: TableRegion, position: int, names: Sequence[str], mapping: Mapping) -> bool:
    """Whether a column that would slice the preset's export, and is called so in another language only, holds figures: a word
    such as `video` names many things.
    """
    called = translated(tuple(names)).names
    slices = {
        folded(name)
        for entry in mapping.entries
        if entry.plan.target in mapping.settings.dimensions and not is_id_name(entry.plan.target)
        for name in entry.names
    }
    foreign = [name for name, english in called.items() if folded(english) in slices and folded(name) not in slices]
    return bool(foreign) and not set(foreign).isdisjoint(figure_columns(names, region.rows[position + 1 :]))


def _has_only_words(rows: Rows, names: Sequence[str], mapping: Mapping) -> bool:
    """Whether the rows have no figure except the day and the dimensions of a preset: a change log has dates and contents too."""
    english = english_names(names)
    sliced = {"date", *mapping.settings.dimensions}
    words = {
        english.get(folded(name)) for entry in mapping.entries if entry.plan.target in sliced for name in entry.names
    }
    others = [at for at, name in enumerate(names) if name not in words]
    cells = (row[at] for row in rows[:ROWS_READ] for at in others if at < len(row))
    return bool(rows) and not any(letter.isdigit() for cell in cells for letter in cell)


def _has_others(rows: Rows, names: Sequence[str], mapping: Mapping) -> bool:
    """Whether a preset that keeps all figures knows fewer columns than there are columns of words which it does not know: days,
    devices and impressions are in the reports of many systems.
    """
    english = english_names(names)
    known = {english[name] for name in mapping.known if name in english}
    others = [at for at, name in enumerate(names) if name not in known]
    words = [at for at in others if is_mostly(rows[:ROWS_READ], at, lambda cell: not is_figure(cell))]
    return mapping.others == "measures" and len(words) > len(known)


def _may_name(row: Sequence[str]) -> bool:
    """Whether a row could be a header: not one of figures."""
    return sum(map(is_figure, filled(row))) <= len(row) / 2


def _as_mapping(rows: Rows, mapping: Mapping) -> RecognizedExport:
    headers = [*_headers(rows, sections=mapping.sections, figures=True)]
    headers += [(position, unique(header_cells(rows, position))) for position in range(len(rows[:_DEPTH]))]
    position, names = max(headers, key=lambda header: len(mapping.known & english_names(header[1]).keys()))
    return RecognizedExport(position, names, mapping.settings.kind, mapping)


def _as_kind(region: TableRegion, as_kind: str | None) -> RecognizedExport:
    position = _header_of(region)
    names = unique(header_cells(region.rows, position))
    below = region.rows[position + 1 :]
    if as_kind is not None:
        return RecognizedExport(position, names, KINDS[as_kind])
    figures = frozenset(figure_columns(names, below))
    likely = [kind for kind in _likely_kinds(names, figures) if not _are_reviews(kind, names, figures, below)]
    if likely:
        return RecognizedExport(position, names, likely[0])
    english = english_names(names)
    is_ledger = are_of_ledger(map(snake, english)) or are_of_refunds(english)
    if any(map(names_order, english)) and not is_ledger:
        return RecognizedExport(position, names, KINDS["orders"], nearest=_nearest(region.rows))
    read = below[:ROWS_READ]
    has_days = any(is_mostly(read, at, is_date) for at in range(len(names)))
    if not has_days and not any(map(is_number, (cell for row in read for cell in row))):
        if any(map(names_violation, names)):
            raise NoDailyFigures(f"it has no days and no figures ({few(names, MANY)}).{TOGETHER}")
        raise NoDailyFigures(
            f"not recognised: no kind of export and no preset has the columns {few(names, MANY)}, and none of them "
            f"holds figures. {_nearest(region.rows)}Name its kind with --as, or map its columns with --map FILE.toml "
            "(start from: whydrop inspect)."
        )
    if not is_ledger:
        _refuse_incomplete_orders(english)
    return RecognizedExport(position, names, KINDS["daily"])


def _are_reviews(kind: Kind, names: Sequence[str], figures: Collection[str], rows: Rows) -> bool:
    """Whether rows with the columns of a list are reviews without an id: several of one product, or each with its day. A column
    of figures that is called reviews says how many it has.
    """
    english = {snake(name): own for name, own in english_names(names).items()}
    words = [own for name, own in english.items() if name.startswith("review") and own not in figures]
    if kind.name not in LISTS or "rating" not in english or not words:
        return False
    read = rows[:ROWS_READ]
    at = names.index(english[kind.required[0]])
    ids = filled([row[at] for row in read if at < len(row)])
    return len(set(ids)) < len(ids) or any(is_mostly(read, names.index(own), is_date) for own in words)


def _likely_kinds(header: Iterable[str], figures: Iterable[str] = ()) -> list[Kind]:
    """The kinds whose required columns are all there, the most telling first; `daily` when nothing else fits.

    `figures` are the columns of numbers: `daily` keeps those that `traffic` does not know.
    """
    names = {snake(name) for name in english_names(header)}
    measured = {snake(name) for name in figures}

    def fits(kind: Kind) -> bool:
        telling = not kind.telling or any(name in names for name in kind.telling)
        # only an order and what is said of it has an order's name
        of_order = "order_id" not in names or "order_id" in kind.columns
        if "date" in names and (kind.name == "videos" or (kind.name in LISTS and measured - kind.columns.keys())):
            return False  # figures of days, not of a lifetime
        return kind.name != "daily" and names.issuperset(kind.required) and telling and of_order

    def score(kind: Kind) -> tuple[int, int]:
        return (len(kind.required), len(names & kind.columns.keys()) - len(names & set(SLICE)))

    result = sorted((kind for kind in KINDS.values() if fits(kind)), key=score, reverse=True)
    own = measured - KINDS["traffic"].columns.keys()
    if result and result[0].name == "traffic" and own:
        result.insert(0, KINDS["daily"])
    return result or ([KINDS["daily"]] if "date" in names else [])


def _refuse_incomplete_orders(english: Collection[str]) -> None:
    """Raises UsageError for an export of orders of a known system that lacks one of the columns it is recognised by: its lines
    are no days of figures.
    """
    columns = frozenset(english) | frozenset(map(snake, english))
    for head in preset_heads():
        if head.kind == "orders" and len(head.recognised_by) >= _SURE:
            lacks = [item for item in head.recognised_by if not any(folded(name) in columns for name in item)]
            surest = [item for item in head.recognised_by if folded(item[0]) in columns]
            if len(lacks) == 1 and len(surest) == len(head.recognised_by) - 1:  # other names are those of many tables
                raise UsageError(
                    f"it has the columns of the preset {head.name} without {lacks[0][0]!r}. Export it with that column, or "
                    "map its columns with --map FILE.toml (start from: whydrop inspect). If its lines are no orders: --as daily."
                )


_SURE = 5
"""Columns that a preset is recognised by, all but one of which no other table has by chance."""


def _header_of(region: TableRegion) -> int:
    if region.header is not None:
        return region.header
    recognized = {column for kind in KINDS.values() for column in kind.columns}
    position = header_row(region.rows[:_DEPTH], lambda name: snake(name) in recognized)
    if position is None:
        refuse_other_widths(region.rows)
        raise UsageError(
            "no header: the first rows are all figures. The first line must name the columns, separated by commas, "
            "semicolons, tabs or |."
        )
    return position


def refuse_other_widths(rows: Rows) -> None:
    """Raises UsageError when the first line could be a header, but all below it have another number of cells."""
    widths = [len(row) for row in rows]
    if len(rows) > 1 and not any(is_number(cell) or is_date(cell) for cell in rows[0]) and widths[0] not in widths[1:]:
        raise UsageError(
            f"its header ({few(rows[0], MANY)}) has {widths[0]} cells, and no row below it has as many: "
            f"the first has {widths[1]}. Is a column without a name, or a quotation mark not closed?"
        )


def _nearest(rows: Rows) -> str:
    """The kind or preset that shares most columns with some row, and what it lacks to be that."""
    best, most = "", (1, 0.0)
    for row in rows[:_DEPTH]:
        names = english_names(unique(row))
        columns_by_name = frozenset(names) | frozenset(map(snake, names))
        for name, recognized, requested in _wanted():
            lacks = [item[0] for item in requested if not any(folded(column) in columns_by_name for column in item)]
            score = (len(columns_by_name & recognized), 1 - len(lacks) / len(requested))
            if lacks and score > most:
                best, most = f"Nearest is {name}, which also has {', '.join(lacks)}. ", score
    return best


def _wanted() -> Iterator[tuple[str, frozenset[str], Rows]]:
    """Every kind and preset: its name, all columns that it knows, and those that tell it, each with its other names."""
    for kind in KINDS.values():
        telling = [(name,) for name in kind.required]
        yield f"the kind {kind.name}", frozenset(kind.columns), [*telling, *([kind.telling] if kind.telling else [])]
    for mapping in presets().values():
        if mapping.recognised_by:
            yield f"the preset {mapping.name}", mapping.known, mapping.recognised_by
