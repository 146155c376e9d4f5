"""What a shell is offered behind a word."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from tui.cli import app

OFFERS = [
    ("exp", {"explain", "export"}),
    ("explain clicks", {"clicks"}),
    ("series ctr --where ", {"market=", "channel="}),
    ("series ctr --where market=", {"market=ID", "market=TH"}),
    ("series ctr --where market=ID,channel=l", {"market=ID,channel=live"}),
    ("scan --by ch", {"channel"}),
    ("scan --fail-on c", {"critical"}),
    ("explain ctr --baseline p", {"previous"}),
    ("load --as tr", {"traffic"}),
    ("export ev", {"events"}),
    ("series nothing --db none.db --where ", set()),
]


@pytest.mark.parametrize(("typed", "offered"), OFFERS, ids=[typed for typed, _ in OFFERS])
def test_a_shell_is_offered(workspace: Path, typed: str, offered: set[str]) -> None:
    words = f"whydrop {typed}"
    environment = {
        "_WHYDROP_COMPLETE": "complete_bash",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split(" ")) - 1),
        "WHYDROP_DB": str(workspace),
    }
    done = CliRunner().invoke(app, [], prog_name="whydrop", env=environment)
    assert set(done.stdout.split()) == offered
