"""The cost of the second to the last export in one process.

    python -m benchmarks.many_exports FOLDER [COUNT]
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from benchmarks.checkpoints import AVERAGED, CASES, make_checkpoints
from exporter.drop_in import export_inference_graph
from exporter.model import load_model


def main(folder: Path, count: int = 20) -> None:
    make_checkpoints("tiny CNN", folder)
    spec, model_args = CASES["tiny CNN"]
    model = load_model(spec, model_args)
    seconds = []
    for number in range(count):
        start = time.perf_counter()
        export_inference_graph("image_tensor", model, folder / AVERAGED / "model.ckpt", folder / f"export-{number}",
                               use_moving_averages=True)
        seconds.append(time.perf_counter() - start)
    further = sorted(seconds[1:])
    print(f"{count} exports of the tiny CNN in one process: the first {seconds[0]:.2f} s, each further one "
          f"{further[len(further) // 2]:.2f} s (median).")


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
