"""Answers that take long, kept with the state of the workspace: a second look costs next to nothing.

The rooms that compute them are imported when they are needed: together they take 0.4 s, which the first page need not wait for.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.base.days import Window
from core.base.segment import EVERYTHING, Segment
from core.detection.findings import Check, Scan
from core.indexes.index_results import IndexValue
from core.workspace.read.workspace import Workspace

if TYPE_CHECKING:
    from core.channels.channel_results import Channels
    from core.channels.traffic_move import MoveRequest
    from core.ecosystem.results.health_results import Health
    from core.matching.match_results import Matches
    from core.voice.voice_results import Voice


def kept_scan(workspace: Workspace, as_of: int | None = None) -> Scan:
    """The incidents that are on at a day (the newest by default). Raises what `find_incidents` raises."""
    from core.incidents.kept_incidents import find_incidents

    return workspace.kept(("scan", as_of), Scan, lambda: find_incidents(workspace, as_of=as_of))


def kept_checks(workspace: Workspace) -> tuple[Check, ...]:
    """All checks of the data, those that found something first."""

    def make() -> tuple[Check, ...]:
        from core.detection.quality.data_quality import check

        return check(workspace)

    return workspace.kept(("checks",), tuple[Check, ...], make)


def kept_channels(
    workspace: Workspace,
    *,
    window: Window | None = None,
    baseline: str = "expected",
    where: Segment = EVERYTHING,
    by: Sequence[str] = (),
    move: "MoveRequest | None" = None,
) -> "Channels":
    """The funnel of every channel. Raises what `channels` raises."""
    from core.channels.channel_results import Channels
    from core.channels.channels import channels

    words = ("channels", window, baseline, where, tuple(by), move)
    return workspace.kept(
        words, Channels, lambda: channels(workspace, window=window, baseline=baseline, where=where, by=by, move=move)
    )


def kept_voice(workspace: Workspace, *, window: Window | None = None, where: Segment = EVERYTHING) -> "Voice":
    """What buyers complain about. Raises what `voice` raises."""
    from core.voice.voice import voice
    from core.voice.voice_results import Voice

    return workspace.kept(("voice", window, where), Voice, lambda: voice(workspace, window=window, where=where))


def kept_health(workspace: Workspace, as_of: int | None = None, where: Segment = EVERYTHING) -> "Health":
    """The health of the whole. Raises what `health` raises."""
    from core.ecosystem.health import health
    from core.ecosystem.results.health_results import Health

    return workspace.kept(("health", as_of, where), Health, lambda: health(workspace, as_of, where))


def kept_index_drops(workspace: Workspace, where: Segment = EVERYTHING) -> tuple[IndexValue, ...]:
    """The indexes that got worse on the newest days. Raises what `index_drops` raises."""

    def make() -> tuple[IndexValue, ...]:
        from core.indexes.indexes import index_drops  # brings scipy: 0.3 s

        return index_drops(workspace, where)

    return workspace.kept(("index drops", where), tuple[IndexValue, ...], make)


def kept_match(workspace: Workspace, *, creator_id: str | None = None, product_id: str | None = None) -> "Matches":
    """The best products of a creator, or the best creators of a product. Raises what `match` raises."""
    from core.matching.match import match
    from core.matching.match_results import Matches

    words = ("match", creator_id, product_id)
    return workspace.kept(words, Matches, lambda: match(workspace, creator_id=creator_id, product_id=product_id))
