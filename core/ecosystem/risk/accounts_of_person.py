"""Persons who hold far more accounts than others do."""

import numpy as np

from core.ecosystem.risk.lead_tests import Leads
from core.ecosystem.risk.tail_tests import unusual
from core.ratings.cases.accounts import Accounts
from core.workspace.read.rating_rows import NEVER

_LEAST = 5
"""Accounts below which nobody is asked: two or three are common."""


def many_accounts(crowd: Accounts) -> tuple[Leads, tuple[str, ...]]:
    """One test for each person who holds an account, and the persons' names; nothing where everybody holds one."""
    persons, of_account, accounts = np.unique(
        np.array(crowd.persons[1:], object).astype(str), return_inverse=True, return_counts=True
    )
    names = tuple(persons.tolist())
    if accounts.max(initial=1) < _LEAST:
        return Leads.nothing("many_accounts"), names
    further = accounts - 1
    p_value, expected = unusual(further, np.ones((len(further), 1)))
    joined = crowd.joined[1:]

    def reasons(at: int) -> tuple[str, ...]:
        days = np.sort(joined[(of_account == at) & (joined != NEVER)])
        result = [f"{accounts[at]} accounts of one person, where {1 + expected[at]:.1f} are usual"]
        if len(days) > 1:
            within = int((days > days[-1] - 28).sum())
            result.append(f"{within} of them opened within four weeks")
        return tuple(result)

    chance = np.where(accounts >= _LEAST, p_value, 1.0)
    every = np.arange(len(accounts))
    return Leads(kind="many_accounts", member=every, p_value=chance, cell=every, reasons=reasons), names
