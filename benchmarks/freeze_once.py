"""Freezes one stored graph, by this package or by the classic recipe, and prints what it took beyond importing TensorFlow.

    python -m benchmarks.freeze_once ours|classic PREFIX OUTPUT_NODE,...

Prints a JSON object: seconds, and bytes of peak memory beyond those after the import.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from exporter.tensorflow_import import import_tensorflow


def freeze_by_this_package(prefix: str, outputs: list[str], file: Path) -> None:
    from exporter.frozen_graph import FreezeOptions, freeze_stored_graph
    from exporter.graph.stored.loading import load_stored_graph
    from exporter.graph.stored.options import StoredGraphOptions

    path = f"{prefix}.meta"
    frozen = freeze_stored_graph(load_stored_graph(path), prefix,
                                 StoredGraphOptions(path, output_node_names=outputs, keep_input_pipeline=True),
                                 FreezeOptions())
    with open(file, "wb") as stream:
        frozen.message.write(stream)


def freeze_classically(prefix: str, outputs: list[str], file: Path) -> None:
    """What tutorials show: import the graph, restore everything, convert, serialize."""
    import tensorflow.compat.v1 as tf

    with tf.Graph().as_default() as graph, tf.Session() as session:
        saver = tf.train.import_meta_graph(f"{prefix}.meta", clear_devices=True)
        saver.restore(session, prefix)
        frozen = tf.graph_util.convert_variables_to_constants(session, graph.as_graph_def(), outputs)
    file.write_bytes(frozen.SerializeToString())


FREEZERS: dict[str, Callable[[str, list[str], Path], None]] = {"ours": freeze_by_this_package,
                                                               "classic": freeze_classically}


def peak_memory() -> int:
    """Bytes of the largest resident set so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main(freezer: str, prefix: str, outputs: str) -> None:
    import_tensorflow()
    with tempfile.TemporaryDirectory() as folder:
        before, start = peak_memory(), time.perf_counter()
        FREEZERS[freezer](prefix, outputs.split(","), Path(folder) / "frozen.pb")
        seconds = time.perf_counter() - start
        print(json.dumps({"seconds": seconds, "bytes": peak_memory() - before}), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
