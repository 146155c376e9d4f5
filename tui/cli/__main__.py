"""`python -m tui.cli` is `whydrop`."""

from tui.cli import main

main()
