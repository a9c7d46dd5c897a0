"""``export_batch`` as its users run it."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import pytest
import yaml

from tests.commands.conftest import ROOT

SCRIPT = ROOT / "scripts" / "export_batch.py"
CONFIG = """
version: 1
exports:
  - name: paint-{step}
    model: paint:Brightness
    checkpoint: runs
    output_directory: exports/{name}
    matrix: {input_type: [image_tensor, tf_example]}
"""


@pytest.fixture
def folder(workplace, tmp_path):
    """The user's folder with a configuration, and nothing exported yet."""
    for name in ("paint.py", "runs"):
        (tmp_path / name).symlink_to(workplace / name)
    (tmp_path / "batch.yaml").write_text(CONFIG)
    return tmp_path


def environment(**changes):
    return {**os.environ, "PYTHONPATH": str(ROOT), **changes}


def run(folder, *arguments, **changes):
    return subprocess.run([sys.executable, str(SCRIPT), *arguments], cwd=folder, env=environment(**changes),
                          capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)


def report(folder):
    return json.loads((folder / "exports" / "batch_report.json").read_text())


def test_a_batch_and_its_second_run(folder):
    first = run(folder, "batch.yaml", "--jobs", "2")
    assert first.returncode == 0, first.stderr
    names = {"paint-7-image_tensor", "paint-7-tf_example"}
    assert {job["name"] for job in report(folder)["jobs"]} == names
    assert {path.name for path in (folder / "exports").iterdir()} == {*names, "batch_report.json"}
    assert "2 exported in" in first.stdout
    assert "equal to the bit" in first.stdout
    assert sum(line.startswith("[") for line in first.stderr.splitlines()) == 2

    second = run(folder, "batch.yaml")
    assert (second.returncode, second.stderr) == (0, "")
    assert "2 up to date" in second.stdout

    (folder / "exports" / "paint-7-tf_example" / "frozen_inference_graph.pb").unlink()
    third = run(folder, "batch.yaml", "--set", "exports.0.use_moving_averages=true", "--only", "*-image_tensor")
    assert third.returncode == 0, third.stderr
    assert report(folder)["jobs"][0]["reasons"] == ["use_moving_averages was false, now it is true"]
    planned = json.loads(run(folder, "batch.yaml", "--dry_run", "--json").stdout)
    assert {job["name"]: job["reasons"] for job in planned["jobs"]} == {
        "paint-7-image_tensor": ["use_moving_averages was true, now it is false"],
        "paint-7-tf_example": ["the file frozen_inference_graph.pb is missing"]}


def test_a_dry_run_writes_nothing_and_needs_no_tensorflow(folder, no_tensorflow):
    completed = run(folder, "batch.yaml", "--dry_run", PYTHONPATH=f"{no_tensorflow}:{ROOT}")
    assert completed.returncode == 0, completed.stderr
    assert "paint-7-image_tensor" in completed.stdout
    assert "2 to run; at most " in completed.stdout
    assert not (folder / "exports").exists()


def test_everything_that_is_wrong_with_a_configuration_at_once(folder, no_tensorflow):
    (folder / "batch.yaml").write_text(CONFIG.replace("checkpoint: runs", "checkpoint: runs\n    use_moving_averges: yes")
                                       .replace("tf_example", "tf_exampel"))
    completed = run(folder, "batch.yaml", PYTHONPATH=f"{no_tensorflow}:{ROOT}")
    assert completed.returncode == 2
    assert "batch.yaml:7:5: exports[0].use_moving_averges" in completed.stderr
    assert "Did you mean use_moving_averages?" in completed.stderr
    assert "Did you mean tf_example?" in completed.stderr
    assert not (folder / "exports").exists()


@pytest.mark.parametrize(("arguments", "message"), [
    ([], "No configuration is named"), (["nowhere.yaml"], "nowhere.yaml"), (["batch.yaml", "--jobs", "0"], "--jobs 0"),
    (["batch.yaml", "--timeout", "-1"], "--timeout -1"), (["batch.yaml", "--ray_address", "auto"], "--executor ray"),
    (["batch.yaml", "--only", "x*"], "matches no job"), (["batch.yaml", "--set", "x"], "--set"),
    (["batch.yaml", "--exector", "ray"], "exector"),
    (["batch.yaml", "--print_schema"], "--print_schema")])
def test_flags_that_can_not_be_used(folder, arguments, message, no_tensorflow):
    completed = run(folder, *arguments, PYTHONPATH=f"{no_tensorflow}:{ROOT}")
    assert completed.returncode == 2
    assert message in completed.stderr
    assert "Traceback" not in completed.stderr


def test_the_printed_schema_knows_the_configuration(folder, no_tensorflow):
    schema = json.loads(run(folder, "--print_schema", PYTHONPATH=f"{no_tensorflow}:{ROOT}").stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(yaml.safe_load(CONFIG), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(yaml.safe_load(CONFIG.replace("matrix", "matrices")), schema)


def test_quiet_prints_nothing_but_errors(folder):
    assert run(folder, "batch.yaml", "--quiet", "--set", "defaults.verify=false").stdout == ""
    completed = run(folder, "batch.yaml", "--quiet", "--set", "exports.0.checkpoint=nowhere")
    assert completed.stdout == ""
    assert completed.stderr.startswith("export_batch.py: 2 of 2 exports failed.")
    assert completed.returncode == 1


def test_json_is_the_content_of_the_report(folder):
    completed = run(folder, "batch.yaml", "--json", "--set", "defaults.verify=false")
    assert json.loads(completed.stdout) == report(folder)


def test_reports_of_all_exports_and_a_page_that_links_them(folder):
    completed = run(folder, "batch.yaml", "--report", "--report_directory", "reports", "--only", "*tensor")
    assert completed.returncode == 0, completed.stderr
    assert (folder / "exports/paint-7-image_tensor/report.html").is_file()
    page = (folder / "reports" / "batch_report.html").read_text()
    assert 'href="../exports/paint-7-image_tensor/report.html"' in page


def test_a_place_where_no_report_can_be_written(folder):
    (folder / "file").write_text("")
    completed = run(folder, "batch.yaml", "--report_directory", "file", "--set", "defaults.verify=false")
    assert completed.returncode == 6
    assert "--report_directory" in completed.stderr


def slow_paint(folder):
    """A second model beside the first, which waits for a file before it goes on."""
    (folder / "slow.py").write_text(
        "import os, time, paint\nclass Slow(paint.Brightness):\n    def predict(self, preprocessed):\n"
        "        open('started', 'w').close()\n        while not os.path.exists('go'):\n            time.sleep(0.01)\n"
        "        return super().predict(preprocessed)\n")
    (folder / "batch.yaml").write_text(CONFIG + "  - {name: slow, model: slow:Slow, checkpoint: runs, "
                                                "output_directory: 'exports/{name}'}\n")


def started(folder, *arguments):
    """Starts the command, and returns when the slow job runs and the others have ended."""
    process = subprocess.Popen([sys.executable, str(SCRIPT), "batch.yaml", "--jobs", "2", *arguments], cwd=folder,
                               env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 120
    done = [folder / "exports" / f"paint-7-{kind}" for kind in ("image_tensor", "tf_example")]
    while not ((folder / "started").exists() and all(path.exists() for path in done)):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    time.sleep(0.2)  # the command learns of the last job's end
    return process


def processes_in(folder):
    """The processes whose current directory is the folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                found += [entry.name] if os.readlink(entry / "cwd") == str(folder.resolve()) else []
            except OSError:
                continue
    return found


def wait_until_gone(folder):
    deadline = time.monotonic() + 20
    while processes_in(folder):
        assert time.monotonic() < deadline, processes_in(folder)
        time.sleep(0.05)


def test_ctrl_c_leaves_a_true_report_and_the_next_run_finishes(folder):
    slow_paint(folder)
    process = started(folder)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "interrupted" in errors
    statuses = {job["name"]: job["status"] for job in report(folder)["jobs"]}
    assert statuses == {"paint-7-image_tensor": "exported", "paint-7-tf_example": "exported", "slow": "skipped"}
    wait_until_gone(folder)
    assert [path.name for path in (folder / "exports").iterdir() if path.name.startswith(".")] == []
    (folder / "go").write_text("")
    again = run(folder, "batch.yaml")
    assert again.returncode == 0, again.stderr
    assert {job["name"]: job["status"] for job in report(folder)["jobs"]} == {
        "paint-7-image_tensor": "up to date", "paint-7-tf_example": "up to date", "slow": "exported"}


def test_a_killed_batch_leaves_no_process_and_the_next_run_finishes(folder):
    slow_paint(folder)
    process = started(folder)
    process.kill()
    process.communicate(timeout=30)
    wait_until_gone(folder)
    (folder / "go").write_text("")
    again = run(folder, "batch.yaml")
    assert again.returncode == 0, again.stderr
    assert {job["name"]: job["status"] for job in report(folder)["jobs"]} == {
        "paint-7-image_tensor": "up to date", "paint-7-tf_example": "up to date", "slow": "exported"}
    assert [path.name for path in (folder / "exports").iterdir() if path.name.startswith(".")] == []


def test_a_batch_whose_reader_is_gone_ends_with_its_own_exit_code(folder):
    (folder / "batch.yaml").write_text(CONFIG.replace("paint:Brightness", "paint:raises"))
    process = subprocess.Popen([sys.executable, str(SCRIPT), "batch.yaml"], cwd=folder, env=environment(),
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()
    process.stderr.close()
    assert process.wait(timeout=60) == 1
    assert [job["status"] for job in report(folder)["jobs"]] == ["failed", "failed"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
def test_a_full_standard_output_does_not_cost_the_report(folder):
    with open("/dev/full", "w") as full:
        completed = subprocess.run([sys.executable, str(SCRIPT), "batch.yaml", "--set", "defaults.verify=false"], cwd=folder,
                                   env=environment(), stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert completed.returncode == 6
    assert completed.stderr.endswith("Standard output can't be written: No space left on device.\nDirect it elsewhere.\n")
    assert [job["status"] for job in report(folder)["jobs"]] == ["exported", "exported"]


def test_names_that_the_terminal_can_not_show(folder):
    (folder / "batch.yaml").write_text(CONFIG.replace("paint-{step}", "größe"))
    completed = run(folder, "batch.yaml", "--set", "defaults.verify=false", PYTHONIOENCODING="ascii")
    assert completed.returncode == 0, completed.stderr
    assert "gr\\xf6\\xdfe-image_tensor" in completed.stdout


def test_closed_streams(folder):
    completed = subprocess.run(f"{sys.executable} {SCRIPT} batch.yaml --dry_run >&- 2>&- <&-", shell=True, cwd=folder,
                               env=environment(), check=False)
    assert completed.returncode == 0


def test_two_batches_at_a_time_export_once(folder):
    processes = [subprocess.Popen([sys.executable, str(SCRIPT), "batch.yaml", "--jobs", "1", "--report_directory", name],
                                  cwd=folder, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
                 for name in ("first", "second")]
    for process in processes:
        _, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
    statuses = [[job["status"] for job in json.loads((folder / name / "batch_report.json").read_text())["jobs"]]
                for name in ("first", "second")]
    assert [sorted(pair) for pair in zip(*statuses, strict=True)] == [["exported", "up to date"]] * 2


def test_fail_fast_starts_no_further_job(folder):
    (folder / "batch.yaml").write_text(CONFIG.replace("paint:Brightness", "paint:raises"))
    completed = run(folder, "batch.yaml", "--fail_fast", "--jobs", "1")
    assert completed.returncode == 1
    assert "1 of 2 exports failed, 1 were skipped." in completed.stderr
    assert [job["status"] for job in report(folder)["jobs"]] == ["failed", "skipped"]
    assert "out of paint" in report(folder)["jobs"][0]["problem"]
