"""Building a graph around a model."""

import pytest
import tensorflow.compat.v1 as tf

from exporter.errors import ModelError, UsageError
from exporter.graph.building import GraphOptions, build_graph
from exporter.graph.side_inputs import SideInput, parse_side_input_shapes, side_inputs
from exporter.graph.tensor_spec import TensorSpec, dtype_enum, dtype_name, format_shape


class Model:
    default_input_shape = (None, 4, 4, 3)

    def preprocess(self, inputs):
        return inputs, tf.shape(inputs), "context"

    def predict(self, preprocessed, shapes, text, scale=None):
        self.seen = (preprocessed.dtype, text, scale)
        return {"logits": preprocessed * (1.0 if scale is None else scale)}

    def postprocess(self, predictions, shapes, text):
        return {"output": predictions["logits"], "shapes": shapes}


def test_what_preprocess_returns_after_its_first_element_goes_to_the_others():
    model = Model()
    graph = build_graph(model, None, GraphOptions())
    assert model.seen == (tf.float32, "context", None)
    assert graph.inputs == {"inputs": TensorSpec("image_tensor:0", "uint8", (None, 4, 4, 3))}
    assert graph.outputs == {"output": TensorSpec("output:0", "float32", (None, 4, 4, 3)),
                             "shapes": TensorSpec("shapes:0", "int32", (4,))}


def test_the_callers_default_graph_is_left_alone(graph):
    build_graph(Model(), None, GraphOptions())
    assert graph.get_operations() == []


def test_a_given_shape_wins_over_the_models():
    assert build_graph(Model(), None, GraphOptions(input_shape=[1, 2, 2, 3])).inputs["inputs"].shape == (1, 2, 2, 3)


def test_a_model_may_take_images_of_another_type():
    model = Model()
    model.input_dtype = tf.float64
    build_graph(model, None, GraphOptions())
    assert model.seen[0] == tf.float64


def test_side_inputs_are_keyword_arguments_and_in_the_signature():
    model = Model()
    graph = build_graph(model, None, GraphOptions(side_inputs=(SideInput("scale", "float32", ()),)))
    assert model.seen[2].name == "scale:0"
    assert graph.inputs["scale"] == TensorSpec("scale:0", "float32", ())


def test_a_side_input_that_no_method_takes_is_an_error():
    with pytest.raises(ModelError, match="takes no side input weight"):
        build_graph(Model(), None, GraphOptions(side_inputs=(SideInput("weight", "float32", ()),)))


def of_own_placeholders(images):
    with tf.variable_scope("model"):
        keep_prob, again = tf.placeholder(tf.float32, [], name="keep_prob"), tf.placeholder(tf.bool, name="again")
        tf.placeholder(tf.int32, name="unused")
        tf.placeholder(tf.bool, name="deep/again")  # not needed: it is not the one that a side input "again" means
    return tf.cond(again, lambda: images * keep_prob, lambda: images)


def test_the_models_own_placeholders_become_side_inputs_by_their_names():
    def network(images):
        keep_prob = tf.placeholder_with_default(0.5, [], name="model/keep_prob")
        return images * keep_prob * tf.placeholder(tf.float32, [None], name="scale")

    graph = build_graph(network, None, GraphOptions(
        side_inputs=(SideInput("scale", "float32", (None,)), SideInput("keep_prob", "float32", ()))))
    assert list(graph.inputs) == ["inputs", "scale", "keep_prob"]
    assert graph.inputs["keep_prob"] == TensorSpec("model/keep_prob:0", "float32", ())


@pytest.mark.parametrize(("side_inputs", "message"), [
    ((), "need values for the model's own placeholders: model/keep_prob, model/again"),
    ((SideInput("keep_prob", "float64", ()),), r"model/keep_prob:0 float32 \[\], not float64 \[\]"),
    ((SideInput("keep_prob", "float32", (2,)),), r"model/keep_prob:0 float32 \[\], not float32 \[2\]"),
    ((SideInput("again", "bool", ()),), "need values for the model's own placeholders: model/keep_prob"),
    ((SideInput("keep", "float32", ()),), "takes no side input keep"),
])
def test_placeholders_that_nobody_feeds(side_inputs, message):
    with pytest.raises(ModelError, match=message):
        build_graph(of_own_placeholders, None, GraphOptions(side_inputs=side_inputs))


def test_two_placeholders_of_one_name_can_not_be_told_apart():
    def network(images):
        left, right = (tf.placeholder(tf.float32, [], name=f"{side}/scale") for side in ("left", "right"))
        return images * left * right

    with pytest.raises(ModelError, match="has 2 placeholders scale: left/scale, right/scale") as caught:
        build_graph(network, None, GraphOptions(side_inputs=(SideInput("scale", "float32", ()),)))
    assert "--input_graph MODEL.meta" in caught.value.advice


@pytest.mark.parametrize("name", ["inputs", "image_tensor"])
def test_a_side_input_can_not_take_the_images_name(name):
    with pytest.raises(UsageError, match=f"can't be called '{name}'"):
        GraphOptions(side_inputs=(SideInput(name, "float32", ()),))


def test_the_hook_runs_with_the_exports_graph_as_default():
    seen = []
    graph = build_graph(Model(), None, GraphOptions(graph_hook_fn=lambda: seen.append(tf.constant(1.0, name="hooked"))))
    assert "hooked" in [node.name for node in graph.meta_graph_def.graph_def.node]


def test_a_graph_has_a_global_step():
    graph = build_graph(Model(), None, GraphOptions())
    assert [variable.name for variable in graph.variables] == ["global_step"]


@pytest.mark.parametrize("method", ["preprocess", "predict", "postprocess"])
def test_an_exception_of_the_model_names_its_method(method, monkeypatch):
    def fail(*_):
        raise ValueError("bad luck")

    monkeypatch.setattr(Model, method, fail)
    with pytest.raises(ModelError, match=f"model's {method} raised ValueError: bad luck"):
        build_graph(Model(), None, GraphOptions())


def test_an_exception_of_the_hook_names_it():
    with pytest.raises(ModelError, match="graph_hook_fn raised ZeroDivisionError"):
        build_graph(Model(), None, GraphOptions(graph_hook_fn=lambda: 1 // 0))


def test_additional_outputs_are_in_the_signature():
    graph = build_graph(Model(), None, GraphOptions(additional_output_tensor_names=["ToFloat"]))
    assert graph.outputs["ToFloat"].name == "ToFloat:0"


def test_side_inputs_from_flags():
    assert side_inputs(["a", "b", "c"], parse_side_input_shapes("-1,4//2,None"), ["tf.float32", "string", "int64"]) == (
        SideInput("a", "float32", (None, 4)), SideInput("b", "string", ()), SideInput("c", "int64", (2, None)))
    assert side_inputs([], [], []) == ()
    assert side_inputs(["a"], [[-1, 4]], ["float32"]) == (SideInput("a", "float32", (None, 4)),)


@pytest.mark.parametrize(("names", "shapes", "types", "message"), [
    (["a"], "-1/-1", ["float32"], "1 side input names, 2 shapes and 1 types"),
    (["a", "a"], "-1/-1", ["float32"] * 2, "Two side inputs have one name"),
    (["a"], "x", ["float32"], "'x' is not a list of numbers"),
    (["a"], "-1", ["float31"], "no data type 'float31'"),
    (["a-b"], "-1", ["float32"], "'a-b' can't be a keyword argument")])
def test_flags_that_are_no_side_inputs(names, shapes, types, message):
    with pytest.raises(UsageError, match=message):
        side_inputs(names, parse_side_input_shapes(shapes), types)


def test_data_types_are_those_of_tensorflow():
    for name in ("float32", "bfloat16", "string", "qint8", "uint4", "complex128", "variant"):
        assert dtype_enum(name) == tf.as_dtype(name).as_datatype_enum
        assert dtype_name(tf.as_dtype(name)._as_ref.as_datatype_enum) == name


def test_shapes_for_people():
    assert [format_shape(shape) for shape in (None, (), (None, 3))] == ["unknown", "[]", "[?, 3]"]
