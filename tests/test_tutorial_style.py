"""A research repository of 2018, on tensorflow.compat.v1: its own export program imports this package and runs unchanged."""

import os
import subprocess
import sys
from pathlib import Path

import tensorflow.compat.v1 as tf

ROOT = Path(__file__).resolve().parents[1]

MODEL = '''
import tensorflow.compat.v1 as tf
import tf_slim as slim


class Model(object):
    def __init__(self, is_training, num_classes):
        self._is_training = is_training
        self._num_classes = num_classes

    def preprocess(self, inputs):
        return tf.div(tf.subtract(tf.to_float(inputs), 128.0), 128.0)

    def predict(self, preprocessed_inputs):
        with slim.arg_scope([slim.conv2d, slim.fully_connected], activation_fn=tf.nn.relu):
            net = slim.repeat(preprocessed_inputs, 2, slim.conv2d, 4, [3, 3], scope='conv1')
            net = slim.flatten(slim.max_pool2d(net, [2, 2], scope='pool1'), scope='flatten')
            net = slim.dropout(net, keep_prob=0.5, is_training=self._is_training)
            net = slim.fully_connected(net, self._num_classes, activation_fn=None, scope='fc')
        return {'logits': net}

    def postprocess(self, prediction_dict):
        return {'classes': tf.argmax(tf.nn.softmax(prediction_dict['logits']), axis=1)}
'''

EXPORT_PROGRAM = '''
import tensorflow.compat.v1 as tf

import exporter
import model

flags = tf.app.flags
flags.DEFINE_string('input_type', 'image_tensor', 'Type of input node.')
flags.DEFINE_string('input_shape', None, 'The shape of the input, comma-separated, with -1 where unknown.')
flags.DEFINE_string('trained_checkpoint_prefix', None, 'Path to the trained checkpoint.')
flags.DEFINE_string('output_directory', None, 'Path to write outputs.')
FLAGS = flags.FLAGS


def main(_):
    input_shape = [int(dim) for dim in FLAGS.input_shape.split(',')] if FLAGS.input_shape else [None, 28, 28, 3]
    exporter.export_inference_graph(FLAGS.input_type, model.Model(is_training=False, num_classes=10),
                                    FLAGS.trained_checkpoint_prefix, FLAGS.output_directory, input_shape)


if __name__ == '__main__':
    tf.app.run()
'''

TRAINING = '''
import tensorflow.compat.v1 as tf

import model

with tf.Graph().as_default(), tf.Session() as session:
    network = model.Model(is_training=True, num_classes=10)
    network.predict(network.preprocess(tf.zeros([1, 28, 28, 3], tf.uint8)))
    tf.train.get_or_create_global_step()
    session.run(tf.global_variables_initializer())
    tf.train.Saver().save(session, 'run/model.ckpt', global_step=5)
'''


def test_its_own_program_exports(tmp_path):
    for name, source in {"model.py": MODEL, "export_inference_graph.py": EXPORT_PROGRAM, "train.py": TRAINING}.items():
        (tmp_path / name).write_text(source)
    (tmp_path / "run").mkdir()
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    for program in (["train.py"], ["export_inference_graph.py", "--trained_checkpoint_prefix", "run/model.ckpt-5",
                                   "--output_directory", "exported", "--input_shape=-1,28,28,3"]):
        completed = subprocess.run([sys.executable, *program], cwd=tmp_path, env=environment, capture_output=True, text=True,
                                   check=False)
        assert completed.returncode == 0, completed.stderr
    exported = tmp_path / "exported"
    with tf.Graph().as_default(), tf.Session() as session:
        tf.import_graph_def(tf.GraphDef.FromString((exported / "frozen_inference_graph.pb").read_bytes()), name="")
        frozen = session.run("classes:0", {"image_tensor:0": [[[[7, 8, 9]] * 28] * 28]})
    with tf.Graph().as_default(), tf.Session() as session:
        tf.saved_model.load(session, ["serve"], str(exported / "saved_model"))
        assert session.run("classes:0", {"image_tensor:0": [[[[7, 8, 9]] * 28] * 28]}) == frozen
