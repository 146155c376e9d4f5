"""On how many days a scan of a shop in which nothing happened has a finding that is not minor.

    python bench/clean_days.py [--shops 10] [--days 28] [--seed 700] [--scale 0.15] [--noise messy]

Each shop is a made-up marketplace (fixtures/marketplace) without a planted cause, 112 days long. Its last days are scanned,
each by what was known at its end. Prints the findings that are not minor, then the share of days that have one: at most 2 %.
"""

import argparse
import tempfile
from pathlib import Path

from core.base.days import Window, iso
from core.detection.findings import Finding
from core.detection.quality.row_checks import newest_whole_day
from core.incidents.kept_incidents import find_incidents
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load
from fixtures.marketplace import generate
from fixtures.marketplace.noise import REGIMES, RegimeName

_HISTORY = 112
_MOST = 0.02


def grave_findings(seed: int, days: int, scale: float, noise: RegimeName) -> list[Finding]:
    """The findings that are not minor on each of the last days of one shop."""
    with tempfile.TemporaryDirectory() as scratch:
        exports, db = Path(scratch) / "exports", Path(scratch) / "w.db"
        generate(exports, seed=seed, scale=scale, days=_HISTORY, noise=noise)
        load(db, sorted(exports.glob("*.csv*")))
        with Workspace.open(db) as workspace:
            last = newest_whole_day(workspace)
            scan = find_incidents(workspace, as_of=Window(last - days + 1, last))
    return [finding for finding in scan.findings if finding.severity != "minor"]


def main() -> None:
    """Prints one line a finding, then the share of days; exit status 1 when it is too large."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shops", type=int, default=10)
    parser.add_argument("--days", type=int, default=28)
    parser.add_argument("--seed", type=int, default=700)
    parser.add_argument("--scale", type=float, default=0.15)
    parser.add_argument("--noise", choices=REGIMES, default="messy")
    options = parser.parse_args()
    grave_days = 0
    for seed in range(options.seed, options.seed + options.shops):
        findings = grave_findings(seed, options.days, options.scale, options.noise)
        grave_days += len({finding.as_of for finding in findings})
        for finding in findings:
            change = "" if finding.change_pct is None else f"{finding.change_pct:+.1%}"
            print(f"shop {seed}, {iso(finding.as_of)}: {finding.severity} {finding.metric} {finding.where} {change}")
    share = grave_days / (options.shops * options.days)
    print(f"{grave_days} of {options.shops * options.days} days have a finding that is not minor: {share:.1%}")
    raise SystemExit(share > _MOST)


if __name__ == "__main__":
    main()
