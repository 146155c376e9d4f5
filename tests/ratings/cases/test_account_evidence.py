"""Cards of single accounts of persons with several, against sums written out by account."""

from dataclasses import replace

import numpy as np
import pytest

from core.ratings.cases.account_evidence import with_accounts
from core.ratings.cases.case_counts import count
from core.ratings.cases.case_matrix import pooled
from core.ratings.scoring.grades import peers_at, replay_grades
from tests.ratings.cases.test_algebra_of_evidence import CARDS, MATRIX, accounts

DAY = 290
PEOPLE, POOL = pooled(MATRIX, accounts(("P", "Q", "P", "R", "S", "R")))
"""Cards 0 and 2 are of P, 3 and 5 of R."""


def test_on_an_accounts_own_card_the_others_of_its_person_count_half() -> None:
    cards, own = with_accounts(PEOPLE, POOL, MATRIX)
    assert own.tolist() == [4, POOL[1], 5, 6, POOL[4], 7]
    assert cards.cards.who[own].tolist() == MATRIX.cards.who.tolist()
    assert cards.person is not None
    assert cards.person[own].tolist() == POOL.tolist()
    assert (np.diff(cards.cell_card) >= 0).all()
    whole = count(MATRIX, DAY).by(MATRIX.cell_card, CARDS)
    together = count(cards, DAY).by(cards.cell_card, cards.cards.size)
    for card, other in ((0, 2), (2, 0), (3, 5), (5, 3)):
        for name in ("k", "cases"):
            values, here = getattr(whole, name), getattr(together, name)
            assert here[:, POOL[card]] == pytest.approx(values[:, card] + values[:, other], abs=1e-4)
            share = 0.5 if name == "k" else 1.0
            assert here[:, own[card]] == pytest.approx(values[:, card] + share * values[:, other], abs=1e-4)


def test_peers_are_learnt_from_every_person_once() -> None:
    cards, _ = with_accounts(PEOPLE, POOL, MATRIX)
    assert cards.learners is PEOPLE
    assert cards.person is not None
    assert peers_at(cards, DAY).mean.tolist() == peers_at(PEOPLE, DAY).of(cards.person).mean.tolist()
    persons = np.arange(4)
    assert replay_grades(cards, persons, DAY).grades.tolist() == replay_grades(PEOPLE, persons, DAY).grades.tolist()


def test_single_accounts_and_those_without_a_case_have_the_card_of_their_person() -> None:
    alone, pool = pooled(MATRIX, accounts(tuple("PQRSTU")))
    cards, own = with_accounts(alone, pool, MATRIX)
    assert cards is alone
    assert own.tolist() == list(range(CARDS))
    first = int(np.flatnonzero(MATRIX.cell_card == 0)[0])
    streams = tuple(
        replace(
            stream,
            cell=np.where(MATRIX.cell_card[stream.cell] == 2, first, stream.cell),
            bads=tuple(
                replace(bad, cell=np.where(MATRIX.cell_card[bad.cell] == 2, first, bad.cell)) for bad in stream.bads
            ),
        )
        for stream in MATRIX.streams
    )
    moved = replace(MATRIX, streams=streams)
    people, pool = pooled(moved, accounts(("P", "Q", "P", "R", "S", "R")))
    assert with_accounts(people, pool, moved)[1].tolist() == [4, pool[1], pool[2], 5, pool[4], 6]
