"""Columns that only compare: the same figure of an earlier period, a goal, a plan, a forecast, or what two columns differ by."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np

from core.base.arrays import Floats
from core.ingest.headers import VOWEL_SIGNS, folded

_EARLIER = (
    *(
        "previous",
        "prev",
        "prior",
        "last year",
        "last month",
        "last week",
        "last period",
        "year ago",
        "earlier",
        "ly",
        "py",
        "pp",
        "vj",
    ),
    *("vorjahr", "vormonat", "vorwoche", "vorperiode", "vorheriger", "précédente", "précédent", "n-1", "anterior"),
    *(
        "año pasado",
        "ano passado",
        "precedente",
        "sebelumnya",
        "tahun lalu",
        "bulan lalu",
        "kỳ trước",
        "tháng trước",
        "năm trước",
        "tuần trước",
        "önceki",
        "geçen",
    ),
    *("прошлый", "прошлого", "предыдущий", "предыдущего", "poprzedni", "poprzedniego"),
)
_PLANNED = (
    *("target", "goal", "plan", "planned", "budget", "budgeted", "forecast", "forecasted", "projected", "expected"),
    *(
        "ziel",
        "soll",
        "prognose",
        "planwert",
        "objectif",
        "prévision",
        "objetivo",
        "previsión",
        "previsão",
        "obiettivo",
    ),
    *(
        "previsione",
        "sasaran",
        "proyeksi",
        "mục tiêu",
        "kế hoạch",
        "hedef",
        "план",
        "цель",
        "прогноз",
        "cel",
        "prognoza",
    ),
)
_JOINED_EARLIER = (
    "上期",
    "上周期",
    "去年",
    "同期",
    "同日",
    "同曜日",
    "昨年",
    "前期",
    "前年",
    "前月",
    "이전",
    "전년",
    "전월",
    "ก่อนหน้า",
    "ปีที่แล้ว",
)
_JOINED_PLANNED = (
    *("目标", "目標", "计划", "予算", "预算", "预测", "予測", "목표", "예산", "예측", "เป้าหมาย", "คาดการณ์"),
)
"""The same in languages that put no spaces between words."""
_NEUTRAL = frozenset(
    (
        *(
            "actual",
            "actuals",
            "current",
            "selected",
            "this",
            "same",
            "date",
            "range",
            "period",
            "year",
            "month",
            "week",
        ),
        *(
            "the",
            "of",
            "to",
            "vs",
            "ist",
            "période",
            "período",
            "periodo",
            "periode",
            "kỳ",
            "real",
            "aktuell",
            "actuel",
        ),
        *("realisasi", "for", "total", "sum", "sums", "gesamt"),
    )
)
"""Words that name no figure: both columns of a comparison may have them."""
_CHANGES = (
    *("change", "difference", "diff", "delta", "growth", "variance", "gap", "differenz", "änderung", "veränderung"),
    *(
        "abweichung",
        "différence",
        "écart",
        "variation",
        "évolution",
        "diferencia",
        "variación",
        "diferença",
        "variação",
    ),
    *("differenza", "variazione", "scostamento", "selisih", "perubahan", "różnica", "zmiana", "fark", "değişim"),
    *("разница", "изменение", "отклонение", "chênh", "thay đổi"),
)
_JOINED_CHANGES = ("差额", "差異", "差值", "差額", "增减", "増減", "증감", "ส่วนต่าง")
_FITS = 0.98
_HALF_CENT = 0.0051
_MOST = 40
"""Columns of which all pairs are tried."""


@dataclass(frozen=True, slots=True)
class ComparedColumns:
    """Measures that only compare."""

    other: Sequence[str]
    """Those of a period before, and differences."""
    planned: Sequence[str]
    """Goals, plans and forecasts."""


def compared_columns(sources: Mapping[str, str], figures: Mapping[str, Floats]) -> ComparedColumns:
    """The measures that repeat another one for a period before, or say what it should be, or how far it is from that.

    `sources` says what the column of each measure is called; `figures` has the values of each, shape (rows,).
    """
    words = {name: _words(source) for name, source in sources.items() if name in figures}
    earlier = {name: bare for name in words if (bare := _without(sources[name], _EARLIER, _JOINED_EARLIER)) is not None}
    planned = {name: bare for name in words if (bare := _without(sources[name], _PLANNED, _JOINED_PLANNED)) is not None}
    plain = {name: bare for name, bare in words.items() if name not in earlier and name not in planned}
    differ = [
        name
        for name in plain
        if _says(sources[name], _CHANGES, _JOINED_CHANGES) and _is_difference(figures[name], name, figures)
    ]

    def twins(names: Mapping[str, frozenset[str]]) -> list[str]:
        return [
            name
            for name, bare in names.items()
            if (not bare and plain) or any(_is_like(bare, words) for words in plain.values())
        ]

    return ComparedColumns([*twins(earlier), *differ], [name for name in twins(planned) if name not in earlier])


def _is_like(bare: frozenset[str], words: frozenset[str]) -> bool:
    """Whether words name the same: they are equal but for their endings (`План продаж`, `Продажи`), or begin alike where words
    are not separated (`売上`, `売上金額`).
    """
    joined = "".join(sorted(bare))
    if len(bare) == len(words) and all(any(_is_inflected(word, other) for other in words) for word in bare):
        return True
    return not joined.isascii() and len(bare) == 1 and any(w.startswith(joined) for w in words)


def _is_inflected(word: str, other: str) -> bool:
    """Whether two words are one, or begin alike and differ in two letters at their end."""
    shared = next(
        (at for at, (a, b) in enumerate(zip(word, other, strict=False)) if a != b), min(len(word), len(other))
    )
    return word == other or (shared >= _STEM and shared >= max(len(word), len(other)) - _ENDING)


_STEM = 4
_ENDING = 2


def _without(source: str, words: Iterable[str], joined: Iterable[str]) -> frozenset[str] | None:
    """What remains of a name without such words; None of one that has none of them."""
    plain = _plain(source)
    bare = plain
    for word in words:
        bare = bare.replace(f" {word} ", " ")
    for word in joined:
        bare = bare.replace(word, " ")
    return _words(bare) if bare != plain else None


def _says(source: str, words: Iterable[str], joined: Iterable[str]) -> bool:
    plain = _plain(source)
    return any(f" {word} " in plain for word in words) or any(word in plain for word in joined)


def _plain(source: str) -> str:
    return f" {' '.join(_MARKS.split(folded(source)))} "


_MARKS = re.compile(rf"[^\w{VOWEL_SIGNS}-]+|_")


def _words(source: str) -> frozenset[str]:
    return frozenset(word.strip("-") for word in _plain(source).split() if word.strip("-")) - _NEUTRAL


def _is_difference(values: Floats, name: str, figures: Mapping[str, Floats]) -> bool:
    """Whether a column is what two others differ by, in nearly all of its rows."""
    others: Sequence[str] = [other for other in list(figures)[:_MOST] if other != name]
    filled = np.isfinite(values)
    if filled.sum() < 2:
        return False
    for first, second in permutations(others, 2):
        apart = np.abs(figures[first][filled] - figures[second][filled] - values[filled])
        if (apart <= _HALF_CENT).mean() >= _FITS:
            return True
    return False
