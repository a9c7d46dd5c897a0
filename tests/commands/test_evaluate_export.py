"""The command ``evaluate_export``: as a process where exit code and stderr matter, else called with its arguments."""

import io
import itertools
import json
import time

import numpy as np
import pytest
from rich.console import Console

from exporter.commands.evaluate_export import main
from exporter.commands.evaluation_report import Report
from exporter.evaluation.class_mapping import ClassMapping
from exporter.evaluation.classification import Evaluation
from tests.evaluation import colours

MODEL = ["--model", "tests.evaluation.colours:ColourModel"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Training checkpoints and exports, with averages and without, and labelled images."""
    folder = tmp_path_factory.mktemp("user's folder")
    checkpoint = colours.write_training_checkpoint(folder / "run" / "model.ckpt")
    colours.export(checkpoint, folder / "averaged")
    colours.export(checkpoint, folder / "raw", use_moving_averages=False)
    colours.write_folders(folder / "images")
    colours.write_tfrecord(folder / "test.tfrecord")
    return folder


@pytest.fixture
def evaluate(folder, capsys, monkeypatch):
    """Runs the command in this process; returns exit code, stdout and stderr."""
    def run_command(*arguments):
        monkeypatch.chdir(folder)
        code = main(["evaluate_export", *map(str, arguments)])
        return code, *capsys.readouterr()
    return run_command


def table(text, title):
    """The rows of a printed table, split into cells."""
    lines = iter(text[text.rindex(title):].splitlines())
    next(line for line in lines if line.startswith(" ──"))
    return [line.split() for line in itertools.takewhile(str.strip, lines)]


def test_an_export_is_evaluated_and_stderr_stays_empty(run, folder):
    completed = run("evaluate_export", "averaged", "--data", "test.tfrecord", cwd=folder)
    assert completed.returncode == 0, completed.stderr
    assert completed.stderr == ""
    assert [row[:1] + row[3:4] for row in table(completed.stdout, "artifact")] == [
        ["averaged/model.ckpt", "1.0000"], ["averaged/frozen_inference_graph.pb", "1.0000"],
        ["averaged/saved_model", "1.0000"]]
    assert "All 3 artifacts agree on every image." in completed.stdout


def test_a_training_checkpoint_is_the_reference_for_its_export(evaluate):
    code, stdout, _ = evaluate("averaged/frozen_inference_graph.pb", "run", "--data", "images", *MODEL,
                               "--use_moving_averages")
    assert code == 0
    frozen, checkpoint = table(stdout, "artifact")
    assert frozen[0] == "averaged/frozen_inference_graph.pb"
    assert checkpoint[0] == "run/model.ckpt-7"
    assert (frozen[-1], checkpoint[-1]) == ("0", "reference")
    assert "folder names by the model" in stdout


def test_an_export_without_its_averages_is_told_apart(evaluate):
    """The silent loss that this command is there to show."""
    code, stdout, _ = evaluate("run", "raw/saved_model", "--data", "test.tfrecord", *MODEL, "--use_moving_averages")
    assert code == 0
    averaged, raw = table(stdout, "artifact")
    assert (averaged[3], raw[3]) == ("1.0000", "0.0000")
    assert float(raw[-1]) > 0.5
    assert table(stdout, "disagree: 7")[1] == ["test.tfrecord:1", "green", "green", "blue"]


def test_confusion_and_worst_mistakes_name_classes_and_files(evaluate):
    code, stdout, _ = evaluate("raw/frozen_inference_graph.pb", "--data", "images", "--labels", "red,green,blue",
                               "--mistakes", "2")
    assert code == 0
    assert table(stdout, "Confusion") == [["red", ".", "3", "."], ["green", ".", ".", "3"], ["blue", "3", ".", "."]]
    mistakes = table(stdout, "Worst mistakes")
    assert len(mistakes) == 2
    image, label, predicted, confidence = mistakes[0]
    assert (label, predicted) in {("red", "green"), ("green", "blue"), ("blue", "red")}
    assert image.startswith(f"images/{label}/")
    assert 0.9 < float(confidence) <= 1.0


def test_sorted_folders_are_a_guess_and_the_report_says_so(evaluate):
    _, stdout, _ = evaluate("averaged/saved_model", "--data", "images")
    assert "folders in sorted order: blue = 0, green = 1, red = 2" in stdout
    assert table(stdout, "artifact")[0][3] == "0.3333"


def test_fewer_folders_than_classes_give_a_warning(evaluate, tmp_path):
    colours.write_folders(tmp_path / "two", names=("red", "green"))
    _, stdout, _ = evaluate("averaged/saved_model", "--data", tmp_path / "two")
    assert "2 class folders and 3 classes in the model" in stdout


def test_json_holds_the_whole_report(evaluate, tmp_path):
    code, _, _ = evaluate("run", "raw/saved_model", "--data", "test.tfrecord", "--limit", "2", *MODEL,
                          "--use_moving_averages", "--json", tmp_path / "report.json")
    assert code == 0
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["images"] == 2
    assert report["reference"] == "run/model.ckpt-7"
    assert [artifact["accuracy"] for artifact in report["artifacts"]] == [1.0, 0.0]
    assert report["artifacts"][0]["largest_difference"] == 0.0
    assert report["artifacts"][1]["confusion"] == [{"label": 0, "predicted": 1, "images": 1},
                                                   {"label": 1, "predicted": 2, "images": 1}]
    assert report["disagreements"][0] == {"image": "test.tfrecord:0", "label": 0,
                                          "predicted": {"run/model.ckpt-7": 0, "raw/saved_model": 1}}


def test_many_classes_are_shown_as_the_pairs_confused_most():
    labels = np.arange(30)
    predicted = np.where(labels < 28, labels, 3)
    evaluation = Evaluation("a", 1, [f"{label}.png" for label in labels], labels, predicted, None, None, {}, 1.0)
    console = Console(file=io.StringIO(), width=100)
    Report([evaluation], evaluation, ClassMapping({3: "cat"}, "as stored")).print(console, 10)
    assert table(console.file.getvalue(), "Most confused") == [["28", "cat", "1"], ["29", "cat", "1"]]


def test_json_has_no_numbers_that_json_does_not_know():
    evaluations = [Evaluation("a", 1, ["0.png"], np.array([0]), np.array([1]), np.array([np.nan]), 2,
                              {"scores": np.array([score, 1.0])}, 1.0) for score in (0.5, np.inf)]
    report = Report(evaluations, evaluations[0], ClassMapping({}, "as stored")).as_json()
    assert json.dumps(report, allow_nan=False)
    assert [artifact["largest_difference"] for artifact in report["artifacts"]] == [0.0, "inf"]
    assert report["artifacts"][0]["mistakes"][0]["confidence"] == "nan"


@pytest.mark.parametrize("arguments", [["--help"], ["-h"]])
def test_help_answers_at_once_without_tensorflow(run, no_tensorflow, arguments):
    start = time.monotonic()
    completed = run("evaluate_export", *arguments, python_path=no_tensorflow)
    assert time.monotonic() - start < 2, "about 0.3 s; more only on a busy machine"
    assert completed.returncode == 0, completed.stderr
    assert "--use_moving_averages" in completed.stdout


@pytest.mark.parametrize(("arguments", "message"), [
    ([], "No artifact is given"),
    (["averaged"], "--data is missing"),
    (["averaged", "--data", "nowhere"], "--data nowhere: there is no such file"),
    (["nowhere", "--data", "images"], "There is no artifact nowhere"),
    (["averaged", "--data", "run"], "--data run has no class folders"),
    (["averaged", "--data", "images", "--labels", "red,green"], "'blue' is none of the 2 labels"),
    (["averaged", "--data", "images", "--use_moving_averages"], "--use_moving_averages is for training checkpoints"),
    (["run", "--data", "images", "--model", "m:M", "--model_args", "{"], "--model_args can't be read"),
    (["averaged", "--data", "images", "--batch_size", "0"], "batch_size"),
    (["averaged", "--data", "images", "--bach_size", "8"], "bach_size"),
])
def test_bad_arguments_are_one_message_and_need_no_tensorflow(run, folder, no_tensorflow, arguments, message):
    completed = run("evaluate_export", *arguments, cwd=folder, python_path=no_tensorflow)
    assert completed.returncode == 2
    assert completed.stderr.startswith("evaluate_export.py: ")
    assert message in completed.stderr
    assert "Traceback" not in completed.stderr
    assert completed.stdout == ""


@pytest.mark.parametrize(("arguments", "code", "message"), [
    (["run", "--data", "images"], 4, "run/model.ckpt-7 is a training checkpoint"),
    (["run", "--data", "images", "--model", "tests.evaluation.colours:Nothing"], 3, "has no 'Nothing'"),
    (["averaged", "--data", "images", "--output_name", "boxes"], 5, "has no output 'boxes'"),
    (["averaged", "--data", "images", "--json", "nowhere/report.json"], 6, "--json nowhere/report.json"),
])
def test_errors_have_the_exit_code_of_their_kind(evaluate, arguments, code, message):
    found, stdout, stderr = evaluate(*arguments)
    assert found == code
    assert message in stderr
    assert "Traceback" not in stderr
    assert stdout == ""


def test_an_unreadable_image_is_named_and_debug_shows_the_traceback(run, folder, tmp_path):
    colours.write_folders(tmp_path / "images")
    (tmp_path / "images" / "red" / "0.png").write_bytes(b"not an image")
    arguments = ["evaluate_export", folder / "averaged" / "saved_model", "--data", "images"]
    completed = run(*arguments, cwd=tmp_path)
    assert completed.returncode == 2
    assert completed.stderr.startswith("evaluate_export.py: images/red/0.png is no readable image: ")
    assert "Traceback" not in completed.stderr
    assert "Traceback" in run(*arguments, "--debug", cwd=tmp_path).stderr
