"""``run_tf1``: runs a TensorFlow 1 script, unmodified, on the TensorFlow that is installed."""

from __future__ import annotations

import importlib
import logging
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType, TracebackType

from absl import flags

from exporter.commands.command_line import new_flags, run
from exporter.errors import ModelError, UsageError
from exporter.tensorflow_import import import_tensorflow
from exporter.tf1.surface import install_surface, surface_loader

USAGE = """Runs a TensorFlow 1 script (training, evaluation, freezing) as it is, on the TensorFlow that is installed.

run_tf1 train.py --learning_rate 0.01
run_tf1 --tf1_root ../slim --allow_pickle evaluate.py --checkpoint model.ckpt

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


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns the script's exit code."""
    values = define_flags()
    words = list(sys.argv if arguments is None else arguments)
    position = _script_position(words, values)
    script = words[position:]
    code = run(lambda options, positional: _prepare(options, script), values, USAGE, words[:position])
    if code != 0 or values.help:
        return code
    return _run_script(Path(script[0]), script)


def _script_position(words: list[str], values: flags.FlagValues) -> int:
    """The index of the script's name: the first word that is neither a flag of ours nor the value of one."""
    position = 1
    while position < len(words) and words[position].startswith("-"):
        name, has_value, _ = words[position].lstrip("-").partition("=")
        if words[position] == "--":
            return position + 1
        takes_word = name in values and not values[name].boolean and not has_value
        position += 2 if takes_word else 1
    return min(position, len(words))


def _prepare(options: flags.FlagValues, script: list[str]) -> None:
    if not script:
        raise UsageError("No script is named.", "run_tf1 script.py arguments...")
    file = Path(script[0])
    if not file.is_file():
        raise UsageError(f"There is no script {script[0]}.", "Give the path of a Python file.")
    if file.suffix != ".py":
        raise UsageError(f"{script[0]} is no Python file.", "Give the path of a file that ends in .py.")
    folder = file.resolve().parent
    roots = [Path(root).resolve() for root in options.tf1_root]
    import_tensorflow(quiet=not options.debug)
    install_surface([folder, *roots], allow_pickle=options.allow_pickle, stub_modules=options.stub_modules,
                    keep_command_line=True)
    sys.path[0] = str(folder)
    sys.path[1:1] = [str(root) for root in roots]


def _run_script(file: Path, arguments: list[str]) -> int:
    """Runs the file as ``__main__``; an exception that it does not catch is shown as Python shows it."""
    loader = surface_loader("__main__", file.resolve())
    assert loader is not None
    module = ModuleType("__main__")
    vars(module).update(__file__=str(file), __loader__=loader, __spec__=None, __cached__=None, __package__=None)
    sys.modules["__main__"] = module
    sys.argv[:] = arguments
    try:
        with _own_messages():
            loader.exec_module(module)
    except SystemExit as error:
        return _exit_code(error)
    except ModelError as error:
        traceback.print_exception(type(error), error, _script_frames(error.__traceback__))
        return error.exit_code
    except BaseException as error:
        traceback.print_exception(type(error), error, _script_frames(error.__traceback__))
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


def _script_frames(trace: TracebackType | None) -> TracebackType | None:
    """The traceback without the frames of this command and the loader, which stand before the script's own."""
    while trace is not None and trace.tb_next is not None and "/exporter/" in trace.tb_frame.f_code.co_filename:
        trace = trace.tb_next
    return trace


if __name__ == "__main__":
    sys.exit(main())
