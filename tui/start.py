"""The entry point of the installed program."""

from tui.process import end_on_signals, open_closed_streams

open_closed_streams()
end_on_signals()


def main() -> None:
    """Runs whydrop."""
    from tui.cli import main as run  # late: signals are handled from before this is imported

    run()
