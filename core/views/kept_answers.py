"""Answers that take long, kept with the state of the workspace: a second look costs next to nothing.

The rooms that compute them are imported when they are needed: together they take 0.4 s, which the first page need not wait for.
"""

from collections.abc import Sequence

from core.base.days import Window
from core.base.segment import EVERYTHING, Segment
from core.channels.channel_results import Channels
from core.channels.traffic_move import MoveRequest
from core.detection.findings import Scan
from core.matching.match_results import Matches
from core.voice.voice_results import Voice
from core.workspace.read.workspace import Workspace


def kept_scan(workspace: Workspace, as_of: int | None = None) -> Scan:
    """The incidents that are on at a day (the newest by default). Raises what `find_incidents` raises."""
    from core.incidents.incident_scan import find_incidents

    return workspace.kept(("scan", as_of), Scan, lambda: find_incidents(workspace, as_of=as_of))


def kept_channels(
    workspace: Workspace,
    *,
    window: Window | None = None,
    baseline: str = "expected",
    where: Segment = EVERYTHING,
    by: Sequence[str] = (),
    move: MoveRequest | None = None,
) -> Channels:
    """The funnel of every channel. Raises what `channels` raises."""
    from core.channels.channels import channels

    words = ("channels", window, baseline, where, tuple(by), move)
    return workspace.kept(
        words,
        Channels,
        lambda: channels(workspace, window=window, baseline=baseline, where=where, by=by, move=move),
    )


def kept_voice(workspace: Workspace, *, window: Window | None = None, where: Segment = EVERYTHING) -> Voice:
    """What buyers complain about. Raises what `voice` raises."""
    from core.voice.voice import voice

    return workspace.kept(("voice", window, where), Voice, lambda: voice(workspace, window=window, where=where))


def kept_match(workspace: Workspace, *, creator_id: str | None = None, product_id: str | None = None) -> Matches:
    """The best products of a creator, or the best creators of a product. Raises what `match` raises."""
    from core.matching.match import match

    words = ("match", creator_id, product_id)
    return workspace.kept(words, Matches, lambda: match(workspace, creator_id=creator_id, product_id=product_id))
