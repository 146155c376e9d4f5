"""whydrop.toml: what does not fit is one line with the file, the line and the key."""

from pathlib import Path

import pytest

from core.base import settings
from core.base.errors import UsageError


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[money]\ncurrncy = 'USD'\n", r"whydrop.toml:2: money.currncy: unknown. Did you mean currency\?"),
        ("\n[time]\ndefault = 7\n", "whydrop.toml:3: time.default: a text is expected, not a whole number"),
        ("[time.markets]\nID = 3\n", "whydrop.toml:1: time.markets: a text is expected"),
        ("money = 3\n", "whydrop.toml:1: money: a table is expected"),
        ("[time]\n[mony]\n", r"whydrop.toml:2: mony: unknown. Did you mean money\?"),
        (
            "[calendar]\nholidays = 'yes'\n",
            "whydrop.toml:2: calendar.holidays: true or false or a list is expected, not a text",
        ),
        ("[satisfaction]\nstras = 1\n", r"whydrop.toml:2: satisfaction.stras: unknown. Did you mean stars\?"),
        ("[satisfaction]\nstars = -1\n", "whydrop.toml:2: satisfaction.stars: a number of at least 0 is expected"),
        ("[satisfaction]\nstars = inf\n", "whydrop.toml:2: satisfaction.stars: a number of at most 1000 is expected"),
        ("[satisfaction]\nstars = nan\n", "whydrop.toml:2: satisfaction.stars: a number of at "),
        ("[satisfaction]\nstars = true\n", "whydrop.toml:2: satisfaction.stars: a number is expected"),
        ("[metrics]\nx = 1\n", "metrics: a table is expected"),
        ("x = [", "not TOML"),
        ("x = " + "[" * 9_000, "nested too deeply"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "whydrop.toml"
    path.write_text(text)
    with pytest.raises(UsageError, match=said) as refused:
        settings.read(path)
    assert "\n" not in str(refused.value)
