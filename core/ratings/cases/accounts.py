"""Who is rated: accounts or sellers in the order of their names, so that nothing depends on the order of loading."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.base.arrays import Flags, Ints
from core.ratings.rating_results import Side
from core.workspace.read import rating_rows
from core.workspace.read.rating_rows import NEVER, Account, RoleRow
from core.workspace.read.workspace import Workspace


@dataclass(frozen=True, slots=True)
class SortedWords:
    """The words of a column in the order of the alphabet, and the place of each code among them."""

    words: tuple[str, ...]
    place: Ints
    """By code; shape (codes,)."""

    @classmethod
    def of(cls, by_code: Sequence[str], more: Sequence[str] = ()) -> "SortedWords":
        """Sorted words; `more` are words that no code stands for."""
        known = set(by_code)
        words = sorted([*by_code, *(word for word in set(more) if word not in known)])
        places = {word: at for at, word in enumerate(words)}
        return cls(tuple(words), np.array([places[word] for word in by_code], np.int64))


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """Everybody of one side, by place: accounts of creators, or sellers. Place 0 is "" (nobody)."""

    side: Side
    names: SortedWords
    persons: tuple[str, ...]
    """Who holds each; the name itself where nothing else is known."""
    own_shop: Ints
    """Code of the account's own shop; -1 = none."""
    market: Ints
    """Place of the home market; 0 = not given."""
    joined: Ints
    """Day; NEVER = not given."""
    roles: tuple[RoleRow, ...]
    markets: SortedWords
    categories: SortedWords
    listed: Flags
    """Whether an export of creators, roles or sellers names the account."""

    @property
    def size(self) -> int:
        """Places, nobody included."""
        return len(self.names.words)

    def person_places(self) -> Ints:
        """The first place of whoever holds each account; shape (size,)."""
        first: dict[str, int] = {}
        return np.fromiter((first.setdefault(name, at) for at, name in enumerate(self.persons)), np.int64, self.size)


def read(workspace: Workspace, side: Side) -> Accounts:
    """Everybody whom orders, reviews, violations or the accounts' own exports name."""
    if side == "creators":
        reported, by_code, roles = (
            rating_rows.accounts(workspace),
            rating_rows.words(workspace, "creator_id"),
            rating_rows.roles(workspace),
        )
    else:
        reported, by_code, roles = rating_rows.sellers(workspace), rating_rows.words(workspace, "seller_id"), []
    names = SortedWords.of(by_code, [*reported, *(row.creator_id for row in roles)])
    markets = SortedWords.of(rating_rows.words(workspace, "market"), [entry.market for entry in reported.values()])
    unknown = Account("", "", "", NEVER)
    holdings = [reported.get(name, unknown) for name in names.words]
    shops = {seller: code for code, seller in enumerate(rating_rows.words(workspace, "seller_id")) if seller}
    return Accounts(
        side=side,
        names=names,
        persons=tuple(entry.person_id or name for entry, name in zip(holdings, names.words, strict=True)),
        own_shop=_of(
            holdings, {name: shops.get(name, -1) for name in {entry.seller_id for entry in holdings}}, "seller_id"
        ),
        market=_of(holdings, {word: at for at, word in enumerate(markets.words)}, "market"),
        joined=np.array([entry.joined for entry in holdings], np.int64),
        roles=tuple(roles),
        markets=markets,
        categories=SortedWords.of(rating_rows.words(workspace, "category")),
        listed=_listed(names, {*reported, *(row.creator_id for row in roles)}),
    )


def _listed(names: SortedWords, known: set[str]) -> Flags:
    return np.fromiter((name in known for name in names.words), bool, len(names.words))


def _of(holdings: Sequence[Account], places: Mapping[str, int], field: str) -> Ints:
    return np.array([places[getattr(entry, field)] for entry in holdings], np.int64)
