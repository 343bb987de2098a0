# SPDX-License-Identifier: GPL-2.0-or-later
"""Whole calls through a proxy that changes From and To: at every hop each
side sees what it must see. Bug class "From/To replacement, dialog mode"."""

import pytest

from kamtest.call import DIALOG, Call, proxy, seen
from kamtest.net import TcpCallee, TcpListener, TcpPeer

MODES = {
    "route": {},
    "password": {"params": 'modparam("uac", "restore_passwd", "a secret")'},
    "dialog": {"modules": DIALOG, "first": "dlg_manage();",
               "params": 'modparam("uac", "restore_dlg", 1)'},
}

A, B = "<sip:alice@a.example>", "<sip:bob@b.example>"
NAMED_A, NAMED_B = '"Alice" <sip:alice@a.example>', "Bob <sip:bob@b.example>"

# name: (From and To of the caller, headers that tell the proxy what to do,
#        From and To that the callee must see)
CHANGES = {
    "From equal in length": (
        A, B, [("X-From", "sip:carol@c.example")], "<sip:carol@c.example>", B),
    "From shorter": (A, B, [("X-From", "sip:x@y")], "<sip:x@y>", B),
    "From longer": (
        A, B, [("X-From", "sip:anonymous.caller@anonymous.invalid")],
        "<sip:anonymous.caller@anonymous.invalid>", B),
    "To longer with parameters": (
        A, B, [("X-To", "sip:+4930123456@carrier.example;user=phone")],
        A, "<sip:+4930123456@carrier.example;user=phone>"),
    "tel URIs both ways": (
        "<tel:+4930111>", "<sip:bob@b.example;user=phone>",
        [("X-From", "sip:+4930111@gw.example"), ("X-To", "tel:+4930222;ext=3")],
        "<sip:+4930111@gw.example>", "<tel:+4930222;ext=3>"),
    "both, the URIs of named addresses": (
        NAMED_A, NAMED_B, [("X-From", "sip:x@y"), ("X-To", "sip:z@y")],
        '"Alice" <sip:x@y>', "Bob <sip:z@y>"),
    "display name added": (
        A, B, [("X-From-Name", '"Anonymous"'), ("X-From", "sip:x@y")],
        '"Anonymous" <sip:x@y>', B),
    "display name changed, URI kept": (
        NAMED_A, B, [("X-From-Name", '"Al \\"A\\" Capone"'), ("X-From", "-")],
        '"Al \\"A\\" Capone" <sip:alice@a.example>', B),
    "display name removed": (
        NAMED_A, NAMED_B, [("X-From-Name", "-"), ("X-From", "-"),
                           ("X-To-Name", "-"), ("X-To", "sip:z@y")],
        A, "<sip:z@y>"),
    "bare URI": ("sip:alice@a.example", "sip:bob@b.example",
                 [("X-From", "sip:x@y"), ("X-To", "sip:z@y")],
                 "sip:x@y", "sip:z@y"),
    "bare URI gets parameters and a name": (
        "sip:alice@a.example", "sip:bob@b.example",
        [("X-From", "sip:x@y;p=1"), ("X-To-Name", "Zed"), ("X-To", "-")],
        "<sip:x@y;p=1>", "Zed <sip:bob@b.example>"),
}


@pytest.fixture(scope="module")
def proxies(kam_module):
    made = {}

    def get(mode):
        if mode not in made:
            made[mode] = kam_module(proxy(**MODES[mode]), name=mode)
        return made[mode]
    return get


def plain(address):
    """An address without angle brackets, when it needs none: what is the same
    address for a SIP stack."""
    if address.startswith("<") and not set(";?,") & set(address):
        return address[1:-1]
    return address


def same(got, want):
    assert tuple(map(plain, got)) == tuple(map(plain, want))


class Checked(Call):
    """A call that looks at From and To wherever a message arrives."""

    def __init__(self, *args, want=None, **options):
        super().__init__(*args, **options)
        self.want = want

    def at(self, peer, message, is_from_caller):
        """peer reads a message of a transaction begun by the caller or not."""
        if peer is self.caller:
            pair = (self.caller_from, self.caller_to)
        else:
            pair = self.want
        same(seen(message), pair if is_from_caller else pair[::-1])
        return message

    def transaction(self, peer, method, code=200, ack=True):
        other = self.caller if peer is self.callee else self.callee
        is_caller = peer is self.caller
        got = self.at(other, self.request(peer, method), is_caller)
        self.at(peer, self.reply(got, code, other), is_caller)
        if method == "INVITE" and ack:
            self.at(other, self.ack(peer), is_caller)
        return got

    def set_up(self):
        got = self.at(self.callee, self.invite(), True)
        self.at(self.caller, self.reply(got, 180), True)
        self.at(self.caller, self.reply(got, 200), True)
        self.at(self.callee, self.ack(self.caller), True)
        return got


def checked(proxies, udp, mode, change, **options):
    from_, to, headers, *want = CHANGES[change]
    return Checked(proxies(mode).addr, udp("caller"), udp("callee"), from_, to,
                   headers + options.pop("headers", []), want=tuple(want),
                   **options)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("mode", MODES)
def test_call_from_invite_to_bye(proxies, udp, mode, change):
    call = checked(proxies, udp, mode, change)
    call.set_up()
    call.transaction(call.callee, "INVITE")
    call.transaction(call.caller, "INVITE")
    call.transaction(call.callee, "INFO")
    call.transaction(call.caller, "BYE")


@pytest.mark.parametrize("transports", ["TCP TCP", "TCP UDP", "UDP TCP"])
@pytest.mark.parametrize("mode", MODES)
def test_over_tcp(kam, udp, trace, mode, transports):
    """The same over connections; and from one transport to the other, which
    makes two Record-Route headers of which one has what was kept."""
    kamailio = kam(proxy(**MODES[mode]), tcp=True)
    from_, to, headers, *want = CHANGES["both, the URIs of named addresses"]
    first, second = transports.split()
    caller = (udp("caller") if first == "UDP"
              else TcpPeer(trace, "caller", to=kamailio.addr))
    callee = (udp("callee") if second == "UDP"
              else TcpCallee(TcpListener(trace, "callee")))
    call = Checked(kamailio.addr, caller, callee, from_, to, headers,
                   want=tuple(want))
    call.set_up()
    call.transaction(callee, "INVITE")
    call.transaction(caller, "INVITE")
    call.transaction(caller, "INFO")
    call.transaction(callee, "BYE")


@pytest.mark.parametrize("mode", MODES)
def test_bye_from_the_callee(proxies, udp, mode):
    call = checked(proxies, udp, mode, "both, the URIs of named addresses")
    call.set_up()
    call.transaction(call.callee, "BYE")


@pytest.mark.parametrize("who", ["caller", "callee"])
@pytest.mark.parametrize("mode", MODES)
def test_w_u29d_bye_of_an_early_dialog(proxies, udp, mode, who):
    """Also what else may come before the call is answered."""
    call = checked(proxies, udp, mode, "both, the URIs of named addresses")
    got = call.at(call.callee, call.invite(), True)
    call.at(call.caller, call.reply(got, 183), True)
    call.transaction(call.caller, "PRACK")
    call.transaction(call.callee, "UPDATE")
    call.transaction(getattr(call, who), "BYE")
    call.at(call.caller, call.reply(got, 487), True)


@pytest.mark.parametrize("mode", MODES)
def test_requests_between_200_and_ack(proxies, udp, mode):
    call = checked(proxies, udp, mode, "both, the URIs of named addresses")
    got = call.at(call.callee, call.invite(), True)
    call.at(call.caller, call.reply(got, 200), True)
    call.transaction(call.callee, "INFO")
    call.transaction(call.caller, "INFO")
    call.at(call.callee, call.ack(call.caller, 1), True)
    call.transaction(call.callee, "BYE")


@pytest.mark.parametrize("mode", MODES)
def test_cancel(proxies, udp, mode):
    call = checked(proxies, udp, mode, "both, the URIs of named addresses")
    got = call.at(call.callee, call.invite(), True)
    call.at(call.caller, call.reply(got, 180), True)
    cancel = call.first("CANCEL")
    cancel.set("Via", call.sent.get("Via"))
    call.caller.send(cancel, call.hop[call.caller])
    cancel = call.at(call.callee, call.next(call.callee), True)
    assert cancel.method == "CANCEL"
    reply = call.at(call.caller, call.next(call.caller), True)
    assert reply.cseq == (1, "CANCEL")
    call.callee.send(call.answer(cancel, 200), call.hop[call.callee])
    reply = call.at(call.caller, call.reply(got, 487), True)
    assert reply.status == 487
    ack = call.at(call.callee, call.next(call.callee), True)
    assert ack.method == "ACK"


@pytest.mark.parametrize("code", [302, 404, 486, 503, 603])
def test_negative_reply_and_its_ack(proxies, udp, code):
    call = checked(proxies, udp, "route", "both, the URIs of named addresses")
    got = call.at(call.callee, call.invite(), True)
    reply = call.at(call.caller, call.reply(got, code), True)
    assert reply.status == code or (code, reply.status) == (503, 500)
    ack = call.at(call.callee, call.next(call.callee), True)
    assert ack.method == "ACK"


def test_timeout_is_answered_with_what_the_caller_sent(proxies, udp):
    call = checked(proxies, udp, "route", "From shorter")
    call.invite()
    reply = call.next(call.caller, 5)
    assert reply.status == 408
    call.at(call.caller, reply, True)


@pytest.mark.parametrize("mode", MODES)
def test_compact_header_forms(proxies, udp, mode):
    call = checked(proxies, udp, mode, "both, the URIs of named addresses",
                   names=("f", "t"))
    call.set_up()
    call.transaction(call.callee, "INVITE")
    call.transaction(call.caller, "BYE")


@pytest.mark.parametrize("mode", ["route", "password"])
def test_record_route_before_or_after(proxies, udp, mode):
    call = checked(proxies, udp, mode, "both, the URIs of named addresses",
                   headers=[("X-Record", "before")])
    got = call.set_up()
    assert "vsf=" in got.get("Record-Route")
    assert "vst=" in got.get("Record-Route")
    call.transaction(call.callee, "INVITE")
    call.transaction(call.caller, "BYE")


@pytest.mark.parametrize("mode", ["route", "password"])
def test_routes_changed_by_the_peers(proxies, udp, mode):
    """The order of parameters, their case, and more of them; other proxies
    around ours."""
    call = checked(proxies, udp, mode, "both, the URIs of named addresses")
    call.set_up()
    route = call.routes[call.caller][0]
    head, *params = route.strip("<>").split(";")
    turned = "<%s;%s;more=1>" % (head, ";".join(reversed(params)))
    call.routes[call.caller] = [turned]
    call.transaction(call.caller, "INVITE")
    call.routes[call.callee] = [turned, "<sip:%s;lr;vsf=theirs>"
                                % call.caller.addr]
    call.transaction(call.callee, "INVITE")
    call.routes[call.caller] = ["%s, <sip:%s;lr>" % (route, call.callee.addr)]
    call.transaction(call.caller, "BYE")


@pytest.mark.parametrize("mode", MODES)
def test_w_u29_addresses_changed_by_the_peers(proxies, udp, mode):
    """A peer that writes something else gives no garbage."""
    call = checked(proxies, udp, mode, "both, the URIs of named addresses")
    call.set_up()
    call.callee_from, call.callee_to = "<sip:me@here>", "sip:you@there"
    got = call.request(call.callee, "INVITE")
    same(seen(got), ("<sip:bob@b.example>", "<sip:alice@a.example>"))
    got = call.reply(got, 200, call.caller)
    same(seen(got), ("<sip:me@here>", "sip:you@there"))
    call.caller_from, call.caller_to = "<sip:x@i.example>", "<sip:j@i.example>"
    got = call.request(call.caller, "BYE")
    same(seen(got), ("<sip:x@y>", "<sip:z@y>"))
    same(seen(call.reply(got, 200)), (call.caller_from, call.caller_to))


def test_two_proxies_in_a_row(proxies, kam, udp):
    """Each restores what it has changed, and only that."""
    second = kam(proxy(**MODES["password"]).replace("X-", "Second-"))
    call = Checked(proxies("route").addr, udp("caller"), udp("callee"), NAMED_A,
                   NAMED_B, [("X-From", "sip:x@y"), ("X-To", "sip:z@y"),
                             ("Second-From", "sip:xx@yy"),
                             ("Second-To-Name", "Zed"), ("Second-To", "-")],
                   want=('"Alice" <sip:xx@yy>', "Zed <sip:z@y>"))
    first = call.first
    call.first = lambda *method: first(*method).set(
        "X-To-Addr", "%s:%d" % second.addr)
    call.headers.append(("Second-To-Addr", call.callee.addr))
    call.hop[call.callee] = second.addr
    call.set_up()
    assert len(call.routes[call.caller]) == 2
    call.transaction(call.caller, "INVITE")
    call.transaction(call.callee, "INVITE")
    call.transaction(call.callee, "BYE")


def test_dialogs_survive_a_restart(kam, udp):
    """Parameters hold no state of the proxy."""
    config = proxy(**MODES["password"])
    one = kam(config, name="before")
    call = Checked(one.addr, udp("caller"), udp("callee"), NAMED_A, NAMED_B,
                   [("X-From", "sip:x@y"), ("X-To", "sip:z@y")],
                   want=('"Alice" <sip:x@y>', "Bob <sip:z@y>"))
    call.set_up()
    one.may_die = True
    one.stop()
    kam(config, name="after", port=one.port)
    call.transaction(call.callee, "INVITE")
    call.transaction(call.caller, "BYE")
