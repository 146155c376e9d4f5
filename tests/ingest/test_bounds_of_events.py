"""Which rows are events, of hours, or repeat the figure of a day or a shop: where each judgement begins and ends."""

import numpy as np
import pyarrow as pa
import pytest

from core.catalogue.kinds import KINDS, CellType
from core.ingest.columns.column_profile import ColumnProfile, Columns, profiles
from core.ingest.columns.hours_and_offsets import _midnight_elsewhere, with_hours
from core.ingest.columns.repeated_figures import RepeatedFigures, figures_of_groups
from core.ingest.formats.batch import TextBatch
from core.ingest.mapping.column_plan import ColumnPlan, Plan
from core.ingest.plans.daily_plan import _numbering
from core.ingest.plans.event_rows import (
    _are_amounts,
    _are_stars,
    _is_alone,
    _is_kind,
    _is_score,
    _is_timed,
    _lines,
    with_events,
)


def texts_of(**cells: list[str | None]) -> tuple[Columns, TextBatch]:
    rows = len(next(iter(cells.values())))
    texts = TextBatch({name: pa.array(own, pa.string()) for name, own in cells.items()}, np.arange(rows))
    return profiles(texts, list(cells)), texts


def profile(cells: list[str | None], name: str = "Something") -> ColumnProfile:
    return texts_of(**{name: cells})[0][name]


@pytest.mark.parametrize(
    ("words", "rows", "is_kind"),
    [
        *((1, 40, False), (4, 8, True), (5, 9, False), (20, 40, True), (21, 41, False), (21, 209, False)),
        *((21, 210, True), (50, 600, True), (51, 600, False)),
    ],
)
def test_a_column_of_few_words_slices_events(words: int, rows: int, is_kind: bool) -> None:
    assert _is_kind(profile([f"w{at % words}x" for at in range(rows)]), rows) is is_kind


def test_a_column_that_differs_in_nine_of_ten_rows_names_them() -> None:
    assert _is_alone(profile([*map(str, range(9)), "8"]))
    assert not _is_alone(profile([*map(str, range(8)), "7", "7"]))
    assert not _is_alone(profile([*map(str, range(8)), None, None]))


@pytest.mark.parametrize(
    ("cell", "is_timed"),
    [
        ("2026-07-02 00:00", False),
        ("2026-07-02 00:01", True),
        ("07/02/2026 12:00 AM", False),
        ("07/02/2026 12:00 PM", True),
        ("2026-07-02", False),
        ("1782864000", False),
        ("1782864001", True),
        ("1782864000999", False),
        ("1782864001000", True),
    ],
)
def test_a_day_has_a_time_that_is_not_midnight(cell: str, is_timed: bool) -> None:
    assert _is_timed(profile([cell])) is is_timed


def test_scores_and_stars_are_given_by_every_row() -> None:
    points: list[str | None] = [*map(str, range(101))]
    assert _is_score(profile(points, "Score"))
    for cells, name in (
        (points, "Orders"),
        ([*points, "101"], "Score"),
        ([*points, None], "Score"),
        (["7.5"], "Score"),
    ):
        assert not _is_score(profile(cells, name))
    assert _are_stars(profile(["5", "0.5", "4,5", "5.0"], "Stars"))
    for stars, name in ((["5.5"], "Stars"), (["6"], "Stars"), (["5", None], "Stars"), (["5", "4"], "Gifts")):
        assert not _are_stars(profile([*stars], name))


def test_figures_with_one_unknown_unit_name_no_row() -> None:
    assert _are_amounts(profile(["12 zz", "13 zz"]))
    assert not any(map(_are_amounts, map(profile, (["12 zz", "13 yy"], ["12 zz", "12 zz"], ["12", "13"]))))


def order_lines(orders: int, first: int = 1, moved: int = 0) -> tuple[str, str] | None:
    """What the two lines of each of some orders are told apart by; `moved` of them go on a day later."""
    cells = [(order, first + line) for order in range(orders) for line in (0, 1)]
    columns, texts = texts_of(
        Day=[f"2026-07-{1 + order + (line > first and order < moved):02d}" for order, line in cells],
        Receipt=[f"R{order}" for order, _ in cells],
        Line=[str(line) for _, line in cells],
        Price=[f"{order}.{line}5" for order, line in cells],
    )
    return _lines(columns, texts, "Day")


def test_lines_of_ten_orders_and_one_count_up_from_one() -> None:
    assert order_lines(11) == ("Receipt", "Line")
    assert order_lines(10) is None
    assert order_lines(11, first=2) is None
    assert order_lines(11, moved=1) is None


DAY = Plan(KINDS["daily"], (ColumnPlan("date", CellType.DAY, "Day"),))


@pytest.mark.parametrize(
    ("hours", "zone", "begin"),
    [
        (("22", "22", "22"), "Z", "22:00"),
        (("22", "22", "22"), "", None),
        (("23", "22", "22"), "Z", "22:00"),
        (("23", "21", "21"), "Z", None),
        (("22", "22"), "Z", None),
        (("00", "00", "00"), "Z", None),
    ],
)
def test_days_begin_at_one_hour_of_utc_or_two_next_to_each_other(
    hours: tuple[str, ...], zone: str, begin: str | None
) -> None:
    columns, _ = texts_of(Day=[f"2026-07-0{day}T{hour}:00:00{zone}" for day, hour in enumerate(hours, 1)])
    assert _midnight_elsewhere(DAY, columns) == begin


@pytest.mark.parametrize(
    ("times", "before", "is_sliced"),
    [
        (("10:00", "11:00"), None, True),
        (("10:00", "11:30"), None, False),
        (("10:00",), None, False),
        (("10:00",), ("hour",), True),
        (("10:00", "11:00"), (), False),
        (("00:00",), ("hour",), False),
    ],
)
def test_rows_are_of_hours_where_a_day_has_several(
    times: tuple[str, ...], before: tuple[str, ...] | None, is_sliced: bool
) -> None:
    moments: list[str | None] = [f"2026-07-0{day} {time}" for day in (1, 2, 3) for time in times]
    columns, _ = texts_of(Day=moments)
    assert ("hour" in with_hours(DAY, columns, before).dimensions) is is_sliced
    named, _ = texts_of(Day=moments, **{"Order ID": [f"A{at}" for at in range(len(moments))]})
    assert "hour" not in with_hours(DAY, named, before).dimensions


def test_events_need_five_rows_and_several_on_most_days() -> None:
    def known(rows: int, days: int) -> bool:
        columns, texts = texts_of(
            Day=[f"2026-07-0{1 + at * days // rows}" for at in range(rows)],
            Guest=[f"guest {'abcdefg'[at]}" for at in range(rows)],
        )
        return bool(with_events(DAY, columns, texts, {}, None).key)

    assert known(5, 2)
    assert not known(4, 2)
    assert known(6, 3)
    assert not known(6, 4)


@pytest.mark.parametrize(("days", "is_numbering"), [(14, True), (15, False)])
def test_numbers_of_rows_are_known_where_most_days_have_several(days: int, is_numbering: bool) -> None:
    columns, _ = texts_of(
        Day=[f"2026-07-{1 + at % days:02d}" for at in range(30)],
        Doc=[str(1000 + at) for at in range(30)],
        Stock=[str(2000 + at) for at in range(30)],
    )
    assert _numbering(columns, "Day") == (frozenset(("Doc",)) if is_numbering else frozenset())


def repeated(days: int, figures: int, rows: int = 2) -> RepeatedFigures:
    """Of some days with that many rows each, one figure for each day, of which so many differ, and one for each row."""
    day = np.repeat(np.arange(days), rows)
    return figures_of_groups(day, [], {"goal": day % figures + 1.0, "orders": np.arange(days * rows) * 7.0 % 11})


def test_figures_of_ten_days_that_stand_on_each_row_are_of_the_day() -> None:
    assert repeated(10, 5).of_days == ["goal"]
    assert repeated(9, 5).of_days == []
    assert repeated(10, 4).of_days == []
    assert repeated(10, 5, rows=1).of_days == []
    for singles, found in ((10, ["goal"]), (11, [])):  # half of the days have several rows
        day = np.concatenate((np.repeat(np.arange(10), 2), np.arange(10, 10 + singles)))
        assert (
            figures_of_groups(day, [], {"goal": day % 5 + 1.0, "orders": np.arange(len(day)) * 7.0 % 11}).of_days
            == found
        )


@pytest.mark.parametrize(
    ("sizes", "rows", "found"), [((30, 50), 14, ["size"]), ((30, 50), 13, []), ((0, 50), 14, []), ((50, 50), 14, [])]
)
def test_what_two_weeks_of_a_shop_have_alike_is_its_size(sizes: tuple[int, int], rows: int, found: list[str]) -> None:
    days, shops = np.repeat(np.arange(rows), 2), np.tile([0, 1], rows)
    figures = {"size": np.array(sizes, float)[shops], "orders": np.arange(2 * rows) * 7.0 % 11}
    assert figures_of_groups(days, [shops], figures).of_slices == found
