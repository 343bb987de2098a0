# SPDX-License-Identifier: GPL-2.0-or-later
"""The measuring registrar stub.c: built, started, asked."""

import pathlib
import socket
import subprocess
import tempfile

from kamtest import accounts

HERE = pathlib.Path(__file__).resolve().parent


def rows(addr, count):
    """Accounts that the stub at this address knows."""
    return (accounts.account(
        "u%d" % i, addr, r_username="u%d" % i, auth_username="u%d" % i,
        auth_password="p%d" % i) for i in range(count))


class Seen:
    """What the stub counted."""

    def __init__(self, words):
        numbers = [int(w) for w in words]
        self.total, self.accounts, self.online, self.wrong = numbers[:4]
        self.per_second = numbers[4:]

    def peak(self):
        """The busiest second against the mean of those that had any, or None
        for too few; the first and the last are not whole ones."""
        seconds = [n for n in self.per_second if n > 0][1:-1]
        if len(seconds) < 3:
            return None
        return max(seconds) / (sum(seconds) / len(seconds))


class Who:
    """Accounts by how many live servers they are registered from."""

    def __init__(self, words, addrs):
        self.none, self.one, self.more, self.longest_ms = map(int, words[:4])
        self.by = dict(zip(addrs, map(int, words[4:])))


class Stub:
    """With it: addr; seen() -> Seen, seen("reset") also begins anew."""

    def __init__(self, expires=3600):
        self.expires = expires
        self.process = None
        self.addr = None
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.settimeout(10)

    def _ask(self, what):
        host, port = self.addr.split(":")
        self.sock.sendto(what.encode(), (host, int(port)))
        return self.sock.recv(8192).split()

    def seen(self, what="tell"):
        return Seen(self._ask(what))

    def live(self, addrs):
        """These servers live from now on: as who()."""
        return Who(self._ask(" ".join(["live", *addrs])), addrs)

    def who(self, addrs):
        """From how many of them the accounts are registered."""
        return Who(self._ask("who"), addrs)

    def __enter__(self):
        with tempfile.TemporaryDirectory() as work:
            binary = pathlib.Path(work) / "stub"
            subprocess.run(["gcc", "-O2", "-D_GNU_SOURCE", "-o", binary,
                            HERE / "stub.c", "-lcrypto"], check=True)
            self.process = subprocess.Popen(
                [binary, str(self.expires)], stdout=subprocess.PIPE,
                text=True)
            self.addr = "127.0.0.1:" + self.process.stdout.readline().strip()
        return self

    def __exit__(self, *exc):
        try:
            self.seen("stop")
        except OSError:
            self.process.terminate()
        self.process.wait(5)
        self.process.stdout.close()
        self.sock.close()
