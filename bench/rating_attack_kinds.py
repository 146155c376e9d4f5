"""Ways to buy a rating, or to spoil a rival's: changes of the exports of a made-up marketplace.

Each returns how many orders it takes.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

Row = dict[str, str]
Tables = dict[str, list[Row]]
Attack = Callable[[Tables, str], int]
_TIMES, _PARTS = 500, 5
_DAYS, _A_DAY, _RING, _ACCOUNTS, _BESIDE = 60, 2, 12, 8, 30
"""Days of a slow attack and orders a day; buyers of a ring; buyer accounts on one device; good orders for each bad one."""


def _good(tables: Tables, who: str) -> list[Row]:
    """Paid and delivered orders of somebody that were neither refunded nor reviewed."""
    reviewed = {row["order_id"] for row in tables["reviews"]}
    return [
        row
        for row in tables["orders"]
        if row["creator_id"] == who
        and row["delivered_at"]
        and not row["refunded_at"]
        and row["order_id"] not in reviewed
    ]


def _copies(tables: Tables, who: str, gmv: str, buyer: Callable[[int], str]) -> int:
    good = _good(tables, who)
    for at in range(_TIMES):
        row = {**good[at % len(good)], "order_id": f"FAKE{at}", "buyer_id": buyer(at)}
        tables["orders"].append({**row, "gmv": gmv or row["gmv"]})
    return _TIMES


def _split(tables: Tables, who: str, by_order: bool) -> int:
    good = {row["order_id"] for row in _good(tables, who)}
    rows: list[Row] = []
    for row in tables["orders"]:
        parts = _PARTS if row["order_id"] in good else 1
        for at in range(parts):
            part = {**row, "gmv": f"{float(row['gmv'] or 0) / parts:.4f}"}
            if parts > 1:
                part |= (
                    {"order_id": f"{row['order_id']}-{at}"} if by_order else {"product_id": f"{row['product_id']}-{at}"}
                )
            rows.append(part if parts > 1 else row)
    tables["orders"] = rows
    return len(good)


def _bad_orders(tables: Tables, who: str) -> list[Row]:
    """Refunded and badly reviewed orders of somebody."""
    low = {row["order_id"] for row in tables["reviews"] if float(row["rating"]) <= 2}
    return [
        row for row in tables["orders"] if row["creator_id"] == who and (row["refunded_at"] or row["order_id"] in low)
    ]


def _handed_over(tables: Tables, who: str, to: str) -> int:
    """Books bad orders under another name."""
    bad = _bad_orders(tables, who)
    for row in bad:
        row["creator_id"] = to
    return max(len(bad), 1)


def _praised(tables: Tables, number: int, order: Row, reviewed_at: str) -> None:
    """Adds a review of five stars."""
    review = {"review_id": f"R{number}", "order_id": order["order_id"], "reviewed_at": reviewed_at, "rating": "5"}
    tables["reviews"].append({**dict.fromkeys(tables["reviews"][0], ""), **review})


def _second_account(tables: Tables, who: str) -> int:
    """Bad orders go through another account of the same person."""
    account = next(row for row in tables["creators"] if row["creator_id"] == who)
    person = account["person_id"] or who
    account["person_id"] = person
    tables["creators"].append({**account, "creator_id": "SECOND", "person_id": person})
    tables["roles"] += [{**row, "creator_id": "SECOND"} for row in tables["roles"] if row["creator_id"] == who]
    return _handed_over(tables, who, "SECOND")


def _partner(tables: Tables, who: str) -> int:
    """Bad orders go through another person, who was paid for it: the next one by name who has orders."""
    others = sorted({row["creator_id"] for row in tables["orders"]} - {who, ""})
    return _handed_over(tables, who, others[0])


def _slowly(tables: Tables, who: str, buyer: Callable[[int], str], device: str = "", shops: bool = False) -> int:
    """Two orders a day over sixty days, delivered and praised; `shops`: each at another shop."""
    good = _good(tables, who)
    sellers = sorted({row["seller_id"] for row in tables["orders"] if row["seller_id"]})
    end = max(row["delivered_at"] for row in tables["orders"])
    for at in range(_DAYS * _A_DAY):
        row, back = good[at % len(good)], timedelta(days=at // _A_DAY + 3, hours=7 * at % 24)
        shift = datetime.fromisoformat(end) - back - datetime.fromisoformat(row["delivered_at"])
        fake = {**_moved(row, shift), "order_id": f"FAKE{at}", "buyer_id": buyer(at)}
        fake |= {"device": device} if device else {}
        fake |= {"seller_id": sellers[at % len(sellers)]} if shops else {}
        tables["orders"].append(fake)
        reviewed = datetime.fromisoformat(fake["delivered_at"]) + timedelta(days=1, hours=at % 9)
        _praised(tables, at, fake, reviewed.isoformat())
    return _DAYS * _A_DAY


def _loyal(tables: Tables, who: str) -> int:
    """Buyers who were content and said nothing buy again, one a day over sixty days, and praise it."""
    good, end = _good(tables, who), max(row["delivered_at"] for row in tables["orders"])
    for at in range(_DAYS):
        delivered = datetime.fromisoformat(end) - timedelta(days=at + 3, hours=7 * at % 24)
        before = [row for row in good if datetime.fromisoformat(row["delivered_at"]) < delivered]
        row = before[at * 17 % len(before)] if before else good[0]
        fake = {**_moved(row, delivered - datetime.fromisoformat(row["delivered_at"])), "order_id": f"FAKE{at}"}
        tables["orders"].append(fake)
        _praised(tables, at, fake, (delivered + timedelta(days=1, hours=at % 9)).isoformat())
    return _DAYS


def _bought_off(tables: Tables, who: str) -> int:
    """Buyers who were discontent are paid to make five stars of it."""
    mine = {row["order_id"] for row in tables["orders"] if row["creator_id"] == who}
    low = [row for row in tables["reviews"] if row["order_id"] in mine and float(row["rating"]) <= 2]
    for row in low:
        row["rating"] = "5"
    return max(len(low), 1)


def _cheap_one(tables: Tables, who: str) -> int:
    return _copies(tables, who, "0.01", lambda _: "FRIEND")


def _cheap_many(tables: Tables, who: str) -> int:
    return _copies(tables, who, "0.01", lambda at: f"FRIEND{at}")


def _full_one(tables: Tables, who: str) -> int:
    return _copies(tables, who, "", lambda _: "FRIEND")


def _full_many(tables: Tables, who: str) -> int:
    return _copies(tables, who, "", lambda at: f"FRIEND{at}")


def _known_many(tables: Tables, who: str) -> int:
    """Each paid buyer also buys once elsewhere, to be known."""
    times = _full_many(tables, who)
    others = [row for row in tables["orders"] if row["creator_id"] not in {who, ""} and row["delivered_at"]]
    for at in range(times):
        model = others[at * 7 % len(others)]
        tables["orders"].append({**model, "order_id": f"COVER{at}", "buyer_id": f"FRIEND{at}", "refunded_at": ""})
    return 2 * times


def _existing(tables: Tables, who: str, lasting: int = 0, refund: str = "", times: int = _TIMES) -> int:
    """Orders by buyers of others, each when the model was made, or of the last `lasting` days; `refund`: why all come back."""
    buyers = sorted({row["buyer_id"] for row in tables["orders"] if row["buyer_id"] and row["creator_id"] != who})
    good, end = _good(tables, who), max(row["delivered_at"] for row in tables["orders"])
    for at in range(times):
        model = good[at * 17 % len(good)]
        hours = timedelta(hours=7 * at % 24)
        if lasting:
            hours += datetime.fromisoformat(end) - datetime.fromisoformat(model["delivered_at"])
            hours -= timedelta(days=1 + at % lasting)
        row = {**_moved(model, hours), "order_id": f"FAKE{at}", "buyer_id": buyers[at * 31 % len(buyers)]}
        if refund:
            back = datetime.fromisoformat(row["delivered_at"]) + timedelta(days=1)
            row |= {"refunded_at": back.isoformat(), "refund_reason": refund, "refund_amount": row["gmv"]}
        tables["orders"].append(row)
    return times


def _moved(row: Row, by: timedelta) -> Row:
    """The order at another time."""
    names = ("ordered_at", "paid_at", "ship_by", "shipped_at", "promised_by", "delivered_at")
    return {**row, **{name: (datetime.fromisoformat(row[name]) + by).isoformat() for name in names if row[name]}}


def _near_bad_orders(tables: Tables, who: str) -> int:
    """Orders by buyers of others at the time of each bad one, to drown it."""
    low = {row["order_id"] for row in tables["reviews"] if float(row["rating"]) <= 2}
    own = [row for row in tables["orders"] if row["creator_id"] == who and row["delivered_at"]]
    times = [row["ordered_at"] for row in own if row["refunded_at"] or row["order_id"] in low]
    bought = _existing(tables, who, times=_BESIDE * len(times))
    for at, row in enumerate(tables["orders"][len(tables["orders"]) - bought :]):
        shift = datetime.fromisoformat(times[at % len(times)]) - datetime.fromisoformat(row["ordered_at"])
        row |= _moved(row, shift)
    return max(bought, 1)


def _sent_back(tables: Tables, who: str) -> int:
    """Every order that is bought comes back, for no fault: it costs nothing."""
    return _existing(tables, who, refund="changed_mind")


def _excused(tables: Tables, who: str) -> int:
    """Buyers are paid to send bad orders back as if they had changed their minds, and to review nothing."""
    bad = _bad_orders(tables, who)
    for row in bad:
        back = row["refunded_at"] or row["delivered_at"]
        row |= {"refunded_at": back, "refund_reason": "changed_mind", "refund_amount": row["gmv"]}
    silent = {row["order_id"] for row in bad}
    tables["reviews"] = [row for row in tables["reviews"] if row["order_id"] not in silent]
    return max(len(bad), 1)


def _sabotage(tables: Tables, who: str, times: int, known: bool) -> int:
    """A rival buys from somebody, and sends everything back as not what was shown."""
    if known:
        return _existing(tables, who, 14, "not_as_described", times)
    _existing(tables, who, 14, "not_as_described", times)
    for at, row in enumerate(tables["orders"][-times:]):
        row["buyer_id"] = f"RIVAL{at}"
    return times


def _five_stars(tables: Tables, who: str) -> int:
    times = _full_many(tables, who)
    for at, row in enumerate(tables["orders"][-times:]):
        _praised(tables, at, row, row["delivered_at"])
    return times


def _few_violations_more(tables: Tables, who: str) -> int:
    """Not an attack but its mirror: three violations must not outweigh hundreds of orders."""
    last = max(row["occurred_at"] for row in tables["violations"])
    model = {**dict.fromkeys(tables["violations"][0], ""), "creator_id": who, "occurred_at": last, "points": "2"}
    tables["violations"] += [{**model, "violation_id": f"V{at}-MORE", "policy": "misleading"} for at in range(3)]
    return 3


ATTACKS: Mapping[str, Attack] = {
    "0.01 each, one buyer": _cheap_one,
    "0.01 each, many buyers": _cheap_many,
    "full price, one buyer": _full_one,
    "full price, many buyers": _full_many,
    "the same, known elsewhere": _known_many,
    "500 by buyers of others": _existing,
    "the same in two weeks": lambda tables, who: _existing(tables, who, 14),
    "the same near bad orders": _near_bad_orders,
    "the same, all sent back": _sent_back,
    "bad orders excused by buyers": _excused,
    "bad reviews bought off": _bought_off,
    "loyal buyers praise again": _loyal,
    "full price, many, five stars": _five_stars,
    "orders split in five": lambda tables, who: _split(tables, who, by_order=True),
    "lines split in five": lambda tables, who: _split(tables, who, by_order=False),
    "bad orders to a second account": _second_account,
    "bad orders to a partner": _partner,
    "two praised a day, 60 days": lambda tables, who: _slowly(tables, who, lambda at: f"PAID{at}"),
    "ring of 12 at many shops": lambda tables, who: _slowly(tables, who, lambda at: f"RING{at % _RING}", shops=True),
    "8 accounts of one device": lambda tables, who: _slowly(tables, who, lambda at: f"SELF{at % _ACCOUNTS}", "PHONE-1"),
    "120 accounts of one device": lambda tables, who: _slowly(tables, who, lambda at: f"SELF{at}", "PHONE-1"),
    "three violations more": _few_violations_more,
}

SABOTAGE: Mapping[str, Attack] = {
    "500 bad, new buyers": lambda tables, who: _sabotage(tables, who, 500, known=False),
    "500 bad, buyers of others": lambda tables, who: _sabotage(tables, who, 500, known=True),
    "50 bad, buyers of others": lambda tables, who: _sabotage(tables, who, 50, known=True),
}
"""What a rival buys of the best."""
