"""Figures that stand on several rows and count once."""

from pathlib import Path

from tests.ingest.shapes import figures, loads

SUMMED = "SELECT group_concat(name) FROM (SELECT name FROM daily_measures WHERE unit <> 'rate' ORDER BY name)"


def rows(days: int, cells: str = "{total},{weather},{size}", first: int = 1) -> str:
    """A row for each of two shops a day."""
    return "".join(
        f"2026-07-{day:02d},{shop},{sales},"
        + cells.format(total=30 + day * 37 % 11, weather=day * 5 % 9, size=size)
        + "\n"
        for day in range(first, days + 1)
        for shop, sales, size in (("A", 10 + day * 37 % 11, 120), ("B", 20, 340))
    )


def test_what_is_of_a_day_or_of_a_shop_is_in_no_sum(tmp_path: Path) -> None:
    report = loads(tmp_path, "date,shop,sales,day_sales,wind,floor_area\n" + rows(14), "a.csv")
    assert figures(tmp_path, SUMMED) == ("sales",)
    said = "kept, but in no total and no scan, since they cannot be added up: day_sales, wind, floor_area"
    assert said in report.files[0].notes
    (total,) = figures(tmp_path, "SELECT sum(sales) FROM daily")
    assert total == sum(30 + day * 37 % 11 for day in range(1, 15))


def test_nine_days_show_nothing_and_two_weeks_loaded_one_by_one_show_what_they_do_together(tmp_path: Path) -> None:
    head = "date,shop,sales,day_sales,wind,floor_area\n"
    loads(tmp_path, head + rows(9), "a.csv")
    assert figures(tmp_path, SUMMED) == ("day_sales,floor_area,sales,wind",)
    loads(tmp_path, head + rows(14, first=10), "b.csv")
    assert figures(tmp_path, SUMMED) == ("sales",)


def test_a_sum_that_is_equal_in_both_shops_is_one_of_each(tmp_path: Path) -> None:
    loads(tmp_path, "date,shop,sales,orders,cartons\n" + rows(12, "{weather},{weather}"), "a.csv")
    assert figures(tmp_path, SUMMED) == ("orders,sales",)


def test_a_capacity_by_which_a_rate_is_computed_adds_up(tmp_path: Path) -> None:
    text = "".join(
        f"2026-07-{day:02d},{hotel},{sold},{rooms},{100 * sold / rooms:.2f}%\n"
        for day in range(1, 13)
        for hotel, rooms, sold in (("A", 80, 40 + day * 7 % 31), ("B", 120, 60 + day * 11 % 37))
    )
    loads(tmp_path, f"date,hotel,rooms_sold,rooms_for_rent,occupancy\n{text}", "a.csv")
    assert figures(tmp_path, SUMMED) == ("rooms_for_rent,rooms_sold",)


def test_a_channel_with_none_of_something_has_no_size(tmp_path: Path) -> None:
    text = "".join(
        f"2026-07-{day:02d},{shop},{day},{some}\n" for day in range(1, 29) for shop, some in (("A", 0), ("B", 1))
    )
    loads(tmp_path, f"date,shop,sales,parties\n{text}", "a.csv")
    assert figures(tmp_path, SUMMED) == ("parties,sales",)
