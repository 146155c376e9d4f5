"""The cases of a workspace, as its chain of records tells them."""

from dataclasses import dataclass, replace

from core.base.days import Day
from core.base.errors import NotEnoughData
from core.detection.quality.end_of_exports import newest_covered
from core.verification.case_history import case_of, cases_of
from core.verification.case_results import Case
from core.workspace.read.rating_rows import segment_in_rows
from core.workspace.read.workspace import Workspace
from core.workspace.schema.cases.case_chain import ChainFault


@dataclass(frozen=True, slots=True)
class CaseList:
    """All cases of a workspace, and where their records were changed."""

    cases: tuple[Case, ...] = ()
    faults: tuple[ChainFault, ...] = ()
    currency: str = ""
    """That of the verdicts on metrics of money; empty where it is not known."""

    @property
    def due(self) -> tuple[Case, ...]:
        """Those that are to be judged now."""
        return tuple(case for case in self.cases if case.state == "due")

    def faults_of(self, case: Case) -> tuple[ChainFault, ...]:
        """What is wrong with the records of a case, and with the chain as a whole."""
        return tuple(fault for fault in self.faults if fault.case in {case.id, ""})

    def case(self, word: str) -> Case:
        """The case of that id or number. Raises UsageError."""
        return case_of(self.cases, word)


def case_list(workspace: Workspace) -> CaseList:
    """The cases of an open workspace, in the order of opening."""
    chain = workspace.case_chain()
    cases = cases_of(chain, newest_day(workspace))
    counted = tuple(replace(case, where=segment_in_rows(workspace, case.where)) for case in cases)
    return CaseList(counted, chain.faults, workspace.currency)


def newest_day(workspace: Workspace) -> Day | None:
    """The newest day that exports cover; None when nothing is loaded."""
    try:
        return newest_covered(workspace, workspace.span.last)[0]
    except NotEnoughData:
        return None
