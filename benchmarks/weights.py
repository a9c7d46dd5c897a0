"""Whole exports against the classic route: wall time, processor time and peak memory, as ratios in one run.

    python -m benchmarks.weights [--runs 5] [--cases 'tiny CNN,VGG-16'] [--output benchmarks/results]

Yardsticks: (a) `benchmarks.classic_route`, (b) ``cp`` of the checkpoint's bytes three times, (c) ``import tensorflow``.
"""

from __future__ import annotations

import argparse
import json
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.checkpoints import AVERAGED, CASES, PLAIN
from benchmarks.processes import Usage, measure, median
from benchmarks.results import Row, write_results

DATA_FILE = "model.ckpt.data-00000-of-00001"
ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5, help="counted runs of each command; the median is printed")
    parser.add_argument("--cases", default=",".join(CASES), help="comma-separated")
    parser.add_argument("--output", type=Path, default=ROOT / "benchmarks" / "results", help="folder for table and plot")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=ROOT, prefix=".bench-") as folder:
        scratch = Path(folder)
        import_usage = _import_usage(options.runs)
        rows = [row for case in options.cases.split(",") for row in _rows(case, scratch, options.runs, import_usage)]
        marginal = _marginal_cost(scratch)
    write_results(rows, import_usage, marginal, machine(), options.output)


def _rows(case: str, scratch: Path, runs: int, import_usage: Usage) -> Iterator[Row]:
    checkpoints = scratch / case.replace(" ", "_")
    subprocess.run([sys.executable, "-m", "benchmarks.checkpoints", case, str(checkpoints)], check=True, cwd=ROOT)
    for kind in (PLAIN, AVERAGED):
        prefix = checkpoints / kind / "model.ckpt"
        output = scratch / "output"
        commands = [_ours(case, prefix, kind, output, "--noverify"), _ours(case, prefix, kind, output),
                    _classic(case, prefix, kind, output), _copy_command(checkpoints / PLAIN / DATA_FILE, output)]
        # In turn, so that a slow spell of the machine meets all of them.
        usages = [[_run(command, output) for command in commands] for _ in range(runs)]
        medians = [median(of_one) for of_one in zip(*usages, strict=True)]
        yield Row(f"{case}{' + moving averages' if kind == AVERAGED else ''}", *medians, import_usage)
    shutil.rmtree(checkpoints)


def _run(command: list[str], output: Path) -> Usage:
    with _removed_afterwards(output):
        return measure(command)


@contextmanager
def _removed_afterwards(folder: Path) -> Iterator[Path]:
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _ours(case: str, prefix: Path, kind: str, output: Path, *flags: str) -> list[str]:
    spec, model_args = CASES[case]
    averages = ["--use_moving_averages"] if kind == AVERAGED else []
    return [sys.executable, "scripts/export_inference_graph.py", "--model", spec, "--model_args", json.dumps(model_args),
            "--trained_checkpoint_prefix", str(prefix), "--output_directory", str(output), *averages, *flags]


def _classic(case: str, prefix: Path, kind: str, output: Path) -> list[str]:
    spec, model_args = CASES[case]
    averages = ["averages"] if kind == AVERAGED else []
    return [sys.executable, "-m", "benchmarks.classic_route", spec, json.dumps(model_args), str(prefix), str(output),
            *averages]


def _copy_command(file: Path, output: Path) -> list[str]:
    copies = " && ".join(f"cp '{file}' '{output}/{number}'" for number in range(3))
    return ["sh", "-c", f"mkdir '{output}' && {copies}"]


def _import_usage(runs: int) -> Usage:
    usages = [measure([sys.executable, "-c", "import tensorflow"]) for _ in range(runs + 1)]
    return median(usages[1:])  # the first one warms the disk's cache


def _marginal_cost(scratch: Path) -> str:
    """The seconds that each further export in one process takes."""
    with _removed_afterwards(scratch / "many") as folder:
        printed = subprocess.run([sys.executable, "-m", "benchmarks.many_exports", str(folder)], check=True, cwd=ROOT,
                                 stdout=subprocess.PIPE, text=True)
    return printed.stdout.strip()


def machine() -> str:
    """What this is measured on, in one line."""
    versions = subprocess.run(
        [sys.executable, "-c", "import importlib.metadata as m; print(m.version('tensorflow'), m.version('numpy'))"],
        check=True, stdout=subprocess.PIPE, text=True).stdout.split()
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    processor = f"{len(models)} x {models[0]}" if models else platform.processor()
    return (f"{processor}, Linux {platform.release()}, Python {platform.python_version()}, TensorFlow {versions[0]}, "
            f"NumPy {versions[1]}")


if __name__ == "__main__":
    main()
