# SPDX-License-Identifier: GPL-2.0-or-later
"""REGISTERs and look-ups of many users, and of one AoR with many contacts."""

import socket

from kamtest.net import free_port

CONFIG = """
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "textops.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
modparam("usrloc", "use_domain", 1)
modparam("usrloc", "hash_size", 14)
request_route {
    if(method == "REGISTER") {
        if($rU =~ "^crowd") {
            save("location", "2");
            sl_send_reply("200", "OK");
        } else save("location");
        exit;
    }
    lookup("location");
    sl_send_reply("200", "OK");
    exit;
}
"""


class Load:
    """Requests to one server, a window of them at a time."""

    def __init__(self, addr):
        self.addr = addr
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(("127.0.0.1", free_port()))
        self.sock.settimeout(20)
        self.port = self.sock.getsockname()[1]
        self.n = 0

    def _message(self, method, user, contact):
        self.n += 1
        lines = [
            "%s sip:%s@example.org SIP/2.0" % (method, user),
            "Via: SIP/2.0/UDP 127.0.0.1:%d;branch=z9hG4bK%d;rport"
            % (self.port, self.n),
            "Max-Forwards: 70",
            "From: <sip:%s@example.org>;tag=t%d" % (user, self.n),
            "To: <sip:%s@example.org>" % user,
            "Call-ID: %s@127.0.0.1" % contact,
            "CSeq: %d %s" % (self.n, method),
            "User-Agent: Bench/1.0",
            "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, NOTIFY, REFER",
            "Supported: path, replaces"]
        if method == "REGISTER":
            lines.append("Contact: <sip:%s@127.0.0.1:%d;transport=udp>"
                         ";expires=3600" % (contact, self.port))
        return ("\r\n".join(lines) + "\r\nContent-Length: 0\r\n\r\n").encode()

    def _run(self, messages, window=8):
        under_way = 0
        for message in messages:
            self.sock.sendto(message, self.addr)
            under_way += 1
            if under_way == window:
                self._answer()
                under_way -= 1
        for _ in range(under_way):
            self._answer()

    def _answer(self):
        assert self.sock.recv(65536).startswith(b"SIP/2.0 200")

    def register(self, first, count):
        """Each of these users with a contact of its own."""
        self._run(self._message("REGISTER", "u%d" % i, "u%d" % i)
                  for i in range(first, first + count))

    def crowd(self, first, count, name=""):
        """These contacts of one AoR, a REGISTER each."""
        self._run(self._message("REGISTER", "crowd" + name, "k%d" % i)
                  for i in range(first, first + count))

    def lookup(self, first, count):
        self._run(self._message("OPTIONS", "u%d" % i, "x")
                  for i in range(first, first + count))

    def lookup_crowd(self, name, count):
        self._run(self._message("OPTIONS", "crowd" + name, "x")
                  for _ in range(count))

    def close(self):
        self.sock.close()
