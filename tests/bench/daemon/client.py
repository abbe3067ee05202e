"""One client that asks and waits for its answer, which must be the backend's."""

import socket
import ssl

from .peers import ANSWER_BYTES
from .processes import BenchError


ANYONE = ssl._create_unverified_context()  # it is the cost of a connection that is asked, not whose


def connect(port, tls=False):
    connection = socket.create_connection(("127.0.0.1", port), 5)
    return ANYONE.wrap_socket(connection) if tls else connection


def ask(connection):
    """One request on a kept connection."""
    connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    got = b""
    while len(got.partition(b"\r\n\r\n")[2]) < ANSWER_BYTES:
        more = connection.recv(65536)
        if not more:
            raise BenchError(f"the connection was closed within an answer: {got[:200]!r}")
        got += more
    if not got.startswith(b"HTTP/1.1 200 ") or not got.endswith(b"x" * ANSWER_BYTES):
        raise BenchError(f"not the backend's answer: {got[:200]!r}")
