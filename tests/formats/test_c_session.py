"""Artifacts loaded through TensorFlow's C API give what they give through Python, to the bit; errors stay as useful."""

import gc
import weakref

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from exporter.errors import GraphError, reason
from exporter.formats import c_api, c_session, frozen_graph, saved_model
from exporter.formats.format import find_format
from exporter.graph.tensor_spec import Signature, TensorSpec
from tests.conformance.test_outputs import assert_equal_to_the_bit
from tests.goldens import control_flow_v1

DTYPES = ("float16", "bfloat16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32",
          "uint64", "bool", "complex64", "complex128", "string", "qint8", "quint8", "qint16", "quint16", "qint32")
SHAPES = ((), (3,), (2, 3), (0, 4))

needs_c_library = pytest.mark.skipif(c_api.c_library() is None, reason="TensorFlow's C library can't be called here")


@pytest.fixture
def by_python(monkeypatch):
    """The C library is missing, as on macOS and Windows."""
    def hide():
        for module in (frozen_graph, saved_model):
            monkeypatch.setattr(module, "c_library", lambda: None)
    return hide


@pytest.fixture
def write(tmp_path):
    """Builds a graph by a function of a placeholder, writes it in both formats and returns its signature."""
    def build_and_write(function, dtype=tf.float32, shape=None):
        with tf.Graph().as_default(), tf.Session() as session:
            fed = tf.placeholder(dtype, shape, name="fed")
            results = function(fed)
            results = results if isinstance(results, dict) else {"result": results}
            (tmp_path / "graph.pb").write_bytes(session.graph.as_graph_def().SerializeToString())
            tf.saved_model.simple_save(session, str(tmp_path / "saved_model"), {"fed": fed}, results,
                                       legacy_init_op=tf.tables_initializer())
        return Signature({"fed": TensorSpec.of(fed)}, {name: TensorSpec.of(tensor) for name, tensor in results.items()})
    return build_and_write


@pytest.fixture
def load(tmp_path):
    def load_one(format_name, signature=None):
        place = {"frozen_graph": "graph.pb", "saved_model": "saved_model"}[format_name]
        return find_format(format_name).load(tmp_path / place, signature)
    return load_one


def values(dtype, shape):
    numbers = np.arange(np.prod(shape, dtype=int)).reshape(shape)
    if dtype != "string":
        return numbers.astype(tf.as_dtype(dtype).as_numpy_dtype)
    strings = np.empty(shape, object)
    strings.reshape(-1)[:] = [b"\0short\0", b"long" * 40 + b"\0", "Bär".encode(), b"", b"4", b"5"][:strings.size]
    return strings


def table_of_names(fed):
    initializer = tf.lookup.KeyValueTensorInitializer(tf.constant([0, 1], tf.int64), tf.constant(["cat", "dog"]))
    return tf.lookup.StaticHashTable(initializer, "?").lookup(tf.cast(fed, tf.int64))


def loops(fed):
    def repeat(_):
        return tf.while_loop(lambda index, _: index < 3, lambda index, net: (index + 1, net * 1.5 - index), (0.0, fed))[1]

    with control_flow_v1():
        classic = repeat(fed)
    return {"classic": tf.identity(classic), "functional": tf.identity(repeat(fed))}


def small_network(fed):
    random = np.random.RandomState(0)
    net = tf.nn.conv2d(fed, random.rand(3, 3, 3, 8).astype(np.float32), 1, "SAME")
    net = tf.reshape(tf.nn.max_pool2d(tf.nn.relu(net), 2, 2, "SAME"), [-1, 128])
    return tf.nn.softmax(tf.matmul(net, random.rand(128, 10).astype(np.float32)))


def test_the_c_library_is_found_on_linux():
    assert c_api.c_library() is not None


@needs_c_library
@pytest.mark.parametrize("format_name", ["frozen_graph", "saved_model"])
@pytest.mark.parametrize(("function", "fed"), [
    (small_network, np.random.RandomState(1).rand(2, 8, 8, 3).astype(np.float32)),
    (loops, np.array([1.0, -2.5], np.float32)), (table_of_names, np.array([1.0, 0.0, 7.0]))])
def test_the_c_api_gives_what_python_gives(write, load, by_python, format_name, function, fed):
    signature = write(function, shape=fed.shape)
    with load(format_name, signature) as run:
        found = run({"fed": fed})
    by_python()
    with load(format_name, signature) as run:
        assert_equal_to_the_bit(found, run({"fed": fed}))


@needs_c_library
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_every_type_goes_in_and_out(write, load, by_python, dtype, shape):
    signature, fed = write(tf.identity, dtype), values(dtype, shape)
    with load("frozen_graph", signature) as run:
        found = run({"fed": fed})
    assert found["result"].shape == shape
    assert found["result"].tobytes() == fed.tobytes() if dtype != "string" else found["result"].tolist() == fed.tolist()
    by_python()
    with load("frozen_graph", signature) as run:
        assert_equal_to_the_bit(found, run({"fed": fed}))


@needs_c_library
def test_arrays_that_are_not_contiguous(write, load):
    with load("frozen_graph", write(tf.identity)) as run:
        fed = np.arange(12, dtype=np.float32).reshape(3, 4)
        assert run({"fed": fed.T[::2]})["result"].tolist() == fed.T[::2].tolist()


@needs_c_library
def test_text_is_fed_as_utf_8(write, load):
    with load("frozen_graph", write(tf.identity, tf.string)) as run:
        assert run({"fed": ["Bär", b"raw"]})["result"].tolist() == ["Bär".encode(), b"raw"]


@needs_c_library
@pytest.mark.parametrize("format_name", ["frozen_graph", "saved_model"])
def test_an_output_may_be_an_input_and_have_two_names(write, load, format_name):
    with load(format_name, write(lambda fed: {"same": fed, "one": fed + 1.0, "shared": fed})) as run:
        assert {name: array.tolist() for name, array in run({"fed": [2.0]}).items()} == {
            "same": [2.0], "one": [3.0], "shared": [2.0]}


@needs_c_library
@pytest.mark.parametrize("format_name", ["frozen_graph", "saved_model"])
def test_a_node_that_fails_tells_why(write, load, format_name):
    with load(format_name, write(lambda fed: tf.reshape(fed, [3]))) as run:
        with pytest.raises(tf.errors.InvalidArgumentError) as caught:
            run({"fed": [1.0, 2.0]})
        assert reason(caught.value) == "Input to reshape is a tensor with 2 values, but the requested shape has 3"
        assert run({"fed": [1.0, 2.0, 3.0]})["result"].tolist() == [1.0, 2.0, 3.0]


@needs_c_library
def test_a_closed_session_does_not_run(write, load):
    run = load("frozen_graph", write(tf.identity))
    with run:
        pass
    with pytest.raises(RuntimeError, match="closed"):
        run({"fed": 1.0})


@needs_c_library
def test_a_session_that_nobody_closes_goes_with_its_last_user(write, load, monkeypatch):
    deleted = []
    delete = c_session._delete_session
    monkeypatch.setattr(c_session, "_delete_session", lambda *arguments: (deleted.append(arguments), delete(*arguments)))
    run = load("frozen_graph", write(tf.identity))
    ended = weakref.ref(run)
    del run
    gc.collect()
    assert ended() is None
    assert len(deleted) == 1


@needs_c_library
@pytest.mark.parametrize("name", ["nowhere:0", "result:1"])
def test_a_signature_that_names_no_tensor(write, load, name):
    signature = write(lambda fed: tf.identity(fed, name="result"))
    with pytest.raises(GraphError, match=f"no tensor '{name}', which its signature names"):
        load("frozen_graph", Signature(signature.inputs, {"result": TensorSpec(name, "float32", None)}))


@needs_c_library
def test_resources_have_no_value(write, load):
    signature = write(lambda fed: tf.raw_ops.VarHandleOp(dtype=tf.float32, shape=[]))
    with load("frozen_graph", signature) as run, pytest.raises(tf.errors.UnimplementedError, match="resource has no value"):
        run({"fed": 1.0})


def test_a_file_that_is_no_graph(write, load, tmp_path):
    signature = write(tf.identity)
    (tmp_path / "graph.pb").write_bytes(b"no graph")
    with pytest.raises(GraphError, match=r"graph.pb is no frozen graph"):
        load("frozen_graph", signature)


def test_an_unknown_op_is_named(write, load, tmp_path):
    signature = write(tf.identity)
    graph_def = tf.GraphDef.FromString((tmp_path / "graph.pb").read_bytes())
    graph_def.node[1].op = "Nonsense"
    (tmp_path / "graph.pb").write_bytes(graph_def.SerializeToString())
    with pytest.raises(tf.errors.NotFoundError, match="Op type not registered 'Nonsense'"):
        load("frozen_graph", signature)


def test_a_node_may_be_placed_with_one_that_is_gone(write, load, tmp_path):
    signature = write(lambda fed: tf.identity(fed) + 1.0)
    graph_def = tf.GraphDef.FromString((tmp_path / "graph.pb").read_bytes())
    graph_def.node[1].attr["_class"].list.s.append(b"loc:@gone")
    (tmp_path / "graph.pb").write_bytes(graph_def.SerializeToString())
    with load("frozen_graph", signature) as run:
        assert run({"fed": 1.0})["result"] == 2.0


def save(folder, tags=("serve",), key="serving_default", initial=2.0):
    """A SavedModel with a variable, which doubles."""
    with tf.Graph().as_default(), tf.Session() as session:
        fed = tf.placeholder(tf.float32, [None], name="fed")
        result = fed * tf.Variable(initial)
        session.run(tf.global_variables_initializer())
        builder = tf.saved_model.Builder(str(folder))
        builder.add_meta_graph_and_variables(session, list(tags), {
            key: tf.saved_model.predict_signature_def({"fed": fed}, {"result": result})})
        builder.save()


def test_variables_are_restored(load, tmp_path):
    save(tmp_path / "saved_model")
    with load("saved_model") as run:
        assert run({"fed": [1.0, 4.0]})["result"].tolist() == [2.0, 8.0]


def test_an_unknown_signature(load, tmp_path):
    save(tmp_path / "saved_model", key="other")
    with pytest.raises(GraphError, match=r"(?s)no signature 'serving_default'.*It has: other"):
        load("saved_model")


@needs_c_library
def test_an_unknown_tag(load, tmp_path):
    save(tmp_path / "saved_model", tags=("serve", "gpu"))
    with pytest.raises(GraphError, match=r"(?s)saved_model.pb has no graph with the tag 'serve' alone.*It has: .*gpu"):
        load("saved_model")


@needs_c_library
@pytest.mark.parametrize(("damage", "problem"), [
    (lambda content: content[:len(content) // 2], "is cut off"), (lambda content: b"no model", "is no protobuf message"),
    (lambda content: b"", "has no graph with the tag"), (lambda content: b"\xff" * 100, "is cut off"),
    (lambda content: b"\x12\x04\x0a\x02\xff\xff", "is no SavedModel")])
def test_a_damaged_saved_model(load, tmp_path, damage, problem):
    save(tmp_path / "saved_model")
    file = tmp_path / "saved_model" / "saved_model.pb"
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(GraphError, match=f"saved_model.pb {problem}"):
        load("saved_model")


def test_variables_that_are_gone(load, tmp_path):
    save(tmp_path / "saved_model")
    for file in (tmp_path / "saved_model" / "variables").iterdir():
        file.unlink()
    with load("saved_model") as run, pytest.raises(tf.errors.OpError, match="uninitialized"):
        run({"fed": [1.0]})


def test_without_the_library_python_loads(monkeypatch, write, load):
    monkeypatch.setattr(c_api, "_LIBRARY", "libmissing.so")
    c_api.c_library.cache_clear()
    try:
        assert c_api.c_library() is None
        signature = write(small_network, shape=[None, 8, 8, 3])
        for format_name in ("frozen_graph", "saved_model"):
            with load(format_name, signature) as run:
                assert run({"fed": np.ones([2, 8, 8, 3])})["result"].shape == (2, 10)
    finally:
        monkeypatch.undo()
        c_api.c_library.cache_clear()


def test_a_library_without_one_of_the_functions_is_not_used(monkeypatch):
    monkeypatch.setitem(c_api._FUNCTIONS, "TF_Nonsense", (None,))
    assert c_api.c_library.__wrapped__() is None
