"""``run_tf1``: runs a TensorFlow 1 script, unmodified, on the TensorFlow that is installed."""

from __future__ import annotations

import importlib
import logging
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from absl import flags

from exporter.commands.command_line import new_flags, run
from exporter.errors import ExportError, UsageError
from exporter.source_files import find_source
from exporter.tensorflow_import import import_tensorflow
from exporter.tf1.failure_advice import missing_module_advice
from exporter.tf1.surface import install_surface, surface_loader

_PACKAGE = Path(__file__).parents[1]
_OWN_FILES = (str(_PACKAGE / "commands"), str(_PACKAGE / "tf1" / "surface"), "<frozen importlib")
USAGE = """Runs a TensorFlow 1 script (training, evaluation, freezing) as it is, on the TensorFlow that is installed.

run_tf1 train.py --learning_rate 0.01
run_tf1 --tf1_root ../slim --allow_pickle evaluate.py --checkpoint model.ckpt
run_tf1 -m nmt.nmt --out_dir runs

The script sees TensorFlow 1.15 (`tf.contrib` included), and so do the modules in its folder and below the roots. What stands
behind the script's name is its own command line. Exit codes: the script's own; 2 for a mistake in ours.
"""


def define_flags() -> flags.FlagValues:
    """Returns the flags of this command, which stand before the script's name."""
    values = new_flags()
    flags.DEFINE_multi_string("tf1_root", [], "A further folder of TensorFlow 1 code, on the import path too; repeatable.",
                              flag_values=values)
    flags.DEFINE_boolean("allow_pickle", False, "Let the code load pickles: only for files that you trust.",
                         flag_values=values)
    flags.DEFINE_list("stub_modules", [], "Modules that become stand-ins where they are not installed.", flag_values=values)
    return values


@dataclass(frozen=True)
class _Script:
    """What is run.

    Attributes:
        file: the Python file.
        folder: its root, which comes first on the import path.
        package: the package that it belongs to, where it was named as a module; relative imports start there.
        arguments: its own command line, its name included.
    """

    file: Path
    folder: Path
    package: str | None
    arguments: list[str]


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns the script's exit code."""
    values = define_flags()
    words = list(sys.argv if arguments is None else arguments)
    position = _script_position(words, values)
    scripts: list[_Script] = []
    code = run(lambda options, positional: scripts.append(_prepared(options, words[position:])), values, USAGE,
               words[:position])
    return _run_script(*scripts) if scripts else code


def _script_position(words: list[str], values: flags.FlagValues) -> int:
    """The index of the script's name, or of ``-m``: the first word that is neither a flag of ours nor the value of one."""
    position = 1
    while position < len(words) and words[position].startswith("-") and words[position] != "-m":
        name, has_value, _ = words[position].lstrip("-").partition("=")
        if words[position] == "--":
            return position + 1
        takes_word = name in values and not values[name].boolean and not has_value
        position += 2 if takes_word else 1
    return min(position, len(words))


def _prepared(options: flags.FlagValues, words: list[str]) -> _Script:
    roots = [Path(root).resolve() for root in options.tf1_root]
    script = _module(words, roots) if words[:1] == ["-m"] else _file(words)
    import_tensorflow(quiet=not options.debug)
    install_surface([script.folder, *roots], allow_pickle=options.allow_pickle, stub_modules=options.stub_modules,
                    keep_command_line=True)
    sys.path[0] = str(script.folder)
    sys.path[1:1] = [str(root) for root in roots]
    return script


def _file(words: list[str]) -> _Script:
    if not words:
        raise UsageError("No script is named.", "run_tf1 script.py arguments...")
    file = Path(words[0])
    if not file.is_file():
        raise UsageError(f"There is no script {words[0]}.", "Give the path of a Python file.")
    if file.suffix != ".py":
        raise UsageError(f"{words[0]} is no Python file.", "Give the path of a file that ends in .py.")
    return _Script(file, file.resolve().parent, None, words)


def _module(words: list[str], roots: list[Path]) -> _Script:
    """Finds ``-m package.module``, as Python does: from the current directory."""
    name = words[1] if len(words) > 1 else ""
    folders = [str(Path.cwd()), *map(str, roots)]
    file = find_source(name, folders) if name else None
    if file is not None and file.name == "__init__.py":
        name, file = f"{name}.__main__", file.with_name("__main__.py")
    if file is None or not file.is_file():
        raise UsageError(f"There is no module {name!r} to run.", "run_tf1 -m package.module arguments..., from the folder "
                                                                "that holds the package.")
    return _Script(file, Path.cwd(), name.rpartition(".")[0], [str(file), *words[2:]])


def _run_script(script: _Script) -> int:
    """Runs the file as ``__main__``; an exception that it does not catch is shown as Python shows it."""
    loader = surface_loader("__main__", script.file.absolute())
    if loader is None:
        raise AssertionError(f"{script.file} lies below {script.folder}")
    module = ModuleType("__main__")
    vars(module).update(__file__=str(script.file), __loader__=loader, __spec__=None, __cached__=None,
                        __package__=script.package)
    sys.modules["__main__"] = module
    sys.argv[:] = script.arguments
    try:
        with _own_messages():
            if script.package:
                importlib.import_module(script.package)
            loader.exec_module(module)
    except SystemExit as error:
        return _exit_code(error)
    except BaseException as error:
        _show(error)
        if isinstance(error, ExportError):
            return error.exit_code
        return 130 if isinstance(error, KeyboardInterrupt) else 1
    return 0


@contextmanager
def _own_messages() -> Iterator[None]:
    """What the script logs is shown as in TensorFlow 1; what TensorFlow 2 thinks of its calls is not."""
    deprecation = importlib.import_module("tensorflow.python.util.deprecation")
    logging.getLogger("tensorflow").setLevel(logging.WARNING)
    with deprecation.silence():
        yield


def _exit_code(error: SystemExit) -> int:
    if error.code is None:
        return 0
    if isinstance(error.code, int):
        return error.code
    print(error.code, file=sys.stderr)
    return 1


def _show(error: BaseException) -> None:
    """Shows an exception as Python does, without the frames of this command and of the imports that it makes possible."""
    shown = traceback.TracebackException(type(error), error, error.__traceback__)
    part: traceback.TracebackException | None = shown
    while part is not None:
        part.stack = traceback.StackSummary.from_list(
            [frame for frame in part.stack if not frame.filename.startswith(_OWN_FILES)])
        part = part.__cause__ or part.__context__
    print("".join(shown.format()), end="", file=sys.stderr)
    advice = missing_module_advice(error) if not isinstance(error, ExportError) else None
    if advice:
        print(f"run_tf1: {advice}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
