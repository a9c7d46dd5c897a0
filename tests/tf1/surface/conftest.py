"""Each test of the surface gets a process of its own, with TensorFlow just imported and nothing else done.

Importing TensorFlow takes seconds: one process imports it and forks itself for each test.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[3]

SERVER = """
import json, os, runpy, sys, traceback
import tensorflow
for line in sys.stdin:
    request = json.loads(line)
    child = os.fork()
    if child == 0:
        output = os.open(request["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        errors = os.open(request["output"] + ".errors", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(output, 1), os.dup2(errors, 2)
        sys.path[0] = os.path.dirname(request["program"])
        try:
            runpy.run_path(request["program"])
            code = 0
        except BaseException:
            traceback.print_exc()
            code = 1
        sys.stdout.flush(), sys.stderr.flush()
        os._exit(code)
    print(os.waitpid(child, 0)[1], flush=True)
"""


@pytest.fixture(scope="session")
def server() -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": str(REPOSITORY)}
    for name in ("TF_USE_LEGACY_KERAS", "PYTHONDONTWRITEBYTECODE"):
        environment.pop(name, None)
    with subprocess.Popen([sys.executable, "-c", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                          stderr=subprocess.DEVNULL, env=environment) as process:
        yield process
        process.stdin.close()


@pytest.fixture
def run(server: subprocess.Popen[str], tmp_path: Path) -> Callable[..., str]:
    """Writes modules into a folder `old`, the root, runs a program beside it, and returns what it prints.

    The program finds the surface installed, unless `install` says otherwise; `old` is importable.
    """
    def run(program: str, modules: Mapping[str, str], install: str = "install_surface([Path('old').resolve()])") -> str:
        for name, source in modules.items():
            file = tmp_path / "old" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(textwrap.dedent(source))
        head = (f"import os, sys\nfrom pathlib import Path\nfrom exporter.tf1.surface import install_surface\n"
                f"os.chdir({str(tmp_path)!r})\nsys.path.insert(0, os.path.abspath('old'))\n{install}\n")
        (tmp_path / "program.py").write_text(head + textwrap.dedent(program))
        request = {"program": str(tmp_path / "program.py"), "output": str(tmp_path / "output")}
        server.stdin.write(json.dumps(request) + "\n")
        server.stdin.flush()
        code = int(server.stdout.readline())
        assert code == 0, (tmp_path / "output.errors").read_text()
        return (tmp_path / "output").read_text().strip()

    return run
