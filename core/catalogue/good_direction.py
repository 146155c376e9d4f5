"""Which direction of a measure is good, by the words of its name: nobody is glad of more errors."""

import re

from core.catalogue.metrics import Good

_BAD = re.compile(
    r"\b(abandon(ed|ment|s)|bounce[ds]?|broken|cancel(l?ed|lations?|s)|chargebacks?|churn(ed)?|complaints?|crash(ed|es)?|damaged"
    r"|decline[ds]|defect(ive|s)?|delay(ed|s)?|dislikes|disputed?s?|downtime|errors?|expired|fail(ed|s|ures?)?|fraud(ulent)?"
    r"|incidents|late(ncy)?|lost|missed|negative|outages?|overdue|refund(ed|s)?|reject(ed|ions|s)?|return(ed|s)?|spam|stockouts?"
    r"|timeouts?|unfollow(ed|s)|unsubscribe[ds]?|violations?)\b"
)
_NOT_BAD = re.compile(r"\b(avoided|fixed|free|no|non|not|prevented|recovered|resolved|saved|solved|without|won)\b")
"""Next to one of these a bad word says nothing bad: `error_free_sessions`, `refunds avoided`."""


def good_direction(name: str) -> Good:
    """`down` for a measure that is called after something bad, else `up`.

    >>> good_direction("paymentErrors"), good_direction("Error-free sessions"), good_direction("returning_buyers")
    ('down', 'up', 'up')
    """
    words = " ".join(re.findall(r"[a-z0-9]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()))
    return "down" if _BAD.search(words) and not _NOT_BAD.search(words) else "up"
