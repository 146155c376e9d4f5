"""The commands of whydrop. Each is: read the arguments, one call of the core, one call of a renderer."""

import sys
from importlib import import_module

from tui.process import end_on_signals, on_terminal, write_any_character

if sys.argv[:1] == ["-m"]:  # `python -m tui.cli` is about to import what follows: ctrl+c ends it as later on
    end_on_signals()

from typing import Annotated

import typer

from core import __version__
from tui.cli.bash_words import completes_after_equals, print_after_equals
from tui.cli.options import close_stdout, of_output
from tui.cli.usage_errors import OneLineErrors

app = typer.Typer(
    name="whydrop",
    cls=OneLineErrors,
    help="Is the drop real? Where is it, why, and what should be done?\n\n"
    "  whydrop demo                               see it work on sample exports\n\n"
    "  whydrop load exports/ && whydrop scan      look for drops in your own",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(is_requested: bool) -> None:
    if is_requested:
        typer.echo(f"whydrop {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def start(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    if context.invoked_subcommand is not None:
        return
    if on_terminal():
        from tui.cli.commands.tui_command import open_screens

        open_screens()
    else:
        typer.echo(context.get_help())


COMMANDS = {
    "demo_command": ("demo",),
    "load_commands": ("load", "presets", "inspect"),
    "workspace_commands": ("loads", "rejects", "cache", "rescue"),
    "finding_commands": ("scan", "explain", "check"),
    "localize_command": ("localize",),
    "data_commands": ("series", "metrics", "index", "events", "note", "config", "export"),
    "rating_commands": ("rate", "creator", "seller", "simulate"),
    "health_command": ("health",),
    "channels_command": ("channels",),
    "voice_command": ("voice",),
    "match_command": ("match",),
    "verify_command": ("verify",),
    "case_command": ("case",),
    "report_command": ("report",),
    "tui_command": ("tui",),
}
"""Module -> the commands it has, in the order of a user's questions. Of a command that is typed only its module is imported:
all of them take 5 ms."""

for _family in [module for module, names in COMMANDS.items() if {*names} & {*sys.argv[1:2]}] or COMMANDS:
    import_module(f"tui.cli.commands.{_family}")


def _leave_out_others() -> None:
    """Leaves only the command that was typed: typer reads the options of every command that it has, 10 ms for all of them."""
    typed = [command for command in app.registered_commands if command.name in sys.argv[1:2]]
    app.registered_commands = typed or app.registered_commands


def main() -> None:
    """The entry point of the program."""
    end_on_signals()
    write_any_character()
    _leave_out_others()
    stdout = sys.stdout
    try:
        if completes_after_equals():
            print_after_equals(app)
        app()
    except SystemExit:
        if sys.stdout is not stdout:  # typer wraps it, and exits with 1, once nobody reads its help any more
            close_stdout()
            raise SystemExit(0) from None
        raise
    except OSError as error:  # help and the version are written outside of the commands
        if not (line := of_output(error)):
            raise
        close_stdout()
        typer.echo(f"whydrop: {line}", err=True)
        raise SystemExit(1) from None
