"""What small functions of `tf.contrib` refuse, and what they tell where nothing else does."""

import numpy as np
import pytest

from exporter.lazy_tensorflow import tf
from exporter.tf1.contrib import data, deprecated, framework, image, layers, lookup, nn, predictor
from exporter.tf1.contrib.distributions import MultivariateNormalDiag, OneHotCategorical, Poisson, percentile
from exporter.tf1.contrib.layers import bow_encoder, embed_sequence, feature_column
from exporter.tf1.contrib.opt import MovingAverageOptimizer
from exporter.tf1.contrib.training import bucket, bucket_by_sequence_length
from exporter.tf1.contrib.training.device_setter import GreedyLoadBalancingStrategy, RandomStrategy, byte_size_load_fn

REFUSALS = {
    "embed_sequence": (lambda: embed_sequence(tf.constant([[1]])), ValueError, "Must specify vocab size"),
    "bow_encoder": (lambda: bow_encoder(tf.SparseTensor([[0, 0]], [1], [1, 1]), 3, 2, sparse_lookup=False), TypeError,
                    "expected to be dense"),
    "rank of images": (lambda: image.rotate(tf.zeros([3]), 1.0), TypeError, "rank between 2 and 4"),
    "rank of angles": (lambda: image.rotate(tf.zeros([3, 3]), [[1.0]]), ValueError, "rank 0 or 1"),
    "rank of transforms": (lambda: image.transform(tf.zeros([3, 3]), [[[1.0]]]), TypeError, "rank 1 or 2"),
    "no transforms": (image.compose_transforms, ValueError, "at least one"),
    "shape": (lambda: framework.with_shape([2], tf.zeros([3])), ValueError, r"expected \(2,\), got \(3,\)"),
    "scalar": (lambda: framework.assert_scalar_int(tf.constant(1.5)), ValueError, "Expected integer type"),
    "no tensors": (lambda: framework.reduce_sum_n([]), ValueError, "No tensors"),
    "keep_prob": (lambda: nn.alpha_dropout(tf.zeros([2]), 0.0), ValueError, "keep_prob"),
    "mapping": (lambda: lookup.index_table_from_tensor(None), ValueError, "mapping must be specified"),
    "windows": (lambda: data.sliding_window_batch(2, stride=1, window_shift=1), ValueError, "both"),
    "input_names": (lambda: predictor.from_saved_model("model", input_names={}), ValueError, "output_names together"),
    "normal": (MultivariateNormalDiag, ValueError, "needs loc or scale_diag"),
    "categories": (lambda: OneHotCategorical(logits=[0.0], probs=[1.0]), ValueError, "not both"),
    "old hash": (lambda: feature_column.crossed_column(["a", "b"], 5), NotImplementedError, "Its old hash is gone"),
    "poisson": (Poisson, ValueError, "exactly one"),
    "percentile": (lambda: percentile([1.0], 50.0, interpolation="linear"), ValueError, "Found linear"),
    "no step": (lambda: MovingAverageOptimizer(None).swapping_saver(), RuntimeError, "Must call apply_gradients"),
    "buckets": (lambda: bucket([tf.constant(1)], tf.constant(0), [1, 2], 3), ValueError, "2 for 3 buckets"),
    "boundaries": (lambda: bucket_by_sequence_length(1, [tf.constant(1)], 2, [3, 3]), ValueError, "increasing order"),
    "load": (lambda: byte_size_load_fn(tf.split(tf.zeros([2]), 2)[0].op), ValueError, "single output"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_refusals(graph, name):
    function, error, message = REFUSALS[name]
    with pytest.raises(error, match=message):
        function()


def test_shapes_that_are_not_known_are_checked_when_they_are_computed(graph):
    x = tf.placeholder(tf.float32, [None])
    checked = framework.with_shape([2], x)
    with tf.Session() as session:
        assert session.run(checked, {x: [1, 2]}).tolist() == [1, 2]
        with pytest.raises(tf.errors.InvalidArgumentError, match="Wrong shape for"):
            session.run(checked, {x: [1, 2, 3]})


def test_placeholders_and_tensors(graph):
    x = tf.placeholder(tf.float32, [2])
    assert framework.get_placeholders(graph) == [x]
    assert framework.is_tensor(x)
    assert framework.is_tensor(tf.Variable(1.0))
    assert not framework.is_tensor([1.0])


def test_a_variable_becomes_zeros(graph):
    variable = tf.Variable([1.0, 2.0])
    with tf.Session() as session:
        session.run(variable.initializer)
        session.run(framework.zero_initializer(variable))
        assert session.run(variable).tolist() == [0, 0]


def test_old_feature_columns_are_columns(graph):
    words = feature_column.sparse_column_with_hash_bucket("word", 10)
    numbers = feature_column.real_valued_column("age", dimension=2)
    columns = [numbers, feature_column.embedding_column(words, 3), feature_column.one_hot_column(
        feature_column.sparse_column_with_keys("sex", ["f", "m"])), feature_column.bucketized_column(
            feature_column.real_valued_column("year"), [1990, 2000])]
    specification = feature_column.create_feature_spec_for_parsing(columns)
    assert sorted(specification) == ["age", "sex", "word", "year"]
    features = {"age": [[1.0, 2.0]], "word": [["a"]], "sex": [["m"]], "year": [[1995.0]]}
    row = tf.feature_column.input_layer({name: tf.constant(value) for name, value in features.items()}, columns)
    assert row.shape.as_list() == [1, 2 + 3 + 2 + 3]
    crossed = feature_column.crossed_column([words, feature_column.sparse_column_with_integerized_feature("a", 3)], 5,
                                            hash_key=layers.SPARSE_FEATURE_CROSS_DEFAULT_HASH_KEY)
    assert next(iter(crossed.keys)) == "word"
    weighted = feature_column.weighted_sparse_column(words, "weight")
    assert sorted(feature_column.create_feature_spec_for_parsing([weighted])) == ["weight", "word"]


@pytest.mark.parametrize(("name", "variable"), [(None, "first_second_shared_embedding"), ("table", "table")])
def test_shared_embeddings_are_named_as_in_1_15(graph, name, variable):
    """The names are those that TensorFlow 1.15.5 gives."""
    columns = [feature_column.sparse_column_with_integerized_feature(key, 5) for key in ("second", "first")]
    shared = feature_column.shared_embedding_columns(columns, 3, shared_embedding_name=name)
    rows = tf.feature_column.input_layer({"first": tf.constant([[1], [2]]), "second": tf.constant([[1], [0]])}, shared)
    assert [found.op.name for found in tf.global_variables()] == [f"input_layer/first_shared_embedding/{variable}"]
    assert rows.shape.as_list() == [2, 6]


def test_summaries_of_before_1_0(graph):
    deprecated.scalar_summary("loss", tf.constant(1.0))
    deprecated.histogram_summary("weights", tf.zeros([3]))
    deprecated.image_summary("images", tf.zeros([1, 2, 2, 3]))
    deprecated.audio_summary("sound", tf.zeros([1, 4]), 8.0)
    with tf.Session() as session:
        summary = tf.Summary.FromString(session.run(deprecated.merge_all_summaries()))
    assert [value.tag for value in summary.value] == ["loss", "weights", "images/image/0", "sound/audio/0"]


def test_variables_are_spread_over_servers(graph):
    greedy = GreedyLoadBalancingStrategy(2, byte_size_load_fn)
    sizes = [8, 2, 3, 1]
    assert [greedy(tf.zeros([size]).op) for size in sizes] == [0, 1, 1, 1]
    assert byte_size_load_fn(tf.placeholder(tf.float32, [None]).op) == 0
    chances = RandomStrategy(3, seed=1)
    assert {chances(None) for _ in range(30)} == {0, 1, 2}


def test_resources_of_image_warps_have_gradients(graph):
    """Flows and warps are trained through these."""
    from exporter.tf1.contrib.resampler import resampler
    images = tf.constant(np.arange(2 * 4 * 4 * 1, dtype=np.float32).reshape(2, 4, 4, 1))
    flow = tf.constant(np.full([2, 4, 4, 2], 0.3, np.float32))
    gradients = tf.gradients(tf.reduce_sum(image.dense_image_warp(images, flow)), [images, flow])
    gradients += tf.gradients(tf.reduce_sum(resampler(images, flow + 1.0)), [images, flow])
    with tf.Session() as session:
        for gradient in session.run(gradients):
            assert np.isfinite(gradient).all()
            assert np.abs(gradient).max() > 0
