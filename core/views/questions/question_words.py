"""What people write in questions - days, segments, clocks - read against what a workspace holds."""

import shlex
from datetime import date
from typing import cast, get_args

from core.base.day_words import parse_days, parse_one_day
from core.base.days import Day, Window, parse_day
from core.base.errors import NotEnoughData, UsageError, did_you_mean
from core.base.segment import Segment
from core.catalogue.country_names import countries_called
from core.detection.quality.end_of_exports import newest_covered
from core.workspace.read.cube_query import Clock
from core.workspace.read.rating_rows import name_in_rows
from core.workspace.read.workspace import Workspace

_MOST_KNOWN = 8
"""Values that an error line lists."""
_COUNTRIES = "market"
"""The dimension whose values are ISO countries."""


def read_window(workspace: Workspace, text: str) -> Window | None:
    """The days that a text means; None for no text. Raises UsageError."""
    return parse_days(text, workspace.span, _today(workspace)) if text.strip() else None


def read_day(workspace: Workspace, text: str) -> Day | None:
    """The day that a text means; None for no text. Raises UsageError."""
    return parse_one_day(text, _today(workspace)) if text.strip() else None


def window_or_since(workspace: Workspace, window: str, since: str) -> Window | None:
    """The days of --window, or those from --since to the newest one; None where neither is said. Raises UsageError."""
    if window and since:
        raise UsageError("use either --window or --since.")
    return read_window(workspace, f"{since}.." if since else window)


def read_baseline(workspace: Workspace, text: str) -> str:
    """A baseline whose days are written in ISO form; other words stay. Raises UsageError."""
    return str(read_window(workspace, text)) if ".." in text else text


def read_segment(workspace: Workspace, text: str) -> Segment:
    """The segment that a text means; names may be written as in the files, values in any case, and countries by name.

    Raises UsageError that lists the known values, and for two names of one dimension.
    """
    sliced = set(workspace.dimensions)  # what else can be asked about, such as roles, is checked by who knows it
    written = Segment.parse(text)
    terms = {_dimension(workspace, name): values for name, values in written.terms}
    if len(terms) < len(written.terms):
        raise UsageError(f"the segment {text!r} names a dimension twice. Write NAME=A|B for either value.")
    return Segment.of(
        {
            name: [_value(workspace, name, value) for value in values] if name in sliced else values
            for name, values in terms.items()
        }
    )


def read_changed_segment(workspace: Workspace, text: str) -> Segment:
    """The segment that a change was made in. Raises UsageError that names one of the data where the text is empty, NotEnoughData
    where the data has none.
    """
    if text:
        return read_segment(workspace, text)
    segments = (Segment.of({name: value}) for name in workspace.dimensions for value in workspace.values(name) if value)
    example = next(segments, None)
    if example is None:
        raise NotEnoughData(
            "a change is compared with unchanged segments, and the data has no dimension. Load rows with one, such as a market."
        )
    raise UsageError(
        f"verify needs --where: the segment that was changed, such as --where {shlex.quote(str(example))}."
    )


def read_dimensions(workspace: Workspace, *texts: str) -> list[str]:
    """The dimensions that texts list with commas, each once; names may be written as in the files. Others stay as they are."""
    return list(dict.fromkeys(_dimension(workspace, name) for name in read_names(*texts)))


def _dimension(workspace: Workspace, name: str) -> str:
    """A dimension as the workspace calls it, of a name as a file calls it."""
    dimensions = workspace.dimensions
    if name in dimensions:
        return name
    from core.ingest.mapping.column_plan import snake  # late: only for a name that is no dimension as it stands

    return snake(name) if snake(name) in dimensions else name


def read_names(*texts: str) -> list[str]:
    """The names that texts list with commas, each once."""
    names = (name.strip() for text in texts for name in text.split(","))
    return list(dict.fromkeys(filter(None, names)))


def read_value(workspace: Workspace, dimension: str, text: str) -> str:
    """The value of a dimension that a text means, in any case, countries by name. Raises UsageError."""
    workspace.check_dimensions([dimension])
    return _value(workspace, dimension, text)


def _value(workspace: Workspace, dimension: str, text: str) -> str:
    present = workspace.values(dimension)
    text = name_in_rows(workspace, dimension, text)
    if text in present:
        return text
    by_fold = {value.casefold(): value for value in present}
    if text.casefold() in by_fold:
        return by_fold[text.casefold()]
    for code in countries_called(text) if dimension == _COUNTRIES else ():
        if code.casefold() in by_fold:
            return by_fold[code.casefold()]
    listed = [value for value in present if value]
    more = f" and {len(listed) - _MOST_KNOWN:,} more" if len(listed) > _MOST_KNOWN else ""
    values = f"{', '.join(listed[:_MOST_KNOWN])}{more}" if listed else "none"
    raise UsageError(f"no {dimension} {text!r} in the data.{did_you_mean(text, listed)} Known: {values}.")


def _today(workspace: Workspace) -> Day:
    """The day that words count from: the calendar's, but at most the day after the newest one that exports cover."""
    return min(parse_day(date.today().isoformat()), newest_covered(workspace, workspace.span.last)[0] + 1)


def read_clock(text: str) -> Clock:
    """The clock of that name. Raises UsageError."""
    if text in get_args(Clock):
        return cast(Clock, text)
    raise UsageError(f"no clock {text!r}. It is order (the day of the order) or event (the day that it happened).")
