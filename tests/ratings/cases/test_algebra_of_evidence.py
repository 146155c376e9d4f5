"""Evidence and whom it belongs to, against the same sums written out case by case."""

from dataclasses import replace

import numpy as np
import pytest

from core.catalogue.rating_rules import packaged
from core.ratings.cases.accounts import Accounts, SortedWords
from core.ratings.cases.batches import faulty_batches
from core.ratings.cases.case_counts import CaseCounts, apart, count, count_by_half_lives, learn_delays, only
from core.ratings.cases.case_matrix import Cards, CaseMatrix, StarWorth, _nearest, pooled
from core.ratings.cases.case_outcomes import Cases
from core.ratings.cases.case_streams import Bad, Stream
from core.ratings.cases.role_assignment import ends, idle, names, of_cases
from core.ratings.scoring.evidence_weeks import EvidenceWeeks
from core.workspace.read.rating_rows import FOREVER, NEVER, RoleRow

RULES = packaged()
CARDS, DAYS, MATURE = 6, 300, RULES.mature_after_days
COMPONENTS = tuple(RULES.components[name] for name in ("product", "service", "fulfilment", "compliance", "reviews"))
STARS = StarWorth(np.array([0.0, 1.0, 1.0, 0.6, 0.2, 0.0]), 0.7, np.array([0.0, 0.3, 0.2, 0.1, 0.05, -0.05]), 0.25)


def bad(rng: np.random.Generator, component: int, stream: dict[str, np.ndarray], share: float, **more: object) -> Bad:
    row = np.flatnonzero(rng.random(len(stream["cell"])) < share)
    start = stream["start"][row]
    known = start + rng.integers(0, MATURE + 1, len(row))
    gone = np.where(rng.random(len(row)) < 0.3, known + rng.integers(-5, 60, len(row)), FOREVER)
    plain = {
        "component": component,
        "spread": 1.0,
        "cell": stream["cell"][row],
        "start": start,
        "known": known,
        "gone": gone,
    }
    return Bad(**{**plain, "amount": rng.integers(1, 9, len(row)) / 4, "row": row, **more})


def matrix(seed: int = 1, size: int = 240) -> CaseMatrix:
    """Cases of six cards, two cells each, in two markets: of every kind, some overturned, some known late."""
    rng = np.random.default_rng(seed)
    streams = []
    for of, bads, late in (
        ("deliveries", ((0, 0.1), (1, 0.05)), False),
        ("dispatches", ((2, 0.2),), False),
        ("orders", ((3, 0.1),), False),
        ("reviews", ((4, 0.2), (4, 0.1)), False),
        ("reviews", ((4, 0.2), (4, 0.2)), True),
    ):
        cell = rng.integers(0, 2 * CARDS, size)
        columns = {"cell": cell, "start": rng.integers(0, DAYS, size), "market": cell // 2 % 2}
        stars = iter((2, 3))
        parts = tuple(
            bad(rng, at, columns, share, came_late=late, stars=next(stars) if of == "reviews" else 0)
            for at, share in bads
        )
        streams.append(
            Stream(of=of, weight=rng.integers(1, 9, size) / 8, bads=parts, came_late=late, **columns)  # type: ignore[arg-type]
        )
    cards = Cards(np.arange(CARDS) + 1, np.zeros(CARDS, np.int64), np.arange(CARDS) % 2, ("creator",))
    delays = np.minimum(np.arange(1.0, MATURE + 2) / (MATURE + 1), 1.0)
    return CaseMatrix(
        rules=replace(RULES, horizon_days=250), components=COMPONENTS, cards=cards, cell_card=np.arange(2 * CARDS) // 2,
        cell_category=np.arange(2 * CARDS) % 2, streams=tuple(streams), delays=np.stack([delays, delays**2]), first=0,
        star_worth=STARS,
    )  # fmt: skip


MATRIX = matrix()


def by_hand(case: CaseMatrix, as_of: int, known_at: int, half_life: float) -> CaseCounts:
    """Every case on its own."""
    shape = (len(case.components), len(case.cell_card))
    n, squares, k, cases, bads = (np.zeros(shape) for _ in range(5))
    for stream in case.streams:
        half = case.rules.violation_half_life_days if stream.of == "orders" else half_life
        each = case.star_worth.late_cases if stream.came_late else 1.0
        total, squared, times = (np.zeros(shape[1]) for _ in range(3))
        for cell, start, market, weight in zip(stream.cell, stream.start, stream.market, stream.weight, strict=True):
            if start <= known_at and as_of - start <= case.rules.horizon_days:
                fade = 0.5 ** ((as_of - start) / half)
                seen = (
                    case.delays[market, min(known_at - start, case.rules.mature_after_days)]
                    if stream.of == "deliveries"
                    else 1
                )
                total[cell] += weight * fade * seen
                squared[cell] += weight * fade**2 * seen
                times[cell] += 1
        for at in {part.component for part in stream.bads}:
            spread = case.star_worth.spread if stream.of == "reviews" else 1.0
            n[at] += each * total
            squares[at] += each * np.maximum(squared, total / 2) * spread
            cases[at] += 0 if stream.came_late else times
        for part in stream.bads:
            worth = (
                1.0
                if not part.stars
                else (case.star_worth.late if part.came_late else case.star_worth.worth)[part.stars]
            )
            for cell, start, known, gone, amount in zip(
                part.cell, part.start, part.known, part.gone, part.amount, strict=True
            ):
                if known <= known_at < gone and start <= known_at and as_of - start <= case.rules.horizon_days:
                    k[part.component, cell] += worth * amount * 0.5 ** ((as_of - start) / half)
                    bads[part.component, cell] += worth == 1 and not part.came_late
    return CaseCounts(*apart(case, n, squares, np.maximum(k, 0)), np.maximum(k, 0), cases, bads)


@pytest.mark.parametrize(("as_of", "known_at"), [(120, 120), (290, 290), (290, 200), (400, 400)])
def test_evidence_is_counted_case_by_case(as_of: int, known_at: int) -> None:
    for half_life in (120.0, 30.0):
        (found,) = count_by_half_lives(MATRIX, as_of, known_at, [half_life])
        expected = by_hand(MATRIX, as_of, known_at, half_life)
        for name in ("n", "squares", "k", "cases", "bad"):
            assert getattr(found, name) == pytest.approx(getattr(expected, name), abs=1e-4), name
    assert count(MATRIX, as_of).n == pytest.approx(by_hand(MATRIX, as_of, as_of, RULES.half_life_days).n, abs=1e-4)


def test_what_another_component_calls_bad_tells_nothing_of_this_one() -> None:
    n, k = np.full((5, 1), 100.0), np.array([[6.0], [3.0], [9.0], [1.0], [2.0]])
    left, squares = apart(MATRIX, n, n / 2, k)
    assert left[:, 0].tolist() == [97, 94, 100, 100, 100], "product without the 3 of service, service without the 6"
    assert squares == pytest.approx(left / 2)
    few = apart(MATRIX, np.full((5, 1), 4.0), n, np.array([[3.0], [3.0], [0.0], [0.0], [0.0]]))[0]
    assert few[:2, 0].tolist() == [3, 3], "no fewer than the bad ones"


def test_evidence_of_each_refresh_is_that_counted_on_its_day() -> None:
    """Nothing lies beyond the horizon yet, so that decayed sums are the same."""
    case = replace(MATRIX, rules=replace(RULES, horizon_days=1000))
    cards = np.array([1, 3, 4])
    own = only(case, cards)
    for half_life in (None, 30.0):
        weeks = EvidenceWeeks(own, half_life)
        for day in (10, 24, 80, 81, 150, 299, 330):
            n, k = weeks.at(day, case.delays, STARS)
            half_lives = (RULES.half_life_days if half_life is None else half_life,)
            expected = replace(own, rules=replace(own.rules, violation_half_life_days=half_life or 90))
            (whole,) = count_by_half_lives(expected, day, None, half_lives)
            wanted = whole.effective()
            assert n == pytest.approx(wanted[0], abs=1e-3)
            assert k == pytest.approx(wanted[1], abs=1e-3)


def test_the_cases_of_some_cards_are_theirs() -> None:
    cards = np.array([1, 3, 4])
    whole = count(MATRIX, 290).by(MATRIX.cell_card, CARDS).of(cards)
    own = count(only(MATRIX, cards), 290)
    for name in ("k", "cases", "bad"):
        assert getattr(own, name) == pytest.approx(getattr(whole, name), abs=1e-4)
    (one,) = (stream for stream in only(MATRIX, cards).streams if stream.of == "dispatches")
    (all_,) = (stream for stream in MATRIX.streams if stream.of == "dispatches")
    kept = np.isin(MATRIX.cell_card[all_.cell], cards)
    assert one.start.tolist() == all_.start[kept].tolist()
    assert cards[one.cell].tolist() == MATRIX.cell_card[all_.cell[kept]].tolist()


def test_delays_are_the_shares_of_trouble_that_had_shown_by_each_age() -> None:
    deliveries = MATRIX.streams[0]
    # on this day a fault of a case that is just mature has become known
    day = next(
        int(one) for part in deliveries.bads for one in part.known[part.known - part.start == MATURE] if one < 300
    )
    found = learn_delays(MATRIX, day)
    ages: list[list[tuple[int, float]]] = [[], []]
    for part in deliveries.bads:
        for cell, start, known, amount in zip(part.cell, part.start, part.known, part.amount, strict=True):
            if start <= day - MATURE and known <= day and known - start <= MATURE:
                ages[cell // 2 % 2].append((int(known - start), float(amount)))
    every = ages[0] + ages[1]

    def by_age(faults: list[tuple[int, float]], last: int) -> float:
        return sum(amount for age, amount in faults if age <= last)

    for age in range(MATURE + 1):
        even = (age + 1) / (MATURE + 1)
        everywhere = (by_age(every, age) + 20 * even) / (by_age(every, MATURE) + 20)
        for market in (0, 1):
            share = (by_age(ages[market], age) + 200 * everywhere) / (by_age(ages[market], MATURE) + 200)
            assert found[market, age] == pytest.approx(share)


def accounts(persons: tuple[str, ...], roles: tuple[RoleRow, ...] = (), own_shop: tuple[int, ...] = ()) -> Accounts:
    words = ("", *(f"c{at}" for at in range(1, len(persons) + 1)))
    places = np.arange(len(words))
    return Accounts(
        side="creators", names=SortedWords(words, places), persons=("", *persons),
        own_shop=np.array([-1, *(own_shop or (-1,) * len(persons))]), market=0 * places, joined=0 * places + NEVER,
        roles=roles, markets=SortedWords(("", "ID", "TH"), np.arange(3)), categories=SortedWords(("",), np.zeros(1, int)),
        listed=places > 0,
    )  # fmt: skip


def test_a_person_has_the_cases_of_all_accounts() -> None:
    people, pool = pooled(MATRIX, accounts(("P", "Q", "P", "R", "S", "R")))
    assert pool.tolist() == [0, 1, 0, 2, 3, 2] or len(set(pool.tolist())) == 4
    assert pool[0] == pool[2] != pool[1]
    assert pool[3] == pool[5] != pool[4]
    whole = count(MATRIX, 290).by(MATRIX.cell_card, CARDS)
    together = count(people, 290).by(people.cell_card, people.cards.size)
    for name in ("k", "cases", "bad"):
        for card in range(people.cards.size):
            expected = getattr(whole, name)[:, pool == card].sum(axis=1)
            assert getattr(together, name)[:, card] == pytest.approx(expected, abs=1e-4)
    assert people.cards.who[pool[5]] == 4, "of its first account"


def lines(who: list[int], day: list[int], channel: list[int], content: list[int], seller: list[int]) -> Cases:
    columns = {"who": who, "day": day, "channel": channel, "content": content, "seller": seller}
    nothing = np.zeros(len(who), np.int64)
    others = {name: nothing for name in Cases.__dataclass_fields__ if name not in columns}
    return Cases(**{**others, **{name: np.array(column) for name, column in columns.items()}})  # type: ignore[arg-type]


def test_an_order_belongs_to_the_role_that_fits_best() -> None:
    crowd = accounts(
        ("P", "Q", "R", "S"),
        (
            RoleRow("c1", "live_host", 0, 50), RoleRow("c1", "affiliate", 0, 100), RoleRow("c1", "live_host", 80, FOREVER),
            RoleRow("c2", "agency_member", 0, FOREVER), RoleRow("c2", "video_author", 40, FOREVER),
            RoleRow("c3", "seller_owned", 0, FOREVER), RoleRow("c3", "affiliate", 0, FOREVER),
        ),
        own_shop=(-1, -1, 7, 1),
    )  # fmt: skip
    channels, contents = ("", "live", "affiliate"), ("", "live", "image_post")
    cases = {
        "live_host": [(1, 10, 1, 0, 0), (1, 90, 1, 0, 0), (1, 10, 1, 2, 0), (1, 200, 2, 0, 0), (1, 50, 0, 1, 0),
                      (1, 80, 1, 0, 0)],
        "affiliate": [(1, 10, 2, 0, 0), (1, 60, 1, 0, 0), (1, 10, 0, 0, 0), (1, 10, 0, 2, 0), (1, 51, 1, 0, 0), (1, 79, 1, 0, 0),
                      (3, 10, 2, 0, 1)],
        "video_author": [(2, 10, 0, 0, 0), (2, 60, 1, 0, 0)],
        "seller_owned": [(3, 10, 2, 0, 7), (3, 10, 0, 0, 1), (4, 10, 0, 0, 1)],
    }  # fmt: skip
    rows = [row for named in cases.values() for row in named]
    found = of_cases(lines(*map(list, zip(*rows, strict=True))), crowd, RULES, channels, contents)
    words = names(crowd, RULES)
    assert [words[at] for at in found] == [role for role, named in cases.items() for _ in named]
    otherwise = ("", "LIVE", " Affiliate"), ("", "Live", "Image-Post")
    assert (of_cases(lines(*map(list, zip(*rows, strict=True))), crowd, RULES, *otherwise) == found).all()
    assert RULES.role("Live Host") is RULES.roles["live_host"]
    plain = accounts(("P",))
    assert (
        names(plain, RULES)[of_cases(lines([1], [5], [1], [0], [0]), plain, RULES, channels, contents)[0]] == "creator"
    )
    last = {(who, words[role]): day for (who, role), day in ends(crowd, RULES).items()}
    assert last[1, "live_host"] == last[2, "agency_member"] == FOREVER
    assert last[1, "affiliate"] == 100
    who, role = idle(crowd, RULES, 39, np.array([False, True, True, False, True]))
    assert sorted(zip(who.tolist(), (words[at] for at in role), strict=True)) == [
        (1, "affiliate"), (1, "live_host"), (2, "agency_member"), (4, "seller_owned"),
    ]  # fmt: skip


def test_violations_without_a_market_are_those_of_the_home_market_or_of_the_busiest_card_of_the_role() -> None:
    markets = 3
    cards = [4 * markets + 1, 4 * markets + 2, 4 * markets + 2, 5 * markets + 1]
    keys = np.array([4 * markets, 4 * markets + 1, 5 * markets, 6 * markets])
    for home, expected in (
        ([0, 0, 0, 0], [14, 13, 16, 18]),
        ([1, 2, 2, 1], [13, 13, 16, 18]),
        ([2, 1, 1, 2], [14, 13, 16, 18]),
    ):
        assert _nearest(keys, np.array(home), np.array(cards), markets).tolist() == expected
    assert _nearest(keys, 0 * keys, np.zeros(0, np.int64), markets).tolist() == keys.tolist(), "nobody has a card"


def test_a_batch_fails_others_more_often_than_chance() -> None:
    """Four faults of forty at a usual rate of two in a hundred come by chance once in 110; six once in 5,000, eight never."""
    person = np.tile(np.arange(1, 11), 100)
    week = np.repeat(np.arange(10), 100)
    judged, product = np.ones(1000, bool), np.ones(1000, np.int64)
    for faults, batch in ((6, False), (14, True)):
        failed = np.arange(1000) % 50 == 0
        failed[(week == 3)] = False
        failed[np.flatnonzero((week == 3) & (person > 1))[:faults]] = True
        found = faulty_batches(product, week, person, judged, failed)
        assert found[week == 3].all() == batch
        assert not found[week != 3].any()
    few = np.zeros(1000, bool)
    few[np.flatnonzero((week == 3) & (person > 8))[:2]] = True
    assert not faulty_batches(product, week, person, judged, few).any(), "two faults are none"
    few = (week == 3) & (person == 9)
    assert not faulty_batches(product, week, person, judged, few).any(), "ten faults of one alone"
    few[np.flatnonzero((week == 3) & (person < 7))[:12]] = True
    assert faulty_batches(product, week, person, judged, few)[week == 3].all(), "two each of six others"
