# SPDX-License-Identifier: GPL-2.0-or-later
"""Steps of registrar scenarios: requests to the routes of reg_setup."""

import re
import time

from kamtest.kamailio import RpcError
from kamtest.message import Message
from kamtest.net import TcpPeer, Trace

from .record import near

DOMAIN = "example.org"


class Request:
    """A request in words. In every text {me} is the scenario, {p0} to {p3}
    are phones, {server} and {second} the server's addresses, {ruid1} the
    first ruid that was seen, {pub-gruu} and {temp-gruu} the last of their
    kind. Header names that are repeated here replace the usual ones; a value
    of None leaves one out."""

    def __init__(self, method, ruri, headers, via, to="server", answer=480,
                 says=()):
        self.method = method
        self.ruri = ruri
        self.headers = list(headers)
        self.via = via
        self.to = to
        self.answer = answer  # of the phones it is relayed to
        self.says = says      # headers of that

    def has(self, name, part=""):
        """Whether a header of that name has this in it."""
        return any(n.lower() == name.lower() and part in (v or "")
                   for n, v in self.headers)

    def get(self, name):
        for n, v in self.headers:
            if n.lower() == name.lower():
                return v
        return None

    def message(self, stage):
        for kind in ("pub-gruu", "temp-gruu"):
            stage.kept.setdefault(kind, "sip:%sa@%s" % (stage.me, DOMAIN))
        branch = "z9hG4bK%sn%d" % (stage.me, stage.number())
        rows = [("Via", "SIP/2.0/UDP {%s};branch=%s" % (self.via, branch)),
                ("Max-Forwards", "70"),
                ("From", "<sip:{me}@%s>;tag={me}" % DOMAIN),
                ("To", "<%s>" % self.ruri), ("Call-ID", branch[7:]),
                ("CSeq", "%d %s" % (stage.serial, self.method))]
        own = {n.lower() for n, _ in self.headers}
        rows = [(n, v) for n, v in rows if n.lower() not in own]
        rows += [(n, v) for n, v in self.headers if v is not None]
        return Message(
            "%s %s SIP/2.0" % (self.method, stage.fill(self.ruri)),
            [(n, stage.fill(v)) for n, v in rows])

    def play(self, stage):
        seen = stage.observe(self.message(stage), via=self.via, to=self.to,
                             answer=self.answer, says=[
                                 (n, stage.fill(v)) for n, v in self.says])
        _count(seen, stage)
        _age(seen, stage)
        contacts = [c for r in stage.replies for c in r.all("Contact")]
        stage.kept.update(re.findall('(pub-gruu|temp-gruu)="([^"]*)"',
                                     ",".join(contacts)))
        return seen

    def __repr__(self):
        rows = ["%s: %s" % row for row in self.headers]
        return "%s %s from %s%s" % (self.method, self.ruri, self.via,
                                    "".join("\n    " + r for r in rows))


def _count(seen, stage):
    """Statistics as what this request added."""
    if "x-stat" not in seen:
        return
    now = [int(n) for n in seen["x-stat"][0].split()]
    last = stage.side.kept.get("stat", [0, 0])
    stage.side.kept["stat"] = now
    seen["x-stat"] = ["accepted +%d rejected +%d" % (
        now[0] - last[0], now[1] - last[1])]


def _age(seen, stage):
    """Times of $ulc, seconds from now, and what records say."""
    seen.update({f: [t if "null" in t else stage.near(t) for t in seen[f]]
                 for f in ["x-rcdtime"] if f in seen})
    for i, text in enumerate(seen.get("x-ulctime", [])):
        if "null" not in text:
            expires, modified = [int(n) - time.time()
                                 for n in text.split(" | ")]
            seen["x-ulctime"][i] = "%s %s" % (stage.near(expires),
                                              near(modified))


def register(*contacts, user="a", headers=(), flags=None, cseq=None,
             callid="{me}-call", via="p0", domain=DOMAIN, **options):
    """A REGISTER of one of the scenario's users. flags: save()'s; cseq:
    grows by itself. A scenario's Call-ID is one for all, as a phone's."""
    rows = [("To", "<sip:{me}%s@%s>" % (user, domain))]
    rows += [("Call-ID", callid)] if callid else []
    rows += [("CSeq", "%s REGISTER" % cseq)] if cseq is not None else []
    rows += [("Contact", c) for c in contacts]
    rows += [("X-Flags", str(flags))] if flags is not None else []
    own = {n.lower() for n, _ in headers}
    rows = [r for r in rows if r[0].lower() not in own
            or r[0] == "Contact"]
    return Request("REGISTER", "sip:%s" % domain, rows + list(headers), via,
                   **options)


def contact(user="a", at="p0", params="", uri=""):
    """<sip:...>;params"""
    return "<sip:{me}%s@{%s}%s>%s" % (user, at, uri, params)


def call(do, user="a", headers=(), method="OPTIONS", via="c", ruri=None,
         uri=None, **options):
    """Another function: X-Do and its arguments. uri: its argument, True for
    the user's AoR."""
    aor = "sip:{me}%s@%s" % (user, DOMAIN)
    rows = [("X-Do", do), *headers]
    if uri is not None:
        rows.append(("X-Uri", aor if uri is True else uri))
    return Request(method, ruri or aor, rows, via, **options)


def relay(user="a", method="MESSAGE", headers=(), **options):
    """A request that is looked up and relayed to all the phones."""
    return call("relay", user, headers, method, **options)


class Rpc:
    """An RPC; shown are the lines of its result that have one of these words
    in them, all without any."""

    def __init__(self, method, *params, words=("",)):
        self.method = method
        self.params = params
        self.words = words

    def play(self, stage):
        params = [stage.fill(p) if isinstance(p, str) else p
                  for p in self.params]
        try:
            got = stage.side.kam.rpc(self.method, *params)
        except RpcError as error:
            return {"rpc": ["fault %s" % error]}
        rows = got if isinstance(got, list) else [got]
        return {"rpc": [stage.normal(str(r)) for r in rows
                        if any(w in str(r) for w in self.words)]}

    def __repr__(self):
        return "RPC %s %s" % (self.method, " ".join(map(str, self.params)))


class Tcp(Request):
    """A request over the connection of the side, {tcp}, made when needed."""

    def play(self, stage):
        side = stage.side
        if "tcp" not in side.kept:
            side.kept["tcp"] = TcpPeer(Trace(), to=side.address())
            side.values["tcp"] = side.kept["tcp"].addr
        message = self.message(stage)
        message.set("Via", message.get("Via").replace("UDP", "TCP"))
        side.kept["tcp"].send(message)
        replies = []
        while not replies or replies[-1].status != 299:
            replies.append(side.kept["tcp"].recv(8))
        seen = stage.fields_of(replies)
        _count(seen, stage)
        return seen


class HangUp:
    """Ends that connection, and waits until the server has seen it."""

    def play(self, stage):
        stage.side.kept.pop("tcp").close()
        end = time.time() + 8
        while time.time() < end and stage.side.kam.rpc("core.tcp_list"):
            time.sleep(0.02)
        return {"connections": [str(stage.side.kam.rpc("core.tcp_list"))]}

    def __repr__(self):
        return "hang up"
