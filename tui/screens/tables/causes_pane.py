"""What speaks for which cause: the rows of the pane, and all of it to read."""

from collections.abc import Iterator, Sequence

from core.explanation.explanation_results import CauseMatch, Explanation
from core.reports.number_format import percent
from core.views.metric_detail import MetricDetail
from tui.screens.modals import sql_lines
from tui.widgets.table_model import Cell, Column, Row, Table

_WHY = (
    Column("kind", "", "the answer in words, a cause, an event, what is ruled out, a doubt of the data"),
    Column("what", "", "best first", least=20),
    Column("sure", "", "how well it fits", right=True, priority=1),
    Column("detail", "", "who can act; why it fits, or does not", priority=2, least=16),
)


def table(told: Explanation, words: Sequence[str]) -> Table:
    """The answer in words, causes, events, what was ruled out and doubts of the data; a row's item is its whole text."""
    answer = _row("answer", words[1], "", "", [line for text in words for line in (text, "")])
    rows = (answer, *_rows(told))
    return Table("Causes and events", _WHY, rows, header=False, name=f"{told.metric}-why")


def _rows(told: Explanation) -> Iterator[Row]:
    for cause in told.causes:
        yield _row("cause", cause.cause, percent(cause.score), cause.owner, _cause(cause))
    for event in told.events:
        title = f"{event.event_id} {event.title}"
        yield _row(
            "event", title, percent(event.score), event.reason, [title, "", event.reason, "", "context, not proof"]
        )
    for check in told.data_quality:
        if check.status != "pass":
            yield _row(f"data {check.status}", check.check, "", check.detail, [check.check, "", check.detail])
    for one in told.ruled_out:
        yield _row("not", one.what, "", one.reason, [f"ruled out: {one.what}", "", one.reason])


def _row(kind: str, what: str, sure: str, detail: str, text: list[str]) -> Row:
    style = "bold" if kind == "cause" else "dim" if kind == "not" else ""
    cells = (Cell(kind, style="dim"), Cell(what, style=style), Cell(sure), Cell(detail, style="dim"))
    return Row(f"{kind} {what}", cells, text)


def _cause(cause: CauseMatch) -> list[str]:
    evidence = [f"  - {line}" for line in cause.evidence]
    return [
        f"{cause.cause} ({percent(cause.score)} sure)",
        *evidence,
        f"do     {cause.action}",
        f"who    {cause.owner}",
        f"later  {cause.verify}",
    ]


def numbers(found: MetricDetail, command: str) -> list[str]:
    """Full figures, the formula, the command that prints the same, and the SQL behind the figures."""
    told = found.explanation
    low, high = told.interval
    lines = [
        f"{told.metric}: {found.name}",
        f"formula    {told.metric} = {found.formula}",
        f"where      {told.where or 'everywhere'}",
        f"days       {told.window}",
        f"baseline   {told.baseline.kind}, {told.baseline.window}",
        f"actual     {told.actual!r}",
        f"expected   {told.expected!r}   95 %: {low!r} to {high!r}",
        f"change     {told.change!r}",
        "",
        "steps      " + " + ".join(f"{one.metric} {one.contribution!r}" for one in told.drivers),
        "",
        "The same from a shell",
        f"  {command}",
        f"  {command} --format json",
    ]
    return [*lines, *sql_lines(told.queries)]
