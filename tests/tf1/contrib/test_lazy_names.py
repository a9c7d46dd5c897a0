"""How the modules of `tf.contrib` find their names."""

import sys
import types

import pytest

from exporter.tf1.contrib.lazy_names import lazy_names, present
from exporter.tf1.contrib.missing import MissingSymbolError, TrainingOnlyError

MODULE = "exporter.tf1.contrib.thing"


@pytest.fixture
def thing(monkeypatch):
    module = types.ModuleType(MODULE)
    module.__getattr__, module.__dir__ = lazy_names(
        MODULE, {"cos": "math:cos", "moved": "math:no_more", "gone": "no_such_module:name", "path": "os.path:"},
        training="train fit", modules=("string", "math"))
    monkeypatch.setitem(sys.modules, MODULE, module)
    return module


def test_names_are_found_where_they_are_today_and_kept(thing):
    import math
    import os
    assert thing.cos is math.cos
    assert vars(thing)["cos"] is math.cos
    assert thing.path is os.path


def test_names_of_other_modules_are_names_of_this_one(thing):
    assert thing.digits == "0123456789"
    assert thing.pi == pytest.approx(3.14159265)


def test_names_for_training_are_stubs(thing):
    with pytest.raises(TrainingOnlyError, match=r"tf\.contrib\.thing\.fit is for training only"):
        thing.fit(1, 2)


@pytest.mark.parametrize("name", ["never_was", "moved", "gone"])
def test_other_names_tell_who_asked(thing, name):
    with pytest.raises(MissingSymbolError, match=rf"tf\.contrib\.thing\.{name} is not on .*test_lazy_names"):
        getattr(thing, name)
    assert not hasattr(thing, "__wrapped__")


def test_all_names_are_listed(thing):
    assert {"cos", "train", "fit", "digits", "pi"} <= set(dir(thing))


def test_a_name_of_the_public_interface():
    import tensorflow.compat.v1 as tf
    assert present("nn.softplus") is tf.nn.softplus
