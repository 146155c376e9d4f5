"""A user's own keys in whydrop.toml."""

from pathlib import Path
from shutil import copy

import pytest

from core.base.errors import UsageError
from tests.screens.conftest import settled, text_of
from tests.screens.test_command import in_terminal
from tui import keymap
from tui.app import Whydrop
from tui.explain_question import ExplainQuestion
from tui.screens.common.modals import Picker, Prompt, Reader
from tui.widgets.text_pane import TextPane


def settings(folder: Path, text: str) -> Path:
    """A workspace's path with these settings beside it."""
    (folder / "whydrop.toml").write_text(text, encoding="utf-8")
    return folder / "a.db"


@pytest.mark.usefixtures("explained")
async def test_own_keys_do_what_the_old_ones_did_and_help_and_footer_show_them(shop: Path, tmp_path: Path) -> None:
    db = settings(tmp_path, '[keys]\npage.help = "f1, ?"\nexplain.split = "P"\nexplain.case = "ctrl+b"\n')
    db = Path(copy(shop, db))
    app = Whydrop(db, own_keys=keymap.read(db))
    async with app.run_test(size=(120, 40)) as pilot:
        await app.explain(ExplainQuestion("gmv"))
        await settled(pilot)
        assert "P split" in text_of(app).splitlines()[-1]
        await pilot.press("d")
        assert not isinstance(app.screen, Picker)
        await pilot.press("P")
        assert isinstance(app.screen, Picker)
        await pilot.press("escape", "f1")
        assert isinstance(app.screen, Reader)
        lines = app.screen.query_one(TextPane).lines
        assert "  P              Split by a dimension" in lines
        assert "  ctrl+b         Open a case for this finding" in lines
        await pilot.press("escape")
        titles = {command.title: command.help for command in app.get_system_commands(app.screen)}
        assert titles["Split by a dimension"] == "P"
        assert titles["Help for this screen"] == "f1 ?"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('[keys]\n\nexplain.casee = "P"', "3: no key is named 'explain.casee'. Did you mean explain.case?"),
        ("[keys]\nexplain.case = 3", '2: explain.case is a text such as "P"'),
        ('[keys]\nexplain.case = ""', "2: explain.case is a text"),
        ('[keys]\nexplain.case = "ctrl+nokey"', "2: explain.case: no key 'ctrl+nokey'"),
        ('[keys]\nexplain.case = "control+p"', "2: explain.case: no key 'control+p'"),
        ('[keys]\nexplain.case = "P,,Q"', "2: explain.case: no key ''"),
        ('[keys.explain]\ncase = "w"', "2: w is page.window already"),
        ('[keys]\npage.window = "p"', "2: p is explain.case already"),
        ('[keys]\npage.window = "["', "2: [ is detail.previous already"),
        ('keys = "p"', "1: keys: a table is expected, not a text."),
    ],
)
def test_a_bad_entry_is_one_line_with_its_place(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(UsageError) as caught:
        keymap.read(settings(tmp_path, text))
    line = str(caught.value)
    assert f"whydrop.toml:{fault}" in line
    assert "\n" not in line


def test_two_screens_may_use_one_key(tmp_path: Path) -> None:
    assert keymap.read(settings(tmp_path, '[keys]\ncases.note = "p"')) == {"cases.note": "p"}
    assert keymap.read(tmp_path / "none" / "a.db") == {}


@pytest.mark.usefixtures("explained")
async def test_two_things_may_swap_their_keys(shop: Path, tmp_path: Path) -> None:
    db = settings(tmp_path, '[keys]\npage.window = "m"\npage.metric = "w"\n')
    app = Whydrop(shop, own_keys=keymap.read(db))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pilot.press("m")
        assert isinstance(app.screen, Prompt)
        await pilot.press("escape", "w")
        assert isinstance(app.screen, Picker)


def test_the_program_says_it_before_it_opens_the_screens(shop: Path, tmp_path: Path) -> None:
    copy(shop, settings(tmp_path, '[keys]\nexplain.case = "w"'))
    shown, status = in_terminal(["tui", "--db", "a.db"], tmp_path, {})
    assert status == 2
    assert "whydrop.toml:2: w is page.window already. Give one of them another key." in shown
    assert "\x1b[?1049h" not in shown
