"""`tf.app.flags` as code below the roots sees it: flags that today's absl has by itself can be defined by the code.

absl defines flags when its logging is imported, `log_dir` among them, which is a name that training scripts like too.
TensorFlow 1.15 and later import it, and raise `DuplicateFlagError`; scripts that were written before meet it here only.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable
from typing import Any

_HOME = "tensorflow.python.platform.flags"
_LIBRARIES = ("absl.", "tensorflow.")


def __getattr__(name: str) -> Any:
    """Returns the function of TensorFlow's own module; those that define a flag replace one of a library's."""
    value = getattr(importlib.import_module(_HOME), name)
    return _replacing(value) if name.startswith("DEFINE_") else value


def _replacing(define: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(define)
    def define_flag(*arguments: Any, **options: Any) -> Any:
        name = arguments[0] if arguments else options.get("name", options.get("flag_name"))
        if _is_a_librarys(str(name)):
            options["allow_override"] = True
        return define(*arguments, **options)

    return define_flag


def _is_a_librarys(name: str) -> bool:
    from absl import flags

    owner = flags.FLAGS.find_module_defining_flag(name)
    return str(owner).startswith(_LIBRARIES)
