# SPDX-License-Identifier: GPL-2.0-or-later
"""A challenged MESSAGE through uac_auth(), beside the packaged uac.so.

CPU time of the one worker of each server per message, both servers running,
batch after batch in turns; of the batches the lower quartile counts, because
whatever else the machine does only adds. BENCH_CALLS sets the messages per
batch.
"""

import os
import pathlib
import select
import socket
import statistics
import time

from kamtest.challenger import AVPS, config, credentials
from kamtest.kamailio import Kamailio
from kamtest.net import free_port

CALLS = int(os.environ.get("BENCH_CALLS", "100"))
BATCHES = 40
WINDOW = 16
QOP = b', qop="auth", algorithm=MD5, opaque="0123456789abcdef"'
KEEP = (b"via:", b"from:", b"to:", b"call-id:", b"cseq:", b"record-route:")

ROUTES = '''
request_route {
    $du = $hdr(X-Trunk);
    t_on_failure("TRUNK");
    t_relay();
}
failure_route[TRUNK] {
    if(t_check_status("401|407")) {
        uac_auth();
        t_relay();
    }
}
'''


def cpu_ns(kamailio):
    """What each process of the server has run so far: pid -> nanoseconds."""
    spent = {}
    group = os.getpgid(kamailio.proc.pid)
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(stat.read_text().rsplit(")", 1)[1].split()[2]) == group:
                spent[stat.parent.name] = int(
                    (stat.parent / "schedstat").read_text().split()[0])
        except (OSError, IndexError, ValueError):
            pass
    return spent


def worker_ns(before, after):
    """What the busiest process ran in between: the only one that handles
    messages. The others' timers run with the clock, not with the load."""
    return max(after[pid] - before.get(pid, 0) for pid in after)


class Load:
    """A caller and a trunk in one: both only move bytes."""

    def __init__(self):
        self.caller, self.trunk = (
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in "12")
        for one in (self.caller, self.trunk):
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
            one.bind(("127.0.0.1", free_port()))
        self.serial = 0
        self.answered = 0

    def send(self, to):
        self.serial += 1
        ident = "%d-%d" % (os.getpid(), self.serial)
        here = "127.0.0.1:%d" % self.caller.getsockname()[1]
        self.caller.sendto((
            "MESSAGE sip:bob@trunk.example SIP/2.0\r\n"
            "Via: SIP/2.0/UDP %s;branch=z9hG4bK%s\r\n"
            "From: \"Alice\" <sip:alice@example.org>;tag=f%s\r\n"
            "To: <sip:bob@trunk.example>\r\nCall-ID: c%s@example.org\r\n"
            "CSeq: 7 MESSAGE\r\nMax-Forwards: 70\r\n"
            "Contact: <sip:alice@%s>\r\nUser-Agent: bench\r\n"
            "Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, MESSAGE\r\n"
            "X-Trunk: sip:127.0.0.1:%d\r\nContent-Type: text/plain\r\n"
            "Content-Length: 5\r\n\r\nhello"
            % (here, ident, ident, ident, here,
               self.trunk.getsockname()[1])).encode(), to)

    def serve(self):
        """The trunk's answer to what arrived: 401 first, then 200."""
        data, source = self.trunk.recvfrom(65535)
        lines = data.split(b"\r\n\r\n")[0].split(b"\r\n")
        is_second = any(l.startswith(b"Authorization:") for l in lines)
        out = [b"SIP/2.0 200 OK" if is_second else b"SIP/2.0 401 Unauthorized"]
        for line in lines[1:]:
            if line.lower().startswith(KEEP):
                out.append(line + (b";tag=t" if line[:3] == b"To:" else b""))
        if not is_second:
            self.serial += 1
            out.append(b'WWW-Authenticate: Digest realm="trunk.example", '
                       b'nonce="%032d"' % self.serial + QOP)
        out.append(b"Content-Length: 0\r\n\r\n")
        self.trunk.sendto(b"\r\n".join(out), source)
        return is_second

    def batch(self, to, calls):
        """So many messages, a few at a time; how many were accepted."""
        sent = done = ok = 0
        end = time.monotonic() + 60
        while done < calls and time.monotonic() < end:
            while sent < calls and sent - done < WINDOW:
                self.send(to)
                sent += 1
            ready, _, _ = select.select([self.caller, self.trunk], [], [], 5)
            if self.trunk in ready:
                self.serve()
            if self.caller in ready:
                status = self.caller.recv(65535)[8:11]
                done += status >= b"200"
                ok += status == b"200"
        return ok

    def close(self):
        self.caller.close()
        self.trunk.close()


def run():
    text = config(credentials("al:trunk.example:pw") + AVPS, routes=ROUTES)
    servers = [Kamailio(text, name="ours", children=1),
               Kamailio(text, name="stock", children=1, modules="stock")]
    load = Load()
    spent = [[], []]
    accepted = 0
    try:
        for server in servers:
            server.start()
            load.batch(server.addr, CALLS)
        for _ in range(BATCHES):
            for i, server in enumerate(servers):
                before = cpu_ns(server)
                accepted += load.batch(server.addr, CALLS)
                spent[i].append(
                    worker_ns(before, cpu_ns(server)) / CALLS / 1000)
    finally:
        load.close()
        for server in servers:
            server.remove()
    ours, stock = (statistics.quantiles(values, n=4)[0] for values in spent)
    ratio = ours / stock
    wanted = 2 * BATCHES * CALLS
    yield ("messages accepted", accepted, wanted, accepted == wanted)
    yield ("microseconds per message, ours", "%.1f" % ours, "reported", True)
    yield ("microseconds per message, packaged", "%.1f" % stock, "reported",
           True)
    yield ("ours against the packaged one", "%.3f" % ratio, "<= 1.05",
           ratio <= 1.05)
