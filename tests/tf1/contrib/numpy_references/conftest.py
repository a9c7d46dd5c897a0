"""Expressions of TensorFlow 1 are computed under the surface, in a process of their own, all of a module in one."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any, NamedTuple

import pytest

FOLDER = Path(__file__).parent / "tensorflow_1"


class Computed(NamedTuple):
    """What an expression gave."""

    variables: dict[str, Any]
    values: Any

    def below(self, depth):
        """The variables by what is left of their names without the outer scopes."""
        return {name.split("/", depth)[-1]: value for name, value in self.variables.items()}


class Results(dict[str, Any]):
    """Expression -> Computed, or the error that it raised, which is raised when it is asked for."""

    def __getitem__(self, expression):
        result = super().__getitem__(expression)
        assert not isinstance(result, str), result
        return Computed(*result)


@pytest.fixture(scope="session")
def compute(server, tmp_path_factory):
    """A function: expressions of TensorFlow 1 -> expression -> Computed."""

    def compute(expressions):
        folder = tmp_path_factory.mktemp("computed")
        program, output, results = folder / "program.py", folder / "output", folder / "results.pickle"
        program.write_text(
            f"import sys\nfrom pathlib import Path\nfrom exporter.tf1.surface import install_surface\n"
            f"sys.path.insert(0, {str(FOLDER)!r})\ninstall_surface([Path({str(FOLDER)!r})])\n"
            f"import computing\ncomputing.compute({list(expressions)!r}, {str(results)!r})\n")
        server.stdin.write(json.dumps({"program": str(program), "output": str(output)}) + "\n")
        server.stdin.flush()
        assert server.stdout.readline().strip() == "0", Path(f"{output}.errors").read_text()
        return Results(pickle.loads(results.read_bytes()))

    return compute
