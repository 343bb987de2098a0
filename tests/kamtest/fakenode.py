# SPDX-License-Identifier: GPL-2.0-or-later
"""A server of a cluster that a test plays: dmq takes it for a node, and it
says to uac's channel whatever the test wants."""

import re
import socket
import threading

from .message import Message
from .net import unique

MASK = (1 << 64) - 1


def key_of(name):
    """uax_owner_key(): 64-bit FNV-1a, then splitmix64's finalizer."""
    h = 0xcbf29ce484222325
    for byte in name.encode():
        h = ((h ^ byte) * 0x100000001b3) & MASK
    h = (h + 0x9e3779b97f4a7c15) & MASK
    h = ((h ^ h >> 30) * 0xbf58476d1ce4e5b9) & MASK
    h = ((h ^ h >> 27) * 0x94d049bb133111eb) & MASK
    return h ^ h >> 31


class FakeNode:
    """With it: answers 200 to what the real node sends, and remembers."""

    def __init__(self, place):
        self.place = place
        self.name = place.uri
        self.others = []  # further nodes that it tells dmq of
        self.heard = []  # bodies of the channel
        self.seq = 0
        self.boot = 1700000000000
        self.ended = False
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind((place.host, place.port))
        self.sock.settimeout(0.05)
        self.thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *exc):
        self.ended = True
        self.thread.join()
        self.sock.close()

    def _serve(self):
        while not self.ended:
            try:
                data, source = self.sock.recvfrom(65536)
            except socket.timeout:
                continue
            message = Message.parse(data)
            if not message.is_request:
                continue
            body = b""
            if "sip:uac@" in message.start:
                self.heard.append(message.body.decode())
            else:
                body = "".join("%s;status=active\r\n" % uri for uri in (
                    self.name, *self.others)).encode()
            self.sock.sendto(Message("SIP/2.0 200 OK", [
                (n, v + (";tag=f" if n.lower() == "to" else ""))
                for n, v in message.headers
                if n.lower() in ("via", "from", "to", "call-id", "cseq")] + [
                    ("Content-Type", "text/plain")], body).encode(), source)

    def their(self, field):
        """A field of the last message of the other node."""
        return re.search(r"^%s: *(.*?)\r?$" % field, self.heard[-1],
                         re.M).group(1)

    def send(self, node, body):
        self.sock.sendto(Message("KDMQ sip:uac@%s:%d SIP/2.0" % node.addr, [
            ("Via", "SIP/2.0/UDP %s:%d;branch=z9hG4bK%s" % (
                self.place.host, self.place.port, unique())),
            ("From", "<sip:uac@%s:%d>;tag=%s" % (
                self.place.host, self.place.port, unique())),
            ("To", "<sip:uac@%s:%d>" % node.addr), ("Call-ID", unique()),
            ("CSeq", "10 KDMQ"), ("Max-Forwards", "1"),
            ("Content-Type", "text/plain")], body).encode(), node.addr)

    def alive(self, node, hears=True, **changes):
        """The body of a heartbeat; seq goes on."""
        self.seq += 1
        fields = {"boot": self.boot, "seq": self.seq, "weight": 1,
                  "leaving": 0, "gone": 0, "settled": 1,
                  "view": self.their("view")}
        fields.update(changes)
        heard = "%016x/%016x" % (key_of(node_name(node)),
                               int(self.their("boot"))) \
            if hears is True else hears or ""
        return "uacreg 1\r\ntype: alive\r\nnode: %s\r\n" % self.name + "".join(
            "%s: %s\r\n" % pair for pair in fields.items()) \
            + "heard: %s\r\n" % heard


def node_name(node):
    """The name of a server in its cluster."""
    return "sip:%s:%d" % node.addr
