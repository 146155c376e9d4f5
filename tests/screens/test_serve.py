"""The screens in a browser."""

import sys
from pathlib import Path

import pytest

from tests.screens.test_command import in_terminal

pytest.importorskip("textual_serve", reason="needs the extra [web]")
from aiohttp.test_utils import TestClient, TestServer

from core.base.errors import WhydropError
from tui.file_export import SAVE_BELOW, export
from tui.serve import LocalServer


async def client() -> TestClient:  # type: ignore[type-arg]
    """A browser at a server on a free port."""
    server = LocalServer(["tui", "--db", "it's mine.db"], 1, "whydrop shop.db")
    one = TestClient(TestServer(await server._make_app()))
    await one.start_server()
    server.port = one.port or 0
    TOKENS[one] = server.token
    return one


TOKENS: dict[TestClient, str] = {}  # type: ignore[type-arg]


async def test_a_page_is_given_to_this_machine_and_asks_nothing_of_others() -> None:
    one = await client()
    answer = await one.get("/", params={"token": TOKENS[one]})
    assert (answer.status, answer.url.query_string) == (200, "")
    assert (await one.get("/static/js/textual.js")).status == 200
    page = await answer.text()
    assert "whydrop shop.db" in page
    assert page.count("keys.focus()") == 1
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "font-src 'self' data:" in policy
    await one.close()


@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"Origin": "http://evil.example"}, {"Origin": "null"}])
@pytest.mark.parametrize("path", ["/", "/ws"])
async def test_other_sites_are_refused(path: str, headers: dict[str, str]) -> None:
    one = await client()
    assert (await one.get(path, headers=headers)).status == 403
    await one.close()


@pytest.mark.parametrize("path", ["/", "/ws", "/static/js/textual.js", "/download/x", "/?token=", "/?token=wrong"])
async def test_nothing_answers_without_the_token(path: str) -> None:
    one = await client()
    assert (await one.get(path)).status == 403
    await one.close()


def test_a_browser_saves_below_the_folder_it_was_started_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SAVE_BELOW, str(tmp_path))
    export(tmp_path / "a.csv", ["a"], [[1]])
    with pytest.raises(WhydropError, match="below"):
        export(tmp_path / ".." / "b.csv", ["a"], [[1]])


def test_the_command_is_quoted() -> None:
    assert LocalServer(["tui", "--db", "it's; rm.db"], 1, "").command.endswith("""tui --db 'it'"'"'s; rm.db'""")


def test_without_the_extra_it_says_how_to_get_it(shop: Path, tmp_path: Path) -> None:
    (tmp_path / "textual_serve.py").write_text("raise ModuleNotFoundError('no', name='textual_serve')", "utf-8")
    paths = f"{tmp_path}:{Path(__file__).parents[2]}"
    shown, status = in_terminal(["tui", "--serve", "--db", str(shop)], tmp_path, {"PYTHONPATH": paths})
    assert (status, " ".join(shown.split())) == (
        1, "whydrop: --serve needs textual_serve, which is not installed. Install it with: pip install textual-serve",
    )  # fmt: skip
    assert "aiohttp" in sys.modules
