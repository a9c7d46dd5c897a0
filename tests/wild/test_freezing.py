"""Real checkpoints from public repositories: frozen, each gives what the graph gives as it was stored."""

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from exporter.formats.session import exact_session_config
from exporter.frozen_graph import FreezeOptions, freeze_stored_graph
from exporter.graph.stored.loading import load_stored_graph
from exporter.graph.stored.options import StoredGraphOptions
from tests.wild.entries import wild_entries, wild_root

ENTRIES = [pytest.param(entry, id=entry["id"]) for entry in wild_entries() if entry.get("ground_truth")]


def tensors_of(entry):
    """Inputs with a tested shape, outputs, and extra feeds, as the repository's own code has them."""
    truth = entry["ground_truth"]
    inputs = {item["tensor"]: tuple((item.get("tested_with") or [""])[1:]) for item in truth["inputs"]}
    extra = truth.get("extra_feeds") or {}
    inputs.update({name: (2, 8) for name, value in extra.items() if value == "random"})
    fixed = {name: value for name, value in extra.items() if value != "random"}
    return inputs, [item["tensor"] for item in truth["outputs"]], fixed


def random_value(spec, shape):
    random = np.random.default_rng(7)
    shape = shape or tuple(size or 3 for size in spec.shape or (3,))
    dtype = tf.as_dtype(spec.dtype).as_numpy_dtype
    if spec.dtype == "string":
        return np.array([b"a", b"b", b"Private", b"HS-grad"], object)[random.integers(0, 4, shape)]
    if np.issubdtype(dtype, np.integer):
        return random.integers(1, 8, shape).astype(dtype)
    return random.uniform(-1, 1, shape).astype(dtype)


def stored_values(path, feeds, outputs, unsaved):
    """Runs the stored graph itself: pruned by TensorFlow, restored by its own saver, after its initializers."""
    meta_graph_def = tf.MetaGraphDef.FromString(path.read_bytes())
    for node in meta_graph_def.graph_def.node:
        node.device = ""
        for attribute in ("_output_shapes", "_class"):
            node.attr.pop(attribute, None)
    saver_def = meta_graph_def.saver_def
    tables = list(meta_graph_def.collection_def["table_initializer"].node_list.value)
    initializers = [f"{name}/Assign" for name in unsaved]
    names = {name.partition(":")[0] for name in [*feeds, *outputs, saver_def.restore_op_name, *tables, *initializers]}
    pruned = tf.graph_util.extract_sub_graph(meta_graph_def.graph_def, sorted(names))
    with tf.Graph().as_default() as graph, tf.Session(config=exact_session_config()) as session:
        tf.import_graph_def(pruned, name="")
        session.run([graph.get_operation_by_name(name) for name in [*initializers, *tables]])
        session.run(saver_def.restore_op_name, {saver_def.filename_tensor_name: str(path).removesuffix(".meta")})
        return session.run(outputs, feeds)


def frozen_values(message, feeds, outputs):
    graph_def = tf.GraphDef.FromString(message.content())
    with tf.Graph().as_default() as graph, tf.Session(config=exact_session_config()) as session:
        tf.import_graph_def(graph_def, name="")
        session.run([node.name for node in graph_def.node if node.op in ("InitializeTableV2", "LookupTableImportV2")])
        return session.run(outputs, {graph.get_tensor_by_name(name): value for name, value in feeds.items()})


@pytest.mark.parametrize("entry", ENTRIES)
def test_frozen_as_stored(entry):
    inputs, outputs, fixed = tensors_of(entry)
    path = wild_root() / f"{entry['prefix']}.meta"
    named = inputs if entry["ground_truth"]["inputs"] else {}
    frozen = freeze_stored_graph(load_stored_graph(path), None,
                                 StoredGraphOptions(path, tuple(named), tuple(outputs), fixed), FreezeOptions())
    inference = frozen.inference
    feeds = {key: random_value(spec, inputs.get(inference.inputs[key], ())) for key, spec in inference.graph.inputs.items()}
    expected = stored_values(path, {**{inference.inputs[key]: value for key, value in feeds.items()}, **fixed}, outputs,
                             frozen.weights.coverage.initialized)
    found = frozen_values(frozen.message, {inference.graph.inputs[key].name: value for key, value in feeds.items()},
                          [spec.name for spec in inference.graph.outputs.values()])
    random_tensors = {"Reshape:0", "loss:0"} if "Multinomial" in entry["checks"]["random_ops_on_path"] or not (
        entry["checks"]["deterministic"]) else set()
    for name, first, second in zip(outputs, expected, found, strict=True):
        assert (first.dtype, first.shape) == (second.dtype, second.shape)
        if name not in random_tensors:
            assert first.tobytes() == second.tobytes()
