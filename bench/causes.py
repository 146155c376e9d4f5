"""How often an explanation names the planted segment, event and cause, and how often one that is not there.

    python bench/causes.py --seeds 101-103 --causes C01,C11 --calm 5 --jobs 2

Each cause is planted alone into a made-up marketplace (fixtures/marketplace) of each seed, the workspace is loaded and the
metric that the cause moves is explained over the window that its truth names. Calm workspaces have nothing planted: every
metric that some cause moves is explained over the last week. A cause that is not there and is named with a confidence over
0.5 is a false alarm.
"""

import argparse
import itertools
import json
import resource
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from core.base.days import Window
from core.base.errors import NotEnoughData
from core.base.segment import Segment
from core.catalogue import cause_signatures
from core.explanation.diagnose.cause_tests import FACTS
from core.explanation.explain import explain
from core.explanation.explanation_results import Explanation
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load
from fixtures.marketplace import CAUSES, Truth, generate

ALARM = 0.5


def main() -> None:
    """Runs the benchmark and prints one line a case and the totals."""
    args = _arguments()
    cases = [(cause, seed) for cause in args.causes for seed in args.seeds]
    cases += [("", seed) for seed in range(args.seeds[0], args.seeds[0] + args.calm)]
    run = partial(_case, keep=args.keep, all_moves=args.all_moves)
    rows: list[dict[str, Any]] = []
    with ProcessPoolExecutor(args.jobs) as pool:
        for found in pool.map(run, cases):
            rows += found
            for row in found:
                print(json.dumps(row) if args.json else _line(row), flush=True)
    print(json.dumps(_totals(rows), indent=1))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    known = list(CAUSES)
    parser.add_argument("--seeds", type=_range, default=_range("101-103"), help="A-B, or one seed")
    parser.add_argument("--causes", type=lambda text: [one for one in text.split(",") if one], default=known)
    parser.add_argument("--calm", type=int, default=0, help="how many workspaces with nothing planted")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--keep", type=Path, help="a folder in which workspaces are kept for the next run")
    parser.add_argument("--all-moves", action="store_true", help="explain every metric that the cause moves")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def _range(text: str) -> list[int]:
    first, _, last = text.partition("-")
    return list(range(int(first), int(last or first) + 1))


def _case(case: tuple[str, int], keep: Path | None, all_moves: bool) -> list[dict[str, Any]]:
    """One workspace: what its explanations say against what was planted."""
    cause, seed = case
    with tempfile.TemporaryDirectory() as folder:
        path, truth = _workspace(cause, seed, keep or Path(folder))
        with Workspace.open(path) as workspace:
            return list(_planted(workspace, truth, seed, all_moves) if cause else _calm(workspace, seed))


def _workspace(cause: str, seed: int, folder: Path) -> tuple[Path, Any]:
    folder.mkdir(exist_ok=True)
    path = folder / f"{cause or 'calm'}-{seed}.db"
    answers = path.with_suffix(".json")
    if not answers.exists():
        path.unlink(missing_ok=True)
        exports = folder / f"{path.stem}-exports"
        truth: Truth = generate(exports, seed=seed, plant=[cause] if cause else [])
        load(path, sorted(exports.glob("*.csv*")))
        answers.write_text(truth.to_json())
        shutil.rmtree(exports)
    return path, json.loads(answers.read_text())


def _planted(workspace: Workspace, truth: Any, seed: int, all_moves: bool) -> Iterator[dict[str, Any]]:
    for planted in truth["planted"]:
        for move in planted["moves"] if all_moves else planted["moves"][:1]:
            started = time.perf_counter()
            found = explain(
                workspace, move["metric"], window=Window.parse("..".join(move["window"])), baseline=planted["baseline"]
            )
            yield _score(found, planted, seed) | {"seconds": round(time.perf_counter() - started, 2)}


def _score(found: Explanation, planted: Any, seed: int) -> dict[str, Any]:
    segment = Segment.of({name: values.split("|") for name, values in planted["where"].items()})
    places = [one.where for one in found.segments]
    causes = [one.cause.split()[0] for one in found.causes]
    events = [one.event_id for one in found.events]
    return {
        "cause": planted["cause"],
        "seed": seed,
        "metric": found.metric,
        "segment": _rank(places, segment),
        "named": _rank(causes, planted["cause"]),
        "sure": found.causes[0].score if found.causes else 0.0,
        "exact": places == [segment],
        "confidence": [(one.confidence, one.where == segment) for one in found.segments if one.where],
        "event": _rank(events, planted["event_id"]) if planted["event_id"] else None,
        "closes": _closes(found),
        "where": str(segment)[:60],
        "said": [str(one)[:60] for one in places[:3]],
        "causes": causes,
        "onset": found.onset.to_dict()["day"],
        "began": planted["onset"],
    }


def _rank(found: Sequence[Any], wanted: Any) -> int:
    """Place of the wanted one, 1 = first; 0 = it is not there."""
    return found.index(wanted) + 1 if wanted in found else 0


def _closes(found: Explanation) -> bool:
    parts = sum(one.contribution for one in found.drivers)
    size = max(abs(found.change), max((abs(one.contribution) for one in found.drivers), default=0.0))
    mix = all(abs(one.mix + one.rate - found.change) <= 1e-9 * max(size, 1e-12) for one in found.mix)
    return mix and abs(parts - found.change) <= 1e-9 * max(size, 1e-12)


def _calm(workspace: Workspace, seed: int) -> Iterator[dict[str, Any]]:
    held = workspace.catalogue.computable(workspace.measures)
    moved = {metric for one in cause_signatures.load(workspace.catalogue, FACTS).values() for metric in one.moves}
    for metric in ["gmv", *(one.key for one in held if one.key in moved)]:
        started = time.perf_counter()
        try:
            found = explain(workspace, metric)
        except NotEnoughData:  # the last week is too young for some metrics
            continue
        best = found.causes[0] if found.causes else None
        yield {
            "cause": "", "seed": seed, "metric": metric, "alarm": bool(best and best.score > ALARM),
            "causes": [one.cause.split()[0] for one in found.causes], "sure": best.score if best else 0.0,
            "said": [str(one.where)[:60] for one in found.segments[:2]],
            "is_drop": found.is_drop, "seconds": round(time.perf_counter() - started, 2),
        }  # fmt: skip


def _line(row: dict[str, Any]) -> str:
    if not row["cause"]:
        mark = "ALARM" if row["alarm"] else "calm"
        return f"{mark:5} {row['seed']} {row['metric']:22} {row['causes']} {row['sure']:.2f} {row['said']}"
    good = row["segment"] in (1, 2) and row["named"] == 1 and row["event"] in (1, None)
    place = f"segment {row['segment']} cause {row['named']} ({row['sure']:.2f}) event {row['event']}"
    return (
        f"{'ok' if good else 'MISS':4} {row['cause']} {row['seed']} {row['metric']:22} {place} | {row['where']} | "
        f"{row['said']} {row['causes']} onset {row['onset']} of {row['began']} {row['seconds']} s"
    )


def _totals(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    planted = [row for row in rows if row["cause"]]
    calm = [row for row in rows if not row["cause"]]
    told = [row for row in planted if row["event"] is not None]

    return {
        "cases": len(planted),
        "segments_exact": share([row["exact"] for row in planted]),
        "segment_first": share([row["segment"] == 1 for row in planted]),
        "segment_first_two": share([row["segment"] in (1, 2) for row in planted]),
        "cause_first": share([row["named"] == 1 for row in planted]),
        "cause_first_three": share([0 < row["named"] <= 3 for row in planted]),
        "event_first": share([row["event"] == 1 for row in told]),
        "sums_close": share([row["closes"] for row in planted]),
        "confident_and_right": share([row["named"] == 1 for row in planted if row["sure"] > 0.8]),
        "wrong_cause_over_half": sum(row["sure"] > ALARM and row["named"] != 1 for row in planted),
        "segments_by_confidence": _reliability([pair for row in planted for pair in row["confidence"]]),
        "causes_by_score": _reliability([(row["sure"], row["named"] == 1) for row in planted if row["causes"]]),
        "calm_questions": len(calm),
        "alarms_in_calm": sum(row["alarm"] for row in calm),
        "calm_workspaces_with_alarm": len({row["seed"] for row in calm if row["alarm"]}),
        "seconds_median": sorted(row["seconds"] for row in rows)[len(rows) // 2] if rows else None,
        "peak_mb": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024,
    }


def share(hits: Sequence[bool]) -> float | None:
    """The share that is true, None of nothing."""
    return round(sum(hits) / len(hits), 3) if hits else None


def _reliability(told: Sequence[tuple[float, bool]]) -> dict[str, tuple[float, float, int]]:
    """Of answers between two confidences: mean confidence, share that is right, how many."""
    bins = itertools.pairwise((0.0, 0.3, 0.5, 0.7, 0.85, 0.95, 1.01))
    held = {f"{low}-{high}": [pair for pair in told if low <= pair[0] < high] for low, high in bins}
    return {
        name: (
            round(sum(sure for sure, _ in pairs) / len(pairs), 3),
            share([right for _, right in pairs]) or 0.0,
            len(pairs),
        )
        for name, pairs in held.items()
        if pairs
    }


if __name__ == "__main__":
    main()
