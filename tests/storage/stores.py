"""A proxy on loopback that breaks connections, as networks do."""

import socket
import struct
import threading
from contextlib import suppress

_RESET = struct.pack("ii", 1, 0)


class CuttingProxy:
    """Forwards connections to a server until ``limit`` bytes have gone one way; then it resets them.

    Args:
        port: the server's, on loopback.
        limit: bytes until the first cut.
        upwards: count what goes to the server, else what comes from it.
        cuts: how many times it cuts, after ``limit`` bytes each; None for all later connections as well.
    """

    def __init__(self, port, limit, upwards=True, cuts=None):
        self._server, self._limit, self._upwards, self._cuts = port, limit, upwards, cuts
        self._lock, self._passed, self._open = threading.Lock(), 0, set()
        self.cuts_made = 0
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def heal(self):
        """From now on nothing is cut."""
        with self._lock:
            self._cuts = self.cuts_made

    def close(self):
        self._listening.close()
        with self._lock:
            for connection in self._open:
                connection.close()

    def _accept(self):
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._server))
            with self._lock:
                self._open |= {client, server}
            for source, target, counted in ((client, server, self._upwards), (server, client, not self._upwards)):
                threading.Thread(target=self._forward, args=(source, target, counted, client, server), daemon=True).start()

    def _forward(self, source, target, counted, client, server):
        with suppress(OSError):
            while data := source.recv(1 << 16):
                if counted and self._is_cut(len(data)):
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                    break
                target.sendall(data)
        for connection in (client, server):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    def _is_cut(self, size):
        with self._lock:
            self._passed += size
            if self._passed <= self._limit or (self._cuts is not None and self.cuts_made >= self._cuts):
                return False
            self.cuts_made += 1
            if self._cuts is not None:
                self._passed = 0
            return True
