"""What it costs to buy a rating: points and ranks that the worst creator of a made-up marketplace gains by an attack.

python bench/rating_attacks.py [--seeds 1]
"""

import argparse
import csv
import gzip
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from core.base.segment import EVERYTHING
from core.catalogue.rating_rules import packaged
from core.ecosystem.risk.risk_leads import risks
from core.ratings.cases import accounts
from core.ratings.rate import rate
from core.ratings.rating_table import RatingTable
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load
from fixtures.marketplace import generate

Row = dict[str, str]
Tables = dict[str, list[Row]]
Attack = Callable[[Tables, str], int]
_TIMES, _PARTS = 500, 5
_KINDS = ("orders", "reviews", "violations", "creators", "roles")


def attacks(seeds: int) -> None:
    """Prints what each attack gains, and how many orders it takes."""
    for seed in range(801, 801 + seeds):
        with tempfile.TemporaryDirectory() as folder:
            generate(Path(folder), seed=seed, days=90, scale=0.2)
            tables = {name: _read(Path(folder) / f"{name}.csv") for name in _KINDS}
            before, usual = _rated(tables)
            who, card = _worst(before)
            print(
                f"seed {seed}: {who}, score {before.score[card]:.1f}, rank {before.rank[card]} of {before.rivals[card]}"
            )
            for name, attack in _ATTACKS.items():
                changed = {kind: [dict(row) for row in rows] for kind, rows in tables.items()}
                orders = attack(changed, who)
                after, leads = _rated(changed)
                at = _card_of(after, who, before, card)
                gain = float(after.score[at] - before.score[card])
                kinds = sorted(kind for subject, kind in leads - usual if subject == who)
                print(
                    f"  {name:32}{orders:5} orders  {gain:+6.2f} points  rank {after.rank[at]:3}  {gain / orders:+.4f} an order"
                    f"  {', '.join(kinds) or 'no lead'}"
                )


def _read(path: Path) -> list[Row]:
    packed = path.with_suffix(".csv.gz")
    with (
        gzip.open(packed, "rt", newline="", encoding="utf-8")
        if packed.exists()
        else path.open(newline="", encoding="utf-8") as file
    ):
        return list(csv.DictReader(file))


def _rated(tables: Mapping[str, list[Row]]) -> tuple[RatingTable, set[tuple[str, str]]]:
    """Everybody's ratings, and (subject, kind) of the leads of health."""
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for name, rows in tables.items():
            paths.append(Path(folder) / f"{name}.csv")
            with paths[-1].open("w", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, list(rows[0]))
                writer.writeheader()
                writer.writerows(rows)
        db = Path(folder) / "w.db"
        load(db, paths)
        with Workspace.open(db) as workspace:
            rated = rate(workspace, "creators", packaged())
            everybody = [accounts.read(workspace, side) for side in ("creators", "sellers")]
            leads = risks(workspace, everybody, rated.gathered.as_of, EVERYTHING)[0]
            return rated, {(subject, lead.kind) for lead in leads for subject in lead.subject.values()}


def _worst(rated: RatingTable) -> tuple[str, int]:
    """The creator with the lowest score of those with thirty orders or more, and the card."""
    cards = [card for card in range(rated.size) if rated.orders[card] >= 30]
    card = min(cards, key=lambda at: float(rated.score[at]))
    return rated.gathered.crowd.names.words[rated.gathered.frame.cards.who[card]], card


def _card_of(after: RatingTable, who: str, before: RatingTable, card: int) -> int:
    """The card of the same role and market in other ratings."""
    there, here = after.gathered, before.gathered
    market = there.crowd.markets.words.index(here.crowd.markets.words[here.frame.cards.market[card]])
    place, role = there.crowd.names.words.index(who), here.frame.cards.role[card]
    cards = there.frame.cards
    return int(((cards.who == place) & (cards.role == role) & (cards.market == market)).argmax())


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


def _second_account(tables: Tables, who: str) -> int:
    """Bad orders go through another account of the same person."""
    account = next(row for row in tables["creators"] if row["creator_id"] == who)
    person = account["person_id"] or who
    account["person_id"] = person
    tables["creators"].append({**account, "creator_id": "SECOND", "person_id": person})
    tables["roles"] += [{**row, "creator_id": "SECOND"} for row in tables["roles"] if row["creator_id"] == who]
    low = {row["order_id"] for row in tables["reviews"] if float(row["rating"]) <= 2}
    moved = [
        row for row in tables["orders"] if row["creator_id"] == who and (row["refunded_at"] or row["order_id"] in low)
    ]
    for row in moved:
        row["creator_id"] = "SECOND"
    return max(len(moved), 1)


def _cheap_one(tables: Tables, who: str) -> int:
    return _copies(tables, who, "0.01", lambda _: "FRIEND")


def _cheap_many(tables: Tables, who: str) -> int:
    return _copies(tables, who, "0.01", lambda at: f"FRIEND{at}")


def _full_one(tables: Tables, who: str) -> int:
    return _copies(tables, who, "", lambda _: "FRIEND")


def _full_many(tables: Tables, who: str) -> int:
    return _copies(tables, who, "", lambda at: f"FRIEND{at}")


def _five_stars(tables: Tables, who: str) -> int:
    times = _full_many(tables, who)
    orders = tables["orders"][-times:]
    tables["reviews"] += [
        {
            **dict.fromkeys(tables["reviews"][0], ""),
            "review_id": f"R{at}",
            "order_id": row["order_id"],
            "reviewed_at": row["delivered_at"],
            "rating": "5",
        }
        for at, row in enumerate(orders)
    ]
    return times


def _few_offences_more(tables: Tables, who: str) -> int:
    """Not an attack but its mirror: three violations must not outweigh hundreds of orders."""
    last = max(row["occurred_at"] for row in tables["violations"])
    model = {**dict.fromkeys(tables["violations"][0], ""), "creator_id": who, "occurred_at": last, "points": "2"}
    tables["violations"] += [{**model, "violation_id": f"V{at}-MORE", "policy": "misleading"} for at in range(3)]
    return 3


_ATTACKS: Mapping[str, Attack] = {
    "0.01 each, one buyer": _cheap_one,
    "0.01 each, many buyers": _cheap_many,
    "full price, one buyer": _full_one,
    "full price, many buyers": _full_many,
    "the same with five stars": _five_stars,
    "orders split in five": lambda tables, who: _split(tables, who, by_order=True),
    "lines split in five": lambda tables, who: _split(tables, who, by_order=False),
    "bad orders to a second account": _second_account,
    "three violations more": _few_offences_more,
}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=1)
    attacks(parser.parse_args().seeds)
