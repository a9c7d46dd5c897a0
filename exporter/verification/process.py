"""The verification process: TensorFlow in a process of its own, which runs artifacts and reference.

It is started first, so that its import of TensorFlow overlaps with the export, and serves any number of verifications. It
ends when the exporting process closes it or dies. A process that has imported TensorFlow and used nothing of it can be
forked instead: ten milliseconds in place of two seconds.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import Pipe
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

from exporter.errors import ExportError, VerificationError
from exporter.graph.tensor_spec import Signature
from exporter.verification.case import Reference, VerificationCase
from exporter.verification.memory import prepare_memory
from exporter.verification.report import VerificationReport
from exporter.verification.verifying import Tolerances
from exporter.weights.binding import WeightOptions

# oneDNN would change last bits between a graph with variables and one with constants.
ENVIRONMENT = {"TF_ENABLE_ONEDNN_OPTS": "0", "CUDA_VISIBLE_DEVICES": "-1"}

_ENDING_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))

# Packages are found where the exporting process finds them, but after Python's own and this one: a model's folder, or the
# current one, may hold a file called json.py or exporter.py.
_PROGRAM = ("import importlib, sys; own, *packages = sys.argv[4:]; sys.path = [path for path in sys.path if path]; "
            "sys.path[:0] = [own] if own not in sys.path else []; main = importlib.import_module(sys.argv[3]).main; "
            "sys.path += [path for path in packages if path not in sys.path]; main()")


@dataclass(frozen=True)
class _Begin:
    """Begins a case: the arguments of `VerificationCase`, and the bytes that its weights take."""

    signature: Signature
    inputs: Path | None
    weights_size: int


@dataclass(frozen=True)
class _Step:
    """Calls a method of the case."""

    method: str
    arguments: tuple[Any, ...]
    is_last: bool = False


class _Process(Protocol):
    """What is needed of a process, started or forked."""

    def kill(self) -> None: ...

    def wait(self) -> int: ...


class VerificationProcess:
    """A running verification process; a context manager.

    Args:
        quiet: silence TensorFlow in a process that is started.
        fork: fork this process, from its main thread. It must have imported TensorFlow with `ENVIRONMENT`, and have no
            session, no eager tensor and no other thread yet.
    """

    def __init__(self, quiet: bool = True, fork: bool = False) -> None:
        self._connection, theirs = Pipe()
        self._sending = threading.Lock()
        self._process: _Process = _Fork(theirs, self._connection) if fork else _start(theirs, quiet)
        theirs.close()

    def begin(self, signature: Signature, inputs: Path | None, weights_size: int) -> None:
        """Begins a verification: prepares the inputs, and memory for graphs with ``weights_size`` bytes inside.

        This and the next steps return at once; `report` tells of errors.
        """
        self._send(_Begin(signature, inputs, weights_size))

    def run_artifact(self, format_name: str, path: Path) -> None:
        """Loads and runs an artifact."""
        self._send(_Step("run_artifact", (format_name, path.absolute())))

    def run_reference(self, reference: Reference, prefix: Path | None, weights: WeightOptions) -> None:
        """Restores and runs the reference."""
        self._send(_Step("run_reference", (reference, prefix and prefix.absolute(), weights)))

    def take_as_reference(self, format_name: str, path: Path, random_outputs: Mapping[str, tuple[str, ...]]) -> None:
        """Takes an artifact for the reference."""
        self._send(_Step("take_as_reference", (format_name, path.absolute(), random_outputs)))

    def report(self, tolerances: Tolerances, with_samples: bool = False) -> VerificationReport:
        """Waits for all steps; returns how the artifacts compare with the reference.

        Raises:
            VerificationError: the process died, or the reference can't be run.
            ExportError: inputs or checkpoint can't be used.
        """
        self._send(_Step("report", (tolerances, with_samples), is_last=True))
        try:
            reply = self._connection.recv()
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            raise self._died() from error
        if isinstance(reply, ExportError):
            raise reply
        if isinstance(reply, str):
            raise VerificationError(f"The verification process failed:\n{reply}", "Please report this as a bug.")
        assert isinstance(reply, VerificationReport)
        return reply

    def close(self) -> None:
        """Ends the process. Nobody waits until the system has taken its memory apart: a third of a second for VGG-16."""
        self._connection.close()
        self._process.kill()
        threading.Thread(target=self._process.wait, daemon=True).start()

    def _send(self, step: _Begin | _Step) -> None:
        try:
            with self._sending:  # artifacts are announced by the threads that write them
                self._connection.send(step)
        except OSError as error:
            raise self._died() from error

    def _died(self) -> VerificationError:
        code = self._process.wait()
        cause = "too little memory" if code == -signal.SIGKILL else "TensorFlow crashed on the graph"
        return VerificationError(f"The verification process died (exit code {code}).",
                                 f"Likely cause: {cause}. Export without verification by --noverify.")

    def __enter__(self) -> VerificationProcess:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()


def program_of(module: str, *arguments: str) -> list[str]:
    """Returns the command that runs ``module.main`` of this package in a fresh Python.

    Args:
        module: its name.
        arguments: two words, which it finds at the beginning of ``sys.argv``.
    """
    own = str(Path(__file__).parents[2])
    return [sys.executable, "-c", _PROGRAM, *arguments, module, own, *filter(None, sys.path)]


def _start(connection: Any, quiet: bool) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        program_of("exporter.verification.worker", str(connection.fileno()), "quiet" if quiet else "debug"),
        pass_fds=[connection.fileno()], env={**os.environ, **ENVIRONMENT},
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        start_new_session=True)  # the terminal's Ctrl-C is for the exporting process, which ends this one


class _Fork:
    """A fork of this process, in its session and process group."""

    def __init__(self, connection: Any, others: Any) -> None:
        from exporter.verification.worker import serve_in_fork

        self._process = multiprocessing.get_context("fork").Process(
            target=serve_in_fork, args=(connection, others, os.getpid()))
        with signals_held_back():
            self._process.start()

    def kill(self) -> None:
        self._process.kill()

    def wait(self) -> int:
        self._process.join()
        code = self._process.exitcode
        return -signal.SIGKILL if code is None else code  # another thread has waited for it, after `kill`


@contextmanager
def signals_held_back() -> Iterator[None]:
    """Lets signals that end a process wait while it is forked.

    Python drops what their handlers raise in hooks around a fork. The fork begins with them held back, and says by
    `let_signals_through` when its own handlers are there. What another thread of this process takes is not held back.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING_SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def let_signals_through() -> None:
    """Takes the signals that `signals_held_back` has kept waiting, and those to come."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING_SIGNALS)


def serve(connection: Any) -> None:
    """Serves cases until the other side closes; the loop of the worker."""
    case: VerificationCase | None = None
    failure: ExportError | str | None = None
    while True:
        try:
            step: _Begin | _Step = connection.recv()
        except EOFError:
            return
        reply = None
        try:
            if isinstance(step, _Begin):
                case, failure = None, None
                prepare_memory(step.weights_size)
                case = VerificationCase(step.signature, step.inputs)
            elif failure is None and case is not None:
                reply = getattr(case, step.method)(*step.arguments)
        except ExportError as error:
            failure = error
        except Exception:
            failure = traceback.format_exc()
        if isinstance(step, _Step) and step.is_last:
            connection.send(failure or reply)
            case = None
