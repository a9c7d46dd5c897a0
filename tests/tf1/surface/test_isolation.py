"""The surface is seen below the roots, and nowhere else."""

from __future__ import annotations

import sys

OLD = {"old_code.py": """
    import tensorflow as tf, numpy as np, collections, sys, inspect
    xrange, tf.contrib, np.int, collections.Iterable, sys.maxint
    tf.mark = np.mark = "set by old code"
    """}


def test_two_modules_of_one_process_see_different_tensorflows(run):
    program = """
        import old_code
        import tensorflow as tf, numpy as np, builtins
        print(old_code.tf is tf, old_code.tf.__version__, tf.__version__ == old_code.tf.__version__)
        print(hasattr(tf, "placeholder"), hasattr(tf, "contrib"), hasattr(tf, "mark"), hasattr(tf.compat.v1, "mark"))
        print(old_code.tf.placeholder is tf.compat.v1.placeholder, old_code.tf.Tensor is tf.Tensor)
        print(sys.modules["tensorflow"] is tf, sys.modules["numpy"] is np)
    """
    assert run(program, OLD).splitlines() == ["False 1.15.5 False", "False False False False", "True True", "True True"]


def test_everyone_elses_python_and_numpy_stay_as_they_are(run):
    program = """
        import builtins, collections, inspect, sys, numpy as np
        before = [{*vars(module)} for module in (builtins, collections, sys, inspect, np)]
        import old_code
        after = [{*vars(module)} for module in (builtins, collections, sys, inspect, np)]
        print([then - now | now - then for then, now in zip(before, after)], __builtins__ is builtins or True)
        try:
            xrange
        except NameError as error:
            print(error)
    """
    assert run(program, OLD).splitlines()[-1] == "name 'xrange' is not defined"
    assert run(program, OLD).splitlines()[0] == "[set(), set(), set(), set(), set()] True"


def test_installed_packages_below_a_root_are_not_the_users(run):
    modules = {"venv/lib/site-packages/helper.py": "import tensorflow as tf\nversion = tf.__version__\n",
               "uses.py": "import helper, tensorflow as tf\nprint(helper.version == tf.__version__)\n"}
    program = "sys.path.insert(0, os.path.abspath('old/venv/lib/site-packages'))\nimport uses"
    assert run(program, modules) == "False"


def test_importing_the_surface_changes_nothing_and_imports_no_tensorflow(fresh_python):
    program = """
        import sys, exporter
        finders, before = sys.meta_path[:], {*vars(__builtins__)}
        import exporter.tf1.surface
        print(sys.meta_path == finders, before == {*vars(__builtins__)}, "tensorflow" in sys.modules)
    """
    assert fresh_python(program) == "True True False"


def test_a_module_that_was_imported_too_early_is_refused(run):
    program = """
        from exporter.errors import UsageError
        import old_code2
        try:
            install_surface([Path("old")])
        except UsageError as error:
            print(error)
    """
    found = run(program, {"old_code2.py": "import sys\n"}, install="pass")
    assert "The module old_code2" in found
    assert "was imported before its root became TensorFlow 1 code.\nCall install_surface before the import." in found


def test_a_file_is_loaded_by_its_path(run):
    program = """
        import importlib.util
        from exporter.tf1.surface import surface_loader
        path = Path("old/by path.py")
        loader = surface_loader("by_path", path)
        spec = importlib.util.spec_from_file_location("by_path", path, loader=loader)
        spec.loader.exec_module(importlib.util.module_from_spec(spec))
        print(surface_loader("elsewhere", Path("program.py")))
    """
    assert run(program, {"by path.py": "import tensorflow as tf\nprint(tf.__version__)"}).split() == ["1.15.5", "None"]


def test_the_bytecode_is_pythons_own(run):
    """So importing under the surface costs what importing costs, and plain Python may use the same files."""
    program = """
        import plain, translated
        print(sorted(file.name for file in Path("old/__pycache__").iterdir()))
    """
    tag = sys.implementation.cache_tag
    printed = run(program, {"plain.py": "range(3)\n", "translated.py": "print 'x'\n"})
    assert printed.splitlines()[-1] == f"['plain.{tag}.pyc']"
