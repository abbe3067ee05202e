"""Peers of any temper: what a proxy on the open net bears while it serves others.

A Crowd is thousands of clients on one epoll: readers that take a huge answer slowly, dawdlers that send a head a byte a
second, and idle ones, half of whom had an answer while the others never said a word. Who is ended for being slow comes
again. `serve` is the load beside them, a paced one whose latencies are kept. Both check what they are given, and know
neither which proxy they talk to nor what it costs. Each is to run in a process of its own (processes.Apart).
"""

import heapq
import itertools
import select
import socket
import threading
import time
from collections import Counter

from .client import ask, connect

SLOW = 200  # readers, and as many dawdlers
IDLE = 10_000
READ_BYTES = 10 * 1024  # a second and reader
# What waits in a reader's own socket is memory of the kernel too. With a fixed size it is the same behind every proxy.
READER_BUFFER = 16 * 1024
OPENED_PER_SECOND = 1000  # spread, and so are those whose time is over and who come again
SERVED = 20
SERVED_PER_SECOND = 400

HEAD = b"GET %s HTTP/1.1\r\nHost: localhost\r\n"


class Silent:
    """Connects and says nothing, as all others do at first."""
    watched = True      # told when something comes; the others look once a second
    receive_buffer = 0  # 0: as the kernel likes

    def __init__(self, crowd):
        self.crowd = crowd
        self.open()

    def open(self):
        self.socket = socket.socket()
        if self.receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.receive_buffer)
        self.socket.settimeout(5)
        self.socket.connect(("127.0.0.1", self.crowd.port))
        self.socket.setblocking(False)
        self.crowd.enter(self)

    def come_again(self):
        self.crowd.leave(self)
        self.socket.close()
        self.open()

    def take(self, most=65536):
        """What came; nothing when there is none now, None behind the end."""
        try:
            return self.socket.recv(most) or None
        except BlockingIOError:
            return b""
        except ConnectionError:
            return None

    def say(self, text):
        try:
            self.socket.send(text)
        except ConnectionError:
            pass  # reading tells

    def on_input(self):
        came = self.take()
        if came is not None:
            self.crowd.complain("an answer where nothing was asked", came)
        self.come_again()


class Kept(Silent):
    """Has one answer and stays."""

    def open(self):
        super().open()
        self.got = b""
        self.say(HEAD % b"/" + b"\r\n")

    def on_input(self):
        came = self.take()
        self.got += came or b""
        if came is None or not self.got.startswith(b"HTTP/1.1 200 "):
            self.crowd.complain("no answer, or the end of a kept connection", self.got)
            self.come_again()


class Dawdler(Silent):
    """Sends a head a byte a second until it is told off."""

    def __init__(self, crowd):
        super().__init__(crowd)
        crowd.each_second(self.on_second)

    def open(self):
        super().open()
        self.rest = itertools.chain(HEAD % b"/" + b"X-Slow: ", itertools.repeat(ord("a")))

    def on_second(self):
        self.say(bytes([next(self.rest)]))

    def on_input(self):
        came = self.take()
        if came is None:
            self.crowd.tally["heads_ended"] += 1
            self.come_again()
        elif not came.startswith(b"HTTP/1.1 408 "):
            self.crowd.complain("not a 408 to half a head", came)


class Reader(Silent):
    """Takes READ_BYTES of a huge answer a second."""
    watched = False
    receive_buffer = READER_BUFFER

    def __init__(self, crowd):
        super().__init__(crowd)
        crowd.each_second(self.on_second)

    def open(self):
        super().open()
        self.in_head = True
        self.say(HEAD % b"/huge" + b"\r\n")

    def on_second(self):
        came = self.take(READ_BYTES)
        self.crowd.tally["read_bytes"] += len(came or b"")
        if came and self.in_head:
            head, _, came = came.partition(b"\r\n\r\n")
            self.in_head = False
            if not head.startswith(b"HTTP/1.1 200 "):
                came = head
        if came is None or came.count(b"x") < len(came):
            self.crowd.complain("a huge answer that was cut or wrong", came or b"")
            self.come_again()


class Crowd:
    def __init__(self, boss, port):
        self.port = port
        self.tally = Counter()
        self.complaints = []
        self._boss = boss
        self._epoll = select.epoll()
        self._clients = {}
        self._due = []  # (when, in which order, what to do)
        self._order = itertools.count()

    def enter(self, client):
        self._clients[client.socket.fileno()] = client
        if client.watched:
            self._epoll.register(client.socket, select.EPOLLIN)

    def leave(self, client):
        del self._clients[client.socket.fileno()]
        if client.watched:
            self._epoll.unregister(client.socket)

    def complain(self, what, came):
        self.complaints.append(f"{what}: {came[:200]!r}")

    def at(self, when, do):
        heapq.heappush(self._due, (when, next(self._order), do))

    def each_second(self, do):
        def once(when):
            do()
            self.at(when + 1, lambda: once(when + 1))

        first = time.monotonic() + 1
        self.at(first, lambda: once(first))

    def run(self):
        """Tells the boss when all are there, and (tally, complaints) once the boss wants it; they leave together."""
        when = time.monotonic()
        for number in range(IDLE):
            kinds = [(Kept, Silent)[number % 2]] + ([Reader, Dawdler] if number % (IDLE // SLOW) == 0 else [])
            for kind in kinds:
                self.at(when, lambda kind=kind: kind(self))
                when += 1 / OPENED_PER_SECOND
        self.at(when, lambda: self._boss.send("all there"))
        self._epoll.register(self._boss, select.EPOLLIN)
        while not self._boss.poll():
            self._run_due()
            for descriptor, _ in self._epoll.poll(max(0, self._due[0][0] - time.monotonic())):
                if descriptor in self._clients:
                    self._clients[descriptor].on_input()
        for client in self._clients.values():
            client.socket.close()
        self._boss.send((self.tally, self.complaints))

    def _run_due(self):
        now = time.monotonic()
        while self._due[0][0] <= now:
            heapq.heappop(self._due)[2]()


def run_crowd(boss, port):
    Crowd(boss, port).run()


def serve(boss, port):
    """Asks at a steady pace until the boss says a word, which then has (latencies in seconds, complaints)."""
    latencies, complaints, enough = [], [], threading.Event()

    def ask_on(first):
        try:
            with connect(port) as connection:
                free = 0.0
                for number in itertools.count():
                    due = first + number * SERVED / SERVED_PER_SECOND
                    if enough.wait(max(0.0, due - time.monotonic())):
                        return
                    # Late because of the answer before, it has waited since it was due; late by ourselves, it has not.
                    begin = due if free > due else time.monotonic()
                    ask(connection)
                    free = time.monotonic()
                    latencies.append(free - begin)
        except Exception as error:  # whatever it is, the figure would be wrong
            complaints.append(repr(error))

    begin = time.monotonic()
    threads = [threading.Thread(target=ask_on, args=(begin + i / SERVED_PER_SECOND,)) for i in range(SERVED)]
    for thread in threads:
        thread.start()
    boss.recv()
    enough.set()
    for thread in threads:
        thread.join()
    boss.send((latencies, complaints))
