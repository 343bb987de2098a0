# SPDX-License-Identifier: GPL-2.0-or-later
"""The far side of remote registrations: accounts in a SQLite file and a
registrar that a test plays by hand."""

import sqlite3

from . import digest
from .message import Message
from .sqlserver import schema
from .wait import PATIENCE

COLUMNS = ("l_uuid", "l_username", "l_domain", "r_username", "r_domain",
           "realm", "auth_username", "auth_password", "auth_ha1",
           "auth_proxy", "expires", "flags", "reg_delay", "contact_addr",
           "socket")


def create(path, tables=("standard", "uac")):
    """Empty tables, uacreg as the distribution has it; names for schema()."""
    db = sqlite3.connect(path)
    for name in tables:
        db.executescript(schema("sqlite", name))
    db.commit()
    db.close()


def account(name, registrar, **changes):
    """A row for the account of that name at a registrar's address."""
    row = {"l_uuid": name, "l_username": "l" + name,
           "l_domain": "local.example", "r_username": "r" + name,
           "r_domain": registrar, "realm": "far.example",
           "auth_username": "a" + name, "auth_password": "p" + name,
           "auth_ha1": "", "auth_proxy": "sip:" + registrar, "expires": 600,
           "flags": 0, "reg_delay": 0, "contact_addr": "", "socket": ""}
    row.update(changes)
    return row


def insert(path, rows):
    db = sqlite3.connect(path)
    for row in rows:
        db.execute("insert into uacreg (%s) values (%s)"
                   % (",".join(row), ",".join("?" * len(row))),
                   list(row.values()))
    db.commit()
    db.close()


def execute(path, sql, *values):
    db = sqlite3.connect(path)
    db.execute(sql, values)
    db.commit()
    db.close()


def config(url, extra="", route="exit;", more=""):
    """A Kamailio with uac and nothing else to do."""
    modules = "\n".join('loadmodule "%s.so"' % m for m in (
        "kex", "tm", "rr", "sl", "pv", "textops", "xlog", "db_sqlite",
        "uac"))
    return "\n".join([
        modules, 'modparam("uac", "reg_db_url", "%s")' % url,
        'modparam("uac", "reg_contact_addr", "127.0.0.1:5999")',
        extra, "request_route { %s }" % route, more])


def url(path):
    return "sqlite:///%s" % path


class Registrar:
    """A registrar on a peer's socket that answers what the test says."""

    def __init__(self, peer):
        self.peer = peer

    @property
    def addr(self):
        return self.peer.addr

    def get(self, timeout=PATIENCE):
        request = self.peer.recv(timeout)
        assert request.method == "REGISTER", request
        return request

    def nothing(self, timeout=0.3):
        self.peer.nothing(timeout)

    def answer(self, request, code, reason, *headers):
        kept = [(n, v) for n, v in request.headers
                if n.lower() in ("via", "from", "to", "call-id", "cseq")]
        kept = [(n, v + ";tag=far" if n.lower() == "to" else v)
                for n, v in kept]
        self.peer.send(Message("SIP/2.0 %d %s" % (code, reason),
                               kept + list(headers)), request.source)

    def challenge(self, request, nonce="n1", algorithm=None, extra="",
                  code=401, realm="far.example", qop="auth"):
        value = 'Digest realm="%s", nonce="%s"' % (realm, nonce)
        if algorithm:
            value += ", algorithm=" + algorithm
        if qop:
            value += ', qop="%s"' % qop
        name = "WWW-Authenticate" if code == 401 else "Proxy-Authenticate"
        self.answer(request, code, "Unauthorized", (name, value + extra))

    def accept(self, request, expires=600, *headers):
        contact = request.get("Contact").split(";expires")[0]
        self.answer(request, 200, "OK",
                    ("Contact", "%s;expires=%d" % (contact, expires)),
                    *headers)

    @staticmethod
    def authorization(request, password):
        """The digest fields of a request, whose response must be right."""
        header = request.get("Authorization") or \
            request.get("Proxy-Authorization")
        assert header, "no credentials in the request"
        ok, fields = digest.verify(header, "REGISTER", password)
        assert ok, "wrong response: %s" % header
        return fields

    def serve(self, name, expires=600, nonce="n1", algorithm=None):
        """Challenge the next REGISTER and accept its answer; both."""
        first = self.get()
        self.challenge(first, nonce, algorithm)
        second = self.get()
        self.authorization(second, "p" + name)
        self.accept(second, expires)
        return first, second

    def serve_all(self, count):
        """Challenge and accept until so many accounts are registered. Their
        order is open: one may be at its second request, in another process,
        before the next has sent its first."""
        while count > 0:
            request = self.get()
            if request.get("Authorization"):
                self.accept(request)
                count -= 1
            else:
                self.challenge(request)
