"""Bad reviews that became better between two loads: who has most of them is named, buyers who change their minds are not."""

from pathlib import Path

import numpy as np

from core.base.days import Window
from core.base.segment import EVERYTHING
from core.ecosystem.risk.review_patterns.raised_reviews import raised_reviews
from core.workspace.read.rows import risk_rows
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load

MEMBERS, LOW = 40, 8


def chances(raised: list[int]) -> np.ndarray:
    """The chance of each member of so many raised reviews among eight bad ones; everybody has as many good ones, too."""
    member = np.repeat(np.arange(1, MEMBERS + 1), 2 * LOW)
    at = np.tile(np.arange(2 * LOW), MEMBERS)
    first = np.where(at < LOW, 1, 5)
    rating = np.where(at < np.repeat(raised, 2 * LOW), 5, first)
    everywhere = np.zeros(len(member), int)
    found = raised_reviews(member, (everywhere, everywhere), first, rating, at >= 0)
    assert found.kind == "raised_reviews"
    for cell in found.cell[found.p_value < 1e-3]:
        assert found.rows(int(cell)).sum() == raised[int(cell)], "the reviews that were raised"  # type: ignore[misc]
    return found.p_value


def test_who_has_most_bad_reviews_raised_is_named() -> None:
    honest = np.random.default_rng(3).binomial(LOW, 0.1, MEMBERS).tolist()
    found = chances([7, *honest[1:]])
    assert found[0] < 1e-4
    assert found[1:].min() > 0.01


def test_buyers_who_change_their_minds_everywhere_are_no_lead() -> None:
    for seed, share in enumerate((0.05, 0.2, 0.6)):
        assert chances(np.random.default_rng(seed).binomial(LOW, share, MEMBERS).tolist()).min() > 0.005
    assert not len(chances([0] * MEMBERS))


def test_the_rating_that_was_loaded_first_is_known(tmp_path: Path) -> None:
    """Of three reviews the first is raised twice, the second is edited without its stars, the third comes later."""
    exports = [
        ["R1,2026-03-02,1,bad", "R2,2026-03-02,4,fine"],
        ["R1,2026-03-02,3,better", "R2,2026-03-02,4,really fine"],
        ["R1,2026-03-02,5,good", "R2,2026-03-02,4,really fine", "R3,2026-03-03,2,so"],
    ]
    for at, lines in enumerate(exports):
        path = tmp_path / f"reviews{at}.csv"
        path.write_text("\n".join(["review_id,reviewed_at,rating,text", *lines]) + "\n")
        load(tmp_path / "w.db", [path])
    with Workspace.open(tmp_path / "w.db") as workspace:
        rows = risk_rows.reviews(workspace, Window(0, 30_000), EVERYTHING)
    assert sorted(zip(rows["first_rating"].tolist(), rows["rating"].tolist(), strict=True)) == [(1, 5), (2, 2), (4, 4)]
