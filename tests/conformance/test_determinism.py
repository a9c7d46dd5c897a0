"""The same inputs give the same bytes: within a process, after other work, and in another process."""

import json
import subprocess
import sys

import pytest
import tensorflow.compat.v1 as tf

from tests.conformance.exporting import export_golden
from tests.goldens import GOLDENS

CASES = [(golden, "image_tensor") for golden in GOLDENS] + [
    ("NamedClasses", "encoded_image_string_tensor"), ("SlimClassifier", "tf_example")]


def files(directory):
    """The bytes of every file by path, without the manifest's account of the run itself."""
    found = {path.relative_to(directory).as_posix(): path.read_bytes() for path in directory.rglob("*") if path.is_file()}
    for path in [path for path in found if path.endswith("export_manifest.json")]:
        manifest = json.loads(found[path])
        del manifest["run"]
        found[path] = json.dumps(manifest)
    return found


def differing(first, second):
    assert sorted(first) == sorted(second)
    return [path for path in first if first[path] != second[path]]


@pytest.fixture(scope="module")
def in_another_process(workshop, tmp_path_factory):
    """Exports all cases in another process, last to first; returns the files by case."""
    folder = tmp_path_factory.mktemp("another_process")
    places = {case: folder / "-".join(case) for case in reversed(CASES)}
    lines = ["\t".join([*case, workshop.checkpoint(case[0], False), str(place)]) for case, place in places.items()]
    subprocess.run([sys.executable, "-m", "tests.conformance.exporting"], input="\n".join(lines), text=True, check=True)
    return {case: files(place) for case, place in places.items()}


@pytest.mark.parametrize(("golden", "input_type"), CASES)
def test_two_exports_have_the_same_bytes(workshop, golden, input_type, tmp_path, in_another_process):
    checkpoint = workshop.checkpoint(golden, False)
    export_golden(golden, input_type, checkpoint, tmp_path / "first")
    with tf.Graph().as_default():
        tf.cond(tf.placeholder(tf.bool), lambda: tf.Variable(1.0), lambda: tf.Variable(2.0))
    export_golden(golden, input_type, checkpoint, tmp_path / "second")
    first = files(tmp_path / "first")
    assert differing(first, files(tmp_path / "second")) == []
    assert differing(first, in_another_process[golden, input_type]) == []
