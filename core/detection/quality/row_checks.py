"""Rows a day: days and slices that are missing, sources that stop, a newest day that is not over, jumps."""

from collections.abc import Iterator

import numpy as np

from core.base.arrays import Flags, Floats
from core.base.count_text import count
from core.base.date_text import date_range, date_text, during
from core.base.days import Window
from core.detection.quality.breaks.ended_slices import ended_slices
from core.detection.quality.newest_days.newest_cubes import newest_cubes
from core.detection.quality.newest_days.unfinished_day import hours_early, unfinished_days
from core.detection.quality.quality_issue import QualityIssue
from core.detection.quality.row_streams import FAR, SNAPSHOTS, RowStream, row_streams
from core.workspace.read.profile.row_profile import Profile
from core.workspace.read.workspace import Workspace

_USUAL_DAYS = 56
_FEW_ROWS = 5.0
"""A source with fewer rows a day is not expected to have some every day."""
_CHANCE = 0.05
_ALMOST_NONE, _STOPPED_DAYS = 0.1, 3
"""A source has stopped when its last days, at least so many, have less than this share of the usual rows."""
_NONE_BY_CHANCE = 15.0
"""Orders that the newest days would usually bring, so that none is not chance (e^-15)."""
_JUMP, _DOUBLED = 1.8, (1.8, 2.2)
_JUMP_NOISE = 6.0
_WITH_ROWS = 0.5
"""Measures jump with the rows when they change by at least this share of it, on a logarithmic scale."""
_LATELY = 60
_NAMED = 5
_FEW_DAYS = 6
"""When no more days than this have rows in the last two months, the newest ones may be stray."""


def row_issues(profile: Profile) -> Iterator[QualityIssue]:
    """All that the numbers of rows tell."""
    streams = row_streams(profile)
    end = max((stream.last for stream in streams), default=0)
    for stream in streams:
        yield from _stray(stream)
        rows, usual = stream.rows, usual_rows(stream.rows)
        stop = _stop(stream, usual, end)
        if stop is not None:
            yield _stopped(stream, stop, end)
        stop = len(rows) if stop is None else stop
        yield from _missing(stream, rows[:stop], usual)
        if stream.kind in SNAPSHOTS:
            yield from _jumps(profile, stream, rows[:stop], usual)
        if stop == len(rows):
            yield from _newest(profile, stream, usual, end)
    for kind in profile.kinds:
        stops = [stream.last for stream in streams if stream.kind == kind]
        yield from ended_slices(profile, kind, max(stops))


def stray_issues(profile: Profile) -> Iterator[QualityIssue]:
    """The days whose dates cannot be right, as they lie more than a year from all others."""
    for stream in row_streams(profile):
        yield from _stray(stream)


def future_issues(workspace: Workspace) -> Iterator[QualityIssue]:
    """The days of each kind that lie after the day on which they were loaded, and do not stretch the span."""
    span, loaded = workspace.span, workspace.newest_load
    if loaded is None:
        return
    end, last = max(span.last, loaded + 1), min(workspace.whole_span.last, span.last + FAR)
    if last <= end:
        return
    profile = workspace.profile(Window(end + 1, last))
    for kind, days in profile.spans.items():
        rows = int(profile.rows_by_day(kind).sum())
        yield QualityIssue(
            "stray_days", "fail",
            f"{kind} has {count(rows, 'row')} {during(days)}, after the "
            f"day of the load ({date_text(loaded)}): a wrong date, or a plan?",
            days, frozenset({kind}),
        )  # fmt: skip


def newest_whole_day(workspace: Workspace) -> int:
    """The newest day with rows, or the one before those of which some source's rows look incomplete.

    Stray days far from all others do not count. Exports may have ended before it (`end_of_exports.newest_covered`).
    """
    span = workspace.span
    window = Window(max(span.first, span.last - _LATELY), span.last)
    streams = row_streams(workspace.profile(window))
    if sum(len(stream.rows) for stream in streams) <= _FEW_DAYS < len(span):
        streams = row_streams(workspace.profile(span))
        window = Window(span.first, max(stream.last for stream in streams))
        window = Window(max(window.first, window.last - _LATELY), window.last)
    last, profile = window.last, workspace.profile(window)
    of_rows = [
        issue
        for stream in row_streams(profile)
        if len(stream.rows) > 1
        for issue in _newest(profile, stream, usual_rows(stream.rows), last)
    ]
    of_figures = () if of_rows else unfinished_days(newest_cubes(workspace, window))
    unfinished = (issue.days.first for issue in (*of_rows, *of_figures) if issue.status == "fail")
    return min(unfinished, default=last + 1) - 1


def usual_rows(rows: Floats) -> Floats:
    """The median of the days before each day, as far as they go back; shape (days,)."""
    return np.array(
        [np.median(rows[max(0, day - _USUAL_DAYS) : day]) if day >= 14 else np.nan for day in range(len(rows))]
    )


def _few(stream: RowStream) -> float:
    """Rows a day below which a source is not expected to have some every day: a snapshot may have one row a day."""
    return 1.0 if stream.kind in SNAPSHOTS else _FEW_ROWS


def _stray(stream: RowStream) -> Iterator[QualityIssue]:
    for day in stream.stray:
        yield QualityIssue(
            "stray_days", "fail",
            f"{stream.name}: rows on {date_text(day)}, more than a year from all others "
            f"({date_range(Window(stream.first, stream.last))}): "
            "a wrong date?",
            Window(day, day), frozenset({stream.kind}), stream.measures,
        )  # fmt: skip


def _stop(stream: RowStream, usual: Floats, end: int) -> int | None:
    """The day (index) from which a source brings almost nothing up to the last day of all data, `end`; None if it goes on."""
    rows, silent = stream.rows, stream.working_days(Window(stream.last + 1, end))
    stop = ceased(rows, usual, _few(stream), silent)
    if stop is not None:
        return stop
    lately = np.median(rows[-_USUAL_DAYS:])
    return len(rows) if silent >= _STOPPED_DAYS and lately >= _few(stream) and len(rows) >= _USUAL_DAYS // 2 else None


def ceased(rows: Floats, usual: Floats, few: float = _FEW_ROWS, silent: int = 0) -> int | None:
    """The first day (index) of the last days with almost no rows compared with the `usual_rows`; None when there are none.

    `few`: usual rows below which nothing is expected every day; `silent`: days without rows after the last one.
    """
    days = np.arange(len(rows), 0, -1) + silent
    left = np.cumsum(rows[::-1])[::-1] / days
    with np.errstate(invalid="ignore"):
        stopped = (usual >= few) & (left < _ALMOST_NONE * usual) & (rows < 1.5 * _ALMOST_NONE * usual)
    stopped &= days >= _STOPPED_DAYS
    return int(stopped.argmax()) if stopped.any() else None


def _stopped(stream: RowStream, stop: int, end: int) -> QualityIssue:
    rows = stream.rows
    before, left = float(np.median(rows[max(0, stop - _USUAL_DAYS) : stop])), int(rows[stop:].sum())
    return QualityIssue(
        "stopped_source", "fail",
        f"rows of {stream.name} nearly stop on {date_text(stream.first + stop)}: {left} up to {date_text(end)}, "
        f"{before:.0f} a day before. The export ends there: ignore later figures.",
        Window(stream.first + stop, end), frozenset({stream.kind}), stream.measures,
    )  # fmt: skip


def _missing(stream: RowStream, rows: Floats, usual: Floats) -> Iterator[QualityIssue]:
    with np.errstate(invalid="ignore"):
        empty = (rows == 0) & (usual[: len(rows)] >= _few(stream))
    gone = np.flatnonzero(empty if stream.kind in SNAPSHOTS else empty & ~_by_chance(rows, usual[: len(rows)]))
    # A source may rest on one weekday: the last three of them must have had rows.
    gone = np.array([day for day in gone if day >= 21 and (rows[[day - 7, day - 14, day - 21]] > 0).all()], np.int64)
    if len(gone):
        named = ", ".join(date_text(stream.first + int(day)) for day in gone[-_NAMED:])
        others = len(gone) - _NAMED
        more = f" and {count(others, 'more day')}" if others > 0 else ""
        yield QualityIssue(
            "missing_days", "fail", f"no rows of {stream.name} on {named}{more}. Load the exports of these days.",
            Window(stream.first + int(gone[max(0, len(gone) - _NAMED)]), stream.first + int(gone[-1])),
            frozenset({stream.kind}), stream.measures,
        )  # fmt: skip


def _by_chance(rows: Floats, usual: Floats) -> Flags:
    """The days that are empty, with those next to them, where so many independent rows a day leave some day empty by chance: of
    179 days with five reviews each, one has none.
    """
    runs = np.cumsum(rows > 0)
    lengths = np.bincount(runs, rows == 0)[runs]
    result: Flags = (rows == 0) & (len(rows) * np.exp(-usual * lengths) > _CHANCE)
    return result


def _jumps(profile: Profile, stream: RowStream, rows: Floats, usual: Floats) -> Iterator[QualityIssue]:
    change, limit = _row_changes(rows, usual[: len(rows)])
    for index in np.flatnonzero(np.abs(change) > limit)[::-1]:
        if index < len(rows) - _LATELY:
            return
        day = stream.first + int(index)
        ratio = float(np.exp(change[index]))
        if not _sums_jump(profile, stream, day, ratio):
            continue
        doubled = _DOUBLED[0] <= ratio <= _DOUBLED[1]
        yield QualityIssue(
            "row_jumps", "fail" if doubled else "warn",
            f"{stream.name}: {rows[index]:.0f} rows on {date_text(day)}, {ratio:.1f} times the usual {usual[index]:.0f}."
            + (" It looks loaded twice." if doubled else ""),
            Window(day, day), frozenset({stream.kind}), stream.measures,
        )  # fmt: skip
        return


def _row_changes(rows: Floats, usual: Floats) -> tuple[Floats, float]:
    """By how much (log) the rows of each day differ from the usual ones, 0 where nothing is usual, and the least jump."""
    with np.errstate(invalid="ignore", divide="ignore"):
        change = np.log(np.where((rows > 0) & (usual >= _FEW_ROWS), rows / usual, np.nan))
    noise = 1.4826 * np.nanmedian(np.abs(change)) if np.isfinite(change).any() else 0.0
    return np.nan_to_num(change), max(float(np.log(_JUMP)), _JUMP_NOISE * float(noise))


def _sums_jump(profile: Profile, stream: RowStream, day: int, ratio: float) -> bool:
    """Whether the measures jump with the rows: a version that takes its users from another brings rows and nothing more."""
    index = day - profile.spans[stream.kind].first
    changes = []
    for name, values in profile.sums_by_day(stream.kind).items():
        before = np.median(values[max(0, index - _USUAL_DAYS) : index])
        if before > 0 and (not stream.measures or name in stream.measures):
            changes.append(values[index] / before)
    return not changes or bool(np.median(changes) ** np.sign(ratio - 1) > max(ratio, 1 / ratio) ** _WITH_ROWS)


def _newest(profile: Profile, stream: RowStream, usual: Floats, end: int) -> Iterator[QualityIssue]:
    """The newest day, when its orders stop hours before others' do, or only part of its slices are there; or the days up to
    `end`, the last of all data, when no order came on them and that is no chance."""
    if stream.last < end:
        yield from _without_orders(stream, usual, Window(stream.last + 1, end))
    else:
        yield from _partial(profile, stream, usual)


def _without_orders(stream: RowStream, usual: Floats, days: Window) -> Iterator[QualityIssue]:
    """One or two newest days of which there are other rows, but no order: those of more days are a source that stopped."""
    silent = stream.working_days(days)
    if stream.kind == "orders" and silent < _STOPPED_DAYS and silent * usual[-1] >= _NONE_BY_CHANCE:
        yield QualityIssue(
            "partial_newest_day", "fail",
            f"no rows of {stream.name} {during(days)}, {usual[-1]:.0f} a day before, while other exports go on. Load the orders "
            "of these days, or find out why nothing was bought: without any, they are left out.",
            days, frozenset({stream.kind}), stream.measures,
        )  # fmt: skip


def _partial(profile: Profile, stream: RowStream, usual: Floats) -> Iterator[QualityIssue]:
    """The newest day, when its orders stop hours before others' do, or only part of its slices are there."""
    share = stream.rows[-1] / usual[-1] if usual[-1] >= _FEW_ROWS else 1.0
    if stream.kind == "orders":
        early = hours_early(profile.last_order_by_day()) if usual[-1] >= _FEW_ROWS else 0.0
        if early:
            text = f"its last order comes {early:.1f} hours earlier than usual, with {share:.0%} of the usual orders"
            yield _not_whole(stream, text)
    elif stream.kind in SNAPSHOTS and usual[-1] >= _FEW_ROWS and _falls(stream.rows, usual):
        yield _not_whole(stream, f"it has {stream.rows[-1]:.0f} rows, {share:.0%} of the usual {usual[-1]:.0f}")


def _falls(rows: Floats, usual: Floats) -> bool:
    """Whether the newest day has fewer rows than noise explains: rows that are events vary by day, those of slices do not."""
    change, limit = _row_changes(rows, usual)
    return bool(change[-1] < -limit)


def _not_whole(stream: RowStream, text: str) -> QualityIssue:
    return QualityIssue(
        "partial_newest_day", "fail",
        f"rows of {stream.name} on {date_text(stream.last)} are not all here: {text}. Load the day again when it is over.",
        Window(stream.last, stream.last), frozenset({stream.kind}), stream.measures,
    )  # fmt: skip
