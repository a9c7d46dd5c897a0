"""Freezing stored graphs against ``import_meta_graph`` + ``convert_variables_to_constants``, as ratios in one run.

    python -m benchmarks.stored_graphs [--runs 3] [--wild ../shared/wild] [--output benchmarks/results]

Both sides run in processes of their own; what counts is time and peak memory beyond ``import tensorflow``. The cases are the
checkpoints of ``--wild`` (or ``WILD_CHECKPOINTS``) that the classic recipe can freeze, and a ResNet-50.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Figures:
    """Seconds and bytes of one side, medians."""

    seconds: float
    bytes: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3, help="counted runs of each side; the median is printed")
    wild = os.environ.get("WILD_CHECKPOINTS", ROOT.parent / "shared" / "wild")
    parser.add_argument("--wild", type=Path, default=Path(wild), help="folder of checkpoints with an index.yaml")
    parser.add_argument("--output", type=Path, default=ROOT / "benchmarks" / "results", help="folder for the table")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=ROOT, prefix=".bench-") as folder:
        cases = [*_wild_cases(options.wild), _resnet(Path(folder))]
        rows = [(name, figures) for name, prefix, outputs in cases
                if (figures := _compare(prefix, outputs, options.runs)) is not None]
    text = _table(rows, len(cases))
    print(text)
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "stored_graphs.md").write_text(text, encoding="utf-8")


def _wild_cases(folder: Path) -> Iterator[tuple[str, str, str]]:
    index = folder / "index.yaml"
    for entry in yaml.safe_load(index.read_text())["entries"] if index.is_file() else []:
        if entry.get("ground_truth"):
            outputs = [output["tensor"].partition(":")[0] for output in entry["ground_truth"]["outputs"]]
            yield entry["id"], str(folder / entry["prefix"]), ",".join(outputs)


def _resnet(folder: Path) -> tuple[str, str, str]:
    """An exported ResNet-50: its checkpoint has a ``.meta``."""
    subprocess.run([sys.executable, "-m", "benchmarks.checkpoints", "ResNet-50", str(folder)], check=True, cwd=ROOT)
    subprocess.run([sys.executable, "scripts/export_inference_graph.py", "--model=models.slim_nets:SlimNet",
                    "--model_args={network: resnet_v1_50}", f"--trained_checkpoint_prefix={folder / 'plain' / 'model.ckpt'}",
                    f"--output_directory={folder / 'export'}", "--formats=checkpoint", "--noverify"], check=True, cwd=ROOT,
                   stdout=subprocess.DEVNULL)
    return "ResNet-50", str(folder / "export" / "model.ckpt"), "classes,probabilities"


def _compare(prefix: str, outputs: str, runs: int) -> tuple[Figures, Figures] | None:
    """Ours and the classic recipe's figures, measured in turn; None where that recipe fails."""
    measured: dict[str, list[Figures]] = {"classic": [], "ours": []}
    for _ in range(runs):
        for side, figures in measured.items():
            found = _measure(side, prefix, outputs)
            if found is None and side == "classic":
                return None
            assert found is not None, f"{prefix} can't be frozen"
            figures.append(found)
    ours, classic = (Figures(statistics.median(entry.seconds for entry in measured[side]),
                             statistics.median(entry.bytes for entry in measured[side])) for side in ("ours", "classic"))
    return ours, classic


def _measure(side: str, prefix: str, outputs: str) -> Figures | None:
    completed = subprocess.run([sys.executable, "-m", "benchmarks.freeze_once", side, prefix, outputs], cwd=ROOT,
                               capture_output=True, text=True, check=False)
    return None if completed.returncode else Figures(**json.loads(completed.stdout.splitlines()[-1]))


def _table(rows: list[tuple[str, tuple[Figures, Figures]]], case_count: int) -> str:
    lines = ["| case | classic | ours | ratio | classic memory | memory | ratio |", "|---|---|---|---|---|---|---|"]
    lines += [_line(name, ours, classic) for name, (ours, classic) in rows]
    totals = [_sum([figures[side] for _, figures in rows]) for side in (0, 1)]
    lines += [_line(f"all {len(rows)} together", *totals), "",
              f"Time and peak memory beyond `import tensorflow`. The classic recipe freezes {len(rows)} of {case_count} "
              "cases; the others have no ratio.", ""]
    return "\n".join(lines)


def _sum(figures: list[Figures]) -> Figures:
    return Figures(sum(entry.seconds for entry in figures), sum(entry.bytes for entry in figures))


def _line(name: str, ours: Figures, classic: Figures) -> str:
    return (f"| {name} | {classic.seconds:.2f} s | {ours.seconds:.2f} s | **{ours.seconds / classic.seconds:.2f}** "
            f"| {classic.bytes / 1e6:.0f} MB | {ours.bytes / 1e6:.0f} MB | **{ours.bytes / classic.bytes:.2f}** |")


if __name__ == "__main__":
    main()
