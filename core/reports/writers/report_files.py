"""Which writer a report's file name asks for."""

from collections.abc import Callable, Mapping, Sequence

from core.base.errors import UsageError
from core.reports.escaping import in_json
from core.reports.report import Report
from core.reports.writers.html_writer import to_html
from core.reports.writers.markdown_writer import to_markdown


def to_json(reports: Sequence[Report]) -> str:
    """The reports with the JSON that they rest on."""
    from msgspec import json

    plain = {"schema": "whydrop.report/1", "documents": [report.to_dict() for report in reports]}
    return in_json(json.format(json.encode(plain, enc_hook=lambda number: number.item()), indent=2).decode()) + "\n"


WRITERS: Mapping[str, Callable[[Sequence[Report]], str]] = {".html": to_html, ".md": to_markdown, ".json": to_json}


def writer_for(suffix: str) -> Callable[[Sequence[Report]], str]:
    """The writer of files with this ending. Raises UsageError."""
    try:
        return WRITERS[suffix.lower()]
    except KeyError:
        problem = f"no report format {suffix!r}" if suffix else "the report needs a format"
        raise UsageError(f"{problem}. End the file name with {', '.join(WRITERS)}.") from None
