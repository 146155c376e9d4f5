"""Rows in a state that is bad, such as appointments that nobody came to: of all rows more are good, of these fewer are."""

import re
import tomllib
from dataclasses import replace
from functools import cache
from importlib.resources import files

from core.base.segment import Segment
from core.catalogue.kinds import SLICE, SOURCE
from core.catalogue.metric_tree.good_direction import any_word, good_direction, plain_words
from core.catalogue.metric_tree.metrics import Metric


def is_bad_state(where: Segment) -> bool:
    """Whether a segment is of rows in a bad state: all values of one of its own columns say so, in any language of exports.

    A market, a channel or a product that is called after something bad is no state.

    >>> [is_bad_state(Segment.of({name: "Returned"})) for name in ("status", "customer status", "customer", "Produkttitel")]
    [True, True, False, False]
    """
    return bool(state_dimensions(where))


def is_final_bad_state(where: Segment) -> bool:
    """Whether a segment is of rows in a bad state that they do not leave, as the youngest rows leave `unpaid`."""
    passing = _words()["passing"]
    states = state_dimensions(where)
    return bool(states) and not any(
        passing.search(plain_words(value)) for name, values in where.terms if name in states for value in values
    )


def state_dimensions(where: Segment) -> tuple[str, ...]:
    """The dimensions of a segment that hold it to bad states."""
    return tuple(
        name
        for name, values in where.terms
        if not _names_things(name) and all(good_direction(value) == "down" for value in values)
    )


def without_state(where: Segment) -> Segment:
    """The segment of all states."""
    states = state_dimensions(where)
    return Segment.of({name: list(values) for name, values in where.terms if name not in states})


def is_other_state(where: Segment, bad: Segment) -> bool:
    """Whether a segment is of another state of rows that may be those of a bad one: what ends badly does not end well."""
    states = frozenset(state_dimensions(bad))
    if where == bad or states.isdisjoint(where.dimensions):
        return False
    own, others = (dict(segment.terms) for segment in (where, bad))
    shared = (own.keys() & others.keys()) - states
    return all(set(own[name]) & set(others[name]) for name in shared)


def in_segment(metric: Metric, where: Segment, kind: str | None) -> Metric:
    """A metric as it is judged in a segment: of rows of a `daily` export that are counted in a bad state, more are worse."""
    if (
        kind != "daily"
        or metric.is_ratio
        or metric.worse_sign >= 0
        or not metric.counts_events
        or not is_bad_state(where)
    ):
        return metric
    return replace(metric, good="down")


@cache
def _names_things(dimension: str) -> bool:
    """Whether the values of a column are names of things, such as titles or customers, and no states."""
    words, name = _words(), plain_words(dimension)
    is_named = bool(words["things"].search(name)) and not words["states"].search(name)
    return dimension in {*SLICE, SOURCE, "product_id"} or is_named


@cache
def _words() -> dict[str, re.Pattern[str]]:
    """A pattern of each part of the list of words."""
    data = tomllib.loads((files(__package__) / "bad_states.toml").read_text(encoding="utf-8"))
    return {part: re.compile(any_word(by_language)) for part, by_language in data.items()}
