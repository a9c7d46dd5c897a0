"""The demo: trains a digit classifier, exports it, and evaluates checkpoint, frozen graph and SavedModel.

    python scripts/demo.py

It runs the commands that a user would run, prints each of them, and fails unless all artifacts have the checkpoint's
accuracy. Everything it writes is under ``demo/`` in the current directory.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import time
from pathlib import Path

PYTHON = Path(sys.executable)
SCRIPTS = Path(os.path.relpath(Path(__file__).resolve().parent))
RUN = "demo/runs/digits"
EXPORT = "demo/exports/digits"
DATA = "demo/data/digits"
REPORT = "demo/evaluation.json"
MODEL = ("--model", "models.slim_cnn:SlimCNN", "--model_args", "{num_classes: 10}")
LEAST_ACCURACY = 0.95


def shown(*command: str) -> str:
    """Returns a command of this demo as it can be typed in the current directory."""
    python = PYTHON.relative_to(Path.cwd()) if PYTHON.is_relative_to(Path.cwd()) else PYTHON
    return shlex.join([str(python), *command])


def run(script: str, *arguments: str) -> None:
    """Prints and runs one of the scripts; ends the demo with its exit code where it fails."""
    command = [str(SCRIPTS / script), *arguments]
    print(f"\n$ {shown(*command)}", flush=True)
    start = time.monotonic()
    exit_code = subprocess.run([sys.executable, *command]).returncode
    if exit_code:
        sys.exit(exit_code)
    print(f"({time.monotonic() - start:.0f} s)", flush=True)


def check(report_file: Path) -> str:
    """Returns the accuracy that all artifacts share.

    Raises:
        SystemExit: the accuracy is too low, or not the same for all artifacts.
    """
    report = json.loads(report_file.read_text(encoding="utf-8"))
    accuracies = {artifact["path"]: artifact["accuracy"] for artifact in report["artifacts"]}
    listed = ", ".join(f"{path} {accuracy:.4f}" for path, accuracy in accuracies.items())
    if len(set(accuracies.values())) > 1:
        sys.exit(f"The artifacts differ in accuracy: {listed}.")
    accuracy = min(accuracies.values())
    if accuracy <= LEAST_ACCURACY:
        sys.exit(f"The accuracy is not above {LEAST_ACCURACY}: {listed}.")
    return f"{accuracy:.4f}"


def main() -> None:
    """Trains, exports, evaluates."""
    if sys.argv[1:]:
        sys.exit(f"{__doc__}\nIt takes no arguments.")
    run("train_digits.py", "--data_directory", DATA, "--train_directory", RUN)
    run("export_inference_graph.py", *MODEL, "--trained_checkpoint_prefix", RUN, "--output_directory", EXPORT,
        "--use_moving_averages", "--overwrite")
    run("evaluate_export.py", RUN, f"{EXPORT}/frozen_inference_graph.pb", f"{EXPORT}/saved_model",
        "--data", f"{DATA}/held_out.tfrecord", *MODEL, "--use_moving_averages", "--json", REPORT)
    print(f"\nThe checkpoint (restored by tf.train.Saver), the frozen graph and the SavedModel all reach "
          f"{check(Path(REPORT))}.")
    print(f"Next: {shown(str(SCRIPTS / 'evaluate_export.py'), EXPORT, '--data', f'{DATA}/held_out.tfrecord')}")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
