"""Pickles, and what else builds any object that a file names: refused below the roots, unless they are allowed."""

from __future__ import annotations

import io
import pickle

import numpy as np
import pytest

from exporter.errors import UsageError
from exporter.tf1.surface.libraries.old_numpy import numpy_names
from exporter.tf1.surface.libraries.pickles import pickle_names

ALLOWED = "install_surface([Path('old').resolve()], allow_pickle=True)"


@pytest.fixture
def weights(tmp_path):
    np.save(tmp_path / "weights.npy", np.array({"conv1": [1.0]}, dtype=object))
    (tmp_path / "weights.pkl").write_bytes(pickle.dumps({"conv1": [1.0]}))
    return tmp_path


def test_pickles_are_refused_unless_allowed(run, weights):
    source = """
        import numpy as np, pickle, cPickle, os
        from exporter.errors import UsageError
        folder = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        for load in (lambda: np.load(folder + "/weights.npy").item(),
                     lambda: np.load(folder + "/weights.npy", allow_pickle=True),
                     lambda: pickle.load(open(folder + "/weights.pkl", "rb")), lambda: cPickle.loads(b""),
                     lambda: pickle.Unpickler(open(folder + "/weights.pkl", "rb"))):
            try:
                print(type(load()).__name__)
            except UsageError as error:
                print(error.problem.partition(" (")[0], "|", error.advice)
    """
    refused = run("import loads", {"loads.py": source}).splitlines()
    names = ("np.load", "np.load", "pickle.load", "pickle.loads", "pickle.Unpickler")
    assert refused == [f"{name} would load a pickle, and with it any code that is inside | If you trust the file, allow it "
                       f"with --allow_pickle." for name in names]
    source = source.replace('lambda: cPickle.loads(b""),', "")
    allowed = run("import loads", {"loads.py": source}, install="install_surface([Path('old')], allow_pickle=True)")
    assert allowed.split() == ["dict", "ndarray", "dict", "Unpickler"]


def test_pickles_of_python_2_are_read_as_latin_1():
    allowed = pickle_names(lambda: True)
    old = b"S'\\xe9'\np0\n."  # pickle.dumps('\xe9') of Python 2
    with pytest.raises(UnicodeDecodeError):
        pickle.loads(old)
    assert (allowed["loads"](old), allowed["load"](io.BytesIO(old))) == ("é", "é")


def test_np_load_reads_plain_arrays_without_leave(tmp_path):
    np.save(tmp_path / "plain.npy", np.arange(3))
    load = numpy_names(lambda: False)["load"]
    assert load(tmp_path / "plain.npy").tolist() == load(tmp_path / "plain.npy", allow_pickle=True).tolist() == [0, 1, 2]


READERS = """
import os, pickle, shelve
import numpy as np
import six
import six.moves.cPickle
import _pickle
from six.moves import cPickle
import yaml
import joblib
from joblib import load
from exporter.errors import UsageError
folder = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + "/"
weights, arrays = folder + "weights.pkl", folder + "weights.npy"
np.savez(folder + "weights.npz", a=np.load(arrays, allow_pickle=ALLOWED) if ALLOWED else np.zeros(1), b=np.zeros(1))


class Mine(pickle._Unpickler):
    pass


def read():
    yield "six.moves", lambda: cPickle.load(open(weights, "rb"))
    yield "six.moves", lambda: six.moves.cPickle.loads(open(weights, "rb").read())
    yield "_pickle", lambda: _pickle.load(open(weights, "rb"))
    yield "_load", lambda: pickle._load(open(weights, "rb"))
    yield "_Unpickler", lambda: Mine(open(weights, "rb")).load()
    yield "shelve", lambda: shelve.open(folder + "shelf")
    yield "format", lambda: np.lib.format.read_array(open(arrays, "rb"), allow_pickle=True)
    yield "yaml", lambda: yaml.load("!!python/object/apply:os.getpid []", Loader=yaml.Loader)
    yield "yaml", lambda: yaml.unsafe_load("!!python/object/apply:os.getpid []")
    yield "joblib", lambda: joblib.load(weights)
    yield "joblib", lambda: load(weights)


for name, reader in read():
    try:
        reader()
        print(name, "read")
    except UsageError as error:
        print(name, "refused", error.advice.split()[-1])
"""


@pytest.mark.parametrize(("allowed", "install", "result"), [
    ("False", "install_surface([Path('old').resolve()])", "refused --allow_pickle."), ("True", ALLOWED, "read")])
def test_all_that_read_pickles_ask(run, weights, allowed, install, result):
    (weights / "joblib.py").write_text("import pickle\ndef load(path):\n    return pickle.load(open(path, 'rb'))\n")
    found = run("import reads", {"reads.py": READERS.replace("ALLOWED", allowed)}, install).splitlines()
    assert len(found) == 11
    assert [line.partition(" ")[2] for line in found] == [result] * 11


def test_arrays_of_objects_in_npz_files_are_refused_by_the_flags_name(tmp_path):
    np.savez(tmp_path / "weights.npz", objects=np.array({"a": 1}, dtype=object), plain=np.arange(3))
    with numpy_names(lambda: False)["load"](tmp_path / "weights.npz") as loaded:
        assert (loaded["plain"].tolist(), loaded.f.plain.tolist()) == ([0, 1, 2], [0, 1, 2])
        assert sorted(loaded) == ["objects", "plain"]
        with pytest.raises(UsageError, match=r"np\.load, for objects, would load a pickle") as caught:
            loaded["objects"]
    assert "--allow_pickle" in caught.value.advice
    assert numpy_names(lambda: True)["load"](tmp_path / "weights.npz")["objects"].item() == {"a": 1}


def test_yaml_without_python_objects_is_read_with_any_loader(run):
    source = """
        import yaml
        from yaml.loader import Loader as TheLoader
        class Loader(yaml.Loader):
            pass
        Loader.add_constructor("!join", lambda loader, node: "/".join(loader.construct_sequence(node)))
        yaml.add_constructor("!double", lambda loader, node: 2 * loader.construct_scalar(node))
        text = "{size: 3, path: !join [a, b]}"
        print(yaml.load(text, Loader=Loader), yaml.load("!double a", Loader=TheLoader), yaml.unsafe_load("[1]"))
        print(list(yaml.load_all("a\\n---\\nb", yaml.CLoader)) if hasattr(yaml, "CLoader") else ["a", "b"])
    """
    assert run("import settings", {"settings.py": source}).splitlines() == [
        "{'size': 3, 'path': 'a/b'} aa [1]", "['a', 'b']"]


def test_a_library_that_is_not_installed_is_missing_as_ever(run):
    modules = {"model.py": "try:\n    import cloudpickle_of_nobody, dill\nexcept ImportError as error:\n    print(error)\n"}
    assert run("import model", modules) == "No module named 'cloudpickle_of_nobody'"


def test_a_module_of_the_package_by_the_name_of_a_missing_library(run):
    pytest.importorskip("six")
    modules = {"lib/__init__.py": "", "lib/dill.py": "name = 'mine'\n", "lib/model.py": "import dill\nprint(dill.name)\n"}
    assert run("import lib.model", modules) == "mine"


def test_pickles_are_written_to_files_of_text_too(run):
    source = """
        import cPickle, pickle
        for write in (cPickle.dump, lambda value, file: pickle.Pickler(file, 2).dump(value)):
            with open("state.pkl", "w") as file:
                write([1, "a"], file)
            print(cPickle.load(open("state.pkl")), pickle.Unpickler(open("state.pkl")).load())
    """
    assert run("import state", {"state.py": source}, ALLOWED).splitlines() == ["[1, 'a'] [1, 'a']"] * 2
