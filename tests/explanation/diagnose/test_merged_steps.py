"""Signatures of shops that do not count all steps of the funnel."""

import pytest

from core.catalogue.cause_signatures import CauseSignature, MovePattern
from core.explanation.diagnose.merged_steps import with_merged_steps


def cause(**pattern: object) -> dict[str, CauseSignature]:
    fields = {"name": "n", "action": "a", "owner": "o", "verify": "v"}
    return {"X": CauseSignature(key="X", patterns=(MovePattern(**pattern),), **fields)}


def merged(counted: set[str], **pattern: object) -> MovePattern:
    return with_merged_steps(cause(**pattern), counted)["X"].patterns[0]


CLICKS, ORDERS = {"clicks", "click_to_order_rate", "orders"}, {"orders"}


@pytest.mark.parametrize(("counted", "first"), [(CLICKS, "clicks"), (ORDERS, "orders")])
def test_the_first_count_falls_with_impressions_that_are_not_counted(counted: set[str], first: str):
    assert merged(counted, moves={"impressions": "down"}, flat=("ctr", "cart_rate")).moves[first] == "down"
    assert merged(counted, moves={"payment_rate": "down"}, flat=("impressions", "ctr")).flat[-1] == first
    assert merged(counted, moves={"refund_rate": "up"}, may={"impressions": "either"}).may[first] == "either"


def test_steps_that_cancel_leave_what_passes_both():
    assert "clicks" in merged(CLICKS, moves={"impressions": "down", "ctr": "up"}).flat
    lost_clicks = merged(CLICKS, moves={"ctr": "down", "detail_view_rate": "up"})
    assert (lost_clicks.moves["clicks"], lost_clicks.moves["click_to_order_rate"]) == ("down", "up")


def test_what_a_signature_says_itself_stays():
    assert "orders" not in merged(ORDERS, moves={"ctr": "down"}, flat=("orders",)).moves
    assert merged(ORDERS, moves={"orders": "up"}, may={"cart_to_order_rate": "down"}).moves == {"orders": "up"}
    needed = merged(ORDERS, moves={"impressions": "down"}, may={"orders": "down"})
    assert (needed.moves["orders"], dict(needed.may)) == ("down", {})


def test_nothing_is_merged_where_all_is_counted():
    counted = {"impressions", "ctr", "clicks", "orders", "detail_view_rate", "cart_rate", "cart_to_order_rate"}
    signatures = cause(moves={"impressions": "down"}, flat=("ctr", "cart_rate"))
    assert with_merged_steps(signatures, counted) == signatures
