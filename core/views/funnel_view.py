"""The shopping funnel of every channel, and which of its figures late-arriving data may still change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.base.days import Window
from core.base.segment import EVERYTHING, Segment
from core.channels.channel_results import Channels
from core.channels.traffic_move import MoveRequest
from core.detection.quality.end_of_exports import newest_to_judge
from core.views.kept_answers import kept_channels
from core.views.metric_series import series
from core.workspace.read.event_log import Event
from core.workspace.read.workspace import Workspace

_DAYS = 56
"""Days drawn: eight weeks show the rhythm of the week and a trend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Funnel:
    """What the channels did, and how far that can be judged."""

    result: Channels
    incomplete: frozenset[str]
    """Steps and rates that are incomplete at the end of the window: they look lower than they will be."""
    currency: str
    """Of amounts; empty where it is not known."""


def funnel(
    workspace: Workspace,
    *,
    window: Window | None = None,
    baseline: str = "expected",
    where: Segment = EVERYTHING,
    by: Sequence[str] = (),
    move: MoveRequest | None = None,
) -> Funnel:
    """The funnel of every channel versus its baseline. Raises what `channels` raises."""
    result = kept_channels(workspace, window=window, baseline=baseline, where=where, by=by, move=move)
    newest, _ = newest_to_judge(workspace)
    names = {name for row in result.channels for name in row.funnel}
    late = {name for name in names if result.window.last > newest - _days_until_complete(workspace, name)}
    return Funnel(result=result, incomplete=frozenset(late), currency=workspace.currency)


def _days_until_complete(workspace: Workspace, name: str) -> int:
    """Of what is counted for a step or a rate: a rate is as complete as the two steps next to which it stands."""
    metrics = workspace.catalogue.metrics
    measures = metrics[name].measures() if name in metrics else ()
    return max((metrics[measure].mature_after_days for measure in measures if measure in metrics), default=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyGmv:
    """GMV of each day around the window of a funnel."""

    days: Window
    total: tuple[float, ...]
    """Of all channels, one value a day."""
    by_channel: Mapping[str, tuple[float, ...]]
    """Channel -> one value a day."""
    events: tuple[Event, ...]
    """What began on `days`."""


def daily_gmv(workspace: Workspace, result: Channels) -> DailyGmv:
    """GMV by day and channel up to the end of the window. Raises NotEnoughData without orders."""
    first = min(result.window.first, max(workspace.span.first, result.window.last - _DAYS + 1))
    days = Window(first, result.window.last)
    lines = series(workspace, "gmv", days, result.where, ("channel",))
    return DailyGmv(
        days=days,
        total=tuple(lines.values.sum(axis=0).tolist()),
        by_channel={key[0]: tuple(values.tolist()) for key, values in zip(lines.keys, lines.values, strict=True)},
        events=tuple(event for event in workspace.events(days.first, days.last) if event.window.first in days),
    )
