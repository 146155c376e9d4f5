"""Lists of customers and members: what each paid or bought in all, which is no figure of the day that they began."""

from collections.abc import Sequence

from core.ingest.headers.name_parts import NameParts, listed_words
from core.ingest.mapping.column_plan import ColumnPlan, Plan


def lifetimes(plan: Plan, by: Sequence[str], day: ColumnPlan) -> list[str]:
    """The measures of rows that each stand for a customer or a member since the day that they began: what they paid or bought in
    all was not on that day.
    """
    if len(by) != 1 or not NameParts.of(by[0]).has("members") or not NameParts.of(day.source or "").has("beginnings"):
        return []
    figures = {name: NameParts.of(str(item.source)) for item in plan.columns if (name := item.target) in plan.measures}
    counted = listed_words("counted").words
    return [name for name, own in figures.items() if own.has("lifetime") or own.last_word in counted]
