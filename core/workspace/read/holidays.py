"""Public holidays of markets, for those who ask for them in their settings: days that a metric need not be like others."""

from collections.abc import Iterable, Sequence
from datetime import date
from types import ModuleType

from core.base.days import Window, iso
from core.base.errors import UsageError, WhydropError
from core.base.segment import Segment
from core.workspace.read.event_log import Event

OWNER = "calendar"


def added_to(logged: Sequence[Event], setting: object, markets: Sequence[str], window: Window) -> tuple[Event, ...]:
    """The events of a log and the public holidays of a window that `[calendar] holidays` asks for, by their beginning."""
    public = holidays(markets_of(setting, markets), window)
    return tuple(sorted((*logged, *public), key=lambda event: (event.starts_at, event.event_id)))


def holidays(markets: Sequence[str], window: Window) -> tuple[Event, ...]:
    """The public holidays of these ISO countries in a window, as events of the kind `holiday`.

    Raises WhydropError when the package is not installed, UsageError for a country of which it has no calendar.
    """
    unknown = set(markets) - set(with_holidays(markets))
    if unknown:
        raise UsageError(f"whydrop.toml, [calendar] holidays: no calendar of {min(unknown)!r} is known. Leave it out.")
    years = range(int(iso(window.first)[:4]), int(iso(window.last)[:4]) + 1)
    calendars = (_events(market, _package().country_holidays(market, years=years).items()) for market in markets)
    return tuple(event for events in calendars for event in events if window.overlaps(event.window))


def markets_of(setting: object, markets: Sequence[str]) -> tuple[str, ...]:
    """The markets whose public holidays count: those that `[calendar] holidays` lists, or, when it is true, all of the data that
    have any."""
    if isinstance(setting, list):
        return tuple(map(str, setting))
    return with_holidays(markets) if setting is True and markets else ()


def with_holidays(markets: Iterable[str]) -> tuple[str, ...]:
    """Those of the markets of which there is a calendar. Raises WhydropError when the package is not installed."""
    supported = _package().list_supported_countries()
    return tuple(market for market in markets if market in supported)


def _package() -> ModuleType:
    """The `holidays` package, which keeps the calendars of some 250 countries: an extra, for few need it."""
    try:
        import holidays as package
    except ImportError:
        raise WhydropError(
            "whydrop.toml, [calendar] holidays: public holidays need one more package. Install it with: pip install holidays"
        ) from None
    return package


def _events(market: str, days: Iterable[tuple[date, str]]) -> list[Event]:
    return [
        Event(
            event_id=f"holiday:{market}:{day}",
            starts_at=str(day),
            ends_at=str(day),
            kind="holiday",
            title=name,
            owner=OWNER,
            where=Segment.of({"market": market}),
        )
        for day, name in days
    ]
