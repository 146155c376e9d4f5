"""What speaks for which cause and against which: the rows of a pane, each with all that is known of it."""

from collections.abc import Iterator

from core.explanation.explanation_results import LIKELY, CauseMatch, Explanation
from core.reports.figures.number_format import percent
from core.reports.finding_narrative import cause_words
from core.reports.table import Cell, Column, Row, Table
from core.reports.tables.answer import is_nothing_to_explain
from core.reports.tables.reading import exact, exact_range, shell_lines, sql_lines
from core.views.metric_detail import MetricDetail

_WHY = (
    Column("what", "", "✓ likely cause, ? possible cause, ✗ ruled out, ▲ event near the onset, ! doubt about the data; "
           "below a cause: + speaks for it, - speaks against it", least=28),
    Column("confidence", "", "how well the cause fits", right=True, priority=1),
    Column("detail", "", "the team that can act and where, or why it is listed", priority=2, least=16),
)  # fmt: skip


def cause_table(explanation: Explanation) -> Table:
    """Causes with their evidence, what was ruled out, events, and doubts of the data; a row's item is its whole text.

    Where neither the whole nor a segment left its expected range there is nothing to explain, and no cause is named.
    """
    usual = is_nothing_to_explain(explanation)
    rows = tuple(_rows(explanation, with_causes=not usual))
    skipped, unfit = explanation.causes_skipped, "no known cause fits; define more in whydrop.toml"
    empty = "nothing to explain" if usual else skipped or unfit
    return Table("Why", _WHY, rows, header=False, name=f"{explanation.metric}-why", empty=empty)


def folded(explanation: Explanation) -> set[str]:
    """Keys of the causes whose evidence is folded away: all but the likeliest."""
    return {_key(cause) for cause in explanation.causes[1:]}


def _rows(explanation: Explanation, *, with_causes: bool) -> Iterator[Row]:
    for check in explanation.data_quality:
        if check.status != "pass":
            name = check.check.replace("_", " ")
            yield from _with_reason(f"! data: {name}", "", check.detail, [name, "", check.detail], "bad", "!")
    is_one = len({cause.where for cause in explanation.causes}) < 2
    for cause in explanation.causes if with_causes else ():
        sign = "✓" if cause.score >= LIKELY else "?"
        yield _row(
            f"{sign} {cause_words(cause.cause)}",
            percent(cause.score),
            cause.owner if is_one else f"{cause.owner}; {f'in {cause.where}' if cause.where else 'everywhere'}",
            _cause_text(cause),
            "bold",
            _key(cause),
        )
        for number, line in enumerate(cause.evidence):
            kind, _, reason = line.partition(": ")
            words = f"+ {reason}" if kind == "for" else f"- {reason}" if kind == "against" else f"- {line}"
            cells = (Cell(words), Cell(), Cell())
            yield Row(f"{_key(cause)} {number}", cells, _cause_text(cause), parent=_key(cause), depth=1)
    for other in explanation.ruled_out if with_causes else ():
        whole = [f"Ruled out: {other.what}", "", other.reason]
        yield from _with_reason(f"✗ {cause_words(other.what)}", "", other.reason, whole, "dim")
    for event in explanation.events:
        title = event.name
        whole = [title, "", event.reason, "", "Context, not proof."]
        yield from _with_reason(f"▲ {title}", percent(event.score), event.reason, whole, sign="+")


def _with_reason(
    what: str, confidence: str, reason: str, text: list[str], style: str = "", sign: str = "-"
) -> Iterator[Row]:
    """A row, and below it why; `sign`: whether that speaks for it."""
    yield _row(what, confidence, "", text, style)
    yield Row(f"{what} reason", (Cell(f"{sign} {reason}", style="dim"), Cell(), Cell()), text, parent=what, depth=1)


def _row(what: str, confidence: str, detail: str, text: list[str], style: str = "", key: str = "") -> Row:
    return Row(key or what, (Cell(what, style=style), Cell(confidence), Cell(detail, style="dim")), text)


def _key(cause: CauseMatch) -> str:
    return f"cause {cause.cause} in {cause.where}"  # one cause may be likely in one segment, and one of two in another


def _cause_text(cause: CauseMatch) -> list[str]:
    evidence = [f"  - {line}" for line in cause.evidence]
    return [
        f"{cause.cause} (confidence {percent(cause.score)})",
        "",
        *evidence,
        "",
        f"Do         {cause.action}",
        f"Owner      {cause.owner}",
        f"Done when  {cause.verify}",
    ]


def numbers(detail: MetricDetail, command: str) -> list[str]:
    """Full figures, the formula, the command that prints the same, and the SQL behind the figures."""
    explanation = detail.explanation
    low, high = explanation.interval
    lines = [
        *([detail.name, ""] if detail.name != explanation.metric else []),
        f"formula    {explanation.metric} = {detail.formula}",
        f"where      {explanation.where or 'everywhere'}",
        f"days       {explanation.window}",
        f"baseline   {explanation.baseline.kind}, {explanation.baseline.window}",
        f"actual     {exact(explanation.actual)}",
        f"expected   {exact(explanation.expected)}",
        f"range      {exact_range(low, high)} (95% of usual windows)",
        f"change     {exact(explanation.change)}",
        f"sums       {'every table adds up to the change' if detail.closes else '! a table does not add up to the change'}",
        "",
        *(f"  {driver.metric:<26} {exact(driver.contribution, signed=True)}" for driver in explanation.drivers),
        *shell_lines(command, f"{command} --format json"),
    ]
    notes = ["", "Notes", *(f"  {note}" for note in explanation.notes)] if explanation.notes else []
    return [*lines, *notes, *sql_lines(explanation.queries)]
