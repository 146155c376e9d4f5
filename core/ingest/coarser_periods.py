"""Rows of longer periods next to those of shorter ones, which say the same again: weeks and months in a table of days."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from core.base.arrays import Floats, Ints
from core.base.errors import UsageError
from core.ingest.headers import folded

_PERIODS = (
    ("hour", "hourly", "stunde", "stündlich", "heure", "hora", "ora", "jam", "giờ", "小时", "時間", "시간", "час"),
    (
        *(
            "day",
            "daily",
            "d",
            "tag",
            "täglich",
            "jour",
            "quotidien",
            "día",
            "dia",
            "diario",
            "diário",
            "giorno",
            "hari",
        ),
        *("harian", "ngày", "วัน", "รายวัน", "日", "天", "日次", "일", "일별", "день", "gün", "dzień"),
    ),
    (
        *("week", "weekly", "w", "woche", "wöchentlich", "semaine", "hebdomadaire", "semana", "semanal", "settimana"),
        *("minggu", "mingguan", "tuần", "สัปดาห์", "周", "週", "週次", "주", "주별", "неделя", "hafta", "tydzień"),
    ),
    (
        *("month", "monthly", "m", "monat", "monatlich", "mois", "mensuel", "mes", "mês", "mensual", "mensal", "mese"),
        *("bulan", "bulanan", "tháng", "เดือน", "月", "月次", "월", "월별", "месяц", "ay", "miesiąc"),
    ),
    (
        "quarter",
        "quarterly",
        "q",
        "quartal",
        "trimestre",
        "kuartal",
        "quý",
        "ไตรมาส",
        "季度",
        "四半期",
        "분기",
        "квартал",
    ),
    (
        "year",
        "yearly",
        "annual",
        "y",
        "jahr",
        "année",
        "an",
        "año",
        "ano",
        "anno",
        "tahun",
        "năm",
        "ปี",
        "年",
        "연도",
        "год",
    ),
)
"""What a column of words calls a period, from the shortest."""
_RANKS = {folded(word): rank for rank, words in enumerate(_PERIODS) for word in words}
_NEAR = 0.5
"""Periods at the edges of a table may reach beyond its days, or be cut."""


def coarser_rows(words: Mapping[str, pa.Array], figures: Mapping[str, Floats]) -> Ints:
    """The rows of longer periods than the shortest, ascending, where a column of `words` says which period each row is of.

    `figures` are the values of the columns that count, shape (rows,), nan where a cell is blank. Raises UsageError when the
    longer periods do not say the same as the shortest.
    """
    for name, column in words.items():
        encoded = column.dictionary_encode()
        cells = encoded.dictionary.to_pylist()
        ranks = [_RANKS.get(folded(cell)) for cell in cells]
        if column.null_count or None in ranks or len(set(ranks)) < _SEVERAL:
            continue
        rank = np.array(ranks, np.int64)[encoded.indices.to_numpy(zero_copy_only=False)]
        finest = rank == rank.min()
        for level in np.unique(rank[~finest]):
            totals = [(np.nansum(values[finest]), np.nansum(values[rank == level])) for values in figures.values()]
            if not any(fine and abs(coarse - fine) <= _NEAR * abs(fine) for fine, coarse in totals):
                raise UsageError(
                    f"its rows are of several periods ({', '.join(sorted(cells))} in {name!r}), and the longer ones do not add "
                    "up to the others. Put each period into a file of its own."
                )
        return np.flatnonzero(~finest)
    return np.array([], np.int64)


_SEVERAL = 2
