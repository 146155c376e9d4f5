"""A plan as the text of a mapping file, which reads back as the same plan."""

import json
from collections.abc import Mapping
from typing import Any

from core.catalogue.kinds import SOURCE, CellType
from core.ingest.mapping.column_plan import ColumnPlan, Plan, measure_cell
from core.ingest.request import ROW_KEY

_EITHER = "auto"


def mapping_text(plan: Plan) -> str:
    """The mapping file of a plan."""
    own = [name for name in plan.dimensions if name not in {*plan.kind.columns, "product_id", "hour"}]
    top: dict[str, Any] = {}
    if plan.system is not None:
        top["name"] = plan.system
    top["kind"] = plan.kind.name
    if own:
        top["dimensions"] = own
    if plan.key:
        top["key"] = [column.source for column in plan.key]
    if plan.numbered:
        top["numbered"] = True
    if plan.own_clock:
        top["own_clock"] = True
    if plan.rates:
        top["rates"] = list(plan.rates)
    if plan.date_order is not None:
        top["date_order"] = plan.date_order
    if plan.drop:
        top["drop"] = {name: sorted(cells) for name, cells in plan.drop.items()}
    lines = [f"{name} = {_toml(value)}" for name, value in top.items()]
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
    if column.mark is not None:
        setting[column.part] = column.mark
    for name in ("by", "otherwise", "fill", "once"):
        if getattr(column, name) is not None:
            setting[name] = getattr(column, name)
    if column.suffix is not None:
        setting["with"] = column.suffix
    if column.unless is not None:
        setting |= {"unless": column.unless, "is": sorted(column.unless_cells)}
    if column.words:
        setting["words"] = dict(column.words)
    if column.times != 1.0:
        setting["times"] = column.times
    if column.cell is not _usual(column, plan):
        setting["cell"] = column.cell.value
    if column.decimal not in {None, _EITHER}:
        setting["decimal"] = column.decimal
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
