"""Rows a day: days and slices that are missing, sources that stop, a newest day that is not over, jumps."""

from collections.abc import Iterator

import numpy as np

from core.base.arrays import Floats
from core.base.days import Window, iso
from core.base.segment import Segment
from core.detection.quality.quality_issue import QualityIssue
from core.workspace.read.row_profile import Profile
from core.workspace.read.workspace import Workspace

_USUAL_DAYS = 56
_FEW_ROWS = 5.0
"""A source with fewer rows a day is not expected to have some every day."""
_ALMOST_NONE, _STOPPED_DAYS = 0.1, 3
"""A source has stopped when its last days, at least so many, have less than this share of the usual rows."""
_JUMP, _DOUBLED = 1.8, (1.8, 2.2)
_JUMP_NOISE = 6.0
_LATELY = 60
_HOURS_EARLY = 2.0
_NAMED = 5
_SLICED = ("market", "channel", "device")
_SNAPSHOTS = frozenset({"traffic", "daily"})
"""Their rows are slices of days: how many there are says nothing of how much happened."""


def row_issues(profile: Profile, end: int) -> Iterator[QualityIssue]:
    """All that the numbers of rows tell; `end` is the last day of the data."""
    for kind in profile.kinds:
        span, rows = profile.spans[kind], profile.rows_by_day(kind).astype(float)
        usual = _usual(rows)
        stop = _stop(rows, usual, end - span.last)
        if stop is not None:
            yield _stopped(kind, span, rows, usual, stop, end)
        stop = len(rows) if stop is None else stop
        yield from _missing(kind, span, rows[:stop], usual)
        if kind in _SNAPSHOTS:
            yield from _jumps(kind, span, rows[:stop], usual)
        yield from _missing_slices(profile, kind, span, stop)
        if stop == len(rows) and span.last == end:
            yield from _partial(profile, kind, span, rows, usual)


def newest_whole_day(workspace: Workspace) -> int:
    """The newest day on which no source is only partly there."""
    last = workspace.span.last
    profile = workspace.profile(Window(max(workspace.span.first, last - _LATELY), last))
    for kind in profile.kinds:
        span, rows = profile.spans[kind], profile.rows_by_day(kind).astype(float)
        if span.last == last and len(span) > 1 and any(_partial(profile, kind, span, rows, _usual(rows))):
            return last - 1
    return last


def _usual(rows: Floats) -> Floats:
    """The median of the days before each day, as far as they go back."""
    return np.array(
        [np.median(rows[max(0, day - _USUAL_DAYS) : day]) if day >= 14 else np.nan for day in range(len(rows))]
    )


def _stop(rows: Floats, usual: Floats, silent: int) -> int | None:
    """The day (index) from which a source brings almost nothing to the end of the data, which is `silent` days after its last."""
    left = np.cumsum(rows[::-1])[::-1] / (np.arange(len(rows), 0, -1) + silent)
    long = np.arange(len(rows), 0, -1) + silent >= _STOPPED_DAYS
    with np.errstate(invalid="ignore"):
        over = (usual >= _FEW_ROWS) & (left < _ALMOST_NONE * usual) & (rows < 1.5 * _ALMOST_NONE * usual) & long
    if over.any():
        return int(over.argmax())
    lately = np.median(rows[-_USUAL_DAYS:])
    return len(rows) if silent >= _STOPPED_DAYS and lately >= _FEW_ROWS else None


def _stopped(kind: str, span: Window, rows: Floats, usual: Floats, stop: int, end: int) -> QualityIssue:
    before = usual[stop] if stop < len(rows) else float(np.median(rows[-_USUAL_DAYS:]))
    return QualityIssue(
        "stopped_source", "fail",
        f"{kind} all but stop on {iso(span.first + stop)}: {int(rows[stop:].sum())} rows up to {iso(end)}, {before:.0f} a day "
        "before. The export ends there; what is counted after it is no drop.",
        Window(span.first + stop, end), frozenset({kind}),
    )  # fmt: skip


def _missing(kind: str, span: Window, rows: Floats, usual: Floats) -> Iterator[QualityIssue]:
    with np.errstate(invalid="ignore"):
        gone = np.flatnonzero((rows == 0) & (usual[: len(rows)] >= _FEW_ROWS))
    # A source may rest on one weekday: the last three of them must have had rows.
    gone = np.array([day for day in gone if day >= 21 and (rows[[day - 7, day - 14, day - 21]] > 0).all()], np.int64)
    if len(gone):
        named = ", ".join(iso(span.first + int(day)) for day in gone[-_NAMED:])
        more = f" and {len(gone) - _NAMED} more days" if len(gone) > _NAMED else ""
        yield QualityIssue(
            "missing_days", "fail", f"no rows of {kind} on {named}{more}. Load the exports of these days.",
            Window(span.first + int(gone[max(0, len(gone) - _NAMED)]), span.first + int(gone[-1])), frozenset({kind}),
        )  # fmt: skip


def _jumps(kind: str, span: Window, rows: Floats, usual: Floats) -> Iterator[QualityIssue]:
    usual = usual[: len(rows)]
    with np.errstate(invalid="ignore", divide="ignore"):
        change = np.log(np.where((rows > 0) & (usual >= _FEW_ROWS), rows / usual, np.nan))
    noise = 1.4826 * np.nanmedian(np.abs(change)) if np.isfinite(change).any() else 0.0
    big = np.abs(np.nan_to_num(change)) > max(np.log(_JUMP), _JUMP_NOISE * noise)
    for day in np.flatnonzero(big)[-1:]:
        ratio = float(np.exp(change[day]))
        if day >= len(rows) - _LATELY:
            doubled = _DOUBLED[0] <= ratio <= _DOUBLED[1]
            yield QualityIssue(
                "row_jumps", "fail" if doubled else "warn",
                f"{kind} has {rows[day]:.0f} rows on {iso(span.first + int(day))}, {ratio:.1f} times the usual {usual[day]:.0f}."
                + (" It looks loaded twice." if doubled else ""),
                Window(span.first + int(day), span.first + int(day)), frozenset({kind}),
            )  # fmt: skip


def _missing_slices(profile: Profile, kind: str, span: Window, stop: int) -> Iterator[QualityIssue]:
    for dimension in _SLICED:
        if dimension not in profile.dimensions_of(kind) or stop < _USUAL_DAYS // 2:
            continue
        values, rows = profile.rows_by_value(kind, dimension)
        rows = rows[:, :stop]
        usual = np.median(rows[:, -_USUAL_DAYS:], axis=1)
        last = stop - 1 - np.argmax(rows[:, ::-1] > 0, axis=1)
        gone = np.flatnonzero((usual >= _FEW_ROWS) & (stop - 1 - last >= 2))
        for one in gone if len(gone) < len(values) else ():
            since = span.first + int(last[one]) + 1
            yield QualityIssue(
                "missing_slices", "fail" if kind in _SNAPSHOTS else "warn",
                f"no rows of {kind} with {dimension}={values[one]} since {iso(since)} ({usual[one]:.0f} a day before), "
                "while the others go on.",
                Window(since, span.first + stop - 1), frozenset({kind}), where=Segment.of({dimension: values[one]}),
            )  # fmt: skip


def _partial(profile: Profile, kind: str, span: Window, rows: Floats, usual: Floats) -> Iterator[QualityIssue]:
    """The newest day, when its orders stop hours before others' do, or only part of its slices are there."""
    share = rows[-1] / usual[-1] if usual[-1] >= _FEW_ROWS else 1.0
    if kind == "orders":
        last = profile.last_order_by_day()
        before = last[-29:-1]
        if not np.isfinite(last[-1]) or np.isfinite(before).sum() < 14 or not usual[-1] >= _FEW_ROWS:
            return
        early = float(np.nanmedian(before) - last[-1])
        scatter = float(np.nanmedian(np.abs(before - np.nanmedian(before))))
        if early > max(_HOURS_EARLY, 6 * scatter):
            text = f"its last order comes {early:.1f} hours earlier than usual, with {share:.0%} of the usual orders"
            yield _not_whole(kind, span, text)
    elif kind in _SNAPSHOTS and share < 1 / _JUMP:
        yield _not_whole(kind, span, f"it has {rows[-1]:.0f} rows, {share:.0%} of the usual {usual[-1]:.0f}")


def _not_whole(kind: str, span: Window, text: str) -> QualityIssue:
    return QualityIssue(
        "partial_newest_day", "fail", f"{kind} of {iso(span.last)} are not all here: {text}. Load the day again when it is over.",
        Window(span.last, span.last), frozenset({kind}),
    )  # fmt: skip
