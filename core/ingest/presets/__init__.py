"""Presets: mappings for the exports of known systems, one TOML file each.

Parsing all of them slows down a small load, so the settings by which each one is recognised are read without parsing.
"""

import json
import re
from collections.abc import Mapping as Dict
from functools import cache
from pathlib import Path

from core.base.frozen import frozen
from core.ingest.headers.folding import folded
from core.ingest.mapping.mapping_file import Mapping

_SETTING = re.compile(r"^(kind|recognise|sections) = (.*)$", re.MULTILINE)
"""Top settings that say what a preset is; each is written in one line, and lists of them as JSON has lists."""
_PART = re.compile(r"^\[parts\.\w+\]\nrecognise = (.*)$", re.MULTILINE)


@frozen(kw_only=True)
class PresetHead:
    """What tells the exports of one preset."""

    name: str
    kind: str
    recognised_by: tuple[tuple[str, ...], ...]
    """Columns that they all have, each with its other names; none where only files together are one."""
    telling: tuple[frozenset[str], ...]
    """The same, folded."""
    sections: bool
    parts: tuple[frozenset[str], ...]
    """The columns that tell each of several files which are joined; none of most presets."""


@cache
def preset_heads() -> tuple[PresetHead, ...]:
    """What tells each preset, in the order of the names."""
    return tuple(_head(name, text) for name, text in _texts().items())


@cache
def preset(name: str) -> Mapping:
    """A preset by its name."""
    import tomllib

    from core.ingest.mapping.mapping_toml import parse_mapping

    return parse_mapping(tomllib.loads(_texts()[name]), name)


@cache
def presets() -> Dict[str, Mapping]:
    """Every preset by name, in the order of the names."""
    return {name: preset(name) for name in _texts()}


@cache
def _texts() -> Dict[str, str]:
    """The file of each preset, by name."""
    found = Path(__file__).parent.glob("*.toml")
    return dict(sorted((file.stem, file.read_text(encoding="utf-8")) for file in found))


def _head(name: str, text: str) -> PresetHead:
    settings = {key: json.loads(value) for key, value in _SETTING.findall(text.partition("\n[")[0])}
    headers = tuple((item,) if isinstance(item, str) else tuple(item) for item in settings.get("recognise", ()))
    return PresetHead(
        name=name,
        kind=settings["kind"],
        recognised_by=headers,
        telling=tuple(frozenset(map(folded, names)) for names in headers),
        sections=settings.get("sections", False),
        parts=tuple(frozenset(json.loads(columns)) for columns in _PART.findall(text)),
    )
