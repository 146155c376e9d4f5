"""A mapping: how the columns of one system's exports become those of a kind; for a header at hand, a plan."""

from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Dict
from dataclasses import field, replace
from typing import Any, Literal

from core.base.errors import UsageError, did_you_mean
from core.base.frozen import frozen
from core.catalogue.kinds import CellType
from core.ingest.headers.column_names import english_names, first_called, translated
from core.ingest.headers.folding import folded
from core.ingest.mapping.column_plan import HELPERS, ColumnPlan, Plan, asked_columns, free_name, measure_cell
from core.ingest.request import DateOrder

Others = Literal["measures", "ignore"]


@frozen
class Entry:
    """One column of a mapping: its plan but for the name that its source has in the file at hand."""

    plan: ColumnPlan
    names: tuple[str, ...]
    """Names that the source column has had; empty for a constant."""
    helpers: Dict[str, tuple[str, ...]]
    """Settings of HELPERS -> names that such a column has had."""
    optional: bool = False


@frozen(kw_only=True)
class Mapping:
    """A mapping, read and checked."""

    entries: tuple[Entry, ...]
    key: tuple[Entry, ...]
    settings: Plan
    """What holds for every column: kind, decimal mark, order of dates, rows to drop, notes."""
    recognised_by: tuple[tuple[str, ...], ...] = ()
    """Columns that tell this export from others, each with the names that it has had."""
    sections: bool = False
    """Whether a row above the header gives sections, so that a column is called `section::header`."""
    ignore: frozenset[str] = frozenset()
    """Columns that are known and left out, in lower case."""
    described_by: tuple[str, ...] = ()
    """Names that the column of figures has had by which a row of descriptions is known."""
    exact: bool = False
    """Whether it is this export only when no other column is there."""
    others: Others = "ignore"
    """What to do with columns of figures that it does not know."""
    known: frozenset[str] = frozenset()
    """Every name, folded, that a column may have which it knows."""
    telling: tuple[frozenset[str], ...] = ()
    """`recognised_by`, folded."""
    parts: Dict[str, Dict[str, Any]] = field(default_factory=dict)
    """The files that it is put together from, the main one first (core.ingest.multi_file); empty = one file."""

    @property
    def name(self) -> str:
        """What it is called."""
        return self.settings.preset or ""

    @property
    def shown_names(self) -> tuple[str, ...]:
        """Columns that tell this export, one name of each."""
        telling = [names[0] for names in self.recognised_by]
        return tuple(telling or [str(name) for part in self.parts.values() for name in part["recognise"]][:6])

    def recognises(self, header: Iterable[str], columns_by_name: frozenset[str]) -> bool:
        """Whether an export with these columns, called `held` (folded) in English or as they are, is this one."""
        if not self.recognised_by or not all(not columns_by_name.isdisjoint(names) for names in self.telling):
            return False
        if len(columns_by_name & frozenset().union(*self.telling)) < len(self.telling):
            return False  # one column stands for two of those that tell it
        if not self.exact:
            return True
        recognized = english_names(header)
        return {recognized[name] for name in self.known & columns_by_name} >= set(recognized.values())

    def plan(
        self,
        header: Sequence[str],
        numeric: Dict[str, bool],
        dimensions: Iterable[str] = (),
        date_order: DateOrder | None = None,
    ) -> Plan:
        """The plan for an export with these columns; `numeric` says of those that it does not know which are figures.

        Raises UsageError when a column that it needs is missing.
        """
        columns_by_name = english_names(header)
        columns = _found(self.entries, columns_by_name, header)
        requested = asked_columns(dimensions, header)
        extra = [ColumnPlan(free_name(name), CellType.WORD, name) for name in requested]
        unknown = [name for name, is_figures in numeric.items() if is_figures and name not in requested]
        measured = self._measured(unknown, header, [column.target for column in columns])
        return replace(
            self.settings,
            columns=(*columns, *extra, *measured),
            key=tuple(_found(self._key_of(columns_by_name), columns_by_name, header)),
            dimensions=(
                *(item.target for item in columns if item.target in self.settings.dimensions),
                *(item.target for item in extra),
            ),
            measures=(
                *(item.target for item in columns if item.target in self.settings.measures),
                *(column.target for column in measured),
            ),
            date_order=date_order or self.settings.date_order,
            description=first_called(columns_by_name, self.described_by),
            drop={
                columns_by_name[folded(name)]: cells
                for name, cells in self.settings.drop.items()
                if folded(name) in columns_by_name
            },
        )

    def _key_of(self, columns_by_name: Dict[str, str]) -> tuple[Entry, ...]:
        """The columns that name a row; of a preset those that an export has, since one account's own does not name it."""
        found = tuple(entry for entry in self.key if first_called(columns_by_name, entry.names) is not None)
        return found if found and self.recognised_by else self.key

    def _measured(self, unknown: Sequence[str], header: Sequence[str], used: Sequence[str]) -> list[ColumnPlan]:
        """Columns of figures that it does not know, as measures, where it takes all."""
        called = translated(tuple(header)).names
        result: list[ColumnPlan] = []
        for name in unknown if self.others == "measures" else ():
            target = free_name(called.get(name, name))
            target = free_name(name) if target in {*used, *(column.target for column in result)} else target
            result.append(ColumnPlan(target, measure_cell(target), name))
        return result


def _found(entries: Sequence[Entry], columns_by_name: Dict[str, str], header: Sequence[str]) -> list[ColumnPlan]:
    plans = []
    for entry in entries:
        source = first_called(columns_by_name, (*entry.names, *entry.helpers.get("otherwise", ())))
        if source is None and entry.names and not entry.optional:
            requested = entry.names[0]
            raise UsageError(
                f"no column {requested!r}, which {entry.plan.target} is read from.{did_you_mean(requested, header)}"
            )
        if source is not None or not entry.names or entry.plan.from_file:
            helping: dict[str, Any] = {
                field: first_called(columns_by_name, entry.helpers.get(name, ())) for name, field in HELPERS.items()
            }
            for name in ("where", "sign"):
                if helping[name] is None and name in entry.helpers:
                    raise UsageError(f"no column {entry.helpers[name][0]!r}, which {entry.plan.target} depends on.")
            from_file = entry.plan.from_file and source is None
            plans.append(replace(entry.plan, source=source, from_file=from_file, **helping))
    return plans
