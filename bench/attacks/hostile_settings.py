"""Settings that are not TOML, or not what whydrop knows."""

import shutil

from bench.attacks.target import COMMANDS, Attack, Tally, in_fork

SETTINGS = (
    "", "x", "[", "\x00", "a = 1", "[money]\ncurrency = 5", "[money]\ncurrency = 'dollars'", "[money]\ncurrncy = 'USD'",
    "money = 'USD'", "time = 3", "[time]\ndefault = 7", "[time]\ndefault = 'Mars/Olympus'", "[time]\nmarkets = 'x'",
    "[time.markets]\nID = 3", "[time.markets]\n'' = 'UTC'", "[calendar]\nholidays = 'yes'", "[calendar]\nholidays = [1, 2]",
    "[calendar]\nholidays = ['XX']", "[metrics]\nx = 1", "[metrics.x]\nformula = 5", "[metrics.x]\nformula = 'gmv / '",
    "[metrics.gmv]\nformula = 'gmv * gmv'", "[metrics.x]\nformula = 'x * 2'", "keys = 1", "[keys]\nquit = 9", "[causes]\nx = 2",
    "[rating]\nx = 2", "[measures.x]\n", "[[metrics]]\n", "a" * 100_000 + " = 1", "x = " + "[" * 5_000 + "]" * 5_000,
    "[" + "a." * 3_000 + "b]\nc = 1", "[time]\ndefault = '../../etc/passwd'", "[time]\ndefault = ''", "x = " + "9" * 5_000,
    "[money]\ncurrency = nan", "[money]\ncurrency = 1979-05-27", "\ufeff[money]\ncurrency = 'USD'", "[money]\r\ncurrency = 'USD'",
)  # fmt: skip
BYTES = (b"\xff\xfe[\x00m\x00", b"x = '\xff'", b"x = '''" + b"y" * 1_000_000)


def settings(attack: Attack, tally: Tally) -> None:
    """Five commands with each of them."""
    folder = attack.folder / "settings"
    folder.mkdir()
    shutil.copy(attack.whole, folder / "w.db")
    commands = (*COMMANDS[:2], ("metrics",), ("rate",), ("load", str(attack.folder / "traffic.csv")))
    texts = [text.encode() for text in SETTINGS] + list(BYTES)
    for text in texts[:: max(1, len(texts) // max(1, attack.tries))] if attack.tries < len(texts) else texts:
        (folder / "whydrop.toml").write_bytes(text)
        for words in commands:
            tally.tries += 1
            ended = in_fork([*words, "--db", "w.db", "-q"], folder)
            if ended.fault:
                tally.fail(f"{text[:40]!r} {words[0]}: {ended.fault}")
