"""The health of the whole at a day: one call that the command and the screens make."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from core.base.date_text import date_text, during
from core.base.days import Window, iso
from core.base.errors import NotEnoughData
from core.base.segment import EVERYTHING, Segment
from core.catalogue.metric_names import metric_words
from core.catalogue.rating_rules import packaged
from core.detection.quality.end_of_exports import day_to_read
from core.ecosystem.claim_families import Sources, all_claims, groups_by_place, main_shops
from core.ecosystem.completeness import MissingExport, complete_part, missing_exports
from core.ecosystem.fairness.calibration import calibrations, rankings
from core.ecosystem.fairness.exposure import exposure
from core.ecosystem.fairness.mobility import mobility
from core.ecosystem.fairness.outcomes import outcomes
from core.ecosystem.fairness.rating_gaps import fairness
from core.ecosystem.fairness.score_history import ScoreHistory, standings
from core.ecosystem.headline import headline
from core.ecosystem.logged_events import decided_by_log
from core.ecosystem.members import activity
from core.ecosystem.members.activity import WEEKS, Activity
from core.ecosystem.members.member_groups import member_groups
from core.ecosystem.members.newcomers import is_new, newcomers
from core.ecosystem.members.silence_curve import silence_curve
from core.ecosystem.penalties import penalties
from core.ecosystem.results.claim_results import Claim
from core.ecosystem.results.fairness_results import Calibration, GroupGap, Ranking
from core.ecosystem.results.health_results import Concentration, Health, Penalties
from core.ecosystem.risk.risk_leads import risks
from core.ecosystem.service_quality import channels, counted_by_age, known_shares, of_complete_kinds, qualities, waits
from core.ecosystem.spread.concentration import LEAST_MEMBERS, concentrations
from core.workspace.read.rows import risk_rows
from core.workspace.read.workspace import Workspace

_WEEK = 7
_DAYS = _WEEK * WEEKS

T = TypeVar("T")


def health(workspace: Workspace, as_of: int | None = None, where: Segment = EVERYTHING) -> Health:
    """How the ecosystem does at the end of a day, in a segment; by default that on which its exports end.

    Raises UsageError for a segment that does not exist, NotEnoughData when nothing tells who sold or was seen by then.
    """
    return workspace.kept(("health", as_of, where), Health, lambda: _health(workspace, as_of, where))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tested:
    """What ratings and appeals tell, and every claim of the page, decided."""

    gaps: tuple[GroupGap, ...]
    tables: tuple[Calibration, ...]
    rankings: tuple[Ranking, ...]
    appeals: tuple[Penalties, ...]
    claims: tuple[Claim, ...]


def _health(workspace: Workspace, as_of: int | None, where: Segment) -> Health:
    risk_rows.read_with_ratings(workspace)
    # days without data before the day asked for are missing exports here
    day, later = day_to_read(workspace, None, where) if as_of is None else (as_of, ())
    everybody = _active(workspace, day, where)
    missing = missing_exports(workspace, day, where)
    part = complete_part(workspace, where, missing)
    activities = everybody if part == where else activity.read(workspace, day, part)
    histories, errors = standings(workspace, activities, packaged(), part)
    sources = _sources(workspace, day, part, activities, histories, [gap for gap in missing if not gap.market])
    tested = _tested(sources)
    leads, tests = risks(workspace, everybody, day, where, [gap for gap in missing if gap.kind == "traffic"])
    window, before = _windows(workspace.span.first, day)
    spreads = tuple(concentration for side in activities for concentration in concentrations(side))
    by_side = {item.crowd.side: item for item in activities}
    unrated = [f"{side} are not rated: {error}" for side, error in errors.items()]
    return Health(
        as_of=day,
        where=where,
        window=window,
        before=before,
        concentrations=spreads,
        newcomers=tuple(newcomers(side) for side in activities if side.weeks >= activity.BEFORE.stop),
        mobility=tuple(mobility(item) for item in histories if item.before is not None),
        fairness=tested.gaps,
        risk=leads,
        risk_tests=sum(tests.values()),
        risk_kinds=tuple(tests),
        calibration=tested.tables,
        rankings=tested.rankings,
        exposure=_present(exposure(item, by_side[item.side]) for item in histories),
        quality=tuple(qualities(workspace, day, part, sources.ages)),
        channels=tuple(channels(workspace, day, part)),
        activity=tuple(row for item in activities for row in silence_curve(item)),
        penalties=tested.appeals,
        missing=missing,
        left_out=later,
        claims=tested.claims,
        headline=headline(tested.claims, leads),
        notes=(*later, *_of_amounts(workspace), *_notes(workspace, where, activities, missing, spreads, unrated)),
    )


def _sources(
    workspace: Workspace, day: int, part: Segment, activities: tuple[Activity, ...],
    histories: Sequence[ScoreHistory], missing: list[MissingExport],
) -> Sources:  # fmt: skip
    """What the claims rest on; `missing`: exports of which days are missing of every market."""
    creators = next((item for item in activities if item.crowd.side == "creators"), None)
    incomplete = frozenset(gap.kind for gap in missing)
    by_age = counted_by_age(workspace, day, part)
    ages = of_complete_kinds(workspace, waits(workspace, by_age), incomplete)
    return Sources(
        workspace=workspace,
        as_of=day,
        where=part,
        activities=activities,
        standings=tuple(histories),
        groups=member_groups(
            workspace, creators.crowd if creators else None, is_new(creators) if creators else None, day
        ),
        ages=ages,
        known=known_shares(ages, by_age),
        incomplete=incomplete,
        interrupted=frozenset(gap.kind for gap in missing if len(gap.window) >= _WEEK),
    )


def _tested(sources: Sources) -> _Tested:
    """The claims, and the tables that some of them rest on."""
    workspace, histories, day, part = sources.workspace, sources.standings, sources.as_of, sources.where
    by_side = {item.crowd.side: item for item in sources.activities}
    places, shops = groups_by_place(sources), main_shops(sources)
    then = [outcomes(workspace, item, by_side[item.side], places[item.side], part) for item in histories]
    gaps = tuple(
        gap for item in histories for gap in fairness(item, sources.groups, shops if item.side == "creators" else None)
    )
    tables = tuple(row for now, _ in then if now is not None for row in calibrations(now))
    appeals = _present(penalties(workspace, side, day, part) for side in by_side)
    of_appeals = [claim for _, claim in appeals if claim is not None]
    return _Tested(
        gaps=gaps,
        tables=tables,
        rankings=_present(rankings(now, before) for now, before in then if now is not None),
        appeals=tuple(appeal for appeal, _ in appeals),
        claims=decided_by_log(sources, [*all_claims(sources, places, then, gaps, tables), *of_appeals]),
    )


def _windows(first: int, day: int) -> tuple[Window, Window | None]:
    """The four weeks up to a day and those before them, as far as the data reach back."""
    window = Window(day - _DAYS + 1, day)
    before = Window(max(window.first - _DAYS, first), window.first - 1)
    return Window(max(window.first, first), day), before if before.first <= before.last else None


def _present(items: Iterable[T | None]) -> tuple[T, ...]:
    """The items without those that are None."""
    return tuple(item for item in items if item is not None)


def _active(workspace: Workspace, day: int, where: Segment) -> tuple[Activity, ...]:
    """Who did what by a day. Raises NotEnoughData when nobody did anything lately."""
    if day < workspace.span.first:
        raise NotEnoughData(
            f"no data by {date_text(day)}: the workspace begins on {date_text(workspace.span.first)}. Choose a later day."
        )
    activities = activity.read(workspace, day, where)
    if not any(item.active(activity.NOW).any() for item in activities):
        window, last = Window(day - _DAYS + 1, day), max((item.last for item in activities), default=0)
        hint = (
            f"The last activity was on {date_text(last)}: try --as-of {iso(last)}."
            if last
            else "Choose another segment."
            if where
            else "No row names anybody with orders or impressions."
        )
        raise NotEnoughData(f"nobody sold or was seen {during(window)}{f' in {where}' if where else ''}. {hint}")
    return activities


def _of_amounts(workspace: Workspace) -> Iterator[str]:
    """Amounts that do not count, or count as if they were of one currency."""
    profile = workspace.profile(workspace.span)
    yield from map(str, profile.unrated())
    if several := profile.several_currencies():
        yield (
            f"amounts of orders are in {', '.join(several)} and are added up as they are: GMV, its shares and its concentration "
            "mix them. To convert them, name a currency in whydrop.toml"
        )


def _notes(
    workspace: Workspace,
    where: Segment,
    activities: tuple[Activity, ...],
    missing: tuple[MissingExport, ...],
    spreads: tuple[Concentration, ...],
    unrated: list[str],
) -> list[str]:
    notes = (
        [f"{where} is compared with its own past only: leave out --where to compare it with others"] if where else []
    )
    notes += [str(gap) for gap in missing]
    weeks = max((item.weeks for item in activities), default=0)
    if weeks < activity.BEFORE.stop:
        notes.append(
            f"the data begin on {date_text(workspace.span.first)}: too little history to say who joined and who left"
        )
    if weeks < 2 * WEEKS:
        notes.append("no change is tested: that takes eight weeks of data")
    notes += [
        f"no concentration of {metric_words(spread.measure)}, {spread.side}: "
        + (
            f"too few members ({spread.population})"
            if spread.population < LEAST_MEMBERS
            else "the sizes of members fit no distribution"
        )
        for spread in spreads
        if spread.now.gini is None
    ]
    return [*notes, *unrated]
