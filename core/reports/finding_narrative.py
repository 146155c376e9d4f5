"""A finding in a few words: how severe, what happened, what it costs, whose it is."""

import re
from math import isclose

from core.base.count_text import count
from core.base.date_text import day_month
from core.base.segment import Segment
from core.catalogue.metric_names import metric_words
from core.detection.findings import EITHER, Finding
from core.reports.figures.number_format import amount, figure, percent

_MOST_VALUES = 5
"""Values of a dimension that are named; more are a list that nobody reads."""
_CODE = re.compile(r"^C\d+ ")
"""The catalogue's number of a cause, which says nothing to a reader."""


def direction_sign(change: float) -> str:
    """Which way it went, to be read without colour."""
    return "▼" if change < 0 else "▲"


def severity_words(finding: Finding) -> str:
    """The severity by sign and word."""
    return f"{direction_sign(finding.change)} {finding.severity}"


def what_words(finding: Finding, unit: str, currency: str) -> str:
    """What happened to the metric; `unit` is its unit."""
    name = metric_words(finding.metric)
    if finding.kind == "data":
        return f"{name}: the data are broken"
    verb = "fell" if finding.change < 0 else "rose"
    before, after = figure(finding.expected, unit), amount(finding.actual, unit, currency)
    mix = ": traffic mix" if finding.kind == "mix" else ""
    return f"{name} {verb} from {before} to {after}{mix}"


_MEANS = frozenset({"", "ratio", "stars", "hours", "number"})
"""Units of means, and of what is added up of a mean (stars that 42 reviews lack): they tell a person nothing, so the change in
percent is said."""


def cost_words(finding: Finding, currency: str) -> str:
    """What it costs: GMV lost where that can be said, else how many fewer or more there are, or are affected by a rate; empty
    where nothing is lost."""
    if finding.impact_unit == "money":
        return amount(finding.impact, "money", currency) if finding.impact else ""
    if finding.impact_unit in _MEANS:
        return percent(finding.change_pct, signed=True) if finding.change_pct is not None else ""
    is_own_change = isclose(finding.impact, abs(finding.change))
    effect = "affected" if not is_own_change else "fewer" if finding.change < 0 else "more"
    return f"{figure(finding.impact, finding.impact_unit)} {effect}"


def short_cause(cause: str | None) -> str:
    """The likeliest cause, or two, in as few words as name it; empty where none is known.

    >>> short_cause("C11 Payment provider outage, or a method declined"), short_cause(None)
    ('Payment provider outage', '')
    >>> short_cause("C11 Payment provider outage, or a method declined; or C18 App release bug")
    'Payment provider outage or App release bug'
    """
    return " or ".join(cause_words(part).partition(", or ")[0] for part in cause.split(EITHER)) if cause else ""


def short_segment(where: Segment, between: str = ",") -> str:
    """A segment for people: at most five values of a dimension, then how many more; empty for everything.

    >>> short_segment(Segment.of({"store": list("abcdefg"), "device": "ios"}))
    'device=ios,store=a|b|c|d|e and 2 more'
    """
    return between.join(
        str(Segment(((name, values[:_MOST_VALUES]),)))
        + (f" and {len(values) - _MOST_VALUES} more" if len(values) > _MOST_VALUES else "")
        for name, values in where.terms
    )


def sentence(clause: str) -> str:
    """A clause as a sentence of its own.

    >>> sentence("too little history to test causes")
    'Too little history to test causes.'
    """
    return ended(f"{clause[:1].upper()}{clause[1:]}")


def ended(clause: str) -> str:
    """A clause with a full stop, where it has no end of its own.

    >>> ended("12 Mar is missing"), ended("another unit?")
    ('12 Mar is missing.', 'another unit?')
    """
    return clause if clause.endswith((".", "?", "!")) else f"{clause}."


def has_tested_causes(finding: Finding) -> bool:
    """Whether a scan could look for the cause of a finding."""
    return not finding.causes_skipped


def likely_line(finding: Finding, *, with_segment: bool = False) -> str:
    """When it began, and where if asked, its likeliest cause, and who can act on it."""
    if finding.cause:
        cause = f"Likely cause: {short_cause(finding.cause)}."
    elif finding.data_doubt:
        cause = f"Check the data first: {ended(finding.data_doubt)}"
    else:
        cause = "No likely cause is known." if has_tested_causes(finding) else sentence(finding.causes_skipped)
    owner = f" Owner: {finding.owner}." if finding.owner else ""
    where = f"In {short_segment(finding.where)} since" if with_segment and finding.where else "Since"
    return f"{where} {day_month(finding.onset)}. {cause}{owner}"


def checks_failed(number: int) -> str:
    """How many checks of the data failed."""
    return f"{count(number, 'failed check')}"


def cause_words(cause: str | None) -> str:
    """The likeliest cause without its number in the catalogue.

    >>> cause_words("C11 Payment provider outage"), cause_words(None)
    ('Payment provider outage', 'no known cause')
    """
    return _CODE.sub("", cause) if cause else "no known cause"
