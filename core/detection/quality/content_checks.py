"""What the rows hold: doubles, orphans, columns that are no longer given, currency and unit, hours, cut exports."""

from collections.abc import Collection, Iterator
from itertools import chain

import numpy as np

from core.base.arrays import Floats
from core.base.date_text import date_text
from core.base.days import Window
from core.detection.quality.breaks.blank_columns import blank_column_issues
from core.detection.quality.quality_issue import QualityIssue
from core.workspace.read.profile.row_profile import Profile

_LATER = frozenset({
    "paid_at", "shipped_at", "delivered_at", "cancelled_at", "cancelled_by", "refunded_at", "refund_amount", "refund_reason",
    "overturned_at", "order_line",
})  # fmt: skip
"""Columns that are filled in after the day: young days never have them."""
_SPANS = (1, 3, 7, 14)
_BEFORE = 28
_STEP, _STEADY = 0.25, 0.08
_ORPHAN_WARN, _ORPHAN_FAIL = 0.02, 0.3
_DOUBLE_WARN, _DOUBLE_FAIL = 0.002, 0.02
_EARLY_FAIL = 0.01
"""Share of order lines; fewer are slips of whoever notes them (0.14% and 0.07% in two years of a Brazilian marketplace)."""
_TENFOLD = 0.9
"""Log10 of a change in the value of an order that no market makes."""
_CAPS = frozenset({500, 1_000, 5_000, 10_000, 50_000, 65_535, 100_000, 500_000, 1_000_000, 1_048_575})
_SHIFT_ORDERS = 300
_SHIFT_BETTER = 0.3
_MISFIT_OF_CHANCE = 6.0
"""Times one over the orders: chance makes the shares of hours differ by at most half of that, squared and added up."""


def content_issues(profile: Profile, window: Window) -> Iterator[QualityIssue]:
    """All that the cells of the rows of a window tell."""
    for kind in profile.kinds:
        blank = blank_column_issues(profile, kind)
        yield from _null_rates(profile, kind, blank)
        yield from chain.from_iterable(blank.values())
    if "orders" in profile.kinds:
        yield from _doubles(profile)
        yield from _values(profile)
        yield from _currencies(profile)
        yield from _hours(profile)
    if "daily" in profile.kinds and (mixed := profile.mixed_currencies()):
        yield QualityIssue("currencies", "warn", f"{mixed}.", profile.spans["daily"], frozenset({"daily"}))
    yield from _orphans(profile, window)
    yield from _caps(profile, window)


def sequence_issues(profile: Profile) -> Iterator[QualityIssue]:
    """Order lines that were paid, shipped, delivered or refunded before they could be."""
    for case in profile.out_of_order() if "orders" in profile.kinds else ():
        yield QualityIssue(
            "event_order", "fail" if case.lines > _EARLY_FAIL * case.of else "warn",
            f"{case.lines:,} of {case.of:,} order lines have {case.event} before {case.before}, the first of them in order "
            f"{case.first_order} of {date_text(case.days.first)}: swapped columns, or clocks of different time zones?",
            case.days, frozenset({"orders"}),
        )  # fmt: skip


def _null_rates(profile: Profile, kind: str, blank: Collection[str]) -> Iterator[QualityIssue]:
    """Columns that are given more rarely than before; of those that are `blank` in a segment only what is lost altogether."""
    span = profile.spans[kind]
    for name, share in profile.given_by_day(kind).items():
        if name in _LATER or len(share) < _BEFORE:
            continue
        for days in _SPANS:
            now, past = share[-days:], share[-days - _BEFORE : -days]
            if np.isfinite(now).sum() == 0 or np.isfinite(past).sum() < _BEFORE // 2:
                continue
            share_now, before = float(np.nanmean(now)), float(np.nanmean(past))
            if abs(share_now - before) > _STEP and float(np.nanstd(past)) < _STEADY:
                lost = before >= 0.5 and share_now < 0.02
                if name in blank and not lost:
                    break
                first = span.last - days + 1
                yield QualityIssue(
                    "null_rates", "fail" if lost else "warn",
                    f"{name} of {kind} is given in {share_now:.0%} of the rows since {date_text(first)}, in {before:.0%} before.",
                    Window(first, span.last), frozenset({kind}), frozenset({name}),
                )  # fmt: skip
                break


def _doubles(profile: Profile) -> Iterator[QualityIssue]:
    repeated, lines = profile.repeated_orders()
    if repeated > _DOUBLE_WARN * lines:
        grave = repeated > _DOUBLE_FAIL * lines
        yield QualityIssue(
            "double_loads", "fail" if grave else "warn",
            f"{repeated:,} of {lines:,} order lines equal another one to the second in all but their number or source: loaded "
            "twice, under new numbers or as another source?",
            profile.spans["orders"], frozenset({"orders"}),
        )  # fmt: skip


def _values(profile: Profile) -> Iterator[QualityIssue]:
    span = profile.spans["orders"]
    currencies, money, lines = profile.order_values()
    for name, total, count in zip(currencies, money, lines, strict=True):
        with np.errstate(divide="ignore", invalid="ignore"):
            value = np.log10(np.where((count >= 3) & (total > 0), total / count, np.nan))
        for days in _SPANS:
            now, past = value[-days:], value[-days - _BEFORE : -days]
            if np.isfinite(now).sum() < (days + 1) // 2 or np.isfinite(past).sum() < _BEFORE // 2:
                continue
            jump = float(np.nanmedian(now) - np.nanmedian(past))
            if abs(jump) > _TENFOLD:
                first = span.last - days + 1
                yield QualityIssue(
                    "unit_jumps", "fail",
                    f"an order line{f' in {name}' if name else ''} is worth {10**jump:,.3g} times what it was "
                    f"since {date_text(first)}: another currency, or cents for units?",
                    Window(first, span.last), frozenset({"orders"}), frozenset({"gmv", "refund_amount", "commission"}),
                )  # fmt: skip
                break


def _currencies(profile: Profile) -> Iterator[QualityIssue]:
    for unrated in profile.unrated():
        yield QualityIssue(
            "currencies",
            "fail",
            str(unrated),
            unrated.days,
            frozenset({"orders"}),
            frozenset({"gmv", "refund_amount", "commission"}),
        )
    if several := profile.several_currencies():
        yield QualityIssue(
            "currencies", "warn",
            f"amounts of orders are in {', '.join(several)} and are added up as they are: whydrop.toml names no currency to "
            "convert them to.",
            profile.spans["orders"], frozenset({"orders"}), frozenset({"gmv", "refund_amount", "commission"}),
        )  # fmt: skip


def _hours(profile: Profile) -> Iterator[QualityIssue]:
    """Orders by hour of the newest week against the four before: is the one the other, turned?"""
    span, hours = profile.spans["orders"], profile.order_hours()
    if len(hours) < _BEFORE + 7:
        return
    now, past = hours[-8:-1].sum(0), hours[-8 - _BEFORE : -8].sum(0)
    if min(now.sum(), past.sum()) < _SHIFT_ORDERS or _flat(past):
        return
    orders = now.sum()
    now, past = now / orders, past / past.sum()
    misfit = np.array([((np.roll(past, turn) - now) ** 2).sum() for turn in range(24)])
    turn = int(misfit.argmin())
    if turn and misfit[turn] < _SHIFT_BETTER * misfit[0] and misfit[0] > _MISFIT_OF_CHANCE / orders:
        by = turn if turn <= 12 else turn - 24
        direction = "later" if by > 0 else "earlier"
        yield QualityIssue(
            "clock_shift", "fail",
            f"orders of the week to {date_text(span.last - 1)} come {abs(by)} hours {direction} in the day "
            "than before: another time zone in the export?",
            Window(span.last - 7, span.last), frozenset({"orders"}),
        )  # fmt: skip


def _flat(profile: Floats) -> bool:
    """Whether hours are not known (all orders at one hour) or tell nothing (all hours alike)."""
    return bool(profile.max() > 0.9 * profile.sum() or profile.std() < 0.05 * profile.mean())


def _orphans(profile: Profile, span: Window) -> Iterator[QualityIssue]:
    for rows in profile.orphans():
        share = rows.orphans / rows.of if rows.of else 0.0
        if share > _ORPHAN_WARN:
            yield QualityIssue(
                "orphans", "fail" if share > _ORPHAN_FAIL else "warn",
                f"{rows.orphans:,} of {rows.of:,} {rows.what} ({share:.0%}).", span, frozenset({"reviews"}),
            )  # fmt: skip


def _caps(profile: Profile, span: Window) -> Iterator[QualityIssue]:
    for file in profile.loads.loaded_files():
        if file.read in _CAPS:
            yield QualityIssue(
                "export_caps", "warn",
                f"{file.path} has exactly {file.read:,} rows: systems cut exports off there. Export fewer days at once.",
                span, frozenset({file.kind}),
            )  # fmt: skip
