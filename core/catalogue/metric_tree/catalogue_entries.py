"""The tables of catalogue files, and of what else a catalogue is made of, before they are resolved."""

import tomllib
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, NoReturn

from core.base import settings
from core.base.errors import UsageError
from core.base.frozen import frozen
from core.catalogue.metric_tree.formula import FormulaError, parse


@frozen(kw_only=True)
class CatalogueEntry:
    """One table of a catalogue file, and where it stands."""

    key: str
    fields: Mapping[str, Any]
    file: str
    text: str
    table: str

    def refuse(self, reason: str, field: str | None = None) -> NoReturn:
        """Raises UsageError with the file and the line of the table, or of a field of it."""
        raise UsageError(f"{self.file}:{settings.line_of(self.text, self.table, field)}: {self.key}: {reason}")

    @property
    def formula(self) -> str:
        """As it is written; empty where there is none."""
        return str(self.fields.get("formula", ""))

    @property
    def factors(self) -> tuple[str, ...]:
        """The metrics that it is a product of; none where its formula is no product, or cannot be read."""
        with suppress(FormulaError):
            formula = parse(self.formula)
            return tuple(factor.terms[0][1] for factor in formula.factors) if formula.is_product else ()
        return ()


def entries_of(file: str, text: str, table: str) -> list[CatalogueEntry]:
    """The tables inside `table` of a catalogue file, of the whole file where that is empty.

    Raises UsageError for what is no table.
    """
    tables = tomllib.loads(text)
    prefix = f"{table}." if table else ""
    inside = tables.get(table, {}) if table else tables
    entries = [
        CatalogueEntry(key=key, fields=fields, file=file, text=text, table=prefix + key)
        for key, fields in inside.items()
    ]
    for entry in entries:
        if not isinstance(entry.fields, Mapping):
            entry.refuse("a table is expected")
    return entries


def daily_entry(name: str, **fields: str) -> CatalogueEntry:
    """A measure of `daily` exports, or a ratio of them."""
    return CatalogueEntry(key=name, fields=fields, file="daily", text="", table=name)
