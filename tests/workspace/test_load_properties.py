"""Loading, whatever the data: the order and the split of files do not matter, and every row is accounted for."""

import csv
import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import hypothesis.strategies as st
from hypothesis import given, settings

from tests.workspace.loading import contents, loaded, rows, written

WORDS = st.sampled_from(["", "ID", "TH", "Côte d'Ivoire", 'say "hi"', "a,b", "two\nlines", "=1+1"])
COUNTS = st.one_of(st.just(""), st.integers(0, 2**40).map(str))
DAYS = st.integers(0, 3).map(lambda n: f"2026-03-{n + 1:02d}")
TRAFFIC = st.tuples(DAYS, WORDS, WORDS, COUNTS, COUNTS)
HEADER = ("date", "market", "channel", "impressions", "clicks")


@contextmanager
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as path:
        yield Path(path)


def as_csv(header: tuple[str, ...], lines: list[tuple[str, ...]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([header, *lines])
    return text.getvalue()


def one_of_each(lines: list[tuple[str, ...]], key: int) -> list[tuple[str, ...]]:
    return list({line[:key]: line for line in lines}.values())


@settings(max_examples=15, deadline=None)
@given(st.lists(TRAFFIC, min_size=1, max_size=20), st.randoms(use_true_random=False), st.integers(0, 20))
def test_any_order_and_any_split_give_the_same_workspace(lines, random, cut) -> None:  # type: ignore[no-untyped-def]
    lines = one_of_each(lines, 3)
    shuffled = lines.copy()
    random.shuffle(shuffled)
    with folder() as path:
        loaded(path / "whole.db", written(path, "whole.csv", as_csv(HEADER, lines)))
        for number, part in enumerate((shuffled[cut:], shuffled[: cut + 1])):  # one row comes twice
            loaded(path / "parts.db", written(path, f"{number}.csv", as_csv(HEADER, part)))
        assert contents(path / "parts.db") == contents(path / "whole.db")


ORDER = st.tuples(
    st.sampled_from("123"), st.sampled_from(["", "p1", "p2"]), DAYS, st.decimals(0, 10**6, places=2).map(str), WORDS
)
ORDER_HEADER = ("order_id", "product_id", "ordered_at", "gmv", "market")


REVIEW = st.tuples(st.sampled_from("abcd"), st.sampled_from(["", "1", "2"]), DAYS, st.sampled_from("15"), WORDS)
REVIEW_HEADER = ("review_id", "order_id", "reviewed_at", "rating", "market")


@settings(max_examples=15, deadline=None)
@given(
    st.lists(ORDER, min_size=1, max_size=8), st.lists(REVIEW, min_size=1, max_size=6), st.randoms(use_true_random=False)
)
def test_orders_and_reviews_in_any_order_and_split_give_the_same_workspace(orders, reviews, random) -> None:  # type: ignore[no-untyped-def]
    kinds = [(ORDER_HEADER, one_of_each(orders, 2)), (REVIEW_HEADER, one_of_each(reviews, 1))]
    parts = [(header, lines[start::2]) for header, lines in kinds for start in (0, 1)]
    random.shuffle(parts)
    with folder() as path:
        for number, (header, lines) in enumerate(kinds):
            loaded(path / "whole.db", written(path, f"whole{number}.csv", as_csv(header, lines)))
        for number, (header, lines) in enumerate(parts):
            loaded(path / "parts.db", written(path, f"{number}.csv", as_csv(header, lines)))
        assert contents(path / "parts.db") == contents(path / "whole.db")


@settings(max_examples=15, deadline=None)
@given(st.lists(st.lists(ORDER, max_size=6), min_size=1, max_size=4))
def test_a_later_file_corrects_and_no_row_of_one_file_another(files) -> None:  # type: ignore[no-untyped-def]
    """An order keeps its day: of another day it is another shop's."""
    files = [[(line[0], line[1], f"2026-03-0{line[0]}", *line[3:]) for line in lines] for lines in files]
    last: dict[tuple[str, str, int], tuple[str, ...]] = {}
    with folder() as path:
        for number, lines in enumerate(files):
            report = loaded(path / "w.db", written(path, f"{number}.csv", as_csv(ORDER_HEADER, lines)))
            assert report.read == len(lines) == report.accepted + report.rejected + report.unchanged
            distinct = list(dict.fromkeys(lines))
            assert report.copies == len(lines) - len(distinct)
            last |= {
                (*line[:2], [one[:2] for one in distinct[:n]].count(line[:2])): line for n, line in enumerate(distinct)
            }
        held = rows(
            path / "w.db", "SELECT order_id, coalesce(product_id, ''), date, gmv, coalesce(market, '') FROM orders"
        )
        assert sorted(held) == sorted((*line[:3], float(line[3]), line[4]) for line in last.values())


MESSY = st.tuples(
    st.sampled_from(["2026-03-01", "x", ""]),
    st.sampled_from(["1", "2.5", "-1", "many", ""]),
)
GOOD = [(f"2026-03-0{day}", str(day), "ID") for day in range(1, 6)]
"""Rows that say what the columns are, so that no later one is taken for a part of the layout."""


@settings(max_examples=25, deadline=None)
@given(st.lists(MESSY, max_size=12), st.booleans())
def test_every_row_is_accepted_refused_or_unchanged(lines, twice) -> None:  # type: ignore[no-untyped-def]
    messy = [(*line, f"M{number}") for number, line in enumerate(lines)]
    text = as_csv(("date", "impressions", "market"), [*GOOD, *messy])
    with folder() as path:
        report = loaded(path / "w.db", written(path, "a.csv", text), as_kind="traffic")
        if twice:
            report = loaded(path / "w.db", written(path, "b.csv", text + "\n"), as_kind="traffic")
            assert report.accepted == 0
        assert report.read == len(GOOD) + len(messy) == report.accepted + report.rejected + report.unchanged
        readable = [line for line in messy if line[0] == "2026-03-01" and line[1] in {"1", ""}]
        assert report.read - report.rejected == len(GOOD) + len(readable)
        assert rows(path / "w.db", "SELECT count(*) FROM rejects")[0][0] == report.rejected * (1 + twice)
