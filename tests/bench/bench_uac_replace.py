# SPDX-License-Identifier: GPL-2.0-or-later
"""From and To replaced and restored: CPU of a call, ours and the packaged.

A call is INVITE, 200, ACK, BYE and 200; From and To of it are changed. The
servers take turns, BENCH_ROUNDS times (30), BENCH_CALLS calls each (100).
What is compared is the CPU time of the one process that handles the calls,
of its cheapest round, the one least disturbed by what else runs on the
machine; a third server that changes nothing tells how much of it is
replacement at all. All use the allocator fm: the default one spends most of
the time in its own lists, and not the same in any two runs.
"""

import os
import re
import socket
import time

from kamtest.call import DIALOG
from kamtest.kamailio import Kamailio, cpu_ns
from kamtest.net import free_port

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "30"))
CALLS = int(os.environ.get("BENCH_CALLS", "100"))
WINDOW = 20  # calls at the same time

CONFIG = '''
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "siputils.so"
loadmodule "textops.so"
%(modules)s
loadmodule "uac.so"
modparam("rr", "append_fromtag", 1)
modparam("tm", "wt_timer", 1000)
modparam("tm", "auto_inv_100", 0)
%(params)s
request_route {
	if(has_totag()) {
		loose_route();
		t_relay();
		exit;
	}
	%(change)s
	record_route();
	t_relay();
}
'''

CHANGE = '''uac_replace_from("\\"Anonymous\\"", "sip:anonymous@anonymous.invalid");
	uac_replace_to("sip:+493012345678@carrier.example");'''
CHANGE_URIS = '''uac_replace_from("sip:anonymous@anonymous.invalid");
	uac_replace_to("sip:+493012345678@carrier.example");'''

KINDS = {
    "URIs": {"change": CHANGE_URIS},
    "URIs and a display name": {"change": CHANGE},
    "URIs, restore_passwd": {
        "change": CHANGE_URIS,
        "params": 'modparam("uac", "restore_passwd", "a secret")'},
    "URIs, restore_dlg": {
        "change": "dlg_manage();" + CHANGE_URIS, "modules": DIALOG,
        "params": 'modparam("uac", "restore_dlg", 1)'},
}


def config(kind, **more):
    parts = {"modules": "", "params": "", "change": "", **KINDS[kind], **more}
    return CONFIG % parts


class Server:
    """One Kamailio with one worker, and the clock of that worker."""

    def __init__(self, text, modules):
        self.kamailio = Kamailio(text, modules=modules, children=1, shm=256,
                                 args=("-x", "fm"),
                                 debug=0)
        self.kamailio.start()
        self.pid, = self.kamailio.pids()
        self.per_call = []

    def cpu_us(self):
        return cpu_ns(self.pid) / 1000

    def batch(self, calls):
        begin = self.cpu_us()
        calls.run(self.kamailio.addr, CALLS)
        self.per_call.append((self.cpu_us() - begin) / CALLS)

    def least(self):
        return min(self.per_call)


class Calls:
    """Caller and callee of many calls, in one thread."""

    def __init__(self):
        self.caller, self.callee = [
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in "ab"]
        for sock in (self.caller, self.callee):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
            sock.bind(("127.0.0.1", free_port()))
            sock.settimeout(3)
        self.here = ["127.0.0.1:%d" % s.getsockname()[1]
                     for s in (self.caller, self.callee)]
        self.serial = 0

    def close(self):
        self.caller.close()
        self.callee.close()

    def _send(self, addr, method, number, cseq, route, to_tag):
        self.caller.sendto((
            "%s sip:bob@%s SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bK%d-%d"
            "\r\nMax-Forwards: 70\r\n%sFrom: \"Alice\" <sip:alice@a.example>"
            ";tag=f%d\r\nTo: <sip:bob@b.example>%s\r\nCall-ID: c%d\r\n"
            "CSeq: %d %s\r\nContact: <sip:alice@%s>\r\nUser-Agent: bench\r\n"
            "Content-Length: 0\r\n\r\n"
            % (method, self.here[1], self.here[0], number, cseq, route, number,
               to_tag, number, cseq, method, self.here[0])).encode(), addr)

    def _answer(self, data, addr):
        """200 to what the callee has received."""
        head = data.split(b"\r\n\r\n")[0].split(b"\r\n")
        keep = [h for h in head[1:] if h.startswith(
            (b"Via", b"Record-Route", b"From", b"Call-ID", b"CSeq"))]
        to = [h for h in head if h.startswith(b"To:")][0]
        if b";tag=" not in to:
            to += b";tag=t"
        self.callee.sendto(b"\r\n".join(
            [b"SIP/2.0 200 OK", *keep, to, b"Content-Length: 0"])
            + b"\r\n\r\n", addr)

    def _each(self, sock, start, method, numbers):
        """One message of every call; retransmissions are passed over."""
        waiting = set(numbers)
        while waiting:
            data = sock.recv(65536)
            number = int(re.search(rb"Call-ID: c(\d+)", data).group(1))
            if (number in waiting and data.startswith(start)
                    and re.search(rb"CSeq: \d+ " + method, data)):
                waiting.remove(number)
                yield number, data

    def run(self, addr, count):
        for _ in range(0, count, WINDOW):
            numbers = range(self.serial, self.serial + WINDOW)
            self.serial += WINDOW
            for number in numbers:
                self._send(addr, "INVITE", number, 1, "", "")
            for _, data in self._each(self.callee, b"INVITE", b"INVITE",
                                      numbers):
                self._answer(data, addr)
            for number, data in self._each(self.caller, b"SIP/2.0 200",
                                           b"INVITE", numbers):
                route = re.search(rb"Record-Route: ([^\r]*)", data).group(1)
                route = "Route: %s\r\n" % route.decode()
                self._send(addr, "ACK", number, 1, route, ";tag=t")
                self._send(addr, "BYE", number, 2, route, ";tag=t")
            for _, data in self._each(self.callee, b"BYE", b"BYE", numbers):
                self._answer(data, addr)
            for _ in self._each(self.caller, b"SIP/2.0 200", b"BYE", numbers):
                pass


def measure(kind):
    """Our CPU and theirs per call, and the one of no change."""
    servers = []
    calls = Calls()
    try:
        for text, modules in ((config(kind), "ours"), (config(kind), "stock"),
                              (config(kind, change=""), "ours")):
            servers.append(Server(text, modules))
            servers[-1].batch(calls)  # warm
            servers[-1].per_call = []
        for number in range(ROUNDS):
            for i in range(3):
                servers[(number + i) % 3].batch(calls)
            time.sleep(0.01)
        return [server.least() for server in servers]
    finally:
        calls.close()
        for server in servers:
            server.kamailio.remove()


def run():
    for kind in KINDS:
        ours, stock, none = measure(kind)
        yield ("%s: CPU of a call, us (packaged %.0f)" % (kind, stock),
               "%.0f" % ours, "", True)
        yield ("%s: of that replacement (packaged %.0f)"
               % (kind, stock - none), "%.0f" % (ours - none), "", True)
        yield ("%s: ours / packaged" % kind, "%.3f" % (ours / stock),
               "<= 1.00", ours / stock <= 1.0)
