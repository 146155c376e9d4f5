"""The rows that indexes are counted from, and the group of each row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from core.base.arrays import Flags, Ints
from core.base.days import Window
from core.base.errors import UsageError
from core.base.segment import Segment
from core.catalogue.rating_rules import packaged
from core.indexes.index_cells import GroupTable, group_table, mixed_key
from core.ratings.cases import accounts, case_outcomes, order_facts, role_assignment
from core.workspace.read.rating_rows import words
from core.workspace.read.rows.index_rows import FactColumns, fact_columns
from core.workspace.read.workspace import Workspace

ROLE = "role"
"""Groups by the role in which a creator sold, as ratings assign it; no column of any export."""
_KINDS = ("orders", "reviews", "traffic")


@dataclass(frozen=True, kw_only=True)
class IndexFacts:
    """Rows of a workspace up to its newest day."""

    span: Window
    by: tuple[str, ...]
    facts: Mapping[str, FactColumns]
    """orders, reviews and traffic -> rows; a kind without rows has none."""
    table: GroupTable
    groups: Mapping[str, Ints] = field(default_factory=dict)
    """Kind -> group of each row, -1 outside of the segment and where the kind cannot tell."""


def read_facts(workspace: Workspace, where: Segment, by: Sequence[str]) -> IndexFacts:
    """Everything that indexes need, grouped by `by`. Raises UsageError for a dimension that does not exist."""
    dimensions = tuple(dict.fromkeys(by))
    workspace.check_dimensions(name for name in dimensions if name != ROLE)
    if ROLE in where.dimensions:
        raise UsageError("role is not a dimension of orders, so no segment can name it. Use --by role.")
    columns = tuple(name for name in dimensions if name != ROLE)
    span = workspace.span
    facts = {kind: fact_columns(workspace, kind, span, where, columns) for kind in _KINDS}
    codes = {kind: dict(rows.codes) for kind, rows in facts.items()}
    dictionary: dict[str, Sequence[str]] = {name: workspace.values(name) for name in columns}
    if ROLE in dimensions:
        names, of_lines = _roles(workspace, span, facts["orders"])
        dictionary[ROLE] = names
        codes["orders"][ROLE] = of_lines
        codes["reviews"][ROLE] = _of_reviews(facts, of_lines)
        codes["traffic"][ROLE] = np.zeros(len(facts["traffic"].days), np.int64)
    keys = {
        kind: mixed_key(codes[kind], dimensions, [len(dictionary[name]) for name in dimensions], len(rows.days))
        for kind, rows in facts.items()
    }
    present = np.unique(np.concatenate([keys[kind][rows.inside] for kind, rows in facts.items()]))
    table = group_table(dimensions, dictionary, present, where)
    groups = {
        kind: np.where(rows.inside, table.groups(codes[kind], len(rows.days)), -1)
        if len(present)
        else np.full(len(rows.days), -1)
        for kind, rows in facts.items()
    }
    return IndexFacts(span=span, by=dimensions, facts=facts, table=table, groups=groups)


def _roles(workspace: Workspace, span: Window, orders: FactColumns) -> tuple[tuple[str, ...], Ints]:
    """Role names, the first one "" (no creator), and the code of the role of each order line."""
    rules, crowd = packaged(), accounts.read(workspace, "creators")
    names = ("", *role_assignment.names(crowd, rules))
    if not len(orders.days):
        return names, np.zeros(0, np.int64)
    cases = case_outcomes.of_crowd(order_facts.OrderReader(workspace, rules).facts(span), crowd, rules)
    roles = role_assignment.of_cases(cases, crowd, rules, words(workspace, "channel"), words(workspace, "content_type"))
    order = np.argsort(cases.id, kind="stable")
    rows = order[np.searchsorted(cases.id, orders.columns["id"], sorter=order)]
    return names, np.where(orders.columns["creator"] > 0, roles[rows] + 1, 0)


def _of_reviews(facts: Mapping[str, FactColumns], of_lines: Ints) -> Ints:
    """The role of the order line of each review; 0 where it is not known."""
    ids, lines = facts["orders"].columns["id"], facts["reviews"].columns["order_line"]
    if not len(ids):
        return np.zeros(len(lines), np.int64)
    order = np.argsort(ids, kind="stable")
    rows = order[np.minimum(np.searchsorted(ids, lines, sorter=order), len(ids) - 1)]
    return np.where(ids[rows] == lines, of_lines[rows], 0)


def refunds_for_cause(workspace: Workspace, reasons: Ints) -> Flags:
    """Whether the refund reason of each order line is not the buyer's own (a changed mind), as ratings tell it."""
    is_cause = order_facts.reason_codes(words(workspace, "refund_reason"), packaged()) != order_facts.NONE
    return np.asarray(is_cause[reasons])


def cancelled_by_seller(workspace: Workspace, who: Ints) -> Flags:
    """Whether each order line names the seller as who cancelled it."""
    sellers = [code for code, word in enumerate(words(workspace, "cancelled_by")) if word.casefold() == "seller"]
    return np.asarray(np.isin(who, sellers))
