# SPDX-License-Identifier: GPL-2.0-or-later
"""uac_req_send() to compare: an order to the server, the request that comes
of it, its answers and the events."""

import re

from kamtest.kamailio import RELEASE
from kamtest.message import Message
from kamtest.uacreq import EVENT, NUMBERS, TEXTS, Events, config

from .pair import SYNC
from .scene import Setup
from .uac_talk import Talk, answers, normal, reply_to

# Keys the packaged module has, by release (A.15).
SINCE = {"cseqno": (6, 0), "ftag": (6, 1), "ttag": (6, 1),
         "fr_timeout": (6, 1), "fr_inv_timeout": (6, 1)}
PASSWORDS = {"alice": "secret", "bob": "b" * 60, "carol": "c c"}
# "all" leaves the credentials of an order before in place (W-U24)
MAIN = SYNC + """
    if(!is_present_hf("X-Leave")) {
        $uac_req(auser) = "";
        $uac_req(apasswd) = "";
    }
    route(SET);
    route(SEND);
"""


def _known(keys):
    return [k for k in keys if SINCE.get(k, (0, 0)) <= RELEASE]


def setup(name, **parts):
    return Setup(name, config(
        MAIN, EVENT, texts=_known(TEXTS), numbers=_known(NUMBERS), **parts))


class Order:
    """keys: of $uac_req; ruri is the phone's unless they say so. replies: to
    the requests, one after the other, [status, header...]; 200 in the end.
    body, body_is: what has line ends, and which key it is for."""

    def __init__(self, *replies, body="", body_is=None, leave=False, **keys):
        self.answers = replies
        self.body = body
        self.body_is = body_is
        self.leave = leave
        self.keys = {"ruri": "sip:{me}@{p0}", **keys}

    def message(self, stage):
        callid = "%s-order-%d" % (stage.me, stage.number())
        out = Message("OPTIONS sip:order@test SIP/2.0", [
            ("Via", stage.fill("SIP/2.0/UDP {c};branch=z9hG4bK" + callid)),
            ("From", "<sip:order@test>;tag=" + stage.me),
            ("To", "<sip:order@test>"), ("Call-ID", callid),
            ("CSeq", "1 OPTIONS"), ("Max-Forwards", "70"),
            *(("X-" + k, stage.fill(str(v))) for k, v in self.keys.items()
              if v is not None)], stage.fill(self.body))
        if self.body_is:
            out.headers.append(("X-body-is", self.body_is))
        if self.leave:
            out.headers.append(("X-Leave", "yes"))
        return out

    def play(self, stage):
        """Again, where a server has died: the packaged module frees something
        twice when an order with evroute was answered with credentials, and
        what comes later may end its server."""
        serial = stage.serial
        out = self._play(stage)
        if out.get("end") == ["died"]:
            stage.serial = serial
            out = self._play(stage)
        return out

    def _play(self, stage):
        left, talk = list(self.answers), Talk(stage)
        events = Events(stage.side.kam)

        def react(name, got):
            if not got.is_request or got.method == "ACK":
                return []
            status, *headers = left.pop(0) if left else [200]
            return [(name, reply_to(got, status, tag="far", headers=[
                (n, stage.fill(v)) for n, v in headers]))]

        talk.send("c", self.message(stage))
        talk.run(react)
        made = _Made(stage)
        out = talk.fields(lambda m: made.normal(normal(m, stage)))
        out.update(answers(talk, PASSWORDS))
        for n, event in enumerate(events.read(), 1):
            for key, value in event.items():
                out["event %d %s" % (n, key)] = [
                    made.normal(stage.normal(value))]
        return out

    def __repr__(self):
        rows = ["%s: %s" % row for row in self.keys.items()]
        rows += ["-> %s" % (r,) for r in self.answers]
        return "order%s\n    %s" % ("".join("\n    " + r for r in rows),
                                    self.body)


class _Made:
    """Names for the Call-IDs and tags that the server has made."""

    def __init__(self, stage):
        self.me = stage.me
        self.seen = []

    def normal(self, text):
        text = re.sub(r"(\nCall-ID: )(?!.*%s)(.*)" % self.me, self._name,
                      text)
        text = re.sub(r"(\nFrom: .*;tag=)(?!%s)([^;\n]*)" % self.me,
                      self._name, text)
        for n, made in enumerate(self.seen, 1):
            text = text.replace(made, "{made%d}" % n)
        return text

    def _name(self, match):
        if match[2] not in self.seen:
            self.seen.append(match[2])
        return match[0]
