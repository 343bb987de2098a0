# SPDX-License-Identifier: GPL-2.0-or-later
"""A registrar to test: its kamailio.cfg, phones that register at it, and a
way to see what lookup() did to a request.

The same configuration runs with the distribution's registrar.so: what a
document leaves open is seen by asking both.
"""

import pathlib
import sqlite3
import subprocess
import tempfile

from .message import Message, split_params
from .net import unique

SHM = pathlib.Path("/dev/shm")
MODULES = ["sl", "tm", "rr", "pv", "textops", "xlog", "kex", "corex",
           "siputils", "cfg_rpc"]

ROUTES = """
request_route {
    if(is_present_hf("X-Bflags")) setbflag(3);
    if(method == "REGISTER") route(REGISTER);
    else if($hdr(X-Do) == "registered") route(REGISTERED);
    else if($hdr(X-Do) == "unregister") route(UNREGISTER);
    else route(LOOKUP);
}
route[REGISTER] {
    %(before_save)s
    %(save)s
    # a second answer to the same request: what save() returned
    if(is_present_hf("X-Rc")) sl_send_reply("299", "rc $var(rc)");
}
route[SAVE] {
    if($hdr(X-Flags) == "1") save("location", "1");
    else if($hdr(X-Flags) == "2") save("location", "0x02");
    else if($hdr(X-Flags) == "4") save("location", "0x04");
    else if($hdr(X-Flags) == "8") save("location", "0x08");
    else if($hdr(X-Flags) == "16") save("location", "0x10");
    else if(is_present_hf("X-Uri"))
        save("location", "0", "$hdr(X-Uri)");
    else save("location");
    $var(rc) = $rc;
}
route[SHOW] {
    append_to_reply("X-Rc: $var(rc)\\r\\nX-Ruri: $ru\\r\\nX-Duri: $du\\r\\n");
    append_to_reply("X-Bflags: $bf\\r\\nX-Sock: $fs\\r\\n");
    append_to_reply("X-Ruid: $ruid\\r\\nX-Ua: $location_ua\\r\\n");
    $var(i) = 0;
    while($var(i) < $branch(count)) {
        append_to_reply("X-Branch: <$(branch(uri)[$var(i)])>;dst=\\"$(branch(dst_uri)[$var(i)])\\";path=\\"$(branch(path)[$var(i)])\\";q=$(branch(q)[$var(i)]);flags=$(branch(flags)[$var(i)]);ruid=$(branch(ruid)[$var(i)]);sock=$(branch(send_socket)[$var(i)]);ua=\\"$(branch(location_ua)[$var(i)])\\"\\r\\n");
        $var(i) = $var(i) + 1;
    }
    %(show)s
    sl_send_reply("200", "shown");
    exit;
}
route[LOOKUP] {
    %(before_lookup)s
    if($hdr(X-Do) == "dset") {
        if(is_present_hf("X-Uri")) lookup_to_dset("location", "$hdr(X-Uri)");
        else lookup_to_dset("location");
    } else if(is_present_hf("X-Uri")) lookup("location", "$hdr(X-Uri)");
    else lookup("location");
    $var(rc) = $rc;
    if($hdr(X-Do) == "relay") {
        t_relay();
        exit;
    }
    route(SHOW);
}
route[REGISTERED] {
    %(before_lookup)s
    if($hdr(X-Match) == "1") registered("location", "$hdr(X-Uri)", "1");
    else if($hdr(X-Match) == "2") registered("location", "$hdr(X-Uri)", "2");
    else if($hdr(X-Match) == "4") registered("location", "$hdr(X-Uri)", "4");
    else if($hdr(X-Match) == "7/3") registered("location", "$hdr(X-Uri)", "7", "3");
    else if($hdr(X-Match) == "0/1") registered("location", "$hdr(X-Uri)", "0", "1");
    else if(is_present_hf("X-Uri")) registered("location", "$hdr(X-Uri)");
    else registered("location");
    $var(rc) = $rc;
    route(SHOW);
}
route[UNREGISTER] {
    if(is_present_hf("X-Ruid")) {
        if(is_present_hf("X-Uri")) unregister("location", "$hdr(X-Uri)", "$hdr(X-Ruid)");
        else unregister("location", "", "$hdr(X-Ruid)");
    } else unregister("location", "$hdr(X-Uri)");
    $var(rc) = $rc;
    route(SHOW);
}
"""


def head(params=(), usrloc=(), extra="", modules=()):
    """The part of kamailio.cfg that loads the modules.

    params, usrloc: [(name, value)] of the modules; extra: lines behind.
    """
    lines = ['loadmodule "%s.so"' % m for m in MODULES]
    lines += ['loadmodule "%s.so"' % m for m in modules]
    lines += ['loadmodule "usrloc.so"', 'loadmodule "registrar.so"']
    for module, rows in (("usrloc", usrloc), ("registrar", params)):
        for name, value in rows:
            value = value if isinstance(value, int) else '"%s"' % value
            lines.append('modparam("%s", "%s", %s)' % (module, name, value))
    return "\n".join([*lines, extra])


def config(params=(), usrloc=(), before_save="", before_lookup="", show="",
           save="route(SAVE);", extra="", modules=(), routes=""):
    """kamailio.cfg without its globals.

    params, usrloc, extra, modules: see head(); before_save, before_lookup,
    show: script put into the routes of ROUTES; routes: appended.
    """
    parts = {"before_save": before_save, "before_lookup": before_lookup,
             "show": show, "save": save}
    return "\n".join([head(params, usrloc, extra, modules), ROUTES % parts,
                      routes])


class Database:
    """An SQLite file with usrloc's tables, as the distribution ships them."""

    def __init__(self):
        # in memory where there is such a place: nothing waits for a disk
        self.dir = tempfile.TemporaryDirectory(
            prefix="kx-db-", dir=SHM if SHM.is_dir() else None)
        self.path = pathlib.Path(self.dir.name) / "location.sqlite"
        with sqlite3.connect(self.path) as db:
            # else usrloc, which reads all of it when the server starts, and a
            # worker that writes get in each other's way
            db.execute("pragma journal_mode=wal")
            for name in ("standard", "usrloc"):
                db.executescript(_schema(name).read_text())

    def usrloc(self, mode):
        """modparams of usrloc for a db_mode."""
        return [("db_url", "sqlite:///%s" % self.path), ("db_mode", mode)]

    def query(self, sql, *values):
        with sqlite3.connect(self.path, timeout=10) as db:
            return db.execute(sql, values).fetchall()

    def contacts(self, user):
        return [c for c, in self.query(
            "select contact from location where username = ? order by id",
            user)]

    def close(self):
        self.dir.cleanup()


def _schema(name):
    files = subprocess.run(["dpkg", "-L", "kamailio-sqlite-modules"],
                           capture_output=True, text=True,
                           check=True).stdout.split("\n")
    for line in files:
        if line.endswith("/%s-create.sql" % name):
            return pathlib.Path(line)
    raise RuntimeError("the sqlite package ships no schema of %s" % name)


def request(peer, method, ruri, headers=(), to=None, callid=None, cseq=1,
            user="caller"):
    """A request with what every one needs; further headers behind."""
    return Message("%s %s SIP/2.0" % (method, ruri), [
        ("Via", "SIP/2.0/%s %s;branch=z9hG4bK%s"
         % (peer.proto, peer.addr, unique("b"))),
        ("Max-Forwards", "70"),
        ("From", "<sip:%s@example.org>;tag=%s" % (user, unique("t"))),
        ("To", to or "<%s>" % ruri),
        ("Call-ID", callid or unique("c")),
        ("CSeq", "%d %s" % (cseq, method)), *headers])


class Phone:
    """Registers one user; Call-ID stays, CSeq grows."""

    def __init__(self, peer, server, user=None, domain="example.org"):
        self.peer = peer
        self.server = server
        self.user = user or unique("u")
        self.domain = domain
        self.callid = unique("r")
        self.cseq = 0

    @property
    def aor(self):
        return "sip:%s@%s" % (self.user, self.domain)

    @property
    def addr(self):
        return self.server.addr

    def contact(self, params="", user=None):
        return "<sip:%s@%s>%s" % (user or self.user, self.peer.addr, params)

    def message(self, *contacts, headers=(), to=None, callid=None, cseq=None):
        if cseq is None:
            self.cseq += 1
            cseq = self.cseq
        rows = [("Contact", c) for c in contacts] + list(headers)
        return request(self.peer, "REGISTER", "sip:%s" % self.domain, rows,
                       to=to or "<%s>" % self.aor,
                       callid=callid or self.callid, cseq=cseq)

    def register(self, *contacts, **options):
        """Send a REGISTER with these Contact headers, return the reply."""
        self.peer.send(self.message(*contacts, **options), self.addr)
        return self.peer.recv()

    def save(self, *contacts, headers=(), **options):
        """The same, and what save() returned: (reply, return code).

        The reply is None when save() sent none."""
        headers = [*headers, ("X-Rc", "yes")]
        self.peer.send(self.message(*contacts, headers=headers, **options),
                       self.addr)
        first = self.peer.recv()
        if first.status == 299:
            return None, int(first.reason.split()[1])
        last = self.peer.recv()
        assert last.status == 299, last
        return first, int(last.reason.split()[1])

    def bindings(self):
        """What a query lists: [(uri, {parameter: value})]."""
        reply = self.register()
        assert reply.status == 200, reply
        return [parse_contact(c) for c in reply.contacts()]

    def uris(self):
        return [uri for uri, _ in self.bindings()]

    def ask(self, do="lookup", ruri=None, method="OPTIONS", headers=(),
            to=None):
        """Have the server run a function, return what it shows."""
        self.peer.send(request(self.peer, method, ruri or self.aor,
                               [("X-Do", do), *headers], to=to), self.addr)
        reply = self.peer.recv()
        assert reply.status == 200, reply.start
        return Shown(reply)


def parse_contact(text):
    """'<sip:a@b>;q=1' -> ('sip:a@b', {'q': '1'})."""
    uri, params = split_params(text)
    return uri.strip().lstrip("<").rstrip(">"), params


class Shown:
    """What a request looked like after the function."""

    def __init__(self, reply):
        self.reply = reply
        self.rc = int(reply.get("X-Rc"))
        self.ruri = reply.get("X-Ruri")
        self.duri = self._text("X-Duri")
        self.bflags = int(reply.get("X-Bflags"))
        self.sock = self._text("X-Sock")
        self.ruid = self._text("X-Ruid")
        self.ua = self._text("X-Ua")
        self.branches = [parse_contact(v) for v in reply.all("X-Branch")]

    def _text(self, name):
        value = self.reply.get(name)
        return None if value in ("", "<null>") else value

    @property
    def targets(self):
        return [self.ruri] + [uri for uri, _ in self.branches]
