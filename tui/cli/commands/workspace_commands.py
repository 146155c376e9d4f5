"""Commands about the workspace file itself: loads, rejects, cache, rescue."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.base.count_text import count
from core.base.errors import UsageError
from tui.cli import app
from tui.cli.options import command
from tui.cli.output import Output

if TYPE_CHECKING:
    from core.workspace.schema.load_log import Load


@command(app, "loads", "whydrop loads", "whydrop loads show 1")
def loads(
    out: Output,
    db: Path,
    action: Annotated[str, typer.Argument(metavar="[show|undo]", help="Show one load in detail, or undo it.")] = "",
    number: Annotated[int | None, typer.Argument(metavar="[N]", help="Number of the load.")] = None,
    wait: Annotated[
        float | None, typer.Option(min=0, metavar="SECONDS", help="How long undo waits for another load.")
    ] = None,
) -> None:
    """What was loaded when, newest first; takes a load out again."""
    from core.reports.list_columns import LOADS
    from core.workspace.schema import load_log

    if action not in {"", "show", "undo"}:
        raise UsageError(f"no action {action!r}. Write: whydrop loads, whydrop loads show N, or whydrop loads undo N.")
    if not action:
        rows, others = [load.to_dict() for load in load_log.loads(db)], ("days", "fingerprint")
        out.rows(rows, LOADS, key="loads", others=others, empty="Nothing is loaded yet.")
    elif number is None:
        raise UsageError(f"which load? Write: whydrop loads {action} N (whydrop loads lists them).")
    elif action == "show":
        _show(out, db, number)
    else:
        from core.workspace.write.recovery.undo import undo

        load = undo(db, number, wait)
        out.rows([load.to_dict()], LOADS, {"undone": True}, key="loads")
        out.note(f"load {number} is undone: {_effect(load)}. Load the file again once it is right.")


def _effect(load: "Load") -> str:
    """What undoing a load has changed."""
    added = load.accepted - load.replaced
    return f"{count(added, 'added row')} gone, {count(load.replaced, 'replaced row')} back"


def _show(out: Output, db: Path, number: int) -> None:
    from core.base.days import iso
    from core.reports.list_columns import FACTS, LOAD_DAYS, REJECTS
    from core.reports.report import Report, Section
    from core.reports.table import table_of
    from core.workspace.schema.load_log import load_detail
    from core.workspace.write.recovery.undo import later_loads

    detail, later = load_detail(db, number), later_loads(db, number)
    days = [{"day": iso(day), "read": read, "added": added} for day, read, added in detail.days]
    rejects = [row.to_dict() for row in detail.rejects]
    document = {
        "load": detail.load.to_dict(),
        "days": days,
        "kept_rows": detail.replaced_rows,
        "undo_first": list(later),
        "rejects": rejects,
    }
    facts = {**detail.load.to_dict(), "days": str(detail.load.days or ""), "undo_first": ", ".join(map(str, later))}
    records = [{"field": name, "value": value} for name, value in facts.items()]
    parts = (("Days", LOAD_DAYS, days), ("Refused rows", REJECTS, rejects))
    sections = (Section(title=title, table=table_of(title, columns, rows)) for title, columns, rows in parts if rows)
    head = Section(table=table_of("Load", FACTS, records))
    names = [column.key for column in LOAD_DAYS]
    out.report(Report(title=f"Load {number}", sections=(head, *sections)), document, days, names)


@command(app, "rejects", "whydrop rejects", "whydrop rejects --search date --limit 20")
def rejects(
    out: Output,
    db: Path,
    load_id: Annotated[
        int | None,
        typer.Option("--load", metavar="ID", help="Only rows of this load; by default, of the last load of each file."),
    ] = None,
    search: Annotated[
        str, typer.Option(metavar="TEXT", help="Only rows with all these words in the file, the reason or the row.")
    ] = "",
    limit: Annotated[int | None, typer.Option(min=0, metavar="N", help="At most N rows.")] = None,
    mend: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="Write the rows of --load as an export to correct."),
    ] = None,
) -> None:
    """Which rows were refused, and why."""
    from core.reports.list_columns import REJECTS
    from core.reports.writers.saved_file import save_text
    from core.workspace.schema import load_log

    if mend is None:
        rows = [row.to_dict() for row in load_log.rejects(db, load_id, limit, search)]
        out.rows(rows, REJECTS, key="rejects", empty="No row was refused.")
        return
    if load_id is None:
        raise UsageError("of which load? Write: whydrop rejects --load ID -o FILE (whydrop loads shows them).")
    save_text(mend, load_log.to_mend(db, load_id), replace=True)
    out.note(f"{mend}: correct the rows, then: whydrop load {mend}")


@command(app, "cache", "whydrop cache", "whydrop cache clear")
def cache(
    out: Output,
    db: Path,
    action: Annotated[str, typer.Argument(metavar="[clear]", help="Remove all cached answers.")] = "",
) -> None:
    """Cached answers; clearing them costs only time."""
    from core.reports.list_columns import CACHES
    from core.reports.report import Report
    from core.workspace.read.blocks import cache_files
    from core.workspace.read.blocks.cache import root

    folder = root()
    if action == "clear":
        freed = cache_files.clear(folder)
        title = f"{freed / 1e6:,.1f} MB removed from {folder}"
        out.report(Report(title=title), {"folder": str(folder), "freed_bytes": freed})
        return
    if action:
        raise UsageError(f"no action {action!r}. Write: whydrop cache, or whydrop cache clear.")
    states = cache_files.states(folder)
    rows = [state.to_dict() for state in states]
    if out.is_text:  # ids of findings are kept in a folder of their own
        rows = [{**row, "workspace": row["workspace"] or f"({Path(row['folder']).name})"} for row in rows]
    total = sum(state.bytes for state in states)
    document = {"folder": str(folder), "bytes": total, "most_bytes": cache_files.MOST_BYTES}
    out.rows(rows, CACHES, document, key="states", others=("folder",), empty="Nothing is cached.")
    if out.is_text:
        out.note(f"{total / 1e6:,.1f} MB of at most {cache_files.MOST_BYTES / 1e6:,.0f} MB in {folder}")


@command(app, "rescue", "whydrop rescue damaged.db -o rescued.db", "whydrop rescue old.db -o new.db --format json")
def rescue(
    out: Output,
    db: Path,
    damaged: Annotated[Path, typer.Argument(metavar="DB", help="The damaged workspace; it is not changed.")],
    new: Annotated[Path, typer.Option("-o", "--output", metavar="NEW.db", help="File for the rows that can be read.")],
) -> None:
    """Saves what can be read of a damaged workspace into a new one."""
    from core.reports.list_columns import RESCUED
    from core.workspace.write.recovery.rescue import is_damaged
    from core.workspace.write.recovery.rescue import rescue as save

    tables = save(damaged, new)
    out.rows([table.to_dict() for table in tables], RESCUED, key="tables")
    lost = [table.table for table in tables if table.lost]
    if lost:
        out.note(f"rows of {', '.join(lost)} are lost: load their exports again into {new}.")
    if is_damaged(damaged):
        out.note(f"{damaged} is damaged, so values in {new} may be wrong: if you have the exports, load them instead.")
