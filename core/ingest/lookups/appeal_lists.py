"""Lists of appeals: there may be several of them against one violation."""

from core.ingest.formats.batch import ExportTable
from core.ingest.formats.turned_table import TurnedTable
from core.ingest.headers.appeal_columns import name_of_appeals, names_violation, state_names
from core.ingest.headers.folding import folded
from core.ingest.headers.word_lists import is_overturned


def one_row_each(table: ExportTable, file: str) -> ExportTable:
    """A list of appeals with one row for each violation: the first that says that it was overturned, else its last one. Itself
    where it is another table, or too long to be read as a whole.
    """
    header = table.rows[0]
    appeals = name_of_appeals(file, header)
    if not table.is_complete or appeals is None:
        return table
    violation = next(at for at, name in enumerate(header) if names_violation(name))
    names = {f"{appeals} {folded(name).replace('_', ' ')}": at for at, name in enumerate(header) if at != violation}
    states = [(names[name], name) for name in state_names(names)]
    kept: dict[str, int] = {}
    decided: set[str] = set()
    for place, row in enumerate(table.rows[1:], 1):
        key = row[violation].strip() if violation < len(row) else ""
        if key and key not in decided:
            kept[key] = place
            if any(is_overturned(row[at], name) for at, name in states if at < len(row)):
                decided.add(key)
    return TurnedTable.of(table, [(place, table.rows[place]) for place in (0, *sorted(kept.values()))])
