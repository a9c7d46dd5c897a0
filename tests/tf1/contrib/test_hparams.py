"""`tf.contrib.training.HParams`; what each text gives is what TensorFlow 1.15.5 gives for it."""

import pytest

from exporter.tf1.contrib.training.hparam import HParams, parse_values


def hparams(**more):
    return HParams(steps=1, rate=2.0, name="x", sizes=[1, 2], is_big=True, pair=(1.5,), nothing=None, **more)


@pytest.mark.parametrize(("text", "changed"), [
    ("steps=3", {"steps": 3}),
    ("steps=3,rate=4", {"steps": 3, "rate": 4.0}),
    ("steps = 3 , rate=4", {"steps": 3, "rate": 4.0}),
    ("steps=-5,", {"steps": -5}),
    ("rate=1e-3", {"rate": 0.001}),
    ("name=hello world", {"name": "hello world"}),
    ("name=", {"name": ""}),
    ("name=a=b", {"name": "a=b"}),
    ("name=a.b/c-d_e:f", {"name": "a.b/c-d_e:f"}),
    ('name="quoted"', {"name": '"quoted"'}),
    ("sizes=[3,4,5]", {"sizes": [3, 4, 5]}),
    ("sizes=[1 2]", {"sizes": [1, 2]}),
    ("sizes=[]", {"sizes": []}),
    ("pair=[1,2],name=q", {"pair": [1.0, 2.0], "name": "q"}),
    ("is_big=false", {"is_big": False}),
    ("is_big=0", {"is_big": False}),
    ("is_big=2", {"is_big": True}),
])
def test_text_changes_values(text, changed):
    assert hparams().parse(text).values() == {**hparams().values(), **changed}


@pytest.mark.parametrize(("text", "message"), [
    ("steps=3.0", "Could not parse hparam 'steps' of type 'int' with value '3.0' in steps=3.0"),
    ("is_big=no", "Could not parse hparam 'is_big' of type 'bool' with value 'no' in is_big=no"),
    ("unknown=1", "Unknown hyperparameter type for unknown"),
    ("steps=1,steps=2", "Multiple assignments to variable 'steps' in steps=1,steps=2"),
    ("name=[x]", "Must not pass a list for single-valued parameter: name"),
    ("sizes=7", "Must pass a list for multi-valued parameter: sizes."),
    ("sizes[0]=1,sizes[0]=2", r"Multiple assignments to variable 'sizes\[0\]' in"),
    ("sizes[0]=[1]", "Assignment of a list to a list index."),
    ("=1", "Malformed hyperparameter value: =1"),
    ("steps", "Malformed hyperparameter value: steps"),
])
def test_text_that_is_refused(text, message):
    with pytest.raises(ValueError, match=message):
        hparams().parse(text)


def test_values_by_index():
    assert parse_values("sizes[1]=7,sizes[3]=8", {"sizes": int}) == {"sizes": {1: 7, 3: 8}}


def test_unknown_names_can_be_passed_over():
    assert parse_values("steps=1,other=2", {"steps": int}, ignore_unknown=True) == {"steps": 1}


@pytest.mark.parametrize(("name", "value"), [
    ("steps", "1"), ("steps", 2.0), ("steps", True), ("rate", "1"), ("rate", None), ("name", 1), ("is_big", 1),
    ("sizes", (3, 4)), ("steps", [1])])
def test_values_of_another_type_are_refused(name, value):
    with pytest.raises(ValueError, match=name):
        hparams().set_hparam(name, value)


def test_values_are_set_in_the_type_that_they_had():
    changed = hparams().override_from_dict({"rate": 1, "sizes": [3], "nothing": "now"})
    assert (changed.rate, changed.sizes, changed.nothing) == (1.0, [3], "now")
    assert isinstance(changed.rate, float)


def test_adding_and_removing():
    some = hparams()
    some.add_hparam("added", 0.5)
    some.del_hparam("steps")
    some.del_hparam("never_was")
    assert "steps" not in some
    assert "added" in some
    assert (some.get("added"), some.get("steps", 3)) == (0.5, 3)
    with pytest.raises(AttributeError):
        _ = some.steps


def test_reserved_names_and_empty_lists_are_refused():
    with pytest.raises(ValueError, match="Hyperparameter name is reserved: values"):
        HParams(values=1)
    with pytest.raises(ValueError, match="Multi-valued hyperparameters cannot be empty: layers"):
        HParams(layers=[])
    with pytest.raises(KeyError):
        hparams().set_hparam("unknown", 1)


def test_a_default_of_another_type_is_refused():
    for name, default in (("steps", "x"), ("steps", [1]), ("sizes", 1), ("steps", 2.0)):
        with pytest.raises(ValueError, match=name):
            hparams().get(name, default)


def test_json_and_text():
    some = HParams(b=2, a=[1, 2], c="x")
    assert some.to_json(sort_keys=True) == '{"a": [1, 2], "b": 2, "c": "x"}'
    assert HParams(b=1, a=[0], c="y").parse_json(some.to_json()).values() == some.values()
    assert str(some) == "a=[1, 2],b=2,c=x"
    assert repr(some) == "HParams([('a', [1, 2]), ('b', 2), ('c', 'x')])"


def test_a_model_structure_is_kept():
    some = HParams(model_structure="net")
    assert some.get_model_structure() == "net"
    some.set_model_structure(None)
    assert some.get_model_structure() is None


def test_protocol_buffers_are_refused():
    with pytest.raises(NotImplementedError, match="Pass the values by name"):
        HParams(hparam_def=object())
