# SPDX-License-Identifier: GPL-2.0-or-later
"""A caller and a callee that a test moves by hand through a call, and the
proxy between them that changes From and To."""

from .message import Message
from .net import unique
from .wait import PATIENCE

PROXY = '''
loadmodule "tm.so"
loadmodule "tmx.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "textops.so"
loadmodule "textopsx.so"
loadmodule "siputils.so"
loadmodule "xlog.so"
%(modules)s
loadmodule "uac.so"
modparam("tm", "fr_timer", 2000)
modparam("rr", "append_fromtag", 1)
modparam("rr", "enable_full_lr", 1)
%(params)s
request_route {
	if(is_method("CANCEL")) {
		if(t_check_trans()) t_relay();
		exit;
	}
	if(has_totag()) {
		if(!loose_route()) {
			if(is_method("ACK") && t_check_trans()) t_relay();
			%(no_route)s
			exit;
		}
		%(within)s
		t_relay();
		exit;
	}
	%(first)s
	if($hdr(X-Record) == "before") record_route();
	route(REPLACE);
	%(after)s
	if($hdr(X-Record) != "before") record_route();
	$du = "sip:" + $hdr(X-To-Addr);
	%(relay)s
	t_relay();
}
# X-From, X-To: the new URI. X-From-Name, X-To-Name: the new display name,
# "-" for none; not there: one argument. "-" as URI: keep it.
route[REPLACE] {
	$var(fu) = $hdr(X-From); if($var(fu) == "-") $var(fu) = "";
	$var(fn) = $hdr(X-From-Name); if($var(fn) == "-") $var(fn) = "";
	$var(tu) = $hdr(X-To); if($var(tu) == "-") $var(tu) = "";
	$var(tn) = $hdr(X-To-Name); if($var(tn) == "-") $var(tn) = "";
	if(is_present_hf("X-From-Name")) {
		uac_replace_from("$var(fn)", "$var(fu)");
		xlog("L_NOTICE", "RESULT from $rc\\n");
	} else if(is_present_hf("X-From")) {
		uac_replace_from("$var(fu)");
		xlog("L_NOTICE", "RESULT from $rc\\n");
	}
	if(is_present_hf("X-To-Name")) {
		uac_replace_to("$var(tn)", "$var(tu)");
		xlog("L_NOTICE", "RESULT to $rc\\n");
	} else if(is_present_hf("X-To")) {
		uac_replace_to("$var(tu)");
		xlog("L_NOTICE", "RESULT to $rc\\n");
	}
}
'''

DIALOG = '''loadmodule "dialog.so"
modparam("dialog", "enable_stats", 0)'''


def proxy(**parts):
    """The configuration of the proxy; every part is optional."""
    names = ("modules", "params", "first", "after", "relay", "within",
             "no_route")
    return PROXY % {name: parts.get(name, "") for name in names}


def address(value):
    """A From or To value without tag and header parameters."""
    if "<" in value:
        return value[:value.rindex(">") + 1]
    return value.split(";")[0]


def seen(message):
    """(From, To) of a message as its receiver reads them."""
    return address(message.get("From")), address(message.get("To"))


class Call:
    """One call. Requests and replies return what the other side receives.

    Each side sends the addresses it was shown; a test may change them
    (caller_from, caller_to, callee_from, callee_to), the routes, and the hop
    where each side sends to.
    """

    def __init__(self, proxy_addr, caller, callee, from_="<sip:alice@a.example>",
                 to="<sip:bob@b.example>", headers=(), names=("From", "To")):
        self.caller, self.callee = caller, callee
        self.hop = {caller: proxy_addr, callee: proxy_addr}
        self.caller_from, self.caller_to = from_, to
        self.headers, self.names = list(headers), names
        self.known = set()
        self.again()

    def again(self):
        """From the beginning: another call of the same two. Messages of the
        former stay known, for it may end with a retransmission under way."""
        self.callid = unique("call")
        self.from_tag, self.to_tag = unique("ft"), unique("tt")
        self.cseq = {self.caller: 1, self.callee: 100}
        self.routes = {self.caller: [], self.callee: []}

    def next(self, peer, timeout=PATIENCE):
        """What a side receives next; 100s and retransmissions are passed."""
        while True:
            got = peer.recv(timeout)
            key = (peer, got.start, got.get("CSeq"), got.get("Via"))
            if key in self.known:
                continue
            self.known.add(key)
            if got.is_request or got.status != 100:
                return got

    @staticmethod
    def _where(peer):
        """A peer's address as a URI has it."""
        return peer.addr + (";transport=tcp" if peer.proto == "TCP" else "")

    def _request(self, peer, method, ruri, cseq, branch=None):
        if peer is self.caller:
            from_ = "%s;tag=%s" % (self.caller_from, self.from_tag)
            to = "%s;tag=%s" % (self.caller_to, self.to_tag)
        else:
            from_ = "%s;tag=%s" % (self.callee_from, self.to_tag)
            to = "%s;tag=%s" % (self.callee_to, self.from_tag)
        branch = branch or unique("z9hG4bK")
        return Message("%s %s SIP/2.0" % (method, ruri), [
            ("Via", "SIP/2.0/%s %s;branch=%s"
             % (peer.proto, peer.addr, branch)),
            ("Max-Forwards", "70"), (self.names[0], from_),
            (self.names[1], to), ("Call-ID", self.callid),
            ("CSeq", "%d %s" % (cseq, method)), ("Content-Length", "0")])

    def first(self, method="INVITE"):
        """The request that begins the dialog, not sent."""
        ruri = "sip:bob@" + self._where(self.callee)
        message = self._request(self.caller, method, ruri, 1)
        message.set(self.names[1], self.caller_to)
        message.headers += [("Contact", "<sip:alice@%s>" % self.caller.addr),
                            ("X-To-Addr", self._where(self.callee)), *self.headers]
        return message

    def invite(self, method="INVITE"):
        self.sent = self.first(method)
        self.caller.send(self.sent, self.hop[self.caller])
        self.got = self.next(self.callee)
        self.callee_to, self.callee_from = seen(self.got)
        self.routes[self.callee] = self.got.all("Record-Route")
        return self.got

    def reply(self, request, code, peer=None):
        """Answer a request as it was received; what its sender gets."""
        peer = peer or self.callee
        other = self.caller if peer is self.callee else self.callee
        peer.send(self.answer(request, code, peer), self.hop[peer])
        return self.next(other)

    def answer(self, request, code, peer=None):
        peer = peer or self.callee
        to = request.get("To")
        if ";tag=" not in to:
            to += ";tag=" + self.to_tag
        headers = [("Via", v) for v in request.all("Via")]
        headers += [("Record-Route", v) for v in request.all("Record-Route")]
        headers += [(self.names[0], request.get("From")), (self.names[1], to),
                    ("Call-ID", self.callid), ("CSeq", request.get("CSeq")),
                    ("Contact", "<sip:%s>" % self._where(peer)),
                    ("Content-Length", "0")]
        if request.all("Record-Route") and code > 100 and peer is self.callee:
            self.routes[self.caller] = request.all("Record-Route")[::-1]
        return Message("SIP/2.0 %d Because" % code, headers)

    def request(self, peer, method, cseq=None):
        """A request within the dialog, sent; what the other side gets."""
        message = self.within(peer, method, cseq)
        peer.send(message, self.hop[peer])
        other = self.caller if peer is self.callee else self.callee
        return self.next(other)

    def within(self, peer, method, cseq=None):
        if cseq is None:
            self.cseq[peer] += 1
            cseq = self.cseq[peer]
        other = self.caller if peer is self.callee else self.callee
        message = self._request(peer, method, "sip:x@" + self._where(other),
                                cseq)
        message.headers += [("Route", route) for route in self.routes[peer]]
        message.headers.append(("Contact", "<sip:x@%s>" % peer.addr))
        return message

    def ack(self, peer, cseq=None):
        return self.request(peer, "ACK",
                            self.cseq[peer] if cseq is None else cseq)
