# SPDX-License-Identifier: GPL-2.0-or-later
"""One allocation after the other fails: a function does all of its work or
nothing of it, says which, and keeps no memory (W-R22, W-R6)."""

import itertools

import pytest

from kamtest import memory, module
from kamtest.net import Timeout
from kamtest.registrar import Phone, config
from kamtest.wait import until

ARM = '$var(n) = $(hdr(X-Fault){s.int}); fault_alloc("$var(n)"); '
DISARM = ('$var(made) = $fault; fault_alloc("0"); '
          'append_to_reply("X-Made: $var(made)\\r\\n"); ')
LOOKUPS = {"lookup": 'lookup("location")',
           "dset": 'lookup_to_dset("location")',
           "branches": 'lookup_branches("location")',
           "xavp": 'lookup_xavp("location", "$ru", "rec", "con")',
           "registered": 'registered("location", "$ru", "0", "1")'}
SCRIPT = "".join(
    'if($hdr(X-Fn) == "%s") { %s%s; $var(rc) = $rc; %sroute(SHOW); } '
    % (name, ARM, call, DISARM) for name, call in LOOKUPS.items())


@pytest.fixture(scope="module")
def server(kam_module):
    return kam_module(
        config(params=[("use_path", 1), ("xavp_rcd", "rcd"),
                       ("outbound_mode", 1), ("keep_params", 1),
                       ("flow_xavp", "fx")],
               usrloc=[("use_domain", 1), ("xavp_contact", "ulx")],
               extra='loadmodule "%s"' % module.build("kxfault"),
               before_lookup=SCRIPT,
               save='if(is_present_hf("X-Fault")) { ' + ARM + '}'
               'save("location"); $var(rc) = $rc; '
               'if(is_present_hf("X-Fault")) $shv(made) = $fault; '
               'fault_alloc("0");',
               show='append_to_reply("X-Xavps: $(xavp(rec=>count)) '
               '$(xavp(con[0]=>uri)) $(xavp(con[2]=>conid))\\r\\n");'),
        children=1, debug=-1)


@pytest.fixture
def phone(server, udp):
    return Phone(udp(), server)


def state(shown):
    return (shown.ruri, shown.duri, shown.ruid, shown.ua, shown.sock,
            shown.bflags, shown.branches, shown.reply.get("X-Xavps"))


@pytest.mark.parametrize("fn", sorted(LOOKUPS))
def test_w_r22_a_failing_allocation_leaves_the_request_alone(
        server, phone, fn):
    path = [("Path", "<sip:edge@127.0.0.3;lr>"), ("Supported", "path")]
    for user in "abc":
        phone.register(phone.contact(';q=0.5;+sip.instance="<urn:%s>"' % user,
                                     user=user), headers=path)

    def ask(n):
        return phone.ask("x", headers=[("X-Fn", fn), ("X-Fault", str(n))])
    whole, alone = state(ask(0)), state(phone.ask("registered", headers=[
        ("X-Uri", "sip:nobody@example.org")]))
    for n in range(1, 4):
        ask(n)
    before = memory.at_rest(server)
    codes = set()
    for n in itertools.count(1):
        shown = ask(n)
        codes.add(shown.rc)
        assert state(shown) == (whole if shown.rc == 1 else alone), n
        if int(shown.reply.get("X-Made")) < n:
            break
    assert shown.rc == 1 and n > 1
    # dset: branches are the core's own memory; registered: what xavp_rcd has
    # no room for is left out
    assert codes == ({1} if fn in ("dset", "registered") else {1, -3})
    same_memory(server, before)


REGISTERS = {"insert": ["new"], "refresh": ["a"], "remove": ["a;expires=0"],
             "mixed": ["new", "a", "b;expires=0", "c"],
             "star": ["*"], "query": []}


@pytest.mark.parametrize("kind", sorted(REGISTERS))
def test_w_r6_a_failing_allocation_saves_all_or_nothing(server, phone, kind):
    def contact(text):
        if text == "*":
            return text
        user, _, params = text.partition(";")
        return phone.contact(";x=%s;q=0.7;%s" % (user, params or "y"),
                             user=user)

    def begin():
        phone.register("*", headers=[("Expires", "0")])
        phone.register(*[phone.contact(";q=0.1;x=old", user=u)
                         for u in "abc"])

    def listed():
        return sorted((u, p.get("q"), p.get("x"))
                      for u, p in phone.bindings())

    def register(n):
        begin()
        options = [("X-Fault", str(n)), ("Supported", "gruu")]
        if kind == "star":
            options.append(("Expires", "0"))
        phone.peer.send(phone.message(*map(contact, REGISTERS[kind]),
                                      headers=options), phone.addr)
        try:
            return phone.peer.recv(0.5).status
        except Timeout:
            return None
    begin()
    alone = listed()
    register(0)
    whole = listed()
    for n in range(1, 4):
        register(n)
    phone.register("*", headers=[("Expires", "0")])
    before = memory.at_rest(server)
    seen = []
    for n in itertools.count(1):
        status = register(n)
        now = listed()  # by the only worker: it has done with the former
        made = int(server.rpc("pv.shvGet", "made")["value"])
        seen.append(status)
        if status is None:
            # the core had no memory for the reply: all or nothing anyway
            assert now in (alone, whole), n
        else:
            # 400: the core's parsers don't say whether memory was short
            assert status in (200, 400, 500)
            assert now == (whole if status == 200 else alone), n
        if made < n:
            break
    assert seen[-1] == 200 and (500 in seen or None in seen)
    phone.register("*", headers=[("Expires", "0")])
    same_memory(server, before)


def same_memory(server, before):
    """Nothing shared is lost or gone; what a worker keeps for itself is
    little."""
    until(lambda: memory.used(server)["shm"], before["shm"])
    until(lambda: {what for what, used in memory.used(server).items()
                   if abs(used - before[what]) >= 8192}, set())
