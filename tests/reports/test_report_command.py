"""Hand-offs: the same figures in every format, safe to open, the same bytes for the same input."""

import json
import re
from dataclasses import replace
from datetime import date, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from core.base.days import Window
from core.reports.documents.finding_report import finding_report
from core.reports.documents.report_inputs import Inputs
from core.views.metric_detail import metric_detail
from core.workspace.read.workspace import Workspace
from tui.cli import app

HOSTILE = "<script>alert(1)</script>|\x1b[31m"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seventy days of six shops; one of them, whose name is an attack, sells nothing in the last week."""
    from core.workspace.write.load import load

    folder = tmp_path_factory.mktemp("report")
    lines = ["date,shop,sales"]
    for day in range(70):
        at, wave = date(2026, 1, 5) + timedelta(day), 1 + 0.1 * (day % 7 in {5, 6})
        lines += [f"{at},plain,{round(900 * wave + day % 5)}"]
        lines += [f"{at},control{number},{round(300 * wave + (day * number) % 7)}" for number in range(1, 5)]
        lines += [f'{at},"{HOSTILE}",{round((200 if day >= 63 else 800) * wave + day % 3)}']
    (folder / "daily.csv").write_text("\n".join(lines) + "\n")
    load(folder / "w.db", [folder / "daily.csv"], as_kind="daily", dimensions=["shop"])
    return folder / "w.db"


def _report(db: Path, path: Path, *subjects: str) -> Result:
    return CliRunner().invoke(app, ["report", *subjects, "--db", str(db), "-o", str(path)])


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in {"src", "href", "srcset", "action"}]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_every_format_says_the_same(shop: Path, tmp_path: Path) -> None:
    for ending in ("html", "md", "json"):
        assert _report(shop, tmp_path / f"r.{ending}", "sales").exit_code == 0
    document = json.loads((tmp_path / "r.json").read_text())
    assert document["schema"] == "whydrop.report/1"
    (part,) = document["documents"]
    page = _Tags()
    page.feed((tmp_path / "r.html").read_text())
    text = (tmp_path / "r.md").read_text()
    assert part["title"] in page.text
    assert part["title"] in text.replace("\\", "")
    for line in part["summary"]:
        plain = re.sub(r"\x1b\[[0-9;]*m", "", line)
        assert plain in page.text
    assert part["data"]["metric"] == "sales"
    assert "whydrop explain sales" in page.text
    assert "daily.csv" in page.text


def test_the_page_is_one_file_without_scripts_and_names_do_not_act(shop: Path, tmp_path: Path) -> None:
    _report(shop, tmp_path / "r.html", "sales")
    source = (tmp_path / "r.html").read_text()
    page = _Tags()
    page.feed(source)
    assert "script" not in page.tags
    assert page.links == []
    assert "\x1b" not in source
    assert "alert(1)" in page.text
    assert {"svg", "polyline", "table", "details"} <= set(page.tags)
    assert len(source) < 150_000
    assert "prefers-color-scheme:dark" in source
    assert "@media print" in source


def test_same_input_same_bytes_and_nothing_is_overwritten(shop: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "a.html", tmp_path / "b.html"
    _report(shop, first, "sales")
    _report(shop, second, "sales")
    assert first.read_bytes() == second.read_bytes()
    again = _report(shop, first, "sales")
    assert (again.exit_code, again.stderr.count("\n")) == (1, 1)
    for name, fault in (("r.pdf", "no report format .pdf"), ("r", "the report needs a format")):
        refused = _report(shop, tmp_path / name, "sales")
        assert (refused.exit_code, fault in refused.stderr.replace("'", "")) == (2, True)
    assert _report(shop, tmp_path / "x.html", "creator").exit_code == 2
    assert not (tmp_path / "x.html").exists()


def test_a_case_has_a_report_before_and_after_its_verdict(shop: Path, tmp_path: Path) -> None:
    run = CliRunner().invoke
    agreed = ["--where", "shop=plain", "--since", "2026-02-16", "--expect", "+1%..+5%", "--judge-on", "2026-03-01"]
    assert run(app, ["case", "open", "sales", *agreed, "--action", "New page", "--db", str(shop)]).exit_code == 0
    assert _report(shop, tmp_path / "before.html", "case-1").exit_code == 0
    assert run(app, ["case", "verify", "case-1", "--db", str(shop)]).exit_code == 0
    assert _report(shop, tmp_path / "after.html", "case-1").exit_code == 0
    before, after = ((tmp_path / name).read_text() for name in ("before.html", "after.html"))
    assert "no verdict yet" in before
    assert "New page" in before
    assert "Verdict of" in after
    assert "<svg" in after
    assert "whydrop case show case-1" in after


def test_a_report_names_its_inputs_by_one_hash(shop: Path, tmp_path: Path) -> None:
    _report(shop, tmp_path / "r.md", "sales")
    text = (tmp_path / "r.md").read_text()
    assert re.search(r"Hash of all inputs: [0-9a-f]{16}", text)
    assert "daily.csv" in text


def test_several_reports_stand_in_one_page_with_contents(shop: Path, tmp_path: Path) -> None:
    assert _report(shop, tmp_path / "all.html", "sales", "sales").exit_code == 0
    page = _Tags()
    page.feed((tmp_path / "all.html").read_text())
    assert page.tags.count("article") == 2
    assert page.links == ["#r1", "#r2"]


def test_the_chart_expects_a_seventh_of_a_week_also_when_all_came_on_one_day(shop: Path) -> None:
    with Workspace.open(shop) as workspace:
        detail = metric_detail(workspace, "sales", window=Window(workspace.span.last - 6, workspace.span.last))
    week = detail.explanation
    late = replace(detail, values=(*(0.0,) * (len(detail.days) - 1), week.actual))
    chart = finding_report(late, Inputs(loads=(), command="")).sections[0].chart
    assert chart is not None
    assert (chart.expected, chart.low, chart.high) == pytest.approx([n / 7 for n in (week.expected, *week.interval)])
