"""The commands of whydrop. Each is: read the arguments, one call of the core, one call of a renderer."""

import sys
from typing import Annotated

import typer

from core import __version__

app = typer.Typer(
    name="whydrop",
    help="Is the drop real? Where is it, why, and what should be done?\n\n"
    "  whydrop demo                               see it work on sample exports\n\n"
    "  whydrop load exports/ && whydrop scan      look for drops in your own",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
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
    if sys.stdin.isatty() and sys.stdout.isatty():
        from tui.cli.screens import open_screens

        open_screens()
    else:
        typer.echo(context.get_help())


def _register() -> None:
    """Imports the families in the order in which their commands are listed: the order of a user's questions."""
    from tui.cli import demo, load, find, localize, look, rate, health, screens  # noqa: F401, I001


_register()


def main() -> None:
    """The entry point of the program."""
    app()
