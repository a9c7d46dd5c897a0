"""Programs that begin with ``tf.disable_v2_behavior()`` get the same exports as all others."""

import subprocess
import sys

import pytest

from tests.conformance.conftest import INPUT_TYPES, feed
from tests.conformance.test_outputs import READERS, assert_equal_to_the_bit

CASES = [("SlimClassifier", input_type) for input_type in INPUT_TYPES] + [
    (golden, "image_tensor") for golden in ("Detector", "BatchNorm", "NamedClasses", "functional_control_flow", "embedding",
                                            "partitioned_references", "map_fn", "called_functions", "custom_gradients")]


@pytest.fixture(scope="module")
def exports(workshop, tmp_path_factory):
    """Exports all cases in a process with the behaviors of TensorFlow 1; returns the directories by case."""
    folder = tmp_path_factory.mktemp("v1_behavior")
    places = {case: folder / "-".join(case) for case in CASES}
    lines = ["\t".join([*case, workshop.checkpoint(case[0], False), str(place)]) for case, place in places.items()]
    subprocess.run([sys.executable, "-m", "tests.conformance.exporting", "disable_v2_behavior"],
                   input="\n".join(lines), text=True, check=True)
    return places


@pytest.mark.usefixtures("functions_as_they_are_written")
@pytest.mark.parametrize(("golden", "input_type"), CASES)
def test_all_artifacts_give_the_references_outputs(workshop, exports, golden, input_type):
    expected = workshop.reference(golden, False)
    for read, place in READERS.values():
        variables, place = place.startswith("variables/"), place.removeprefix("variables/")
        directory = exports[golden, input_type] / str(variables) / place
        assert_equal_to_the_bit(read(directory, feed(input_type), expected), expected)
