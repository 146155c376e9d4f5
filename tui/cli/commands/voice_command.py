"""The command that says what buyers complain about."""

from pathlib import Path
from typing import Annotated

import typer

from tui.cli import app
from tui.cli.completion import By, Since, Where, Window_
from tui.cli.options import command
from tui.cli.output import Output


@command(app, "voice", "whydrop voice --since 28d", "whydrop voice --where market=ID --texts --format json")
def voice(
    out: Output,
    db: Path,
    window: Window_ = "",
    since: Since = "",
    where: Where = "",
    by: By = None,
    texts: Annotated[bool, typer.Option("--texts", help="List every text of the window with its themes.")] = False,
) -> None:
    """What buyers complain about, and what it costs. The newest four weeks by default.

    Reviews are understood in Chinese, English, Filipino, French, German, Indonesian, Italian, Japanese, Korean, Malay,
    Portuguese, Russian, Spanish, Thai and Vietnamese.
    """
    from core.reports.documents.voice_report import voice_report
    from core.reports.list_columns import TEXTS
    from core.views.questions.question_words import read_dimensions, read_segment, window_or_since
    from core.voice.voice import texts as themes_of_texts
    from core.voice.voice import voice as listen
    from core.workspace.read.workspace import Workspace

    with Workspace.open(db) as workspace:
        days, segment = window_or_since(workspace, window, since), read_segment(workspace, where)
        if texts:
            rows = [text.to_dict() for text in themes_of_texts(workspace, window=days, where=segment)]
            out.rows(rows, TEXTS, key="texts", empty="No text in these days.")
            return
        result = listen(workspace, window=days, where=segment, by=read_dimensions(workspace, *by or ()))
        currency = workspace.currency
    document = result.to_dict()
    keys = ("theme", "orders", "share", "share_before", "change", "p_value", "money_lost")
    out.report(
        voice_report(result, currency), document, [{key: theme[key] for key in keys} for theme in document["themes"]]
    )
