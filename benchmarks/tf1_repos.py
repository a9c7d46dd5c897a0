"""TensorFlow 1 repositories, unmodified: builds, saves, exports and verifies every entry of tf1_repos.yaml.

    python -m benchmarks.tf1_repos FOLDER tf1_repos.yaml
    python -m benchmarks.tf1_repos FOLDER tf1_repos.yaml --only facenet,EAST --keep scratch

For each entry, in processes of its own: a model file that calls the repository's code (benchmarks/tf1_entries.py) is written
to a scratch folder; a first process builds the model under the surface, gives it seeded random values and saves it with
`tf.train.Saver`; a second one, `export_inference_graph --tf1_root`, exports it and compares all artifacts with the
checkpoint. The table says how far each entry came, and where its facts (variables, outputs, megabytes of the frozen graph)
are not those in the file.
"""

from __future__ import annotations

import argparse
import inspect
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.tf1_entries import ENTRIES, Entry
from benchmarks.tf1_written_calls import written_call

_SCRIPTS = Path(__file__).resolve().parents[1] / "scripts"
_NAMES = {"f32": "float32", "i32": "int32", "i64": "int64", "bool": "bool", "u8": "uint8"}
_ERROR = re.compile(r"[\w.]*(Error|Exception)\b|(export_inference_graph|run_tf1)\.py: ")
_LAYOUT = """FOLDER holds each repository, at the entry's commit, as owner+name (davidsandberg+facenet). Entries of
tensorflow/models use the sdist of tf-models-research-object-detection, unpacked below FOLDER/tensorflow+models."""

_MODEL_FILE = '''"""Calls the entry {identifier} of tf1_repos.yaml."""
import tensorflow as tf

{source}

class Network(object):
    """The entry as a model; further inputs are side inputs."""

    input_dtype = "{dtype}"

    def preprocess(self, inputs):
        return inputs

    def predict(self, inputs{parameters}):
        outputs = {call}(inputs{parameters}{arguments})
        outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
        return {{"output_%d" % number: output for number, output in enumerate(outputs)}}

    def postprocess(self, predictions):
        return predictions


class Inputs(object):
    """The entry's first input, of any data type and shape."""

    name = "first_input"

    def check_shape(self, input_shape):
        pass

    def build(self, input_shape):
        placeholder = tf.placeholder("{dtype}", input_shape, name=self.name)
        return placeholder, placeholder
'''

_SAVE_SCRIPT = '''"""Builds the model, gives it seeded random values, and saves it."""
import json
import sys
from pathlib import Path

import numpy as np

from exporter.tensorflow_import import import_tensorflow
from exporter.tf1.surface import install_surface

directory, root, stubs, inputs = sys.argv[1], sys.argv[2], sys.argv[3], json.loads(sys.argv[4])
import_tensorflow()
install_surface([Path(root), Path(directory)], stub_modules=stubs.split(",") if stubs else [])
sys.path.insert(0, root)
import tensorflow.compat.v1 as tf
import {module} as entry

tf.set_random_seed(1)
{build}
variables = tf.global_variables()
step = tf.train.get_or_create_global_step()  # as whatever trains a model does
random = np.random.RandomState(1)
with tf.Session(config=tf.ConfigProto(allow_soft_placement=True)) as session:
    session.run([tf.global_variables_initializer(), tf.tables_initializer()])
    constant = {{variable: value for variable, value in zip(variables, session.run(variables))
                if value.dtype == "float32" and np.ptp(value) == 0}}  # biases and moving averages start with one value
    session.run([variable.initializer for variable in constant], {{
        variable.initializer.inputs[1]: np.float32(value + random.rand(*value.shape) * 0.1)
        for variable, value in constant.items()}})
    tf.train.Saver([*variables, *([] if step in variables else [step])]).save(session, directory + "/model.ckpt")
facts = {{"variables": len(variables), "inputs": [tensor.name for tensor in inputs],
         "outputs": [[tensor.op.name, tensor.dtype.base_dtype.name + ("?" if tensor.shape.dims is None else
                                                                      str(tensor.shape.as_list()))] for tensor in outputs]}}
Path(directory, "facts.json").write_text(json.dumps(facts))
'''
_BUILD_NETWORK = '''inputs = [tf.placeholder(dtype, shape) for dtype, shape in inputs]
outputs = [*entry.Network().predict(*inputs).values()]'''
_BUILD_GRAPH = "inputs, outputs = entry.{call}()"
_EXPORT_SCRIPT = "import sys\nimport {module} as entry\nentry.{call}(sys.argv[1] + '/model.ckpt', sys.argv[1] + '/export')\n"

_COMPARE_SCRIPT = '''"""Compares a frozen graph that the repository wrote with the model and the checkpoint."""
import json
import sys

import numpy as np
import tensorflow.compat.v1 as tf

directory = sys.argv[1]
facts = json.load(open(directory + "/facts.json"))
images = np.random.RandomState(2).randint(0, 256, (8, 28, 28, 3))


def outputs(load, image_tensor, names):
    with tf.Graph().as_default() as graph, tf.Session() as session:
        load(graph, session)
        return session.run(names, {image_tensor: images})


def load_checkpoint(graph, session):
    tf.train.import_meta_graph(directory + "/model.ckpt.meta").restore(session, directory + "/model.ckpt")


def load_frozen(graph, session):
    graph_def = tf.GraphDef()
    graph_def.ParseFromString(open(directory + "/export/frozen_inference_graph.pb", "rb").read())
    tf.import_graph_def(graph_def, name="")


reference = outputs(load_checkpoint, facts["inputs"][0], [name + ":0" for name, _ in facts["outputs"]])
exported = outputs(load_frozen, "image_tensor:0", ["classes:0"])
assert all(np.array_equal(left, right) for left, right in zip(reference, exported)), (reference, exported)
'''


@dataclass
class Outcome:
    """How far an entry came."""

    identifier: str
    steps: list[str] = field(default_factory=list)
    seconds: float = 0.0
    reason: str = ""
    deviations: list[str] = field(default_factory=list)

    @property
    def row(self) -> str:
        reached = "".join(f"{'yes' if step in self.steps else '-':9}" for step in ("built", "exported", "verified"))
        return f"{self.identifier:26}{reached}{self.seconds:7.1f}  {self.reason or '; '.join(self.deviations)}"


class StepError(Exception):
    """A process of an entry failed."""


class Trial:
    """One entry, from its code to a verified export."""

    def __init__(self, facts: dict[str, Any], entry: Entry, folder: Path, scratch: Path, timeout: float) -> None:
        self.facts = facts
        self.entry = entry
        self.scratch = scratch
        self.export = scratch / "export"
        self.timeout = timeout
        self.root = _root(facts, folder)
        self.inputs = _parsed_inputs(entry.inputs or facts["inputs"])
        self.outcome = Outcome(facts["id"])
        self.file = scratch / f"entry_{re.sub(r'[^a-z0-9]', '_', facts['id'].lower())}.py"

    def run(self) -> Outcome:
        """Goes as far as it can."""
        start = time.perf_counter()
        try:
            if not self.root.is_dir():
                raise StepError(f"there is no folder {self.root}")
            self._write_files()
            self._step("built", [sys.executable, str(self.scratch / "save.py"), str(self.scratch), str(self.root),
                                 ",".join(self.entry.stub_modules), json.dumps(self.inputs)])
            if self.entry.exporter is None:
                self._step("exported", self._export_command())
                self._read_export()
            else:
                self._run_own_exporter(self.entry.exporter)
        except StepError as error:
            self.outcome.reason = str(error)
        self.outcome.seconds = time.perf_counter() - start
        return self.outcome

    def _write_files(self) -> None:
        name = self.entry.build.__name__
        sources = [self.entry.source or _source(self.entry.build), *map(_source, filter(None, [self.entry.exporter]))]
        self.file.write_text(_MODEL_FILE.format(
            identifier=self.facts["id"], source="\n\n".join(sources), call=name,
            parameters="".join(f", {parameter}" for parameter in self._side_inputs()),
            arguments="".join(f", {key}={value!r}" for key, value in self.entry.arguments.items()),
            dtype=self.inputs[0][0] if self.inputs else "float32"))
        build = _BUILD_GRAPH.format(call=name) if self.entry.own_placeholders else _BUILD_NETWORK
        (self.scratch / "save.py").write_text(_SAVE_SCRIPT.format(module=self.file.stem, build=build))

    def _side_inputs(self) -> list[str]:
        own = [*inspect.signature(self.entry.build).parameters][1:]
        return [parameter for parameter in own if parameter not in self.entry.arguments]

    def _export_command(self) -> list[str]:
        common = [sys.executable, str(_SCRIPTS / "export_inference_graph.py"), "--nofsync",
                  f"--trained_checkpoint_prefix={self.scratch / 'model.ckpt'}", f"--output_directory={self.export}"]
        facts = json.loads((self.scratch / "facts.json").read_text())
        if self.entry.own_placeholders:
            return [*common, f"--input_graph={self.scratch / 'model.ckpt.meta'}",
                    f"--input_names={','.join(facts['inputs'])}",
                    f"--output_node_names={','.join(name for name, _ in facts['outputs'])}"]
        (_, shape), *others = self.inputs
        side_inputs = [f"--side_input_names={','.join(self._side_inputs())}",
                       f"--side_input_types={','.join(dtype for dtype, _ in others)}",
                       f"--side_input_shapes={'/'.join(_dimensions(shape) for _, shape in others)}"]
        return [*common, *self._surface_flags(), f"--model={self.file}:Network", f"--input_type={self.file}:Inputs",
                f"--input_shape={_dimensions(shape)}", *(side_inputs if others else [])]

    def _surface_flags(self) -> list[str]:
        stubs = self.entry.stub_modules
        return [f"--tf1_root={self.root}", *([f"--stub_modules={','.join(stubs)}"] if stubs else [])]

    def _run_own_exporter(self, exporter: Callable[..., Any]) -> None:
        script = self.scratch / "export_itself.py"
        script.write_text(_EXPORT_SCRIPT.format(module=self.file.stem, call=exporter.__name__))
        self._step("exported", [sys.executable, str(_SCRIPTS / "run_tf1.py"), *self._surface_flags(), str(script),
                                str(self.scratch)])
        expected, found = re.findall(r"'([\w.-]+)'", self.facts["outputs"]), sorted(os.listdir(self.export))
        if not set(expected) <= set(found):
            raise StepError(f"it wrote {found}, expected {expected}")
        script = self.scratch / "compare.py"
        script.write_text(_COMPARE_SCRIPT)
        self._step("verified", [sys.executable, str(script), str(self.scratch)])

    def _step(self, name: str, command: Sequence[str]) -> None:
        path = filter(None, (str(_SCRIPTS.parent), os.getenv("PYTHONPATH")))
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path), "PYTHONDONTWRITEBYTECODE": "1"}
        log = self.scratch / f"{name}.log"
        with log.open("w") as output:
            output.write(" ".join(command) + "\n")
            output.flush()
            try:
                done = subprocess.run(command, cwd=self.root, env=environment, stdout=output, stderr=output,
                                      stdin=subprocess.DEVNULL, timeout=self.timeout, check=False)
            except subprocess.TimeoutExpired:
                raise StepError(f"{name}: not done after {self.timeout:.0f} s") from None
        if done.returncode:
            raise StepError(f"not {name} (exit code {done.returncode}): {_last_words(log)}")
        self.outcome.steps.append(name)

    def _read_export(self) -> None:
        manifest = json.loads((self.export / "export_manifest.json").read_text())
        status = manifest["verification"]["status"]
        if status not in ("verified", "weakly verified"):
            raise StepError(f"verification: {status}")
        self.outcome.steps.append("verified")
        self.outcome.deviations += [status] * (status != "verified")
        self._compare(json.loads((self.scratch / "facts.json").read_text()))

    def _compare(self, found: dict[str, Any]) -> None:
        expected = [text.partition(" ")[2] for text in self.facts["outputs"]]
        outputs = [text for _, text in found["outputs"]]
        megabytes = (self.export / "frozen_inference_graph.pb").stat().st_size / 1e6
        for what, value, wanted in (("variables", found["variables"], self.facts["variables"]),
                                    ("outputs", outputs, expected)):
            if value != wanted:
                self.outcome.deviations.append(f"{what} {value}, not {wanted}")
        if abs(megabytes - self.facts["frozen_mb"]) > max(0.1, 0.02 * self.facts["frozen_mb"]):
            self.outcome.deviations.append(f"frozen {megabytes:.1f} MB, not {self.facts['frozen_mb']}")


def _written_entry(facts: dict[str, Any]) -> Entry | None:
    inputs = _parsed_inputs(facts["inputs"])
    source = written_call(facts["module"], facts["entry"], len(inputs), len(facts["outputs"]))
    if source is None or not inputs:
        return None
    names: dict[str, Any] = {}
    exec(source, names)
    return Entry(names["written_call"], source=source)


def _source(function: Callable[..., Any]) -> str:
    lines = inspect.getsource(function).splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("def "))
    return "\n".join(lines[start:]) + "\n"


def _root(facts: dict[str, Any], folder: Path) -> Path:
    """The entry's folder; a repository may lie as owner+name, owner/name, or name alone."""
    if "sdist" in facts["commit"]:
        found = (path.parents[1] for path in sorted(folder.rglob("slim/nets/nets_factory.py")))
        return next(found, folder / "tensorflow+models" / "slim")
    names = (facts["repo"].replace("/", "+"), facts["repo"], facts["repo"].rpartition("/")[2])
    return next((folder / name for name in names if (folder / name).is_dir()), folder / names[0]) / facts["root"]


def _parsed_inputs(text: str) -> list[tuple[str, list[int | None]]]:
    """Reads ``f32[?,160,160,3], bool[]`` or ``i32[1,128] x3``."""
    found: list[tuple[str, list[int | None]]] = []
    for dtype, shape, times in re.findall(r"(\w+)\[([^\]]*)\](?: x(\d+))?", text):
        dimensions = [int(part) if part.isdigit() else None for part in shape.split(",") if part]
        found += [(_NAMES[dtype], dimensions)] * int(times or 1)
    return found


def _dimensions(shape: Sequence[int | None]) -> str:
    return ",".join("-1" if size is None else str(size) for size in shape)


def _last_words(log: Path) -> str:
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    errors = [line for line in lines[1:] if _ERROR.match(line)]
    return (errors or lines)[-1][:300]


def _try(facts: dict[str, Any], folder: Path, keep: Path | None, timeout: float) -> Outcome:
    entry = ENTRIES.get(facts["id"]) or _written_entry(facts)
    if entry is None:
        return Outcome(facts["id"], reason="its call is described in words, and benchmarks/tf1_entries.py has none for it")
    with tempfile.TemporaryDirectory() as temporary:
        outcome = Trial(facts, entry, folder, Path(temporary), timeout).run()
        if keep is not None and "verified" not in outcome.steps:
            shutil.copytree(temporary, keep / facts["id"], dirs_exist_ok=True)
    return outcome


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, epilog=_LAYOUT,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="the fetched repositories")
    parser.add_argument("entries", type=Path, help="tf1_repos.yaml")
    parser.add_argument("--only", type=lambda text: text.split(","), default=[], help="entries by id, with commas between")
    parser.add_argument("--keep", type=Path, help="a folder for the model files, checkpoints and logs of entries that fail")
    parser.add_argument("--timeout", type=float, default=900.0, help="seconds for each process")
    options = parser.parse_args()
    import yaml

    outcomes = []
    entries = yaml.safe_load(options.entries.read_text())["entries"]
    print(f"{'entry':26}{'built':9}{'exported':9}{'verified':9}seconds")
    for facts in (facts for facts in entries if not options.only or facts["id"] in options.only):
        outcomes.append(_try(facts, options.folder.resolve(), options.keep, options.timeout))
        print(outcomes[-1].row, flush=True)
    totals = {step: sum(step in outcome.steps for outcome in outcomes) for step in ("built", "exported", "verified")}
    print(f"{len(outcomes)} entries: " + ", ".join(f"{count} {step}" for step, count in totals.items()))
    return 0 if totals["verified"] == len(outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
