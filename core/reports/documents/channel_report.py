"""The channels as a report: the answer, a table of channels, their funnels, the move and the strategy."""

from collections.abc import Iterator

from core.channels.channel_results import ChannelChange, Channels
from core.reports.channel_narrative import channel_summary, mostly, move_lines, strategy_lines
from core.reports.number_format import change, figure, percent
from core.reports.report import Report, Section
from core.reports.table import Cell, Column, Row, Table

_CHANNELS = (
    Column("channel", "channel", "where the order came from", least=8),
    Column("expected", "expected", "GMV of the baseline", right=True, priority=3),
    Column("actual", "actual", "GMV of the window", right=True, priority=2),
    Column("change", "change", "actual minus expected; volume, mix and rate add up to it", right=True),
    Column("usual", "usual ±", "half of the usual range of the change", right=True, priority=6),
    Column("volume", "volume", "because all traffic grew or shrank", right=True, priority=4),
    Column("mix", "mix", "because its share of the traffic changed", right=True, priority=4),
    Column("rate", "rate", "because its rates changed", right=True, priority=4),
    Column("mostly", "mostly", "the rate with the largest contribution", priority=1, least=12),
    Column("share", "traffic", "its share of the traffic, baseline to window", right=True, priority=5),
)


def channel_report(result: Channels) -> Report:
    """What `channels` prints."""
    return Report(title=channel_summary(result), sections=tuple(_sections(result)), data=result.to_dict())


def _sections(result: Channels) -> Iterator[Section]:
    yield Section(title="Channels", table=channel_table(result))
    yield Section(title="Funnel", table=_funnel_table(result))
    if result.move is not None:
        yield Section(title="What moving the traffic would do", lines=tuple(move_lines(result.move)))
    if result.strategy is not None:
        yield Section(title="Groups at equal traffic mix", lines=tuple(strategy_lines(result.strategy)))
    if result.notes:
        yield Section(title="Notes", items=result.notes)


def channel_table(result: Channels) -> Table:
    """Each channel versus its baseline."""
    rows = tuple(Row(row.channel, _channel(row), row) for row in result.channels)
    return Table("Channels", _CHANNELS, rows, name="channels", empty="no channel has traffic or orders")


def _channel(row: ChannelChange) -> tuple[Cell, ...]:
    usual = None if row.interval is None else (row.interval[1] - row.interval[0]) / 2
    share = ""
    if row.share is not None and row.share_expected is not None:
        share = f"{percent(row.share_expected)} to {percent(row.share)}"
    return (
        Cell(row.channel or "(not given)", row.channel),
        Cell(figure(row.expected, "money"), row.expected),
        Cell(figure(row.actual, "money"), row.actual),
        *_changes(row.change),
        Cell("" if usual is None else figure(usual, "money"), usual),
        *_changes(row.volume, row.mix, row.rate),
        Cell(mostly(row)),
        Cell(share, row.share),
    )


def _changes(*amounts: float) -> tuple[Cell, ...]:
    return tuple(Cell(change(amount, "money"), amount) for amount in amounts)


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
