"""A measure of `daily` exports has no steps: the explanation says which other measures moved where it did, and which stayed."""

from pathlib import Path

import numpy as np
import pytest

from core.base.days import Window, iso, parse_day
from core.base.segment import Segment
from core.explanation.explain import explain
from core.explanation.explanation_results import Explanation
from core.reports.tables.answer import answer_lines
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load

FIRST, DAYS, LAST = parse_day("2026-03-02"), 84, 5
SIZES = {"Berlin": 9_000, "Hamburg": 7_000, "Leipzig": 4_000}


def explained(folder: Path, metric: str, lost: float, event: str = "") -> Explanation:
    """Visits, signups and their tickets by city; Berlin loses a part of its signups in the last days."""
    random, lines = np.random.default_rng(3), ["date,city,visits,signups,tickets"]
    for day in range(DAYS):
        for city, size in SIZES.items():
            visits = random.poisson(size * np.exp(random.normal(0, 0.03)))
            signups = random.binomial(visits, 0.1 * (1 - lost * (city == "Berlin" and day >= DAYS - LAST)))
            lines.append(f"{iso(FIRST + day)},{city},{visits},{signups},{random.binomial(3 * signups, 0.2)}")
    (folder / "daily.csv").write_text("\n".join(lines) + "\n")
    load(folder / "w.db", [folder / "daily.csv"], dimensions=["city"])
    if event:
        (folder / "events.csv").write_text(f"event_id,starts_at,kind,title,owner\n{event},Web team\n")
        load(folder / "w.db", [folder / "events.csv"])
    with Workspace.open(folder / "w.db") as workspace:
        return explain(workspace, metric, window=Window(FIRST + DAYS - LAST, FIRST + DAYS - 1))


def test_what_moved_too_and_what_stayed_is_said(tmp_path: Path) -> None:
    answer = explained(tmp_path, "signups", lost=0.3)
    assert answer.segments[0].where == Segment.of({"city": "Berlin"})
    (tickets, visits) = answer.others
    assert (tickets.metric, tickets.moved, visits.metric, visits.moved) == ("tickets", True, "visits", False)
    assert -0.36 < tickets.change_pct < -0.24
    assert abs(visits.actual / (9_000 * LAST) - 1) < 0.06
    assert "Tickets (-" in (why := answer_lines(answer)[-1])
    assert why.endswith("moved there too; visits stayed as usual.")


@pytest.mark.parametrize(
    ("days_before", "city", "sentence"),
    [
        (0, "Berlin", "An event fits in time and place: new form in Berlin (E1 on the same day)."),
        (20, "Berlin", "No event is near."),
        (0, "Hamburg", "Nearest event: new form in Hamburg (E1 on the same day)."),
    ],
)
def test_an_event_is_offered_where_causes_are_not_looked_for(
    tmp_path: Path, days_before: int, city: str, sentence: str
) -> None:
    event = f"E1,{iso(FIRST + DAYS - LAST - days_before)},release,new form in {city}"
    answer = explained(tmp_path, "signups", lost=0.3, event=event)
    assert answer.causes == ()
    lines = answer_lines(answer)
    (why,) = (line for line in lines if "Causes cannot be tested" in line)
    is_theirs = lines[-1] == "Do: ask what E1 changed there. Owner: Web team."
    assert is_theirs == (answer.fitting_event is not None) == (city == "Berlin" and not days_before)
    assert why.startswith(f"{sentence} Causes cannot be tested without impressions, clicks or orders. T")
    assert "No known cause fits" not in why


def test_nothing_is_said_where_nothing_moved(tmp_path: Path) -> None:
    assert explained(tmp_path, "signups", lost=0.0).others == ()
