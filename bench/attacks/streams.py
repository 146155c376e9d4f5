"""Output that cannot be written."""

import os
import subprocess
import sys
from pathlib import Path

from bench.attacks.target import COMMANDS, ROOT, Attack, Outcome, Tally


def full_output(attack: Attack, tally: Tally) -> None:
    """Commands that write to /dev/full, or to a pipe that nobody reads."""
    if not Path("/dev/full").exists():
        tally.notes.append("no /dev/full here: not tried")
        return
    for words in COMMANDS[: max(1, attack.tries)]:
        command = [sys.executable, "-m", "tui.cli", *words, "--db", str(attack.whole), "-f", "csv"]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        tally.tries += 2
        with Path("/dev/full").open("w") as full:
            ended = subprocess.run(command, env=environment, stdout=full, stderr=subprocess.PIPE, text=True)
        fault = Outcome(ended.returncode, "", ended.stderr).fault
        if fault or not ended.returncode:
            tally.fail(f"{words[0]} into /dev/full: {fault or 'status 0'}")
        reading, writing = os.pipe()
        os.close(reading)
        ended = subprocess.run(command, env=environment, stdout=writing, stderr=subprocess.PIPE, text=True)
        os.close(writing)
        if "Traceback" in ended.stderr:
            tally.fail(f"{words[0]} into a closed pipe: {ended.stderr}")
