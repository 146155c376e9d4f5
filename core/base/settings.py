"""The user's own `whydrop.toml`: metrics, measures, time zones, currency, rules. In the workspace's folder, or in this one."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from core.base.errors import UsageError, did_you_mean
from core.base.file_paths import check_regular

NAME = "whydrop.toml"
SatisfactionPart = Literal["stars", "negative_reviews", "refunds_for_cause", "late_deliveries", "seller_cancellations"]
"""The components of the satisfaction index, whose weights are settings."""
_MOST_BYTES = 16 << 20
"""Of TOML that somebody writes: a mapping of 1,000 columns has 0.1 MB."""
_HEAVIEST = 1000.0
"""Largest weight: weights count relative to each other, so larger ones only say that a digit slipped."""


def find(workspace: Path) -> Path | None:
    """The settings that hold for a workspace file, or None."""
    return next((path for path in (workspace.parent / NAME, Path(NAME)) if path.is_file()), None)


def of(workspace: Path) -> dict[str, Any]:
    """The settings of a workspace; none where it has no file of them. Raises UsageError for a wrong one."""
    path = find(workspace)
    return read(path) if path else {}


def parse(path: Path) -> dict[str, Any]:
    """A file of TOML. Raises UsageError that names the line when it is none."""
    import tomllib  # 2 ms of every small load, and most have no such file

    check_regular(path, _MOST_BYTES)
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise UsageError(f"{path}: not TOML: its text is not UTF-8. Save it as UTF-8.") from None
    except ValueError as error:  # no TOML, or a number of thousands of digits
        raise UsageError(f"{path}: not TOML: {error}") from None
    except RecursionError:
        raise UsageError(f"{path}: not TOML that can be read: its values are nested too deeply.") from None


def read(path: Path) -> dict[str, Any]:
    """The settings in a file. Raises UsageError that names the line of what is no TOML, an unknown key, or a value of another
    type; what the entries of metrics, measures, causes and keys say is checked by those who read them."""
    options = parse(path)
    from msgspec import ValidationError, convert

    try:
        convert(options, _schema())
    except ValidationError as error:
        raise UsageError(_reason(path, str(error))) from None
    return options


@cache
def _schema() -> Any:
    """The type that settings must have; made when it is needed, since msgspec takes a while to import."""
    from msgspec import Meta, defstruct

    entries = dict[str, dict[str, Any]]
    weight = Annotated[float, Meta(ge=0.0, le=_HEAVIEST)]

    def table(name: str, **fields: Any) -> Any:
        return defstruct(name, [(key, kind, None) for key, kind in fields.items()], forbid_unknown_fields=True)

    return table(
        "Settings",
        time=table("Time", default=str, markets=dict[str, str]),
        money=table("Money", currency=str),
        calendar=table("Calendar", holidays=bool | list[str]),
        satisfaction=table("Satisfaction", **dict.fromkeys(get_args(SatisfactionPart), weight)),
        metrics=entries,
        measures=entries,
        causes=entries,
        keys=dict[str, Any],
    )


_TYPES = {
    "str": "a text", "int": "a whole number", "float": "a number", "bool": "true or false", "array": "a list",
    "object": "a table",
}  # fmt: skip


def misfit(error: str) -> tuple[list[str], str]:
    """The keys of the value that an error of msgspec is about, outermost first, and what is wrong with it."""
    reason, _, key_path = error.partition(" - at `$")
    names = [part for part in key_path.rstrip("`").replace("[...]", "").split(".") if part]
    bound = re.search(r"Expected `float` ([<>])= ([0-9.]+)", reason)
    if bound is not None:
        return names, f"a number of at {'least' if bound[1] == '>' else 'most'} {float(bound[2]):g} is expected"
    expected = re.search(r"Expected `(.*)`, got `(.*)`", reason)
    if expected is None:
        return names, reason[:1].lower() + reason[1:]
    expected_kind, actual_kind = (
        " or ".join(_TYPES.get(name, name) for name in kinds.split(" | ")) for kinds in expected.groups()
    )
    return names, f"{expected_kind} is expected, not {actual_kind}"


def _reason(path: Path, error: str) -> str:
    """msgspec's words as a line with the file, the line and the key."""
    names, reason = misfit(error)
    unknown = re.search(r"unknown field `([^`]*)`", error)
    if unknown:
        names.append(unknown[1])
        field_names = [field.name for field in _fields(names[:-1])]
        near = f"{did_you_mean(unknown[1], field_names)} Known: {', '.join(field_names)}."
        return f"{path}:{_line(path, names)}: {'.'.join(names)}: unknown.{near}"
    return f"{path}:{_line(path, names)}: {'.'.join(names)}: {reason}."


def _fields(names: Sequence[str]) -> Any:
    from msgspec.structs import fields

    at = _schema()
    for name in names:
        at = next(field.type for field in fields(at) if field.name == name)
    return fields(at)


def _line(path: Path, names: Sequence[str]) -> int:
    text = path.read_text(encoding="utf-8")
    table, field = ".".join(names[:-1]), names[-1] if names else None
    if not table:  # a table, or a key before the first one
        key = re.compile(rf"\s*(\[\s*)?{re.escape(field or '')}\b")
        return next((number for number, line in enumerate(text.splitlines(), 1) if key.match(line)), 1)
    return line_of(text, table, field)


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
