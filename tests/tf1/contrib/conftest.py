"""Each test of `tf.contrib` gets a process of its own under the surface, as those of the surface do."""

from tests.tf1.surface.conftest import run, server

__all__ = ["run", "server"]
