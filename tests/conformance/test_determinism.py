"""The same inputs give the same bytes: within a process, after other work, and in another process."""

import json
import subprocess
import sys

import pytest
import tensorflow.compat.v1 as tf

import exporter
from tests.goldens import GOLDENS, IMAGE_SHAPE

EXPORT_ALL = """
import sys
import exporter
from tests.goldens import GOLDENS, IMAGE_SHAPE

for line in sys.stdin.read().splitlines():
    name, input_type, checkpoint, directory = line.split("\\t")
    for variables in (False, True):
        exporter.export_inference_graph(input_type, GOLDENS[name], checkpoint, f"{directory}/{variables}", IMAGE_SHAPE,
                                        saved_model_variables=variables, write_inference_graph=True)
"""


def files(directory):
    """The bytes of every file by path, without the manifest's account of the run itself."""
    found = {path.relative_to(directory).as_posix(): path.read_bytes() for path in directory.rglob("*") if path.is_file()}
    for path in [path for path in found if path.endswith("export_manifest.json")]:
        manifest = json.loads(found[path])
        del manifest["run"]
        found[path] = json.dumps(manifest)
    return found


def export(workshop, golden, input_type, directory):
    for variables in (False, True):
        exporter.export_inference_graph(input_type, GOLDENS[golden], workshop.checkpoint(golden, False),
                                        directory / str(variables), IMAGE_SHAPE, saved_model_variables=variables,
                                        write_inference_graph=True)
    return files(directory)


CASES = [(golden, "image_tensor") for golden in GOLDENS] + [
    ("NamedClasses", "encoded_image_string_tensor"), ("SlimClassifier", "tf_example")]


@pytest.fixture(scope="module")
def in_another_process(workshop, tmp_path_factory):
    """Exports all cases in another process, last to first; returns the files by case."""
    folder = tmp_path_factory.mktemp("another_process")
    places = {case: folder / "-".join(case) for case in reversed(CASES)}
    lines = ["\t".join([*case, workshop.checkpoint(case[0], False), str(place)]) for case, place in places.items()]
    subprocess.run([sys.executable, "-c", EXPORT_ALL], input="\n".join(lines), text=True, check=True)
    return {case: files(place) for case, place in places.items()}


@pytest.mark.parametrize(("golden", "input_type"), CASES)
def test_two_exports_have_the_same_bytes(workshop, golden, input_type, tmp_path, in_another_process):
    first = export(workshop, golden, input_type, tmp_path / "first")
    with tf.Graph().as_default():
        tf.cond(tf.placeholder(tf.bool), lambda: tf.Variable(1.0), lambda: tf.Variable(2.0))
    second = export(workshop, golden, input_type, tmp_path / "second")
    assert [path for path in first if first[path] != second[path]] == []
    other = in_another_process[golden, input_type]
    assert sorted(first) == sorted(other)
    assert [path for path in first if first[path] != other[path]] == []
