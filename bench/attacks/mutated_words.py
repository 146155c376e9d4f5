"""What people write themselves, mutated: segments, windows, mappings, settings, imported findings. Only answers or one line."""

import json
import shutil
from random import Random

from bench.attacks.target import Attack, Tally, in_fork

_SEEDS = {
    "where": "market=ID|TH,creator_id=c1",
    "window": "2026-01-05..2026-01-11",
    "map": "kind = 'traffic'\n[columns]\ndate = 'date'\nmarket = { column = 'market', otherwise = 'XX' }\n"
    "impressions = { column = 'impressions', times = 2, decimal = '.' }\n[drop]\nmarket = ['VN']\n",
    "settings": "[time]\ndefault = 'UTC'\n[time.markets]\nID = 'Asia/Jakarta'\n[money]\ncurrency = 'USD'\n[calendar]\n"
    "holidays = ['ID']\n[metrics.x]\nformula = 'gmv / orders'\ndirection = 'up'\n[keys]\nquit = 'q'\n",
    "findings": json.dumps(
        {"schema": "whydrop.findings/1", "findings": [{"state": "likely", "note": "n", "words": ["w"], "told": {}}]}
    ),
}
_TOKENS = (
    *("=", "|", ",", "..", "'", '"', "[", "]", "{", "}", "\n", "\0", "\\", "%", "*", ";", "--", "-1", "nan", "inf", "true"),
    *("9" * 400, "1e999", "0001-01-01", "9999-12-31", "ü", "\u202e", "\x1b[31m", "[" * 300, "null", "ID", "gmv", "date", "="),
)  # fmt: skip


def words(attack: Attack, tally: Tally) -> None:
    """Two of each for each try."""
    folder = attack.folder / tally.name
    folder.mkdir()
    shutil.copy(attack.whole, folder / "w.db")
    for _ in range(2 * attack.tries):
        for kind, seed in _SEEDS.items():
            text = _mutated(attack.chance, seed)
            (folder / "whydrop.toml").unlink(missing_ok=True)
            command = _command(kind, text, attack)
            if kind in {"map", "settings", "findings"}:
                name = {"map": "m.toml", "settings": "whydrop.toml", "findings": "new.findings.json"}[kind]
                (folder / name).write_text(text, encoding="utf-8", errors="surrogateescape")
            tally.tries += 1
            ended = in_fork([*command, "-q"], folder)
            (folder / "new.db").unlink(missing_ok=True)
            if ended.fault:
                tally.fail(f"{kind} {text!r}: {ended.fault}")


def _command(kind: str, text: str, attack: Attack) -> list[str]:
    match kind:
        case "where":
            return ["series", "impressions", f"--where={text}", "--db", "w.db"]
        case "window":
            return ["explain", "impressions", f"--window={text}", "--db", "w.db"]
        case "map":
            return ["load", str(attack.folder / "traffic.csv"), "--map", "m.toml", "--dry-run", "--db", "w.db"]
        case "settings":
            return ["series", "impressions", "--db", "w.db"]
        case _:
            return ["load", str(attack.folder / "traffic.csv"), "--db", "new.db"]


def _mutated(chance: Random, seed: str) -> str:
    text = seed
    for _ in range(chance.choice((1, 1, 2, 5))):
        at = chance.randrange(len(text) + 1)
        match chance.randrange(4):
            case 0:
                text = text[:at] + chance.choice(_TOKENS) + text[at:]
            case 1:
                text = text[:at] + text[at + chance.randrange(1, 9) :]
            case 2:
                text = text[:at] + text[at:][::-1]
            case 3:
                other = chance.randrange(len(text) + 1)
                text = text[:at] + text[other : other + 12] + text[at:]
    return text.replace("\0", "") if "\n" not in seed else text  # no argument of a program can have it
