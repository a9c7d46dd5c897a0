"""Distributions of one-hot vectors, and the continuous one that is like them (Gumbel-softmax)."""

from __future__ import annotations

from typing import Any

from tensorflow.compat.v1 import distributions

from exporter.lazy_tensorflow import Tensor, tf

__all__ = ["OneHotCategorical", "RelaxedOneHotCategorical"]


class _OneHot(distributions.Distribution):  # type: ignore[misc]
    """A distribution of vectors [classes], by logits [..., classes]."""

    def __init__(self, logits: Any, probs: Any, dtype: Any, kind: Any, validate_args: bool, allow_nan_stats: bool,
                 parameters: dict[str, Any], name: str) -> None:
        given = logits if logits is not None else probs
        with tf.name_scope(name, values=[given]) as scope:
            if (logits is None) == (probs is None):
                raise ValueError("Must pass probs or logits, but not both.")
            given = tf.convert_to_tensor(given)
            self._logits = given if logits is not None else tf.log(given)
            self._probs = tf.nn.softmax(given) if logits is not None else given
        super().__init__(dtype=dtype, reparameterization_type=kind, validate_args=validate_args,
                         allow_nan_stats=allow_nan_stats, parameters=parameters, graph_parents=[given], name=scope)

    @property
    def logits(self) -> Tensor:
        """Logits, [..., classes]."""
        return self._logits

    @property
    def probs(self) -> Tensor:
        """Probabilities, [..., classes]."""
        return self._probs

    @property
    def event_size(self) -> Tensor:
        """How many classes there are."""
        return tf.shape(self._logits)[-1]

    def _batch_shape_tensor(self) -> Tensor:
        return tf.shape(self._logits)[:-1]

    def _batch_shape(self) -> Any:
        return self._logits.shape[:-1]

    def _event_shape_tensor(self) -> Tensor:
        return tf.shape(self._logits)[-1:]

    def _event_shape(self) -> Any:
        return self._logits.shape[-1:]

    def _gumbel(self, n: Any, seed: int | None) -> Tensor:
        shape = tf.concat([[n], tf.shape(self._logits)], 0)
        smallest = self._logits.dtype.as_numpy_dtype(1.1754944e-38)
        return -tf.log(-tf.log(tf.random_uniform(shape, smallest, 1.0, self._logits.dtype, seed)))


class OneHotCategorical(_OneHot):
    """One-hot vectors of classes.

    Args:
        logits, probs: float [..., classes], one of them.
        dtype: of the samples.

    Raises:
        ValueError: both are given, or none.
    """

    def __init__(self, logits: Any = None, probs: Any = None, dtype: Any = None, validate_args: bool = False,
                 allow_nan_stats: bool = True, name: str = "OneHotCategorical") -> None:
        super().__init__(logits, probs, dtype or tf.int32, distributions.NOT_REPARAMETERIZED, validate_args,
                         allow_nan_stats, {"logits": logits, "probs": probs, "dtype": dtype}, name)

    def _sample_n(self, n: Any, seed: int | None = None) -> Tensor:
        chosen = tf.argmax(self._logits + self._gumbel(n, seed), axis=-1)
        return tf.one_hot(chosen, self.event_size, dtype=self.dtype)

    def _log_prob(self, value: Any) -> Tensor:
        return tf.reduce_sum(tf.cast(value, self._logits.dtype) * tf.nn.log_softmax(self._logits), axis=-1)

    def _prob(self, value: Any) -> Tensor:
        return tf.exp(self._log_prob(value))

    def _entropy(self) -> Tensor:
        return -tf.reduce_sum(tf.nn.log_softmax(self._logits) * self._probs, axis=-1)

    def _covariance(self) -> Tensor:
        probabilities = self._probs
        outer = tf.expand_dims(probabilities, -1) * tf.expand_dims(probabilities, -2)
        return tf.matrix_set_diag(-outer, self._variance())

    def _variance(self) -> Tensor:
        return self._probs * (1.0 - self._probs)

    def _mode(self) -> Tensor:
        return tf.one_hot(tf.argmax(self._logits, axis=-1), self.event_size, dtype=self.dtype)


class RelaxedOneHotCategorical(_OneHot):
    """Vectors of the simplex: softmax((logits + Gumbel noise) / temperature) (Jang et al., Maddison et al., 2016).

    Args:
        temperature: a positive number; the lower, the more like one-hot vectors.
        logits, probs: float [..., classes], one of them.

    Raises:
        ValueError: both are given, or none.
    """

    def __init__(self, temperature: Any, logits: Any = None, probs: Any = None, dtype: Any = None,
                 validate_args: bool = False, allow_nan_stats: bool = True,
                 name: str = "RelaxedOneHotCategorical") -> None:
        self._temperature = tf.convert_to_tensor(temperature, dtype or tf.float32)
        super().__init__(logits, probs, dtype or tf.float32, distributions.FULLY_REPARAMETERIZED, validate_args,
                         allow_nan_stats, {"temperature": temperature, "logits": logits, "probs": probs}, name)

    @property
    def temperature(self) -> Tensor:
        """The temperature."""
        return self._temperature

    def _sample_n(self, n: Any, seed: int | None = None) -> Tensor:
        return tf.nn.softmax((self._logits + self._gumbel(n, seed)) / self._temperature)

    def _log_prob(self, value: Any) -> Tensor:
        classes = tf.cast(self.event_size, self._logits.dtype)
        scaled = self._logits - tf.log(value) * self._temperature
        density = tf.reduce_sum(tf.nn.log_softmax(scaled) - tf.log(value), axis=-1)
        return tf.lgamma(classes) + (classes - 1.0) * tf.log(self._temperature) + density

    def _prob(self, value: Any) -> Tensor:
        return tf.exp(self._log_prob(value))
