"""The channels as a report: the answer, a table of channels, their funnels, the move and the strategy."""

from collections.abc import Iterator

from core.reports.channel_narrative import channel_summary, move_lines, strategy_lines
from core.reports.report import Report, Section
from core.reports.tables.channel_tables import channel_table, funnel_table, part_table
from core.views.funnel_view import Funnel


def channel_report(funnel: Funnel) -> Report:
    """What `channels` prints."""
    result = funnel.result
    return Report(
        title=channel_summary(result, funnel.currency), sections=tuple(_sections(funnel)), data=result.to_dict()
    )


def _sections(funnel: Funnel) -> Iterator[Section]:
    result, currency = funnel.result, funnel.currency
    channels = channel_table(result, currency)
    yield Section(title=channels.title, table=channels)
    parts = part_table(result, currency)
    yield Section(title=parts.title, table=parts)
    yield Section(title="Funnel", table=funnel_table(funnel))
    if result.move is not None:
        yield Section(title="What moving the traffic would do", lines=tuple(move_lines(result.move, currency)))
    if result.strategy is not None:
        yield Section(
            title="Groups at equal traffic mix", lines=tuple(strategy_lines(result.strategy, result.steps[0], currency))
        )
    if result.notes:
        yield Section(title="Notes", items=result.notes)
