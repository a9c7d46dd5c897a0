"""A checkpoint's path for TensorFlow's own readers, which take the characters ``*?[\\`` in it for a pattern."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PATTERN_CHARACTERS = frozenset("*?[\\")


def is_pattern(prefix: Path) -> bool:
    """Tells whether TensorFlow would look for other files than those of this name."""
    return not _PATTERN_CHARACTERS.isdisjoint(str(prefix))


@contextmanager
def restorable_prefix(prefix: Path) -> Iterator[str]:
    """Yields a prefix under which ``tf.train.Saver`` finds the checkpoint while the block runs: its own, or one of links."""
    if not is_pattern(prefix):
        yield str(prefix)
        return
    with tempfile.TemporaryDirectory(prefix="checkpoint-") as folder:
        for file in prefix.absolute().parent.iterdir():
            suffix = file.name.removeprefix(prefix.name)
            if file.name.startswith(prefix.name) and (not suffix or suffix[0] in ".-"):
                Path(folder, f"model{suffix}").symlink_to(file)
        yield str(Path(folder, "model"))
