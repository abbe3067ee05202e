"""A backend that acts on requests and ends connections badly. Each POST that it acts on is a line of its file: the path.
The first request on a connection is answered, the next is acted on in its way:
  reset       read whole, acted on, reset
  half        read half, acted on, reset
  half_close  read, the sending side shut down, acted on, reset
  closing     the sending side is shut down behind the first answer; what comes is read, acted on, reset
  close       closed behind the first answer, a moment later; what comes is lost
"""
import os
import socket
import struct
import sys
import threading
import time

kind, path = sys.argv[1:3]
log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def act(head):
    os.write(log, head.split(b" ", 2)[1] + b"\n")


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def read_request(connection, parts=1):
    """The head, once 1/parts of the body is there too; nothing behind the end."""
    got = b""
    while True:
        end = got.find(b"\r\n\r\n")
        if end >= 0:
            length = next((int(line.split(b":")[1]) for line in got[:end].split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
            if len(got) >= end + 4 + length // parts:
                return got
        more = connection.recv(65536 if parts == 1 else 40)
        if not more:
            return b""
        got += more


def serve(connection):
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        head = read_request(connection)
        if not head:
            return connection.close()
        act(head)
        connection.sendall(ANSWER)
        if kind == "close":
            time.sleep(0.0005)
            return connection.close()
        if kind == "closing":
            connection.shutdown(socket.SHUT_WR)
        head = read_request(connection, 2 if kind == "half" else 1)
        if not head:
            return connection.close()
        if kind == "half_close":
            connection.shutdown(socket.SHUT_WR)
        act(head)
        reset(connection)
    except OSError:
        connection.close()


listening = socket.socket()
listening.bind(("127.0.0.1", 0))
listening.listen(1024)
print(listening.getsockname()[1], flush=True)
while True:
    threading.Thread(target=serve, args=(listening.accept()[0],), daemon=True).start()
