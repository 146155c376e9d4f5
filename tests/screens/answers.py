"""Answers about channels, complaints and matches that never change."""

from core.base.baseline import Baseline
from core.base.days import Window
from core.base.segment import EVERYTHING, Segment
from core.channels.channel_results import ChannelChange, Channels, StepFigures, TrafficMove
from core.matching.match_results import Match, Matches, Reason
from core.views.complaint_texts import ComplaintText
from core.views.funnel_view import DailyGmv, Funnel
from core.voice.voice_results import Theme, ThemeSegment, Voice
from tests.screens.conftest import LAST, NASTY, WEEK


def _channel(name: str, actual: float, expected: float, share: float) -> ChannelChange:
    """A channel whose traffic was as expected and whose payments were not."""
    change = actual - expected
    return ChannelChange(
        channel=name, actual=actual, expected=expected, change=change, volume=100.0, mix=0.0, rate=change - 100.0,
        rates={"ctr": 10.0, "payment_rate": change - 110.0}, interval=(change - 50, change + 50), intervals={},
        share=share, share_expected=share,
        funnel={
            "impressions": StepFigures(1000.0, 990.0), "orders": StepFigures(50.0, 50.0), "gmv": StepFigures(actual, expected),
            "payment_rate": StepFigures(0.5, 0.9), "refund_rate": StepFigures(0.01, 0.03),
        },
    )  # fmt: skip


def funnel() -> Funnel:
    """Three channels, one of them with a hostile name; refunds are incomplete."""
    rows = (_channel("live", 600.0, 1000.0, 0.5), _channel(NASTY, 300.0, 350.0, 0.3), _channel("", 90.0, 100.0, 0.2))
    sums = {
        name: sum(getattr(row, name) for row in rows)
        for name in ("actual", "expected", "change", "volume", "mix", "rate")
    }
    move = TrafficMove(
        share=0.05,
        source="live",
        target="search",
        effect=-12.0,
        interval=(-30.0, 4.0),
        elasticities={"live": 0.9, "search": 0.7},
    )
    result = Channels(
        window=WEEK, baseline=Baseline("expected", WEEK.shifted(-28)), where=EVERYTHING,
        steps=("impressions", "clicks", "orders", "paid_orders", "gmv"), channels=rows, move=move, **sums,
    )  # fmt: skip
    return Funnel(result=result, incomplete=frozenset({"refund_rate"}), currency="USD")


def daily_gmv() -> DailyGmv:
    """Eight weeks of GMV; the last one is lower."""
    days = Window(WEEK.last - 55, WEEK.last)
    live = tuple(80.0 if day in WEEK else 140.0 + 10 * (day % 7) for day in range(days.first, days.last + 1))
    total = tuple(2 * value for value in live)
    return DailyGmv(days=days, total=total, by_channel={"live": live, NASTY: live, "": live}, events=())


def _theme(key: str, name: str, orders: int, lost: float, rose: bool) -> Theme:
    segment = ThemeSegment(where=Segment.of({"seller_id": "S1"}), orders=9, share=0.2, elsewhere=0.01, p_value=1e-6)
    return Theme(
        theme=key, name=name, owner="logistics", orders=orders, share=orders / 1000, share_before=0.01,
        change=orders / 1000 - 0.01, p_value=0.001 if rose else 0.4, rose=rose, money_lost=lost, interval=(lost / 2, lost * 2),
        segments=(segment,), words=("late", "box"), quotes=(NASTY,),
    )  # fmt: skip


def voice() -> Voice:
    """Two themes, one of them new."""
    themes = (
        _theme("delivery", "Late or missing delivery", 40, 800.0, True),
        _theme("quality", "Poor quality or damaged", 12, 90.0, False),
    )
    return Voice(
        window=WEEK, before=WEEK.shifted(-7), where=EVERYTHING, order_lines=1000, texts=60, silent=3, themes=themes, rising=()
    )  # fmt: skip


def texts() -> tuple[ComplaintText, ...]:
    """What buyers wrote."""
    return (
        ComplaintText(review_id="R2", day=LAST, rating=1, themes=("delivery",), text=NASTY),
        ComplaintText(review_id="R1", day=LAST - 1, rating=2, themes=("delivery", "quality"), text="late, and broken"),
    )


def matches(*_: object, creator_id: str | None = None, product_id: str | None = None) -> Matches:
    """Two matches of whoever is asked about."""
    reasons = (
        Reason(signal="refunds", words="seldom refunded", share=0.2, value=0.01, usual=0.034),
        Reason(
            signal="shared_paths", words="reached through", share=0.6, value=7, usual=0.3, out_of=9, names=("P8", "P9")
        ),
    )
    pairs = tuple(
        Match(
            creator_id=creator_id or f"C{number}", product_id=product_id or f"P{number}", score=1 / number, reasons=reasons,
            expected_gmv=100.0 / number, interval=(10.0, 300.0), newcomer=number == 2, refund_rate=0.02,
        )
        for number in (1, 2)
    )  # fmt: skip
    return Matches(
        creator_id=creator_id, product_id=product_id, matches=pairs, considered=36, gated=2, gate_price=5.0, damping_price=0.0,
        floor_price=0.0,
        learnt_from=100,
    )  # fmt: skip
