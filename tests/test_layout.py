"""The floors of the package: who may import whom, and what importing must not do."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import exporter

PACKAGE = Path(exporter.__file__).parent

# From the top; a module may import from its own floor and from those below it.
FLOORS = (
    ("__init__",),
    ("commands",),
    ("batch",),
    ("options",),
    ("drop_in", "stored"),
    ("export",),
    ("freeze", "optimize"),
    ("frozen_graph",),
    ("reporting", "inspection"),
    ("graph_source",),
    ("request", "notices"),
    ("manifest",),
    ("verification", "evaluation"),
    ("storage",),
    ("publish",),
    ("publishing",),
    ("formats",),
    ("weights",),
    ("graph",),
    ("model",),
    ("model_import",),
    ("python_object", "source_files", "tensorflow_1_code"),
    ("tf1", "lazy_tensorflow", "tensorflow_import", "errors", "git_lfs", "digest", "sizes", "version"),
)
FLOOR_OF = {part: number for number, floor in enumerate(FLOORS) for part in floor}
MODULES = sorted(".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
                 for path in PACKAGE.rglob("*.py"))


def part_of(module):
    """The floor's name of a module: ``exporter.graph.outputs`` is in ``graph``."""
    names = module.split(".")
    return names[1] if len(names) > 1 else "__init__"


def imports_of(module):
    """The modules that a module names in its imports, wherever they stand."""
    path = PACKAGE.parent.joinpath(*module.split("."))
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} has a relative import"
            yield from ([f"exporter.{alias.name}" for alias in node.names] if node.module == "exporter" else [node.module])


def run_python(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_every_module_has_a_floor():
    assert {part_of(module) for module in MODULES} <= set(FLOOR_OF)


@pytest.mark.parametrize("module", MODULES)
def test_modules_import_from_their_own_floor_or_below(module):
    imported = [name for name in imports_of(module) if name.split(".")[0] == "exporter"]
    assert [name for name in imported if FLOOR_OF[part_of(name)] < FLOOR_OF[part_of(module)]] == []


@pytest.mark.parametrize("module", MODULES)
def test_models_and_tests_are_never_imported(module):
    assert not {name.split(".")[0] for name in imports_of(module)} & {"models", "tests", "scripts", "benchmarks"}


def test_no_module_imports_tensorflow_when_it_is_imported():
    modules = [module for module in MODULES if not module.startswith("exporter.tf1.contrib.")]  # loaded by code that uses it
    slow = "('tensorflow', 'tf_keras', 'tf_slim', 'keras')"
    assert run_python(f"import sys\nfor module in {modules}: __import__(module)\n"
                      f"print([name for name in {slow} if name in sys.modules])") == "[]"


BEHAVIOURS = """
import sys
if {with_exporter}:
    import exporter
import tensorflow as tf
v1 = tf.compat.v1
print(tf.executing_eagerly(), v1.control_flow_v2_enabled(), v1.resource_variables_enabled(), v1.tensor_equality_enabled()
      if hasattr(v1, "tensor_equality_enabled") else None, tf.__name__, v1.logging.get_verbosity(),
      tf.config.optimizer.get_experimental_options(), tf.config.threading.get_inter_op_parallelism_threads(), sorted(
      name for name in dir(tf) if not name.startswith("_")), sorted(dir(v1)))
"""


def test_importing_the_package_changes_nothing_in_tensorflow():
    assert run_python(BEHAVIOURS.format(with_exporter=True)) == run_python(BEHAVIOURS.format(with_exporter=False))
