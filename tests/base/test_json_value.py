"""Results as JSON: days are ISO dates by their type, and every field that holds a day has that type."""

import importlib
import pkgutil
from dataclasses import dataclass, fields
from typing import Any, get_args, get_type_hints

import core
from core.base.days import Day, Window, parse_day
from core.base.json_value import Value, day_fields
from core.base.segment import Segment

DAYS = {"as_of", "day", "onset", "since", "until", "ended", "judge_on", "first_day", "last_day"}
"""Names that only a day has."""


@dataclass(frozen=True)
class Delivery(Value):
    shipped: Day
    arrived: Day | None
    days: int
    where: Segment
    history: tuple["Delivery", ...] = ()

    def to_dict(self) -> dict[str, Any]:
        return {**Value.to_dict(self), "late": self.days > 3}


def results() -> list[type[Value]]:
    """Every result class of core."""
    for module in pkgutil.walk_packages(core.__path__, "core."):
        importlib.import_module(module.name)
    classes, queue = [], [Value]
    while queue:
        subclasses = queue.pop().__subclasses__()
        classes += [kind for kind in subclasses if kind.__module__.startswith("core.")]
        queue += subclasses
    return classes


def test_a_day_is_an_iso_date_by_its_type_and_a_number_of_days_is_a_number() -> None:
    inner = Delivery(parse_day("1970-01-01"), None, 0, Segment())
    outer = Delivery(parse_day("2026-03-09"), parse_day("2026-03-11"), 4, Segment.parse("market=TH"), (inner,))
    assert outer.to_dict() == {
        "shipped": "2026-03-09",
        "arrived": "2026-03-11",
        "days": 4,
        "where": {"market": "TH"},
        "history": [{"shipped": "1970-01-01", "arrived": None, "days": 0, "where": {}, "history": [], "late": False}],
        "late": True,
    }


def test_every_field_that_holds_a_day_says_so() -> None:
    kinds = results()
    assert len(kinds) > 100
    for kind in kinds:
        hints: dict[str, Any] = get_type_hints(kind)
        whole = {field.name for field in fields(kind) if int in (hints[field.name], *get_args(hints[field.name]))}  # type: ignore[arg-type]
        assert whole & DAYS <= day_fields(kind), kind


def test_a_window_is_its_two_ends() -> None:
    assert Window.parse("2026-03-09..2026-03-15").to_dict() == {"from": "2026-03-09", "to": "2026-03-15"}
