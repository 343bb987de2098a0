# SPDX-License-Identifier: GPL-2.0-or-later
"""A name server for one Kamailio: a handful of records on a loopback address,
port 53, and the command that makes only that Kamailio ask it."""

import socket
import struct
import threading

A, SRV = 1, 33


def _name(text):
    out = b""
    for label in text.strip(".").split("."):
        out += bytes([len(label)]) + label.encode()
    return out + b"\0"


class NameServer:
    """records: {(name, type): [data]}, made by a() and srv(). silent: a
    name that there is no answer about."""

    def __init__(self, records, host="127.53.53.53", silent=None):
        self.records = records
        self.silent = silent
        self.host = host
        self.asked = []
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind((host, 53))
        self.thread = threading.Thread(target=self._serve, daemon=True)

    @staticmethod
    def a(address):
        return socket.inet_aton(address)

    @staticmethod
    def srv(priority, weight, port, target):
        return struct.pack("!HHH", priority, weight, port) + _name(target)

    def _serve(self):
        while True:
            try:
                data, source = self.sock.recvfrom(2048)
            except OSError:
                return
            if not data:
                return
            at, labels = 12, []
            while data[at]:
                labels.append(data[at + 1:at + 1 + data[at]].decode())
                at += data[at] + 1
            name = ".".join(labels).lower()
            kind = struct.unpack("!H", data[at + 1:at + 3])[0]
            self.asked.append((name, kind))
            if self.silent is not None and name.endswith(self.silent):
                continue
            found = self.records.get((name, kind), [])
            known = any(n == name for n, _ in self.records)
            head = data[:2] + struct.pack(
                "!HHHHH", 0x8580 | (0 if found or known else 3), 1,
                len(found), 0, 0)
            answer = head + data[12:at + 5]
            for item in found:
                answer += b"\xc0\x0c" + struct.pack(
                    "!HHIH", kind, 1, 60, len(item)) + item
            self.sock.sendto(answer, source)

    def command(self, directory):
        """Words to put before Kamailio's: a mount namespace of its own."""
        conf = directory / "resolv.conf"
        conf.write_text("nameserver %s\n" % self.host)
        return ["unshare", "-m", "sh", "-c",
                'mount --bind "$0" /etc/resolv.conf && exec "$@"', str(conf)]

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *exc):
        self.sock.sendto(b"", (self.host, 53))
        self.thread.join(2)
        self.sock.close()
