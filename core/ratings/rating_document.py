"""What stands above the ratings in the JSON."""

from collections.abc import Mapping

from core.base.arrays import Ints
from core.base.days import iso
from core.catalogue.rating_rules import RatingRules
from core.ratings.rating_table import RatingTable


def document(rated: RatingTable, cards: Ints) -> Mapping[str, object]:
    """What stands above the ratings in the JSON: day, rules, how grades are cut."""
    rules = rated.gathered.rules
    return {
        "as_of": iso(rated.gathered.as_of),
        "side": rated.gathered.crowd.side,
        "rules": rules.version,
        "peer_score": rules.peer_score,
        "grades": dict(rules.grades),
        "scale": scale_of(rules),
        "cards": rated.size,
        "listed": len(cards),
    }


def scale_of(rules: RatingRules) -> str:
    """Among whom scores compare, in words: who shares the scale, and what their rates are adjusted for."""
    adjusted = [name for name in ("market", "category") if name in rules.scale]
    across = [name for name in ("role", "market", "category") if name not in rules.scale]
    whole = "all with the same role" if "role" in rules.scale else "everybody"
    everywhere = f" in every {' and '.join(across)}" if across else ""
    return whole + everywhere + (f", adjusted for {' and '.join(adjusted)}" if adjusted else "")
