"""What the surface of TensorFlow 1 costs when code is imported.

    python -m benchmarks.tf1_import [--modules 60] [--runs 7] [--output benchmarks/results]

Yardstick, in the same run: the same modules written for tensorflow.compat.v1 and tf-slim, imported plainly after
``import tensorflow`` (which the surface does itself, with Python's garbage collector off).
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.weights import machine

ROOT = Path(__file__).resolve().parents[1]
HEADS = {
    "today": "import numpy as np\nimport tensorflow.compat.v1 as tf\nimport tf_slim as slim\n"
             "from tf_slim.layers import utils\n",
    "old": "import numpy as np\nimport tensorflow as tf\nfrom tensorflow.contrib import slim\n"
           "from tensorflow.contrib.layers.python.layers import utils\n"}
MODULE = '''
FLAGS = tf.app.flags.FLAGS
DEFAULTS = {{"activation": tf.nn.relu, "initializer": tf.truncated_normal_initializer(stddev=0.1)}}


class Block{number}(object):
    """A block of a network."""

    def __init__(self, depth, is_training=True):
        self.depth, self.is_training = depth, is_training

    def __call__(self, inputs, scope=None):
        with tf.variable_scope(scope, "block{number}", [inputs]):
            net = slim.conv2d(inputs, self.depth, [3, 3], scope="conv1")
            net = slim.batch_norm(net, is_training=self.is_training)
            return tf.nn.dropout(net, 0.5 if self.is_training else 1.0)


def network{number}(images, num_classes, is_training=False):
    with slim.arg_scope([slim.conv2d, slim.fully_connected], weights_regularizer=slim.l2_regularizer(1e-4)):
        net = Block{number}(32, is_training)(images)
        for index in range(3):
            net = slim.max_pool2d(net, [2, 2], scope="pool%d" % index)
        return slim.fully_connected(slim.flatten(net), num_classes, activation_fn=None)


def arg_scope{number}(weight_decay=0.0004):
    with slim.arg_scope([slim.conv2d], weights_initializer=DEFAULTS["initializer"]) as scope:
        return scope
'''
PROGRAM = """
import sys, time
folder, kind = sys.argv[1:]
start = time.perf_counter()
if kind == "old":
    from pathlib import Path
    from exporter.tf1.surface import install_surface
    install_surface([Path(folder)])
else:
    import tensorflow
    tensorflow.compat.v1.disable_v2_behavior()
sys.path.insert(0, folder)
import module_0
first = time.perf_counter()
import all_modules
end = time.perf_counter()
print(end - start, end - first)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--modules", type=int, default=60, help="how many modules are imported")
    parser.add_argument("--runs", type=int, default=7, help="how often, in turn")
    parser.add_argument("--output", type=Path, default=ROOT / "benchmarks" / "results", help="folder for the table")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        kinds = {kind: _written(Path(folder) / kind, head, options.modules) for kind, head in HEADS.items()}
        for kind, path in kinds.items():
            _run(path, kind)  # the bytecode is there in every run that counts
        times: dict[str, list[tuple[float, float]]] = {kind: [] for kind in kinds}
        for _ in range(options.runs):
            for kind, path in kinds.items():
                times[kind].append(_run(path, kind))
    lines = [f"| {options.modules} modules | written for compat.v1 | under the surface | ratio |", "|---|---|---|---|"]
    for index, label in enumerate(("all, TensorFlow and tf-slim included", "each module after the first")):
        plain, surface = (statistics.median(pair[index] for pair in times[kind]) for kind in ("today", "old"))
        scale, unit = (1, "s") if index == 0 else (1000 / (options.modules - 1), "ms")
        lines.append(f"| {label} | {plain * scale:.2f} {unit} | {surface * scale:.2f} {unit} | **{surface / plain:.2f}** |")
    text = "\n".join([*lines, "", machine(), ""])
    print(text)
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "tf1_import.md").write_text(text, encoding="utf-8")


def _written(folder: Path, head: str, count: int) -> Path:
    folder.mkdir()
    for number in range(count):
        (folder / f"module_{number}.py").write_text(head + MODULE.format(number=number))
    (folder / "all_modules.py").write_text("".join(f"import module_{number}\n" for number in range(count)))
    return folder


def _run(folder: Path, kind: str) -> tuple[float, float]:
    output = subprocess.run([sys.executable, "-c", PROGRAM, str(folder), kind], cwd=ROOT, check=True, capture_output=True,
                            text=True).stdout.split()
    return float(output[0]), float(output[1])


if __name__ == "__main__":
    main()
