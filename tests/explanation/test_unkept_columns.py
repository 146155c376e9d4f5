"""What an export of orders could say and was not asked to: where a change is."""

from datetime import date, timedelta
from pathlib import Path

from core.explanation.explain import explain
from core.explanation.explanation_results import Explanation
from core.workspace.read.workspace import Workspace
from core.workspace.write.recovery.undo import undo
from tests.workspace.loading import loaded, written


def _orders(folder: Path) -> Path:
    """Ten weeks of 12 to 16 orders by post and 8 by courier; of the last six days the ones by post are gone.

    `note` has as many words as rows and `state` changes with the days: neither slices.
    """
    lines = ["order_id,ordered_at,gmv,paid_at,delivery method,shop note,order state"]
    for number in range(70):
        day = date(2026, 3, 2) + timedelta(number)
        methods = ["post"] * (12 + number % 5 if number < 64 else 0) + ["courier"] * 8
        lines += [
            f"{day}-{index},{day},10,{day},{method},n{number}-{index},{'sent' if number < 60 else 'new'}"
            for index, method in enumerate(methods)
        ]
    return written(folder, "orders.csv", "\n".join(lines) + "\n")


def _explained(db: Path) -> Explanation:
    with Workspace.open(db) as workspace:
        return explain(workspace, "orders")


def test_a_change_that_is_everywhere_names_the_columns_that_were_not_kept(tmp_path: Path) -> None:
    db, file = tmp_path / "w.db", _orders(tmp_path)
    loaded(db, file)
    said = f"{file} has columns that were not kept and may say where: load it again with --dimension 'delivery method'"
    answer = _explained(db)
    assert [str(segment.where) for segment in answer.segments] == [""]
    assert said in answer.notes

    again = loaded(db, file, dimensions=["delivery method"])
    rows = again.replaced
    assert f"{rows:,} of {rows:,} rows replaced those of an earlier load of this file" in again.notes
    answer = _explained(db)
    assert [str(segment.where) for segment in answer.segments] == ["delivery_method=post"]
    assert not any("not kept" in note for note in answer.notes)
    assert all(check.status == "pass" for check in answer.data_quality if check.check == "replaced_rows")

    undo(db, 2)
    assert said in _explained(db).notes
