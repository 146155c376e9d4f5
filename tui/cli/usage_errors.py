"""Wrong options and arguments as one line: what is wrong, where, and what to do."""

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from difflib import get_close_matches
from itertools import pairwise
from typing import Any

import typer
from typer.core import TyperGroup

from core.base.errors import did_you_mean

_UsageError: Any = typer.BadParameter.__base__
"""What typer raises for every wrong use of options and arguments; it has no public name."""
_OF_PATHS = frozenset(("load", "inspect"))
"""Commands whose arguments are paths: an empty one would be the folder that somebody is in."""
_LISTS = ("--where", "--fields")
"""Options with a list that are given once, wherever a command has them."""
_TYPES = {"int": "a whole number", "int range": "a whole number", "float": "a number", "float range": "a number"}


class OneLineErrors(TyperGroup):
    """The commands; a wrong use is one line on stderr and exit status 2, as all other mistakes are."""

    def make_context(self, *args: Any, **more: Any) -> Any:
        return _in_one_line(lambda: super(OneLineErrors, self).make_context(*args, **more))

    def invoke(self, ctx: Any) -> Any:
        words = [*getattr(ctx, "_protected_args", ()), *ctx.args]

        def work() -> Any:
            is_empty = any(not word and not before.startswith("-") for before, word in pairwise(words))
            if is_empty and words[0] in _OF_PATHS:
                raise _UsageError("an argument is empty; the folder that you are in is a point (.)")
            _check_repeated(words)
            return super(OneLineErrors, self).invoke(ctx)

        return _in_one_line(work, lambda: ctx.invoked_subcommand or next(iter(words), None))


def _check_repeated(words: Sequence[str]) -> None:
    """Raises a usage error for a list that is given in two parts, of which the first would be left out in silence."""
    names = [word.split("=")[0] for word in words]
    for name in _LISTS:
        if names.count(name) > 1:
            raise _UsageError(f"{name} is given {names.count(name)} times: give it once, with commas between its parts")


def _in_one_line(work: Callable[[], Any], command: Callable[[], str | None] = lambda: None) -> Any:
    try:
        return work()
    except _UsageError as error:
        from tui.cli.output import Format, Output

        Output("", Format.TABLE, fields="", quiet=False, no_color=False).error(usage_line(error, command()))
        raise typer.Exit(2) from None


def usage_line(error: Any, command: str | None = None) -> str:
    """What is wrong, and which help to read: that of `command` where the error does not say whose it is."""
    context = getattr(error, "ctx", None)
    name = context.info_name if context and context.parent else command
    if error.format_message().startswith("No such command"):
        name = None  # what does not exist has no help
    return f"{_wrong(error, context)} See whydrop {f'{name} ' if name else ''}-h."


def _wrong(error: Any, context: Any) -> str:
    option = getattr(error, "option_name", "")
    text = " ".join(error.format_message().split())
    if option and text.startswith("No such option"):
        return f"no option {option}.{did_you_mean(option, _near_options(option, context))}"
    for pattern, words in _WORDS.items():
        match = re.fullmatch(pattern, text)
        if match:
            return words(match.groups())
    return f"{text[:1].lower()}{text[1:].rstrip('.')}."


def _near_options(option: str, context: Any) -> Sequence[str]:
    """The long options of the command that are like this one without their dashes, which all have in common."""
    with suppress(AttributeError):
        names = [name[2:] for param in context.command.params for name in param.opts if name.startswith("--")]
        return [f"--{name}" for name in get_close_matches(option.lstrip("-"), names, cutoff=0.5)]
    return []


def _no_type(groups: Sequence[str]) -> str:
    option, value, kind = groups
    return f"{_bare(option)}: {value} is not {_TYPES.get(kind, f'a {kind}')}."


def _out_of_range(groups: Sequence[str]) -> str:
    """
    >>> _out_of_range(["'--top'", "-1", "x>=0"]), _out_of_range(["'--share'", "5.0", "0<=x<=1"])
    ('--top: -1 is not 0 or more.', '--share: 5.0 is not from 0 to 1.')
    """
    option, value, limits = groups
    least, _, most = limits.partition("<=x<=")
    words = f"from {least} to {most}" if most else f"{limits.removeprefix('x>=')} or more"
    return f"{_bare(option)}: {value} is not {words}."


def _bare(hint: str) -> str:
    """The option as it is typed, without its short form.

    >>> _bare("'--format' / '-f'"), _bare("'[N]'")
    ('--format', 'N')
    """
    return hint.split(" / ")[0].strip("'[]")


_WORDS: Mapping[str, Callable[[Sequence[str]], str]] = {
    r"Missing argument '(.+)'\.": lambda groups: f"{_bare(groups[0])} is missing.",
    r"Missing option (.+)\.": lambda groups: f"{_bare(groups[0])} is missing.",
    r"Option '(.+)' requires an argument\.": lambda groups: f"{groups[0]} needs a value.",
    r"Got unexpected extra arguments? \((.+)\)|Got unexpected extra argument\(s\) \((.+)\)": lambda groups: (
        f"unexpected argument: {groups[0] or groups[1]}."
    ),
    r"No such command '([^']*)'\.( Did you mean .*)?": lambda groups: (
        f"no command '{groups[0]}'.{(groups[1] or '').replace(chr(39), '')}"
    ),
    r"Invalid value for (.+?): (.+) is not a valid (.+)\.": _no_type,
    r"Invalid value for (.+?): (.+) is not one of (.+)\.": lambda groups: (
        f"{_bare(groups[0])}: no {groups[1]}. It is one of {groups[2].replace(chr(39), '')}."
    ),
    r"Invalid value for (.+?): (.+) is not in the range (.+<=x<=.+|x>=.+)\.": _out_of_range,
    r"Invalid value for (.+?): (.+?)\.?": lambda groups: f"{_bare(groups[0])}: {groups[1]}.",
}
"""What typer says -> how it is said here."""
