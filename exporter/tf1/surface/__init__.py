"""The import surface: TensorFlow 1 code, unmodified, on the TensorFlow that is installed.

    from exporter.tf1.surface import install_surface
    install_surface([Path("facenet/src")])
    import models.inception_resnet_v1      # `import tensorflow as tf` in there is TensorFlow 1.15

How it works, file by file:

* `installing`: the one call; `process_wide`: all that changes for the whole process.
* `loading`: modules below the roots run with builtins of their own, `importing`: whose `__import__` finds
* `tensorflow_names`, `python_homes`, `old_flags`, `old_functions`: TensorFlow 1.15 by its dotted names, and
* `old_modules`, `old_builtins`, `old_standard_library`, `old_text`, `old_loading`, `old_numpy`, `old_numpy_calls`,
  `old_scipy`, `pickles`, `pickle_readers`: the rest of that time.
* `old_source` compiles: `python2` translates modules that don't parse, `python2_idiom` tells those that do and are Python 2
  all the same, `python2_importers` what these import; `python2_meaning`, `python2_scopes`, `python2_builtins`,
  `python2_classes` and `python2_order` give them what Python 2 meant, `old_methods` gives all modules the methods that are
  gone; `hidden_names` are the names for that;
  `scripts` keeps those that are scripts too from running; `stubs` stands in for modules that are not installed.
* `need`, `version_1_names`: whether a file needs the surface, and whether it is a script, read from its source.
"""

from exporter.tf1.surface.installing import install_surface, surface_builtins, surface_loader
from exporter.tf1.surface.need import needs_surface, runs_at_import

__all__ = ["install_surface", "needs_surface", "runs_at_import", "surface_builtins", "surface_loader"]
