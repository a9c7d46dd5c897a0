"""Importing TensorFlow for a command: fast, quiet, and ready for code written for TensorFlow 1."""

from __future__ import annotations

import gc
import logging
import os
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from exporter.tf1 import mend_tf_slim

_STDERR = 2


def import_tensorflow(quiet: bool = True) -> None:
    """Imports TensorFlow, to be called once a command's flags are found good.

    Args:
        quiet: silence what TensorFlow logs, prints while it is imported, and warns of in its own code.
    """
    os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
    if quiet:
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        warnings.filterwarnings("ignore", module=r"(tensorflow|tf_keras|keras|tf_slim)(\.|$)")
    with _garbage_collection_off(), _stderr_held_back(quiet):
        import tensorflow  # noqa: F401
    if quiet:
        logging.getLogger("tensorflow").setLevel(logging.ERROR)
    mend_tf_slim()


@contextmanager
def _garbage_collection_off() -> Iterator[None]:
    """The import makes millions of objects that all stay: collecting among them takes a fifth of its time."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


@contextmanager
def _stderr_held_back(quiet: bool) -> Iterator[None]:
    """Holds back what C++ code writes to file descriptor 2; shows it only where the block fails."""
    if not quiet:
        yield
        return
    sys.stderr.flush()
    saved = os.dup(_STDERR)
    with tempfile.TemporaryFile() as held_back:
        os.dup2(held_back.fileno(), _STDERR)
        try:
            yield
        except Exception:
            held_back.seek(0)
            os.write(saved, held_back.read())
            raise
        finally:
            os.dup2(saved, _STDERR)
            os.close(saved)
