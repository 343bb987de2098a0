# SPDX-License-Identifier: GPL-2.0-or-later
"""Have a Kamailio send requests with uac_req_send(): a request to it is the
order, its X- headers are the keys of $uac_req, its answer tells the return
code."""

import re
import time

from .message import Message
from .net import unique
from .wait import PATIENCE

TEXTS = ("method", "ruri", "turi", "furi", "ouri", "sock", "callid", "hdrs",
         "body", "auser", "apasswd", "evparam", "ftag", "ttag")
NUMBERS = ("flags", "evroute", "evcode", "evtype", "cseqno", "fr_timeout",
           "fr_inv_timeout")

MODULES = """
loadmodule "pv.so"
loadmodule "xlog.so"
loadmodule "tm.so"
loadmodule "tmx.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "kex.so"
loadmodule "uac.so"
modparam("tm", "wt_timer", 200)
"""


def _set_from_headers(texts, numbers):
    lines = ["$uac_req(all) = $null;", '$uac_req(method) = "OPTIONS";']
    for key in texts:
        lines.append('if(is_present_hf("X-%s")) $uac_req(%s) = $hdr(X-%s);'
                     % (key, key, key))
    for key in numbers:
        lines.append('if(is_present_hf("X-%s")) '
                     "$uac_req(%s) = $(hdr(X-%s){s.int});" % (key, key, key))
    # what has line ends comes as the body of the order
    lines.append('if(is_present_hf("X-body-is")) {')
    for key in ("hdrs", "body", "ruri", "apasswd"):
        lines.append('  if($hdr(X-body-is) == "%s") $uac_req(%s) = $rb;'
                     % (key, key))
    lines.append("}")
    return "\n".join(lines)


#: what a script reads when the answer is there
EVENT = ('xlog("EV|code=$uac_req(evcode)|type=$uac_req(evtype)'
         "|param=$uac_req(evparam)|method=$uac_req(method)|rs=$rs|ci=$ci"
         "|cs=$cs|x=$hdr(X-T)|auser=$uac_req(auser)|si=$si|rt=$T_reply_code"
         '|callid=$uac_req(callid)|\\n");')

ROUTES = """
route[SET] { %s }
route[SEND] {
    uac_req_send();
    $var(rc) = $rc;
    sl_send_reply("200", "rc $var(rc)");
    exit;
}
"""


def config(main="route(SET); route(SEND);", event=EVENT, more="", params="",
           modules="", texts=TEXTS, numbers=NUMBERS):
    """A server that does as ordered. main: what request_route does;
    event: body of event_route[uac:reply], None for no such route; texts,
    numbers: the keys there are."""
    text = [MODULES, modules, params,
            ROUTES % _set_from_headers(texts, numbers),
            "request_route { if(is_method(\"ACK\")) exit;\n%s\n}" % main]
    if event is not None:
        text.append("event_route[uac:reply] { %s }" % event)
    return "\n".join([*text, more])


def order(kam, peer, user="x", body=b"", order_as="OPTIONS", wait=True,
          **keys):
    """Order a request; returns uac_req_send()'s return code."""

    headers = [("Via", "SIP/2.0/UDP %s;branch=z9hG4bK%s"
                % (peer.addr, unique("o"))),
               ("From", "<sip:order@test>;tag=%s" % unique("f")),
               ("To", "<sip:%s@%s:%d>" % (user, *kam.addr)),
               ("Call-ID", unique("order")), ("CSeq", "1 %s" % order_as),
               ("Max-Forwards", "70")]
    headers += [("X-%s" % key.replace("body_is", "body-is"), str(value))
                for key, value in keys.items()]
    peer.send(Message("%s sip:%s@%s:%d SIP/2.0" % (order_as, user, *kam.addr),
                      headers, body), kam.addr)
    if not wait:
        return None
    answer = peer.recv()
    return int(answer.reason.split()[-1])


def reply(request, code, reason="Test", headers=(), body=b"", tag="peer"):
    """The answer of a UAS to a request it received."""
    wanted = ("via", "from", "call-id", "cseq")
    own = [(n, v) for n, v in request.headers if n.lower() in wanted]
    to = request.get("To")
    if code > 100 and ";tag=" not in to:
        to += ";tag=" + tag
    return Message("SIP/2.0 %d %s" % (code, reason),
                   [*own, ("To", to), *headers], body)


def answer(peer, code, headers=(), **more):
    """Receive a request and answer it; returns the request."""
    request = peer.recv()
    peer.send(reply(request, code, headers=headers, **more), request.source)
    return request


class Events:
    """The event routes that ran since this was made."""

    def __init__(self, kam):
        self.kam = kam
        self.mark = len(kam.log())

    def read(self):
        out = []
        for line in self.kam.log()[self.mark:].splitlines():
            found = re.search(r"EV\|(.*)\|$", line)
            if found:
                out.append(dict(field.partition("=")[::2]
                                for field in found.group(1).split("|")))
        return out

    def wait(self, n, timeout=PATIENCE, settle=0.05):
        """Exactly n of them, also a moment later."""
        end = time.time() + timeout
        while len(self.read()) < n and time.time() < end:
            time.sleep(0.01)
        time.sleep(settle)
        got = self.read()
        assert len(got) == n, "%d events, not %d: %s" % (len(got), n, got)
        return got


def shm_of_uac(kam):
    """Bytes of shared memory the module holds, by the place that took
    them."""
    status, text = kam.kamcmd("mod.stats", "uac", "shm")
    assert status == 0, text
    return {name: int(size) for name, size in
            re.findall(r"^\s*(\w+)\(\d+\): (\d+)", text, re.M)}


def settle_shm(kam, function, timeout=PATIENCE):
    """Wait until nothing that this function of ours took is left; returns
    the bytes that are left at the end."""
    end = time.time() + timeout
    while True:
        left = shm_of_uac(kam).get(function, 0)
        if left == 0 or time.time() > end:
            return left
        time.sleep(0.1)
