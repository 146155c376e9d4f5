"""Asks small workspaces of every shape random questions: only answers that add up, or one clear line, may come out.

    python bench/fuzz_questions.py [--questions 300] [--seed 1] [--only NAME]

A question is a metric x a window x a baseline x a segment x a clock for `explain`, a day for `scan`, and each finding of it for
`explain ID`. A fault is an error that is not meant for people, contributions or mix and rate that do not add up to the
change, a figure that JSON cannot hold, "nan" or "None" in the words, or an explanation that says something else than its
finding. Prints each fault with its question; exit status 1 when there was any.
"""

import argparse
import random
import sys
import tempfile
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from math import isclose, isfinite
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from core.base.days import Window  # noqa: E402
from core.base.errors import WhydropError  # noqa: E402
from core.base.segment import EVERYTHING, Segment  # noqa: E402
from core.explanation.explain import explain  # noqa: E402
from core.explanation.explanation_results import Explanation  # noqa: E402
from core.incidents.finding_question import explain_finding, question_of  # noqa: E402
from core.incidents.kept_incidents import find_incidents  # noqa: E402
from core.reports.tables.answer import answer_lines  # noqa: E402
from core.workspace.read.workspace import Workspace  # noqa: E402
from core.workspace.write.load import load  # noqa: E402

FIRST = date(2026, 1, 5)
MARKETS, CHANNELS = ("ID", "TH", "VN"), ("live", "search")
BASELINES = ("expected", "previous", "last-year", "4w")
Rows = list[str]
Files = dict[str, Rows]


def days(count: int) -> list[date]:
    return [FIRST + timedelta(number) for number in range(count)]


def daily(rng: random.Random, count: int, level: float, spread: float = 0.1, fall: float = 1.0) -> Rows:
    """One measure by market, which falls in one market in the last week."""
    rows = ["date,market,plays"]
    for number, day in enumerate(days(count)):
        for market in MARKETS:
            factor = fall if market == "TH" and number >= count - 7 else 1.0
            rows.append(f"{day},{market},{max(rng.gauss(level, spread * level), 0) * factor:.2f}")
    return rows


def orders(rng: random.Random, count: int, a_day: int, columns: str, events: float = 0.1) -> Rows:
    """Order lines, some of them cancelled, refunded, late; `columns`: those after the amount that are given."""
    names = columns.split(",") if columns else []
    rows = [",".join(("order_id", "ordered_at", "gmv", *names))]
    for day in days(count):
        for number in range(a_day):
            at, hour = day.isoformat(), f"T{number % 24:02d}:00:00"
            later = (day + timedelta(rng.randint(1, 9))).isoformat()
            late = day + timedelta(count) if rng.random() < events else None
            cells = {
                "market": rng.choice(MARKETS),
                "channel": rng.choice(CHANNELS),
                "buyer_id": f"B{rng.randint(1, 40)}",
                "paid_at": f"{at}{hour}" if rng.random() < 0.9 else "",
                "cancelled_at": f"{later}{hour}" if rng.random() < events else "",
                "cancelled_by": rng.choice(("buyer", "seller", "system")),
                "refunded_at": f"{later}{hour}" if rng.random() < events else "",
                "refund_amount": "3.5",
                "ship_by": f"{(day + timedelta(2)).isoformat()}{hour}",
                "shipped_at": f"{later}{hour}",
                "promised_by": f"{(day + timedelta(6)).isoformat()}{hour}",
                "delivered_at": "" if late else f"{(day + timedelta(5)).isoformat()}{hour}",
            }
            amount = f"{rng.uniform(5, 50):.2f}"
            rows.append(",".join((f"{at}-{number}", f"{at}{hour}", amount, *(cells[name] for name in names))))
    return rows


def traffic(rng: random.Random, count: int, dimensions: Sequence[str] = ("market", "channel")) -> Rows:
    """Impressions and clicks by slice."""
    rows = [",".join(("date", *dimensions, "impressions", "clicks", "detail_views", "add_to_carts"))]
    for day in days(count):
        for market in MARKETS if "market" in dimensions else MARKETS[:1]:
            for channel in CHANNELS if "channel" in dimensions else CHANNELS[:1]:
                shown = rng.randint(800, 1200)
                cells = {"market": market, "channel": channel}
                steps = (shown, shown // 10, shown // 12, shown // 30)
                rows.append(",".join((str(day), *(cells[name] for name in dimensions), *map(str, steps))))
    return rows


def reviews(rng: random.Random, count: int, a_day: int) -> Rows:
    rows = ["review_id,reviewed_at,rating,market"]
    for day in days(count):
        rows += [f"{day}-{k},{day},{rng.choice((1, 4, 5, 5, 5))},{rng.choice(MARKETS)}" for k in range(a_day)]
    return rows


EVERY_COLUMN = (
    "market,channel,buyer_id,paid_at,cancelled_at,cancelled_by,refunded_at,refund_amount,ship_by,shipped_at,promised_by,"
    "delivered_at"
)
EVENTS = [
    "event_id,starts_at,ends_at,kind,title,market",
    f"E1,{FIRST + timedelta(50)},,release,app 3.1,TH",
    f"E2,{FIRST + timedelta(40)},{FIRST + timedelta(60)},campaign,sale,",
    f"E3,{FIRST + timedelta(55)},{FIRST + timedelta(56)},holiday,feast,ID",
]


def odd_values(rng: random.Random) -> Rows:
    """A dimension whose values hold the marks of a segment."""
    values = ('"a,b"', "c=d", "e|f", "g\\h", "")
    rows = ["date,category,plays"]
    return rows + [f"{day},{value},{rng.randint(50, 90)}" for day in days(60) for value in values]


def shapes(rng: random.Random) -> dict[str, Files]:
    """Small workspaces of every shape: kind -> rows."""
    many = ["date,category,plays"]
    many += [f"{day},c{k},{rng.randint(0, 9)}" for day in days(40) for k in range(120)]
    sparse = ["date,market,plays", *(f"{day},{rng.choice(MARKETS)},{rng.randint(1, 3)}" for day in days(120)[::9])]
    flat = ["date,market,plays", *(f"{day},{market},100" for day in days(70) for market in MARKETS)]
    zero = ["date,market,plays", *(f"{day},{market},0" for day in days(70) for market in MARKETS)]
    weekdays = ["date,plays", *(f"{day},{rng.randint(90, 110)}" for day in days(90) if day.weekday() < 5)]
    starts = ["date,market,plays"]
    starts += [
        f"{d},{m},{rng.randint(90, 110)}" for k, d in enumerate(days(80)) for m in MARKETS if m != "VN" or k > 60
    ]
    far = [*daily(rng, 60, 500), "2062-01-01,ID,500"]
    return {
        "one day": {"daily": daily(rng, 1, 100)},
        "two days": {"daily": daily(rng, 2, 100)},
        "ten days": {"daily": daily(rng, 10, 100)},
        "a drop": {"daily": daily(rng, 90, 1000, fall=0.5)},
        "two years": {"daily": daily(rng, 740, 1000, fall=0.4)},
        "large amounts": {"daily": daily(rng, 90, 1e10, fall=0.5)},
        "small amounts": {"daily": daily(rng, 90, 0.05, fall=0.5)},
        "wild": {"daily": daily(rng, 90, 100, spread=1.5)},
        "sparse": {"daily": sparse},
        "flat": {"daily": flat},
        "zero": {"daily": zero},
        "weekdays": {"daily": weekdays},
        "odd values": {"daily": odd_values(rng)},
        "many values": {"daily": many},
        "a value that begins": {"daily": starts},
        "a day far ahead": {"daily": far},
        "daily orders": {"daily": daily_orders(rng)},
        "orders alone": {"orders": orders(rng, 60, 20, "")},
        "few orders": {"orders": orders(rng, 90, 2, EVERY_COLUMN)},
        "orders": {"orders": orders(rng, 90, 40, EVERY_COLUMN)},
        "traffic": {"traffic": traffic(rng, 80)},
        "traffic of one slice": {"traffic": traffic(rng, 60, ())},
        "reviews": {"reviews": reviews(rng, 70, 8)},
        "everything": {
            "traffic": traffic(rng, 80),
            "orders": orders(rng, 80, 30, EVERY_COLUMN),
            "reviews": reviews(rng, 70, 5),
            "events": EVENTS,
        },
    }


def daily_orders(rng: random.Random) -> Rows:
    """Orders that came counted by day, which rise in the last week."""
    rows = ["date,market,orders"]
    for number, day in enumerate(days(90)):
        rows += [f"{day},{market},{rng.randint(90, 110) * (3 if number > 82 else 1)}" for market in MARKETS]
    return rows


def built(folder: Path, files: Files) -> Workspace:
    for kind, rows in files.items():
        path = folder / f"{kind}.csv"
        path.write_text("\n".join(rows) + "\n", encoding="utf-8")
        named = [name for name in rows[0].split(",")[1:-1] if kind == "daily"]
        load(folder / "w.db", [path], as_kind=kind, dimensions=named)
    return Workspace.open(folder / "w.db")


def window(rng: random.Random, span: Window) -> Window:
    """Days inside the data mostly: the last ones, all of them, a few, or some that reach beyond."""
    length = rng.choice((1, 2, 3, 7, 10, 28, 45, len(span)))
    last = rng.choice((span.last, span.last, span.last - 1, rng.randint(span.first, span.last), span.last + 3))
    return Window(last - length + 1, last)


def segment(rng: random.Random, workspace: Workspace) -> Segment:
    names = [name for name in workspace.dimensions if rng.random() < 0.3]
    chosen = {
        name: rng.sample(workspace.values(name), min(rng.randint(1, 2), len(workspace.values(name)))) for name in names
    }
    return Segment.of(chosen) if rng.random() < 0.6 else EVERYTHING


def wrong(answer: Explanation) -> Iterator[str]:
    """What does not add up, or cannot be said."""
    size = max(abs(answer.actual), abs(answer.expected), 1e-12)
    total = sum(part.contribution for part in answer.drivers)
    if not isclose(total, answer.change, rel_tol=1e-6, abs_tol=1e-6 * size):
        yield f"contributions add up to {total}, the change is {answer.change}"
    for part in answer.mix:
        if not isclose(part.mix + part.rate, answer.change, rel_tol=1e-6, abs_tol=1e-6 * size):
            yield f"mix and rate over {part.dimension} add up to {part.mix + part.rate}, the change is {answer.change}"
    figures = (answer.actual, answer.expected, answer.change, *answer.interval)
    if not all(map(isfinite, figures)):
        yield f"no finite figures: {figures}"
    text = " ".join(answer_lines(answer))
    if any(word in text.split() for word in ("nan", "None", "inf")):
        yield f"no words: {text}"
    if answer.is_drop and answer.is_usual_as_a_whole and not (answer.segments and answer.segments[0].where):
        yield "a drop inside its own range, and in no segment of it"


def differing(workspace: Workspace, day: int) -> Iterator[str]:
    """Where an explanation says something else than its finding."""
    for finding in find_incidents(workspace, as_of=day).findings[:3]:
        answer = explain_finding(workspace, question_of(finding))
        yield from wrong(answer)
        if finding.kind != "data" and not answer.is_drop:
            yield f"{finding.metric} in {finding.where}: a finding, and no drop"
        if finding.confidence is not None:
            cause = answer.causes[0].cause if answer.causes else None
            if (answer.segments[0].where, answer.onset.day, cause) != (finding.where, finding.onset, finding.cause):
                yield f"{finding.metric} in {finding.where}: explained otherwise"


def ask(question: str, answer: Callable[[], Iterator[str]]) -> int:
    """How many faults a question brings to light; prints them."""
    try:
        faults = list(answer())
    except WhydropError as error:
        faults = [f"an error of several lines: {error}"] if "\n" in str(error) else []
    except Exception:  # noqa: BLE001 - whatever comes is what is looked for
        faults = [traceback.format_exc(limit=-3)]
    for fault in faults:
        print(f"{question}\n    {fault}", flush=True)
    return len(faults)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--questions", type=int, default=300, help="for all workspaces together")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="the name of one workspace")
    options = parser.parse_args()
    rng = random.Random(options.seed)  # noqa: S311 - questions, no secrets
    warnings.simplefilter("error")
    chosen = {name: files for name, files in shapes(rng).items() if options.only in ("", name)}
    faults = asked = 0
    for name, files in chosen.items():
        with tempfile.TemporaryDirectory() as folder, built(Path(folder), files) as workspace:
            metrics = [metric.key for metric in workspace.catalogue.computable(workspace.measures)]
            for _ in range(max(options.questions // len(chosen), 1)):
                metric, days_, where = rng.choice(metrics), window(rng, workspace.span), segment(rng, workspace)
                baseline = rng.choice((*BASELINES, str(window(rng, workspace.span))))
                clock = rng.choice(("order", "order", "event"))
                asked += 1
                faults += ask(
                    f"{name}: explain {metric} --window {days_} --baseline {baseline} --where '{where}' --clock {clock}",
                    lambda: wrong(
                        explain(workspace, metric, window=days_, baseline=baseline, where=where, clock=clock)  # noqa: B023
                    ),
                )
            for day in (workspace.span.last, rng.randint(workspace.span.first, workspace.span.last)):
                asked += 1
                faults += ask(f"{name}: scan --as-of {day}", lambda: differing(workspace, day))  # noqa: B023
    print(f"{asked} questions, {faults} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
