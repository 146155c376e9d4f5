"""The channels as a report: the answer, a table of channels, their funnels, the move and the strategy."""

from collections.abc import Iterator

from core.channels.channel_results import ChannelChange, Channels
from core.reports.channel_narrative import channel_summary, move_lines, strategy_lines
from core.reports.number_format import figure, percent
from core.reports.report import Report, Section
from core.reports.table import Cell, Column, Row, Table
from core.reports.tables.channel_tables import channel_table, part_table


def channel_report(result: Channels, currency: str) -> Report:
    """What `channels` prints."""
    return Report(
        title=channel_summary(result, currency), sections=tuple(_sections(result, currency)), data=result.to_dict()
    )


def _sections(result: Channels, currency: str) -> Iterator[Section]:
    channels = channel_table(result, currency)
    yield Section(title=channels.title, table=channels)
    parts = part_table(result, currency)
    yield Section(title=parts.title, table=parts)
    yield Section(title="Funnel", table=_funnel_table(result))
    if result.move is not None:
        yield Section(title="What moving the traffic would do", lines=tuple(move_lines(result.move, currency)))
    if result.strategy is not None:
        yield Section(title="Groups at equal traffic mix", lines=tuple(strategy_lines(result.strategy, currency)))
    if result.notes:
        yield Section(title="Notes", items=result.notes)


def _funnel_table(result: Channels) -> Table:
    """The steps of every channel: window, and change versus the baseline."""
    columns = (
        Column("channel", "channel", "where the order came from", least=8),
        *(
            Column(step, step.replace("_", " "), "in the window, and versus the baseline", right=True, priority=at)
            for at, step in enumerate(result.steps)
        ),
    )
    rows = tuple(Row(row.channel, _steps(row, result.steps), row) for row in result.channels)
    return Table("Funnel", columns, rows, empty="no channel has a funnel")


def _steps(row: ChannelChange, steps: tuple[str, ...]) -> tuple[Cell, ...]:
    cells = [Cell(row.channel or "(not given)", row.channel)]
    for step in steps:
        figures = row.funnel.get(step)
        if figures is None or figures.actual is None:
            cells.append(Cell("–"))
            continue
        moved = figures.actual / figures.expected - 1 if figures.expected else None
        cells.append(Cell(f"{figure(figures.actual, 'count')} {percent(moved, signed=True)}", figures.actual))
    return tuple(cells)
