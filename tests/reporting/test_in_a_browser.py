"""The report in headless Chromium: it loads, nothing complains, something is to be seen, and its numbers are right."""

import shutil
import subprocess

import pytest
from PIL import Image, ImageStat

from tests.reporting.pages import Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")


class Visit:
    """A page as Chromium shows it: its DOM, what it wrote to the console, and a screenshot."""

    def __init__(self, page, folder, *flags):
        screenshot = folder / "screenshot.png"
        completed = subprocess.run(
            [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync", f"--user-data-dir={folder / 'profile'}", "--hide-scrollbars",
             "--window-size=1100,2600", *flags, f"--screenshot={screenshot}", "--dump-dom", "--enable-logging=stderr",
             "--v=0", page.as_uri()], capture_output=True, text=True, check=True, timeout=120)
        self.dom = completed.stdout
        self.console = [line for line in completed.stderr.splitlines() if "CONSOLE" in line]
        self.screenshot = Image.open(screenshot).convert("RGB")

    @property
    def brightness(self):
        return ImageStat.Stat(self.screenshot.convert("L")).mean[0]

    @property
    def variance(self):
        return min(ImageStat.Stat(self.screenshot.crop(box)).var[0] for box in self._thirds())

    def _thirds(self):
        width, height = self.screenshot.size
        return [(0, height * third // 3, width, height * (third + 1) // 3) for third in range(3)]


@pytest.fixture(scope="module")
def visit(export_with_report, tmp_path_factory):
    return Visit(export_with_report / "report.html", tmp_path_factory.mktemp("light"))


def test_loads_and_nothing_complains(visit):
    assert visit.dom.rstrip().endswith("</html>")
    assert visit.console == []


def test_the_screenshot_is_not_blank(visit):
    assert visit.variance > 50
    assert len(visit.screenshot.getcolors(maxcolors=1 << 24)) > 100


def test_its_numbers_are_the_manifests(visit, manifest):
    page = Page(visit.dom)
    files = [file for artifact in manifest["artifacts"] for file in artifact["files"]]
    assert page.rows["files"][1:] == [[file["path"], f"{file['byte_size']:,}", file["sha256"]] for file in files]
    compared = [(artifact["format"], output) for artifact in manifest["verification"]["artifacts"]
                for output in artifact["outputs"]]
    assert [row[:2] + row[3:6] for row in page.rows["differences"][1:]] == [
        [output["output"], name, str(output["max_abs"]), str(output["mean_abs"]), str(output["max_rel"])]
        for name, output in compared]
    assert page.by_id["step"] == str(manifest["checkpoint"]["step"])
    counts = manifest["coverage"]["counts"]
    assert page.by_id["averaged"] == f"{counts['averaged']} of {counts['required']}"


def test_is_dark_where_the_reader_prefers_that(visit, export_with_report, tmp_path):
    dark = Visit(export_with_report / "report.html", tmp_path, "--blink-settings=preferredColorScheme=0")
    assert visit.brightness > 180
    assert dark.brightness < 90


def test_a_page_with_an_error_and_nothing_on_it_is_noticed(tmp_path):
    """What the tests above look for can be seen."""
    (tmp_path / "broken.html").write_text("<!DOCTYPE html><script>throw new Error('broken')</script>")
    visit = Visit(tmp_path / "broken.html", tmp_path)
    assert "broken" in visit.console[0]
    assert visit.variance < 1
