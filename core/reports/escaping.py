"""Text from data is text: it never reaches a terminal or a spreadsheet as code."""

import re

_CONTROL = re.compile(
    r"\x1b\[[0-9;?]*[ -/]*[@-~]"  # a terminal's control sequence
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"  # an operating system command, such as a window's title
    r"|[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)
_NUMBER = re.compile(r"[-+]?\d[\d.,]*(?:[eE][-+]?\d+)?%?")


def for_terminal(text: str) -> str:
    """The text without control characters, escape sequences and marks that turn the writing direction.

    >>> for_terminal("a\\x1b[31mb")
    'ab'
    """
    return _CONTROL.sub("", text.replace("\n", " ").replace("\t", " "))


def for_spreadsheet(text: str) -> str:
    """The text such that a spreadsheet shows it and never runs it: what begins like a formula gets an apostrophe in front.

    >>> for_spreadsheet("=1+1"), for_spreadsheet("-12.5")
    ("'=1+1", '-12.5')
    """
    risky = text[:1] in {"=", "+", "-", "@", "\t", "\r"} and not _NUMBER.fullmatch(text)
    return f"'{text}" if risky else text


def for_markdown(text: str) -> str:
    """The text such that it stays in its table cell and brings no markup and no HTML.

    >>> for_markdown("a|b <i>")
    'a\\\\|b &lt;i&gt;'
    """
    escaped = re.sub(r"([\\`*_\[\]|])", r"\\\1", text)
    return escaped.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
