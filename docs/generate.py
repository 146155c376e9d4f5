"""Writes the generated parts of the documentation: `python docs/generate.py`, or `make docs`; with --check it only compares.

A part stands between `<!-- generated: NAME -->` and `<!-- end -->` in a file of this folder.
"""

import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

DOCS = Path(__file__).parent
_PART = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def updated(text: str) -> str:
    """The text of a file with its generated parts renewed."""
    return _PART.sub(lambda part: f"{part[1]}\n{PARTS[part[2]]()}\n\n{part[3]}", text)


def _table(titles: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    def line(cells: tuple[str, ...]) -> str:
        return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"

    return "\n".join([line(titles), line(("---",) * len(titles)), *map(line, rows)])


def commands() -> str:
    """Every command as its help says it, in the order of a user's questions; the options of all of them once, at the end."""
    from tui.cli import app

    parts, common = [], ""
    for command in app.registered_commands:
        body, _, common = _help(command.name or "").partition(_FIRST_COMMON)
        parts.append(f"## {command.name}\n\n```text\n{body.rstrip().removesuffix('Options:').rstrip()}\n```")
    return "\n\n".join([*parts, f"## Options of every command\n\n```text\n  {_FIRST_COMMON.strip()} {common}\n```"])


_FIRST_COMMON = "\n  --db PATH "


def _help(command: str) -> str:
    from typer.testing import CliRunner

    from tui.cli import app

    result = CliRunner().invoke(app, [command, "--help"], prog_name="whydrop", env={"COLUMNS": "80"})
    return "\n".join(line.rstrip() for line in result.stdout.strip().splitlines())


def keys() -> str:
    """All keys of the screens."""
    from tui.keys import markdown

    return markdown()


def kinds() -> str:
    """Every kind of row: its columns, and what they must hold."""
    from core.catalogue.kinds import KINDS

    parts = []
    for kind in KINDS.values():
        own = {
            name: cell for name, cell in kind.columns.items() if name not in kind.dimensions or name in kind.required
        }
        needed = [f"`{name}`" for name in kind.required]
        others = [f"`{name}`" for name in own if name not in kind.required and name != "source"]
        sliced = [f"`{name}`" for name in kind.dimensions if name not in {"source", *kind.required}]
        lines = [f"### {kind.name}", "", f"Required: {', '.join(needed)}."]
        lines += ["", f"Optional: {', '.join(others)}."] if others else []
        lines += ["", f"Dimensions: {', '.join(sliced)}."] if sliced and kind.is_fact else []
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def presets() -> str:
    """The exports of known systems."""
    from core.ingest.presets import presets as known

    rows = [(f"`{entry.name}`", entry.settings.kind.name, ", ".join(entry.shown_names)) for entry in known().values()]
    return _table(("preset", "becomes", "recognised by"), rows)


def metrics() -> str:
    """The catalogue of metrics."""
    from core.catalogue.metric_tree.metric_loader import load

    rows = [
        (f"`{entry.key}`", entry.name, entry.unit, entry.good, entry.formula, f"{entry.mature_after_days}")
        for entry in load().metrics.values()
    ]
    return _table(("metric", "name", "unit", "good", "formula", "days until complete"), rows)


def indexes() -> str:
    """The catalogue of indexes."""
    from core.catalogue.index_definitions import index_definitions

    rows = [(f"`{entry.key}`", entry.name, entry.unit, entry.counts) for entry in index_definitions().values()]
    return _table(("index", "name", "unit", "what is counted"), rows)


def causes() -> str:
    """The causes that are known."""
    from core.catalogue.cause_signatures import load as signatures
    from core.catalogue.metric_tree.metric_loader import load
    from core.explanation.diagnose.cause_tests import FACTS

    parts = []
    for cause in signatures(load(), FACTS).values():
        moves = "; or ".join(
            ", ".join(f"`{name}` {way}" for name, way in pattern.moves.items()) for pattern in cause.patterns
        )
        parts.append((cause.key, cause.name, moves, cause.action, cause.owner))
    return _table(("key", "cause", "what has to move", "what to do", "who"), parts)


def settings() -> str:
    """The settings that have a default."""
    from core.views.configuration import configuration

    rows = [
        (f"`{entry.key}`", _shown(entry.value))
        for entry in configuration(Path("whydrop.db"), chosen=False)
        if entry.origin == "default" and entry.key not in {"db", "cache"}
    ]
    return _table(("setting", "default"), rows)


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return "none"
    return "not set" if value is None else f"`{str(value).lower() if isinstance(value, bool) else value}`"


def themes() -> str:
    """The themes of complaints."""
    from core.catalogue.complaint_themes import complaint_themes

    return _table(("theme", "name"), [(f"`{theme.key}`", theme.name) for theme in complaint_themes()])


PARTS: Mapping[str, Callable[[], str]] = {
    "commands": commands,
    "keys": keys,
    "kinds": kinds,
    "presets": presets,
    "metrics": metrics,
    "indexes": indexes,
    "causes": causes,
    "settings": settings,
    "themes": themes,
}


def main(arguments: list[str]) -> int:
    """Rewrites what is out of date; with --check only names it and ends with 1."""
    stale = [path for path in sorted(DOCS.glob("*.md")) if updated(path.read_text("utf-8")) != path.read_text("utf-8")]
    for path in stale:
        if "--check" not in arguments:
            path.write_text(updated(path.read_text("utf-8")), encoding="utf-8")
        print(path)
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.path.insert(0, str(DOCS.parent))
    sys.exit(main(sys.argv[1:]))
