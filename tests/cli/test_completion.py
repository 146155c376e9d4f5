"""What a shell is offered behind a word."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from tui.cli import app
from tui.cli.bash_words import completes_after_equals, print_after_equals

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

BROKEN_AT_EQUALS = [
    ("whydrop series ctr --where market =", 5, {"ID", "TH"}),
    ("whydrop series ctr --where market = T", 6, {"TH"}),
    ("whydrop series ctr --where market = ID,channel = l", 8, {"live"}),
    ("whydrop series ctr --where market = ID --clock", 7, {"--clock"}),
]
"""As bash breaks words: it ends one at each `=`, and inserts what follows the last."""


@pytest.mark.parametrize(("words", "current", "offered"), BROKEN_AT_EQUALS, ids=[row[0] for row in BROKEN_AT_EQUALS])
def test_bash_is_offered_what_follows_an_equals_sign(
    workspace: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: str,
    current: int,
    offered: set[str],
) -> None:
    environment = {
        "_WHYDROP_COMPLETE": "complete_bash",
        "COMP_WORDS": words.replace(" ", "\n"),
        "COMP_CWORD": str(current),
    }
    for name, value in {**environment, "WHYDROP_DB": str(workspace)}.items():
        monkeypatch.setenv(name, value)
    if completes_after_equals():
        with pytest.raises(SystemExit):
            print_after_equals(lambda: app([], prog_name="whydrop"))
    else:
        with pytest.raises(SystemExit):
            app([], prog_name="whydrop")
    assert set(capsys.readouterr().out.split()) == offered


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
