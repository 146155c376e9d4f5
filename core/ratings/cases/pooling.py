"""A person is one: the evidence of all accounts of a person in a role and market, put together before anything is scored."""

from dataclasses import replace

from core.base.arrays import Ints
from core.base.row_order import distinct
from core.ratings.cases.accounts import Accounts
from core.ratings.cases.case_matrix import Cards, CaseMatrix, Stream, card_keys


def pooled(frame: CaseMatrix, crowd: Accounts) -> tuple[CaseMatrix, Ints]:
    """The same cases by person instead of by account, and the pooled card of each card; shape (cards,).

    The card of a person carries its first account.
    """
    cards, words, markets = frame.cards, frame.cards.roles, len(crowd.markets.words)
    person = crowd.person_places()[cards.who]
    keys = card_keys(person, cards.role, cards.market, len(words), markets)
    known, pool = distinct(keys)
    people = Cards(known // markets // len(words), known // markets % len(words), known % markets, words)
    categories = int(frame.cell_category.max(initial=0)) + 1
    cells, position = distinct(pool[frame.cell_card] * categories + frame.cell_category)
    streams = tuple(_moved(stream, position) for stream in frame.streams)
    return replace(
        frame, cards=people, cell_card=cells // categories, cell_category=cells % categories, streams=streams
    ), pool


def _moved(stream: Stream, position: Ints) -> Stream:
    """The stream with its cases in other cells."""
    bads = tuple(replace(bad, cell=position[bad.cell]) for bad in stream.bads)
    return replace(stream, cell=position[stream.cell], bads=bads)
