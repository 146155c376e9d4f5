"""What buyers complain about as a report: the answer, a table of themes, then the evidence of each."""

from core.reports.number_format import days, figure, p_value, small_percent
from core.reports.report import Report, Section
from core.reports.table import Cell, Column, Row, Table
from core.reports.voice_narrative import rising_line, theme_lines, voice_summary
from core.voice.voice_results import Theme, Voice

_THEMES = (
    Column("theme", "theme", "what the complaint is about", least=10),
    Column("orders", "orders", "orders that it hit", right=True),
    Column("share", "of orders", "share of order lines", right=True),
    Column("share_before", "before", "the same in the weeks before", right=True, priority=2),
    Column("p_value", "p", "how often chance alone shows such a rise", right=True, priority=4),
    Column("money_lost", "lost", "money lost", right=True, priority=1),
    Column("owner", "owner", "who can act on it", priority=3),
)


def voice_report(result: Voice) -> Report:
    """What `voice` prints."""
    themes = (Section(title=theme.name, lines=lines) for theme in result.themes if (lines := tuple(theme_lines(theme))))
    rising = tuple(map(rising_line, result.rising))
    return Report(
        title=f"Complaints, {days(result.window)}",
        summary=(voice_summary(result),),
        sections=(
            Section(title="Themes", table=theme_table(result)),
            *themes,
            *([Section(title="New words", items=rising)] if rising else []),
            Section(lines=(f"{result.silent:,} complaints name no known theme.", *result.notes)),
        ),
        data=result.to_dict(),
    )


def theme_table(result: Voice) -> Table:
    """The themes, what costs most first; ▲ marks those that became more frequent."""
    rows = tuple(Row(theme.theme, _theme(theme), theme) for theme in result.themes)
    return Table("Themes", _THEMES, rows, name="themes", empty="no complaints with a known theme")


def _theme(theme: Theme) -> tuple[Cell, ...]:
    return (
        Cell(f"{'▲' if theme.rose else ' '} {theme.name}", theme.theme),
        Cell(f"{theme.orders:,}", theme.orders),
        Cell(small_percent(theme.share), theme.share),
        Cell(small_percent(theme.share_before), theme.share_before),
        Cell(p_value(theme.p_value), theme.p_value),
        Cell(figure(theme.money_lost, "money") if theme.money_lost else "", theme.money_lost),
        Cell(theme.owner),
    )
