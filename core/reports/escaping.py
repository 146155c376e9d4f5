"""Text from data is text: in no format does it reach a terminal, a spreadsheet or a page as code.

One set of characters is neutralised everywhere: control characters (C0, DEL, C1), marks that turn the writing direction,
zero-width and other invisible ones, and separators of lines. Spreadsheets are kept from running formulas as well.
"""

import re

# texts, which re compiles for the first text that is not plain: 3 ms of every command
_SEQUENCE = (
    r"(?:\x1b\[|\x9b)[0-9;:<=>?]*[ -/]*[@-~]"  # a terminal's control sequence
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c|$)"  # a command with a text, such as a title
    r"|\x1b[ -/]*[0-~]"
)
_INVISIBLE = "\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
_SEPARATOR = r"[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]+"
_SPELLING = "\u0600-\u0dff\u200d\u2600-\u27bf\ufe0f\U0001f000-\U0001faff"
"""Behind these (Arabic and Indic letters, emoji) zero-width joiners are spelling, and stay."""
_CONTROL = rf"(?<![{_SPELLING}])[\u200c\u200d]|[\u200c\u200d](?!\S)|(?![\u200c\u200d])[\x00-\x1f\x7f-\x9f{_INVISIBLE}]"
_RISKY_IN_JSON = rf"[\x7f-\x9f\u2028\u2029{_INVISIBLE}]"
_NUMBER = re.compile(r"[-+]?\d[\d.,]*(?:[eE][-+]?\d+)?%?")
_FORMULA = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]")


def plain(text: str) -> str:
    """The text in one line without control sequences and invisible characters: for terminals, Markdown, CSV and error lines.

    >>> plain("a\\x1b[31mb\\u202ec\\nd")
    'abc d'
    """
    if text.isascii() and text.isprintable():
        return text
    return re.sub(_CONTROL, "", re.sub(_SEPARATOR, " ", re.sub(_SEQUENCE, "", text)))


for_terminal = plain


def for_spreadsheet(text: str) -> str:
    """The text such that a spreadsheet shows it and never runs it: what begins like a formula gets an apostrophe in front.

    >>> for_spreadsheet("=1+1"), for_spreadsheet("-12.5"), for_spreadsheet("\\t@SUM(A1)")
    ("'=1+1", '-12.5', "' @SUM(A1)")
    """
    escaped = plain(text)
    risky = _FORMULA.match(escaped) is not None and not _NUMBER.fullmatch(escaped)
    return f"'{escaped}" if risky else escaped


def for_markdown(text: str) -> str:
    """The text such that it stays in its table cell and brings no markup and no HTML.

    >>> for_markdown("a|b <i>")
    'a\\\\|b &lt;i&gt;'
    """
    escaped = re.sub(r"([\\`*_\[\]|])", r"\\\1", plain(text))
    return escaped.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def in_json(document: str) -> str:
    """A JSON document whose texts have their invisible characters written as `\\u202e`: it means the same, and shows them.

    >>> in_json('"a\\u202eb"') == '"a' + chr(92) + 'u202eb"'
    True
    """
    if document.isascii():
        return document.replace("\x7f", "\\u007f")
    return re.sub(_RISKY_IN_JSON, _escape, document)


def _escape(match: "re.Match[str]") -> str:
    units = match[0].encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
