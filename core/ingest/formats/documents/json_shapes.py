"""The table in a JSON document, in the shapes in which systems answer: lists of objects or of lists, columns, objects by day."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from core.base.frozen import frozen
from core.ingest.formats.documents.chart_shapes import chart_table
from core.ingest.formats.documents.json_series import moment_position, order_lines, points
from core.ingest.formats.documents.json_values import DAY, DEEPEST, flattened, value_text, without_containers

_FEWEST = 3
"""Entries below which an object is one thing and no table of things."""
_NAMES = ("name", "displayName", "display_name", "field", "title", "id")
"""Keys under which a description of a column has its name, the surest first."""
_FIGURE = {"name": "metric", "period": "period"}
"""Keys next to a list of values that name its figure, and what they are called."""
_MOST_PARTS = 8
"""Values of a list that are columns of their own: days and metrics of an answer."""


@frozen
class JsonRows:
    """A table of a document."""

    path: str
    """Where it is."""
    names: Sequence[str]
    rows: Sequence[Sequence[str | None]]
    others: Sequence[str] = ()
    """Where other tables of figures are, which are not read."""


def largest_table(document: Any) -> JsonRows | None:
    """The table with most rows; None when there is none."""
    tables = list(_tables(document, "", 0, document))
    if not tables:
        return None
    result = max(tables, key=lambda table: len(table.rows))
    others = [table.path for table in tables if not _is_within(table.path, result.path) and _has_figures(table)]
    return replace(result, others=[path for path in dict.fromkeys(others) if not _is_within(result.path, path)])


def _is_within(path: str, outer: str) -> bool:
    return not outer or path == outer or path.startswith(f"{outer}.")


def _has_figures(table: JsonRows) -> bool:
    """Whether a table has several rows and numbers among its cells: a list of the names of columns has none."""
    cells = (cell for row in table.rows for cell in row if cell)
    return len(table.rows) >= _FEWEST and any(cell.replace(".", "", 1).isdecimal() for cell in cells)


def _tables(value: Any, path: str, depth: int, document: Any) -> Iterator[JsonRows]:
    if isinstance(value, list):
        if value and all(isinstance(item, dict) for item in value):
            yield _of_objects(path, value, document)
        elif len(value) > 1 and all(isinstance(item, list) for item in value) and _are_names(value[0]):
            yield _of_lists(path, value[0], value[1:])
        elif (series := _of_series(path, {"value": value})) is not None:
            yield series
    elif isinstance(value, dict) and (chart := chart_table(value)) is not None:
        yield JsonRows(path, *chart)
    elif isinstance(value, dict) and depth < DEEPEST:
        yield from _of_object(path, value)
        for key, item in value.items():
            yield from _tables(item, f"{path}.{key}".lstrip("."), depth + 1, document)


def _of_object(path: str, value: Mapping[str, Any]) -> Iterator[JsonRows]:
    """The tables that an object is itself, or makes of two of its lists."""
    lists = [item for item in value.values() if isinstance(item, list) and item]
    named = [names for item in lists if (names := _column_names(item))]
    for rows in lists:
        if all(isinstance(row, list) and not any(isinstance(cell, list | dict) for cell in row) for row in rows):
            names = next((item for item in named if len(item) == len(rows[0])), [])
            if names and rows[0] != names:
                yield _of_lists(path, names, rows)
    if (series := _of_series(path, value)) is not None:
        yield series
    columns = {key: item for key, item in value.items() if _is_column(item)}
    lengths = {len(item) for item in columns.values()}
    if len(columns) > 1 and len(lengths) == 1 and lengths.pop() >= _FEWEST:
        yield JsonRows(
            path, list(columns), list(zip(*(map(value_text, item) for item in columns.values()), strict=True))
        )
    if (turned := _of_days(path, value)) is not None:
        yield turned
        return
    value = {key: item for key, item in value.items() if item not in ([], {}) or not _is_day(key)}
    entries = list(value.values())
    if len(entries) < 2 or not all(isinstance(item, dict) and item for item in entries):
        return
    keys = [list(item) for item in entries]
    if all(own == [*map(str, range(len(own)))] for own in keys) and len(set(map(len, keys))) == 1:
        yield JsonRows(path, list(value), list(zip(*(map(value_text, item.values()) for item in entries), strict=True)))
    elif len(entries) >= _FEWEST and len({frozenset(own) for own in keys}) == 1:
        yield _by_key(path, value)


def _of_series(path: str, value: Mapping[str, Any]) -> JsonRows | None:
    """Lists of pairs of a moment and a figure, of the same moments, as a table of moments; None where there are none."""
    series = {key: item for key, item in value.items() if moment_position(item) is not None}
    moments = [[str(pair[moment_position(item) or 0]) for pair in item] for item in series.values()]
    if not moments or any(own != moments[0] for own in moments) or len(moments[0]) < _FEWEST:
        return None
    figures = [[value_text(pair[1 - (moment_position(item) or 0)]) for pair in item] for item in series.values()]
    return JsonRows(path, ["time", *series], list(zip(moments[0], *figures, strict=True)))


def _of_days(path: str, value: Mapping[str, Any]) -> JsonRows | None:
    """Objects of figures by day, one for each figure, as a table of days; None of any other."""
    entries = list(value.values())
    if not entries or not all(
        isinstance(item, dict) and len(item) >= _FEWEST and all(map(_is_day, item)) for item in entries
    ):
        return None
    if any(isinstance(cell, list | dict) for item in entries for cell in item.values()):
        return None
    days = list(dict.fromkeys(day for item in entries for day in item))
    return JsonRows(path, ["date", *value], [[day, *(value_text(item.get(day)) for item in entries)] for day in days])


def _is_day(text: str) -> bool:
    return bool(DAY.match(text))


def _is_column(item: Any) -> bool:
    return isinstance(item, list) and bool(item) and not any(isinstance(cell, list | dict) for cell in item)


def _by_key(path: str, value: Mapping[str, Mapping[str, Any]]) -> JsonRows:
    """Objects that are alike, by a day, a name, or their number."""
    label = "date" if all(map(_is_day, value)) else "" if all(map(str.isdecimal, value)) else "key"
    rows = [{**({label: key} if label else {}), **flattened(item)} for key, item in value.items()]
    return _of_flat(path, rows)


def _of_lists(path: str, names: Sequence[Any], rows: Sequence[Sequence[Any]]) -> JsonRows:
    return JsonRows(path, list(map(str, names)), [list(map(value_text, row)) for row in rows])


def _of_objects(path: str, rows: Sequence[Mapping[str, Any]], document: Any) -> JsonRows:
    """A list of objects; lists of values inside of each are columns, and a list of objects in each that alone has figures is
    the table, each of its objects with the words of the one that it is in.
    """
    if (parts := order_lines(rows) or points(rows)) is not None:
        return _of_flat(path, parts)
    inner = [key for key, item in rows[0].items() if isinstance(item, list) and item and all(map(_is_object, item))]
    if len(inner) == 1 and all(isinstance(row.get(inner[0]), list) for row in rows):
        outer = [{key: item for key, item in row.items() if key != inner[0]} for row in rows]
        if not any(_is_figure(item) for row in outer for item in row.values()):
            children = [(words, item) for words, row in zip(outer, rows, strict=True) for item in row[inner[0]]]
            if all(_is_object(item) for _, item in children) and len(children) > len(rows):
                rows = [{**words, **item} for words, item in children]
                figures = {tuple(str(row.get(key)) for key in _FIGURE) for row in outer}
                if "name" in rows[0] and "value" in rows[0] and len(figures) == len(outer):
                    # the other words describe the figure
                    rows = [
                        {_FIGURE.get(key, key): row[key] for key in row if key in _FIGURE or key in item}
                        for row, (_, item) in zip(rows, children, strict=True)
                    ]
    spread = {key: names for key in rows[0] if (names := _part_names(key, rows, document))}
    return _of_flat(path, [_flat(row, spread) for row in rows])


def _of_flat(path: str, flat: Sequence[Mapping[str, str | None]]) -> JsonRows:
    names = list(dict.fromkeys(name for row in flat for name in row))
    return JsonRows(path, without_containers(names), [[row.get(name) for name in names] for row in flat])


def _is_figure(item: Any) -> bool:
    """Whether a value is a number, also one written as text, or holds others: it would count once for each object inside."""
    return isinstance(item, int | float | list | dict) or (isinstance(item, str) and bool(_NUMBER.fullmatch(item)))


_NUMBER = re.compile(r"-?\d{1,12}(?:\.\d+)?")


def _is_object(item: Any) -> bool:
    return isinstance(item, dict)


def _flat(row: Mapping[str, Any], spread: Mapping[str, Sequence[str]]) -> dict[str, str | None]:
    result: dict[str, str | None] = {}
    for key, item in row.items():
        if key in spread:
            result |= {name: value_text(_bare(part)) for name, part in zip(spread[key], item, strict=True)}
        else:
            result |= flattened({key: item})
    return result


def _bare(part: Any) -> Any:
    """A value, also of an object that has nothing else (`{"value": "5"}`)."""
    return next(iter(part.values())) if isinstance(part, dict) and len(part) == 1 else part


def _part_names(key: str, rows: Sequence[Mapping[str, Any]], document: Any) -> list[str]:
    """What the values of a list, as long in each row, are called: by a list of names of the document that is called like it,
    else by their place; empty for what is no such list.
    """
    lists = [row.get(key) for row in rows]
    first = lists[0]
    if not isinstance(first, list) or not 0 < len(first) <= _MOST_PARTS:
        return []
    for parts in lists:
        if not isinstance(parts, list) or len(parts) != len(first):
            return []
        if any(isinstance(_bare(part), list | dict) for part in parts):
            return []
    named = next((names for names in _named_lists(document, _stem(key), 0) if len(names) == len(first)), None)
    return named or ([key] if len(first) == 1 else [f"{key}.{at}" for at in range(1, len(first) + 1)])


def _stem(key: str) -> str:
    """What `metricValues`, `metricHeaders` and `metrics` have in common."""
    return key.removesuffix("Values").removesuffix("Headers").rstrip("s").casefold()


def _named_lists(value: Any, stem: str, depth: int) -> Iterator[list[str]]:
    """The lists of names in a document whose key has this stem."""
    if isinstance(value, dict) and depth < DEEPEST:
        for key, item in value.items():
            if _stem(key) == stem and isinstance(item, list) and (names := _column_names(item)):
                yield names
            yield from _named_lists(item, stem, depth + 1)


def _are_names(row: Sequence[Any]) -> bool:
    """Whether a list names columns: different words, none of them a figure or a day."""
    return (
        len(row) > 1
        and all(isinstance(cell, str) and cell and not _is_day(cell) for cell in row)
        and len(set(row)) == len(row)
    )


def _column_names(item: Sequence[Any]) -> list[str]:
    """The names of columns that a list gives: as words, or as descriptions of columns; empty when it does not."""
    if not item:
        return []
    if all(isinstance(name, str) for name in item):
        names = [str(name) for name in item]
        return names if len(set(names)) == len(names) and not any(map(_is_day, names)) else []
    if not all(isinstance(entry, dict) for entry in item):
        return []
    for key in _NAMES:
        names = [str(entry[key]) for entry in item if isinstance(entry.get(key), str)]
        if len(names) == len(item) == len(set(names)):
            return names
    return []
