# SPDX-License-Identifier: GPL-2.0-or-later
"""From and To: Record-Route parameters that others have made or damaged, and
allocations that fail."""

import re

import pytest

from kamtest import memory, module
from kamtest.call import DIALOG, Call, proxy, seen
from kamtest.wait import until

A, B = '"Alice" <sip:alice@a.example>', '"Bob" <sip:bob@b.example>'
CHANGE = [("X-From", "sip:x@y"), ("X-To-Name", "Zed"), ("X-To", "sip:z@y")]
THEIRS = ('"Alice" <sip:x@y>', "Zed <sip:z@y>")

QUICK = 'modparam("tm", "wt_timer", 100)'
PASSWORD = 'modparam("uac", "restore_passwd", "a secret")'


@pytest.fixture(scope="module")
def keyed(kam_module):
    return kam_module(proxy(modules='loadmodule "kex.so"',
                            params=QUICK + PASSWORD), name="keyed", children=1)


@pytest.fixture(scope="module")
def open_(kam_module):
    """Without a password."""
    return kam_module(proxy(modules='loadmodule "kex.so"', params=QUICK),
                      name="open", children=1)


@pytest.fixture(params=["keyed", "open_"])
def either(request):
    return request.getfixturevalue(request.param)


def start(kamailio, udp, headers=()):
    call = Call(kamailio.addr, udp("caller"), udp("callee"), A, B,
                CHANGE + list(headers))
    got = call.invite()
    assert seen(got) == THEIRS
    assert seen(call.reply(got, 200)) == (A, B)
    call.ack(call.caller, 1)
    return call


def tokens(call):
    return dict(re.findall(r";(vs[ft])=([^;>]*)",
                           call.got.get("Record-Route")))


def with_params(call, vsf, vst):
    """The route with other parameters; None: without."""
    route = re.sub(r";vs[ft]=[^;>]*", "", call.got.get("Record-Route"))
    extra = "".join(";%s%s" % (name, value) for name, value in
                    (("vsf", vsf), ("vst", vst)) if value is not None)
    return route.replace(">", extra + ">")


def send_with(call, peer, route, method="INFO"):
    call.routes[peer] = [route]
    return call.request(peer, method)


def test_w_u29_a_parameter_of_another_call_restores_nothing(either, udp):
    """It is logged, and the call goes on."""
    other = tokens(start(either, udp))
    call = start(either, udp)
    route = with_params(call, "=" + other["vsf"], "=" + other["vst"])
    mark = len(either.log())
    assert seen(send_with(call, call.callee, route)) == THEIRS[::-1]
    assert seen(send_with(call, call.caller, route)) == (A, B)
    log = either.log()[mark:]
    assert log.count("is not one of ours") == 4
    assert call.callid in log


def test_w_u29_parameters_do_not_change_places(either, udp):
    call = start(either, udp)
    own = tokens(call)
    route = with_params(call, "=" + own["vst"], "=" + own["vsf"])
    assert seen(send_with(call, call.callee, route)) == THEIRS[::-1]


def test_w_u29_one_verifies_and_one_does_not(either, udp):
    call = start(either, udp)
    own = tokens(call)
    route = with_params(call, "=" + own["vsf"], "=" + own["vst"][:-1])
    assert seen(send_with(call, call.callee, route)) == (THEIRS[1], A)


def test_w_u29_the_password_hides_the_caller(keyed, open_, udp):
    """The callee must not learn who an anonymous caller is."""
    import base64
    for kamailio, told in ((keyed, False), (open_, True)):
        token = tokens(start(kamailio, udp))["vsf"]
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        assert (b"alice" in raw) == told


JUNK = [
    "", "=", "=-", "=--", "=----", "=A", "=AA", "=AAAA", '="quoted"', '="',
    "=%41%42", "=AAAAAAACBg0lLk9LHRkMHRwJZQ--", "=BwwcAElbW3FQLmV4YW1wbGU-",
    "=c2VjcnxYYwYGMgRaFh0CHxUYFg--", "=" + "-" * 300, "=" + "A" * 2500,
    "=" + "_" * 64, "==", "=A=B", "=\xe4\xf6\xfc", "='a'b\\", "=%00%0d%0a",
]


def test_w_u29b_junk_restores_nothing(either, udp):
    """Texts of the stock module, dashes only, quotes, much of it. What rr
    does not take for a route is not passed on at all."""
    call = start(either, udp)
    for junk in JUNK:
        for vsf, vst in ((junk, None), (None, junk), (junk, junk)):
            message = call.within(call.callee, "INFO")
            message.set("Route", with_params(call, vsf, vst))
            call.callee.send(message, either.addr)
    call.routes[call.callee] = [call.got.get("Record-Route")]
    got, passed = call.request(call.callee, "BYE"), 0
    while got.method != "BYE":
        assert seen(got) == THEIRS[::-1]
        passed += 1
        got = call.next(call.caller)
    assert seen(got) == (B, A)
    assert passed > 2 * len(JUNK)


HEADERS = ["", '"', "<", ">", "<>", ";;;", "<sip:a@b", '"Al <sip:a@b>', "\\",
           '"\\', "sip:a b", "sip:", "<sip:a@b>;tag", "<sip:a@b>;tag=", "a,b",
           "\xe4\xf6", '"' + "x" * 3000 + '" <sip:a@b>', "<" * 500, ";tag" * 500]


def test_replies_that_no_one_can_read(either, udp):
    """Their From and To are what the peer wants, whatever it is: nothing ends,
    nothing of it comes into the next reply, which is as it should be."""
    for junk in HEADERS:
        call = Call(either.addr, udp("caller"), udp("callee"), A, B, CHANGE)
        got = call.invite()
        for name, tag in (("From", call.from_tag), ("To", call.to_tag)):
            for value in (junk, "%s;tag=%s" % (junk, tag)):
                bad = call.answer(got, 180)
                bad.set(name, value)
                call.callee.send(bad, either.addr)
            bad = call.answer(got, 180)
            bad.set(name, None)
            call.callee.send(bad, either.addr)
        last = call.reply(got, 486)
        while last.status == 180:  # what of it tm has let through
            last = call.next(call.caller)
        assert last.status == 486 and seen(last) == (A, B)


def no_transactions(kamailio):
    """Wait until every transaction is gone."""
    until(lambda: kamailio.rpc("tm.stats")["current"], 0)


def test_memory_stays_flat(either, udp):
    """Whole calls, with good, foreign and damaged parameters."""
    call = start(either, udp)

    def some(count):
        for number in range(count):
            call.again()
            call.reply(call.invite(), 200)
            call.ack(call.caller, 1)
            own = tokens(call)
            bad = ("=AA", "=----", "=" + "A" * 90)[number % 3]
            for vsf, vst in (("=" + own["vsf"], "=" + own["vst"]),
                             ("=" + own["vsf"] + "x", bad), (bad, bad)):
                got = send_with(call, call.callee, with_params(call, vsf, vst))
                call.reply(got, 200, call.caller)
        no_transactions(either)

    some(10)
    before = memory.at_rest(either)
    some(60)
    memory.stays(either, before, 2000)


def test_memory_stays_flat_with_restore_dlg(kam, udp):
    """Whole calls, calls that fail, and requests of either side within."""
    kamailio = kam(proxy(
        modules='loadmodule "kex.so"\n' + DIALOG, first="dlg_manage();",
        params=QUICK + 'modparam("uac", "restore_dlg", 1)'), children=1)
    call = Call(kamailio.addr, udp("caller"), udp("callee"), A, B, CHANGE)

    def one(number):
        call.again()
        got = call.invite()
        assert seen(got) == THEIRS
        if number % 3 == 0:
            call.reply(got, 486)
            assert call.next(call.callee).method == "ACK"
            return
        assert seen(call.reply(got, 200)) == (A, B)
        call.ack(call.caller, 1)
        for peer, method in ((call.callee, "INFO"), (call.caller, "UPDATE"),
                             (call.callee, "BYE")):
            got = call.request(peer, method)
            assert seen(got) == ((B, A) if peer is call.callee else THEIRS)
            call.reply(got, 200, call.caller if peer is call.callee
                       else call.callee)

    def some(count):
        for number in range(count):
            one(number)
        until(lambda: kamailio.rpc("dlg.stats_active")["all"], 0)
        no_transactions(kamailio)

    some(20)
    before = memory.at_rest(kamailio)
    some(300)
    memory.stays(kamailio, before, 4000)


LADDER = '''
loadmodule "%s"
request_route {
	$var(n) = $(hdr(X-Fault){s.int});
	if(has_totag()) {
		fault_alloc("$var(n)");
		loose_route();
		xlog("L_NOTICE", "MADE $fault\\n");
		fault_alloc("0");
		t_relay();
		exit;
	}
	%s
	record_route();
	$du = "sip:" + $hdr(X-To-Addr);
	fault_alloc("$var(n)");
	uac_replace_from("New", "sip:n@n");
	$var(rc) = $rc;
	uac_replace_to("sip:z@z");
	$var(rc2) = $rc;
	xlog("L_NOTICE", "MADE $fault RESULTS $var(rc) $var(rc2)\\n");
	fault_alloc("0");
	t_on_reply("REPLY");
	t_relay();
}
reply_route {
	$var(n) = $(hdr(X-Fault){s.int});
	fault_alloc("$var(n)");
}
onreply_route[REPLY] {
	xlog("L_NOTICE", "MADE $fault\\n");
	fault_alloc("0");
}
'''


@pytest.fixture(scope="module", params=["route", "dialog"])
def faulty(request, kam_module):
    modules = [l for l in proxy().splitlines() if l.startswith(
        ("loadmodule", "modparam"))]
    extra = ""
    if request.param == "dialog":
        modules.insert(-4, DIALOG)
        modules.append('modparam("uac", "restore_dlg", 1)')
        extra = "dlg_manage();"
    return kam_module("\n".join(modules) + LADDER % (
        module.build("kxfault"), extra), name=request.param, children=1,
        debug=1)


NEW = ("New <sip:n@n>", '"Bob" <sip:z@z>')


def made(kamailio, mark):
    return int(re.findall(r"MADE (\d+)", kamailio.log()[mark:])[0])


def test_w_u29c_no_failing_allocation_damages_a_request(faulty, udp):
    """One after the other fails: what was answered to the script is what has
    happened, and what has not happened leaves the header as it came. Bug
    class "Double free after lump already owns the buffer"."""
    outcomes = set()
    for n in range(1, 60):
        call = Call(faulty.addr, udp("caller"), udp("callee"), A, B,
                    [("X-Fault", str(n))])
        mark = len(faulty.log())
        got = call.invite()
        codes = re.findall(r"RESULTS (-?1) (-?1)", faulty.log()[mark:])[-1]
        want = tuple((NEW if code == "1" else (A, B))[i]
                     for i, code in enumerate(codes))
        assert seen(got) == want, "allocation %d" % n
        outcomes.add(codes)
        if made(faulty, mark) < n:
            break
    assert ("1", "1") in outcomes and ("-1", "1") in outcomes
    assert ("1", "-1") in outcomes


def test_w_u29c_no_failing_allocation_damages_what_follows(faulty, udp):
    """Requests within the dialog, and replies: each header is what came, or
    what must be seen, and nothing else."""
    for n in list(range(1, 40)):
        call = Call(faulty.addr, udp("caller"), udp("callee"), A, B,
                    [("X-Fault", "0")])
        got = call.invite()
        assert seen(got) == NEW
        answer = call.answer(got, 200)
        answer.headers.append(("X-Fault", str(n)))
        call.routes[call.caller] = got.all("Record-Route")
        call.callee.send(answer, faulty.addr)
        from_, to = seen(call.next(call.caller))
        assert from_ in (A, NEW[0]) and to in (B, NEW[1])
        message = call.within(call.callee, "BYE")
        message.headers.append(("X-Fault", str(n)))
        mark = len(faulty.log())
        call.callee.send(message, faulty.addr)
        got = call.next(call.caller)
        from_, to = seen(got)
        assert from_ in (B, NEW[1]) and to in (A, NEW[0])
        call.caller.send(call.answer(got, 200, call.caller), faulty.addr)
        if made(faulty, mark) < n:
            assert (from_, to) == (B, A)
            break
    else:
        raise AssertionError("no end of allocations")
