"""Clocks: what happens after an order happens later, so a young day is compared only with other days at its own age.

A day is mature for a metric when it is `mature_after_days` old. Until then it is counted as it is known now, and the days of
the past as they were known when they had the same age: the development of a claim by age, as the chain ladder reads it
(Mack 1993, ASTIN Bulletin 23; reporting delays of diseases: Lawless 1994, Canadian Journal of Statistics 22).
"""

from core.base.count_text import count
from core.base.date_text import date_text
from core.base.days import Window
from core.catalogue.metric_names import metric_words
from core.catalogue.metric_tree.metrics import Metric
from core.workspace.read.cube_query import Clock
from core.workspace.read.measure_sql import COUNTED_AT_AGE
from core.workspace.read.workspace import Workspace

DAY_SECONDS = 86_400


def newest_known(workspace: Workspace) -> int:
    """The newest day that is over by the newest moment in the data, which any row may bring: the day before that moment's, or
    that one when it is nearly over. Exports may have ended long before it (`quality.end_of_exports`)."""
    day, second = divmod(workspace.newest_clock, DAY_SECONDS)
    return day if second >= 0.9 * DAY_SECONDS else day - 1


def incomplete_days(metric: Metric, clock: Clock) -> int:
    """How many of the newest days are too young for a metric to say anything of them."""
    waits = clock == "order" or not metric.has_own_days
    return min(metric.mature_after_days, metric.compared_after_days) if waits else 0


def judged_ages(metric: Metric) -> tuple[tuple[int, int | None], ...]:
    """How many days later days are judged, and as known at which age (None: as they are known now), the oldest first.

    What matures slowly is judged early as well, each day as it was known then. What is taken back for months never matures: as
    known now, old days had more of theirs taken back than new ones: of six made-up marketplaces where nothing changed and three
    in five violations were overturned within three months, four seemed to have more of them lately.
    """
    final, early = metric.mature_after_days, metric.compared_after_days
    if metric.taken_back:
        return ((final, final),)
    return ((final, None), (early, early)) if final > early else ((final, None),)


def age_for(workspace: Workspace, metric: Metric, window: Window, clock: Clock) -> tuple[int | None, tuple[str, ...]]:
    """The age at which a window's days must be compared (None: they are mature), and what to say about it."""
    if (clock == "event" and metric.has_own_days) or not (metric.mature_after_days or metric.taken_back):
        return None, ()
    age = max(newest_known(workspace) - window.last, 0)
    if metric.taken_back:
        age = min(age, metric.mature_after_days)
        taken = "on its own day" if not age else f"{count(age, 'day')} later"
        return age, (
            f"{metric_words(metric.key)}: each day counts as it was known {taken}, since cases are taken back for months.",
        )
    if age >= metric.mature_after_days:
        return None, ()
    text = (
        f"{metric_words(metric.key)} of {date_text(window.last)} is still incomplete: late data arrive for "
        f"{count(metric.mature_after_days, 'day')}. "
        "All days are compared at the same age."
    )
    overdue = " Parcels past their promised day that have not arrived count as late."
    return age, (text + overdue if metric.measures() & COUNTED_AT_AGE else text,)
