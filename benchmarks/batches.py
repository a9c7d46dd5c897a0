"""Batches against single commands, and how planning and memory grow with the number of jobs.

    python -m benchmarks.batches [--exports 40] [--jobs 2] [--output benchmarks/results]

Yardsticks, in the same run: ``export_inference_graph`` once for each export; a batch of one export; ``import yaml``.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path

from benchmarks.checkpoints import CASES, PLAIN
from benchmarks.processes import Usage, measure
from benchmarks.weights import machine

ROOT = Path(__file__).resolve().parents[1]
PLANNED, KEPT, FEW = 10_000, 1_000, 50
DEFAULTS = "version: 1\ndefaults: {model: 'models.slim_cnn:SlimCNN', model_args: {num_classes: 10}}\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--exports", type=int, default=40, help="how many exports are compared with single commands")
    parser.add_argument("--jobs", type=int, default=2, help="how many jobs of a batch run at a time")
    parser.add_argument("--output", type=Path, default=ROOT / "benchmarks" / "results", help="folder for the table")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=ROOT, prefix=".bench-") as folder:
        lines = [*compared_with_single_commands(Path(folder), options.exports, options.jobs),
                 *planning(Path(folder)), *many(Path(folder), options.jobs)]
    text = "\n".join([*lines, "", machine(), ""])
    print(text)
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "batches.md").write_text(text, encoding="utf-8")


def compared_with_single_commands(folder: Path, count: int, jobs: int) -> list[str]:
    """A batch of the tiny CNN against as many single commands; then what each export after the first adds to a batch."""
    subprocess.run([sys.executable, "-m", "benchmarks.checkpoints", "tiny CNN", str(folder / "tiny")], check=True, cwd=ROOT)
    prefix = folder / "tiny" / PLAIN / "model.ckpt"
    batch = _config(folder / "batch.yaml", [f"{{name: cnn-{number}, checkpoint: '{prefix}', "
                                            f"output_directory: '{folder}/batch/{{name}}'}}" for number in range(count)])
    lines = ["| tiny CNN | single commands | one batch | ratio | each after the first |", "|---|---|---|---|---|"]
    kinds = (("verified", [], []), ("not verified", ["--noverify"], ["--set", "defaults.verify=false"]))
    for label, flag, override in kinds:
        one = measure(_batch(batch, "--only", "cnn-0", "--force", "--jobs", str(jobs), *override))
        several = measure(_batch(batch, "--force", "--jobs", str(jobs), *override))
        singles = [measure(_single(prefix, folder / "single" / label / str(number), *flag)) for number in range(count)]
        wall = sum(usage.wall for usage in singles)
        lines.append(f"| {count} exports, {label} | {wall:.1f} s | {several.wall:.1f} s | **{several.wall / wall:.3f}** "
                     f"| {(several.wall - one.wall) / (count - 1):.3f} s |")
    return [*lines, ""]


def planning(folder: Path) -> list[str]:
    """``--dry_run`` of ten thousand jobs, from one export with many steps and a matrix, and written one by one."""
    runs = folder / "runs"
    for run in range(100):
        (runs / f"fold{run:03d}").mkdir(parents=True)
        for step in range(50):
            for suffix in ("index", "data-00000-of-00001"):
                (runs / f"fold{run:03d}" / f"model.ckpt-{step}.{suffix}").write_bytes(b"x")
    matrix = _config(folder / "matrix.yaml", [
        f"{{name: 'n-{{step}}-{{input_type}}-{run}', checkpoint: {runs}/fold{run:03d}, steps: all, "
        f"output_directory: 'out/{{name}}', matrix: {{input_type: [image_tensor, tf_example]}}}}" for run in range(100)])
    written = _config(folder / "written.yaml", [
        f"{{name: n-{number}, checkpoint: {runs}/fold{number % 100:03d}/model.ckpt-{number // 200}, "
        f"output_directory: out/n-{number}}}" for number in range(PLANNED)])
    start = measure([sys.executable, "-c", "import yaml"])
    lines = [f"| planning {PLANNED:,} jobs (--dry_run) | wall | peak memory |", "|---|---|---|",
             _usage_line("`import yaml` alone", start)]
    for name, config in (("100 exports x 50 steps x 2 input types", matrix), ("written one by one", written)):
        lines.append(_usage_line(name, measure(_batch(config, "--dry_run", "--quiet"))))
    return [*lines, ""]


def many(folder: Path, jobs: int) -> list[str]:
    """A batch of a thousand exports of a small model: the command's own memory, and the run that finds all up to date."""
    (folder / "runs of many").mkdir()
    subprocess.run([sys.executable, "-m", "benchmarks.small_checkpoints", str(folder / "runs of many"), str(KEPT)],
                   check=True, cwd=ROOT)
    config = _config(folder / "many.yaml", [f"{{name: 'n-{{step}}', model: 'benchmarks.small_checkpoints:Net', model_args: "
                                            f"{{}}, checkpoint: '{folder}/runs of many', steps: all, verify: false, "
                                            f"fsync: false, output_directory: '{folder}/many/{{name}}'}}"])
    few = peak_of_command(_batch(config, "--force", "--jobs", str(jobs), "--only", "n-?", "--only", "n-[1-4]?"))
    all_of_them = peak_of_command(_batch(config, "--force", "--jobs", str(jobs)))
    up_to_date = measure(_batch(config))
    return [f"| {KEPT:,} exports of a small model | |", "|---|---|",
            f"| peak memory of the command itself, {FEW} exports | {few / 1e6:.0f} MB |",
            f"| {KEPT:,} exports | {all_of_them / 1e6:.0f} MB |",
            f"| all up to date | {up_to_date.wall:.2f} s |"]


def peak_of_command(command: Sequence[str]) -> int:
    """Runs a command; returns the peak memory of its own process, in bytes, without those that it starts."""
    peak = 0
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    ended = threading.Event()
    status = Path(f"/proc/{process.pid}/status")

    def watch() -> None:
        nonlocal peak
        while not ended.wait(0.02):
            lines = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
            peak = max([peak, *(int(line.split()[1]) * 1024 for line in lines)])

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        code = process.wait()
    finally:
        ended.set()
        watcher.join()
    if code:
        raise RuntimeError(f"{command} exited with {code}")
    return peak


def _config(path: Path, exports: list[str]) -> Path:
    path.write_text(DEFAULTS + "exports:\n" + "".join(f"  - {export}\n" for export in exports), encoding="utf-8")
    return path


def _batch(config: Path, *flags: str) -> list[str]:
    return [sys.executable, "scripts/export_batch.py", str(config), "--report_directory", str(config.parent), *flags]


def _single(prefix: Path, output: Path, *flags: str) -> list[str]:
    spec, model_args = CASES["tiny CNN"]
    return [sys.executable, "scripts/export_inference_graph.py", "--model", spec, "--model_args", json.dumps(model_args),
            "--trained_checkpoint_prefix", str(prefix), "--output_directory", str(output), *flags]


def _usage_line(name: str, usage: Usage) -> str:
    return f"| {name} | {usage.wall:.2f} s | {usage.peak_memory / 1e6:.0f} MB |"


if __name__ == "__main__":
    main()
