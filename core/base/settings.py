"""The user's own `whydrop.toml`: metrics, measures, time zones, currency, rules. Beside the workspace, else in this folder."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.base.errors import UsageError

NAME = "whydrop.toml"


def find(workspace: Path) -> Path | None:
    """The settings that hold for a workspace file, or None."""
    return next((path for path in (workspace.parent / NAME, Path(NAME)) if path.is_file()), None)


def read(path: Path) -> dict[str, Any]:
    """The settings in a file. Raises UsageError that names the line when it is not TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: not TOML: {error}") from None


def currency(options: Mapping[str, Any]) -> str | None:
    """The currency that amounts are counted in, `[money] currency`; None where they stay as they are. Raises UsageError."""
    name = options.get("money", {}).get("currency")
    if name is None or (isinstance(name, str) and len(name) == 3 and name.isalpha() and name.isascii()):
        return name and name.upper()
    raise UsageError(f'{NAME}: no currency {name!r}. Write its three letters: [money] currency = "USD"')


def line_of(text: str, table: str, field: str | None = None) -> int:
    """The 1-based line of a table's header, or of a field inside it, for error messages; 1 when it is written otherwise."""
    inside = False
    header = 1
    for number, line in enumerate(text.splitlines(), 1):
        bare = line.strip()
        if bare.startswith("["):
            name = bare.strip("[] \t").replace('"', "")
            if inside:
                break
            inside = name == table
            header = number if inside else header
        elif inside and field is not None and bare.split("=")[0].strip() == field:
            return number
    return header
