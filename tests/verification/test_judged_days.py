"""Which days a verdict may rest on, when data are complete up to day 20."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from core.base.days import Window
from core.base.errors import NotEnoughData, UsageError
from core.catalogue.metric_tree.metric_loader import load
from core.verification import verify
from core.verification.case_history import next_ids
from core.workspace.schema.cases.case_chain import CaseChain

METRIC = load().metric("gmv")


@pytest.mark.parametrize(
    ("since", "until", "judged"),
    [
        (20, None, Window(20, 20)),
        (14, None, Window(14, 20)),
        (14, 20, Window(14, 20)),
        (14, 14, Window(14, 14)),
        (21, None, NotEnoughData),
        (14, 21, NotEnoughData),
        (14, 13, UsageError),
    ],
)
def test_days_up_to_the_last_complete_one_are_judged(
    since: int, until: int | None, judged: Window | type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify, "newest_complete_day", lambda *_: 20)
    workspace = cast("Any", None)
    if isinstance(judged, Window):
        assert verify._judged(workspace, METRIC, since, until) == judged
    else:
        with pytest.raises(judged):
            verify._judged(workspace, METRIC, since, until)


@pytest.mark.parametrize(("metric", "day"), [("gmv", "23 Jan 1970"), ("refund_rate", "22 Feb 1970")])
def test_when_to_ask_again(metric: str, day: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """22 January is over on the 23rd, and its refunds are complete 30 days later."""
    monkeypatch.setattr(verify, "newest_complete_day", lambda *_: 20)
    with pytest.raises(NotEnoughData, match=f"Ask again on {day}"):
        verify._judged(cast("Any", None), load().metric(metric), 21, None)


def test_a_new_case_has_the_number_after_the_highest() -> None:
    records = [SimpleNamespace(case=name) for name in ("case-2", "case-10", "case-9", "imported")]
    assert next_ids(cast(CaseChain, SimpleNamespace(records=records)), 2) == ("case-11", "case-12")
    assert next_ids(CaseChain(), 1) == ("case-1",)
