"""Presets: mappings for the exports of known systems, one TOML file each."""

import tomllib
from collections.abc import Mapping as Dict
from functools import cache
from importlib.resources import files

from core.ingest.mapping.mapping_file import Mapping
from core.ingest.mapping.mapping_toml import parse_mapping


@cache
def presets() -> Dict[str, Mapping]:
    """Every preset by name, in the order of the names."""
    result = (item for item in files(__name__).iterdir() if item.name.endswith(".toml"))
    parsed = (
        parse_mapping(tomllib.loads(item.read_text(encoding="utf-8")), item.name.removesuffix(".toml"))
        for item in result
    )
    return {mapping.name: mapping for mapping in sorted(parsed, key=lambda mapping: mapping.name)}
