"""Results of every shape, made up from the types of their fields: what reports say can be read without any analysis."""

import dataclasses
import types
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from core.base.baseline import Baseline, BaselineKind
from core.base.days import Day, Window, parse_day
from core.base.segment import Segment

LAST = parse_day("2026-03-15")
_SEGMENTS: Sequence[Mapping[str, str]] = (
    {},
    {"market": "TH"},
    {"channel": "live", "market": "ID"},
    {"seller_id": ""},
)
_WORDS: Mapping[str, Sequence[str]] = {
    "action": ("Fail over to the other provider.", "Restock."),
    "baseline": ("expected",),
    "cause": ("C11 Payment provider outage", "C01 Supply: out of stock"),
    "channel": ("live", "search", ""),
    "component": ("stars", "reviews", "delivery"),
    "detail": ("two days have no rows",),
    "figure": ("gmv_per_member", "gini", "score_gap", "refund_rate", "active_members"),
    "four_fifths": ("pass", "fail", "unsure"),
    "good": ("up", "down"),
    "grade": ("A", "B", "P"),
    "grade_after": ("A", "C", "P"),
    "grade_before": ("A", "B", "P"),
    "group": ("market", "newcomer", "grade"),
    "impact_unit": ("money", "count"),
    "index": ("buyers", "satisfaction_index"),
    "kind": ("drop", "traffic", "shared_buyers", "order_surge"),
    "market": ("TH", "ID", ""),
    "measure": ("gmv", "impressions"),
    "metric": ("gmv", "payment_rate", "orders", "refund_rate", "average_order_value"),
    "policy": ("fake goods",),
    "reason": ("starts on the day of the onset, in the same segment; it ends before", "no release near it"),
    "role": ("live_host", "affiliate", "seller_owned"),
    "signal": ("refunds", "shared_paths", "price", "same_seller"),
    "theme": ("delivery", "quality"),
    "unit": ("money", "ratio", "count", "index", "points"),
}
"""Name of a field -> texts that it may have; all others have their own name as text."""
_SHARES = (
    "share",
    "score_share",
    "p_value",
    "q_value",
    "confidence",
    "change_pct",
    "weight",
    "auc",
    "gini",
    "hhi",
    "elsewhere",
)
_LENGTHS = (0, 1, 1, 2, 2, 6)
"""How many there are of what there may be several: more than five are not all named."""
_Made = TypeVar("_Made")


class Maker:
    """Makes results from a seed: the same seed, the same results."""

    def __init__(self, seed: int, **own: Callable[["Maker"], Any]) -> None:
        """`own`: how the fields of these names are made, where their type does not say enough."""
        self.random = Random(seed)
        self._own = own

    def make(self, kind: type[_Made], **fixed: Any) -> _Made:
        """A result of this class; `fixed` fields have these values."""
        hints = get_type_hints(kind, include_extras=True)
        names = [field.name for field in dataclasses.fields(kind)]  # type: ignore[arg-type]
        values = {name: fixed[name] if name in fixed else self._field(name, hints[name]) for name in names}
        return kind(**values)

    def where(self) -> dict[str, str]:
        """A segment."""
        return dict(self.random.choice(_SEGMENTS))

    def _field(self, name: str, hint: Any) -> Any:
        return self._own[name](self) if name in self._own else self._value(name, hint)

    def _value(self, name: str, hint: Any) -> Any:
        origin, parts = get_origin(hint), get_args(hint)
        if origin in (Union, types.UnionType):
            inner = next(part for part in parts if part is not type(None))
            return None if self.random.random() < 0.25 else self._value(name, inner)
        if hint is Day:
            return LAST - self.random.randint(0, 40)
        if origin is Literal:
            return self.random.choice(parts)
        if origin is tuple and parts[1:] != (Ellipsis,):
            values = tuple(self._value(name, part) for part in parts)
            return tuple(sorted(values)) if set(parts) == {float} else values
        if origin in (tuple, Sequence):
            return tuple(self._value(name.removesuffix("s"), parts[0]) for _ in range(self.random.choice(_LENGTHS)))
        if origin is frozenset:
            return frozenset({"refund_rate"})
        if origin is Mapping:
            return self._mapping(name, parts[1])
        return self._plain(name, hint)

    def _mapping(self, name: str, hint: Any) -> Any:
        if hint is str:
            return self.where()
        keys = ("1", "4") if name == "active" else ("ctr", "payment_rate")
        return {key: self._value(name, hint) for key in keys}

    def _plain(self, name: str, hint: Any) -> Any:
        if hint is bool:
            return self.random.random() < 0.5
        if hint is str:
            if name.endswith(("_at", "_on")) or name == "at":
                return "2026-03-12T06:00:00+00:00"
            return self.random.choice(_WORDS.get(name, (name.replace("_", " "),)))
        if hint is int:
            return self.random.choice((0, 1, 2, 3, 40, 1234))
        if hint is float:
            return self._number(name)
        if hint is Segment:
            return Segment.of(self.where())
        if hint is Window:
            return Window(LAST - self.random.choice((0, 6, 27)), LAST)
        if hint is Baseline:
            return Baseline(self.random.choice(get_args(BaselineKind)), Window(LAST - 13, LAST - 7))
        return self.make(hint)

    def _number(self, name: str) -> float:
        if name.endswith(_SHARES) or "share" in name:
            return self.random.choice((0.0, 0.004, 0.0312, 0.25, 0.5, 0.94, 1.0))
        return self.random.choice((-12.0, -0.4, 0.0, 0.0333, 0.5, 1.0, 7.0, 86.4, 4197.0))
