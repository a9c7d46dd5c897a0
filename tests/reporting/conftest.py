"""One export with a report. Its names are meant to break a page that does not escape them."""

import json

import pytest

import exporter
from tests.checkpoints import write_checkpoint
from tests.goldens import SlimClassifier
from tests.reporting.pages import Page

SCRIPT = "<script>alert('it runs')</script>"
LABELS = (f"cat {SCRIPT}", "dog & bone", 'owl "hoo"', "fox")
Painter = type(SCRIPT, (SlimClassifier,), {"labels": LABELS})


@pytest.fixture(scope="session")
def export_with_report(tmp_path_factory):
    """The directory of the export."""
    folder = tmp_path_factory.mktemp("report")
    checkpoint = write_checkpoint(Painter(), folder / "<script>alert(1).ckpt-5", moving_averages=True)
    exporter.export_inference_graph("image_tensor", Painter, checkpoint, folder / "export", use_moving_averages=True,
                                    report=True)
    return folder / "export"


@pytest.fixture(scope="session")
def manifest(export_with_report):
    return json.loads((export_with_report / "export_manifest.json").read_text())


@pytest.fixture(scope="session")
def page(export_with_report):
    return Page((export_with_report / "report.html").read_text())
