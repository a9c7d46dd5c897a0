"""Trust: data is data. Nothing is unpickled or evaluated, and no name leads out of the output directory."""

import ast
import pickle
from pathlib import Path

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

import exporter
from exporter.commands.option_flags import read_model_args
from exporter.errors import ExportError, UsageError
from exporter.formats.format import FormatOptions, find_format, format_names
from exporter.graph.tensor_spec import TensorSpec
from exporter.model import as_model
from exporter.verification.given_inputs import given_feeds

PACKAGE = Path(exporter.__file__).parent
FORBIDDEN_CALLS = {
    "eval", "exec", "compile", "__import__", "os.system", "os.popen", "subprocess.getoutput", "tempfile.mktemp",
    "pickle.load", "pickle.loads", "pickle.Unpickler", "marshal.load", "marshal.loads", "shelve.open", "dill.load",
    "joblib.load", "yaml.load", "yaml.load_all", "yaml.full_load", "yaml.full_load_all", "yaml.unsafe_load",
    "yaml.unsafe_load_all"}

# A command and its jobs tell each other of tasks and results: nothing that comes from a file, or from anybody else.
BETWEEN_OWN_PROCESSES = "batch/executors/"


# The user's own code is run there, and unpickles what it is allowed to by --allow_pickle (tests/tf1/surface).
CODE_OF_THE_USER = "tf1/surface/"


class Bomb:
    """Goes off when it is unpickled."""

    def __reduce__(self):
        return (pytest.fail, ("something was unpickled",))


def calls():
    """Yields module, line, dotted name and keywords of every call in the package."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                keywords = {keyword.arg: getattr(keyword.value, "value", None) for keyword in node.keywords}
                yield f"{path.relative_to(PACKAGE)}:{node.lineno}", ast.unparse(node.func), keywords


def test_no_code_evaluates_or_unpickles():
    found = [(place, name) for place, name, _ in calls() if name in FORBIDDEN_CALLS]
    assert [(place, name) for place, name in found if not place.startswith((BETWEEN_OWN_PROCESSES, CODE_OF_THE_USER))] == []
    assert {name for place, name in found if place.startswith(BETWEEN_OWN_PROCESSES)} <= {"pickle.loads"}
    assert {name for place, name in found if place.startswith(CODE_OF_THE_USER)} <= {
        "exec", "compile", "pickle.load", "pickle.loads", "yaml.load"}


def test_no_shell_and_no_pickled_arrays():
    assert [(place, name) for place, name, keywords in calls() if keywords.get("shell")] == []
    assert [(place, name) for place, name, keywords in calls() if keywords.get("allow_pickle") is True] == []


def test_arrays_are_loaded_without_pickle():
    loads = [(place, keywords) for place, name, keywords in calls() if name in ("np.load", "numpy.load")]
    assert all(keywords.get("allow_pickle") is False for _, keywords in loads), loads
    assert loads, "verification inputs may be .npy files"


@pytest.mark.parametrize("suffix", [".npy", ".npz"])
def test_a_pickle_in_an_input_file_does_not_go_off(tmp_path, suffix):
    file = tmp_path / f"inputs{suffix}"
    bomb = np.array([Bomb()], dtype=object)
    np.save(file, bomb, allow_pickle=True) if suffix == ".npy" else np.savez(file, inputs=bomb)
    with pytest.raises(ExportError):
        given_feeds(file, {"inputs": TensorSpec("x:0", "float32", (None, 8, 8, 3))})


def test_a_pickle_with_the_name_of_an_array_does_not_go_off(tmp_path):
    file = tmp_path / "inputs.npy"
    file.write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(ExportError):
        given_feeds(file, {"inputs": TensorSpec("x:0", "float32", (None, 8, 8, 3))})


@pytest.mark.parametrize("text", ["{a: !!python/object/apply:os.getcwd []}", "{a: !!python/name:os.system }",
                                  "!!python/object/new:os.system ['false']", "{a: !unknown 1}"])
def test_yaml_tags_make_no_objects(text, tmp_path):
    with pytest.raises(UsageError, match="could not determine a constructor"):
        read_model_args(text)
    (tmp_path / "args.yaml").write_text(text)
    with pytest.raises(UsageError, match="could not determine a constructor"):
        read_model_args(f"@{tmp_path / 'args.yaml'}")


def test_no_format_writes_outside_of_its_directory():
    for name in format_names():
        artifact_format = find_format(name)
        for path in (artifact_format.file_name, *artifact_format.files(FormatOptions())):
            assert not Path(path).is_absolute()
            assert ".." not in Path(path).parts


@pytest.mark.parametrize("name", ["../outside", "/outside", "a/../../outside", "..", ".", "~/outside\0"])
def test_no_output_name_leads_out_of_the_directory(tmp_path, name):
    with tf.Graph().as_default(), pytest.raises(exporter.ModelError, match="can't be the name of a node"):
        exporter.build_inference_graph("float_image_tensor", as_model(lambda images: {name: images}), [None, 8, 8, 3])
    assert list(tmp_path.iterdir()) == []
