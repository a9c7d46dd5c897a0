"""The page of a batch: read as text, and in a browser."""

import html
import json
import re

import pytest

from exporter.batch.report import report_page
from exporter.batch.report.report_page import render, write_report_page
from exporter.batch.report.summary import BatchSummary
from tests.batch.outcomes import ADVICE, PROBLEM, a_job, exported, failed, skipped, up_to_date
from tests.reporting.pages import Page
from tests.reporting.test_in_a_browser import CHROMIUM, Visit

SCRIPT = "<script>document.title = 'it runs'</script>"
IMAGE = "<img src=x onerror=\"document.title = 'it runs'\">"


@pytest.fixture
def folder(tmp_path):
    """Where the page will be, with two exports of which one has a report."""
    for name in ("exports/digits 1000%", "exports/old"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "exports" / "digits 1000%" / "report.html").write_text("<!DOCTYPE html><title>a report</title>")
    return tmp_path


@pytest.fixture
def summary(folder):
    def job(name, **options):
        return a_job(name, output_directory=str(folder / "exports" / name), **options)
    return BatchSummary.of([
        (job("digits 1000%", step=1000), exported(1.2e-7, warnings=(f"weak {SCRIPT}",), size=9)),
        (job("digits-200", step=200), exported(size=1_000_000)), (job("old", step=30), up_to_date()),
        (job(f"gone {SCRIPT}"), failed(f"{PROBLEM} {IMAGE}", output=f"line 1\n{SCRIPT}\nline 3")),
        (a_job("late", output_directory="s3://bucket/late"), skipped()),
        (a_job("javascript:alert(1)", output_directory="javascript:alert(1)", reasons=("the model has changed",)),
         exported())], 312)


@pytest.fixture
def page(summary, folder):
    return Page(render(summary, folder))


def test_every_job_has_a_row(page):
    rows = page.rows["jobs"]
    assert rows[0] == ["Name", "Status", "Checkpoint", "Size", "Seconds", "Largest difference, or error", "Report"]
    assert [row[1] for row in rows[1:]] == ["exported", "exported", "up to date", "failed", "skipped", "exported"]
    assert [" ".join(cell.split()) for cell in rows[2]] == [
        "digits-200", "exported", "runs/digits/model.ckpt-1", "1.0 MB", "0.8", "equal to the bit", ""]
    assert "s3://bucket/late" in rows[5][0]


def test_the_head_tells_how_it_went(page, folder):
    assert page.by_id["outcome"] == "1 job failed"
    assert page.by_id["last_line"] == "3 exported, 1 up to date, 1 failed, 1 skipped in 5 min 12 s"
    assert Page(render(BatchSummary.of([(a_job("a"), exported())], 1), folder)).by_id["outcome"] == "All is well"
    assert Page(render(BatchSummary.of([(a_job("a"), skipped())], 1), folder)).by_id["outcome"] == "1 job skipped"


def test_failures_have_advice_and_the_last_output(page):
    note = page.rows["jobs"][4][5]
    assert PROBLEM in note
    assert ADVICE in note
    assert f"line 1\n{SCRIPT}\nline 3" in note
    assert "the model has changed" in page.rows["jobs"][6][5]


def test_links_are_relative_and_lead_to_what_is_there(page, folder):
    links = [value for tag, name, value in page.attributes if (tag, name) == ("a", "href")]
    assert "exports/digits%201000%25/report.html" in links
    assert "exports/old/" in links
    assert not [link for link in links if re.match(r"[a-z0-9]+:", link)], "none leads out of the file system"
    assert len([link for link in links if link.endswith("report.html")]) == 1
    assert not [link for link in links if "gone" in link], "a job that failed has no export"


def test_exports_beside_the_page_are_linked_from_below(summary, folder):
    links = [value for _, name, value in Page(render(summary, folder / "reports" / "deep")).attributes if name == "href"]
    assert "../../exports/old/" in links


def test_no_text_becomes_markup_and_nothing_is_loaded(page, summary, folder):
    source = render(summary, folder)
    assert page.tags.count("script") == 1, "the page's own"
    assert "img" not in page.tags
    assert not {"link", "iframe", "object", "embed", "base", "form"} & set(page.tags)
    assert "src=" not in source.replace("&lt;img src=", "").split("<script>")[0]


def test_it_is_written_whole(summary, tmp_path):
    write_report_page(summary, tmp_path / "new" / "batch_report.html")
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["batch_report.html"]
    assert (tmp_path / "new" / "batch_report.html").read_text().rstrip().endswith("</html>")


ACT = """
const page = document.documentElement;
const button = (name) => Array.from(document.querySelectorAll("th button")).find((entry) => entry.textContent === name);
const names = () => Array.from(document.querySelectorAll("#jobs tbody tr")).filter((row) => !row.hidden)
  .map((row) => row.cells[0].innerText.trim().split(/\\s/)[0]).join(",");
const seen = {};
const type = (field, value, event) => { field.value = value; field.dispatchEvent(new Event(event)); };
button("Size").click(); seen.by_size = names();
button("Size").click(); seen.by_size_backwards = names();
button("Checkpoint").click(); seen.by_step = names();
button("Name").click(); seen.by_name = names();
type(document.getElementById("search"), "DIGITS-", "input"); seen.searched = names();
seen.shown = document.getElementById("shown").textContent;
type(document.getElementById("search"), "", "input");
type(document.getElementById("status"), "failed", "change"); seen.failed = names();
seen.title = document.title;
page.append(Object.assign(document.createElement("pre"), {id: "seen", textContent: JSON.stringify(seen)}));
"""


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")
class TestInABrowser:
    def visit(self, source, folder):
        (folder / "batch_report.html").write_text(source)
        (folder / "visit").mkdir()
        return Visit(folder / "batch_report.html", folder / "visit")

    def test_it_loads_and_nothing_complains(self, summary, folder):
        visit = self.visit(render(summary, folder), folder)
        assert visit.console == [], "its own script is allowed to run"
        assert 'id="controls" hidden' not in visit.dom, "it has run"
        assert "<title>Batch export, 3 exported" in visit.dom, "and no other"
        assert len(visit.screenshot.getcolors(maxcolors=1 << 24)) > 100

    def test_the_table_can_be_sorted_and_searched(self, summary, folder, monkeypatch):
        script = folder / "with_clicks.js"
        script.write_text(report_page._SCRIPT.read_text() + ACT)
        monkeypatch.setattr(report_page, "_SCRIPT", script)
        visit = self.visit(render(summary, folder), folder)
        assert visit.console == []
        seen = json.loads(html.unescape(re.search(r'<pre id="seen">(.*?)</pre>', visit.dom)[1]))
        assert seen.pop("title").startswith("Batch export")
        assert seen == {
            "by_size": "old,gone,late,digits,digits-200,javascript:alert(1)",
            "by_size_backwards": "javascript:alert(1),digits-200,digits,old,gone,late",
            "by_step": "gone,late,javascript:alert(1),old,digits-200,digits",
            "by_name": "digits,digits-200,gone,javascript:alert(1),late,old",
            "searched": "digits-200", "shown": "1 of 6 jobs", "failed": "gone"}
