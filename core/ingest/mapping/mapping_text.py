"""A plan as the text of a mapping file, which reads back as the same plan."""

import json
from collections.abc import Mapping
from typing import Any

from core.catalogue.kinds import SOURCE, CellType
from core.ingest.mapping.column_plan import HELPERS, ColumnPlan, Plan, measure_cell
from core.ingest.request import ROW_KEY

_EITHER = "auto"


def mapping_text(plan: Plan) -> str:
    """The mapping file of a plan."""
    own = [name for name in plan.dimensions if name not in {*plan.kind.columns, "product_id", "hour"}]
    top = {
        "name": plan.system,
        "kind": plan.kind.name,
        "dimensions": own,
        "key": [column.source for column in plan.key],
        "numbered": plan.numbered,
        "own_clock": plan.own_clock,
        "rates": list(plan.rates),
        "date_order": plan.date_order,
        "drop": {name: sorted(cells) for name, cells in plan.drop.items()},
    }
    lines = [f"{name} = {_toml(value)}" for name, value in top.items() if value]
    columns = [
        column
        for column in plan.columns
        if not column.is_hour
        and (column.target != SOURCE or column.source is not None)
        and (column.source, column.constant, column.from_file) != (None, None, False)  # returns fill it
    ]
    entries = [f"{_toml_key(column.target)} = {_toml(_settings(column, plan))}" for column in columns]
    return "\n".join([*lines, "", "[columns]", *entries]) + "\n"


def _settings(column: ColumnPlan, plan: Plan) -> Any:
    setting: dict[str, Any] = {}
    if column.from_file:
        setting["from_file"] = True
    elif column.source is not None:
        setting["column"] = column.source
    else:
        setting["constant"] = column.constant
    more = {
        column.part: column.mark,
        **{name: getattr(column, field) for name, field in HELPERS.items()},
        "is": None if column.unless is column.where is None else sorted(column.unless_cells | column.where_cells),
        "signs": dict(column.signs) or None,
        "words": dict(column.words) or None,
        "times": None if column.times == 1.0 else column.times,
        "cell": None if column.cell is _usual(column, plan) else column.cell.value,
        "decimal": None if column.decimal == _EITHER else column.decimal,
    }
    setting |= {name: value for name, value in more.items() if value is not None}
    return setting["column"] if list(setting) == ["column"] else setting


def _usual(column: ColumnPlan, plan: Plan) -> CellType:
    recognized = plan.kind.columns.get(column.target)
    if recognized is not None:
        return recognized
    is_word = column.target in plan.dimensions or column.target.startswith(ROW_KEY)
    return CellType.WORD if is_word else measure_cell(column.target)


def _toml_key(name: str) -> str:
    return name if name.replace("_", "").isalnum() and name.isascii() else _toml(name)


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_toml_key(str(name))} = {_toml(cell)}" for name, cell in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)
