"""``report.html``: what it says, what it needs, and that nothing in it runs."""

import copy
import hashlib
import math
import subprocess
import sys

import pytest

from exporter.commands.export_inference_graph import main
from exporter.reporting.page import render
from exporter.reporting.weight_averages import WeightDifference
from tests.checkpoints import write_checkpoint
from tests.goldens import SlimClassifier
from tests.reporting.conftest import LABELS, SCRIPT
from tests.reporting.pages import Page


def with_outputs(manifest, *outputs):
    """The manifest of an export whose single artifact compared so."""
    changed = copy.deepcopy(manifest)
    compared = changed["verification"]["artifacts"] = changed["verification"]["artifacts"][:1]
    template = compared[0]["outputs"][0]
    compared[0]["outputs"] = [{**template, **output} for output in outputs]
    return changed


def test_says_what_was_exported(page, manifest):
    assert page.by_id["status"] == "Verified"
    assert page.by_id["model"] == manifest["configuration"]["model"]
    assert page.by_id["checkpoint"] == manifest["checkpoint"]["name"]
    assert page.by_id["step"] == str(manifest["checkpoint"]["step"])
    assert page.by_id["averaged"] == f"{manifest['coverage']['counts']['averaged']} of 4"
    signature = {tuple(row[:1] + row[3:]) for row in page.rows["signature"]}
    for part in ("inputs", "outputs"):
        assert {(key, spec["name"]) for key, spec in manifest["signature"][part].items()} <= signature
    assert all(version in page.text for version in (manifest["versions"]["tensorflow"], manifest["checkpoint"]["sha256"]))


def test_says_of_every_output_that_it_is_equal_to_the_bit(page, manifest):
    compared = [(output["output"], artifact["format"]) for artifact in manifest["verification"]["artifacts"]
                for output in artifact["outputs"]]
    assert len(compared) == 6, "two outputs of three artifacts"
    assert [tuple(row[:2]) for row in page.rows["differences"][1:]] == compared
    assert {row[2] for row in page.rows["differences"][1:]} == {"equal to the bit"}
    assert "All outputs are equal to the bit." in page.text
    assert page.text.count("✓ equal to the bit") == 6, "in the picture"


def test_a_difference_is_drawn_and_nothing_is_called_equal(manifest):
    changed = with_outputs(manifest, {"output": "boxes", "verdict": "close", "max_abs": 2.5e-7, "mean_abs": 1e-9,
                                      "tolerance": {"rtol": 1e-4, "atol": 0.0}})
    page = Page(render(changed))
    assert "equal to the bit" not in page.text
    assert "off by 2.5e-07" in page.text
    assert page.rows["differences"][1][3:5] == ["2.5e-07", "1e-09"]
    assert page.rows["differences"][1][7] == "rtol 0.0001, atol 0.0"
    assert ("rect", "class", "bar") in page.attributes


def test_the_largest_of_many_differences_are_drawn(manifest):
    changed = with_outputs(manifest, *({"output": f"output_{number}", "verdict": "close", "max_abs": 10.0 ** -number}
                                       for number in range(30)))
    page = Page(render(changed))
    assert "The largest 24 differences are drawn; 6 more are in the table." in page.text
    assert len(page.rows["differences"]) == 31


def test_a_random_output_is_neither_equal_nor_different(manifest):
    page = Page(render(with_outputs(manifest, {"output": "noise", "verdict": "random"})))
    assert "random: type and shape compared" in page.text
    assert "equal to the bit" not in page.text


def test_an_infinite_difference_is_shown(manifest):
    changed = with_outputs(manifest, {"output": "logits", "verdict": "close", "max_abs": "Infinity", "max_rel": "NaN"})
    assert "off by inf" in Page(render(changed)).text


def test_an_export_that_was_not_verified_says_so(manifest):
    changed = copy.deepcopy(manifest)
    changed["verification"].update(status="not verified", artifacts=[], inputs=[], fingerprints={})
    page = Page(render(changed))
    assert page.by_id["status"] == "Not verified"
    assert "the artifacts were not compared with the checkpoint" in page.text
    assert "equal to the bit" not in page.text
    assert "samples" not in page.by_id


def test_the_command_writes_one_without_verification_too(tmp_path):
    prefix = write_checkpoint(SlimClassifier(), tmp_path / "model.ckpt-9")
    assert main(["export_inference_graph", "--model", "tests.goldens:SlimClassifier", "--trained_checkpoint_prefix", prefix,
                 "--output_directory", str(tmp_path / "export"), "--noverify", "--report"]) == 0
    page = Page((tmp_path / "export" / "report.html").read_text())
    assert page.by_id["status"] == "Not verified"
    assert "4 variables, raw values" in page.text
    assert "weights" not in page.by_id, "the checkpoint has no moving averages"


def test_shows_images_with_the_models_own_class_names(page):
    images = [value for tag, name, value in page.attributes if (tag, name) == ("img", "src")]
    assert len(images) == 3
    assert len(set(images)) == 3
    assert sum(page.by_id["samples"].count(label) for label in LABELS) >= 4 * 3, "the three best of each image"


def test_shows_how_far_the_averages_are_from_the_raw_values(page, manifest):
    for name in manifest["coverage"]["averaged"]:
        assert name in page.by_id["weights"]
    assert "The moving averages are exported." in page.text


def test_names_the_variables_that_differ_most_and_counts_the_rest(manifest):
    differences = [WeightDifference("zero", math.inf, 4)]
    differences += [WeightDifference(f"layer_{number:02}", 0.5 / (number + 1), 1000) for number in range(15)]
    page = Page(render(manifest, differences=differences))
    assert "4 more variables, none above 4.17 %." in page.text
    assert "layer_10 1,000 values" in page.text
    assert "layer_11" not in page.text
    assert "zero 4 values not comparable" in page.text


def test_says_nothing_of_averages_where_there_are_none(manifest):
    assert "weights" not in Page(render(manifest)).by_id


def test_shows_the_warnings(manifest, page):
    assert manifest["warnings"] == []
    assert "warnings" not in page.by_id
    assert "Two & three <b>" in Page(render({**manifest, "warnings": ["Two & three <b>"]})).by_id["warnings"]


def test_no_name_becomes_markup(export_with_report, page):
    source = (export_with_report / "report.html").read_text()
    assert "script" not in page.tags
    assert "<script" not in source
    assert SCRIPT in page.by_id["model"], "it is text"
    assert "<script>alert(1).ckpt-5" in page.by_id["checkpoint"]


def test_needs_no_network(page):
    addresses = [value for _, name, value in page.attributes if name in ("src", "href", "xlink:href", "action", "srcset")]
    assert all(address.startswith("data:image/png;base64,") for address in addresses)
    assert not {"link", "script", "iframe", "object", "embed", "base", "form"} & set(page.tags)


def test_the_manifest_lists_it(export_with_report, manifest):
    content = (export_with_report / "report.html").read_bytes()
    assert manifest["report"] == {"path": "report.html", "byte_size": len(content),
                                  "sha256": hashlib.sha256(content).hexdigest()}
    assert "report.html" not in [file["path"] for artifact in manifest["artifacts"] for file in artifact["files"]]


@pytest.mark.parametrize("size", [999, 1_000, 999_999, 123_456_789, 5_000_000_000])
def test_sizes_are_drawn_in_a_unit_that_suits_them(manifest, size):
    changed = copy.deepcopy(manifest)
    changed["artifacts"] = [{**changed["artifacts"][0], "byte_size": size}]
    expected = {999: "999 B", 1_000: "1.0 kB", 999_999: "1.0 MB", 123_456_789: "123.5 MB", 5_000_000_000: "5.0 GB"}
    assert Page(render(changed)).by_id["byte_size"] == expected[size]


def test_templates_are_loaded_only_when_a_report_is_written():
    code = ("import sys, exporter, exporter.commands.export_inference_graph, exporter.reporting.page\n"
            "print([name for name in ('jinja2', 'jsonschema', 'tensorflow') if name in sys.modules])")
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
