# SPDX-License-Identifier: GPL-2.0-or-later
"""Talking with a server of a pair until it has nothing more to say."""

import re
import time

from kamtest import digest
from kamtest.message import Message, split_list

from .record import normal_request
from .sip import ack_of, reply_to  # noqa: F401 (for those who talk)

PATIENCE_S = 20
LOOK_S = 0.3  # how often a silent server is looked after
CREDENTIALS = ("authorization", "proxy-authorization")


class Talk:
    """One exchange of a scenario: everything the sockets get, in order.

    What a server does without a timer it does in its one worker, one
    message after the other: when a request sent after all others is
    answered and nothing new was there to be answered, it is through."""

    def __init__(self, stage):
        self.stage = stage
        self.side = stage.side
        self.wire = stage.side.wire
        self.log = []  # [(socket, message)]
        self.known = set()
        self.end = None

    def send(self, name, message, to=None):
        self.wire.send(name, message, to or self.side.address())

    def run(self, react=lambda name, message: []):
        """react(socket, message): [(socket, message)] to send for it."""
        while self.end is None:
            sync = self.sync()
            is_quiet = True
            for name, got in self._until(sync):
                self.log.append((name, got))
                for where, answer in react(name, got):
                    self.send(where, answer, got.source)
                    is_quiet = False
            if is_quiet:
                break
        return self

    def sync(self):
        callid = "%s-sync-%d" % (self.stage.me, self.stage.number())
        self.send("c", Message("OPTIONS sip:peer-sync@localhost SIP/2.0", [
            ("Via", "SIP/2.0/UDP %s;branch=z9hG4bK%s"
             % (self.side.values["c"], callid)), ("Max-Forwards", "70"),
            ("From", "<sip:sync@localhost>;tag=1"),
            ("To", "<sip:sync@localhost>"), ("Call-ID", callid),
            ("CSeq", "1 OPTIONS")]))
        return callid

    def _until(self, sync):
        """What arrives before the answer to a sync, and with it."""
        end, is_synced = time.time() + PATIENCE_S, False
        while True:
            name, got = self.wire.receive(
                self.side.sources, 0 if is_synced else LOOK_S)
            if got is None:
                if is_synced:
                    return
                if not self.side.kam.alive() or time.time() > end:
                    self.end = "died" if self.side.is_dead() else "no reply"
                    return
            elif got.get("Call-ID") == sync:
                is_synced = True
            elif self._is_new(name, got):
                yield name, got

    def _is_new(self, name, got):
        """Whether it is this scenario's, no 100 and not sent again."""
        key = (name, got.start, got.get("Via"), got.get("CSeq"),
               got.get("To"))
        if (self.stage.me.encode() not in got.encode() or key in self.known
                or not got.is_request and got.status == 100):
            return False
        self.known.add(key)
        return True

    def fields(self, normal):
        """{"at SOCKET": texts}, by normal(message)."""
        out = {}
        for name, got in self.log:
            out.setdefault("at %s" % name, []).append(normal(got))
        if self.end:
            out["end"] = [self.end]
        return out


def normal(message, stage):
    """A message as its receiver gets it, as one text; what is in credentials
    is for answers()."""
    out = Message(message.start, [
        (n, v.split(" ")[0] + " ..." if n.lower() in CREDENTIALS else v)
        for n, v in message.headers], message.body)
    text = normal_request(out, stage)
    if not message.is_request:
        text = re.sub(r"(\n(?:To|t):.*;tag=)(?!%s)[^;\n]*" % stage.me, r"\1{tag}",
                      text)
    return text


def answers(talk, passwords):
    """Fields of every answer to a challenge that was sent. passwords:
    {user: password}, what they are verified with: which cnonce was taken and
    what came of it has no meaning of its own."""
    values = [(got, v) for _, got in talk.log if got.is_request
              for n, v in got.headers if n.lower() in CREDENTIALS]
    out = {}
    for n, (request, value) in enumerate(values, 1):
        for field in split_list(value.partition(" ")[2]):
            name, _, text = field.partition("=")
            if name == "cnonce":
                text = "{cnonce}"
            if name == "response":
                text = "right" if _is_right(request, value, passwords) \
                    else "wrong"
            out.setdefault("answer %d %s" % (n, name), []).append(
                talk.stage.normal(text))
    return out


def _is_right(request, value, passwords):
    for user, password in passwords.items():
        _, fields = digest.parse(value)
        name = digest.hashed_user(user, fields) \
            if fields.get("userhash") == "true" else user
        if fields.get("username") != name:
            continue
        value = value.replace('username="%s"' % name, 'username="%s"' % user)
        try:
            return digest.verify(value, request.cseq[1], password,
                                 request.body)[0]
        except KeyError:  # no algorithm of that name
            return False
    return False
