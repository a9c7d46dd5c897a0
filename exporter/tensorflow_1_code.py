"""Whether a model's code is TensorFlow 1, which folders it is in, and what it may do."""

from __future__ import annotations

import logging
import os
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from exporter.errors import UsageError
from exporter.python_object import split_spec
from exporter.source_files import find_source, imported_names, is_installed
from exporter.tf1.surface import install_surface, needs_surface, runs_at_import
from exporter.tf1.surface.python2.syntax_tree import read_syntax_tree

__all__ = ["Tensorflow1Code", "find_tensorflow_1_code"]

_LOG = logging.getLogger("exporter")
_HARMLESS = "reads the command line"  # which is empty to it


@dataclass(frozen=True)
class Tensorflow1Code:
    """Code to be imported under the surface of TensorFlow 1, see `exporter.tf1.surface`.

    Attributes:
        roots: folders of the code.
        importable: those of them that were named: they go onto the import path.
        reason: what showed that it is TensorFlow 1 (``"model.py, line 14: tf.contrib"``, or an option that only such code
            has); "" where the folders were named.
        allow_pickle: whether it may load pickles.
        stub_modules: modules that become stand-ins where they are not installed.
        scripts: what models' modules do when they are merely imported: ``"train.py: line 40 starts a session"``.
    """

    roots: tuple[Path, ...]
    importable: tuple[Path, ...] = ()
    reason: str = ""
    allow_pickle: bool = False
    stub_modules: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()

    @property
    def notice(self) -> str:
        """What the user should know where the folders were not named; "" where they were."""
        return f"TensorFlow 1 code ({self.reason}): it was given TensorFlow 1.15's names. To name its folders: --tf1_root" \
            if self.reason else ""

    def enter(self) -> None:
        """Lets the code below the roots see TensorFlow 1 from now on, in this process; imports TensorFlow if need be.

        A module that is a script is warned of before it is imported: that may take as long as a training.
        """
        for script in self.scripts:
            _LOG.warning("A model's module is a script, which begins when it is imported: %s.", script)
        install_surface(self.roots, allow_pickle=self.allow_pickle, stub_modules=self.stub_modules)
        for folder in reversed(self.importable):
            if sys.path[:1] != [str(folder)]:
                sys.path.insert(0, str(folder))


def find_tensorflow_1_code(specs: Sequence[str], tf1_root: Sequence[str] = (), allow_pickle: bool = False,
                           stub_modules: Sequence[str] = ()) -> Tensorflow1Code | None:
    """Tells how the code of models has to be imported; runs none of it.

    Args:
        specs: ``package.module:attribute`` or ``path/to/file.py:attribute``, each.
        tf1_root: folders of TensorFlow 1 code. Without any, the models' modules, and those that they import when they are
            imported, are read; if one of them plainly needs TensorFlow 1, its folder is taken, and the current directory
            where that lies above it. If one of the other options is given, the model's own is.
        allow_pickle: whether the code may load pickles.
        stub_modules: modules that become stand-ins where they are not installed.

    Returns:
        None for code that needs nothing of TensorFlow 1.

    Raises:
        UsageError: a root is no directory.
    """
    locations = [split_spec(spec, "model")[0] for spec in specs]
    roots, importable, reason = _roots_and_reason(locations, tf1_root, allow_pickle, bool(stub_modules))
    if not roots:
        return None
    return Tensorflow1Code(roots, importable, reason, allow_pickle, tuple(stub_modules), (*_scripts(locations, importable),))


def _roots_and_reason(locations: Sequence[str], tf1_root: Sequence[str], allow_pickle: bool,
                      has_stubs: bool) -> tuple[tuple[Path, ...], tuple[Path, ...], str]:
    """The roots, those that were named, and what has shown them; none for code that is not TensorFlow 1."""
    if tf1_root:
        folders = tuple(_root(folder) for folder in tf1_root)
        own = (Path(location).resolve().parent for location in locations if location.endswith(".py"))
        return tuple(dict.fromkeys((*folders, *own))), folders, ""
    for location in locations:
        found = _found_in(location)
        if found is not None:
            return found[0], (), found[1]
    asked = "--allow_pickle" if allow_pickle else "--stub_modules" if has_stubs else ""
    return _own_roots(locations[0]) if asked and locations else (), (), asked


def _scripts(locations: Sequence[str], roots: Sequence[Path]) -> Iterator[str]:
    for location in locations:
        file, _ = _places(location, roots)
        does = None if file is None else runs_at_import(file)
        if file is not None and does is not None and not does.endswith(_HARMLESS):
            yield f"{file.name}: {does}"


def _root(folder: str) -> Path:
    path = Path(folder)
    if not path.is_dir():
        raise UsageError(f"--tf1_root {folder} is no directory.", "Name the folder of the TensorFlow 1 code.")
    return path.resolve()


def _places(location: str, roots: Sequence[Path] = ()) -> tuple[Path | None, list[str]]:
    """The file of a module, and the folders that its imports are looked for in."""
    folders = [*map(str, roots), os.getcwd()]
    if location.endswith(".py"):
        return Path(location).resolve(), [str(Path(location).resolve().parent), *folders]
    found = find_source(location, folders)
    return found and found.resolve(), folders


def _own_roots(location: str) -> tuple[Path, ...]:
    file, folders = _places(location)
    return _roots(file or Path(folders[0], "model.py"), folders)


def _found_in(location: str) -> tuple[tuple[Path, ...], str] | None:
    """Looks through a module and what it imports; returns the roots, and what showed that it is TensorFlow 1."""
    first, folders = _places(location)
    waiting = [] if first is None else [(Path(location).stem if location.endswith(".py") else location, first)]
    seen = set()
    while waiting:
        name, file = waiting.pop()
        if file in seen or file.suffix != ".py" or not file.is_file() or is_installed(file):
            continue
        seen.add(file)
        need = needs_surface(file)
        if need is not None:
            return _roots(file, folders), f"{file.name}, {need}"
        package = name if file.name == "__init__.py" else name.rpartition(".")[0]
        imported = ((module, find_source(module, folders)) for module in _imported_at_once(file, package))
        waiting += [(module, source.resolve()) for module, source in imported if source is not None]
    return None


def _roots(file: Path, folders: Sequence[str]) -> tuple[Path, ...]:
    """The folder of a file, and the folders of imports that it lies below; never one with an installed Python below it."""
    above = [Path(folder).resolve() for folder in folders]
    candidates = [folder for folder in above if folder in file.parents] or [file.parent]
    return tuple(folder for folder in dict.fromkeys(candidates)
                 if not any(folder in installed.parents for installed in _standard_library())) or (file.parent,)


def _standard_library() -> list[Path]:
    return [Path(sysconfig.get_paths()[name]).resolve() for name in ("stdlib", "platstdlib")]


def _imported_at_once(file: Path, package: str) -> list[str]:
    """The modules that a module imports by its outermost statements: what is guarded or in functions may not be needed."""
    try:
        return [*imported_names(read_syntax_tree(file).body, package)]
    except (OSError, SyntaxError, ValueError, RecursionError):
        return []
