"""What a shell offers behind a word: metrics, dimensions, values, findings, cases, kinds; and the options that share them.

A shell asks often, and shows no errors: whatever cannot be read offers nothing.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import wraps
from pathlib import Path
from typing import Annotated

import typer

from core.base.baseline import NAMED_BASELINES
from core.base.errors import WhydropError

SEVERITIES = ("minor", "major", "critical")
STATUSES = ("warn", "fail")
CASE_ACTIONS = ("open", "list", "show", "note", "close", "verify")
_MOST = 200
"""Values that are offered of one dimension: more cannot be read."""
_NAMED_DAYS = ("yesterday", "7d", "28d", "last-week", "this-week", "last-month", "this-month")

Completion = Callable[[typer.Context, str], list[str]]


def _offered(find: Callable[[Path, str], Iterable[str]]) -> Completion:
    """Offers those words that begin with what is typed."""

    @wraps(find)
    def complete(ctx: typer.Context, incomplete: str) -> list[str]:
        with suppress(WhydropError, OSError, ValueError):
            db = Path(ctx.params.get("db") or "whydrop.db")
            return [word for word in find(db, incomplete) if word.casefold().startswith(incomplete.casefold())]
        return []

    del complete.__wrapped__  # typer looks at the parameters of what it calls
    return complete


@_offered
def metrics(db: Path, _: str) -> Iterable[str]:
    """Keys of the catalogue."""
    from core.views.known_metrics import catalogue_and_measures

    return list(catalogue_and_measures(db)[0].metrics)


@_offered
def index_keys(_: Path, __: str) -> Iterable[str]:
    """Keys of the indexes."""
    from core.catalogue.index_definitions import index_definitions

    return list(index_definitions())


@_offered
def metrics_and_findings(db: Path, _: str) -> Iterable[str]:
    """Keys of the catalogue, then ids of findings that were listed before."""
    from core.incidents.finding_log import known_ids
    from core.views.known_metrics import catalogue_and_measures

    return [*catalogue_and_measures(db)[0].metrics, *known_ids(db)]


@_offered
def tables_and_findings(db: Path, _: str) -> Iterable[str]:
    """What can be exported."""
    from core.incidents.finding_log import known_ids
    from core.workspace.read.table_export import TABLES

    return [*TABLES, *known_ids(db)]


@_offered
def report_subjects(db: Path, _: str) -> Iterable[str]:
    """Findings, cases and metrics."""
    from core.incidents.finding_log import known_ids
    from core.views.known_metrics import catalogue_and_measures

    return ["creator", "seller", *known_ids(db), *_case_ids(db), *catalogue_and_measures(db)[0].metrics]


@_offered
def case_words(db: Path, _: str) -> Iterable[str]:
    """Cases, and findings to open one for."""
    from core.incidents.finding_log import known_ids

    return [*_case_ids(db), *known_ids(db)]


def _case_ids(db: Path) -> list[str]:
    from core.views.case_list import case_list
    from core.workspace.read.workspace import Workspace

    with Workspace.open(db) as workspace:
        return [case.id for case in case_list(workspace).cases]


@_offered
def dimensions(db: Path, _: str) -> Iterable[str]:
    """Dimensions of the workspace."""
    from core.workspace.read.workspace import Workspace

    with Workspace.open(db) as workspace:
        return workspace.dimensions


@_offered
def segments(db: Path, incomplete: str) -> Iterable[str]:
    """`dimension=`, and behind it the values; a segment may have several terms."""
    from core.workspace.read.workspace import Workspace

    before, comma, term = incomplete.rpartition(",")
    name, equals, _ = term.partition("=")
    with Workspace.open(db) as workspace:
        if not equals:
            return [f"{before}{comma}{dimension}=" for dimension in workspace.dimensions]
        values = workspace.values(name) if name in workspace.dimensions else ()
    return [f"{before}{comma}{name}={value}" for value in values[1 : _MOST + 1]]


def _ids(dimension: str) -> Completion:
    @_offered
    def find(db: Path, incomplete: str) -> Iterable[str]:
        from core.workspace.read.workspace import Workspace

        with Workspace.open(db) as workspace:
            values = workspace.values(dimension) if dimension in workspace.dimensions else ()
        return [value for value in values[1:] if value.startswith(incomplete)][:_MOST]

    return find


creators, sellers, markets = _ids("creator_id"), _ids("seller_id"), _ids("market")


@_offered
def kinds_and_presets(_: Path, __: str) -> Iterable[str]:
    """Kinds of rows, and known exports."""
    from core.catalogue.kinds import KINDS
    from core.ingest.presets import presets

    return [*KINDS, *presets()]


def _fixed(words: Iterable[str]) -> Completion:
    return _offered(lambda _, __: words)


severities, statuses, case_actions = _fixed(SEVERITIES), _fixed(STATUSES), _fixed(CASE_ACTIONS)
days, baselines = _fixed(_NAMED_DAYS), _fixed(NAMED_BASELINES)


Where = Annotated[
    str,
    typer.Option("--where", metavar="SEG", help="Only this segment: market=ID,channel=live.", autocompletion=segments),
]
Window_ = Annotated[
    str,
    typer.Option(
        "--window", metavar="A..B", help="The days: A..B, 7d, tuesday, last-week, 2026-03.", autocompletion=days
    ),
]
Since = Annotated[
    str, typer.Option("--since", metavar="DAY", help="The days from this one to the newest.", autocompletion=days)
]
AsOf = Annotated[
    str,
    typer.Option(
        "--as-of",
        metavar="DAY",
        help="As known at the end of this day; by default the last day of orders and traffic.",
        autocompletion=days,
    ),
]
Baseline = Annotated[
    str,
    typer.Option(
        "--baseline",
        metavar="expected|previous|last-year|4w|A..B",
        help="What to compare with.",
        autocompletion=baselines,
    ),
]
By = Annotated[
    list[str] | None,
    typer.Option("--by", metavar="DIM", help="Split by this dimension (can be repeated).", autocompletion=dimensions),
]
Metrics = Annotated[
    list[str] | None,
    typer.Option("--metric", metavar="KEY", help="Only this metric (can be repeated).", autocompletion=metrics),
]
Metric = Annotated[
    str,
    typer.Argument(
        metavar="METRIC", help="A metric, such as gmv, or an index, such as buyers.", autocompletion=metrics
    ),
]
Clock = Annotated[
    str,
    typer.Option(
        "--clock", metavar="order|event", help="Count what follows an order on the day of the order, or of the event."
    ),
]
