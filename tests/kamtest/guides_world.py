# SPDX-License-Identifier: GPL-2.0-or-later
"""Servers that the examples of a guide run in."""

import contextlib
import re
import shlex
import sqlite3
import time

from . import accounts
from .net import Timeout, Trace, UdpPeer, free_port
from .registrar import request

SCRIPT_METHODS = ("REGISTER", "INVITE", "OPTIONS", "MESSAGE")
COMMON = ("kex corex tm tmx sl rr dialog pv textops siputils xlog counters"
          " cfg_rpc db_sqlite").split()
DEFINES = """
modparam("tm", "fr_timer", 2000)
modparam("tm", "fr_inv_timer", 2000)
modparam("rr", "append_fromtag", 1)
"""
OWN = {"registrar": """
loadmodule "usrloc.so"
loadmodule "registrar.so"
modparam("usrloc", "preload", "location")
modparam("registrar", "xavp_cfg", "regcfg")
modparam("registrar", "xavp_rcd", "ulrcd")
""", "uac": """
loadmodule "uac.so"
modparam("uac", "reg_db_url", "sqlite:////var/lib/kamailio/kamailio.db")
modparam("uac", "reg_contact_addr", "192.0.2.10:5060")
modparam("uac", "auth_username_avp", "$avp(auser)")
modparam("uac", "auth_password_avp", "$avp(apass)")
modparam("uac", "auth_realm_avp", "$avp(arealm)")
modparam("uac", "credential_file", "/etc/kamailio/credentials")
modparam("uac", "reload_delta", 0)
"""}
# for uac: where dmq says it is, and a cluster of that one server
DMQ = 'modparam("dmq", "server_address", "sip:127.0.0.1:%d")'
CLUSTER = """
modparam("uac", "reg_state_table", "uacreg_state")
modparam("uac", "reg_cluster", "uac")
modparam("uac", "reg_cluster_heartbeat", 1)
modparam("uac", "reg_cluster_timeout", 2)
"""
# what a REGISTER without the name of an example is for
SAVE = {"registrar": 'save("location");', "uac": ""}
SERVE = """
request_route {
	if(is_present_hf("X-Example")) {
		route("EX_" + $hdr(X-Example));
		sl_send_reply("299", "ran");
		exit;
	}
	%s
}
"""
LUA = """
function ksr_request_route()
	if KSR.is_method_in("R") and KSR.hdr.get("X-Example") == nil then
		KSR.registrar.save("location", 0)
		return 1
	end
	_G[KSR.hdr.get("X-Example")]()
	KSR.sl.send_reply(299, "ran")
	return 1
end
"""


class World:
    """What the examples of one guide need: servers, a table, a provider."""

    def __init__(self, guide, factory, directory):
        self.guide = guide
        self.factory = factory
        self.dir = directory
        self.name = guide.name
        self.trace = Trace()
        self.provider = UdpPeer(self.trace, "provider")
        self.made = {}
        self.number = 0
        self.db = directory / "kamailio.db"
        self.tables(self.db)
        # several servers write to it
        accounts.execute(self.db, "pragma journal_mode=wal")
        db = sqlite3.connect(self.db)
        for listing in guide.of("sql"):
            db.executescript(self.here(listing.text))
        db.close()
        self.credentials = directory / "credentials"
        self.credentials.write_text(guide.text("file"))

    def close(self):
        self.provider.close()

    def tables(self, path):
        """The tables that this guide is about, but those it makes."""
        accounts.create(path, {"registrar": ["standard", "usrloc"],
                               "uac": ["standard", "auth_db", "uacreg_state"]}[self.name])

    def here(self, text):
        """A guide's places are here others."""
        for there, place in (
                ("/var/lib/kamailio/kamailio.db", str(self.db)),
                ("/etc/kamailio/credentials",
                 str(getattr(self, "credentials", ""))),
                ("sip:provider.example:5060", "sip:" + self.provider.addr)):
            text = text.replace(there, place)
        return text

    def config(self, *parts, modules=()):
        lines = ['loadmodule "%s.so"' % m for m in [*COMMON, *modules]]
        return self.here("\n".join([*lines, DEFINES, OWN[self.name], *parts]))

    def _server(self, kind, text, **options):
        if kind not in self.made:
            self.made[kind] = self.factory(
                text, globals_='alias="example.org"', children=2, **options)
        return self.made[kind]

    def _clustered(self, kind, *parts):
        """A server with dmq, for uac."""
        if self.name != "uac":
            return self._server(kind, self.config(*parts))
        port = free_port("127.0.0.1")
        return self._server(kind, self.config(DMQ % port, *parts,
                                              modules=["dmq"]), port=port)

    def with_parameters(self):
        return self._clustered("parameters", self.guide.text("modparam"),
                               SERVE % SAVE[self.name])

    def with_scripts(self):
        routes = ["route[EX_%d] {\n%s\n}" % (i, one.text) for i, one
                  in enumerate(self.guide.of("script"))]
        more = [one.text for one in self.guide.of("cfg")
                if one.condition != "alone"]
        return self.register(self._server("scripts", self.config(
            *more, SERVE % SAVE[self.name], *routes)))

    def with_commands(self):
        return self.register(self._clustered(
            "commands", *self._cluster(), SERVE % SAVE[self.name]))

    def _cluster(self):
        return [CLUSTER] if self.name == "uac" else []

    def own(self, kind):
        """A server that no example changes."""
        return self._clustered(kind, *self._cluster(),
                               "request_route { exit; }")

    @contextlib.contextmanager
    def renamed(self, column):
        """The table of accounts without a column, for a while."""
        form = "ALTER TABLE uacreg RENAME COLUMN %s TO %s"
        accounts.execute(self.db, form % (column, column + "_"))
        try:
            yield
        finally:
            accounts.execute(self.db, form % (column + "_", column))

    def with_lua(self):
        path = self.dir / "example.lua"
        path.write_text(self.here(self.guide.text("lua")) + LUA)
        return self.register(self._server("lua", self.config(
            'modparam("app_lua", "load", "%s")' % path, 'cfgengine "lua"',
            modules=["app_lua"])))

    def whole(self, listing):
        """The server of a whole configuration, or of a whole script."""
        kind = "%s %d" % (listing.role, id(listing))
        if listing.role == "full":
            text = re.sub(r"^listen=.*$", "", listing.text, flags=re.M)
            port = free_port("127.0.0.1")
            # of two servers one is there, and their database is a file
            for there, place in (
                    ("192.0.2.11:5060", "127.0.0.1:%d" % port),
                    ("192.0.2.12:5060", "127.0.0.1:9"),
                    ("db_mysql", "db_sqlite"),
                    ("mysql://kamailio:password@db.example/kamailio",
                     "sqlite:///%s" % self.db)):
                text = text.replace(there, place)
            return self._server(kind, self.here(text), port=port)
        path = self.dir / "example.py"
        path.write_text(listing.text)
        return self._server(kind, self.config(
            'modparam("app_python3", "load", "%s")' % path,
            'cfgengine "python"', modules=["app_python3"]))

    def check(self, listing):
        """kamailio -c with one listing."""
        server = self.factory(self.config(
            listing.text, "" if "request_route" in listing.text
            else "request_route { exit; }"), start=False)
        return server.check()

    def ask(self, server, method, headers=(), last=None, user="alice"):
        """The status of the last answer; `last` ends the wait."""
        peer = UdpPeer(self.trace, "asks")
        self.number += 1
        uri = "sip:%s@example.org" % user
        rows = [*headers]
        if method == "REGISTER":
            rows.append(("Contact", "<sip:%s@%s>;expires=600"
                         % (user, self.provider.addr)))
        elif method == "INVITE":
            rows.append(("Contact", "<sip:%s@%s>" % (user, peer.addr)))
            if self.name == "uac":
                uri = "sip:%s@%s" % (user, self.provider.addr)
        message = request(peer, method, uri, rows, user=user,
                          cseq=self.number)
        if method == "REGISTER":
            message.start = "REGISTER sip:example.org SIP/2.0"
        status = 0
        try:
            peer.send(message, server.addr)
            while status < 200 or last not in (None, status):
                status = peer.recv(5.0).status
        finally:
            peer.close()
        return status

    def register(self, server):
        """The users alice and bob, at a place where nobody answers; gives the
        server back."""
        if self.name == "registrar" and not hasattr(server, "has_phones"):
            server.has_phones = True
            for user in ("alice", "bob"):
                assert self.ask(server, "REGISTER", user=user) == 200
        return server

    def play(self, server, listing):
        """Send the request of a script example; the status of its answer."""
        number = self.guide.of("script").index(listing)
        last = None if "exit;" in listing.text else 299
        return self.ask(server, listing.condition,
                        [("X-Example", str(number))], last)

    def play_lua(self, server, function):
        for method in ("REGISTER", "OPTIONS"):
            assert self.ask(server, method, [("X-Example", function)],
                            299) == 299

    def is_served(self, server):
        """Whether a registrar takes a REGISTER and finds nobody else; whether
        an account gets registered."""
        if self.name == "registrar":
            return self.ask(server, "REGISTER") == 200
        far = accounts.Registrar(self.provider)
        asked, end = False, time.time() + 15
        while time.time() < end:
            # one of a cluster has it when it has waited for others
            if not asked:
                server.rpc("uac.reg_register", "l_uuid", "trunk-01")
            try:
                message = self.provider.recv(0.1)
                if message.method == "REGISTER":
                    far.accept(message)
                    asked = asked or message.source == server.addr
            except Timeout:
                pass
            if asked and server.rpc(
                    "uac.reg_list", "all", 0, 0)["online"] == 1:
                return True
        return False

    def words(self, line):
        return shlex.split(self.here(line))
