"""The program of the verification process: ``python -m exporter.verification.worker FILE_DESCRIPTOR``."""

from __future__ import annotations

import signal
import sys
from multiprocessing.connection import Connection

from exporter.tensorflow_import import import_tensorflow
from exporter.verification.process import serve


def main() -> None:
    """Imports TensorFlow, then serves. Ctrl-C is left to the exporting process, which ends this one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    connection = Connection(int(sys.argv[1]))
    import_tensorflow(quiet="--debug" not in sys.argv)
    serve(connection)


if __name__ == "__main__":
    main()
