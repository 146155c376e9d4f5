"""Where a theme of complaints is more frequent than elsewhere."""

from collections.abc import Mapping, Sequence

import numpy as np

from core.base.arrays import Flags, Floats, Ints
from core.base.segment import Segment
from core.detection.distributions import discoveries
from core.voice.chance import FALSE_SHARE, more_than_share
from core.voice.voice_results import ThemeSegment

_LEAST_ORDERS = 5
"""Complaints below which a value is not named: fewer are a bad day of one parcel."""
_SHOWN = 5


def theme_segments(
    themes: Flags,
    codes: Mapping[str, Ints],
    order_codes: Mapping[str, Ints],
    values: Mapping[str, Sequence[str]],
) -> list[tuple[ThemeSegment, ...]]:
    """Of each theme the values of dimensions where it is more frequent; one false-discovery limit over all of them.

    `themes` has shape (complaints, themes), `codes` and `order_codes` are the codes of complaints and of order lines.
    """
    tests, few = _tests(themes, codes, order_codes, values)
    # with those of few complaints: of 150 sellers alike, some have five by chance, and they alone would look like few tests
    chances = np.concatenate([[segment.p_value for _, segment in tests], *few])
    sure = discoveries(chances, FALSE_SHARE)[: len(tests)]
    by_theme: list[list[ThemeSegment]] = [[] for _ in range(themes.shape[1])]
    for (theme, segment), real in zip(tests, sure.tolist(), strict=True):
        if real:
            by_theme[theme].append(segment)
    return [
        tuple(sorted(segments, key=lambda segment: (-_excess(segment), str(segment.where)))[:_SHOWN])
        for segments in by_theme
    ]


def _tests(
    themes: Flags,
    codes: Mapping[str, Ints],
    order_codes: Mapping[str, Ints],
    values: Mapping[str, Sequence[str]],
) -> tuple[list[tuple[int, ThemeSegment]], list[Floats]]:
    """Theme and value of every test that may be named, and the p-values of those of too few complaints."""
    tests: list[tuple[int, ThemeSegment]] = []
    few: list[Floats] = []
    for name, code in codes.items():
        size = np.bincount(order_codes[name], minlength=len(values[name])).astype(float)
        for theme in np.flatnonzero(themes.any(axis=0)).tolist():
            hits = np.bincount(code[themes[:, theme]], minlength=len(size)).astype(float)[: len(size)]
            others, other_size = hits.sum() - hits, size.sum() - size
            # counts, not shares: orders of earlier days are complained about too, so that complaints may outnumber the orders
            chance = more_than_share(hits, others, size / max(size.sum(), 1.0))
            is_tested = (size > 0) & (other_size > 0) & (np.arange(len(size)) > 0)
            is_tested &= np.maximum(size, hits) >= _LEAST_ORDERS  # others could not be named
            few.append(chance[is_tested & (hits < _LEAST_ORDERS)])
            for row in np.flatnonzero(is_tested & (hits >= _LEAST_ORDERS)).tolist():
                segment = ThemeSegment(
                    where=Segment.of({name: values[name][row]}),
                    orders=int(hits[row]),
                    share=float(min(hits[row] / size[row], 1.0)),
                    elsewhere=float(min(others[row] / other_size[row], 1.0)),
                    p_value=float(chance[row]),
                )
                tests.append((theme, segment))
    return tests, few


def _excess(segment: ThemeSegment) -> float:
    """Orders hit beyond the share of elsewhere."""
    return segment.orders * (1 - segment.elsewhere / segment.share) if segment.share else 0.0
