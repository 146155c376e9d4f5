"""What speaks for which cause: the rows of the pane, and all of it to read."""

from collections.abc import Iterator, Sequence

from core.explanation.explanation_results import CauseMatch, Explanation
from core.reports.number_format import percent
from core.reports.table import Cell, Column, Row, Table
from core.views.metric_detail import MetricDetail
from tui.screens.modals import sql_lines

_WHY = (
    Column("kind", "", "the answer in words, a cause, an event, what is ruled out, a doubt of the data"),
    Column("what", "", "best first", least=20),
    Column("sure", "", "how well it fits", right=True, priority=1),
    Column("detail", "", "who can act; why it fits, or does not", priority=2, least=16),
)


def table(explanation: Explanation, words: Sequence[str]) -> Table:
    """The answer in words, causes, events, what was ruled out and doubts of the data; a row's item is its whole text."""
    answer = _row("answer", words[1], "", "", [line for text in words for line in (text, "")])
    rows = (answer, *_rows(explanation))
    return Table("Causes and events", _WHY, rows, header=False, name=f"{explanation.metric}-why")


def _rows(explanation: Explanation) -> Iterator[Row]:
    for cause in explanation.causes:
        yield _row("cause", cause.cause, percent(cause.score), cause.owner, _cause(cause))
    for event in explanation.events:
        title = f"{event.event_id} {event.title}"
        yield _row(
            "event", title, percent(event.score), event.reason, [title, "", event.reason, "", "context, not proof"]
        )
    for check in explanation.data_quality:
        if check.status != "pass":
            yield _row(f"data {check.status}", check.check, "", check.detail, [check.check, "", check.detail])
    for alternative in explanation.ruled_out:
        yield _row(
            "not", alternative.what, "", alternative.reason, [f"ruled out: {alternative.what}", "", alternative.reason]
        )


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


def numbers(detail: MetricDetail, command: str) -> list[str]:
    """Full figures, the formula, the command that prints the same, and the SQL behind the figures."""
    explanation = detail.explanation
    low, high = explanation.interval
    lines = [
        f"{explanation.metric}: {detail.name}",
        f"formula    {explanation.metric} = {detail.formula}",
        f"where      {explanation.where or 'everywhere'}",
        f"days       {explanation.window}",
        f"baseline   {explanation.baseline.kind}, {explanation.baseline.window}",
        f"actual     {explanation.actual!r}",
        f"expected   {explanation.expected!r}   95 %: {low!r} to {high!r}",
        f"change     {explanation.change!r}",
        "",
        "steps      " + " + ".join(f"{driver.metric} {driver.contribution!r}" for driver in explanation.drivers),
        "",
        "The same from a shell",
        f"  {command}",
        f"  {command} --format json",
    ]
    return [*lines, *sql_lines(explanation.queries)]
