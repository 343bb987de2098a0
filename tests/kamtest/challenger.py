# SPDX-License-Identifier: GPL-2.0-or-later
"""A call through a server to a trunk that challenges: the caller, the trunk
and the script between them."""

from . import digest
from .message import Message
from .net import Timeout, unique
from .wait import PATIENCE

MODULES = "\n".join('loadmodule "%s.so"' % name for name in (
    "tm", "sl", "rr", "pv", "xlog", "textops", "siputils", "maxfwd", "tmx"))

# The script does what headers of the request say, so that one server serves
# many tests: X-Trunk where to, X-Mode the mode of uac_auth(), X-User, X-Realm
# and X-Password the three variables, X-Int the password as a number.
ROUTES = '''
request_route {
    %(first)s
    if(has_totag() && loose_route()) {
        if(is_method("ACK")) { t_relay(); exit; }
        if($hdr(X-Trunk) != $null) t_on_failure("TRUNK");
        t_relay();
        exit;
    }
    if(is_method("ACK|CANCEL")) {
        if(t_check_trans()) t_relay();
        exit;
    }
    record_route();
    $du = $hdr(X-Trunk);
    t_on_failure("TRUNK");
    t_relay();
}
failure_route[TRUNK] {
    if(t_is_canceled()) exit;
    if(!t_check_status("401|407")) exit;
    $avp(user) = $hdr(X-User);
    $avp(realm) = $hdr(X-Realm);
    $avp(password) = $hdr(X-Password);
    if($hdr(X-Int) != $null) {
        $avp(user) = 1001;
        $avp(password) = $(hdr(X-Int){s.int});
    }
    if($hdr(X-Mode) == $null) {
        $var(ret) = uac_auth();
    } else {
        $var(mode) = $(hdr(X-Mode){s.int});
        if($hdr(X-Call) == "mode")
            $var(ret) = uac_auth_mode("$var(mode)");
        else
            $var(ret) = uac_auth("$var(mode)");
    }
    %(after)s
    if($var(ret) > 0) {
        t_on_failure("TRUNK");
        t_relay();
    } else if($var(ret) == -1) {
        t_reply("480", "uac_auth said -1");
    }
    exit;
}
'''

AVPS = '''
modparam("uac", "auth_username_avp", "$avp(user)")
modparam("uac", "auth_realm_avp", "$avp(realm)")
modparam("uac", "auth_password_avp", "$avp(password)")
'''


def credentials(*texts):
    return "\n".join('modparam("uac", "credential", "%s")' % text
                     for text in texts)


def config(params="", modules="", routes=ROUTES, first="", after=""):
    """A configuration with uac.so; modules: lines before it."""
    return "\n".join([
        MODULES, modules, 'loadmodule "uac.so"',
        'modparam("uac", "restore_mode", "none")',
        'modparam("tm", "fr_timer", 3000)', params,
        routes % {"first": first, "after": after}])


def challenge(realm="trunk.example", nonce="n1", header="WWW-Authenticate",
              **fields):
    """One header of a 401 or 407: (name, value)."""
    text = 'Digest realm="%s", nonce="%s"' % (realm, nonce)
    for name, value in fields.items():
        text += ", %s=%s" % (name, value if name in (
            "algorithm", "stale", "userhash") else '"%s"' % value)
    return header, text


PROXY = "Proxy-Authenticate"


class Answers:
    """The credentials of one request: by header and realm."""

    def __init__(self, request):
        self.fields = []
        for name, value in request.headers:
            if name.lower() in ("authorization", "proxy-authorization"):
                self.fields.append((name, value, digest.parse(value)[1]))

    def __len__(self):
        return len(self.fields)

    def of(self, realm, header="Authorization"):
        """The one answer to a realm: (value, fields)."""
        found = [(value, fields) for name, value, fields in self.fields
                 if name == header and fields.get("realm") == realm]
        assert len(found) == 1, self.fields
        return found[0]


class TrunkCall:
    """One request through the server, moved by hand.

    caller: UdpPeer; trunk: UdpPeer, or TcpListener for a TCP trunk.
    """

    def __init__(self, kamailio, caller, trunk, method="MESSAGE", headers=(),
                 body="", ruri="sip:bob@trunk.example", dialog=None, cseq=7):
        self.kamailio = kamailio
        self.caller = caller
        self.trunk = trunk
        self.listener = None
        self.method = method
        where = "sip:%s:%d" % (trunk.host, trunk.port)
        if hasattr(trunk, "accept"):
            self.listener, self.trunk = trunk, None
            where += ";transport=tcp"
        first = [("Via", "SIP/2.0/UDP %s;branch=z9hG4bK%s"
                  % (caller.addr, unique()))]
        ids = dialog or [
            ("From", "<sip:alice@example.org>;tag=%s" % unique("f")),
            ("To", "<sip:bob@trunk.example>"), ("Call-ID", unique("c"))]
        self.request = Message("%s %s SIP/2.0" % (method, ruri), first + ids + [
            ("CSeq", "%d %s" % (cseq, method)), ("Max-Forwards", "70"),
            ("Contact", "<sip:alice@%s>" % caller.addr),
            ("X-Trunk", where), *headers], body)
        if body:
            self.request.set("Content-Type", "text/plain")
        self.tag = unique("t")

    def send(self):
        self.caller.send(self.request, self.kamailio.addr)
        return self

    def arrives(self, timeout=PATIENCE):
        """The next request at the trunk that is no ACK and, on a machine
        too busy for half a second, no retransmission."""
        if self.trunk is None:
            self.trunk = self.listener.accept()
        if not hasattr(self.trunk, "seen"):
            self.trunk.seen = set()
        while True:
            message = self.trunk.recv(timeout)
            if message.method == "ACK":
                continue
            key = (message.get("Via"), message.method)
            if key not in self.trunk.seen:
                self.trunk.seen.add(key)
                return message

    def reply(self, request, code, headers=()):
        keep = ("via", "from", "call-id", "cseq", "record-route")
        to = request.get("To")
        if "tag=" not in to:
            to += ";tag=" + self.tag
        self.trunk.send(Message(
            "SIP/2.0 %d Said" % code,
            [pair for pair in request.headers if pair[0].lower() in keep]
            + [("To", to),
               ("Contact", "<sip:bob@%s:%d>"
                % (self.trunk.host, self.trunk.port)), *headers]),
            request.source)

    def challenged(self, *headers, code=401):
        """Challenge what arrives now; the request that was challenged."""
        request = self.arrives()
        self.reply(request, code, headers)
        return request

    def final(self):
        """The final answer at the caller."""
        while True:
            message = self.caller.recv()
            if message.status >= 200:
                return message

    def accepted(self):
        """Accept what arrives now, end to end; that request."""
        request = self.arrives()
        self.reply(request, 200)
        assert self.final().status == 200
        return request

    def refused(self):
        """Assert that uac_auth() failed and nothing more was sent."""
        message = self.final()
        assert (message.status, message.reason) == (480, "uac_auth said -1")
        try:
            late = self.arrives(0.05)
        except Timeout:
            return
        raise AssertionError("sent to the trunk: %r" % late)


def check(request, password, realm="trunk.example", header="Authorization"):
    """Verify the answer of a request; its fields."""
    value, fields = Answers(request).of(realm, header)
    ok, _ = digest.verify(value, request.method, password, request.body)
    assert ok, value
    assert fields["uri"] == request.ruri
    return fields
