"""Normal distributions of vectors (tensorflow/contrib/distributions of TensorFlow 1.15)."""

from __future__ import annotations

import math
from typing import Any

from tensorflow.compat.v1 import distributions

from exporter.lazy_tensorflow import Tensor, tf

__all__ = ["MultivariateNormalDiag", "MultivariateNormalDiagWithSoftplusScale", "MultivariateNormalFullCovariance",
           "MultivariateNormalTriL"]


class _MultivariateNormal(distributions.Distribution):  # type: ignore[misc]
    """A normal distribution of vectors: mean [..., k] and the lower triangular root of the covariance [..., k, k]."""

    def __init__(self, loc: Any, scale: Any, validate_args: bool, allow_nan_stats: bool, parameters: dict[str, Any],
                 name: str) -> None:
        self._loc, self._scale = loc, scale
        super().__init__(dtype=loc.dtype, reparameterization_type=distributions.FULLY_REPARAMETERIZED,
                         validate_args=validate_args, allow_nan_stats=allow_nan_stats, parameters=parameters,
                         graph_parents=[loc, scale], name=name)

    @property
    def loc(self) -> Tensor:
        """The mean, [..., k]."""
        return self._loc

    def _batch_shape_tensor(self) -> Tensor:
        return tf.shape(self._mean())[:-1]

    def _batch_shape(self) -> Any:
        return self._mean().shape[:-1]

    def _event_shape_tensor(self) -> Tensor:
        return tf.shape(self._loc)[-1:]

    def _event_shape(self) -> Any:
        return self._loc.shape[-1:]

    def _sample_n(self, n: Any, seed: int | None = None) -> Tensor:
        mean = self._mean()
        noise = tf.random_normal(tf.concat([[n], tf.shape(mean)], 0), dtype=self.dtype, seed=seed)
        return mean + self._scaled(noise)

    def _log_prob(self, value: Any) -> Tensor:
        squares = tf.reduce_sum(tf.square(self._unscaled(value - self._loc)), axis=-1)
        return -0.5 * squares - 0.5 * self._size() * math.log(2.0 * math.pi) - self._log_determinant()

    def _prob(self, value: Any) -> Tensor:
        return tf.exp(self._log_prob(value))

    def _entropy(self) -> Tensor:
        entropy = 0.5 * self._size() * (1.0 + math.log(2.0 * math.pi)) + self._log_determinant()
        return entropy + tf.zeros(self.batch_shape_tensor(), self.dtype)

    def _mean(self) -> Tensor:
        return self._loc + tf.zeros_like(self._diagonal())

    def _mode(self) -> Tensor:
        return self._mean()

    def _size(self) -> Tensor:
        return tf.cast(tf.shape(self._loc)[-1], self.dtype)

    def _log_determinant(self) -> Tensor:
        return tf.reduce_sum(tf.log(tf.abs(self._diagonal())), axis=-1)

    def _diagonal(self) -> Tensor:
        return tf.matrix_diag_part(self._scale)

    def _scaled(self, noise: Tensor) -> Tensor:
        return tf.reduce_sum(self._scale * noise[..., None, :], axis=-1)

    def _unscaled(self, difference: Tensor) -> Tensor:
        shape = tf.broadcast_dynamic_shape(tf.shape(self._scale)[:-1], tf.shape(difference))
        scale = tf.broadcast_to(self._scale, tf.concat([shape, shape[-1:]], 0))
        return tf.matrix_triangular_solve(scale, tf.broadcast_to(difference, shape)[..., None])[..., 0]

    def _covariance(self) -> Tensor:
        return tf.matmul(self._scale, self._scale, transpose_b=True)

    def _variance(self) -> Tensor:
        return tf.reduce_sum(tf.square(self._scale), axis=-1) + tf.zeros_like(self._loc)

    def _stddev(self) -> Tensor:
        return tf.sqrt(self._variance())


class MultivariateNormalDiag(_MultivariateNormal):
    """A normal distribution of vectors of independent numbers.

    Args:
        loc: the mean, float [..., k]; zeros by default.
        scale_diag: standard deviations, float [..., k]; ones by default.
        scale_identity_multiplier: a further standard deviation, float [...], that is added.

    Raises:
        ValueError: neither ``loc`` nor ``scale_diag`` tells the size of the vectors.
    """

    def __init__(self, loc: Any = None, scale_diag: Any = None, scale_identity_multiplier: Any = None,
                 validate_args: bool = False, allow_nan_stats: bool = True, name: str = "MultivariateNormalDiag") -> None:
        parameters = {"loc": loc, "scale_diag": scale_diag, "scale_identity_multiplier": scale_identity_multiplier}
        with tf.name_scope(name, values=[value for value in parameters.values() if value is not None]) as scope:
            if loc is None and scale_diag is None:
                raise ValueError("MultivariateNormalDiag needs loc or scale_diag.")
            loc = None if loc is None else tf.convert_to_tensor(loc, name="loc")
            if scale_diag is not None:
                scale = tf.convert_to_tensor(scale_diag, name="scale_diag")
            else:
                scale = tf.zeros_like(loc) if scale_identity_multiplier is not None else tf.ones_like(loc)
            if scale_identity_multiplier is not None:
                scale += tf.convert_to_tensor(scale_identity_multiplier, dtype=scale.dtype)[..., None]
            loc = tf.zeros_like(scale) if loc is None else loc
        super().__init__(loc, scale, validate_args, allow_nan_stats, parameters, scope)

    def _diagonal(self) -> Tensor:
        return self._scale + tf.zeros_like(self._loc)

    def _scaled(self, noise: Tensor) -> Tensor:
        return self._scale * noise

    def _unscaled(self, difference: Tensor) -> Tensor:
        return difference / self._scale

    def _covariance(self) -> Tensor:
        return tf.matrix_diag(tf.square(self._diagonal()))

    def _variance(self) -> Tensor:
        return tf.square(self._diagonal())

    def _stddev(self) -> Tensor:
        return tf.abs(self._diagonal())


class MultivariateNormalDiagWithSoftplusScale(MultivariateNormalDiag):
    """`MultivariateNormalDiag` with the softplus of ``scale_diag`` as standard deviations."""

    def __init__(self, loc: Any, scale_diag: Any, validate_args: bool = False, allow_nan_stats: bool = True,
                 name: str = "MultivariateNormalDiagWithSoftplusScale") -> None:
        super().__init__(loc, tf.nn.softplus(scale_diag), None, validate_args, allow_nan_stats, name)


class MultivariateNormalTriL(_MultivariateNormal):
    """A normal distribution of vectors.

    Args:
        loc: the mean, float [..., k]; zeros by default.
        scale_tril: a lower triangular root of the covariance, float [..., k, k]; what is above its diagonal doesn't count.

    Raises:
        ValueError: both are None.
    """

    def __init__(self, loc: Any = None, scale_tril: Any = None, validate_args: bool = False, allow_nan_stats: bool = True,
                 name: str = "MultivariateNormalTriL") -> None:
        parameters = {"loc": loc, "scale_tril": scale_tril}
        with tf.name_scope(name, values=[value for value in parameters.values() if value is not None]) as scope:
            if loc is None and scale_tril is None:
                raise ValueError("Must specify one or both of `loc`, `scale_tril`.")
            if scale_tril is None:
                loc = tf.convert_to_tensor(loc, name="loc")
                scale = tf.matrix_diag(tf.ones_like(loc))
            else:
                scale = tf.matrix_band_part(tf.convert_to_tensor(scale_tril, name="scale_tril"), -1, 0)
                loc = tf.zeros_like(scale[..., 0]) if loc is None else tf.convert_to_tensor(loc, name="loc")
        super().__init__(loc, scale, validate_args, allow_nan_stats, parameters, scope)


class MultivariateNormalFullCovariance(MultivariateNormalTriL):
    """A normal distribution of vectors, by its covariance matrix, float [..., k, k]."""

    def __init__(self, loc: Any = None, covariance_matrix: Any = None, validate_args: bool = False,
                 allow_nan_stats: bool = True, name: str = "MultivariateNormalFullCovariance") -> None:
        root = None if covariance_matrix is None else tf.cholesky(covariance_matrix)
        super().__init__(loc, root, validate_args, allow_nan_stats, name)


def _kl_of_diagonals(left: MultivariateNormalDiag, right: MultivariateNormalDiag, name: str | None = None) -> Tensor:
    """Returns the divergence of two distributions of independent numbers, float [...]."""
    ratio = tf.square(left.stddev() / right.stddev())
    distance = tf.square((left.mean() - right.mean()) / right.stddev())
    return 0.5 * tf.reduce_sum(ratio + distance - 1.0 - tf.log(ratio), axis=-1, name=name)


distributions.RegisterKL(MultivariateNormalDiag, MultivariateNormalDiag)(_kl_of_diagonals)
