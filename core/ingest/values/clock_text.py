"""The time of day of a cell, and how far its clock is ahead of UTC."""

import re
from datetime import time, timedelta, timezone
from functools import cache

_ZONE_HOURS = {
    "PDT": -7, "PST": -8, "MDT": -6, "MST": -7, "CDT": -5, "CST": -6, "EDT": -4, "EST": -5, "AKDT": -8, "AKST": -9, "HST": -10,
    "BRT": -3, "ART": -3, "CLT": -4, "COT": -5, "PET": -5, "WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3,
    "BST": 1, "MSK": 3, "TRT": 3, "SAST": 2, "WAT": 1, "EAT": 3, "GST": 4, "PKT": 5, "WIB": 7, "WITA": 8, "WIT": 9, "ICT": 7,
    "SGT": 8, "MYT": 8, "PHT": 8, "HKT": 8, "JST": 9, "KST": 9, "AWST": 8, "ACST": 9.5, "ACDT": 10.5, "AEST": 10, "AEDT": 11,
    "NZST": 12, "NZDT": 13,
}  # fmt: skip
"""Hours ahead of UTC of time zones as programs write them; `IST` is India, Israel or Ireland, and nobody can say which."""
ZONES = "|".join(sorted(_ZONE_HOURS, key=len, reverse=True))
_TIME = (
    r"(?:(?:[T ,/]+(?:- |à |às |um |at |a las )?|(?=[오上下午])|(?<=[日号號일]))"
    r"(?P<half_before>오전|오후|上午|下午|午前|午後)?\s*"
    r"(?P<h>\d{1,2})(?:[:h]|\.(?=[0-5]\d\b)|[时時点시]\s?)(?P<min>\d{2})(?:(?:[:.]|[分분]\s?)(?P<s>\d{2})(?:[.,]\d+)?[秒초]?|[分분])?(?:\s*(?P<half>[AaPp]\.?[Mm]\.?)|\s*(?:Uhr|hs?|hrs?|น)\.?)?"
    rf"\s*(?P<zone>Z|z|(?:UTC|GMT)?[-+]\d{{2}}(?::?\d{{2}})?|UTC|GMT|{ZONES})?"
    r"(?(zone)(?: (?:UTC|GMT|[A-Z]{2,3}T))?)(?:\s*\([^)]*\))?)?"
)
_MAY_BE_TIMED = re.compile(r"\d\s?[:h时時點点시]|[\s,]\d{1,2}\.[0-5]\d(?!\S*\.?\d{3})")
_AFTERNOONS = frozenset(("오후", "下午", "午後"))


@cache
def time_pattern() -> "re.Pattern[str]":
    """A time of day, or nothing. Patterns of a millisecond or more are compiled when a cell first needs them."""
    return re.compile(_TIME)


def without_time(bare: str) -> tuple[str, "re.Match[str] | None"]:
    """A cell without its time of day, and that time; None where it has none."""
    timed = re.fullmatch(f"(?s:(?P<day>.*?){_TIME})", bare) if _MAY_BE_TIMED.search(bare) else None
    return (timed["day"], timed) if timed is not None else (bare, None)


def time_of(clock: "re.Match[str]") -> tuple[time, int | None]:
    """The time of day that a match of the pattern has, and the seconds that its clock is ahead of UTC, None where it names none.

    >>> match = time_pattern().fullmatch(" 10:20 pm +0700")
    >>> match and time_of(match)
    (datetime.time(22, 20), 25200)

    Raises ValueError for what no clock shows.
    """
    part = clock.groupdict()
    hour = int(part["h"])
    half = part["half"] or part["half_before"]
    if half:
        if not 1 <= hour <= 12:
            raise ValueError("not an hour")
        hour = hour % 12 + (12 if half[0] in "Pp" or half in _AFTERNOONS else 0)
    shown = time(hour, int(part["min"] or 0), int(part["s"] or 0))
    return shown, None if part["zone"] is None else int(_zone(part["zone"]).total_seconds())


def _zone(text: str) -> timedelta:
    if text in {"Z", "z", "UTC", "GMT"}:
        return timedelta()
    if text in _ZONE_HOURS:
        return timedelta(hours=_ZONE_HOURS[text])
    offset = text.removeprefix("UTC").removeprefix("GMT")
    digits = offset[1:].replace(":", "").ljust(4, "0")
    lead = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    timezone(lead)  # refuses what is no offset
    return -lead if offset[0] == "-" else lead
