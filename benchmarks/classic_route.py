"""The yardstick: an export written as the Object Detection API's exporter does it (tensorflow/models, exporter.py, 2.8.0).

Moving averages are restored and saved as a temporary checkpoint, that is restored and saved as the copy, restored again to
freeze the graph, and the frozen graph is imported again for the SavedModel builder.

    python -m benchmarks.classic_route MODEL MODEL_ARGS CHECKPOINT OUTPUT_DIRECTORY [averages]
"""

from __future__ import annotations

import os
import sys
import tempfile
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")

import tensorflow.compat.v1 as tf
import yaml
from tensorflow.python.tools import freeze_graph

from exporter.model import load_model
from exporter.tf1 import mend_tf_slim


def main(spec: str, model_args: str, checkpoint: str, output_directory: str, use_moving_averages: bool) -> None:
    mend_tf_slim()
    os.makedirs(output_directory, exist_ok=True)
    with tf.Graph().as_default() as graph:
        placeholder, outputs = build(load_model(spec, yaml.safe_load(model_args)))
        if use_moving_averages:
            averaged = os.path.join(tempfile.mkdtemp(dir=output_directory), "averaged")
            replace_with_moving_averages(graph, checkpoint, averaged)
            checkpoint = averaged
        saver_def = tf.train.Saver().as_saver_def()
        write_graph_and_checkpoint(graph.as_graph_def(), os.path.join(output_directory, "model.ckpt"), saver_def, checkpoint)
        frozen = freeze_graph.freeze_graph_with_def_protos(
            input_graph_def=graph.as_graph_def(), input_saver_def=saver_def, input_checkpoint=checkpoint,
            output_node_names=",".join(outputs), restore_op_name="save/restore_all", filename_tensor_name="save/Const:0",
            output_graph=os.path.join(output_directory, "frozen_inference_graph.pb"), clear_devices=True,
            initializer_nodes="")
        write_saved_model(os.path.join(output_directory, "saved_model"), frozen, placeholder, outputs)


def build(model: Any) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
    placeholder = tf.placeholder(tf.uint8, model.default_input_shape, name="image_tensor")
    predictions = model.predict(model.preprocess(tf.to_float(placeholder)))
    outputs = {name: tf.identity(tensor, name=name) for name, tensor in model.postprocess(predictions).items()}
    for output in outputs.values():
        tf.add_to_collection("inference_op", output)
    tf.train.get_or_create_global_step()
    return placeholder, outputs


def replace_with_moving_averages(graph: tf.Graph, current: str, new: str) -> None:
    restorable = tf.train.ExponentialMovingAverage(0.0).variables_to_restore()
    with tf.Session(graph=graph) as session:
        tf.train.Saver(restorable).restore(session, current)
        tf.train.Saver().save(session, new)


def write_graph_and_checkpoint(graph_def: tf.GraphDef, model_path: str, saver_def: Any, checkpoint: str) -> None:
    for node in graph_def.node:
        node.device = ""
    with tf.Graph().as_default(), tf.Session() as session:
        tf.import_graph_def(graph_def, name="")
        saver = tf.train.Saver(saver_def=saver_def, save_relative_paths=True)
        saver.restore(session, checkpoint)
        saver.save(session, model_path)


def write_saved_model(path: str, frozen: tf.GraphDef, placeholder: tf.Tensor, outputs: dict[str, tf.Tensor]) -> None:
    with tf.Graph().as_default(), tf.Session() as session:
        tf.import_graph_def(frozen, name="")
        builder = tf.saved_model.builder.SavedModelBuilder(path)
        signature = tf.saved_model.signature_def_utils.build_signature_def(
            inputs={"inputs": tf.saved_model.utils.build_tensor_info(placeholder)},
            outputs={name: tf.saved_model.utils.build_tensor_info(tensor) for name, tensor in outputs.items()},
            method_name=tf.saved_model.signature_constants.PREDICT_METHOD_NAME)
        builder.add_meta_graph_and_variables(
            session, [tf.saved_model.tag_constants.SERVING],
            signature_def_map={tf.saved_model.signature_constants.DEFAULT_SERVING_SIGNATURE_DEF_KEY: signature})
        builder.save()


if __name__ == "__main__":
    main(*sys.argv[1:5], use_moving_averages="averages" in sys.argv[5:])
