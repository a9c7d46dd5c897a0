"""The program of the verification process; its arguments are a file descriptor, then "quiet" or "debug"."""

from __future__ import annotations

import os
import select
import sys
import threading
from multiprocessing.connection import Connection

from exporter.tensorflow_import import import_tensorflow
from exporter.verification.process import serve


def main() -> None:
    """Imports TensorFlow, then serves."""
    connection = Connection(int(sys.argv[1]))
    threading.Thread(target=_end_with_the_exporter, args=[connection.fileno()], daemon=True).start()
    import_tensorflow(quiet=sys.argv[2] == "quiet")
    serve(connection)


def _end_with_the_exporter(descriptor: int) -> None:
    """Ends the process, whatever it is busy with, when the exporting one is gone: killed, it can't end this one itself."""
    poll = select.poll()
    poll.register(descriptor, 0)  # a hang-up is reported in any case
    poll.poll()
    os._exit(1)
