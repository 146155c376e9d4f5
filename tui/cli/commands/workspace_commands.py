"""Commands about the workspace file itself: loads, rejects, cache, rescue."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.base.errors import UsageError
from tui.cli import app
from tui.cli.options import command
from tui.cli.output import Output

if TYPE_CHECKING:
    from core.workspace.schema.load_log import Load

_LOAD_COLUMNS = (
    "id",
    "loaded_at",
    "path",
    "kind",
    "preset",
    "read",
    "accepted",
    "rejected",
    "unchanged",
    "replaced",
    "seconds",
)


@command(app, "loads")
def loads(
    out: Output,
    db: Path,
    action: Annotated[
        str, typer.Argument(metavar="[show|undo]", help="One of them in detail, or take it out again.")
    ] = "",
    number: Annotated[int | None, typer.Argument(metavar="[N]", help="Which load.")] = None,
    wait: Annotated[
        float | None, typer.Option(min=0, metavar="SECONDS", help="How long undo waits for another load.")
    ] = None,
) -> None:
    """What was loaded when, newest first; takes a load out again."""
    from core.workspace.schema import load_log

    if action not in {"", "show", "undo"}:
        raise UsageError(f"no action {action!r}. Write: whydrop loads, whydrop loads show N, or whydrop loads undo N.")
    if not action:
        out.rows([load.to_dict() for load in load_log.loads(db)], _LOAD_COLUMNS, key="loads")
    elif number is None:
        raise UsageError(f"which load? Write: whydrop loads {action} N (whydrop loads lists them).")
    elif action == "show":
        _show(out, db, number)
    else:
        from core.workspace.write.recovery.undo import undo

        found = undo(db, number, wait)
        out.rows([found.to_dict()], _LOAD_COLUMNS, {"undone": True}, key="loads")
        out.note(f"load {number} is undone: {_effect(found)}. Load the file again once it is right.")


def _effect(found: "Load") -> str:
    added = found.accepted - found.replaced
    return f"{added:,} rows that it added are gone, {found.replaced:,} that it replaced are back"


def _show(out: Output, db: Path, number: int) -> None:
    from core.base.days import iso
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
    if not out.is_text:
        out.document(document, [], days)
        return
    facts = {**detail.load.to_dict(), "days": detail.load.days, "undo_first": ", ".join(map(str, later))}
    out.rows([{"field": name, "value": value} for name, value in facts.items()], ["field", "value"])
    for title, rows in (("Days", days), ("Refused rows", rejects)):
        if rows:
            out.text("", title)
            out.rows(rows, list(rows[0]))


@command(app, "rejects")
def rejects(
    out: Output,
    db: Path,
    load_id: Annotated[
        int | None,
        typer.Option("--load", metavar="ID", help="Of this load; without it, of the last load of each file."),
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
    from core.reports.saved_file import save_text
    from core.workspace.schema import load_log

    if mend is None:
        rows = [row.to_dict() for row in load_log.rejects(db, load_id, limit, search)]
        out.rows(rows, ["load", "file", "line", "reason", "raw"], key="rejects")
        return
    if load_id is None:
        raise UsageError("of which load? Write: whydrop rejects --load ID -o FILE (whydrop loads shows them).")
    save_text(mend, load_log.to_mend(db, load_id), replace=True)
    out.note(f"{mend}: correct the rows, then: whydrop load {mend}")


@command(app, "cache")
def cache(
    out: Output,
    db: Path,
    action: Annotated[str, typer.Argument(metavar="[clear]", help="Remove everything that is kept.")] = "",
) -> None:
    """Answers that are kept to be faster; clearing them loses nothing but time."""
    from core.workspace.read.blocks import cache_files
    from core.workspace.read.blocks.cache import root

    folder = root()
    if action == "clear":
        freed = cache_files.clear(folder)
        out.document({"folder": str(folder), "freed_bytes": freed}, [f"{freed / 1e6:,.1f} MB removed from {folder}"])
        return
    if action:
        raise UsageError(f"no action {action!r}. Write: whydrop cache, or whydrop cache clear.")
    states = cache_files.states(folder)
    rows = [state.to_dict() for state in states]
    total = sum(state.bytes for state in states)
    document = {"folder": str(folder), "bytes": total, "most_bytes": cache_files.MOST_BYTES}
    out.rows(rows, ["workspace", "files", "bytes", "used_at"], document, key="states")
    if out.is_text:
        out.note(f"{total / 1e6:,.1f} MB of at most {cache_files.MOST_BYTES / 1e6:,.0f} MB in {folder}")


@command(app, "rescue")
def rescue(
    out: Output,
    db: Path,
    damaged: Annotated[Path, typer.Argument(metavar="DB", help="The damaged workspace; it is not changed.")],
    new: Annotated[Path, typer.Option("-o", "--output", metavar="NEW.db", help="Where to write what can be read.")],
) -> None:
    """Saves what can be read of a damaged workspace into a new one."""
    from core.workspace.write.recovery.rescue import rescue as save

    found = save(damaged, new)
    out.rows([table.to_dict() for table in found], ["table", "read", "lost"], key="tables")
    lost = [table.table for table in found if table.lost]
    if lost:
        out.note(f"rows of {', '.join(lost)} are lost: load their exports again into {new}.")
