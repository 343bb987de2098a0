# SPDX-License-Identifier: GPL-2.0-or-later
"""A registrar that answers by itself, as RFC 3261 10.3 has it, and remembers:
who is registered with which contacts, by whom, and everything that was asked."""

import collections
import re
import socket
import threading
import time

from . import digest
from .message import Message
from .net import free_port

REALM = "far.example"


class Request:
    """A REGISTER that was answered."""

    def __init__(self, message, code):
        self.time = time.monotonic()
        self.code = code
        self.user = re.search(r"sip:([^@]+)@", message.get("To")).group(1)
        self.callid = message.get("Call-ID")
        self.cseq = int(message.get("CSeq").split()[0])
        self.contacts = contacts_of(message)
        self.source = message.source
        self.authorization = message.get("Authorization")

    def __repr__(self):
        return "<%s %s %s %s %s>" % (self.user, self.code, self.callid[:6],
                                     self.cseq, self.contacts)


def contacts_of(message):
    """[(URI, expires)] of a REGISTER."""
    common = int(message.get("Expires", "3600"))
    found = []
    for value in message.all("Contact"):
        uri, params = re.match(r"<([^>]*)>(.*)", value).groups()
        expires = re.search(r";expires=(\d+)", params)
        found.append((uri, int(expires.group(1)) if expires else common))
    return found


class Provider:
    """With it: a thread answers on addr. grant: the longest lifetime;
    answer_as: makes an answer's code of a Request, or None for what is right."""

    def __init__(self, grant=600, host="127.0.0.1", check=True):
        self.grant = grant
        self.check = check
        self.answer_as = lambda request: None
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 << 20)
        self.sock.bind((host, free_port(host)))
        self.sock.settimeout(0.05)
        self.addr = "%s:%d" % self.sock.getsockname()
        self.lock = threading.Lock()
        self.bindings = collections.defaultdict(dict)  # user -> uri -> binding
        self.requests = []
        self.counts = {}  # nonce -> highest nc by user
        self.nonces = 0
        self.doubles = {}  # user -> since when more than one contact is there
        self.double_for = 0.0  # the longest time
        self.double_who = None
        self.ended = False
        self.threads = [threading.Thread(target=self._serve, daemon=True),
                        threading.Thread(target=self._sample, daemon=True)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *exc):
        self.ended = True
        for thread in self.threads:
            thread.join()
        self.sock.close()

    # what tests ask

    def contacts(self, user):
        """The contacts of a user that are registered now."""
        now = time.monotonic()
        with self.lock:
            return sorted(uri for uri, b in self.bindings[user].items()
                          if b[0] > now)

    def registered(self):
        """user -> its contacts, of all who have one."""
        now = time.monotonic()
        with self.lock:
            found = {user: sorted(uri for uri, b in all_.items()
                                  if b[0] > now)
                     for user, all_ in self.bindings.items()}
        return {user: uris for user, uris in found.items() if uris}

    def asked(self, user=None, since=0.0, code=None):
        """The requests so far."""
        with self.lock:
            return [r for r in self.requests if r.time >= since
                    and (user is None or r.user == user)
                    and (code is None or r.code == code)]

    # what it does

    def _sample(self):
        """Every 100 ms: who has more than one contact, and for how long."""
        while not self.ended:
            now = time.monotonic()
            many = {user for user, uris in self.registered().items()
                    if len(uris) > 1}
            for user in many:
                since = self.doubles.setdefault(user, now)
                if now - since > self.double_for:
                    self.double_for = now - since
                    self.double_who = user
            for user in set(self.doubles) - many:
                del self.doubles[user]
            time.sleep(0.1)

    def _serve(self):
        last = collections.OrderedDict()  # branch -> answer: retransmissions
        while not self.ended:
            try:
                data, source = self.sock.recvfrom(65536)
            except socket.timeout:
                continue
            message = Message.parse(data)
            message.source = source
            if message.method != "REGISTER":
                continue
            branch = message.get("Via")
            if branch not in last:
                last[branch] = self._answer(message)
                if len(last) > 20000:
                    last.popitem(last=False)
            self.sock.sendto(last[branch], source)

    def _answer(self, message):
        request = Request(message, 0)
        headers = []
        request.code = self.answer_as(request) or self._judge(
            request, message, headers)
        with self.lock:
            self.requests.append(request)
            if request.code == 200:
                self._store(request, headers)
        kept = [(n, v + (";tag=far" if n.lower() == "to" else ""))
                for n, v in message.headers
                if n.lower() in ("via", "from", "to", "call-id", "cseq")]
        return Message("SIP/2.0 %d %s" % (request.code, "Answer"),
                       kept + headers).encode()

    def _judge(self, request, message, headers):
        if not self._is_known(request, message):
            self.nonces += 1
            stale = ", stale=true" if request.authorization else ""
            headers.append(("WWW-Authenticate",
                            'Digest realm="%s", nonce="n%d", qop="auth"%s'
                            % (REALM, self.nonces, stale)))
            return 401
        with self.lock:
            mine = self.bindings[request.user]
            for uri, _ in request.contacts:
                expires_at, callid, cseq = mine.get(uri, (0.0, None, 0))
                if expires_at > time.monotonic() \
                        and callid == request.callid and cseq >= request.cseq:
                    return 500  # out of order (RFC 3261 10.3 step 7)
        return 200

    def _is_known(self, request, message):
        """Whether credentials are right and their nc is higher than before;
        the password of user rX is pX."""
        if request.authorization is None:
            return False
        if not self.check:
            return True
        ok, fields = digest.verify(request.authorization, "REGISTER",
                                   "p" + request.user[1:])
        assert ok, "wrong credentials: %s" % request.authorization
        count = int(fields["nc"], 16)
        if count <= self.counts.get(fields["nonce"], 0):
            return False
        self.counts[fields["nonce"]] = count
        return True

    def _store(self, request, headers):
        mine = self.bindings[request.user]
        now = time.monotonic()
        for uri, expires in request.contacts:
            if expires == 0:
                mine.pop(uri, None)
            else:
                mine[uri] = (now + min(expires, self.grant), request.callid,
                             request.cseq)
        for uri, (expires_at, _, _) in mine.items():
            if expires_at > now:
                headers.append(("Contact", "<%s>;expires=%d" % (
                    uri, round(expires_at - now))))
