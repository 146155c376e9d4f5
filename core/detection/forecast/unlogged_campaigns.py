"""Promotions of the first weeks that nobody logged: what is left is what is normal, and how much it scatters.

A detector that learns day by day leaves out what is too far off, once it knows what that is. Of promotions that it began with it
learns that everything scatters that much, and then no later one is too far off either. Next to a week of promotion in four from
the first month on, of falls by 20, 30 and 50 % .00, .01 and .18 were seen within a week; now .65, .85 and .91 (without any
promotion .79, .99, 1.00), and false days are as rare as before.

Intervals are those of weeks without a promotion, and hold .965 to 1.00 of these; .00 to .04 of all weeks lie below them. Weeks of
another promotion lie above: where some days or a week of each month are lifted, 95 % intervals hold .64 to .91 of all weeks, of
which they held .96 to 1.00 when they were three times as wide; next to bursts that fade, about one a month, .79 to .84 (.86 to
.89). Of views of two channels, sales of 40 places and orders of a shop they hold as many as before, to .007.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from core.base.arrays import Flags, Floats, Ints
from core.detection.forecast.panel import LIFTED, ORDINARY, Panel
from core.detection.forecast.state_space import WEEK

_FEWEST_DAYS, _MOST_DAYS = 28, 84
"""Days from which on, and up to which, the beginning of a panel is looked at as a whole; 42 at most gave .29, .51 and .67."""
_USUAL, _LOW = 0.4, 0.1
"""Shares of the days below what is usual, and below what is low: promotions on a quarter of the days hardly move them, and they
lie about a standard deviation apart."""
_FAR, _LEAST = 3.0, 0.15
"""By so many of these distances, and so much (log), the days of a promotion lie above what is usual ..."""
_REGULAR = 0.9
"""Share of the days of open weekdays on which something comes of a series that can have promotions: what comes in lumps has high
days by chance. Of 579 series of a shop without promotions, cut into random parts, 40 had some without this."""
_SHORTEST, _LONGEST = 3, 14
"""... on so many days in a row, and at least as many as the first come after it. What lasts is how things are, and where it ends
they fell."""


def with_unlogged_campaigns(panel: Panel, before: int) -> Panel:
    """The panel with LIFTED days where promotions lie in its first weeks, by what is known before a day."""
    days = min(before - panel.first, _MOST_DAYS)
    if days < _FEWEST_DAYS:
        return panel
    known = np.array(np.broadcast_to(panel.known, panel.values.shape))
    first = known[:, :days]
    first[_lifted(_log_rates(panel, first)) & (panel.worse < 0)[:, None]] = LIFTED
    return replace(panel, known=known)


def _log_rates(panel: Panel, known: NDArray[np.int8]) -> Floats:
    """Logarithm of what came of one unit of exposure, less what is usual on such weekdays; nan on days that say nothing, and of
    series that do not come in regularly."""
    days = known.shape[1]
    exposure = panel.exposures(np.arange(len(known)), slice(0, days))
    values = panel.values[:, :days]
    says = (known == ORDINARY) & (values > 0) & (exposure > 0)
    says &= (says.mean(1) >= _REGULAR * panel.open_weekdays / WEEK)[:, None]
    rates = np.log(np.where(says, values, 1.0) / np.where(says, exposure, 1.0))
    rates[~says] = np.nan
    for weekday in range(WEEK):
        rates[:, weekday::WEEK] -= _quantile(rates[:, weekday::WEEK], _USUAL)
    return rates


def _quantile(values: Floats, share: float) -> Floats:
    """The value below which such a share of each row lies, nan left out; shape (rows, 1)."""
    ordered = np.sort(values, 1)
    last = np.maximum((~np.isnan(values)).sum(1) - 1, 0)
    return np.take_along_axis(ordered, (last * share).astype(np.int64)[:, None], 1)


def _lifted(rates: Floats) -> Flags:
    """The days of promotions, of the same shape."""
    usual, low = _quantile(rates, _USUAL), _quantile(rates, _LOW)
    high: Flags = rates > usual + np.maximum(_FAR * (usual - low), _LEAST)
    runs = np.zeros_like(high)
    whole = np.lib.stride_tricks.sliding_window_view(high, _SHORTEST, 1).all(2)
    for shift in range(_SHORTEST):
        runs[:, shift : shift + whole.shape[1]] |= whole
    calm = np.asarray(np.lib.stride_tricks.sliding_window_view(~runs, _SHORTEST, 1).all(2))
    ended = np.zeros_like(runs)
    ended[:, : calm.shape[1]] = np.logical_or.accumulate(calm[:, ::-1], 1)[:, ::-1]
    return runs & ended & (_lengths(runs) <= _LONGEST)


def _lengths(runs: Flags) -> Ints:
    """How many days the run has that each day lies in; shape (series, days)."""
    days = runs.shape[1]
    before = np.maximum.accumulate(np.where(runs, -1, np.arange(days)), 1)
    after = np.minimum.accumulate(np.where(runs, days, np.arange(days))[:, ::-1], 1)[:, ::-1]
    return np.asarray(after - before - 1)
