"""The cost of the second to the last export in one process.

    python -m benchmarks.many_exports FOLDER [COUNT]
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path

from benchmarks.checkpoints import AVERAGED, CASES, make_checkpoints
from exporter.export import export
from exporter.model import load_model
from exporter.request import ExportRequest
from exporter.verification.options import VerificationOptions
from exporter.verification.process import VerificationProcess
from exporter.weights.binding import WeightOptions


def main(folder: Path, count: int = 20) -> None:
    make_checkpoints("tiny CNN", folder)
    plain = marginal_seconds(folder, "plain", count, None)
    with VerificationProcess() as verifier:
        verified = marginal_seconds(folder, "verified", count, verifier)
    print(f"{count} exports of the tiny CNN in one process: each after the first takes {plain:.2f} s, verified "
          f"{verified:.2f} s (medians).")


def marginal_seconds(folder: Path, name: str, count: int, verifier: VerificationProcess | None) -> float:
    """Returns the median of all exports but the first."""
    model = load_model(*CASES["tiny CNN"])
    seconds = []
    for number in range(count):
        start = time.perf_counter()
        export(ExportRequest(model, folder / AVERAGED / "model.ckpt", folder / f"{name}-{number}",
                             weights=WeightOptions(use_moving_averages=True),
                             verification=VerificationOptions(enabled=verifier is not None)), verifier)
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds[1:])


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
