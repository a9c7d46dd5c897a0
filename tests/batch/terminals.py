"""A real terminal of a given width, and what was written to it."""

import fcntl
import os
import pty
import re
import struct
import termios
import threading

_ESCAPE = re.compile(r"\x1b(\[[0-9;?]*[A-Za-z]|\][^\x07]*\x07)")


class Terminal:
    """Both ends of a pseudo-terminal; a context manager.

    Attributes:
        stream: where a program writes.
        raw: what has arrived, escape sequences included; complete when the context has ended.
    """

    def __init__(self, columns, lines=30):
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.stream = os.fdopen(slave, "w", encoding="utf-8")
        self._received = bytearray()
        self._reader = threading.Thread(target=self._read, daemon=True)

    def _read(self):
        while True:
            try:
                self._received += os.read(self._master, 1 << 16)
            except OSError:  # the other end is closed
                return

    @property
    def raw(self):
        return self._received.decode()

    @property
    def lines(self):
        """The lines without escape sequences, in the order of writing."""
        return _ESCAPE.sub("", self.raw).replace("\r\n", "\n").replace("\r", "\n").splitlines()

    def __enter__(self):
        self._reader.start()
        return self

    def __exit__(self, *exception):
        self.stream.close()
        self._reader.join(10)
        os.close(self._master)
