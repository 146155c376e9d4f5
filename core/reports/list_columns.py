"""The columns of every list that commands print: title, unit, what yields first when there is little room."""

from core.reports.figures.number_format import titled
from core.reports.table import Column


def _counted(key: str, meaning: str, priority: int = 0) -> Column:
    return Column(key, key, meaning, right=True, priority=priority)


FINDINGS = (
    "id", "as_of", "severity", "metric", "where", "window", "onset", "actual", "expected", "interval", "change", "change_pct",
    "impact", "p_value",
)  # fmt: skip
"""Of findings in CSV: the keys that the JSON promises."""
FILES = (
    Column("path", "file", "what was loaded", least=16),
    Column("kind", "kind", "what a row is"),
    Column("preset", "preset", "which known export it is", priority=2),
    _counted("read", "rows of the file"),
    _counted("accepted", "rows that are in the workspace now"),
    _counted("rejected", "rows that could not be read"),
    _counted("unchanged", "rows that were there already", 1),
    _counted("replaced", "rows that corrected older ones", 3),
    Column("seconds", "time", "time that it took", right=True, priority=4, unit="seconds"),
)
LOADS = (
    Column("id", "id", "number of the load", right=True, unit="id"),
    Column("loaded_at", "loaded at", "when, UTC", right=True, priority=2, unit="moment"),
    *FILES,
)
LOAD_DAYS = (
    Column("day", "day", "day of the rows", right=True, unit="day"),
    _counted("read", "rows of the file"),
    _counted("added", "rows that were new"),
)
REJECTS = (
    Column("load", "load", "number of the load", right=True, unit="id", priority=2),
    Column("file", "file", "which file", priority=1, least=10),
    Column("line", "line", "line of the file", right=True, unit="id"),
    Column("reason", "reason", "why it was refused", least=24),
    Column("raw", "row", "the row as in the file", priority=3, least=20),
)
CACHES = (
    Column("workspace", "workspace", "whose answers", least=16),
    _counted("files", "number of files"),
    _counted("bytes", "their size"),
    Column("used_at", "used at", "when they were last used", right=True, priority=1, unit="moment"),
)
RESCUED = (
    Column("table", "table", "table of the workspace"),
    _counted("read", "rows that could be read"),
    _counted("lost", "rows that could not"),
)
METRICS = (
    Column("key", "metric", "its name in commands", least=12),
    Column("name", "name", "its name in words", priority=3),
    Column("unit", "unit", "count, money, ratio, ...", priority=2),
    Column("good", "good", "the direction that is good"),
    Column("formula", "formula", "what it is computed from", least=20, priority=1),
    Column("parent", "parent", "the metric that it is a factor of", priority=5),
    Column("mature_after_days", "complete after", "days until late data have arrived", right=True, priority=4),
    Column("computable", "here", "whether this workspace has the data for it"),
)
FACTS = (Column("field", "field", "what is known"), Column("value", "value", "its value", least=20))
EVENTS = (
    Column("event_id", "id", "names the event", priority=4),
    Column("starts_at", "starts", "when it began", right=True, unit="day"),
    Column("ends_at", "ends", "when it ended", right=True, priority=3, unit="day"),
    Column("kind", "kind", "release, campaign, outage, ..."),
    Column("title", "title", "what happened", least=20),
    Column("owner", "owner", "whose change it was", priority=2),
    Column("where", "where", "its scope", priority=1, least=10, unit="segment", is_essential=True),
)
CHECKS = (
    Column("status", "status", "pass, warn or fail"),
    Column("check", "check", "what was tested", least=12),
    Column("detail", "detail", "what was seen", least=30),
)
SETTINGS = (
    Column("key", "setting", "its name", least=12),
    Column("value", "value", "its value now", least=12),
    Column("origin", "from", "flag, environment, default, or the file that sets it", least=12),
)
PRESETS = (
    Column("name", "preset", "its name"),
    Column("kind", "kind", "what a row becomes"),
    Column("recognised_by", "recognised by", "the columns that identify it", least=24),
)
PRESET_COLUMNS = (
    Column("becomes", "becomes", "the column of the kind"),
    Column("columns", "columns", "names of it in the export", least=24),
    Column("needed", "needed", "whether the export must have it"),
)
INSPECTED = (
    Column("name", "column", "its name in the file", least=10),
    Column("type", "type", "what its cells are"),
    Column("samples", "samples", "some of its cells", least=16, priority=1),
    Column("becomes", "becomes", "the column of the kind", least=8),
)
TEXTS = (
    Column("review_id", "review", "which review", least=8),
    Column("themes", "themes", "what it complains about", least=12),
)
RATED = (
    Column("rank", "rank", "among those with the same role and market", right=True),
    Column("creator_id", "creator", "the account", least=8),
    Column("person_id", "person", "whose account", priority=4),
    Column("role", "role", "in which role"),
    Column("market", "market", "in which market"),
    Column("grade", "grade", "its grade; P = provisional, too little evidence"),
    Column("score", "score", "0 to 100", right=True, unit="score"),
    Column("interval", "95%", "interval of the score", right=True, priority=1, unit="score range"),
    Column("orders", "orders", "order lines counted", right=True, priority=2),
    Column("peers", "peers", "how many are ranked", right=True, priority=3),
)
RATED_SELLERS = (RATED[0], Column("seller_id", "seller", "the shop", least=8), *RATED[3:])
CASES = (
    Column("id", "case", "names it in other commands"),
    Column("state", "state", "open, due, judged or closed"),
    Column("metric", "metric", "which metric", least=20),
    Column("where", "where", "in which segment", least=10, priority=2, is_essential=True),
    Column("action", "action", "what is done", least=12, priority=5, is_essential=True),
    Column("owner", "owner", "who does it", priority=4, is_essential=True),
    Column("expected", "promised", "the promised effect", right=True, priority=3, is_essential=True),
    Column("judge_on", "judge on", "when it is judged", right=True, priority=1, unit="day"),
    Column("verdict", "verdict", "what came of it", least=10),
)
"""Of cases, for people; `case_narrative.CASE_COLUMNS` has those of CSV."""


def series_columns(dimensions: tuple[str, ...], unit: str, currency: str) -> tuple[Column, ...]:
    """The columns of a series: day, dimensions, value in the unit of the metric; of money with its currency."""
    return (
        Column("day", "day", "day", right=True, unit="day"),
        *(Column(name, name, "value of the dimension", least=6) for name in dimensions),
        Column("value", titled("value", unit, currency), "of the metric", right=True, unit=unit),
    )
