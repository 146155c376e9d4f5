"""Variants of the rows of a shop that must give the same findings and explanations."""

import random
from collections.abc import Callable

Rows = list[dict[str, str | float]]
Change = Callable[[Rows], Rows]
NEW_NAMES = {"ID": "Z", "TH": "A b", "VN": "M"}


def in_unit(factor: float) -> Change:
    """Money in a smaller unit: `factor` of them are one of before."""
    return lambda rows: [{**row, "gmv": round(float(row["gmv"]) * factor, 2)} for row in rows]


def shuffled(rows: Rows) -> Rows:
    """Rows and columns in another order."""
    rng = random.Random(5)
    columns = rng.sample(list(rows[0]), len(rows[0]))
    return [{name: row[name] for name in columns} for row in rng.sample(rows, len(rows))]


def renamed(rows: Rows) -> Rows:
    """Markets by other names, which sort differently."""
    return [{**row, "market": NEW_NAMES[str(row["market"])]} for row in rows]


def with_noise(rows: Rows) -> Rows:
    """Every row carries a value of a dimension that says nothing."""
    rng = random.Random(7)
    return [{**row, "note": f"n{rng.randint(1, 5)}"} for row in rows]


def with_copy(rows: Rows) -> Rows:
    """A second dimension that says what the device says."""
    return [{**row, "note": f"copy of {row['device']}"} for row in rows]
