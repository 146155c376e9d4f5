"""Presets: mappings for the exports of known systems, one TOML file each."""

import tomllib
from collections.abc import Mapping as Dict
from functools import cache
from importlib.resources import files

from core.ingest.mapping.mapping_file import Mapping, parse_mapping


@cache
def presets() -> Dict[str, Mapping]:
    """Every preset by name, in the order of the names."""
    found = (one for one in files(__name__).iterdir() if one.name.endswith(".toml"))
    parsed = (
        parse_mapping(tomllib.loads(one.read_text(encoding="utf-8")), one.name.removesuffix(".toml")) for one in found
    )
    return {mapping.name: mapping for mapping in sorted(parsed, key=lambda mapping: mapping.name)}
