"""What it costs to buy a rating, in a made-up marketplace.

Points and ranks that the worst creator gains by an attack, and that the best one loses by a rival's.

python bench/rating_attacks.py [--first 801] [--seeds 1]
"""

import argparse
import csv
import gzip
import tempfile
from collections.abc import Mapping
from pathlib import Path

from rating_attack_kinds import ATTACKS, SABOTAGE, Attack, Row

from core.base.segment import EVERYTHING
from core.catalogue.rating_rules import packaged
from core.ecosystem.members import activity
from core.ecosystem.risk.risk_leads import risks
from core.ratings.rate import rate
from core.ratings.rating_table import RatingTable
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load
from fixtures.marketplace import generate

_KINDS = ("orders", "reviews", "violations", "creators", "roles", "traffic")


def attacks(first: int, seeds: int) -> None:
    """Prints what each attack gains, how many orders it takes, and whom leads name."""
    for seed in range(first, first + seeds):
        with tempfile.TemporaryDirectory() as folder:
            generate(Path(folder), seed=seed, days=90, scale=0.2)
            tables = {name: _read(Path(folder) / f"{name}.csv") for name in _KINDS}
            before, usual = _rated(tables)
            for at, kinds in ((0, ATTACKS), (-1, SABOTAGE)):
                who, card = _by_score(before, at)
                rank = f"rank {before.rank[card]} of {before.rivals[card]}"
                print(f"seed {seed}: {who}, score {before.score[card]:.1f}, {rank}")
                for name, attack in kinds.items():
                    _attacked(tables, before, usual, who, card, name, attack)


def _attacked(
    tables: Mapping[str, list[Row]], before: RatingTable, usual: set[tuple[str, str]], who: str, card: int, name: str,
    attack: Attack,
) -> None:  # fmt: skip
    """Prints the line of one attack."""
    changed = {kind: [dict(row) for row in rows] if kind != "traffic" else rows for kind, rows in tables.items()}
    orders = attack(changed, who)
    after, leads = _rated(changed)
    at = _card_of(after, who, before, card)
    gain = float(after.score[at] - before.score[card])
    kinds = sorted(f"{kind} of {subject}" if subject != who else kind for subject, kind in leads - usual)
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
            day = rated.gathered.as_of
            leads = risks(workspace, activity.read(workspace, day, EVERYTHING), day, EVERYTHING, [])[0]
            return rated, {(subject, lead.kind) for lead in leads for subject in lead.subject.values()}


def _by_score(rated: RatingTable, at: int) -> tuple[str, int]:
    """The creator at a place by score among those with thirty orders or more, lowest first, and the card."""
    cards = sorted(
        (card for card in range(rated.size) if rated.orders[card] >= 30), key=lambda card: float(rated.score[card])
    )
    return rated.gathered.crowd.names.words[rated.gathered.frame.cards.who[cards[at]]], cards[at]


def _card_of(after: RatingTable, who: str, before: RatingTable, card: int) -> int:
    """The card of the same role and market in other ratings."""
    there, here = after.gathered, before.gathered
    market = there.crowd.markets.words.index(here.crowd.markets.words[here.frame.cards.market[card]])
    place, role = there.crowd.names.words.index(who), here.frame.cards.role[card]
    cards = there.frame.cards
    return int(((cards.who == place) & (cards.role == role) & (cards.market == market)).argmax())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--first", type=int, default=801, help="first seed")
    parser.add_argument("--seeds", type=int, default=1)
    asked = parser.parse_args()
    attacks(asked.first, asked.seeds)
