"""Reading artifacts with TensorFlow's own calls, and running the reference. Nothing of the exporter is used here."""

import contextlib
from pathlib import Path

import tensorflow.compat.v1 as tf

from tests.checkpoints import build_network, variables_to_restore
from tests.goldens import IMAGE_SHAPE


def as_it_is_written():
    """Session options under which a graph runs without rewrites, so that bits can be compared."""
    config = tf.ConfigProto()
    config.graph_options.rewrite_options.disable_meta_optimizer = True
    config.graph_options.optimizer_options.opt_level = tf.OptimizerOptions.L0
    return config


@contextlib.contextmanager
def new_session(config=None):
    with tf.Graph().as_default(), tf.Session(config=config or as_it_is_written()) as session:
        yield session


def reference(model, checkpoint, images, moving_averages=False):
    """Builds the model anew, restores the checkpoint by ``tf.train.Saver`` and runs it; returns the outputs by name."""
    config = as_it_is_written()
    config.allow_soft_placement = True
    with new_session(config) as session:
        placeholder = tf.placeholder(tf.float32, IMAGE_SHAPE)
        outputs = build_network(model, placeholder)
        restored = variables_to_restore(model, moving_averages)
        if restored:
            tf.train.Saver(restored).restore(session, checkpoint)
        session.run(tf.tables_initializer())
        return session.run(outputs, {placeholder: images})


def frozen_graph(directory, feed, outputs):
    graph_def = tf.GraphDef.FromString(Path(directory, "frozen_inference_graph.pb").read_bytes())
    with new_session() as session:
        tf.import_graph_def(graph_def, name="")
        session.run([node.name for node in graph_def.node if node.op.startswith("LookupTableImport")])
        return _run(session, feed, outputs)


def checkpoint(directory, feed, outputs):
    """Restores by the saver that the ``.meta`` file brings."""
    prefix = str(Path(directory, "model.ckpt"))
    with new_session() as session:
        saver = tf.train.import_meta_graph(f"{prefix}.meta")
        if saver is not None:
            saver.restore(session, prefix)
        session.run(tf.tables_initializer())
        return _run(session, feed, outputs)


def checkpoint_by_a_new_saver(directory, feed, outputs):
    """Restores by a ``tf.train.Saver()`` of the graph's own variable collections."""
    prefix = str(Path(directory, "model.ckpt"))
    with new_session() as session:
        tf.train.import_meta_graph(f"{prefix}.meta")
        if tf.global_variables():
            tf.train.Saver().restore(session, prefix)
        session.run(tf.tables_initializer())
        return _run(session, feed, outputs)


def saved_model(directory, feed, outputs):
    with new_session() as session:
        signature = tf.saved_model.load(session, ["serve"], str(directory)).signature_def["serving_default"]
        fetches = {name: signature.outputs[name].name for name in outputs}
        return session.run(fetches, {signature.inputs["inputs"].name: feed})


def saved_model_by_v2(directory, feed, outputs):
    """The loader of TensorFlow 2, in eager mode."""
    loaded = tf.compat.v2.saved_model.load(str(directory))
    values = loaded.signatures["serving_default"](inputs=tf.constant(feed))
    return {name: values[name].numpy() for name in outputs}


def _run(session, feed, outputs):
    placeholders = [operation for operation in session.graph.get_operations() if operation.type == "Placeholder"]
    return session.run({name: f"{name}:0" for name in outputs}, {placeholders[0].outputs[0]: feed})
