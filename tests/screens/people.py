"""A person to look at: a scorecard that never changes."""

from core.ratings.rating_results import (
    Component,
    EvidenceRow,
    Held,
    ImprovementStep,
    Movement,
    Rating,
    ScoreCard,
    Scorecard,
    Shift,
)
from tests.views.boards import COMPONENTS, DAY, NASTY, SINCE, WEIGHTS


def _component(name: str, points: float, weight: float, is_share: bool = True) -> Component:
    return Component(
        name=name, value=0.02, peer_value=0.03, reference=0.03, points=points, weight=weight, interval=(0.01, 0.04), n=90.0,
        k=2.0, cases=120, bad=3, a=1.0, b=30.0, run=10.0, is_share=is_share,
    )  # fmt: skip


def _card(account: str, role: str, points: tuple[float, ...], before: tuple[float, ...], grade: str) -> ScoreCard:
    now, then = sum(points), sum(before)
    parts = tuple(
        _component(name, part, weight, name != "compliance")
        for name, part, weight in zip(COMPONENTS, points, WEIGHTS, strict=True)
    )
    shifts = tuple(
        Shift(
            component=name,
            before=old,
            after=new,
            change=new - old,
            entering=new - old - 0.5,
            weights=0.0,
            leaving=0.25,
            peers=0.25,
            rules=0.0,
        )
        for name, old, new in zip(COMPONENTS, before, points, strict=True)
    )
    rating = Rating(
        side="creators",
        id=account,
        person_id="H1",
        role=role,
        market="ID",
        score=now,
        interval=(now - 6, now + 6),
        grade=grade,
        rank=2,
        peers=14,
        orders=150,
        gmv=1200.0,
        would_be=grade,
        ended=None,
        newcomer=False,
        components=parts,
        peer_group="role and market",
    )
    move = Movement(
        since=SINCE,
        until=DAY,
        before=then,
        after=now,
        change=now - then,
        grade_before="A",
        grade_after=grade,
        shifts=shifts,
    )
    cases = (
        EvidenceRow(
            component="content", day=DAY - 2, order_id="O'7", what=f"review: 1 star {NASTY}", weight=0.95, charged=True
        ),
        EvidenceRow(component="", day=DAY - 9, order_id="O8", what="refund: late", weight=0.8, charged=False),
    )
    path = (
        ImprovementStep(
            component="content",
            target="A",
            of_next=150,
            at_most=3,
            expected=15.0,
            fewer=12.0,
            text="12 fewer bad reviews of the next 150 orders: at most 3",
        ),
    )
    return ScoreCard(
        rating=rating, movement=move, cases=cases, path=path, grades=((SINCE - 60, "P"), (SINCE, "A"), (DAY - 3, grade))
    )


def scorecard(id_: str = "C1", side: str = "creators") -> Scorecard:
    """Two accounts of one person, one of them in two roles, and a role without a card."""
    held = tuple(Held(account, role, DAY - 400, None) for account, role in (("C1", "affiliate"), ("C1", "agency")))
    cards = (
        _card("C1", "affiliate", (40.0, 20.0, 18.0), (40.0, 28.0, 18.0), "A"),
        _card("C1", "live_host", (30.0, 25.0, 15.0), (38.0, 25.0, 17.0), "B"),
        _card("C2", "affiliate", (20.0, 10.0, 10.0), (21.0, 14.0, 5.0), "D"),
    )
    held_by = ("C1", "C2")
    whose = "sellers" if side == "sellers" else "creators"
    return Scorecard(
        side=whose,
        id=id_,
        person_id="H1",
        as_of=DAY,
        accounts=held_by,
        roles=held,
        score=66.0,
        interval=(60.0, 72.0),
        grade="B",
        cards=cards,
        weights=(0.5, 0.2, 0.3),
        rules="2026.1",
    )
