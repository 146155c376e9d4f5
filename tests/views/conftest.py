"""A shop of two markets whose figures can be counted by hand."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.base.days import iso, parse_day
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load

LAST = parse_day("2026-03-15")
DAYS = 70
"""Days of data, the last one is LAST; in the last seven, clicks in TH are 20 a day instead of 50."""


def _traffic() -> Iterator[str]:
    yield "date,market,channel,impressions,clicks"
    for day in range(DAYS):
        at, wave = iso(LAST - DAYS + 1 + day), day % 3
        yield f"{at},ID,live,{1000 + wave},{100 + wave}"
        yield f"{at},TH,video,500,{(20 if day >= DAYS - 7 else 50) + wave}"


def _orders() -> Iterator[str]:
    """Ten sellers sell one thing a day each; every tenth order is refunded a day later."""
    yield "order_id,ordered_at,paid_at,gmv,currency,market,channel,seller_id,creator_id,buyer_id,refunded_at,refund_amount"
    for day in range(DAYS):
        at = iso(LAST - DAYS + 1 + day)
        for shop in range(10):
            number = day * 10 + shop
            back = f"{iso(LAST - DAYS + 2 + day)},10" if number % 10 == day % 10 else ","
            market, channel = ("ID", "live") if shop < 6 else ("TH", "video")
            yield f"o{number},{at},{at},10,USD,{market},{channel},s{shop},c{shop % 4},b1,{back}"


def _reviews() -> Iterator[str]:
    yield "review_id,reviewed_at,rating,text,order_id"
    yield "r1,2026-03-10,1,arrived broken write to me@shop.com,o600"
    yield "r2,2026-03-12,2,arrived late and broken,o601"
    yield "r3,2026-03-12,5,lovely,o602"


def _events() -> Iterator[str]:
    yield "event_id,starts_at,kind,title,market"
    yield "e1,2026-03-09,outage,Payments down,TH"
    yield "e2,2026-03-12,release,New app,"
    yield "e3,2026-01-20,campaign,Long ago,"


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace file; tests that write copy it."""
    folder = tmp_path_factory.mktemp("views")
    for name, lines in (("traffic", _traffic()), ("orders", _orders()), ("reviews", _reviews()), ("events", _events())):
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n")
        load(folder / "shop.db", [folder / f"{name}.csv"], as_kind=name)
    return folder / "shop.db"


@pytest.fixture
def workspace(shop: Path) -> Iterator[Workspace]:
    """The open workspace."""
    with Workspace.open(shop) as opened:
        yield opened
