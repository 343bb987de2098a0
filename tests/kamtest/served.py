# SPDX-License-Identifier: GPL-2.0-or-later
"""make run's Kamailio with examples/kamailio.cfg, and a phone for it."""

import os
import pathlib
import re
import signal
import subprocess
import time

from . import digest
from .kamailio import ROOT
from .message import Message, split_list
from .net import Timeout, unique
from .registrar import parse_contact

RUN = ROOT / "scripts/run.sh"
DOMAIN = "registrar.example"


class Served:
    """make run's script, running."""

    def __init__(self, directory, port, host="127.0.0.1", **env):
        self.dir = directory
        self.addr = (host, port)
        self.ended = None
        directory.parent.mkdir(exist_ok=True)
        self.out = directory.parent / ("out-%d" % port)
        with open(self.out, "wb") as out:
            # SIGINT is for it, also where who runs the tests ignores it
            self.proc = subprocess.Popen(
                ["env", "--default-signal=INT", "sh", str(RUN), host,
                 str(port)], stdout=out,
                stderr=subprocess.STDOUT, start_new_session=True,
                env={**os.environ, "KX_RUN_DIR": str(directory), **env})
        end = time.time() + 20
        while "Ctrl-C ends it" not in self.output():
            assert self.proc.poll() is None, self.output()
            assert time.time() < end, self.output()
            time.sleep(0.05)
        self.passwords = dict(
            re.findall(r"^ +(alice|bob) +(\S+) +sip:", self.output(), re.M))

    def output(self):
        return self.out.read_text(errors="replace")

    def members(self):
        """Processes that were started with the run directory."""
        out = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                line = pathlib.Path("/proc/%s/cmdline" % pid).read_bytes()
            except OSError:
                continue
            if str(self.dir).encode() in line:
                out.append(int(pid))
        return out

    def stop(self, how=signal.SIGINT):
        if self.ended is None:
            self.proc.send_signal(how)
            self.ended = self.proc.wait(15)
        return self.ended


class Phone:
    """Registers and calls by hand, with a password."""

    def __init__(self, peer, user, server, password=None, domain=DOMAIN):
        self.peer = peer
        self.shown = peer.addr  # the address it believes to have
        self.user = user
        self.server = server
        self.password = password
        self.domain = domain
        self.aor = "sip:%s@%s" % (user, domain)
        self.callid = unique("call")
        self.tag = unique("tag")
        self.cseq = 0
        self.seen = set()

    @property
    def contact(self):
        return "sip:%s@%s%s" % (self.user, self.shown, {
            "UDP": ""}.get(self.peer.proto, ";transport=tcp"))

    def recv(self, timeout=10):
        """The next message that is no retransmission."""
        while True:
            message = self.peer.recv(timeout)
            data = message.encode()
            if data not in self.seen:
                self.seen.add(data)
                return message

    def nothing(self, timeout=0.1):
        """Assert that nothing new arrives for that long."""
        try:
            message = self.recv(timeout)
        except Timeout:
            return
        raise AssertionError("%s: unexpected %r" % (self.user, message))

    def request(self, method, ruri, to, *headers, cseq=None, branch=None):
        if cseq is None:
            self.cseq += 1
        return Message("%s %s SIP/2.0" % (method, ruri), [
            ("Via", "SIP/2.0/%s %s;branch=%s;rport"
             % (self.peer.proto, self.shown, branch or unique("z9hG4bK"))),
            ("Max-Forwards", "70"),
            ("From", "<%s>;tag=%s" % (self.aor, self.tag)),
            ("To", to if "<" in to else "<%s>" % to),
            ("Call-ID", self.callid),
            ("CSeq", "%d %s" % (cseq or self.cseq, method)),
            ("Contact", "<%s>" % self.contact), *headers])

    def send(self, method, ruri, to, *headers):
        """A request, and the first answer."""
        self.peer.send(self.request(method, ruri, to, *headers), self.server)
        return self.recv()

    def final(self):
        """The next final answer; provisional ones are passed over."""
        while True:
            reply = self.recv()
            if reply.status >= 200:
                return reply

    def asked(self):
        """The next request; replies that come late are passed over."""
        while True:
            request = self.recv()
            if request.is_request:
                return request

    def register(self, password=None, as_user=None, expires=300):
        ruri = "sip:" + self.domain
        reply = self.send("REGISTER", ruri, self.aor,
                          ("Expires", str(expires)))
        assert reply.status == 401, reply
        return self.send(
            "REGISTER", ruri, self.aor, ("Expires", str(expires)),
            ("Authorization", digest.answer(
                reply.get("WWW-Authenticate"), "REGISTER", ruri,
                as_user or self.user,
                self.password if password is None else password)))

    def ack(self, reply, ruri, branch):
        self.peer.send(self.request(
            "ACK", ruri, reply.get("To"), cseq=self.cseq, branch=branch),
            self.server)

    def invite(self, ruri, password=None, sdp=None):
        """An INVITE, and again with the password; returns the second."""
        branch = unique("z9hG4bK")
        request = self.request("INVITE", ruri, ruri, branch=branch)
        self.peer.send(request, self.server)
        reply = self.final()
        assert reply.status == 407, reply
        self.ack(reply, ruri, branch)
        request = self.request("INVITE", ruri, ruri, (
            "Proxy-Authorization", digest.answer(
                reply.get("Proxy-Authenticate"), "INVITE", ruri, self.user,
                self.password if password is None else password)))
        self.peer.send(with_sdp(request, sdp), self.server)
        return request

    def answer(self, request, status, reason, *headers, tag=None, sdp=None):
        """Send a reply to a request that came in."""
        to = request.get("To")
        if "tag=" not in to:
            to += ";tag=" + (tag or self.tag)
        reply = Message("SIP/2.0 %d %s" % (status, reason), [
            *[("Via", via) for via in request.all("Via")],
            *[("Record-Route", rr) for rr in request.all("Record-Route")],
            ("From", request.get("From")), ("To", to),
            ("Call-ID", request.get("Call-ID")),
            ("CSeq", request.get("CSeq")), *headers])
        self.peer.send(with_sdp(reply, sdp), request.source)


def with_sdp(message, sdp):
    """The message with this description of a session, if there is one."""
    if sdp is not None:
        message.set("Content-Type", "application/sdp")
        message.body = sdp.encode()
    return message


def routes(message, reverse=False):
    """The Route headers that follow from the recorded ones."""
    recorded = [route for value in message.all("Record-Route")
                for route in split_list(value)]
    assert recorded, "no route was recorded"
    return [("Route", route) for route in
            (reversed(recorded) if reverse else recorded)]


def confirm(caller, answered):
    """ACK of an answered call."""
    caller.peer.send(caller.request(
        "ACK", parse_contact(answered.contacts()[0])[0], answered.get("To"),
        *routes(answered, reverse=True), cseq=caller.cseq), caller.server)


def hang_up(caller, answered):
    """BYE of the caller; the answer to it."""
    caller.peer.send(caller.request(
        "BYE", parse_contact(answered.contacts()[0])[0], answered.get("To"),
        *routes(answered, reverse=True)), caller.server)
    return caller.final()


def finish_call(caller, callee, invited, answered):
    """ACK of the caller and BYE of the callee, along the recorded route and
    to the contacts that each was shown."""
    confirm(caller, answered)
    ack = callee.recv()
    assert ack.method == "ACK" and ack.ruri == callee.contact
    bye = callee.request("BYE", parse_contact(invited.contacts()[0])[0],
                         invited.get("From"), *routes(invited))
    bye.set("From", answered.get("To")).set("Call-ID", caller.callid)
    callee.peer.send(bye, callee.server)
    got = caller.asked()
    assert got.method == "BYE" and got.ruri == caller.contact
    caller.answer(got, 200, "OK")
    assert callee.final().status == 200
