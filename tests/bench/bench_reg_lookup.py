# SPDX-License-Identifier: GPL-2.0-or-later
"""uac_reg_lookup with few and with many accounts, and while they reload.

Worker CPU per request through the whole proxy, rounds of both interleaved.
BENCH_ACCOUNTS sets how many are many, 100,000 by default.
"""

import os
import socket
import statistics
import tempfile
import threading
import time

from kamtest import accounts
from kamtest.kamailio import Kamailio, cpu_ns
from kamtest.net import free_port
from stub import Stub, rows

MANY = int(os.environ.get("BENCH_ACCOUNTS", "100000"))
FEW = 100
ROUNDS = 12
REQUESTS = 4000
ROUTE = """
    if(uac_reg_lookup("$rU", "$var(d)")) sl_send_reply("200", "OK");
    else sl_send_reply("404", "Not found");
    exit;
"""


class Asker:
    """Sends OPTIONS one window after the other and counts the answers."""

    def __init__(self, kamailio, count):
        self.kamailio = kamailio
        self.count = count
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(("127.0.0.1", free_port()))
        self.sock.settimeout(2)
        self.n = 0
        self.not_found = 0

    def _send(self):
        self.n += 1
        user = "u%d" % (self.n * 7919 % self.count)
        self.sock.sendto((
            "OPTIONS sip:%s@x SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:%d;"
            "branch=z9hG4bK%d\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:%s@x>\r\n"
            "Call-ID: %d\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
            % (user, self.sock.getsockname()[1], self.n, user,
               self.n)).encode(), self.kamailio.addr)

    def ask(self, requests, window=16):
        for _ in range(window):
            self._send()
        for i in range(requests):
            if self.sock.recv(4096)[8:11] != b"200":
                self.not_found += 1
            if i < requests - window:
                self._send()


def cpu_s(kamailio):
    return sum(cpu_ns(pid) for pid in kamailio.pids()) / 1e9


def _start(work, name, count, addr, active):
    path = os.path.join(work, name)
    accounts.create(path)
    accounts.insert(path, rows(addr, count))
    return Kamailio(accounts.config(
        accounts.url(path), 'modparam("uac", "reload_delta", 0)\n'
        'modparam("uac", "reg_active", %d)' % active, ROUTE),
        children=2, shm=128 + count // 100).start(timeout=120)


def run():
    with tempfile.TemporaryDirectory(prefix="kx-bench-") as work, \
            Stub() as stub:
        few = _start(work, "few", FEW, stub.addr, 0)
        many = _start(work, "many", MANY, stub.addr, 1)
        try:
            end = time.monotonic() + 180
            while many.stat("uac", "regactive") < MANY \
                    and time.monotonic() < end:
                time.sleep(0.5)
            stub.seen("reset")
            cost = {few: [], many: []}
            asker = {few: Asker(few, FEW), many: Asker(many, MANY)}
            # a worker's first touch of a page of shared memory is dear
            # everywhere, and there are many pages: touch them before
            for one in (few, many):
                asker[one].ask(4 * MANY)
            for _ in range(ROUNDS):
                for one in (few, many):
                    before = cpu_s(one)
                    asker[one].ask(REQUESTS)
                    cost[one].append((cpu_s(one) - before) / REQUESTS * 1e6)
            # whatever else the machine does only adds
            a, b = (statistics.quantiles(cost[one], n=4)[0]
                    for one in (few, many))
            asker[many].not_found = 0
            reload = threading.Thread(
                target=lambda: many.rpc("uac.reg_reload", timeout=120))
            began = time.monotonic()
            reload.start()
            asked = 0
            while reload.is_alive():
                asker[many].ask(200)
                asked += 200
            took = time.monotonic() - began
            sent = stub.seen().total
            lost = asker[many].not_found
            active = many.stat("uac", "regactive")
        finally:
            few.remove()
            many.remove()
    yield ("worker CPU per lookup at %d accounts, us" % FEW, "%.1f" % a,
           "reported", True)
    yield ("the same at %d accounts, us" % MANY, "%.1f" % b,
           "<= %.1f" % (a * 1.1), b <= a * 1.1)
    yield ("reload of %d unchanged rows, seconds" % MANY, "%.1f" % took,
           "reported", True)
    yield ("REGISTERs because of it", sent, 0, sent == 0)
    yield ("of %d lookups meanwhile failed" % asked, lost, 0, lost == 0)
    yield ("regactive afterwards", active, MANY, active == MANY)
