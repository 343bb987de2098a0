# SPDX-License-Identifier: GPL-2.0-or-later
"""uac_auth() to compare: a request through the server to a trunk that
challenges."""

from kamtest.challenger import AVPS, MODULES, credentials
from kamtest.message import Message

from .pair import SYNC
from .scene import Setup
from .uac_talk import Talk, ack_of, answers, normal, reply_to

REALM = "trunk.example"
# user: password; those of the parameters, and of scripts
PASSWORDS = {"alice": "secret", "bob": "builder", "carol": "c\u00e4rol",
             "dave": "d:a:v:e", "o'user": "p w"}
HOME = (("alice", REALM), ("bob", "other.example"))
ROUTES = """
request_route {
    %s
    if(is_method("ACK")) { if(t_check_trans()) t_relay(); exit; }
    $du = "sip:{p0}";
    t_on_failure("TRUNK");
    t_relay();
    exit;
}
failure_route[TRUNK] {
    if(!t_check_status("401|407")) exit;
    if(is_present_hf("X-User")) $avp(user) = $hdr(X-User);
    if(is_present_hf("X-Realm")) $avp(realm) = $hdr(X-Realm);
    if(is_present_hf("X-Password")) $avp(password) = $hdr(X-Password);
    switch($hdr(X-Call)) {
        case "0": uac_auth("0"); break;
        case "1": uac_auth("1"); break;
        case "mode-0": uac_auth_mode("0"); break;
        case "mode-1": uac_auth_mode("1"); break;
        default: uac_auth();
    }
    $var(rc) = $rc;
    append_hf("X-Rc: $var(rc)\\r\\n");
    if($var(rc) > 0) {
        t_on_failure("TRUNK");
        t_relay();
    } else {
        append_to_reply("X-Rc: $var(rc)\\r\\n");
        t_reply("480", "uac_auth() failed");
    }
    exit;
}
"""


def setup(name, params="", modules="", passwords=None):
    """passwords: {user: what the parameter has for it}"""
    passwords = passwords or PASSWORDS
    known = credentials(*("%s:%s:%s" % (user, realm, passwords[user])
                          for user, realm in HOME))
    return Setup(name, "\n".join([
        MODULES, modules, 'loadmodule "uac.so"',
        'modparam("uac", "restore_mode", "none")', AVPS, known, params,
        ROUTES % SYNC]))


class Challenged:
    """A request, and what the trunk answers, one after the other: lists of
    (name, value) with a status before them; 200 in the end."""

    def __init__(self, *answers, method="MESSAGE", headers=(), body="",
                 ruri="sip:bob@trunk.example"):
        self.answers = answers
        self.method = method
        self.headers = list(headers)
        self.body = body
        self.ruri = ruri

    def get(self, name):
        """The first header of that name, or None."""
        return dict(reversed(self.headers)).get(name)

    def message(self, stage):
        branch = "z9hG4bK%sn%d" % (stage.me, stage.number())
        out = Message("%s %s SIP/2.0" % (self.method, self.ruri), [
            ("Via", stage.fill("SIP/2.0/UDP {c};branch=" + branch)),
            ("From", "<sip:alice@example.org>;tag=" + stage.me),
            ("To", "<%s>" % self.ruri), ("Call-ID", branch),
            ("CSeq", "7 %s" % self.method), ("Max-Forwards", "70"),
            ("Contact", stage.fill("<sip:alice@{c}>"))] + self.headers,
            self.body)
        if self.body:
            out.set("Content-Type", "text/plain")
        return out

    def play(self, stage):
        request = self.message(stage)
        left = list(self.answers)
        talk = Talk(stage)

        def react(name, got):
            if name == "p0" and got.method != "ACK":
                status, *headers = left.pop(0) if left else [200]
                headers = [(n, stage.fill(v)) for n, v in headers]
                return [(name, reply_to(got, status, headers=headers,
                                        tag="far"))]
            if name == "c" and self.method == "INVITE" and got.status >= 300:
                return [(name, ack_of(request, got))]
            return []

        talk.send("c", request)
        out = talk.run(react).fields(lambda m: normal(m, stage))
        out.update(answers(talk, PASSWORDS))
        return out

    def __repr__(self):
        rows = ["%s: %s" % row for row in self.headers]
        for answer in self.answers:
            rows += ["%s" % answer[0]] + ["  %s: %s" % h for h in answer[1:]]
        return "%s %s%s" % (self.method, self.ruri, "".join(
            "\n    " + row for row in rows))


def challenge(realm=REALM, nonce="{me}-1", code=401, header=None, **fields):
    """(status, (name, value)); a value of None leaves a field out, one that
    begins with = is written as it is."""
    rows = [("realm", realm), ("nonce", nonce), *fields.items()]
    text = ", ".join(
        "%s=%s" % (n, v[1:] if v[:1] == "=" else '"%s"' % v)
        for n, v in rows if v is not None)
    return code, (header or ("WWW-Authenticate" if code == 401 else
                             "Proxy-Authenticate"), "Digest " + text)
