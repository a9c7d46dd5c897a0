"""What is wrong with config files: all of it at once, each with its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from exporter.batch.config.words import KeyPath, key_path_text
from exporter.errors import UsageError

SHOWN = 50


class Place(NamedTuple):
    """Where something is written.

    Attributes:
        file: the config file as it was given, or the ``--set`` argument.
        line: from 1; 0 where there is none.
        column: from 1; 0 where there is none.
    """

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong.

    Attributes:
        place: where.
        path: keys and list positions that lead to it; empty for the file as a whole.
        text: what was found, what was expected, what to do.
        shown_path: the path as ``--set`` counts, which has the exports of all files; None where it is ``path``.
    """

    place: Place
    path: KeyPath
    text: str
    shown_path: KeyPath | None = None

    def __str__(self) -> str:
        path = self.path if self.shown_path is None else self.shown_path
        return f"{self.place}: {key_path_text(path)}: {self.text}" if path else f"{self.place}: {self.text}"


class ConfigError(UsageError):
    """Config files have problems; the message lists them.

    Args:
        problems: all of them, in the order in which they are shown.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        lines = [str(problem) for problem in problems[:SHOWN]]
        if len(problems) > SHOWN:
            lines.append(f"and {len(problems) - SHOWN} more")
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        super().__init__(f"Found {count}; nothing was run.\n" + "\n".join(lines))
        self.problems = tuple(problems)

    def __reduce__(self) -> tuple[type[ConfigError], tuple[Sequence[Problem]]]:
        return ConfigError, (self.problems,)


class Problems:
    """Collects problems; the same one counts once."""

    def __init__(self) -> None:
        self._problems: dict[Problem, None] = {}
        self._files: dict[str, int] = {}

    def add(self, problem: Problem) -> None:
        """Adds one."""
        self._problems.setdefault(problem)

    def add_file(self, file: str) -> None:
        """Tells that a file is read; problems are shown in the order of their files."""
        self._files.setdefault(file, len(self._files))

    def raise_any(self) -> None:
        """Raises ConfigError if there are problems: by file, line and column; those of ``--set`` last."""
        if self._problems:
            raise ConfigError(sorted(self._problems, key=self._order))

    def _order(self, problem: Problem) -> tuple[int, int, int]:
        return self._files.get(problem.place.file, len(self._files)), problem.place.line, problem.place.column
