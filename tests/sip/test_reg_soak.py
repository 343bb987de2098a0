# SPDX-License-Identifier: GPL-2.0-or-later
"""Mixed requests in great number: shared and private memory stay as they are.

KX_SOAK sets how many (5,000 if not set). Every so often all bindings are
removed; what is in use then is compared.
"""

import os
import random
import socket

import pytest

from kamtest import memory
from kamtest.net import free_port
from kamtest.registrar import Database, config
from kamtest.wait import PATIENCE

COUNT = int(os.environ.get("KX_SOAK", "5000"))
USERS = 100
WINDOW = 24
ROUNDS = 5  # the first warms up, the others are compared

SOAK = '''
    if($hdr(X-Do) == "fetch") {
        reg_fetch_contacts("location", "$ru", "c");
        $var(rc) = $(ulc(c=>count));
        reg_free_contacts("c");
        sl_send_reply("200", "fetched"); exit;
    }
    if($hdr(X-Do) == "xavp") {
        lookup_xavp("location", "$ru", "rec", "con");
        sl_send_reply("200", "xavp"); exit;
    }
'''

MALFORMED = [
    "Contact: <sip:a@b c>", "Contact: <sip:x@h>;q=9",
    'Contact: <sip:x@h>;+sip.instance="<urn:x>";reg-id=0',
    "Contact: *", "Contact: *, <sip:x@h>", "Contact: <sip:x@h>;expires=1",
    "Contact: <sip:x@h;gr=1>", "Require: outbound",
    "Contact: <sip:%s@h>" % ("x" * 600), "Path: nothing", "Contact: <sip:x@h",
    "Path: <sip:p@h;lr>\r\nContact: <sip:x@h>"]


class Mix:
    """Requests in a fixed pseudo-random order."""

    def __init__(self, port):
        self.rnd = random.Random(4711)
        self.port = port
        self.n = 0

    def text(self, method, user, *lines, cseq=None):
        self.n += 1
        ruri = "sip:%sexample.org" % (
            "" if method == "REGISTER" else "u%d@" % user)
        return "\r\n".join([
            "%s %s SIP/2.0" % (method, ruri),
            "Via: SIP/2.0/UDP 127.0.0.1:%d;branch=z9hG4bK%d"
            % (self.port, self.n), "Max-Forwards: 70",
            "From: <sip:f@example.org>;tag=%d" % self.n,
            "To: <sip:u%d@example.org>" % user, "Call-ID: c%d" % user,
            "CSeq: %d %s" % (cseq or self.n, method), *lines,
            "Content-Length: 0", "", ""]).encode()

    def contact(self):
        number = self.rnd.randrange(6)
        text = "Contact: <sip:c%d@127.0.0.1:%d;x=y>" % (number, self.port)
        text += self.rnd.choice([
            "", ";q=0.5", ";expires=900", ";mobility=fixed;audio",
            ';+sip.instance="<urn:uuid:%d>"' % number,
            ';+sip.instance="<urn:uuid:%d>";reg-id=%d' % (number, number + 1)])
        return text

    def next(self):
        rnd, user = self.rnd, self.rnd.randrange(USERS)
        kind = rnd.randrange(20)
        gruu = "Supported: gruu, path, outbound"
        if kind < 7:
            extra = rnd.choice([[gruu], [], [
                gruu, "Path: <sip:edge@127.0.0.3;lr;ob>"]])
            return self.text("REGISTER", user, self.contact(), *extra)
        if kind == 7:
            return self.text("REGISTER", user, self.contact(), self.contact(),
                             "X-Flags: 4")
        if kind < 10:
            return self.text("REGISTER", user, self.contact() + ";expires=0")
        if kind == 10:
            return self.text("REGISTER", user, "Contact: *", "Expires: 0")
        if kind == 11:
            return self.text("REGISTER", user, gruu)
        if kind < 14:
            return self.text("REGISTER", user, rnd.choice(MALFORMED))
        if kind == 14:
            # older than what is there
            return self.text("REGISTER", user, self.contact(), cseq=1)
        aor = "X-Uri: sip:u%d@example.org" % user
        lines = rnd.choice([
            [], ["X-Do: dset"], ["X-Do: registered", aor], ["X-Do: fetch"],
            ["X-Do: registered", aor, "X-Match: 7/3"], ["X-Do: xavp"],
            ["X-Do: unregister", aor] if kind == 15 else [],
            ["X-Do: unregister", aor, "X-Ruid: uloc-1-1-1"],
            ["X-Do: unregister", "X-Ruid: uloc-1-1-1"]])
        return self.text("MESSAGE", user, *lines)


class Soak:
    def __init__(self, server):
        self.server = server
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(("127.0.0.1", free_port()))
        self.sock.connect(server.addr)
        self.sock.settimeout(PATIENCE)
        self.mix = Mix(self.sock.getsockname()[1])
        self.codes = {}

    def run(self, requests):
        """Send them, never more than WINDOW without an answer."""
        out = 0
        for request in requests:
            self.sock.send(request)
            out += 1
            if out == WINDOW:
                self._answer()
                out -= 1
        for _ in range(out):
            self._answer()

    def _answer(self):
        code = self.sock.recv(65536)[8:11].decode()
        self.codes[code] = self.codes.get(code, 0) + 1

    def clear(self):
        self.run(self.mix.text("REGISTER", user, "Contact: *", "Expires: 0")
                 for user in range(USERS))

    def close(self):
        self.sock.close()


def soak(kam, count, mode, db):
    """Memory may not grow from the second part to the last; the number of
    each answer."""
    server = kam(config(
        params=[("gruu_key", "0123456789abcdef"), ("use_path", 1),
                ("keep_params", 1), ("max_contacts", 4),
                ("max_contacts_policy", 1), ("outbound_mode", 1),
                ("min_expires_mode", 1), ("xavp_rcd", "rcd"),
                ("xavp_cfg", "reg"), ("flow_xavp", "flows"),
                ("contact_match", 1)],
        usrloc=[("use_domain", 1), ("xavp_contact", "ulx"), *db],
        before_lookup=SOAK, modules=["db_sqlite"] if db else []),
        # SQLite refuses a second writer
        children=1 if db else 2, name="soak%d" % mode, debug=-2)
    one = Soak(server)
    try:
        seen = []
        for _ in range(ROUNDS):
            one.run(one.mix.next() for _ in range(count // ROUNDS))
            one.clear()
            seen.append(memory.at_rest(server))
        print("db_mode %d, %d requests: answers %s; in use after each of "
              "%d parts: %s"
              % (mode, one.mix.n, dict(sorted(one.codes.items())), ROUNDS,
                 seen))
        memory.stays(server, seen[1], 4096)
        return one.codes
    finally:
        one.close()


@pytest.mark.parametrize("mode", [0, 3])
def test_memory_is_flat(kam, mode):
    db = Database() if mode else None
    try:
        codes = soak(kam, COUNT // (10 if mode else 1), mode,
                     db.usrloc(mode) if db else [])
    finally:
        if db:
            db.close()
    # every kind of answer was among them, and no failure of ours
    assert {"200", "400", "403", "420", "423"} <= set(codes)
    assert not any(code.startswith("5") for code in codes)
