"""What each part of the health is asked with: of one side that is young, one with a market whose export is missing."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from core.base.days import Window
from core.base.errors import NotEnoughData
from core.base.segment import EVERYTHING, Segment
from core.ecosystem import health as module

WORKSPACE = cast(Any, SimpleNamespace(span=Window(900, 1000)))
PART = Segment.parse("market=ID")


def side(name: str, weeks: int, last: int = 990, active: bool = True) -> Any:
    crowd = SimpleNamespace(side=name)
    return SimpleNamespace(crowd=crowd, weeks=weeks, last=last, active=lambda _: SimpleNamespace(any=lambda: active))


def asked(monkeypatch: pytest.MonkeyPatch, part: Segment, creators: Any, sellers: Any) -> dict[str, list[Any]]:
    calls: dict[str, list[Any]] = {}

    def answer(name: str, result: Any) -> None:
        def call(*values: Any) -> Any:
            calls.setdefault(name, []).append(values)
            return result(*values) if callable(result) else result

        monkeypatch.setattr(module, name, call)

    before = SimpleNamespace(side="creators", before=None), SimpleNamespace(side="sellers", before="then")
    gaps = (
        SimpleNamespace(kind="orders", market="TH", window=Window(980, 1000)),
        SimpleNamespace(kind="traffic", market="", window=Window(990, 996)),
        SimpleNamespace(kind="reviews", market="", window=Window(995, 1000)),
    )
    results = {
        "day_to_read": (1000, ("ended",)),
        "_active": (creators, sellers),
        "missing_exports": gaps,
        "complete_part": part,
        "member_groups": "groups",
        "is_new": "new",
        "standings": (before, {"sellers": NotEnoughData("few")}),
        "packaged": "rules",
        "waits": {"refund_rate": 7, "other": 3},
        "counted_by_age": "counted",
        "known_shares": lambda ages, *of: (list(ages), *of),
        "of_complete_kinds": lambda _, ages, incomplete: {"refund_rate": ages["refund_rate"]},
        "groups_by_place": {"creators": "of creators", "sellers": "of sellers"},
        "outcomes": lambda _, item, *__: (item.side, None),
        "penalties": lambda _, of, *__: None if of == "sellers" else ("p", "appeal"),
        "main_shops": "shops",
        "fairness": lambda item, *_: [item.side],
        "calibrations": lambda now: [now],
        "all_claims": lambda *_: ["claim"],
        "decided_by_log": lambda _, claims: tuple(claims),
        "risks": (("lead",), {"many_accounts": 2, "order_burst": 7}),
        "concentrations": lambda of: [of.crowd.side],
        "newcomers": lambda of: of.crowd.side,
        "mobility": lambda item: item.side,
        "rankings": lambda now, _: now,
        "exposure": lambda item, of: (item.side, of.crowd.side),
        "qualities": ["quality"],
        "channels": ["channel"],
        "silence_curve": lambda of: [of.crowd.side],
        "headline": "headline",
        "_of_amounts": ["amounts"],
        "_notes": ["note"],
    }
    for name, result in results.items():
        answer(name, result)
    monkeypatch.setattr(module.risk_rows, "read_with_ratings", lambda _: None)
    monkeypatch.setattr(
        module.activity, "read", lambda *values: calls.setdefault("read", []).append(values) or (creators, sellers)
    )
    monkeypatch.setattr(module, "Health", lambda **parts: parts)
    found = cast(Any, module._health(WORKSPACE, None, EVERYTHING))
    calls["found"] = [found]
    return calls


def test_parts_are_asked_of_what_is_complete_and_leads_of_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    creators, sellers = side("creators", 8), side("sellers", 7)
    calls = asked(monkeypatch, PART, creators, sellers)
    assert calls["read"] == [(WORKSPACE, 1000, PART)]
    assert calls["risks"] == [(WORKSPACE, (creators, sellers), 1000, EVERYTHING, [calls["found"][0]["missing"][1]])]
    assert calls["member_groups"] == [(WORKSPACE, creators.crowd, "new", 1000)]
    assert calls["standings"] == [(WORKSPACE, (creators, sellers), "rules", PART)]
    (sources, places, then, gaps, tables) = calls["all_claims"][0]
    assert (sources.where, sources.incomplete) == (PART, {"traffic", "reviews"})
    assert sources.ages == {"refund_rate": 7}
    assert sources.known == (["refund_rate"], "counted")
    assert calls["counted_by_age"] == [(WORKSPACE, 1000, PART)]
    assert [values[3] for values in calls["qualities"]] == [{"refund_rate": 7}]
    assert sources.interrupted == {"traffic"}, "a week, and six days"
    assert (places["creators"], then, gaps, tables) == (
        "of creators", [("creators", None), ("sellers", None)], ("creators", "sellers"), ("creators", "sellers"),
    )  # fmt: skip
    assert [values[1:] for values in calls["fairness"]] == [("groups", "shops"), ("groups", None)]
    assert [values[1:4] for values in calls["penalties"]] == [("creators", 1000, PART), ("sellers", 1000, PART)]
    found = calls["found"][0]
    assert (found["window"], found["before"]) == (Window(973, 1000), Window(945, 972))
    assert (found["newcomers"], found["mobility"]) == (("creators",), ("sellers",)), "eight weeks; rated before"
    assert (found["claims"], found["penalties"]) == (("claim", "appeal"), ("p",))
    assert (found["risk"], found["risk_tests"], found["where"]) == (("lead",), 9, EVERYTHING)
    assert found["risk_kinds"] == ("many_accounts", "order_burst")
    assert found["exposure"] == (("creators", "creators"), ("sellers", "sellers"))
    assert found["notes"] == ("ended", "amounts", "note")
    assert calls["_notes"][0][1:] == (
        EVERYTHING, (creators, sellers), found["missing"], ("creators", "sellers"), ["sellers are not rated: few"],
    )  # fmt: skip
    assert asked(monkeypatch, EVERYTHING, creators, sellers).get("read") is None


@pytest.mark.parametrize(
    ("lasts", "told"),
    [((980, 990), "on 17 Sep 1972"), ((990, 980), "on 17 Sep 1972"), ((0, 0), "No row names anybody")],
)
def test_nobody_was_active_of_late(lasts: tuple[int, int], told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last activity is that of either side."""
    sides = tuple(side(name, 9, last, active=False) for name, last in zip(("creators", "sellers"), lasts, strict=True))
    monkeypatch.setattr(module.activity, "read", lambda *_: sides)
    with pytest.raises(NotEnoughData, match=told):
        module._active(cast(Any, SimpleNamespace(span=Window(900, 1000))), 1000, EVERYTHING)


def test_notes_on_how_far_the_data_go_back() -> None:
    workspace = cast(Any, SimpleNamespace(span=Window(900, 1000)))
    spread = cast(Any, SimpleNamespace(measure="gmv", side="creators", population=7, now=SimpleNamespace(gini=None)))
    for weeks, notes in (((7, 3), 2), ((8, 3), 0), ((0, 8), 0)):
        sides = tuple(side(name, count) for name, count in zip(("creators", "sellers"), weeks, strict=True))
        assert len(module._notes(workspace, EVERYTHING, sides, (), (), [])) == notes
    told = module._notes(workspace, PART, (side("creators", 9),), (cast(Any, "gap"),), (spread,), ["unrated"])
    assert told[0].startswith("market=ID is compared with its own past only")
    assert told[1:] == ["gap", "no concentration of GMV, creators: too few members (7)", "unrated"]
    spread.population = 20
    (note,) = module._notes(workspace, EVERYTHING, (side("creators", 9),), (), (spread,), [])
    assert note == "no concentration of GMV, creators: the sizes of members fit no distribution"


@pytest.mark.parametrize(
    ("first", "window", "before"),
    [
        (900, (973, 1000), (945, 972)),
        (972, (973, 1000), (972, 972)),
        (973, (973, 1000), None),
        (999, (999, 1000), None),
    ],
)
def test_windows_begin_with_the_data(
    first: int, window: tuple[int, int], before: tuple[int, int] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(WORKSPACE, "span", Window(first, 1000))
    found = asked(monkeypatch, EVERYTHING, side("creators", 8), side("sellers", 7))["found"][0]
    assert (found["window"], found["before"]) == (Window(*window), before and Window(*before))
