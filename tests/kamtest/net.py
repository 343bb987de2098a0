# SPDX-License-Identifier: GPL-2.0-or-later
"""Sockets of the tests: loopback only, each keeps what it sent and got."""

import fcntl
import itertools
import os
import select
import socket
import time

from .message import Message
from .wait import PATIENCE

_serial = itertools.count(1)

PORTS = range(10000, 32768, 2)  # RTP has its RTCP at the next
COUNTER = "/tmp/kamtest-port.%d" % os.getuid()


def unique(prefix="x"):
    """An id no other test of this or another run has."""
    return "%s%d-%d-%d" % (prefix, os.getpid(), time.time_ns() % 10**9,
                           next(_serial))


def free_port(host="127.0.0.1"):
    """A port that is free for UDP and TCP, and that no test had for long: what
    is still sent to one that ended must not reach another. Those of all runs
    on this machine come from one counter, below the ports that the kernel
    gives."""
    while True:
        port = _count_on()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, \
                socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp:
            try:
                udp.bind((host, port))
                tcp.bind((host, port))
            except OSError:
                continue
            return port


def _count_on():
    """The next of PORTS, after the last the first."""
    fd = os.open(COUNTER, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(fd, "r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        last = file.read()
        port = int(last) + PORTS.step if last.isdigit() else PORTS.start
        if port not in PORTS:
            port = PORTS.start
        file.seek(0)
        file.truncate()
        file.write("%d" % port)
    return port


class Trace:
    """Everything that passed the sockets of one test, for its report."""

    def __init__(self):
        self.entries = []
        self.started = time.time()

    def add(self, who, direction, peer, data):
        self.entries.append(
            (time.time() - self.started, who, direction, peer, data))

    def text(self, limit=60):
        out = []
        for at, who, direction, peer, data in self.entries[-limit:]:
            out.append("--- %.3f s %s %s %s" % (at, who, direction, peer))
            out.append(data.decode("utf-8", "replace").rstrip())
        return "\n".join(out)


class Timeout(AssertionError):
    pass


class UdpPeer:
    """A SIP end on UDP that the test moves by hand."""

    proto = "UDP"

    def __init__(self, trace, name="peer", host="127.0.0.1", port=0):
        self.trace = trace
        self.name = name
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.sock.bind((host, port or free_port(host)))
        self.host, self.port = self.sock.getsockname()
        self.asked = set()  # the requests that came

    @property
    def addr(self):
        return "%s:%d" % (self.host, self.port)

    def send(self, data, to):
        if isinstance(data, Message):
            data = data.encode()
        self.trace.add(self.name, "->", "%s:%d" % to, data)
        self.sock.sendto(data, to)

    def recv(self, timeout=PATIENCE):
        """The next message; raises Timeout when none comes. A request that
        comes again is passed over: on a busy machine it is there before the
        first is read."""
        end = time.monotonic() + timeout
        while True:
            ready, _, _ = select.select(
                [self.sock], [], [], max(0, end - time.monotonic()))
            if not ready:
                raise Timeout("%s: nothing received in %.1f s"
                              % (self.name, timeout))
            data, source = self.sock.recvfrom(65536)
            self.trace.add(self.name, "<-", "%s:%d" % source, data)
            message = Message.parse(data)
            message.source = source
            if not message.is_request or message.method == "ACK":
                return message
            if (data, source) not in self.asked:
                self.asked.add((data, source))
                return message

    def nothing(self, timeout=0.3):
        """Assert that nothing arrives for that long."""
        try:
            message = self.recv(timeout)
        except Timeout:
            return
        raise AssertionError("%s: unexpected %r" % (self.name, message))

    def close(self):
        self.sock.close()


class TcpPeer:
    """A SIP end on one TCP connection that the test opened or accepted."""

    proto = "TCP"

    def __init__(self, trace, name="tcp", to=None, sock=None):
        self.trace = trace
        self.name = name
        self.sock = sock or socket.create_connection(to, timeout=PATIENCE)
        self.host, self.port = self.sock.getsockname()
        self.buffer = b""

    @property
    def addr(self):
        return "%s:%d" % (self.host, self.port)

    def send(self, data, to=None):
        if isinstance(data, Message):
            data = data.encode()
        self.trace.add(self.name, "->", "tcp", data)
        self.sock.sendall(data)

    def _complete(self):
        head, sep, rest = self.buffer.partition(b"\r\n\r\n")
        if not sep:
            return None
        length = int(Message.parse(head).get("Content-Length", "0"))
        if len(rest) < length:
            return None
        self.buffer = rest[length:]
        return head + sep + rest[:length]

    def recv(self, timeout=PATIENCE):
        end = time.time() + timeout
        while True:
            while self.buffer.startswith(b"\r\n"):
                self.buffer = self.buffer[2:]
            data = self._complete()
            if data is not None:
                break
            self.sock.settimeout(max(0.01, end - time.time()))
            try:
                chunk = self.sock.recv(65536)
            except (TimeoutError, socket.timeout):
                chunk = None
            if chunk is None or time.time() > end:
                raise Timeout("%s: nothing received in %.1f s"
                              % (self.name, timeout))
            if not chunk:
                raise Timeout("%s: connection closed" % self.name)
            self.buffer += chunk
        self.trace.add(self.name, "<-", "tcp", data)
        return Message.parse(data)

    def close(self):
        self.sock.close()


class TcpListener:
    """Accepts connections on loopback, each becomes a TcpPeer."""

    def __init__(self, trace, name="tcp", host="127.0.0.1"):
        self.trace = trace
        self.name = name
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.sock.bind((host, free_port(host)))
        self.sock.listen(16)
        self.host, self.port = self.sock.getsockname()

    def accept(self, timeout=PATIENCE):
        self.sock.settimeout(timeout)
        sock, _ = self.sock.accept()
        return TcpPeer(self.trace, self.name, sock=sock)

    def close(self):
        self.sock.close()


class TcpCallee:
    """A SIP end that is connected to: the first connection is the one."""

    proto = "TCP"

    def __init__(self, listener):
        self.listener = listener
        self.addr = "%s:%d" % (listener.host, listener.port)
        self.peer = None

    def recv(self, timeout=PATIENCE):
        if self.peer is None:
            self.peer = self.listener.accept(timeout)
        return self.peer.recv(timeout)

    def send(self, data, to=None):
        self.peer.send(data)
