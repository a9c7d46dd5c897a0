"""Lookups of embeddings (tensorflow/contrib/layers/python/layers/embedding_ops.py of TensorFlow 1.15)."""

from __future__ import annotations

from typing import Any

from exporter.lazy_tensorflow import Tensor, tf

__all__ = ["embedding_lookup_unique", "safe_embedding_lookup_sparse"]


def embedding_lookup_unique(params: Any, ids: Any, partition_strategy: str = "mod", name: str | None = None) -> Tensor:
    """Does what `tf.nn.embedding_lookup` does, looking each id up once.

    Args:
        params: the embeddings, [vocabulary, ...]; one tensor or its shards.
        ids: int32 or int64, of any shape.

    Returns:
        ids' shape + the shape of one embedding.
    """
    with tf.name_scope(name, "EmbeddingLookupUnique", [params, ids]):
        ids = tf.convert_to_tensor(ids)
        unique_ids, places = tf.unique(tf.reshape(ids, [-1]))
        unique_embeddings = tf.nn.embedding_lookup(params, unique_ids, partition_strategy=partition_strategy)
        flat = tf.gather(unique_embeddings, places)
        embeddings = tf.reshape(flat, tf.concat([tf.shape(ids), tf.shape(unique_embeddings)[1:]], 0))
        embeddings.set_shape(ids.shape.concatenate(unique_embeddings.shape[1:]))
        return embeddings


def safe_embedding_lookup_sparse(embedding_weights: Any, sparse_ids: Any, sparse_weights: Any = None,
                                 combiner: str | None = None, default_id: int | None = None, name: str | None = None,
                                 partition_strategy: str = "div", max_norm: float | None = None) -> Tensor:
    """Looks up and combines the embeddings of sparse ids; rows without a valid id get the default's, or zeros.

    Args and result are those of `tf.nn.safe_embedding_lookup_sparse`; ``combiner`` None is ``mean``.
    """
    return tf.nn.safe_embedding_lookup_sparse(embedding_weights, sparse_ids, sparse_weights, combiner or "mean", default_id,
                                              name, partition_strategy, max_norm)
