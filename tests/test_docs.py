"""The documentation is true: what is generated is up to date, links lead somewhere, and every example runs as written."""

import importlib.util
import json
import re
import shutil
import subprocess
from pathlib import Path
from types import ModuleType

import pytest
from typer.testing import CliRunner

from core.catalogue.metric_tree.metric_loader import load
from core.ecosystem.false_discovery import LIMIT
from core.ecosystem.risk.risk_leads import FALSE_DISCOVERIES
from tests.conftest import ROOT
from tests.shown_commands import ShownCommands
from tui.cli import app

DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]
COMMANDS = {command.name for command in app.registered_commands}
MOST_WORDS = 900
_BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)


def blocks(page: Path, *kinds: str) -> list[tuple[str, str]]:
    """(kind, text) of the code of a page, in its order."""
    found = _BLOCK.findall(page.read_text("utf-8"))
    return [
        (kind, "\n".join(line.removeprefix(indent) for line in text.splitlines()))
        for indent, kind, text in found
        if kind in kinds
    ]


def generator() -> ModuleType:
    """The script that writes the generated parts."""
    spec = importlib.util.spec_from_file_location("docs_generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_generated_parts_are_up_to_date() -> None:
    updated = generator().updated
    stale = [path.name for path in PAGES if updated(path.read_text("utf-8")) != path.read_text("utf-8")]
    assert stale == [], "run: make docs"


def test_the_readme_is_short_and_leads_to_every_page() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    assert len(text.split()) <= MOST_WORDS
    links = set(re.findall(r"\]\((docs/\w+\.md)\)", text))
    assert links == {f"docs/{path.name}" for path in DOCS.glob("*.md")}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", page.read_text("utf-8"))
    assert [link for link in links if not link.startswith("https://") and not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_written_anywhere_exists(page: Path) -> None:
    code = re.sub(r"```toml.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    assert set(re.findall(r"(?:`|\$ |^)whydrop ([a-z]+)", code, re.MULTILINE)) <= COMMANDS


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "console")], ids=lambda page: page.name)
def test_every_example_of_a_page_runs(
    page: Path,
    demo_workspace: Path,
    shown_commands: ShownCommands,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shutil.copy(demo_workspace, tmp_path / "whydrop-demo.db")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WHYDROP_DB", "whydrop-demo.db")
    for kind, text in blocks(page, "console", "toml"):
        name = text.splitlines()[0].removeprefix("# file: ")
        if kind == "toml":
            (tmp_path / name).write_text(text, "utf-8")
            continue
        for line in text.splitlines():
            if line.startswith("$ "):
                shown_commands.run(line.removeprefix("$ "))


def test_every_room_of_the_code_is_explained() -> None:
    rooms = {f"core/{path.parent.name}" for path in (ROOT / "core").glob("*/__init__.py")} | {"tui", "fixtures"}
    explained = re.findall(r"^\| `([\w/]+)` \|", (DOCS / "developing.md").read_text("utf-8"), re.MULTILINE)
    assert sorted(explained) == sorted(rooms)


def test_scripts_are_scripts(tmp_path: Path) -> None:
    scripts = [text for page in PAGES for _, text in blocks(page, "sh")]
    assert scripts
    for script in scripts:
        done = subprocess.run(["sh", "-n"], input=script, text=True, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr


def test_settings_shown_are_settings_that_work(tmp_path: Path) -> None:
    for page in ("settings", "metrics", "causes"):
        for _, text in blocks(DOCS / f"{page}.md", "toml"):
            (tmp_path / "whydrop.toml").write_text(text, "utf-8")
            load(tmp_path / "whydrop.toml")


def test_the_glossary_tells_the_limits_on_false_discoveries() -> None:
    limits = f"at most {LIMIT:.0%} of the marks and {FALSE_DISCOVERIES:.0%} of the leads"
    assert limits in (ROOT / "docs/glossary.md").read_text(encoding="utf-8")


def test_the_keys_of_json_are_there(demo_workspace: Path) -> None:
    text = (DOCS / "json.md").read_text("utf-8")
    for command, words in (("explain", ["payment_rate", "--where", "market=TH"]), ("check", []), ("series", ["ctr"])):
        row = next(line for line in text.splitlines() if line.startswith(f"| `{command}`"))
        keys = re.findall(r"`(\w+)`", re.sub(r"\([^)]*\)", "", row))[1:]
        done = CliRunner().invoke(app, [command, *words, "--db", str(demo_workspace), "--format", "json"])
        assert set(keys) <= json.loads(done.stdout).keys()
