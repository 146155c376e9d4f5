"""stdout is for data, stderr for all else: one place that writes either, in every format."""

import csv
import os
import re
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TextIO

from core.base.errors import UsageError, did_you_mean
from core.base.frozen import frozen
from core.reports.escaping import for_terminal
from core.reports.text_width import cell_width, wrapped
from tui.cli.waiting import SIGN

if TYPE_CHECKING:
    from core.reports.report import Report
    from core.reports.table import Column, Table
    from core.reports.writers.text_writer import TextStyle

Record = Mapping[str, Any]
_COMMAND_ADVISED = re.compile(r"(?<=:) (?=whydrop [^()]*$)")
"""The blank before a command that ends a sentence."""


class Format(StrEnum):
    """How results are written to stdout."""

    TABLE = "table"
    JSON = "json"
    NDJSON = "ndjson"
    CSV = "csv"
    MD = "md"


@frozen
class Output:
    """How and where one command writes."""

    command: str
    format: Format
    fields: str
    quiet: bool
    no_color: bool
    wide: bool = False

    @property
    def is_text(self) -> bool:
        """Whether a person reads it, not a program."""
        return self.format in {Format.TABLE, Format.MD}

    def rows(
        self,
        records: Iterable[Record],
        columns: "Sequence[Column]",
        document: Record | None = None,
        key: str = "rows",
        *,
        names: Sequence[str] = (),
        others: Sequence[str] = (),
        empty: str = "Nothing to show.",
    ) -> None:
        """Writes a list: a table, Markdown, CSV, a JSON line each, or `{"schema", **document, key: rows}`.

        `names` are the columns of CSV where they are not those of `columns`, `others` fields of JSON that are no column. Raises
        UsageError for an unknown field.
        """
        rows = list(records)
        if not rows:
            fields = [*names, *(column.key for column in columns), *others]
            self._chosen(fields, fields)  # a typo is one where nothing is listed, too
        if self.is_text:
            self._report(_only_table(self._table(rows, columns, empty)))
        elif self.format is Format.CSV:
            self._csv(rows, self._chosen(names or [column.key for column in columns], _keys(rows)))
        elif self.format is Format.JSON:
            self._json({**(document or {}), key: [self._picked(row) for row in rows]})
        else:
            for row in rows:
                _print_json(self._picked(row))

    def report(
        self, report: "Report", document: Record, rows: Sequence[Record] = (), names: Sequence[str] = (), key: str = ""
    ) -> None:
        """Writes one result: a report for people, JSON, or its rows as CSV.

        With a `key` the rows stand in the document under it, and are JSON lines; else the document is one line. `--fields`
        picks keys of the rows then, and keys of the document otherwise. Raises UsageError for an unknown field.
        """
        if self.is_text and not self.fields:
            self._report(report)
        elif self.format is Format.CSV:
            self._csv(rows, self._chosen(names or _keys(rows), _keys(rows)))
        elif key:
            self.rows(rows, _bare_columns(self._chosen(names, _keys(rows) or names)), document, key)
        elif self.is_text:
            self._report(_only_table(_fact_table(self._picked(document))))
        else:
            whole = {"schema": self._schema(), **self._picked(document)}
            _print_json(whole, indent=2 if self.format is Format.JSON else None)

    def note(self, line: str) -> None:
        """One line on stderr that is no error; silent when quiet."""
        if not self.quiet:
            self._to_stderr(f"note: {line}")

    def error(self, line: str) -> None:
        """An error, on stderr: one line where nothing limits the width."""
        self._to_stderr(f"whydrop: {line}")

    def text(self, *lines: str) -> None:
        """Lines for people, as they are; SQL and the like, which must not be broken."""
        for line in lines:
            _print(line)

    def _to_stderr(self, line: str) -> None:
        """Breaks between words in a terminal. A command that is advised at the end gets its own line there, to be copied."""
        width = shutil.get_terminal_size().columns if sys.stderr.isatty() else None
        clean = for_terminal(line)
        parts = [clean] if width is None or cell_width(clean) <= width else _COMMAND_ADVISED.split(clean)
        for part in parts:
            for row in wrapped(part, width):
                _print(row, file=sys.stderr)

    def _report(self, report: "Report") -> None:
        if self.format is Format.MD:
            from core.reports.writers.markdown_writer import to_markdown

            _print(to_markdown([report]), end="")
            return
        from core.reports.writers.text_writer import hidden_columns, report_lines

        style = self._style()
        for line in report_lines(report, style):
            _print(line)
        hidden = max(
            (hidden_columns(part.table, style) for part in report.sections if part.table is not None), default=0
        )
        if hidden:
            from core.base.count_text import count

            self.note(f"{count(hidden, 'column')} left out to fit; --wide shows all.")

    def _style(self) -> "TextStyle":
        """What stdout shows: a terminal has a width and bold, a pipe neither."""
        from core.reports.writers.text_writer import TextStyle

        in_terminal = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
        if not in_terminal:
            return TextStyle(width=None)
        plain = self.no_color or bool(os.environ.get("NO_COLOR"))
        return TextStyle(width=shutil.get_terminal_size().columns, tables_fit=not self.wide, is_styled=not plain)

    def _table(self, rows: Sequence[Record], columns: "Sequence[Column]", empty: str) -> "Table":
        """The rows under the columns that --fields asks for, else under all."""
        from core.reports.table import table_of

        by_key = {column.key: column for column in columns}
        names = self._chosen(list(by_key), _keys(rows) or list(by_key))
        chosen = [by_key[name] if name in by_key else _bare_columns([name])[0] for name in names]
        return table_of("", chosen, rows, empty)

    def _csv(self, rows: Sequence[Record], names: Sequence[str]) -> None:
        from core.reports.writers.row_files import csv_cell

        SIGN.end()
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(map(csv_cell, names))
        writer.writerows([csv_cell(row.get(name)) for name in names] for row in rows)

    def _schema(self) -> str:
        return f"whydrop.{self.command}/1"

    def _json(self, document: Record) -> None:
        _print_json({"schema": self._schema(), **document}, indent=2)

    def _picked(self, row: Record) -> Record:
        return {name: row[name] for name in self._chosen(list(row), list(row))}

    def _chosen(self, columns: Sequence[str], fields: Sequence[str]) -> list[str]:
        """The columns asked for with --fields, else all of `columns`. Raises UsageError for an unknown one."""
        names = [name.strip() for name in self.fields.split(",") if name.strip()]
        for name in names:
            if name not in fields and name not in columns:
                near = did_you_mean(name, fields)
                raise UsageError(f"no field {name!r}.{near} Known: {', '.join(fields or columns) or 'none'}.")
        return names or list(columns)


def _print(text: str, end: str = "\n", file: TextIO | None = None) -> None:
    SIGN.end()
    print(text, end=end, file=file)


def _only_table(table: "Table") -> "Report":
    from core.reports.report import Report, Section

    return Report(title="", sections=(Section(table=table),))


def _fact_table(document: Record) -> "Table":
    from core.reports.list_columns import FACTS
    from core.reports.table import table_of

    return table_of("", FACTS, [{"field": name, "value": value} for name, value in document.items()])


def _bare_columns(names: Sequence[str]) -> "list[Column]":
    from core.reports.table import Column

    return [Column(name, name, "") for name in names]


def _keys(rows: Sequence[Record]) -> list[str]:
    return list(rows[0]) if rows else []


def _print_json(document: Record, indent: int | None = None) -> None:
    """JSON has no nan and no infinity: null stands for a figure that the data cannot give."""
    from msgspec import json as fast  # json.dumps leaves C behind as soon as it indents: three times as long

    from core.reports.escaping import in_json

    text = fast.encode(document, enc_hook=lambda number: number.item())
    _print(in_json((fast.format(text, indent=indent) if indent else text).decode()))
