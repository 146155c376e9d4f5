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
from tests.detection.series_scan import scan_series

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


def test_what_is_known_days_later_is_no_loss_of_the_newest_days(tmp_path: Path) -> None:
    """Of those who signed up, 40 % come back after a day and 15 % after a week, in Berlin a third fewer from day 67 on."""
    random, lines = np.random.default_rng(4), ["signup_date,city,signups,back_after_1_day,back_after_7_days"]
    for day in range(DAYS):
        for city, size in SIZES.items():
            signups, lost = random.poisson(size / 10), city == "Berlin" and day >= DAYS - 17
            back = [random.binomial(signups, share * (0.67 if lost else 1)) for share in (0.4, 0.15)]
            known = [n if day < DAYS - after else "" for n, after in zip(back, (1, 7), strict=True)]
            lines.append(f"{iso(FIRST + day)},{city},{signups},{known[0]},{known[1]}")
    (tmp_path / "daily.csv").write_text("\n".join(lines) + "\n")
    load(tmp_path / "w.db", [tmp_path / "daily.csv"], dimensions=["city"])
    with Workspace.open(tmp_path / "w.db") as workspace:
        found = scan_series(workspace, metrics=["back_after_1_day"], where=Segment.of({"city": "Berlin"})).findings
        answer = explain(workspace, "back_after_1_day", window=Window(FIRST + DAYS - 17, FIRST + DAYS - 1))
    assert [finding.kind for finding in found] == ["drop"]
    (week,) = (other for other in answer.others if other.metric == "back_after_7_days")
    assert week.moved
    assert -0.4 < week.change_pct < -0.26
