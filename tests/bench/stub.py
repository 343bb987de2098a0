# SPDX-License-Identifier: GPL-2.0-or-later
"""A registrar that measures: challenges, verifies, accepts, and counts what
each account needed. A process of its own, so that it does not share a lock
with who asks it."""

import hashlib
import multiprocessing
import socket
import time


def _md5(text):
    return hashlib.md5(text).hexdigest().encode()


def _field(data, name):
    at = data.find(name)
    if at < 0:
        return b""
    at += len(name)
    return data[at:data.index(b'"', at)]


def _line(head, name):
    at = head.find(b"\r\n" + name)
    if at < 0:
        return b""
    return head[at + 2:head.index(b"\r\n", at + 2)]


def _serve(sock, expires, pipe):
    """Until told to stop: answer, and note the time of every message."""
    realm, nonce = b"far.example", b"bench"
    started = time.monotonic()
    per_account, per_second, online, wrong = {}, {}, set(), 0
    sock.settimeout(0.2)
    while True:
        try:
            data, source = sock.recvfrom(8192)
        except (TimeoutError, socket.timeout):
            data = None
        if pipe.poll():
            what = pipe.recv()
            pipe.send((per_account, per_second, len(online), wrong))
            if what == "stop":
                return
            if what == "reset":
                per_account, per_second = {}, {}
        if data is None:
            continue
        head = data.split(b"\r\n\r\n", 1)[0] + b"\r\n"
        to = _line(head, b"To:")
        contact = _line(head, b"Contact:")
        per_account[to] = per_account.get(to, 0) + 1
        second = int(time.monotonic() - started)
        per_second[second] = per_second.get(second, 0) + 1
        auth = _line(head, b"Authorization:")
        same = b"\r\n".join((_line(head, b"Via:"), _line(head, b"From:"),
                             to + b";tag=s", _line(head, b"Call-ID:"),
                             _line(head, b"CSeq:")))
        if auth:
            user = _field(auth, b'username="')
            ha1 = _md5(b":".join((user, realm, b"p" + user[1:])))
            ha2 = _md5(b"REGISTER:" + _field(auth, b'uri="'))
            nc = auth[auth.index(b"nc=") + 3:][:8]
            good = _md5(b":".join((ha1, nonce, nc, _field(auth, b'cnonce="'),
                                   b"auth", ha2)))
            if good == _field(auth, b'response="'):
                online.add(to)
                sock.sendto(b"SIP/2.0 200 OK\r\n" + same + b"\r\n" + contact
                            + b";expires=%d\r\nContent-Length: 0\r\n\r\n"
                            % expires, source)
                continue
            wrong += 1
        sock.sendto(b'SIP/2.0 401 Unauthorized\r\n' + same
                    + b'\r\nWWW-Authenticate: Digest realm="%s", nonce="%s",'
                    b' qop="auth"\r\nContent-Length: 0\r\n\r\n'
                    % (realm, nonce), source)


class Stub:
    """With it: addr; seen() -> (per account, per second, online, wrong)."""

    def __init__(self, expires=3600):
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        self.sock.bind(("127.0.0.1", 0))
        self.addr = "127.0.0.1:%d" % self.sock.getsockname()[1]
        self.pipe, far = multiprocessing.Pipe()
        self.process = multiprocessing.Process(
            target=_serve, args=(self.sock, expires, far), daemon=True)

    def seen(self, what="tell"):
        self.pipe.send(what)
        return self.pipe.recv()

    def __enter__(self):
        self.process.start()
        return self

    def __exit__(self, *exc):
        if self.process.is_alive():
            self.seen("stop")
            self.process.join(5)
        if self.process.is_alive():
            self.process.terminate()
        self.sock.close()
