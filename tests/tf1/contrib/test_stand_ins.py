"""Names that can be imported and no more: what they tell when a model uses them."""

import pytest

from exporter.tf1.contrib import cudnn_rnn, image, integrate, layers, learn, memory_stats, nccl, slim, tensorrt
from exporter.tf1.contrib.missing import (
    MissingKernelError,
    StandInError,
    TrainingOnlyError,
    UnwrittenSymbolError,
    training_only,
    unwritten,
    without_kernel,
)

NO_KERNEL = "stands on a kernel that TensorFlow 2 has not"
NO_CODE = "can be imported, but is not written for TensorFlow 2"
TRAINING = "is for training only and can't be used here"
USES = {
    "tensorrt.create_inference_graph": (tensorrt, MissingKernelError, NO_KERNEL, "converter takes the SavedModel"),
    "cudnn_rnn.CudnnLSTMSaveable": (cudnn_rnn, MissingKernelError, NO_KERNEL, "Saver needs nothing more"),
    "nccl.all_sum": (nccl, MissingKernelError, NO_KERNEL, "without it"),
    "memory_stats.BytesInUse": (memory_stats, MissingKernelError, NO_KERNEL, "without it"),
    "image.connected_components": (image, MissingKernelError, NO_KERNEL, "without it"),
    "slim.sparse_feature_cross": (slim, MissingKernelError, NO_KERNEL, "without it"),
    "slim.scattered_embedding_lookup": (slim, MissingKernelError, NO_KERNEL, "without it"),
    "slim.binary_svm_target": (slim, TrainingOnlyError, TRAINING, "builds the model for inference"),
    "learn.DNNClassifier": (learn, TrainingOnlyError, TRAINING, "builds the model for inference"),
    "integrate.odeint": (integrate, UnwrittenSymbolError, NO_CODE, "report the symbol"),
    "layers.input_from_feature_columns": (layers, UnwrittenSymbolError, NO_CODE, r"tf\.feature_column\.input_layer"),
}


@pytest.mark.parametrize("symbol", USES)
def test_a_use_tells_the_symbol_the_reason_the_line_and_what_to_do(symbol):
    module, error, reason, way_out = USES[symbol]
    stand_in = getattr(module, symbol.split(".")[1])
    with pytest.raises(error, match=rf"^tf\.contrib\.{symbol} {reason}.*test_stand_ins\.py, line \d+\)\.\n.*{way_out}"):
        stand_in(1, size=2)


@pytest.mark.parametrize("kind", [training_only, without_kernel, unwritten])
def test_stand_ins_can_be_subclassed(kind):
    child = type("Child", (kind("tf.contrib.thing.Parent"),), {})
    assert child.__mro__[1].__name__ == "Parent"
    with pytest.raises(StandInError, match=r"tf\.contrib\.thing\.Parent"):
        child()


def test_a_name_of_slim_that_is_a_function_of_tensorflow(graph):
    from exporter.lazy_tensorflow import tf
    ids = tf.SparseTensor([[0, 0], [0, 1], [1, 0]], tf.constant([0, 2, 1], tf.int64), [2, 2])
    table = tf.constant([[1.0], [2.0], [5.0]])
    rows = slim.embedding_lookup_sparse_with_distributed_aggregation(table, ids, None, combiner="mean")
    with tf.Session() as session:
        assert session.run(rows).tolist() == [[3.0], [2.0]]
