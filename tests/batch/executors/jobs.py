"""What jobs do in these tests: functions in the place of `run_job`, told by the job's name, ``what:argument``."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from exporter.batch.job import EXPORTED, FAILED, Job, JobResult
from exporter.options.export_options import ExportOptions

STATE = []


def job(name, checkpoint_size=0, **options):
    return Job(name, ExportOptions(**options), checkpoint_size=checkpoint_size)


def run(job, is_fresh_fork):
    what, _, argument = job.name.partition(":")
    return globals()[f"_{what}"](argument)


def said(text):
    """A result that brings a text back."""
    return JobResult(EXPORTED, problem=str(text))


def _return(argument):
    return said(argument)


def _fail(argument):
    print("before it failed")
    return JobResult(FAILED, problem=argument, exit_code=4)


def _raise(argument):
    raise ArithmeticError(argument)


def _nothing(argument):
    return None


def _interrupt(argument):
    raise KeyboardInterrupt


def _kill_server(argument):
    """Kills its parent as often as it is told, once so many companions (see below) have begun; notes every try."""
    folder, times, companions = argument.split(",")
    while len(list(Path(folder).glob("companion-*"))) < int(companions):
        time.sleep(0.01)
    Path(folder, f"kill-{os.getpid()}").touch()
    if len(list(Path(folder).glob("kill-*"))) <= int(times):
        os.kill(os.getppid(), signal.SIGKILL)
        signal.pause()
    return said("survived")


def _companion(argument):
    """Waits at its first try, to be killed with the server."""
    Path(argument, f"companion-{os.getpid()}").touch()
    if len(list(Path(argument).glob("companion-*"))) == 1:
        signal.pause()
    return said("survived")


def _finish(argument):
    """Returns when it is asked to end: too late to be interrupted."""
    signal.signal(signal.SIGTERM, lambda *_: None)
    _write(argument, str(os.getpid()))
    signal.pause()
    return said("done")


def _exhaust(argument):
    raise MemoryError


def _sys_exit(argument):
    sys.exit(int(argument))


def _exit(argument):
    os._exit(int(argument))


def _kill(argument):
    print("the last words")
    os.kill(os.getpid(), getattr(signal, argument))


def _abort(argument):
    print("the last words")
    os.abort()


def _hang(argument):
    """Ignores a polite end; so does the child process that it starts. Their ids are in the file."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    child = subprocess.Popen([sys.executable, "-c", "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
                              "print(flush=True); signal.pause()"], stdout=subprocess.PIPE)
    child.stdout.readline()
    _write(argument, f"{os.getpid()} {child.pid}")
    while True:
        pass


def _hang_once(argument):
    return said("") if os.path.exists(argument) else _hang(argument)


def _clean_up(argument):
    """Waits, and removes its file when it is asked to end."""
    _write(argument, str(os.getpid()))
    try:
        signal.pause()
    finally:
        os.unlink(argument)


def _daemon(argument):
    """Returns, and leaves a process behind that holds all files open."""
    if (child := os.fork()) == 0:
        signal.pause()
    return said(child)


def _crash_with_daemon(argument):
    _write(argument, str(_daemon("").problem))
    os.abort()


def _change(argument):
    STATE.append(argument)
    os.environ["CHANGED"] = argument
    os.chdir("/")
    sys.path.append(argument)
    return said(os.getpid())


def _state(argument):
    return said((STATE, os.environ.get("CHANGED"), os.getcwd(), argument in sys.path))


def _print(argument):
    print("from Python, to stdout")
    print("from Python, to stderr", file=sys.stderr)
    os.system("echo from a child; echo from a child to stderr >&2")
    os.write(1, b"from below\n")
    return _fail("")


def _print_much(argument):
    line = "x" * 99
    for _ in range(int(argument)):
        print(line)
    print("the end")
    return JobResult(FAILED, problem=str(os.fstat(1).st_size))


def _read(argument):
    return said(repr(sys.stdin.read()))


def _together(argument):
    """Returns how many jobs ran at the same time as this one, at most: each has a file while it runs."""
    folder, seconds = argument.split(",")
    mine = Path(folder, str(os.getpid()))
    mine.touch()
    most, end = 0, time.monotonic() + float(seconds)
    while time.monotonic() < end:
        most = max(most, len(os.listdir(folder)))
        time.sleep(0.005)
    mine.unlink()
    return said(most)


def _tensorflow(argument):
    """Says whether TensorFlow was there already, and what it runs with."""
    was_there = "tensorflow" in sys.modules
    from tensorflow.python.util import _pywrap_util_port

    return said((was_there, _pywrap_util_port.IsMklEnabled(), os.environ["TF_CPP_MIN_LOG_LEVEL"],
                 os.environ["CUDA_VISIBLE_DEVICES"]))


def _session(argument):
    import tensorflow.compat.v1 as tf

    with tf.Graph().as_default(), tf.Session() as session:
        return said(session.run(tf.constant(20) + 22))


def _modules(argument):
    return said(argument in sys.modules)


def _process(argument):
    return said(os.getpid())


def _write(path, text):
    """Writes a new file in one step, for whoever waits for it."""
    assert not os.path.exists(path)
    with open(f"{path}.new", "w") as file:
        file.write(text)
    os.rename(f"{path}.new", path)


def _record(argument):
    """Leaves a file that says that it began, works for a moment, and returns its number."""
    folder, number = argument.split(",")
    Path(folder, f"{number}-{os.getpid()}").touch()
    time.sleep(2)
    return said(number)
