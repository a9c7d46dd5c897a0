"""Finding a Python object by ``package.module:attribute`` or ``path/to/file.py:attribute``."""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

from absl import flags

from exporter.errors import ExportError, ModelError, UsageError
from exporter.source_files import find_source
from exporter.tf1.failure_advice import failure_advice
from exporter.tf1.surface import runs_at_import, surface_loader


def load_object(spec: str, role: str) -> Any:
    """Imports and returns the object that ``spec`` names.

    The current directory is importable, as with ``python -m``; a file's own folder is importable for that file.

    Args:
        spec: ``package.module:attribute`` or ``path/to/file.py:attribute``.
        role: what the object is for, the name of its flag ("model").

    Raises:
        UsageError: ``spec`` is not of that form.
        ModelError: the module or the attribute is not there, or the module raised on import.
    """
    location, attribute = check_spec(spec, role)
    _let_modules_read_flags()
    with _same_directory():
        module = _load_file(Path(location)) if location.endswith(".py") else _load_module(location)
    value: Any = module
    for part in attribute.split("."):
        if not hasattr(value, part):
            raise ModelError(f"{location} has no {attribute!r}.", _near_names(part, value))
        value = getattr(value, part)
    return value


@contextmanager
def _same_directory() -> Iterator[None]:
    """Comes back to the current directory, which paths are relative to: modules change it to find their own files."""
    directory = os.getcwd()
    try:
        yield
    finally:
        os.chdir(directory)


def check_spec(spec: str, role: str, folders: Sequence[str] = ()) -> tuple[str, str]:
    """Checks what can be seen without importing anything, and returns (location, attribute).

    Args:
        spec: ``package.module:attribute`` or ``path/to/file.py:attribute``.
        role: what the object is for, the name of its flag ("model").
        folders: where packages are looked for as well.

    Raises:
        UsageError: ``spec`` is not of the form.
        ModelError: there is no such file, or no such top-level package.
    """
    location, attribute = split_spec(spec, role)
    _make_importable(os.getcwd())
    if location.endswith(".py"):
        if not os.path.isfile(location):
            raise ModelError(f"There is no file {location!r}.",
                             "Give the path of a Python file, or package.module:Attribute.")
    elif not _is_importable(location.partition(".")[0], folders):
        raise _no_module(location)
    return location, attribute


def split_spec(spec: str, role: str) -> tuple[str, str]:
    """Returns (location, attribute), without looking whether they are there.

    Raises:
        UsageError: ``spec`` is not of the form.
    """
    location, separator, attribute = spec.rpartition(":")
    if not separator or not location or not attribute:
        raise UsageError(f"--{role} {spec!r} is not of the form package.module:Attribute or path/to/file.py:Attribute.",
                         "For example: models.slim_cnn:SlimCNN")
    return location, attribute


def _let_modules_read_flags() -> None:
    """Modules may define absl flags and read them: to them the command line is empty."""
    if not flags.FLAGS.is_parsed():
        flags.FLAGS(sys.argv[:1])


def _is_importable(name: str, folders: Sequence[str]) -> bool:
    if name in sys.modules or PathFinder.find_spec(name, [*folders]) is not None:
        return True
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def _no_module(name: str) -> ModelError:
    return ModelError(f"There is no module {name!r} (looked in the current directory and the installed packages).",
                      "Give package.module:Attribute as Python would import it, or path/to/file.py:Attribute.")


def _load_module(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except (KeyboardInterrupt, ExportError):
        raise
    except ModuleNotFoundError as error:
        if error.name and (name == error.name or name.startswith(error.name + ".")):
            raise _no_module(name) from error
        raise _import_failure(name, error) from error
    except BaseException as error:  # code that is not ours may also exit
        raise _import_failure(name, error) from error


def _load_file(path: Path) -> ModuleType:
    _make_importable(str(path.parent.resolve()))
    name = path.stem if path.stem not in sys.modules else f"{path.stem} ({path.resolve()})"
    if name in sys.modules:
        return sys.modules[name]
    specification = importlib.util.spec_from_file_location(name, path, loader=surface_loader(name, path))
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules[name] = module
    try:
        specification.loader.exec_module(module)
    except BaseException as error:
        del sys.modules[name]
        if isinstance(error, KeyboardInterrupt | ExportError):
            raise
        raise _import_failure(str(path), error) from error
    return module


def _make_importable(folder: str) -> None:
    if folder not in sys.path:
        sys.path.insert(0, folder)


def _import_failure(name: str, error: BaseException) -> ModelError:
    problem = f"{name} raised {type(error).__name__} when it was imported: {error}"
    if isinstance(error, ImportError) and "relative import" in str(error) and name.endswith(".py"):
        package = Path(name).resolve().parent.name
        return ModelError(problem, f"The file belongs to a package: name it {package}.{Path(name).stem}:Attribute, with the "
                                   f"folder of {package} as the current one (or as --tf1_root).")
    file = Path(name) if name.endswith(".py") else find_source(name, ())
    does = None if file is None else runs_at_import(file)
    if does is not None:
        return ModelError(f"{problem}. It is a script: its {does} as soon as it is imported.",
                          "Name a module that only defines the model. To run the script itself: run_tf1 script.py arguments")
    return ModelError(problem, failure_advice(error))


def _near_names(name: str, owner: Any) -> str:
    public = [candidate for candidate in dir(owner) if not candidate.startswith("_")]
    near = difflib.get_close_matches(name, public, n=3)
    return f"Did you mean {', '.join(near)}?" if near else f"It has: {', '.join(public[:12]) or 'nothing public'}."
