"""Why a creator and a product fit: each reason as a fact with its figures."""

from collections.abc import Callable, Mapping

from core.base.count_text import count
from core.matching.match_results import Reason
from core.reports.figures.number_format import amount, figure, percent


def reason_words(reason: Reason, currency: str) -> str:
    """A reason as a fact that can be checked.

    >>> reason_words(Reason(signal="refunds", words="seldom refunded", share=0.2, value=0.01, usual=0.034), "USD")
    '1.0% of its orders refunded (median 3.4%)'
    """
    return _WORDS[reason.signal](reason, currency)


def _counted(noun: str, after: str) -> Callable[[Reason, str], str]:
    def words(reason: Reason, _: str) -> str:
        return f"{count(round(reason.value), noun)}{after} (median {figure(reason.usual, 'count')})"

    return words


def _takers(reason: Reason, _: str) -> str:
    return f"sold by {count(round(reason.value), 'creator')} in that market (median {figure(reason.usual, 'count')})"


def _newcomer(reason: Reason, _: str) -> str:
    return f"new: first sold {count(round(reason.value), 'day')} before the newest data"


def _category(reason: Reason, _: str) -> str:
    return f"{reason.names[0] or 'no category'}: {_of_orders(reason)}"


def _near_category(reason: Reason, _: str) -> str:
    return f"goes with {reason.names[0] or 'no category'}: {_of_orders(reason)}"


def _of_orders(reason: Reason) -> str:
    return f"{percent(reason.value)} of the creator's orders (all creators: {percent(reason.usual)})"


def _price_level(reason: Reason, currency: str) -> str:
    return (
        f"{amount(reason.value, 'money', currency)} an order, near the creator's usual {figure(reason.usual, 'money')}"
    )


def _similar_products(reason: Reason, _: str) -> str:
    return f"like the creator's {reason.names[0]}: {_of_takers(reason)} it"


def _similar_creators(reason: Reason, _: str) -> str:
    return f"sold by {reason.names[0]}, who sells {round(reason.value)} of the creator's {reason.out_of} products"


def _shared_paths(reason: Reason, _: str) -> str:
    usual = f"usually {percent(reason.usual)}" if reason.usual else "usually none"
    return f"{_of_takers(reason)} this creator's products, mostly {' and '.join(reason.names)} ({usual})"


def _of_takers(reason: Reason) -> str:
    """
    >>> _of_takers(Reason(signal="shared_paths", words="", share=1.0, value=2, out_of=9))
    '2 of its 9 creators also sell'
    """
    takers, number = reason.out_of or 0, round(reason.value)
    if takers == 1:
        return "its only creator also sells"
    subject = (
        f"{'both' if takers == 2 else f'all {takers}'} of its creators"
        if number == takers
        else f"{number} of its {takers} creators"
    )
    return f"{subject} also {'sells' if number == 1 else 'sell'}"


def _seller(reason: Reason, _: str) -> str:
    return f"from shop {reason.names[0]}: {percent(reason.value)} of the creator's orders"


def _refunds(reason: Reason, _: str) -> str:
    return f"{reason.value:.1%} of its orders refunded (median {reason.usual or 0:.1%})"


_WORDS: Mapping[str, Callable[[Reason, str], str]] = {
    "market_sales": _counted("order", " in that market"),
    "takers": _takers,
    "recent_sales": _counted("recent order", " in that market"),
    "newcomer": _newcomer,
    "category": _category,
    "near_category": _near_category,
    "price_level": _price_level,
    "similar_products": _similar_products,
    "similar_creators": _similar_creators,
    "shared_paths": _shared_paths,
    "seller": _seller,
    "shared_buyers": _counted("buyer", " of the creator bought it"),
    "refunds": _refunds,
}
