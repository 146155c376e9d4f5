"""Attacks whydrop: kills, damaged files, hostile settings, full disks, loads while others read; prints tries and failures.

    python bench/attack.py [--part NAME]... [--tries N] [--seed S] [--seconds S]

A failure is a traceback, an error of more than one line, a hang, a wrong figure, a repeat that is refused, or a file left
behind. Commands on damaged files run in forks of one warm process, those that are killed as programs of their own. With
--tries 100 it is 20 kills at birth, 80 of a correction, 40 signals, and 100 of each kind of damage. Exit status 1 when anything
failed.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.attacks import crowd, damage, disk, hostile_settings, kills, mutated_words, odd_paths, sizes, streams  # noqa: E402
from bench.attacks.target import Attack, Part, Tally, warm_up  # noqa: E402

PARTS: dict[str, Part] = {
    "births": kills.births,
    "kills": kills.corrections,
    "signals": kills.signals,
    "workspaces": damage.workspaces,
    "flips": damage.flips,
    "edits": damage.edits,
    "caches": damage.caches,
    "settings": hostile_settings.settings,
    "words": mutated_words.words,
    "paths": odd_paths.odd_paths,
    "disk": disk.file_size_limit,
    "room": disk.other_commands,
    "tmpfs": disk.small_file_systems,
    "output": streams.full_output,
    "sizes": sizes.large,
    "bombs": sizes.bombs,
    "crowd": crowd.crowd,
}


def attack(parts: Sequence[str], tries: int, seed: int, seconds: float, orders: int = 20_000) -> list[Tally]:
    """Runs some parts in a folder of their own, on a workspace of so many orders; what each tried, and what failed."""
    warm_up()
    tallies = []
    caches = os.environ.get("XDG_CACHE_HOME")
    with tempfile.TemporaryDirectory() as name:
        os.environ["XDG_CACHE_HOME"] = f"{name}/caches"
        try:
            target = Attack(Path(name), tries, seconds, orders)
            for part in parts:
                tally = Tally(part)
                target.draw_anew(f"{seed} {part}")
                PARTS[part](target, tally)
                tally.report()
                tallies.append(tally)
        finally:
            if caches is None:
                del os.environ["XDG_CACHE_HOME"]
            else:
                os.environ["XDG_CACHE_HOME"] = caches
    return tallies


def main() -> None:
    """Runs the parts that were asked for, and prints what they gave."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", action="append", choices=PARTS)
    parser.add_argument("--tries", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=20)
    options = parser.parse_args()
    tallies = attack(options.part or list(PARTS), options.tries, options.seed, options.seconds)
    raise SystemExit(any(tally.failures for tally in tallies))


if __name__ == "__main__":
    main()
