"""Writes down what is agreed, noted and found about cases: records are added in one transaction, and never changed."""

from collections.abc import Callable, Sequence
from pathlib import Path

from core.workspace.schema.cases.case_chain import CaseChain, CaseDraft, CaseRecord, add_records, chained, read_chain
from core.workspace.schema.connection import transaction, writing


def append_records(path: Path, drafts: Callable[[CaseChain], Sequence[CaseDraft]]) -> tuple[CaseRecord, ...]:
    """Adds the records that `drafts` makes of those that are there, and gives them back as they are stored.

    After an error or a kill none of them is there. Raises WhydropError when the workspace cannot be written.
    """
    from sqlite_utils import Database  # 0.1 s: only what writes cases needs it

    with writing(path) as connection, transaction(connection, path):
        chain = read_chain(connection)
        records = chained(chain, drafts(chain))
        add_records(Database(connection, recursive_triggers=False, execute_plugins=False), records)
    return records
