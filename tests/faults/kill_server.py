"""Kills exports: ``python -m tests.faults.kill_server CHECKPOINTS FOLDER MODE COUNT``.

One process imports TensorFlow; each export is a fork of it, which is killed either at a random time ("moments") or when it
is about to use the file system for the n-th time ("steps"; "steps:7" takes each seventh). After each kill the output path
is looked at, and the next export must succeed and tidy up. Verification is left out here; commands are killed in it as
well, see test_killed.py. Prints a JSON object.
"""

import json
import os
import random
import shutil
import signal
import sys
import time
import traceback
from collections import Counter
from pathlib import Path

from exporter.export import export
from exporter.graph.building import GraphOptions
from exporter.publishing import replacing
from exporter.request import ExportRequest
from exporter.tensorflow_import import import_tensorflow
from exporter.verification.options import VerificationOptions
from tests.faults.workplace import INPUT_SHAPE, NEW, OLD, complete_export, index_digest, network

STEPS = ("open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.scandir", "os.listdir", "os.chmod", "shutil.rmtree",
         "fcntl.flock", "ctypes.dlsym")


class Killer:
    """Forks exports of ``checkpoints`` to ``folder/export`` and kills them."""

    def __init__(self, checkpoints, folder):
        self.checkpoints = checkpoints
        self.output = folder / "export"
        self.exchanges = True
        self.seconds = 0.0
        self.left = Counter()
        self.found = Counter()

    def fork(self, name, step=None):
        """Starts an export in a child, which kills itself at the given step; returns its process id."""
        child = os.fork()
        if child:
            return child
        try:
            if step is not None:
                _die_at(step)
            export(ExportRequest(network, self.checkpoints / name, self.output, overwrite=True,
                                 graph=GraphOptions("float_image_tensor", INPUT_SHAPE),
                                 verification=VerificationOptions(enabled=False)))
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)

    def succeed(self, name):
        """Runs an export that nothing disturbs; checks that it has the place to itself, and notes how long it took."""
        start = time.perf_counter()
        assert os.waitstatus_to_exitcode(os.waitpid(self.fork(name), 0)[1]) == 0, "the next export did not succeed"
        self.seconds = time.perf_counter() - start
        assert complete_export(self.output) == index_digest(self.checkpoints / name)
        assert os.listdir(self.output.parent) == ["export"], os.listdir(self.output.parent)

    def kill(self, start_from, delay=None, step=None):
        """Kills an export of ``new`` where the export ``start_from``, or None, is; then lets the next one succeed."""
        shutil.rmtree(self.output, ignore_errors=True)
        if start_from:
            self.succeed(start_from)
        child = self.fork(NEW, step)
        if delay is not None:
            time.sleep(delay)
            os.kill(child, signal.SIGKILL)
        killed = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
        found = complete_export(self.output)
        allowed = {index_digest(self.checkpoints / name): name for name in {NEW, start_from} if name}
        assert found in allowed or (found is None and not (start_from and self.exchanges)), f"found {found}"
        self.found[f"{start_from or 'nothing'} -> {allowed.get(found, 'nothing')}"] += killed
        if killed:
            self.left[_what_is_left(self.output)] += 1
        self.succeed(OLD)
        return killed


def _die_at(step):
    count = 0

    def count_steps(event, arguments):
        nonlocal count
        if event in STEPS:
            count += 1
            if count == step:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count_steps)


def _what_is_left(output):
    """How far the killed export had come."""
    staging = next(output.parent.glob(".export.staging-*"), None)
    if staging is None:
        return "no staging directory"
    if (staging / "export_manifest.json").exists():
        return "complete staging directory"
    return "artifacts" if any(staging.iterdir()) else "empty staging directory"


def main(checkpoints, folder, mode, count):
    """Kills ``count`` exports, half of them where an old export is."""
    import_tensorflow()
    killer = Killer(checkpoints, folder)
    killer.succeed(OLD)
    assert len(os.listdir("/proc/self/task")) == 1, "a process with threads can't be forked"
    choose = random.Random(1)
    every = int(mode.rpartition(":")[2]) if ":" in mode else 1
    kills = attempts = survivors = 0
    if mode.startswith("steps_without_exchange"):
        replacing._exchange = lambda first, second: False
        killer.exchanges = False
    while kills < count and survivors < (3 * count if mode == "moments" else 2):
        start_from = OLD if attempts % 2 else None
        if mode == "moments":
            killed = killer.kill(start_from, delay=choose.uniform(0, killer.seconds))
        else:
            killed = killer.kill(start_from, step=1 + every * (attempts // 2))
        kills, survivors, attempts = kills + killed, survivors + (not killed), attempts + 1
    print(json.dumps({"kills": kills, "seconds": killer.seconds, "left": killer.left, "found": killer.found}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
