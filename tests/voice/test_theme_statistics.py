"""Where themes are frequent and which words set them apart, against counts written out."""

import math

import numpy as np
import pytest

from core.voice import rising_words
from core.voice.chance import two_sided
from core.voice.rising_words import theme_words
from core.voice.theme_learning import word_table
from core.voice.theme_segments import theme_segments


def test_a_segment_says_its_orders_its_share_and_that_of_all_others() -> None:
    """Of 200 order lines of A 40 are hit, of 800 of B 16; of the other theme none stands out."""
    orders = np.repeat([1, 2], [200, 800])
    complaints = np.concatenate([np.repeat([1, 2], [40, 16]), np.repeat([1, 2], [10, 40])])
    themes = np.zeros((len(complaints), 2), bool)
    themes[:56, 0] = True
    themes[56:, 1] = True
    first, second = theme_segments(themes, {"market": complaints}, {"market": orders}, {"market": ["", "A", "B"]})
    assert [str(segment.where) for segment in first] == ["market=A"]
    assert (first[0].orders, first[0].share, first[0].elsewhere) == (40, 0.2, 0.02)
    assert first[0].p_value < 1e-6
    assert second == ()


def test_a_chance_in_either_direction_is_twice_the_smaller_one() -> None:
    """Of four events at one half: none on one side has a chance of 1/16, and two on each side are as likely as can be."""
    found = two_sided(np.array([0.0, 4.0, 2.0]), np.array([4.0, 0.0, 2.0]), 0.5)
    assert found.tolist() == pytest.approx([1 / 8, 1 / 8, 1.0])


def test_complaints_may_outnumber_the_orders_of_a_window() -> None:
    """A fifth of 20 order lines is A's, and ten of twelve complaints, about orders of earlier days too."""
    (segments,) = theme_segments(
        np.ones((12, 1), bool),
        {"market": np.repeat([1, 2], [10, 2])},
        {"market": np.repeat([1, 2], [4, 16])},
        {"market": ["", "A", "B"]},
    )
    (found,) = segments
    assert (str(found.where), found.orders, found.share, found.elsewhere) == ("market=A", 10, 1.0, 2 / 16)
    assert found.p_value == pytest.approx(66 * 0.2**10 * 0.8**2 + 12 * 0.2**11 * 0.8 + 0.2**12)


@pytest.mark.parametrize(("most", "named"), [(5, []), (8, ["seller=S1"])])
def test_one_seller_of_many_has_five_complaints_by_chance(most: int, named: list[str]) -> None:
    """Of 100 complaints of 100 sellers alike, five or more are one's with a chance of 0.0034, eight or more of 0.00001."""
    complaints = np.concatenate([np.full(most, 1), np.arange(2, 102 - most)])
    (segments,) = theme_segments(
        np.ones((100, 1), bool),
        {"seller": complaints},
        {"seller": np.repeat(np.arange(1, 101), 100)},
        {"seller": ["", *(f"S{number}" for number in range(1, 101))]},
    )
    assert [str(segment.where) for segment in segments] == named


def test_what_is_not_given_is_no_segment() -> None:
    orders = np.repeat([0, 2], [200, 800])
    complaints = np.repeat([0, 2], [60, 10])
    (segments,) = theme_segments(
        np.ones((70, 1), bool), {"market": complaints}, {"market": orders}, {"market": ["", "A", "B"]}
    )
    assert segments == ()


def test_a_market_that_has_all_orders_is_compared_with_none() -> None:
    (segments,) = theme_segments(
        np.ones((60, 1), bool), {"market": np.ones(60, int)}, {"market": np.ones(200, int)}, {"market": ["", "A"]}
    )
    assert segments == ()


def test_segments_with_most_orders_beyond_the_usual_come_first() -> None:
    """A small segment with a high share comes after a large one with more orders beyond the usual."""
    sizes, hits = [0, 3000, 60, 20_000], [0, 300, 30, 200]
    orders, complaints = np.repeat(np.arange(4), sizes), np.repeat(np.arange(4), hits)
    (segments,) = theme_segments(
        np.ones((sum(hits), 1), bool), {"seller": complaints}, {"seller": orders}, {"seller": ["", "A", "B", "C"]}
    )
    assert [str(segment.where) for segment in segments] == ["seller=A", "seller=B"]
    assert segments[1].share == pytest.approx(0.5)
    assert segments[1].elsewhere == pytest.approx(500 / 23_000)


def _texts() -> tuple[list[str], np.ndarray]:
    inside = ["torn box again"] * 6 + ["torn cover"] * 8 + ["broken handle"] * 5
    outside = ["late again box"] * 20 + ["slow handle"] * 10
    return inside + outside, np.arange(len(inside) + len(outside)) < len(inside)


def test_words_of_a_theme_have_the_highest_log_odds_for_their_error(monkeypatch: pytest.MonkeyPatch) -> None:
    texts, inside = _texts()
    size, score = len(texts), {}
    for word in {word for text in texts for word in text.split()}:
        hits = sum(word in text.split() for text in texts[: inside.sum()])
        others = sum(word in text.split() for text in texts[inside.sum() :])
        prior = 50 * (hits + others) / size + 0.01  # 50 texts, with words as in all texts
        odds = math.log((hits + prior) / (inside.sum() + 50)) - math.log((others + prior) / ((~inside).sum() + 50))
        if hits >= 5:
            score[word] = odds / math.sqrt(1 / (hits + prior) + 1 / (others + prior))
    limit = float(np.quantile(list(score.values()), 0.3))
    monkeypatch.setattr(rising_words, "_LEAST_SCORE", limit)
    expected = sorted((word for word in score if score[word] > limit), key=lambda word: -score[word])
    assert list(theme_words(word_table(texts), inside)) == expected
    assert expected[:2] == ["torn", "cover"]
    assert theme_words(word_table(texts), inside, most=1) == ("torn",)


def test_no_word_rises_where_one_side_has_no_texts() -> None:
    broken = ["leaking bottle"] * 40
    for now in (np.ones(40, bool), np.zeros(40, bool)):
        assert rising_words.rising_words(broken, now) == ()


def test_words_need_texts_on_both_sides() -> None:
    texts, _ = _texts()
    table = word_table(texts)
    assert theme_words(table, np.ones(len(texts), bool)) == ()
    assert theme_words(table, np.zeros(len(texts), bool)) == ()
