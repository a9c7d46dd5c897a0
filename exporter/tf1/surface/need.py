"""Tells from a module's source, without running it, whether it is TensorFlow 1 code, and whether it is a script."""

from __future__ import annotations

import ast
import tokenize
import warnings
from collections.abc import Iterator
from pathlib import Path

from exporter.tf1.surface.names.version_0_names import GONE_NAMES
from exporter.tf1.surface.version_1_names import VERSION_1_NAMES

__all__ = ["PYTHON2_BUILTINS", "PYTHON2_MODULES", "Names", "needs_surface", "runs_at_import", "unguarded"]

PYTHON2_MODULES = ("cPickle", "urllib2", "ConfigParser", "Queue", "StringIO", "cStringIO", "__builtin__")
PYTHON2_BUILTINS = ("xrange", "unicode", "basestring", "long", "raw_input", "unichr", "reduce", "cmp", "execfile")
_OLD_NUMPY_NAMES = ("int", "float", "object", "str", "complex", "unicode", "asscalar")
_GONE_MODULES = ("tensorflow.contrib.", "tensorflow.examples.", "tensorflow.python.ops.seq2seq.",
                 "tensorflow.python.estimator.", "tensorflow.python.keras._impl.", "tensorflow.python.training.tracking.",
                 "tensorflow.python.training.checkpointable.")
_STARTS_SOMETHING = {
    "Session": "starts a session", "InteractiveSession": "starts a session", "run": "runs a session",
    "parse_args": "reads the command line", "parse_known_args": "reads the command line", "exit": "ends the program",
    "fit": "trains", "train": "trains", "raw_input": "asks for input", "input": "asks for input",
    "read_data_sets": "reads training data"}
_OLD_KEYWORDS = ("keep_dims", "reduction_indices", "dim", "dimension", "keep_prob", "seq_dim", "squeeze_dims")
_OLD_METHODS = {
    **dict.fromkeys(("make_one_shot_iterator", "make_initializable_iterator"), "a method of datasets of TensorFlow 1"),
    **dict.fromkeys(("iteritems", "itervalues", "iterkeys", "has_key"), "a method of Python 2")}
_OLD_PYTHON_NAMES = {"itertools": ("izip", "imap", "ifilter", "izip_longest"), "sys": ("maxint",), "os": ("getcwdu",),
                     "string": ("letters", "lowercase", "uppercase", "maketrans", "join")}
_OLD_SCIPY_NAMES = ("imread", "imresize", "imsave", "imrotate", "imshow", "toimage", "fromimage", "bytescale")
_CAUGHT = ("ImportError", "ModuleNotFoundError", "AttributeError", "NameError", "Exception", "BaseException")
_VERSIONS = ("__version__", "VERSION", "version_info", "PY2", "PY3", "hasattr", "python_version",
             "TYPE_CHECKING")


def needs_surface(file: Path) -> str | None:
    """Tells why a module plainly needs the surface (``"line 4: tf.placeholder, a name of TensorFlow 1"``), or None.

    Only what can't work without it counts: `tensorflow.contrib`, names of TensorFlow 1 on a plain
    ``import tensorflow as tf``, Python 2's syntax, modules and builtins, `np.int` and its like. A module that parses and
    imports `tensorflow.compat.v1` itself needs nothing, nor does one that asks first (``try`` with an ``except
    ImportError``, ``if hasattr(tf, ...)``, ``if tf.__version__ ...``).

    Args:
        file: the module's file. It is read, not run.
    """
    try:
        tree = _parse(file)
    except SyntaxError as error:
        return f"line {error.lineno}: Python 2 syntax" if _is_python2(file, error) else None
    if tree is None:
        return None
    names = Names(tree)
    for node in sorted(unguarded(tree), key=lambda node: getattr(node, "lineno", 0)):
        if (why := names.reason(node)) is not None:
            return f"line {getattr(node, 'lineno', 1)}: {why}"
    return None


def runs_at_import(file: Path) -> str | None:
    """Tells what a module does when it is merely imported, if it is a script: ``"line 40 starts a session"``.

    Code under ``if __name__ == "__main__"`` and inside of functions and classes does not count.
    """
    try:
        tree = _parse(file)
    except SyntaxError:
        return None
    for statement in [] if tree is None else tree.body:
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) or _is_main_guard(statement):
            continue
        for node in ast.walk(statement):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "tf.app.run":
                return f"line {node.lineno} starts the program"
            if isinstance(node, ast.Call) and (what := _STARTS_SOMETHING.get(_called(node))) is not None and not (
                    ast.unparse(node.func).startswith("subprocess.")):
                return f"line {node.lineno} {what}"
            if isinstance(node, ast.Subscript) and _dotted(node.value) == "sys.argv":
                return f"line {node.lineno} reads the command line"
    return None


def _parse(file: Path) -> ast.Module | None:
    """The module's tree; None for what is no file, can't be read or is no text."""
    if not file.is_file():  # a pipe would be waited for
        return None
    try:
        data = file.read_bytes()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            return ast.parse(data, str(file))
    except (OSError, ValueError):
        return None


def _is_python2(file: Path, error: SyntaxError) -> bool:
    from exporter.tf1.surface.python2.translation import compile_python2

    try:
        with tokenize.open(file) as source:  # text that Python 3 can't decode, Python 2 refused as well
            source.read()
        compile_python2(file.read_bytes(), str(file), error)
    except (SyntaxError, UnicodeDecodeError):
        return False
    return True


def unguarded(node: ast.AST) -> Iterator[ast.AST]:
    """Gives the nodes that are not in a statement which asks first what there is."""
    if isinstance(node, ast.If | ast.IfExp) and _asks_for_a_version(node.test):
        return
    yield node
    skipped = [*node.body, *node.handlers, *node.orelse] if isinstance(node, ast.Try) and _catches_absence(node) else []
    for child in ast.iter_child_nodes(node):
        if child not in skipped:
            yield from unguarded(child)


def _asks_for_a_version(test: ast.expr) -> bool:
    return any(isinstance(node, ast.Name | ast.Attribute) and _dotted(node).rpartition(".")[2] in _VERSIONS
               for node in ast.walk(test))


def _catches_absence(statement: ast.Try) -> bool:
    return any(handler.type is None or any(isinstance(node, ast.Name) and node.id in _CAUGHT
                                           for node in ast.walk(handler.type)) for handler in statement.handlers)


class Names:
    """What a module's names stand for, as far as that is plain: those that are bound once, by an import."""

    def __init__(self, tree: ast.Module) -> None:
        bound: dict[str, list[str]] = {}
        for name, what in (binding for node in ast.walk(tree) for binding in _bindings(node)):
            bound.setdefault(name, []).append(what)
        self._modules = {name: whats[0] for name, whats in bound.items() if len({*whats}) == 1}
        self._bound = {*bound}

    def is_bound(self, name: str) -> bool:
        """Whether the module binds the name, or may: it imports all names of another module."""
        return not {name, "*"}.isdisjoint(self._bound)

    def reason(self, node: ast.AST) -> str | None:
        """Returns what shows that the module is TensorFlow 1 (or of its time), if this node does."""
        if isinstance(node, ast.Import):
            return next(filter(None, (_old_module(alias.name) for alias in node.names)), None)
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = (f"{node.module}.{alias.name}" for alias in node.names)
            return next(filter(None, (_old_module(name) or _old_name(name, name) for name in names)), None)
        if isinstance(node, ast.Attribute):
            name, dot, path = (written := _dotted(node)).partition(".")
            return _old_name(self._modules.get(name, "?") + dot + path, written)
        if isinstance(node, ast.Call):
            return self._old_call(node)
        if isinstance(node, ast.Name) and node.id in PYTHON2_BUILTINS and not self.is_bound(node.id):
            return f"{node.id}, a builtin of Python 2"
        return None

    def _old_call(self, node: ast.Call) -> str | None:
        """Arguments and methods that are gone; what a module has under the name of such a method is no method."""
        first, _, below = (written := _dotted(node.func)).partition(".")
        module = self._modules.get(first, "")
        if module == "tensorflow" and not below.startswith(("raw_ops.", "compat.")):
            keyword = next((keyword.arg for keyword in node.keywords if keyword.arg in _OLD_KEYWORDS), None)
            return keyword and f"{written}({keyword}=...), an argument of TensorFlow 1"
        method = written.rpartition(".")[2]
        if method in _OLD_METHODS and isinstance(node.func, ast.Attribute) and not module:
            return f"{method}, {_OLD_METHODS[method]}"
        return None


def _bindings(node: ast.AST) -> Iterator[tuple[str, str]]:
    """Gives (name, what it stands for) for the names that a node binds; "" for anything but a module."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield alias.asname or alias.name.partition(".")[0], alias.name if alias.asname else alias.name.partition(".")[0]
    elif isinstance(node, ast.ImportFrom):
        for alias in node.names:
            yield alias.asname or alias.name, "" if node.level else f"{node.module}.{alias.name}"
    elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        yield node.id, ""
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name, ""
    elif isinstance(node, ast.arg):
        yield node.arg, ""


def _old_name(name: str, written: str) -> str | None:
    module, _, last = name.rpartition(".")
    if module == "numpy" and last in _OLD_NUMPY_NAMES:
        return f"{written}, a name of NumPy before 1.24"
    if last in _OLD_PYTHON_NAMES.get(module, ()):
        return f"{written}, a name of Python 2"
    if module == "scipy.misc" and last in _OLD_SCIPY_NAMES:
        return f"{written}, which SciPy had until 1.2"
    if name.startswith("tensorflow.compat.v1.contrib"):
        return f"{written}, a name of TensorFlow 1"
    top, _, below = module.partition(".")
    if top == "tensorflow" and last in VERSION_1_NAMES.get(below, ()):
        return f"{written}, a name of TensorFlow 1"
    if top == "tensorflow" and name.partition(".")[2] in GONE_NAMES:
        return f"{written}, a name of TensorFlow 0"
    return None


def _old_module(name: str) -> str | None:
    if f"{name}.".startswith(_GONE_MODULES):
        return name
    module = name.split(".")[0]
    return f"{module}, a module of Python 2" if module in PYTHON2_MODULES else None


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "?"


def _called(node: ast.Call) -> str:
    function = node.func
    return function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""


def _is_main_guard(statement: ast.stmt) -> bool:
    return (isinstance(statement, ast.If) and isinstance(statement.test, ast.Compare)
            and any(isinstance(side, ast.Name) and side.id == "__name__"
                    for side in (statement.test.left, *statement.test.comparators)))
