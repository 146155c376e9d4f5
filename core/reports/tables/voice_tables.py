"""The tables of the Voice: themes, and the texts behind one."""

from collections.abc import Sequence

from core.base.count_text import count
from core.base.date_text import day_month
from core.base.days import iso
from core.reports.figures.change_format import change
from core.reports.figures.number_format import amount, figure, p_value, span
from core.reports.table import Cell, Column, Row, Table
from core.views.complaint_texts import ComplaintText
from core.voice.voice_results import Theme, Voice

_THEMES = (
    Column("theme", "theme", "the theme of the complaints; enter shows the texts", least=37),
    Column("orders", "orders", "order lines with this complaint", right=True),
    Column("share", "of orders", "their share of all order lines in the window", right=True, priority=3),
    Column("change", "change", "change of the share versus the eight weeks before", right=True, priority=1),
    Column("trend", "trend", "▲ more often than chance explains, ▼ less often"),
    Column("money_lost", "money lost", "refunded, or ordered and cancelled", right=True),
    Column("interval", "range", "95% range of the money lost", right=True, priority=6),
    Column("owner", "owner", "the team that can act on it", priority=2),
    Column(
        "where",
        "most often in",
        "where it is more frequent than elsewhere, the most orders first",
        priority=4,
        least=14,
    ),
    Column("p_value", "p", "probability of so large a change by chance", right=True, priority=7),
)
_TEXTS = (
    Column("day", "day", "the day it was written", right=True),
    Column("rating", "stars", "1 to 5", right=True),
    Column("text", "text", "the text; e-mail addresses, links and long numbers are masked", least=30),
    Column("themes", "themes", "every theme that it mentions", priority=2),
    Column("review_id", "review", "its id", priority=1),
)
_CLEAR = 0.05
"""Above this chance a change is not called one."""


def theme_table(result: Voice, currency: str) -> Table:
    """One row a theme, the most money first."""
    note = f"{count(result.order_lines, 'order line')}, {count(result.texts, 'complaint')}"
    rows = tuple(_theme(theme, currency) for theme in result.themes)
    return Table("Themes", _THEMES, rows, note=note, name="voice", empty="no complaint on these days")


def _theme(theme: Theme, currency: str) -> Row:
    trend = "▲" if theme.rose else "▼" if theme.p_value < _CLEAR and theme.change < 0 else ""
    cells = (
        Cell(theme.name, style="bold" if theme.rose else ""),
        Cell(f"{theme.orders:,}", theme.orders),
        Cell(figure(theme.share, "ratio"), theme.share, "dim"),
        Cell(change(theme.change, "ratio"), theme.change, "bad" if theme.rose else ""),
        Cell(trend, theme.p_value, "bad" if theme.rose else "good"),
        Cell(amount(theme.money_lost, "money", currency) if theme.money_lost else "–", theme.money_lost),
        Cell(span(*theme.interval, "money") if theme.money_lost else "–", style="dim"),
        Cell(theme.owner, style="dim"),
        Cell(", ".join(str(segment.where) for segment in theme.segments[:3]), style="dim"),
        Cell(p_value(theme.p_value), theme.p_value, "dim"),
    )
    return Row(theme.theme, cells, theme)


def text_table(name: str, texts: Sequence[ComplaintText], theme: str) -> Table:
    """The texts of one theme, the newest first; `name` is the theme as people read it."""
    matching = [text for text in texts if theme in text.themes]
    rows = tuple(Row(text.review_id, _text(text), text) for text in matching)
    empty = "no text: it is counted from refunds and cancellations"
    return Table(name, _TEXTS, rows, name=f"texts-{theme}", note=count(len(rows), "text"), empty=empty)


def _text(text: ComplaintText) -> tuple[Cell, ...]:
    return (
        Cell(day_month(text.day), iso(text.day), "dim"),
        Cell(f"{text.rating}", text.rating),
        Cell(text.text),
        Cell(", ".join(text.themes), style="dim"),
        Cell(text.review_id, style="dim"),
    )
