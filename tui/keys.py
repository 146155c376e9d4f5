"""All keys, once: the bindings, the footer, the help, the palette and the documentation's table are made of this list."""

from dataclasses import dataclass

from textual.binding import Binding, BindingType


@dataclass(frozen=True, slots=True)
class Key:
    """One thing that keys do."""

    id: str
    """Names it in a user's own keymap."""
    keys: str
    """Comma-separated, as Textual names them."""
    action: str
    words: str
    scope: str
    """Where it holds: app, page (every screen), move (tables and texts), table, text, detail (what was opened from a list),
    match (rows of creators and products), or the name of a screen."""
    footer: str = ""
    """Its word in the footer; empty keeps it out."""

    @property
    def label(self) -> str:
        """The keys as a person reads them."""
        return label(self.keys)


def label(keys: str) -> str:
    """Keys as a person reads them.

    >>> label("j,down")
    'j ↓'
    """
    return " ".join(_LABELS.get(key, key) for key in keys.split(","))


_LABELS = {
    "delete": "del",
    "question_mark": "?",
    "colon": ":",
    "slash": "/",
    "escape": "esc",
    "down": "↓",
    "up": "↑",
    "left": "←",
    "right": "→",
    "pagedown": "pgdn",
    "pageup": "pgup",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
}

KEYS = (
    Key("tab.overview", "1", "app.show('overview')", "Overview: is something wrong, what does it cost, whose is it", "app"),
    Key("tab.explain", "2", "app.show('explain')", "Explain: what happened, where, why, and what to do", "app"),
    Key("tab.funnel", "3", "app.show('funnel')", "Funnel: which channel changed, and what moving traffic would do", "app"),
    Key("tab.creators", "4", "app.show('creators')", "Creators: ratings, and who moved", "app"),
    Key("tab.ecosystem", "5", "app.show('ecosystem')", "Ecosystem: is the marketplace healthy, over four weeks", "app"),
    Key("tab.data", "6", "app.show('data')", "Data: can these numbers be trusted", "app"),
    Key("tab.cases", "7", "app.show('cases')", "Cases: what was promised, and what was achieved", "app"),
    Key("tab.voice", "8", "app.show('voice')", "Voice: what buyers complain about", "app"),
    Key("table.open", "enter", "open", "Open the row: explain it, or show its details", "table", "open"),
    Key("explain.split", "d", "split", "Split by a dimension", "explain", "split"),
    Key("explain.compare", "c", "compare", "Compare with other days", "explain", "compare"),
    Key("explain.case", "p", "case", "Open a case for this finding", "explain", "case"),
    Key("funnel.move", "i", "move_traffic", "What if: move traffic between channels", "funnel", "what if"),
    Key("funnel.groups", "b", "groups", "Compare groups at equal traffic mix", "funnel", "by group"),
    Key("funnel.compare", "c", "compare", "Compare with other days", "funnel", "compare"),
    Key("funnel.where", "d", "where", "Look at a segment", "funnel", "segment"),
    Key("creators.side", "d", "side", "Switch between creators and sellers", "creators", "sellers"),
    Key("match.open", "t", "match", "Match: who should sell what", "match", "match"),
    Key("ecosystem.where", "d", "where", "Look at a segment", "ecosystem", "segment"),
    Key("voice.where", "d", "where", "Look at a segment", "voice", "segment"),
    Key("cases.verify", "V", "verify", "Compare the case with its promise, and judge it", "cases", "verify"),
    Key("cases.agree", "a", "agree", "Set the action, the promised effect and the day of the verdict", "cases", "agree"),
    Key("cases.note", "e", "note", "Add a note", "cases", "note"),
    Key("cases.close", "delete", "close", "Close the case", "cases", "close"),
    Key("page.back", "escape", "back", "Clear the filter, or go back", "page"),
    Key("page.filter", "slash", "filter", "Filter the rows, or search the text", "page", "filter"),
    Key("page.window", "w", "window", "Choose the days", "page", "window"),
    Key("page.metric", "m", "metric", "Choose a metric to explain", "page", "metric"),
    Key("page.numbers", "v", "numbers", "Exact numbers, formula, SQL, and the same as a command", "page", "numbers"),
    Key("page.export", "x", "export", "Export to a file: a report, or the rows of a table", "page", "report"),
    Key("move.down", "j,down", "move(1)", "Next row or line", "move"),
    Key("move.up", "k,up", "move(-1)", "Previous row or line", "move"),
    Key("move.first", "g,home", "first", "First row or line", "move"),
    Key("move.last", "G,end", "last", "Last row or line", "move"),
    Key("move.page_down", "ctrl+d,pagedown", "leaf(1)", "A page down", "move"),
    Key("move.page_up", "ctrl+u,pageup", "leaf(-1)", "A page up", "move"),
    Key("table.left", "h,left", "side(-1)", "Previous column, or fold a branch", "table"),
    Key("table.right", "l,right", "side(1)", "Next column, or unfold a branch", "table"),
    Key("table.sort", "s", "sort", "Sort by this column", "table"),
    Key("table.reverse", "S", "reverse", "Reverse the order", "table"),
    Key("text.next", "n", "match(1)", "Next match", "text"),
    Key("text.previous", "N", "match(-1)", "Previous match", "text"),
    Key("detail.next", "right_square_bracket", "sibling(1)", "Next item of the list you came from", "detail"),
    Key("detail.previous", "left_square_bracket", "sibling(-1)", "Previous item of that list", "detail"),
    Key("move.copy", "y", "copy", "Copy the row or the text", "move"),
    Key("table.copy_all", "Y", "copy_all", "Copy the table as TSV", "table"),
    Key("page.zoom", "z", "zoom", "Zoom this pane", "page"),
    Key("page.reload", "r", "reload", "Read the workspace again", "page"),
    Key("page.next", "tab", "app.focus_next", "Next pane", "page"),
    Key("page.previous", "shift+tab", "app.focus_previous", "Previous pane", "page"),
    Key("app.theme", "T", "app.change_theme", "Choose a theme", "app"),
    Key("app.palette", "ctrl+p,colon", "app.command_palette", "Command palette", "app"),
    Key("page.help", "question_mark", "help", "Help for this screen", "page", "help"),
    Key("app.quit", "q,ctrl+q", "app.quit", "Quit", "app", "quit"),
)  # fmt: skip


_PLACES = {
    "app": "everywhere",
    "page": "every screen",
    "move": "tables, texts",
    "table": "tables",
    "text": "texts",
    "detail": "what was opened from a list",
    "match": "Creators, a creator, matches",
}
TOGETHER = frozenset(_PLACES)
"""Scopes whose keys work with those of every other one; two screens may use one key for two things."""
BY_ID = {key.id: key for key in KEYS}


def bindings(*scopes: str) -> list[BindingType]:
    """The bindings of everything with these scopes, in the order of the list."""
    return [binding(key.id) for key in KEYS if key.scope in scopes]


def binding(name: str) -> Binding:
    """The binding of one thing; in the footer the first of its keys is enough."""
    key = BY_ID[name]
    label = key.label.split(" ")[0]
    return Binding(key.keys, key.action, key.footer or key.words, show=bool(key.footer), id=key.id, key_display=label)


def markdown() -> str:
    """The table of all keys for the documentation."""
    rows = [f"| {key.label.replace('|', chr(92) + '|')} | {key.words} | {_where(key)} |" for key in KEYS]
    return "\n".join(["| Keys | Do | Where |", "| --- | --- | --- |", *rows])


def _where(key: Key) -> str:
    return _PLACES.get(key.scope, key.scope.capitalize())
