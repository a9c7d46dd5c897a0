"""Whether a model's code is TensorFlow 1 is read from its source, and from what it imports at once."""

import sysconfig
from pathlib import Path

import pytest

from exporter.errors import UsageError
from exporter.tensorflow_1_code import find_tensorflow_1_code

MODULES = {
    "old.py": "import tensorflow as tf\n\nslim = tf.contrib.slim\n",
    "python2.py": "from nets import deep\nprint 'loaded'\n",
    "wrapper.py": "from nets import deep\n",
    "lazy.py": "def network(images):\n    import old\n    return old.slim.flatten(images)\n",
    "guarded.py": "try:\n    import old\nexcept ImportError:\n    old = None\n",
    "today.py": "import tensorflow as tf\n\n\ndef network(images):\n    return tf.nn.relu(images)\n",
    "circle.py": "import circle\n",
    "broken.py": "def network(:\n",
    "nets/__init__.py": "",
    "nets/deep.py": "from . import blocks\n",
    "nets/blocks.py": "import tensorflow as tf\n\nx = tf.placeholder\n",
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    for name, text in MODULES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(("spec", "reason"), [
    ("old.py:slim", "old.py, line 3: tf.contrib"), ("old:slim", "old.py, line 3: tf.contrib"),
    ("python2:network", "python2.py, line 2: Python 2 syntax"), ("wrapper:network", "blocks.py, line 3: tf.placeholder"),
    ("nets.deep:network", "blocks.py, line 3: tf.placeholder"), ("nets/blocks.py:x", "blocks.py, line 3: tf.placeholder")])
def test_code_that_needs_tensorflow_1(folder, spec, reason):
    code = find_tensorflow_1_code([spec])
    assert code.reason.startswith(reason)
    assert folder.resolve() in code.roots
    assert code.importable == ()
    assert "--tf1_root" in code.notice


@pytest.mark.parametrize("spec", ["today.py:network", "today:network", "lazy:network", "guarded:old", "circle:network",
                                  "broken.py:network", "json:loads", "numpy:mean", "nowhere:network", "nowhere.py:network",
                                  "tensorflow.compat.v1:placeholder"])
def test_code_that_does_not(folder, spec):
    assert find_tensorflow_1_code([spec]) is None


def test_a_file_elsewhere_makes_its_own_folder_the_root(folder, tmp_path_factory, monkeypatch):
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert find_tensorflow_1_code([f"{folder}/old.py:slim"]).roots == (folder.resolve(),)


def test_a_current_directory_with_a_python_below_it_is_no_root(folder, monkeypatch):
    monkeypatch.chdir("/")
    assert Path("/") in Path(sysconfig.get_paths()["stdlib"]).parents
    assert find_tensorflow_1_code([f"{folder}/old.py:slim"]).roots == (folder.resolve(),)


def test_roots_that_are_named_are_on_the_import_path_and_the_folder_of_a_file_counts_too(folder, monkeypatch):
    code = find_tensorflow_1_code([f"{folder}/today.py:network"], ["nets"], True, ["gpu_nms"])
    assert code.roots == (folder.resolve() / "nets", folder.resolve())
    assert code.importable == (folder.resolve() / "nets",)
    assert (code.reason, code.notice, code.allow_pickle, code.stub_modules) == ("", "", True, ("gpu_nms",))


@pytest.mark.parametrize(("options", "reason"), [({"allow_pickle": True}, "--allow_pickle"),
                                                 ({"stub_modules": ["a"]}, "--stub_modules")])
@pytest.mark.parametrize("spec", ["today:network", "today.py:network", "nowhere:network"])
def test_options_that_only_such_code_has_tell_as_well(folder, options, reason, spec):
    code = find_tensorflow_1_code([spec], **options)
    assert (code.reason, code.roots, code.importable) == (reason, (folder.resolve(),), ())


@pytest.mark.parametrize(("options", "words"), [
    ({"tf1_root": ["nowhere"]}, "--tf1_root nowhere is no directory"),
    ({"tf1_root": ["old.py"]}, "--tf1_root old.py is no directory")])
def test_options_that_can_not_be_meant(folder, options, words):
    with pytest.raises(UsageError, match=words):
        find_tensorflow_1_code(["today:network"], **options)
