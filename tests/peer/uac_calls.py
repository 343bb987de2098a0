# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls through a proxy that changes From and To: what each side sees of
every message."""

import re

from kamtest.message import Message

from .pair import SYNC
from .scene import Setup
from .uac_talk import Talk, ack_of, normal, reply_to

MODULES = "\n".join('loadmodule "%s.so"' % name for name in (
    "tm", "tmx", "sl", "rr", "pv", "textops", "siputils", "xlog"))
# X-From, X-To: the new URI; X-From-Name, X-To-Name: the new display name, the
# form with two arguments. "-" is an empty one.
ROUTES = """
request_route {
    %(sync)s
    if(is_method("CANCEL")) { if(t_check_trans()) t_relay(); exit; }
    if(has_totag()) {
        if(!loose_route()) {
            if(is_method("ACK") && t_check_trans()) t_relay();
            exit;
        }
        %(within)s
        t_relay();
        exit;
    }
    %(first)s
    if($hdr(X-Record) == "before") record_route();
    if($hdr(X-Where) == "branch") t_on_branch("REPLACE");
    else route(REPLACE);
    if($hdr(X-Record) != "before" && $hdr(X-Record) != "no") record_route();
    $du = "sip:{p0}";
    t_relay();
}
branch_route[REPLACE] { route(REPLACE); }
route[REPLACE] {
    $var(rf) = "-"; $var(rt) = "-";
    $var(fu) = $hdr(X-From); if($var(fu) == "-") $var(fu) = "";
    $var(fn) = $hdr(X-From-Name); if($var(fn) == "-") $var(fn) = "";
    $var(tu) = $hdr(X-To); if($var(tu) == "-") $var(tu) = "";
    $var(tn) = $hdr(X-To-Name); if($var(tn) == "-") $var(tn) = "";
    if(is_present_hf("X-From-Name")) {
        uac_replace_from("$var(fn)", "$var(fu)"); $var(rf) = $rc;
    } else if(is_present_hf("X-From")) {
        uac_replace_from("$var(fu)"); $var(rf) = $rc;
    }
    if(is_present_hf("X-To-Name")) {
        uac_replace_to("$var(tn)", "$var(tu)"); $var(rt) = $rc;
    } else if(is_present_hf("X-To")) {
        uac_replace_to("$var(tu)"); $var(rt) = $rc;
    }
    append_hf("X-Rc: $var(rf) $var(rt)\\r\\n");
}
"""
MANUAL = """
    uac_restore_from(); $var(rf) = $rc;
    uac_restore_to(); $var(rt) = $rc;
    append_hf("X-Rc: $var(rf) $var(rt)\\r\\n");
"""
DIALOG = '''loadmodule "dialog.so"
modparam("dialog", "enable_stats", 0)'''
KEPT = re.compile(r";(vsf|vst|kf|kt|did)=[^;>\s]*")


def setup(name, mode="auto", modules="", within="", first="", **params):
    rows = [("restore_mode", mode), *params.items()]
    one = Setup(name, "\n".join([
        MODULES, modules, 'loadmodule "uac.so"',
        'modparam("rr", "enable_full_lr", 1)',
        'modparam("rr", "append_fromtag", 1)',
        *('modparam("uac", "%s", %s)' % (
            n, v if isinstance(v, int) else '"%s"' % v) for n, v in rows),
        ROUTES % {"sync": SYNC, "within": within, "first": first}]))
    one.mode = mode
    one.is_dialog = bool(params.get("restore_dlg"))
    return one


class Call:
    """What the two ends know, caller "c" and callee "p0"."""

    def __init__(self, stage, compact):
        self.known = set()
        self.names = ("f", "t") if compact else ("From", "To")
        self.callid = "%s-call" % stage.me
        self.local, self.remote = {}, {}  # From and To values to be sent
        self.routes = {"c": [], "p0": []}
        self.cseq = {"c": 1, "p0": 100}
        self.sent = {}  # the last request of each end
        self.got = {}  # the last request at each end
        self.final = None  # the last reply at the caller

    def takes(self, name, got):
        """Learn from a message as any phone does."""
        if got.is_request:
            if got.method not in ("ACK", "CANCEL"):
                self.got[name] = self.got[name, got.method] = got
            if name == "p0" and not self.routes[name]:
                self.remote[name] = got.get("From")
                self.local[name] = tagged(got.get("To"), "callee")
                self.routes[name] = got.all("Record-Route")
        elif name == "c" and got.cseq[0] == 1:
            self.final = got
            self.remote[name] = got.get("To")
            if got.all("Record-Route"):
                self.routes[name] = got.all("Record-Route")[::-1]


ADDRESS = re.compile(r'((?:"(?:[^"\\]|\\.)*"|[^"<])*<)([^>]*)(>.*)$')
ENDS = {"from": "from", "f": "from", "to": "to", "t": "to"}


def without_addresses(message):
    return Message(message.start, [
        (n, "..." if n.lower() in ENDS else v)
        for n, v in message.headers], message.body)


def addresses(talk):
    """{"from c.N uri": text, "from c.N form": what is around it}, and To, of
    the N-th message there."""
    out, count = {}, {}
    for where, message in talk.log:
        count[where] = count.get(where, 0) + 1
        for name, value in message.headers:
            end = ENDS.get(name.lower())
            if end is None:
                continue
            found = ADDRESS.match(value)
            before, uri, after = found.groups() if found else (
                "", value.split(";")[0], value[len(value.split(";")[0]):])
            after = re.sub(r"(;tag=)(?!callee|%s)[^;]*" % talk.stage.me,
                           r"\1{tag}", after)
            for what, text in ("uri", uri), ("form", before + "U" + after):
                out.setdefault("%s %s.%d %s" % (
                    end, where, count[where], what), []).append(
                    talk.stage.normal(text))
    return out


def tagged(value, tag):
    return value if ";tag=" in value else "%s;tag=%s" % (value, tag)


class Step:
    """One message and all that follows from it at once."""

    def play(self, stage):
        talk = Talk(stage)
        call = self.call(stage)
        if call is None:
            return {}
        talk.known = call.known
        message = self.message(stage, call)
        if message is None:  # what it is about has not arrived
            return {"step": ["impossible"]}
        talk.send(self.by, message)

        def react(name, got):
            if got.is_request and got.method == "CANCEL":
                return [(name, reply_to(got, 200)), (name, reply_to(
                    call.got[name, "INVITE"], 487, tag="callee"))]
            if name == "c" and not got.is_request and got.status >= 300 \
                    and got.cseq[1] == "INVITE":
                return [(name, ack_of(call.sent["c"], got))]
            return []

        talk.run(react)
        for name, got in talk.log:
            call.takes(name, got)
        out = talk.fields(lambda m: KEPT.sub(r";\1={kept}", normal(
            without_addresses(m), stage)))
        out.update(addresses(talk))
        return out

    def call(self, stage):
        return stage.side.kept.get((stage.me, "call"))

    def message(self, stage, call):
        raise NotImplementedError

    def __repr__(self):
        return "%s %s" % (type(self).__name__.lower(), " ".join(
            str(v) for v in vars(self).values()))


class First(Step):
    """What begins it all: From and To values, and what the proxy is to make
    of them."""

    by = "c"

    def __init__(self, from_, to, headers=(), method="INVITE",
                 compact=False):
        self.from_, self.to = from_, to
        self.headers = list(headers)
        self.method = method
        self.compact = compact

    def get(self, name):
        """The first header of that name for the proxy, or None."""
        return dict(reversed(self.headers)).get(name)

    def call(self, stage):
        call = Call(stage, self.compact)
        call.local["c"] = stage.fill(tagged(self.from_, "{me}"))
        call.remote["c"] = stage.fill(self.to)
        stage.side.kept[stage.me, "call"] = call
        return call

    def message(self, stage, call):
        return request(stage, call, "c", self.method, 1,
                       "sip:callee@{p0}", self.headers)


class Within(Step):
    """A request of either side."""

    def __init__(self, by, method):
        self.by = by
        self.method = method

    def message(self, stage, call):
        if self.method == "ACK":
            cseq = call.sent[self.by].cseq[0]
        else:
            call.cseq[self.by] += 1
            cseq = call.cseq[self.by]
        other = "p0" if self.by == "c" else "c"
        if not call.routes[self.by]:
            return None
        return request(stage, call, self.by, self.method, cseq,
                       "sip:x@{%s}" % other,
                       [("Route", r) for r in call.routes[self.by]])


class Reply(Step):
    """To the last request that has arrived there, or that of a method."""

    def __init__(self, by, status, method=None):
        self.by = by
        self.status = status
        self.method = method

    def message(self, stage, call):
        got = call.got.get((self.by, self.method) if self.method else self.by)
        return got and reply_to(
            got, self.status, tag="callee", headers=[
                ("Contact", stage.fill("<sip:x@{%s}>" % self.by))],
            keep=("via", "from", "f", "to", "t", "call-id", "cseq",
                  "record-route"))


class Cancel(Step):
    by = "c"

    def message(self, stage, call):
        invite = call.sent["c"]
        keep = ("via", "from", "f", "to", "t", "call-id", "max-forwards")
        return Message("CANCEL %s SIP/2.0" % invite.ruri, [
            h for h in invite.headers if h[0].lower() in keep]
            + [("CSeq", "1 CANCEL")])


def request(stage, call, by, method, cseq, ruri, headers):
    branch = "z9hG4bK%sn%d" % (stage.me, stage.number())
    out = Message("%s %s SIP/2.0" % (method, stage.fill(ruri)), [
        ("Via", stage.fill("SIP/2.0/UDP {%s};branch=%s" % (by, branch))),
        ("Max-Forwards", "70"), (call.names[0], call.local[by]),
        (call.names[1], call.remote[by]), ("Call-ID", call.callid),
        ("CSeq", "%d %s" % (cseq, method)),
        ("Contact", stage.fill("<sip:x@{%s}>" % by)), *headers])
    if method != "ACK":
        call.sent[by] = out
    return out


def answered(by, method):
    """A request within the call and its 200."""
    other = "p0" if by == "c" else "c"
    out = [Within(by, method), Reply(other, 200)]
    return out + [Within(by, "ACK")] if method == "INVITE" else out


SET_UP = [Reply("p0", 200), Within("c", "ACK")]
FLOWS = {
    "long": [Reply("p0", 180), *SET_UP, *answered("c", "INVITE"),
             *answered("p0", "INVITE"), *answered("c", "INFO"),
             *answered("p0", "INFO"), *answered("c", "BYE")],
    "callee hangs up": [*SET_UP, *answered("p0", "BYE")],
    "caller hangs up": [*SET_UP, *answered("c", "BYE")],
    "early bye": [Reply("p0", 183), *answered("c", "BYE"),
                  Reply("p0", 487, "INVITE")],
    "cancel": [Reply("p0", 180), Cancel()],
    "busy": [Reply("p0", 180), Reply("p0", 486)],
    "update": [Reply("p0", 180), *answered("c", "UPDATE"),
               *answered("p0", "UPDATE"), Reply("p0", 200, "INVITE"),
               *answered("p0", "BYE")]}
