"""Leads: members whose pattern is unusual for their peers, with a limit on false ones over everything that is tested.

A lead is no verdict. Each says what was seen and what is usual, so that a person can look.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.base.arrays import Flags, Ints
from core.base.days import Window
from core.base.row_order import distinct
from core.base.segment import Segment
from core.catalogue.rating_rules import packaged
from core.detection.distributions import q_values
from core.ecosystem.completeness import MissingExport
from core.ecosystem.members.activity import COLUMNS, Activity
from core.ecosystem.results.health_results import Risk
from core.ecosystem.risk.review_patterns.review_bursts import LAGS
from core.ecosystem.risk.tests_of_side import WEEKS, Columns, Tested, is_late, tests_of_side
from core.ratings.cases.order_facts import NONE, reason_codes
from core.workspace.read import rating_rows
from core.workspace.read.rows import risk_rows
from core.workspace.read.workspace import Workspace

FALSE_DISCOVERIES = 0.02
"""Where nothing is wrong, one page in fifty has any lead."""
_MOST = 100.0
_OF_REVIEWS = frozenset({"review_burst", "hourly_reviews", "identical_reviews", "raised_reviews"})
_CLEARLY = 1.25
"""Times the purity of creators that a shop's must be to be named in their place."""
_RING, _LEAST_OWN = 3, 5
"""Creators who are named in the place of a shop at most, and rows of the lead that each has at least."""
_NEARLY_ALL, _TIMES = 0.8, 3.0
"""Part of the rows of a shop's lead that come through these, and by how many times the odds of its other rows."""
_LINKED = 0.5
"""Share of the suspected lines of one lead that belong to another from which on both are one pattern."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lead:
    """A lead with the rows that make it up."""

    risk: Risk
    column: str
    member: int
    source: str
    """orders or reviews."""
    rows: Flags


def risks(
    workspace: Workspace,
    activities: Sequence[Activity],
    as_of: int,
    where: Segment,
    missing_traffic: Sequence[MissingExport],
) -> tuple[tuple[Risk, ...], dict[str, int]]:
    """The leads of the last eight weeks, most unusual first, and of how many tests of each kind; `missing_traffic`: runs of
    days without traffic."""
    crowds = [activity.crowd for activity in activities]
    window = Window(as_of - 7 * (WEEKS + LAGS) + 1, as_of)
    orders = risk_rows.orders(workspace, window, where)
    # of the buyer's own accord, by whatever rules ratings are
    excuses = reason_codes(rating_rows.words(workspace, "refund_reason"), packaged()) == NONE
    orders["excused"] = ((orders["refunded"] > 0) & excuses[orders["refund_reason"]]).astype(np.int64)
    reviews = risk_rows.reviews(workspace, window, where)
    texts = risk_rows.repeated_texts(workspace, window)
    creators = next((item for item in activities if item.crowd.side == "creators"), None)
    unseen: dict[str, set[int]] = {}
    for gap in missing_traffic:
        unseen.setdefault(gap.market, set()).update(
            (as_of - day) // 7 for day in range(gap.window.first, gap.window.last + 1)
        )
    tests = [
        test
        for activity in activities
        for test in tests_of_side(activity, creators, as_of, orders, reviews, texts, unseen)
    ]
    p_values = [test.leads.p_value for test in tests]
    number: Counter[str] = Counter()
    for test in tests:
        number[test.leads.kind] += len(test.leads.p_value)
    if not number.total():
        return (), {}
    least_rates = np.split(q_values(np.concatenate(p_values)), np.cumsum([len(values) for values in p_values])[:-1])
    late = {source: is_late(rows, as_of) for source, rows in (("orders", orders), ("reviews", reviews))}
    places = {
        source: {COLUMNS[crowd.side]: crowd.names.place[rows[COLUMNS[crowd.side]][late[source]]] for crowd in crowds}
        for source, rows in (("orders", orders), ("reviews", reviews))
    }
    buyers = _buyers({name: orders[name][late["orders"]] for name in ("buyer_id", "day", "refunded")}, as_of)
    leads = [
        _lead(test, at, float(q_value[at]), places, buyers)
        for test, q_value in zip(tests, least_rates, strict=True)
        for at in np.flatnonzero(q_value <= FALSE_DISCOVERIES).tolist()
    ]
    leads.sort(key=lambda lead: (lead.risk.p_value, lead.risk.kind, *lead.risk.subject.items()))
    names = next((item.crowd.names.words for item in activities if item.crowd.side == "creators"), ())
    return tuple(_at_creators(_right_doors(leads, places), places, names)), dict(+number)


def _lead(
    tested: Tested, at: int, q_value: float, sources: Mapping[str, Mapping[str, Ints]], buyers: Mapping[str, Ints]
) -> _Lead:
    leads = tested.leads
    p_value, member, cell = float(leads.p_value[at]), int(leads.member[at]), int(leads.cell[at])
    risk = Risk(
        subject={tested.column: tested.names[member]},
        kind=leads.kind,
        score=min(-10 * float(np.log10(max(p_value, 1e-300))), _MOST),
        p_value=p_value,
        q_value=q_value,
        reasons=leads.reasons(cell),
    )
    source = "reviews" if leads.kind in _OF_REVIEWS else "orders"
    here = sources[source].get(tested.column)
    if leads.rows is not None:
        rows = leads.rows(cell)
    elif here is None:  # a person has no rows
        rows = np.zeros(0, bool)
    else:
        rows = _repeated(here == member, buyers.get(leads.kind, buyers[""])) if source == "orders" else here == member
    return _Lead(risk=risk, column=tested.column, member=member, source=source, rows=rows)


def _buyers(orders: Columns, as_of: int) -> Mapping[str, Ints]:
    """Kind of lead -> a number for whom each line counts among those who come back; "" = any other kind."""
    buyer, week = orders["buyer_id"], (as_of - orders["day"]) // 7
    weekly = np.where(buyer > 0, distinct(buyer * WEEKS + week)[1] + 1, 0)
    return {
        "refund_ring": np.where(orders["refunded"] > 0, buyer, 0),
        "shared_buyers": buyer,
        "shared_regulars": buyer,
        "": weekly,
    }


def _right_doors(result: list[_Lead], sources: Mapping[str, Mapping[str, Ints]]) -> list[_Lead]:
    """The leads without those of a shop whose pattern is that of creators, or the other way round.

    When most rows of a lead belong to leads of the other side too, it is dropped if the pattern is a larger part of all that
    their members do; a shop in whose place creators can be named must be clearly purer than they are. `sources`:
    kind of row -> column -> place of each row's member.
    """
    return [item for item in result if not _is_shadow(item, result, sources[item.source])]


def _is_shadow(item: _Lead, result: list[_Lead], members: Mapping[str, Ints]) -> bool:
    same = [mate for mate in result if mate.source == item.source and len(mate.rows) == len(item.rows)]
    mates = [mate for mate in same if mate.column not in {item.column, "person_id"} and (mate.rows & item.rows).any()]
    if not mates or item.column not in members:
        return False
    theirs = np.logical_or.reduce([mate.rows for mate in mates])
    if (item.rows & theirs).sum() < _LINKED * item.rows.sum():
        return False
    side = [mate for mate in same if mate.column == item.column and (mate.rows & theirs).any()]
    ours = np.logical_or.reduce([mate.rows for mate in side])
    own, others = _purity(ours, side, members), _purity(theirs, mates, members)
    if (ours & theirs).sum() < _LINKED * theirs.sum():
        # a shop that stands out by itself does not hide a creator of whose orders nearly all are odd
        return others >= own
    # a shop that sells through hardly anybody else looks like its creator: it is named only where it is clearly the purer
    return others > _CLEARLY * own if item.column == "creator_id" else _CLEARLY * others >= own


def _at_creators(leads: list[_Lead], sources: Mapping[str, Mapping[str, Ints]], names: Sequence[str]) -> Iterator[Risk]:
    """The leads, that of a shop as those of the few creators through whom nearly all of its pattern comes, if there are such.

    Of eight rings of three creators who bought through one shop, four were the shop's leads; in all its pattern came to 81 to
    100 % through the three, who had 27 to 83 % of its lines. `names`: of creators by place.
    """
    told = {(lead.risk.kind, lead.member) for lead in leads if lead.column == "creator_id"}
    for lead in leads:
        ring = _ring(lead, sources[lead.source]) if lead.column == "seller_id" else {}
        rows, (shop,) = "reviews" if lead.source == "reviews" else "order lines", lead.risk.subject.values()
        at_shop = tuple(f"at {shop}: {reason}" for reason in lead.risk.reasons)
        for creator, lines in ring.items():
            if (lead.risk.kind, creator) not in told:
                own = f"{lines} of the {lead.rows.sum()} {rows} of a pattern at {shop} came through it"
                yield replace(lead.risk, subject={"creator_id": names[creator]}, reasons=(own, *at_shop))
        if not ring:
            yield lead.risk


def _ring(lead: _Lead, members: Mapping[str, Ints]) -> dict[int, int]:
    """Place of each of up to three creators through whom nearly all rows of a shop's lead come, far more than of its other rows,
    and how many do; none where there are no such."""
    creator = members.get("creator_id")
    if creator is None or not lead.rows.any():
        return {}
    inside, others = lead.rows, (members["seller_id"] == lead.member) & ~lead.rows
    lines = np.bincount(creator[inside & (creator > 0)], minlength=1)
    ring = [at for at in np.argsort(-lines, kind="stable")[:_RING].tolist() if lines[at] >= _LEAST_OWN]
    came, usual = (int(np.isin(creator[rows], ring).sum()) for rows in (inside, others))
    rest, usual_rest = int(inside.sum()) - came, int(others.sum()) - usual
    is_theirs = (came + 0.5) * (usual_rest + 0.5) >= _TIMES * (usual + 0.5) * (rest + 0.5)
    return {at: int(lines[at]) for at in ring} if is_theirs and came >= _NEARLY_ALL * (came + rest) else {}


def _purity(rows: Flags, leads: list[_Lead], members: Mapping[str, Ints]) -> float:
    """What part of all rows of the leads' members make up the leads."""
    return float(rows.sum()) / max(float(np.isin(members[leads[0].column], [lead.member for lead in leads]).sum()), 1.0)


def _repeated(here: Flags, buyer: Ints) -> Flags:
    """Lines of a member by buyers who have several there; `buyer`: a number for each buyer of a week, 0 = not known."""
    chosen = here & (buyer > 0)
    return np.asarray(chosen & (np.bincount(buyer, chosen)[buyer] > 1))
