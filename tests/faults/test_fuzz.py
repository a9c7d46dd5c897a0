"""Fuzzing what reads files and flags that others wrote: an ExportError or a result, never a traceback, a hang or a crash.

The cases are the same in every run. ``CASES`` of each kind are tried in the fast suite, ``MORE_CASES`` in the slow one.
"""

import contextlib

import pytest
import tensorflow.compat.v1 as tf
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exporter.commands.option_flags import read_model_args, read_variable_map
from exporter.errors import CheckpointError, ExportError, GraphError, UsageError
from exporter.evaluation.artifacts import find_artifacts
from exporter.formats.format import find_format
from exporter.formats.frozen_graph import read_graph_def
from exporter.graph.input_types import parse_input_shape
from exporter.graph.outputs import select_outputs
from exporter.graph.side_inputs import parse_side_input_shapes, side_inputs
from exporter.graph.stored.inference import read_inference_graph
from exporter.graph.stored.loading import load_stored_graph
from exporter.graph.stored.options import StoredGraphOptions, parse_fixed, parse_input_shapes
from exporter.python_object import check_spec
from exporter.weights.binding import WeightOptions
from exporter.weights.bundle_protos import BundleEntry, BundleHeader
from exporter.weights.checkpoint_path import CheckpointPath, resolve_checkpoint
from exporter.weights.checksum import crc32c, mask, masked_checksum
from exporter.weights.table_format import MAGIC, TableError, read_table, write_table, write_varint
from exporter.weights.tensor_bundle import UnsupportedBundleError, read_bundle_index

CASES, MORE_CASES = 300, 5_000

integers = st.one_of(st.integers(-3, 20), st.sampled_from([-2 ** 63, -2 ** 31, 2 ** 31 - 1, 2 ** 31, 2 ** 62, 2 ** 63 - 1]))
raw_bytes = st.binary(max_size=300)


def fuzz(*strategies):
    """Decorates a test that takes a case: fast with ``CASES``, slow with ``MORE_CASES`` of them."""
    def decorate(check):
        def run(cases):
            settings(max_examples=cases, derandomize=True, database=None, deadline=None,
                     suppress_health_check=list(HealthCheck))(given(*strategies)(check))()
        return pytest.mark.parametrize("cases", [CASES, pytest.param(MORE_CASES, marks=pytest.mark.slow)])(
            _named(run, check.__name__))
    return decorate


def _named(function, name):
    function.__name__ = function.__qualname__ = name
    return function


@pytest.fixture(scope="module", autouse=True)
def folder(tmp_path_factory):
    """A folder that all cases share, with a data file of 128 zeros."""
    global FOLDER
    FOLDER = tmp_path_factory.mktemp("fuzz")
    (FOLDER / "model.data-00000-of-00001").write_bytes(bytes(128))
    return FOLDER


def block(content):
    """A block with a right checksum, whatever its content."""
    return content + b"\0" + masked_checksum(content, b"\0").to_bytes(4, "little")


@st.composite
def tables(draw):
    """Tables whose checksums are right and whose contents may be anything."""
    data = draw(st.one_of(raw_bytes, st.builds(lambda entries: b"".join(entries) + b"\0\0\0\0\1\0\0\0", st.lists(st.builds(
        lambda shared, key, value: write_varint(shared) + write_varint(len(key)) + write_varint(len(value)) + key + value,
        st.integers(0, 5), st.binary(max_size=6), st.binary(max_size=20))))))
    index = draw(st.one_of(raw_bytes, st.builds(
        lambda offset, size: write_varint(0) + b"\1" + write_varint(len(write_varint(offset) + write_varint(size))) + b"k"
        + write_varint(offset) + write_varint(size) + b"\0\0\0\0\1\0\0\0",
        st.sampled_from([0, 1, 2 ** 40]), st.sampled_from([len(data), 0, 3, 2 ** 40]))))
    body = block(data) + block(index)
    footer = b"\0\0" + write_varint(len(block(data))) + write_varint(len(index))
    return body + footer.ljust(40, b"\0") + MAGIC.to_bytes(8, "little")


@st.composite
def mutated(draw, valid):
    """A valid file with some bytes changed, cut out or put in."""
    content = bytearray(draw(valid))
    for _ in range(draw(st.integers(1, 4))):
        position = draw(st.integers(0, max(len(content) - 1, 0)))
        content[position:position + draw(st.integers(0, 3))] = draw(st.binary(max_size=3))
    return bytes(content)


@st.composite
def entries(draw):
    """An index entry with numbers that a damaged or malicious checkpoint may have."""
    entry = BundleEntry(dtype=draw(st.one_of(st.integers(-5, 130), st.sampled_from([1, 14, 29]))),
                        shard_id=draw(st.integers(-2, 3)), offset=draw(integers),
                        size=draw(st.one_of(integers, st.sampled_from([4, 8, 64]))))
    entry.crc32c = mask(crc32c(bytes(max(0, min(entry.size, 64)))))
    for size in draw(st.lists(integers, max_size=4)):
        entry.shape.dim.add(size=size)
    entry.shape.unknown_rank = draw(st.booleans())
    return entry.SerializeToString()


@st.composite
def indexes(draw):
    """An intact table whose header and entries may be anything."""
    header = draw(st.one_of(raw_bytes, st.builds(
        lambda shards, endianness: BundleHeader(num_shards=shards, endianness=endianness).SerializeToString(),
        st.sampled_from([1, 1, 1, 0, -1, 2]), st.sampled_from([0, 0, 0, 1]))))
    rows = draw(st.dictionaries(st.binary(min_size=1, max_size=8), st.one_of(entries(), raw_bytes), max_size=5))
    return write_table([(b"", header), *sorted(rows.items())])


def graph_defs():
    graph_def = tf.GraphDef()
    for name, op in (("a", "Placeholder"), ("b", "Identity"), ("c", "Const")):
        graph_def.node.add(name=name, op=op, input=["a"])
    graph_def.node[2].attr["value"].tensor.tensor_content = bytes(16)
    return st.just(graph_def.SerializeToString())


@fuzz(st.one_of(raw_bytes, tables(), mutated(tables()), mutated(indexes())))
def test_the_table_parser(content):
    with contextlib.suppress(TableError):
        list(read_table(content))


@fuzz(st.one_of(indexes(), mutated(indexes()), tables()))
def test_the_checkpoint_index(content):
    """What is taken for good can be read, too: its bytes are there, only their checksum may be wrong."""
    (FOLDER / "model.index").write_bytes(content)
    path = CheckpointPath(FOLDER / "model", "V2", (FOLDER / "model.index",))
    with contextlib.suppress(CheckpointError, UnsupportedBundleError):
        for entry in read_bundle_index(path).values():
            if entry.file_tensor is not None:
                entry.file_tensor.read()


@fuzz(st.one_of(raw_bytes, st.builds(lambda name: b'model_checkpoint_path: "' + name + b'"\n', raw_bytes)))
def test_the_state_file(content):
    run = FOLDER / "run"
    run.mkdir(exist_ok=True)
    (run / "checkpoint").write_bytes(content)
    with contextlib.suppress(CheckpointError):
        resolve_checkpoint(run)


@fuzz(st.one_of(st.text(max_size=300), st.text("./*?[]\\~\0\n-0", max_size=40)))
def test_paths_of_checkpoints(path):
    with contextlib.suppress(CheckpointError):
        resolve_checkpoint(FOLDER / "nowhere" / path.lstrip("/"))


@fuzz(st.one_of(raw_bytes, mutated(graph_defs())))
def test_frozen_graphs(content):
    (FOLDER / "graph.pb").write_bytes(content)
    with contextlib.suppress(GraphError):
        read_graph_def(FOLDER / "graph.pb")


@fuzz(st.one_of(raw_bytes, mutated(graph_defs())))
def test_meta_graphs(content):
    (FOLDER / "graph.meta").write_bytes(content)
    with contextlib.suppress(ExportError):
        find_format("checkpoint").load(FOLDER / "graph")


def training_graphs():
    """A graph with variables, conditionals and a saver, as a training program stores it."""
    with tf.Graph().as_default():
        images, is_training = tf.placeholder(tf.float32, [None, 4], "images"), tf.placeholder(tf.bool, [], "is_training")
        weights = tf.get_variable("weights", [4, 2], use_resource=False)
        scores = tf.cond(is_training, lambda: tf.nn.dropout(images, 0.5) @ weights, lambda: images @ weights)
        tf.nn.softmax(scores, name="scores")
        tf.train.Saver()
        meta_graph_def = tf.train.export_meta_graph()
    return st.sampled_from([meta_graph_def.SerializeToString(), meta_graph_def.graph_def.SerializeToString(),
                            str(meta_graph_def).encode(), str(meta_graph_def.graph_def).encode()])


@fuzz(st.one_of(raw_bytes, mutated(training_graphs())))
def test_stored_graphs(content):
    (FOLDER / "stored.pb").write_bytes(content)
    with contextlib.suppress(ExportError):
        stored = load_stored_graph(FOLDER / "stored.pb")
        read_inference_graph(stored, StoredGraphOptions("stored.pb", fixed={"is_training": False}))


@fuzz(st.one_of(st.text(max_size=40), st.text("ab=,[]{}.:01 tfru-'\"", max_size=40)))
def test_fixed_values(text):
    with contextlib.suppress(UsageError):
        parse_fixed(text)


@fuzz(st.lists(st.one_of(st.text(max_size=20), st.text("ab=,-?None 01", max_size=20)), max_size=3))
def test_shapes_of_stored_inputs(texts):
    with contextlib.suppress(UsageError):
        parse_input_shapes(texts)


@fuzz(st.one_of(raw_bytes, st.builds(lambda text: text.encode(), st.text('{}[]":,artifcsphm 1', max_size=80))))
def test_manifests(content):
    export = FOLDER / "export"
    export.mkdir(exist_ok=True)
    (export / "export_manifest.json").write_bytes(content)
    with contextlib.suppress(ExportError):
        find_artifacts(str(export))


@fuzz(st.one_of(st.text(max_size=40), st.text("0123456789-,[]() None?.e", max_size=40)))
def test_input_shape(text):
    with contextlib.suppress(UsageError):
        parse_input_shape(text)


@fuzz(st.lists(st.one_of(st.text(max_size=5), st.just("a"), st.just("b")), max_size=3),
      st.one_of(st.text("0123456789-,/? None", max_size=20), st.text(max_size=20)),
      st.lists(st.one_of(st.text(max_size=8), st.sampled_from(["float32", "tf.int64", "resource"])), max_size=3))
def test_side_inputs(names, shapes, types):
    with contextlib.suppress(UsageError):
        side_inputs(names, parse_side_input_shapes(shapes), types)


@fuzz(st.lists(st.one_of(st.text(max_size=12), st.text("^$.*+?{}[]\\|()=><a1", max_size=20)), max_size=3),
      st.text("ab/_0", max_size=10))
def test_variable_map(items, name):
    with contextlib.suppress(UsageError):
        WeightOptions(variable_map=read_variable_map(items)).checkpoint_name(name)


@fuzz(st.one_of(st.text(max_size=60), st.text("{}[]:,!&*#|>-'\"%@` a1\n", max_size=60),
                st.builds(lambda text: "@" + text, st.text(max_size=20))))
def test_model_args(text):
    with contextlib.suppress(UsageError):
        read_model_args(text)


@fuzz(st.lists(st.text("ab=, \t\n", max_size=8), max_size=4))
def test_output_names(items):
    with contextlib.suppress(UsageError):
        select_outputs({"a": 1, "b": 2}, items)


@fuzz(st.one_of(st.text(max_size=60), st.text("ab.:/\\\0 py~", max_size=30),
                st.builds(lambda text: f"{text}.py:Model", st.text(max_size=300))))
def test_model_specs(spec):
    with contextlib.suppress(ExportError):
        check_spec(spec, "model")
