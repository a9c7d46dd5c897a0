"""Distributions of numbers that `tf.distributions` lacks."""

from __future__ import annotations

import math
from typing import Any

from tensorflow.compat.v1 import distributions

from exporter.lazy_tensorflow import Tensor, tf

__all__ = ["Deterministic", "Logistic", "Poisson"]


class _OfNumbers(distributions.Distribution):  # type: ignore[misc]
    """A distribution of numbers, by parameters that are broadcast."""

    def __init__(self, kind: Any, validate_args: bool, allow_nan_stats: bool, name: str, **parameters: Any) -> None:
        with tf.name_scope(name, values=list(parameters.values())) as scope:
            self._tensors = [tf.convert_to_tensor(value, name=key) for key, value in parameters.items()]
        super().__init__(dtype=self._tensors[0].dtype, reparameterization_type=kind, validate_args=validate_args,
                         allow_nan_stats=allow_nan_stats, parameters=parameters, graph_parents=self._tensors, name=scope)

    def _filled(self, value: Any) -> Tensor:
        return value + sum(tf.zeros_like(tensor) for tensor in self._tensors)

    def _batch_shape_tensor(self) -> Tensor:
        return tf.shape(self._filled(0.0))

    def _batch_shape(self) -> Any:
        return self._filled(0.0).shape

    def _event_shape_tensor(self) -> Tensor:
        return tf.constant([], dtype=tf.int32)

    def _event_shape(self) -> Any:
        return tf.TensorShape([])

    def _prob(self, value: Any) -> Tensor:
        return tf.exp(self._log_prob(value))


class Deterministic(_OfNumbers):
    """One number.

    Args:
        loc: float [...].
        atol, rtol: how far off a value may be.
    """

    def __init__(self, loc: Any, atol: Any = None, rtol: Any = None, validate_args: bool = False,
                 allow_nan_stats: bool = True, name: str = "Deterministic") -> None:
        self._atol, self._rtol = atol or 0.0, rtol or 0.0
        super().__init__(distributions.FULLY_REPARAMETERIZED, validate_args, allow_nan_stats, name, loc=loc)

    @property
    def loc(self) -> Tensor:
        """The number."""
        return self._tensors[0]

    def _sample_n(self, n: Any, seed: int | None = None) -> Tensor:
        return tf.zeros(tf.concat([[n], tf.ones_like(tf.shape(self.loc))], 0), self.dtype) + self.loc

    def _prob(self, value: Any) -> Tensor:
        slack = self._atol + self._rtol * tf.abs(self.loc)
        return tf.cast(tf.abs(value - self.loc) <= slack, self.dtype)

    def _cdf(self, value: Any) -> Tensor:
        return tf.cast(value >= self.loc - self._atol - self._rtol * tf.abs(self.loc), self.dtype)

    def _log_prob(self, value: Any) -> Tensor:
        return tf.log(self._prob(value))

    def _mean(self) -> Tensor:
        return tf.identity(self.loc)

    def _mode(self) -> Tensor:
        return tf.identity(self.loc)

    def _variance(self) -> Tensor:
        return tf.zeros_like(self.loc)

    def _entropy(self) -> Tensor:
        return tf.zeros_like(self.loc)


class Logistic(_OfNumbers):
    """The logistic distribution.

    Args:
        loc: its middle, float [...].
        scale: its width, float [...].
    """

    def __init__(self, loc: Any, scale: Any, validate_args: bool = False, allow_nan_stats: bool = True,
                 name: str = "Logistic") -> None:
        super().__init__(distributions.FULLY_REPARAMETERIZED, validate_args, allow_nan_stats, name, loc=loc, scale=scale)

    @property
    def loc(self) -> Tensor:
        """The middle."""
        return self._tensors[0]

    @property
    def scale(self) -> Tensor:
        """The width."""
        return self._tensors[1]

    def _sample_n(self, n: Any, seed: int | None = None) -> Tensor:
        shape = tf.concat([[n], self.batch_shape_tensor()], 0)
        uniform = tf.random_uniform(shape, 1.1754944e-38, 1.0, self.dtype, seed)
        return self.loc + self.scale * (tf.log(uniform) - tf.log1p(-uniform))

    def _z(self, value: Any) -> Tensor:
        return (value - self.loc) / self.scale

    def _log_prob(self, value: Any) -> Tensor:
        z = self._z(value)
        return -z - 2.0 * tf.nn.softplus(-z) - tf.log(self.scale)

    def _cdf(self, value: Any) -> Tensor:
        return tf.sigmoid(self._z(value))

    def _log_cdf(self, value: Any) -> Tensor:
        return -tf.nn.softplus(-self._z(value))

    def _mean(self) -> Tensor:
        return self._filled(self.loc)

    def _mode(self) -> Tensor:
        return self._mean()

    def _stddev(self) -> Tensor:
        return self._filled(self.scale * math.pi / math.sqrt(3.0))

    def _variance(self) -> Tensor:
        return tf.square(self._stddev())

    def _entropy(self) -> Tensor:
        return self._filled(2.0 + tf.log(self.scale))


class Poisson(_OfNumbers):
    """The Poisson distribution.

    Args:
        rate, log_rate: its mean or the mean's logarithm, float [...], one of them.
        interpolate_nondiscrete: whether values between whole numbers count as they are; False: `cdf` rounds them down.

    Raises:
        ValueError: both are given, or none.
    """

    def __init__(self, rate: Any = None, log_rate: Any = None, interpolate_nondiscrete: bool = True,
                 validate_args: bool = False, allow_nan_stats: bool = True, name: str = "Poisson") -> None:
        if (rate is None) == (log_rate is None):
            raise ValueError("Must specify exactly one of `rate` and `log_rate`.")
        rate = tf.exp(log_rate) if rate is None else rate
        self._interpolates = interpolate_nondiscrete
        super().__init__(distributions.NOT_REPARAMETERIZED, validate_args, allow_nan_stats, name, rate=rate)

    @property
    def rate(self) -> Tensor:
        """The mean."""
        return self._tensors[0]

    def _sample_n(self, n: Any, seed: int | None = None) -> Tensor:
        return tf.random_poisson(self.rate, [n], self.dtype, seed)

    def _log_prob(self, value: Any) -> Tensor:
        return value * tf.log(self.rate) - self.rate - tf.lgamma(1.0 + value)

    def _cdf(self, value: Any) -> Tensor:
        value = value if self._interpolates else tf.floor(value)
        return tf.igammac(1.0 + value + tf.zeros_like(self.rate), self.rate + tf.zeros_like(value))

    def _mean(self) -> Tensor:
        return tf.identity(self.rate)

    def _variance(self) -> Tensor:
        return tf.identity(self.rate)

    def _mode(self) -> Tensor:
        return tf.floor(self.rate)
