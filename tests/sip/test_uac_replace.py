# SPDX-License-Identifier: GPL-2.0-or-later
"""uac_replace_from/to and uac_restore_from/to: what each call does to a
request and its replies, and what it answers to the script."""

import re

import pytest

from kamtest.call import Call, proxy, seen

A, B = '"Alice" <sip:alice@a.example>', '"Bob" <sip:bob@b.example>'

# seeds/uac.txt 4.1 to 4.6, as written there
EXAMPLES = {
    "4.1-both": ('uac_replace_from("$avp(s:display)","$avp(s:uri)");',
                 ('"robin" <sip:robin@gotham.org>', B)),
    "4.1-display": ('uac_replace_from("batman","");',
                    ("batman <sip:alice@a.example>", B)),
    "4.1-quoted": (r'uac_replace_from("\"batman\"","");',
                   ('"batman" <sip:alice@a.example>', B)),
    "4.1-remove": ('uac_replace_from("","sip:robin@gotham.org");',
                   ("<sip:robin@gotham.org>", B)),
    "4.1-remove-only": ('uac_replace_from("","");',
                        ("<sip:alice@a.example>", B)),
    "4.2": ('uac_replace_from("sip:batman@gotham.org");',
            ('"Alice" <sip:batman@gotham.org>', B)),
    "4.4-both": ('uac_replace_to("$avp(display)","$avp(uri)");',
                 (A, '"robin" <sip:robin@gotham.org>')),
    "4.4-display": ('uac_replace_to("batman","");',
                    (A, "batman <sip:bob@b.example>")),
    "4.4-quoted": (r'uac_replace_to("\"batman\"","");',
                   (A, '"batman" <sip:bob@b.example>')),
    "4.4-remove": ('uac_replace_to("","sip:robin@gotham.org");',
                   (A, "<sip:robin@gotham.org>")),
    "4.4-remove-only": ('uac_replace_to("","");',
                        (A, "<sip:bob@b.example>")),
    "4.5": ('uac_replace_to("sip:batman@gotham.org");',
            (A, '"Bob" <sip:batman@gotham.org>')),
}

SETS = ('$avp(s:display) = "\\"robin\\""; $avp(s:uri) = "sip:robin@gotham.org";'
        '$avp(display) = $avp(s:display); $avp(uri) = $avp(s:uri);')


def examples():
    cases = "\n".join('case "%s": %s break;' % (name, text)
                      for name, (text, _) in EXAMPLES.items())
    return SETS + "switch($hdr(X-Example)) {\n%s\n}" % cases


@pytest.fixture(scope="module")
def plain(kam_module):
    return kam_module(proxy(
        first=examples(),
        after='''if($hdr(X-Again) != $null) {
            uac_replace_from("sip:again@y");
            xlog("L_NOTICE", "AGAIN $rc\\n");
        }
        if($hdr(X-Apply) != $null) msg_apply_changes();'''), debug=2)


def results(kamailio, mark):
    """What the script was answered: [('from', 1), ...]"""
    return [(what, int(code)) for what, code in
            re.findall(r"RESULT (\w+) (-?\d+)", kamailio.log()[mark:])]


@pytest.fixture
def call(udp):
    def make(kamailio, headers, from_=A, to=B, **options):
        return Call(kamailio.addr, udp("caller"), udp("callee"), from_, to,
                    headers, **options)
    return make


def both_ways(call):
    """The request as the callee sees it, and its reply."""
    got = call.invite()
    shown = seen(got)
    back = call.reply(got, 200)
    assert seen(back) == (call.caller_from, call.caller_to)
    return shown


@pytest.mark.parametrize("name", EXAMPLES)
def test_seed_examples(plain, call, name):
    assert both_ways(call(plain, [("X-Example", name)])) == EXAMPLES[name][1]


def test_nothing_to_do_is_no_failure(plain, call):
    mark = len(plain.log())
    one = call(plain, [("X-From", "-"), ("X-To", "sip:bob@b.example")])
    got = one.invite()
    assert seen(got) == (A, B)
    assert "vs" not in got.get("Record-Route")
    assert results(plain, mark) == [("from", 1), ("to", 1)]


@pytest.mark.parametrize("headers", [
    [("X-From", "sip:a@b c")], [("X-From", "sip:a@b>,<sip:c@d")],
    [("X-From", 'sip:"a"@b')], [("X-From-Name", '"open'), ("X-From", "-")],
    [("X-From-Name", "a <sip:b@c>,"), ("X-From", "-")]])
def test_what_would_break_the_header_is_refused(plain, call, headers):
    mark = len(plain.log())
    one = call(plain, headers)
    assert both_ways(one) == (A, B)
    assert results(plain, mark) == [("from", -1)]


def test_line_ends_are_refused(kam, call):
    """Nobody writes headers of his own by a display name."""
    kamailio = kam(proxy(first=r'''
        uac_replace_from("a\r\nX-Evil: 1", "");
        xlog("L_NOTICE", "RESULT from $rc\n");
        uac_replace_to("sip:a@b\r\nX-Evil: 2");
        xlog("L_NOTICE", "RESULT to $rc\n");'''))
    got = call(kamailio, []).invite()
    assert seen(got) == (A, B)
    assert got.get("X-Evil") is None
    assert results(kamailio, 0) == [("from", -1), ("to", -1)]


def test_second_call_is_refused_and_the_first_stays(plain, call):
    mark = len(plain.log())
    one = call(plain, [("X-From", "sip:x@y"), ("X-Again", "1")])
    assert both_ways(one) == ('"Alice" <sip:x@y>', B)
    plain.says("AGAIN -1", mark)


def test_too_long_for_the_route_changes_nothing(plain, call):
    """Bug class "Double free after lump already owns the buffer", W-U29c:
    add_rr_param() refuses, the request is as it was."""
    mark = len(plain.log())
    one = call(plain, [("X-From", "sip:%s@y" % ("x" * 450))])
    got = one.invite()
    assert seen(got) == (A, B)
    assert "vsf" not in got.get("Record-Route")
    assert results(plain, mark) == [("from", -1)]
    assert seen(one.reply(got, 200)) == (A, B)


def test_long_ones_fit_when_the_route_is_recorded_before(plain, call):
    uri = "sip:%s@y" % ("x" * 450)
    one = call(plain, [("X-From", uri), ("X-Record", "before")])
    assert both_ways(one) == ('"Alice" <%s>' % uri, B)
    one.ack(one.caller, 1)
    assert seen(one.request(one.callee, "BYE")) == (B, A)


def test_msg_apply_changes_loses_nothing(plain, call):
    one = call(plain, [("X-From", "sip:x@y"), ("X-To-Name", "Z"),
                       ("X-To", "sip:z@y"), ("X-Apply", "1")])
    assert both_ways(one) == ('"Alice" <sip:x@y>', "Z <sip:z@y>")


def test_options_outside_of_a_dialog(plain, call):
    one = call(plain, [("X-From", "sip:x@y"), ("X-To", "sip:z@y")])
    got = one.invite("OPTIONS")
    assert seen(got) == ('"Alice" <sip:x@y>', '"Bob" <sip:z@y>')
    assert seen(one.reply(got, 200)) == (A, B)


def test_avps_hold_the_originals(kam, call):
    kamailio = kam(proxy(
        params='''modparam("uac", "restore_from_avp", "$avp(original_uri_from)")
            modparam("uac", "restore_to_avp", "$avp(original_uri_to)")''',
        after='''xlog("L_NOTICE", "AVPS $avp(original_uri_from) "
                "$avp(original_uri_to)\\n");
            if($hdr(X-Avp) == "other")
                $avp(original_uri_from) = "<sip:other@o>";
            if($hdr(X-Avp) == "junk")
                $avp(original_uri_from) = "<sip:o@o>\\r\\nX-Evil: 1";'''))
    change = [("X-From", "sip:x@y"), ("X-To", "sip:z@y")]
    both_ways(call(kamailio, change))
    kamailio.says("AVPS %s %s" % (A, B))
    one = call(kamailio, change + [("X-Avp", "other")])
    assert seen(one.reply(one.invite(), 200)) == ("<sip:other@o>", B)
    one = call(kamailio, change + [("X-Avp", "junk")])
    back = one.reply(one.invite(), 200)
    assert seen(back) == (A, B) and back.get("X-Evil") is None


def test_parameter_names(kam, call):
    """seeds 3.1 and 3.2, as written there."""
    kamailio = kam(proxy(params='''
        modparam("uac","rr_from_store_param","my_param")
        modparam("uac","rr_to_store_param","my_other_param")'''))
    one = call(kamailio, [("X-From", "sip:x@y"), ("X-To", "sip:z@y")])
    got = one.invite()
    assert re.search(r";my_param=[\w-]+;my_other_param=[\w-]+>",
                     got.get("Record-Route"))
    one.reply(got, 200)
    one.ack(one.caller, 1)
    assert seen(one.request(one.callee, "BYE")) == (B, A)


BRANCHES = '''
    $du = $null;
    seturi("sip:one@%s");
    append_branch("sip:two@%s");
    t_on_branch("EACH");
'''


def test_every_branch_has_its_own(kam, udp, trace):
    """In BRANCH_ROUTE, and the losing branch is cancelled as it was sent."""
    caller, one, two = udp("caller"), udp("one"), udp("two")
    kamailio = kam(proxy(modules='loadmodule "corex.so"', relay=BRANCHES % (one.addr, two.addr)) + '''
        branch_route[EACH] {
            if($rU == "one") {
                uac_replace_from("sip:from-one@y");
                xlog("L_NOTICE", "RESULT from $rc\\n");
            } else {
                uac_replace_from("Two", "");
                uac_replace_to("sip:to-two@y");
                xlog("L_NOTICE", "RESULT to $rc\\n");
            }
        }''')
    call = Call(kamailio.addr, caller, one, A, B)
    got = call.invite()
    other = call.next(two)
    assert seen(got) == ('"Alice" <sip:from-one@y>', B)
    assert seen(other) == ("Two <sip:alice@a.example>", '"Bob" <sip:to-two@y>')
    assert sorted(results(kamailio, 0)) == [("from", 1), ("to", 1)]
    for peer, invite, code in ((one, got, 180), (two, other, 183)):
        peer.send(call.answer(invite, code), kamailio.addr)
        assert seen(call.next(caller)) == (A, B)
    assert seen(call.reply(got, 200)) == (A, B)
    cancel = call.next(two)
    assert cancel.method == "CANCEL"
    assert seen(cancel) == seen(other)
    two.send(call.answer(cancel, 200), kamailio.addr)
    two.send(call.answer(other, 487), kamailio.addr)
    ack = call.next(two)
    assert ack.method == "ACK" and seen(ack) == seen(other)
    call.ack(caller, 1)
    assert seen(call.request(one, "BYE")) == (B, A)


RESTORE = '''
    uac_restore_from(); xlog("L_NOTICE", "RESULT from $rc\\n");
    uac_restore_to(); xlog("L_NOTICE", "RESULT to $rc\\n");'''


@pytest.mark.parametrize("mode", ["manual", "auto"])
def test_restore_by_the_script(kam, call, mode):
    """With auto it has been done already, and is not done twice."""
    kamailio = kam(proxy(within=RESTORE, params='''
        modparam("uac","restore_mode","%s")''' % mode))
    one = call(kamailio, [("X-From-Name", "X"), ("X-From", "sip:x@y"),
                          ("X-To", "sip:z@y")])
    theirs = ("X <sip:x@y>", '"Bob" <sip:z@y>')
    assert both_ways(one) == theirs
    one.ack(one.caller, 1)
    mark = len(kamailio.log())
    got = one.request(one.callee, "INFO")
    assert seen(got) == (B, A)
    assert seen(one.reply(got, 200, one.caller)) == theirs[::-1]
    got = one.request(one.caller, "BYE")
    assert seen(got) == theirs
    assert seen(one.reply(got, 200)) == (A, B)
    assert results(kamailio, mark) == [("from", 1), ("to", 1)] * 2


@pytest.mark.parametrize("side", ["from", "to"])
def test_restore_undoes_what_was_done_in_either_direction(kam, call, side):
    """As the stock module: what a script replaced is one function to undo,
    whichever header it is in."""
    kamailio = kam(proxy(within="uac_restore_%s();" % side, params='''
        modparam("uac","restore_mode","manual")'''))
    one = call(kamailio, [("X-From", "sip:x@y"), ("X-To", "sip:z@y")])
    new_a, new_b = both_ways(one)
    one.ack(one.caller, 1)
    shown = (A, new_b) if side == "to" else (new_a, B)
    assert seen(one.request(one.caller, "INFO")) == shown
    shown = (B, new_a) if side == "to" else (new_b, A)
    assert seen(one.request(one.callee, "BYE")) == shown


def test_manual_leaves_requests_to_the_script(kam, call):
    kamailio = kam(proxy(params='modparam("uac","restore_mode","manual")'))
    one = call(kamailio, [("X-From", "sip:x@y")])
    both_ways(one)
    one.ack(one.caller, 1)
    assert seen(one.request(one.callee, "BYE")) == (B, '"Alice" <sip:x@y>')


def test_mode_none(kam, call):
    """Nothing is kept, nothing is changed back, but a CANCEL matches."""
    kamailio = kam(proxy(within=RESTORE, params='''
        modparam("uac","restore_mode","none")'''))
    one = call(kamailio, [("X-From", "sip:x@y"), ("X-To", "sip:z@y")])
    got = one.invite()
    theirs = ('"Alice" <sip:x@y>', '"Bob" <sip:z@y>')
    assert seen(got) == theirs and "vsf" not in got.get("Record-Route")
    assert seen(one.reply(got, 183)) == theirs
    cancel = one.first("CANCEL")
    cancel.set("Via", one.sent.get("Via"))
    one.caller.send(cancel, kamailio.addr)
    assert seen(one.next(one.callee)) == theirs
    mark = len(kamailio.log())
    assert seen(one.request(one.caller, "BYE")) == (A, B)
    assert results(kamailio, mark) == [("from", -1), ("to", -1)]


def test_nothing_known_is_told_to_the_script(kam, call):
    kamailio = kam(proxy(within=RESTORE, params='''
        modparam("uac","restore_mode","manual")'''))
    one = call(kamailio, [])
    both_ways(one)
    one.ack(one.caller, 1)
    mark = len(kamailio.log())
    assert seen(one.request(one.caller, "BYE")) == (A, B)
    assert results(kamailio, mark) == [("from", -1), ("to", -1)]


BASE = 'loadmodule "tm.so"\nloadmodule "sl.so"\nloadmodule "pv.so"\n'
RR = 'loadmodule "rr.so"\n'
UAC = 'loadmodule "uac.so"\n'


@pytest.mark.parametrize("config,word", [
    (BASE + UAC, "rr"),
    (BASE + RR + UAC + 'modparam("uac","restore_mode","sometimes")',
     "restore_mode"),
    (BASE + RR + UAC + 'modparam("uac","restore_dlg",1)', "restore_dlg"),
    (BASE + RR + UAC + 'modparam("uac","restore_from_avp","$var(x)")',
     "restore_from_avp"),
    (BASE + RR + UAC + 'modparam("uac","restore_to_avp","x")',
     "restore_to_avp"),
    (BASE + RR + UAC + 'modparam("uac","rr_from_store_param","")',
     "rr_from_store_param"),
    ('loadmodule "sl.so"\nloadmodule "pv.so"\n' + RR + UAC, "tm"),
])
def test_what_cannot_work_is_refused_at_the_start(kam, config, word):
    kamailio = kam(config + "\nrequest_route { exit; }\n", start=False)
    with pytest.raises(AssertionError):
        kamailio.start()
    assert re.search(r"ERROR: uac .*%s" % word, kamailio.log())


def test_without_rr_there_is_mode_none(kam):
    kam(BASE + UAC + 'modparam("uac","restore_mode","none")\n'
        "request_route { exit; }\n")


def test_a_wrong_route_is_refused(kam):
    for route in ("onreply_route", "failure_route[X]"):
        kamailio = kam(BASE + RR + UAC + 'request_route { exit; }\n%s { '
                       'uac_replace_from("sip:x@y"); }\n' % route, start=False)
        assert not kamailio.check()[0]
