"""Embeddings of ids, of rows of ids, and of the columns of a table."""

import numpy as np
import pytest

from tests.tf1.contrib.numpy_references.formulas import assert_close
from tests.tf1.contrib.numpy_references.tensorflow_1.values import random as x

IDS = np.array([[1, 4], [0, 2], [4, 4]])
ROWS, WEIGHTS = [[1, 4, 4], [], [0]], [[2.0, 0.5, 1.0], [], [3.0]]
"""`sparse_ids()` and `sparse_weights()`: three rows of ids, and what they weigh."""


def combined(table, combiner, weights=WEIGHTS, default=None, longest=None):
    """Each row's embeddings, weighed: their sum, its mean, or the sum over the root of the squares of the weights."""
    outputs = []
    for ids, shares in zip(ROWS, weights, strict=True):
        ids, shares = (ids, np.array(shares)) if ids or default is None else ([default], np.ones(1))
        found = table[ids]
        if longest is not None:
            found = found * np.minimum(1, longest / np.linalg.norm(found, axis=1, keepdims=True))
        whole = {"sum": 1, "mean": shares.sum(), "sqrtn": np.sqrt((shares ** 2).sum())}[combiner]
        outputs.append((shares[:, None] * found).sum(0) / whole if ids else np.zeros(3))
    return np.stack(outputs)


EQUAL = [[1.0] * len(row) for row in ROWS]
TABLE, SHARDS = x(5, 3), [x(3, 3), x(2, 3)]
DIVIDED = np.concatenate(SHARDS)
ALTERNATING = np.stack([SHARDS[row % 2][row // 2] for row in range(5)])
EMBEDDINGS = {
    "tf.nn.embedding_lookup(x(5, 3), ids())": TABLE[IDS],
    "tf.nn.embedding_lookup([x(3, 3), x(2, 3)], ids())": ALTERNATING[IDS],
    "tf.nn.embedding_lookup([x(3, 3), x(2, 3)], ids(), partition_strategy='div')": DIVIDED[IDS],
    "layers.embedding_lookup_unique(x(5, 3), ids())": TABLE[IDS],
    "layers.embedding_lookup_unique([x(3, 3), x(2, 3)], ids())": ALTERNATING[IDS],
    "layers.embed_sequence(ids(), 5, 3, unique=True)": lambda v: v["embeddings"][IDS],
    "layers.bow_encoder(ids(), 5, 3, sparse_lookup=False)": lambda v: v["embeddings"][IDS].mean(1),
    "layers.bow_encoder(sparse_ids(), 5, 3)": lambda v: combined(v["embeddings"], "mean", EQUAL, default=0),
    "layers.safe_embedding_lookup_sparse(x(5, 3), sparse_ids())": combined(TABLE, "mean", EQUAL),
    "layers.safe_embedding_lookup_sparse([x(3, 3), x(2, 3)], sparse_ids(), sparse_weights())": combined(DIVIDED, "mean"),
    "layers.safe_embedding_lookup_sparse(x(5, 3), sparse_ids(), sparse_weights(), 'sum')": combined(TABLE, "sum"),
    "layers.safe_embedding_lookup_sparse(x(5, 3), sparse_ids(), sparse_weights(), 'sqrtn', default_id=3)": combined(
        TABLE, "sqrtn", default=3),
    "layers.safe_embedding_lookup_sparse(x(5, 3), sparse_ids(), combiner='sum', max_norm=0.7)": combined(
        TABLE, "sum", EQUAL, longest=0.7),
    "tf.nn.embedding_lookup_sparse(x(5, 3), sparse_ids(), sparse_weights(), combiner='sqrtn')[::2]": combined(
        TABLE, "sqrtn")[::2],
}
NUMBERS, KEYS = np.array([[1.5, -2.0], [0.5, 3.0], [7.0, 0.0]]), np.array([1, 0, 2])
AGES = np.array([[2.5], [0.5], [7.0]])
BUCKETS, CROSSED = [2, 5, 5], [10, 4, 9]
"""The hashes of the words, alone and crossed, as TensorFlow 1.15.5 makes them."""
COLUMNS = {
    "input_layer([layers.real_valued_column('numbers', dimension=2)])": NUMBERS,
    "input_layer([layers.real_valued_column('numbers', 2, normalizer=lambda values: values * 2.0 + 1.0)])":
        NUMBERS * 2 + 1,
    "input_layer([layers.bucketized_column(layers.real_valued_column('age'), [1.0, 6.0])])": np.eye(3)[[1, 0, 2]],
    "input_layer([layers.one_hot_column(layers.sparse_column_with_keys('word', ['a', 'b', 'c']))])": np.eye(3)[KEYS],
    "input_layer([layers.one_hot_column(layers.sparse_column_with_integerized_feature('id', 4))])": np.eye(4)[[3, 1, 1]],
    "input_layer([layers.embedding_column(layers.sparse_column_with_keys('word', ['a', 'b', 'c']), 2)])": lambda v: v[
        "word_embedding/weights"][KEYS],
    "input_layer([layers.embedding_column(layers.weighted_sparse_column(layers.sparse_column_with_integerized_feature("
    "'id', 4), 'age'), 2)])": lambda v: v["id_weighted_by_age_embedding/weights"][[3, 1, 1]],
    "input_layer([layers.embedding_column(layers.weighted_sparse_column(layers.sparse_column_with_integerized_feature("
    "'id', 4), 'age'), 2, 'sum')])": lambda v: v["id_weighted_by_age_embedding/weights"][[3, 1, 1]] * AGES,
    "input_layer(layers.shared_embedding_columns([layers.sparse_column_with_integerized_feature('id', 4), "
    "layers.sparse_column_with_integerized_feature('other_id', 4)], 2))": lambda v: v[
        "id_shared_embedding/id_other_id_shared_embedding"][[[3, 0], [1, 2], [1, 1]]].reshape(3, 4),
    "input_layer([layers.one_hot_column(layers.sparse_column_with_vocabulary_file('word', vocabulary(), vocab_size=3))])":
        np.eye(3)[KEYS],
    "input_layer([layers.one_hot_column(layers.sparse_column_with_hash_bucket('word', 7))])": np.eye(7)[BUCKETS],
    "input_layer([layers.one_hot_column(layers.crossed_column([layers.sparse_column_with_hash_bucket('word', 7), "
    "layers.sparse_column_with_keys('word', ['a', 'b', 'c'])], 11, hash_key=7))])": np.eye(11)[CROSSED],
    "input_layer([tf.feature_column.embedding_column(tf.feature_column.categorical_column_with_identity('id', 4), 2)])":
        lambda v: v["id_embedding/embedding_weights"][[3, 1, 1]],
    "tf.feature_column.linear_model(table(), [tf.feature_column.numeric_column('numbers', [2])])": lambda v:
        NUMBERS @ v["numbers/weights"] + v["bias_weights"],
}
LAYERS = {**EMBEDDINGS, **COLUMNS}


@pytest.fixture(scope="module")
def computed(compute):
    return compute(LAYERS)


@pytest.mark.parametrize("layer", LAYERS)
def test_layer(computed, layer):
    found, expected = computed[layer], LAYERS[layer]
    assert_close(found.values, expected(found.below(1)) if callable(expected) else expected)
