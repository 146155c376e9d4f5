"""The health of the whole at a day: one call that the command and the screens make."""

from core.base.days import Window, iso
from core.base.errors import NotEnoughData
from core.base.segment import EVERYTHING, Segment
from core.catalogue.rating_rules import packaged
from core.ecosystem import activity
from core.ecosystem.activity import WEEKS, Activity
from core.ecosystem.concentration import concentrations
from core.ecosystem.fairness.calibration import calibrations
from core.ecosystem.fairness.exposure import exposures
from core.ecosystem.fairness.mobility import mobility
from core.ecosystem.fairness.rating_gaps import fairness
from core.ecosystem.fairness.score_history import ScoreHistory, standing
from core.ecosystem.health_results import Health
from core.ecosystem.newcomers import newcomers
from core.ecosystem.risk.risk_leads import risks
from core.ecosystem.service_quality import channels, qualities
from core.ratings.rate import newest_day
from core.workspace.read.workspace import Workspace

_DAYS = 7 * WEEKS


def health(workspace: Workspace, as_of: int | None = None, where: Segment = EVERYTHING) -> Health:
    """How the ecosystem does at the end of a day, in a segment; by default the newest on which anybody there sold or was seen.

    Raises UsageError for a segment that does not exist, NotEnoughData when nothing tells who sold or was seen by then.
    """
    return workspace.kept(("health", as_of, where), Health, lambda: _health(workspace, as_of, where))


def _health(workspace: Workspace, as_of: int | None, where: Segment) -> Health:
    day = newest_day(workspace) if as_of is None else as_of
    if day < workspace.span.first:
        raise NotEnoughData(
            f"no data by {iso(day)}: the workspace begins on {iso(workspace.span.first)}. Choose a later day."
        )
    found = activity.read(workspace, day, where)
    last = max((one.last for one in found), default=0)
    if as_of is None and 0 < last < day:
        day, found = last, activity.read(workspace, last, where)
    window = Window(day - _DAYS + 1, day)
    if not any(one.active(activity.NOW).any() for one in found):
        hint = f"The last to do so did on {iso(last)}: try --as-of {iso(last)}." if last else "Choose another segment."
        raise NotEnoughData(f"nobody sold or was seen in {window}{f' in {where}' if where else ''}. {hint}")
    leads, tests = risks(workspace, [one.crowd for one in found], day, where)
    standings, unrated = _standings(workspace, found, where)
    known = [one for one in found if one.weeks >= activity.BEFORE.stop]
    notes = (
        () if known else (f"the data begin on {iso(workspace.span.first)}: too late to tell who came and who went.",)
    )
    return Health(
        as_of=day,
        where=where,
        window=window,
        before=window.shifted(-_DAYS),
        concentrations=tuple(one for side in found for one in concentrations(side)),
        newcomers=tuple(newcomers(side) for side in known),
        mobility=tuple(mobility(one) for one in standings if one.before is not None),
        fairness=tuple(group for one in standings for group in fairness(one)),
        risk=leads,
        risk_tests=tests,
        calibration=tuple(group for one in standings for group in calibrations(one)),
        exposure=tuple(exposures(standings, found)),
        quality=tuple(qualities(workspace, day, where)),
        channels=tuple(channels(workspace, day, where)),
        notes=(*notes, *unrated),
    )


def _standings(
    workspace: Workspace, activities: tuple[Activity, ...], where: Segment
) -> tuple[list[ScoreHistory], list[str]]:
    """Everybody's ratings, and a line for each side that cannot be rated."""
    rules = packaged()
    found: list[ScoreHistory] = []
    notes: list[str] = []
    for side in activities:
        try:
            found.append(standing(workspace, side, rules, where))
        except NotEnoughData as error:
            notes.append(f"{side.crowd.side} are not rated: {error}")
    return found, notes
