"""The demo: its verdict, and (slow) the whole of it."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "demo.py"


@pytest.fixture(scope="module")
def demo():
    specification = importlib.util.spec_from_file_location("demo", SCRIPT)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def write_report(path, *accuracies):
    path.write_text(json.dumps({"artifacts": [{"path": f"artifact {number}", "accuracy": accuracy}
                                              for number, accuracy in enumerate(accuracies)]}))
    return path


def test_equal_and_high_accuracy_passes(demo, tmp_path):
    assert demo.check(write_report(tmp_path / "report.json", 0.99, 0.99, 0.99)) == "0.9900"


@pytest.mark.parametrize(("accuracies", "message"), [
    ((0.99, 0.9895, 0.99), "differ in accuracy: artifact 0 0.9900, artifact 1 0.9895"),
    ((0.95, 0.95, 0.95), "not above 0.95"),
])
def test_different_or_low_accuracy_fails(demo, tmp_path, accuracies, message):
    with pytest.raises(SystemExit, match=message):
        demo.check(write_report(tmp_path / "report.json", *accuracies))


def test_a_failing_command_ends_the_demo_with_its_exit_code(demo):
    with pytest.raises(SystemExit) as raised:
        demo.run("export_inference_graph.py", "--no_such_flag")
    assert raised.value.code == 2


@pytest.mark.slow
def test_the_whole_demo(tmp_path):
    completed = subprocess.run([sys.executable, str(SCRIPT)], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert completed.returncode == 0, completed.stdout + completed.stderr
    assert "All 3 artifacts agree on every image." in completed.stdout
    assert "evaluate_export.py demo/exports/digits --data demo/data/digits/held_out.tfrecord" in completed.stdout
