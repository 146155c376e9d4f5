"""A version that is rolled out has no past to fall from: what it does otherwise than the others is said."""

from pathlib import Path

import numpy as np
import pytest

from core.base.days import Window, iso
from core.explanation.explain import explain
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load

FIRST, DAYS, ON = 20_000, 63, 7


@pytest.mark.parametrize(
    ("new", "old", "said"),
    [
        (0.03, 0.06, "the change came with version=2.4: orders per visit is 3."),
        (0.045, 0.045, "version does not locate the change: 2.4 replaced other values"),
    ],
    ids=["the new version", "both"],
)
def test_the_share_of_a_new_version_is_compared_with_that_of_the_others(
    tmp_path: Path, new: float, old: float, said: str
) -> None:
    """Of 8,000 visits a day 6 % bought; the new version has half of them: 4.5 % of all buy either way."""
    rng, lines = np.random.default_rng(4), ["date,version,visits,orders_made"]
    for day in range(DAYS):
        shares = {"2.3": (1.0, 0.06)} if day < DAYS - ON else {"2.3": (0.5, old), "2.4": (0.5, new)}
        for version, (share, rate) in shares.items():
            visits = rng.poisson(8000 * share)
            lines.append(f"{iso(FIRST + day)},{version},{visits},{rng.binomial(visits, rate)}")
    (tmp_path / "visits.csv").write_text("\n".join(lines) + "\n")
    (tmp_path / "whydrop.toml").write_text(
        '[metrics.orders_per_visit]\nformula = "orders_made / visits"\nunit = "ratio"\n'
    )
    load(tmp_path / "w.db", [tmp_path / "visits.csv"], as_kind="daily", dimensions=["version"])
    with Workspace.open(tmp_path / "w.db") as workspace:
        last = workspace.span.last
        answer = explain(workspace, "orders_per_visit", window=Window(last - ON + 1, last))
    assert answer.is_drop
    (note,) = (note for note in answer.notes if "version" in note)
    assert note.startswith(said)
