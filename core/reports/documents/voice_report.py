"""What buyers complain about as a report: the answer, a table of themes, then the evidence of each."""

from core.base.count_text import count
from core.base.date_text import date_range
from core.reports.report import Report, Section
from core.reports.tables.voice_tables import theme_table
from core.reports.voice_narrative import rising_line, theme_lines, voice_summary
from core.voice.voice_results import Voice


def voice_report(result: Voice, currency: str) -> Report:
    """What `voice` prints."""
    themes = (Section(title=theme.name, lines=lines) for theme in result.themes if (lines := tuple(theme_lines(theme))))
    rising = tuple(map(rising_line, result.rising))
    return Report(
        title=f"Complaints, {date_range(result.window)}",
        summary=(voice_summary(result, currency),),
        sections=(
            Section(title="Themes", table=theme_table(result, currency)),
            *themes,
            *([Section(title="New words", items=rising)] if rising else []),
            Section(lines=(f"{count(result.silent, 'complaint')} with no known theme.", *result.notes)),
        ),
        data=result.to_dict(),
    )
