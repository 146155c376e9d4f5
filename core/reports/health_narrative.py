"""The health of the marketplace in sentences: five lines first, then each figure in words."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from core.base.count_text import count
from core.base.date_text import date_text, during
from core.base.days import Window
from core.ecosystem.false_discovery import LIMIT, least_effect
from core.ecosystem.results.claim_results import Claim
from core.ecosystem.results.health_results import Health
from core.reports.figures.change_format import points, score_change, signed
from core.reports.figures.number_format import amount, decimals_apart, interval_text, short

_FIGURES: Mapping[str, str] = {
    "impressions": "impressions", "orders": "orders", "gmv": "GMV",
    "impressions_share": "share of impressions", "orders_share": "share of orders", "gmv_share": "share of GMV",
    "refund_rate": "refund rate", "negative_review_rate": "negative review rate",
    "violations_per_1k_orders": "violations per 1,000 orders", "seller_cancel_rate": "seller cancel rate",
    "late_dispatch_rate": "late dispatch rate", "late_delivery_rate": "late delivery rate",
    "silent_share": "regular members who became inactive", "joined_per_week": "new persons per week",
    "newcomer_exposure": "impressions of newcomers versus their own weeks before",
    "first_weeks_exposure": "impressions in the first weeks versus earlier newcomers",
    "moved_share": "grades that changed", "score_gap": "score versus all others",
    "bad_orders_vs_same_score": "bad orders versus members with the same score",
    "correlation": "rank correlation of score and impressions",
    "correlation_vs_chance": "rank correlation of score and impressions, versus 0",
    "auc": "how well scores separate good orders from bad (AUC)",
    "auc_vs_chance": "how well scores separate good orders from bad (AUC), versus 0.5",
    "impressions_per_member_vs_merit": "impressions per member versus members with the same score",
    "overturned_share": "violations overturned on appeal",
    "gini": "Gini", "hhi": "HHI", "top_10pct_share": "top 10% share",
}  # fmt: skip
_MOST_NAMES = 5
_FEW_TESTS = 10
"""Tests without a finding that say nothing of a marketplace: one with ratings and traffic has a hundred."""
_OF_DAYS = "for incidents of a few days, see whydrop scan"
"""Four weeks are compared with the four before: an outage of the last five days is no change of theirs."""
_MANY_TIMES, _WHOLE_TIMES, _FAR = 3.0, 10.0, 100
"""From here on a factor reads better than a percentage, has no decimals, and is no exact number where it may be less."""
EXPECTED_FALSE_MARKS = f"at most {LIMIT:.0%} of the marks are expected to be false"


def figure_words(claim: Claim) -> str:
    """What was tested, in words, with its side where there is one."""
    name, _, measure = claim.figure.partition(" of ")
    words = _FIGURES.get(name, name.replace("_", " "))
    words = f"{words} of {_FIGURES.get(measure, measure)}" if measure else words
    return f"{words}, {claim.side}" if claim.side else words


def segment_words(where: Mapping[str, str]) -> str:
    """A segment as it is written on the command line; "everywhere" for all."""
    return ",".join(f"{name}={value}" for name, value in where.items()) or "everywhere"


def value_words(claim: Claim, value: float | None, currency: str) -> str:
    """A value of the claim in its unit; money with its currency, where that is known.

    At most four significant digits.
    """
    if value is None:
        return "–"
    formats: Mapping[str, Callable[[float], str]] = {
        "ratio": lambda item: f"{item:.1%}",
        "count": short,
        "money": lambda item: amount(item, "money", currency),
        "index": lambda item: f"{item:.3f}" if abs(item) < 10 else short(item),
        "points": score_change,
    }
    return formats["money" if claim.figure == "gmv" else claim.unit](value)


def effect_words(claim: Claim) -> str:
    """How much it changed: a factor, percentage points or a difference."""
    return _effect(claim, claim.effect)


def interval_words(claim: Claim) -> str:
    """The 95% interval of the effect."""
    return interval_text(claim.interval, partial(_effect, claim))


def limit_words(claim: Claim) -> str:
    """The limits of a mark: its smallest effect, and how far the chance is from the limit on false discoveries."""
    least, plain = least_effect(claim), replace(claim, interval=None)
    return f"x{least:.2f} or x{1 / least:.2f}" if claim.is_factor else f"±{_effect(plain, least).lstrip('+')}"


def chance_words(claim: Claim) -> str:
    """The q-value with its limit."""
    return f"<0.001 of {LIMIT}" if claim.q_value < 0.001 else f"{claim.q_value:.3f} of {LIMIT}"


def _effect(claim: Claim, value: float) -> str:
    ends = claim.interval or (value, value)
    if claim.is_factor:
        if value >= _FAR > ends[0]:
            return f">x{_FAR}"
        return f"x{value:,.{decimals_apart(*ends, 2 if ends[0] < _FAR else 0)}f}"
    if claim.unit == "ratio":
        return points(value, signed=True)
    return signed(value, decimals_apart(*ends, 1 if claim.unit == "points" else 3))


def five_lines(health: Health, currency: str) -> list[str]:
    """Is the marketplace, or a segment, healthy; what is worst, where, whom to call, since when, as far as anything is known."""
    head, tests, whole = health.headline, len(health.claims), str(health.where) if health.where else "the marketplace"
    if head is None:
        return []
    leads = "no leads" if not head.leads else f"{count(head.leads, 'lead')} to look into"
    marked = [claim for claim in health.claims if claim.is_marked]
    certain = sum(claim.is_marked or claim.q_value <= LIMIT for claim in health.claims)
    better = sum(claim.is_worse is False for claim in marked)
    sentence = f"{certain or ('none' if tests > 1 else 0)} of {count(tests, 'test')} found more than chance explains"
    if certain > len(marked):
        sentence += f", {len(marked) or 'none'} of them large enough to matter"
    if better:
        sentence += ", for the better" if better == len(marked) else f", {better} of them for the better"
    # gaps between groups, all that five weeks of data tell, say nothing of what changed
    has_changes = any(claim.before is not None and claim.topic != "fairness" for claim in health.claims)
    if not head.is_healthy or (tests >= _FEW_TESTS and has_changes):
        state = f"Over four weeks {whole} {'is healthy' if head.is_healthy else 'needs attention'}"
    else:
        state = f"Too little to say whether {whole} is healthy" if tests else "Nothing could be tested"
    state = f"{state} ({_OF_DAYS}){f': {sentence}' if tests or not head.is_healthy else ''}"
    lines = [f"{state}; {leads}.", *_incomplete(health)]
    worst = head.worst
    size = "" if worst is None else f", {_size(worst)}"
    if worst is None and health.risk:
        lines.append(f"Worst: {_first_lead(health)}")
    elif worst is not None:
        lines.append(f"Worst: {figure_words(worst)}{_values(worst, currency)}{'' if worst.onset else size}.")
        where = segment_words(head.where) if head.where or not health.where else str(health.where)
        lines.append(f"Where: {where}.")
    if head.who:
        lines.append(f"Call first: {listed(head.who)}.")
    if head.onset is not None:
        # between the two periods it changed by less
        lines.append(f"Since: {date_text(head.onset)}{size if worst is None or worst.onset else ''}.")
    return [*lines, *_explained(health)]


def _explained(health: Health) -> list[str]:
    """What changed on the days of logged events alone."""
    texts = [f"{figure_words(claim)}, {segment_words(claim.where)}" for claim in health.claims if claim.events]
    titles = tuple(dict.fromkeys(title for claim in health.claims for title in claim.events))
    if not texts:
        return []
    return [f"Explained by the change log ({listed(titles)}): {listed(tuple(texts), '; ')}."]


def _incomplete(health: Health) -> list[str]:
    """Which exports are missing of the days that the page is about, and which newer days it leaves out."""
    gaps = [gap for gap in health.missing if gap.window.last >= health.window.first]
    ends = [f"{line[0].upper()}{line[1:]}." for line in health.left_out]
    if not gaps:
        return ends
    kinds: dict[tuple[Window, str], list[str]] = {}
    for gap in gaps:
        kinds.setdefault((gap.window, f"market {gap.market}" if gap.market else "any market"), []).append(gap.kind)
    places: dict[tuple[Window, str], list[str]] = {}
    for (window, market), missing in kinds.items():
        places.setdefault((window, " or ".join(missing)), []).append(market)
    texts = tuple(
        f"no {missing} of {listed(tuple(where))} "
        + (during(window) if window.last < health.as_of else f"since {date_text(window.first)}")
        for (window, missing), where in places.items()
    )
    scope_note = "; figures are of the other markets" if all(gap.market for gap in gaps) else ""
    return [*ends, f"Incomplete: {listed(texts)}{scope_note}."]


def _values(claim: Claim, currency: str) -> str:
    """The figure before and now; nothing where it went the other way than its effect: of a rate, all others may fall more."""
    if claim.before is None or claim.now is None:
        return ""
    if (claim.now - claim.before) * (claim.effect - 1 if claim.is_factor else claim.effect) < 0:
        return " versus all others" if claim.where else ""
    return f", {value_words(claim, claim.before, currency)} to {value_words(claim, claim.now, currency)}"


def _size(claim: Claim) -> str:
    """The effect with its interval, for a sentence: a factor as a percentage, or as a number where it is many times."""
    low, high = claim.interval or (claim.effect, claim.effect)
    unit = ""
    words: Callable[[float], str] = partial(_effect, claim)
    if claim.is_factor and claim.effect >= _MANY_TIMES:
        decimals = decimals_apart(low, high, 1 if claim.effect < _WHOLE_TIMES else 0)
        words, unit = f"{{:,.{decimals}f}}".format, " times as much"
    elif claim.is_factor:
        words = partial(_percent_change, decimals_apart(100 * low, 100 * high, 1))
    range_ = f" (95% range {interval_text(claim.interval, words)})" if claim.interval else ""
    return f"{words(claim.effect)}{unit}{range_}"


def _percent_change(decimals: int, factor: float) -> str:
    return f"{signed(100 * (factor - 1), decimals)}%"


def _first_lead(health: Health) -> str:
    lead = health.risk[0]
    return f"{', '.join(lead.subject.values())}: {lead.reasons[0]} (a lead, not a verdict)."


def listed(names: tuple[str, ...], mark: str = ", ") -> str:
    """At most five names, then how many more."""
    more = len(names) - _MOST_NAMES
    return mark.join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
