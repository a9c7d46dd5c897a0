"""The import surface: TensorFlow 1 code, unmodified, on the TensorFlow that is installed.

    from exporter.tf1.surface import install_surface
    install_surface([Path("facenet/src")])
    import models.inception_resnet_v1      # `import tensorflow as tf` in there is TensorFlow 1.15

How it works:

* `installing`: the one call; `process_wide`: all that changes for the whole process.
* `need`, `version_1_names`: whether a file needs the surface, and whether it is a script, read from its source.
* `loading`: modules below the roots run with builtins of their own, `importing`: whose `__import__` finds, as `namespace`s,
* `names/`: TensorFlow 1.15 by its dotted names, and
* `libraries/`: Python, NumPy and SciPy as they were, generated messages of old protocol buffers, and guards before pickles.
* `python2/`: modules of Python 2 are told (`idiom`, `importers`), translated (`translation`) and compiled (`source`) with
  what Python 2 meant (`meaning`, `scopes`, `classes`, `order`, `builtin_functions`); all modules have the methods that are
  gone (`old_methods`).
* `scripts` keeps modules that are scripts too from running; `stubs` stands in for modules that are not installed.
"""

from exporter.tf1.surface.installing import install_surface, surface_builtins, surface_loader
from exporter.tf1.surface.need import needs_surface, runs_at_import

__all__ = ["install_surface", "needs_surface", "runs_at_import", "surface_builtins", "surface_loader"]
