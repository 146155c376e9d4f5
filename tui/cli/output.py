"""stdout is for data, stderr for all else: one place that writes either, in every format."""

import csv
import json
import math
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from core.base.errors import UsageError, did_you_mean
from core.reports.escaping import for_markdown, for_spreadsheet, for_terminal, in_json

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

Row = Mapping[str, Any]

_PIPE_WIDTH = 1000
"""Wide enough that nothing wraps: what reads a pipe wants one line a row."""


class Format(StrEnum):
    """How results are written to stdout."""

    TABLE = "table"
    JSON = "json"
    NDJSON = "ndjson"
    CSV = "csv"
    MD = "md"


@dataclass(frozen=True, slots=True)
class Output:
    """How and where one command writes."""

    command: str
    format: Format
    fields: str
    quiet: bool
    no_color: bool

    @property
    def is_text(self) -> bool:
        """Whether a person reads it, not a program."""
        return self.format is Format.TABLE

    def rows(
        self, rows: Iterable[Row], columns: Sequence[str], document: Mapping[str, Any] | None = None, key: str = "rows"
    ) -> None:
        """Writes a list of things: a table, CSV, Markdown, one JSON line each, or `{"schema", **document, key: rows}`.

        `columns` are the columns of the tabular formats; a cell that is a mapping or a list is written as JSON there.
        """
        found = list(rows)
        names = self._chosen(columns, list(found[0]) if found else columns)
        if self.format is Format.JSON:
            self._json({**(document or {}), key: [self._picked(row) for row in found]})
        elif self.format is Format.NDJSON:
            for row in found:
                _print_json(self._picked(row))
        elif self.format is Format.CSV:
            writer = csv.writer(sys.stdout, lineterminator="\n")
            writer.writerow(map(for_spreadsheet, names))
            writer.writerows([for_spreadsheet(_cell(row.get(name))) for name in names] for row in found)
        elif self.format is Format.MD:
            _markdown(names, found)
        else:
            self._table(names, found)

    def document(self, document: Mapping[str, Any], text: "Sequence[RenderableType]", rows: Sequence[Row] = ()) -> None:
        """Writes one thing that is no list: JSON, or text for people; `rows` stand for it in CSV."""
        if self.format is Format.JSON:
            self._json(self._picked(document))
        elif self.format is Format.NDJSON:
            _print_json({"schema": self._schema(), **self._picked(document)})
        elif self.format is Format.CSV:
            self.rows(rows, list(rows[0]) if rows else [])
        else:
            console = self.console()
            for block in text:
                console.print(block)

    def text(self, *blocks: "RenderableType") -> None:
        """Writes text for people to stdout; only where the format is a table or Markdown."""
        console = self.console()
        for block in blocks:
            console.print(block)

    def note(self, line: str) -> None:
        """One line on stderr that is no error; silent when quiet."""
        if not self.quiet:
            print(f"note: {for_terminal(line)}", file=sys.stderr)

    def error(self, line: str) -> None:
        """The one line of an error, on stderr."""
        print(f"whydrop: {for_terminal(line)}", file=sys.stderr)

    def console(self) -> "Console":
        """Where text for people goes: as wide as the terminal, or plain and unwrapped in a pipe."""
        from rich.console import Console as RichConsole

        class Console(RichConsole):
            """Rich's, which lets a broken pipe be handled where all commands end."""

            def on_broken_pipe(self) -> None:
                raise BrokenPipeError

        terminal = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
        return Console(
            file=sys.stdout,
            no_color=self.no_color or None,
            highlight=False,
            markup=False,
            emoji=False,
            width=None if terminal else _PIPE_WIDTH,
        )

    def _schema(self) -> str:
        return f"whydrop.{self.command}/1"

    def _json(self, document: Mapping[str, Any]) -> None:
        _print_json({"schema": self._schema(), **document}, indent=2)

    def _wanted(self) -> list[str]:
        return [name.strip() for name in self.fields.split(",") if name.strip()]

    def _picked(self, row: Row) -> Row:
        wanted = self._chosen(list(row), list(row))
        return {name: row[name] for name in wanted}

    def _chosen(self, columns: Sequence[str], known: Sequence[str]) -> list[str]:
        """The columns asked for with --fields, else all of `columns`. Raises UsageError for an unknown one."""
        wanted = self._wanted()
        for name in wanted:
            if name not in known:
                raise UsageError(f"no field {name!r}.{did_you_mean(name, known)} Known: {', '.join(known)}.")
        return wanted or list(columns)

    def _table(self, names: Sequence[str], rows: Sequence[Row]) -> None:
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, pad_edge=False, header_style="bold", show_edge=False)
        for name in names:
            numeric = all(isinstance(row.get(name), int | float | None) for row in rows)
            table.add_column(Text(for_terminal(name)), justify="right" if numeric and rows else "left", overflow="fold")
        for row in rows:
            table.add_row(*(Text(for_terminal(_cell(row.get(name)))) for name in names))
        self.console().print(table)


def _cell(value: Any) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float):
        return repr(round(value, 10)).removesuffix(".0")
    if isinstance(value, Mapping | list | tuple):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def _markdown(names: Sequence[str], rows: Sequence[Row]) -> None:
    def line(cells: Iterable[str]) -> str:
        return "| " + " | ".join(for_markdown(for_terminal(cell)) for cell in cells) + " |"

    print(line(names))
    print("|" + " --- |" * len(names))
    for row in rows:
        print(line(_cell(row.get(name)) for name in names))


def _print_json(document: Row, indent: int | None = None) -> None:
    """JSON has no nan and no infinity: null stands for a figure that the data cannot give."""
    from msgspec import json as fast  # json.dumps leaves C behind as soon as it indents: three times as long

    text = fast.encode(document, enc_hook=lambda number: number.item())
    print(in_json((fast.format(text, indent=indent) if indent else text).decode()))
