# SPDX-License-Identifier: GPL-2.0-or-later
"""Scenarios by hand: every function of registrar and its forms, in script
routes of every kind, and what else its interface has."""

import re

import pytest

from kamtest.kamailio import RELEASE

from .reg_intended import REGISTRAR
from .reg_setup import NEWER, setup
from .reg_steps import HangUp, Rpc, Tcp, call, contact, register, relay
from .scene import Scenario, Wait

I1 = ';+sip.instance="<urn:uuid:{me}-1>"'
I2 = ';+sip.instance="<urn:uuid:{me}-2>"'
GRUU = [("Supported", "gruu")]
PATH = [("Supported", "path"), ("Path", "<sip:{p3};lr>, <sip:e@{p2};lr>")]
STAR = [("Expires", "0")]
MODES = {mode: setup("mode%d" % mode, usrloc={
    "db_mode": mode, "use_domain": 1, "xavp_contact": "ulx"}, params={
        "xavp_rcd": "rcd", "xavp_cfg": "reg", "received_avp": "$avp(rcv)",
        "use_path": 1}) for mode in range(4)}
SCENARIOS = []


def scenario(where, name, *steps):
    SCENARIOS.append(Scenario(where, name, list(steps)))


def in_every_mode(name, *steps):
    for where in MODES.values():
        scenario(where, name, *steps)


in_every_mode(
    "life", register(contact(), headers=[("Expires", "100")]),
    register(contact(at="p1", params=";q=0.5")), register(), relay(),
    call("lookup"), register(contact(params=";expires=0")),
    register("*", headers=STAR), relay())

# save(): every flag, with and without the URI as an argument
for flags in range(32):
    if flags & 1 and flags > 5:
        continue  # 0x01 goes with all others alike
    scenario(MODES[0], "save-%d" % flags,
             register(contact(), flags=flags),
             register(contact("b", "p1"), flags=flags),
             register(contact(params=";expires=200"), flags=flags),
             register(flags=flags), register(),
             register("*", headers=STAR, flags=flags), register())
scenario(MODES[0], "save-uri",
         register(contact(), flags="0u", headers=[
             ("X-Uri", "sip:{me}U@elsewhere.example")]),
         register(contact("b", params=I1), flags="4u", headers=GRUU + [
             ("X-Uri", "sip:{me}u@elsewhere.example:5070;x=1")]),
         call("lookup-uri", uri="sip:{me}u@elsewhere.example"), register(),
         register(contact(), flags="0u", headers=[("X-Uri", "")]))
scenario(MODES[0], "send-reply",
         register(contact(), flags=2, headers=[("X-Later", "y")]),
         register(contact("b"), flags=0x10, headers=[("X-Later", "y")]),
         register(contact("c"), flags=0x12, headers=[("X-Later", "y")]),
         register(contact(params=";q=9"), flags=2,
                  headers=[("X-Later", "y")]),
         register(flags=2, headers=[("X-Later", "y")]))

# lookup() and its kin
TWO = [register(contact("a", "p1", ";q=0.2"), headers=[
           ("X-Bflags", "y"), ("User-Agent", "One"), ("X-Keep", "kept")]),
       register(contact("b", "p2", ";q=0.9"), headers=PATH[:1] + [
           ("Path", "<sip:{p3};lr>"), ("X-Rcv", "sip:{p1}")])]
in_every_mode("targets", *TWO, *[
    step for do in ("lookup", "lookup-uri", "dset", "dset-uri", "branches")
    for step in (call(do, uri=True), call(do, uri=True, headers=[
        ("X-Du", "sip:{p3}"), ("X-Br", "sip:more@{p3}")]))], relay(),
    relay(method="INVITE"), relay(user="nobody"))
scenario(MODES[0], "uris", *TWO, *[
    call(do, uri=uri) for do in ("lookup-uri", "dset-uri", "fetch")
    for uri in ("sip:{me}A@Example.ORG", "sips:{me}a@example.org",
                "sip:{me}%61@example.org:5070;x=1", "<sip:{me}a@example.org>",
                "{me}a@example.org", "tel:+1234", "sip:example.org", "")])
scenario(MODES[0], "branches", *TWO,
         register(contact("c", "p3"), user="b"),
         *[call("branches", user=user, headers=[
             ("X-Br", "sip:{me}%s@example.org" % other)])
           for user in "ab-" for other in "ab-"],
         call("branches", ruri="bla", headers=[
             ("X-Br", "sip:{me}a@example.org")]))
scenario(MODES[0], "gruus",
         register(contact("a", "p1", I1), headers=GRUU),
         register(contact("b", "p2", I2), headers=GRUU),
         register(contact("c", "p3"), headers=GRUU),
         *[call(do, ruri=kind) for do in ("lookup", "dset", "branches",
                                          "relay")
           for kind in ("{pub-gruu}", "{temp-gruu}")],
         call("lookup", ruri="sip:{me}a@example.org;gr=urn:uuid:none"),
         call("lookup", ruri="sip:uloc-1-2-3~4@example.org;gr"))

# registered(): match and action
WHO = [("X-Mc", "{me}-call"), ("X-Mr", "sip:{p1}"),
       ("X-Mk", "sip:{me}b@{p2}")]
in_every_mode("registered", call("registered", headers=[("X-Form", "0")]),
              *TWO, call("registered", headers=[("X-Form", "0")]),
              call("registered", uri=True, headers=[("X-Form", "1")]),
              call("registered", uri="bla", headers=[("X-Form", "1")]))
scenario(MODES[0], "match", *TWO, *[
    call("registered", uri=True, headers=[("X-Form", "m%d%s" % (m, a)), *who])
    for m in range(8) for a in ("", "a0", "a1", "a2", "a3")
    for who in ([], WHO)][:60],
    *[call("registered", uri=True, headers=[("X-Form", "m%d" % m), who])
      for m in (1, 2, 4, 7) for who in (
          ("X-Mc", "no"), ("X-Mr", "sip:no"), ("X-Mk", "sip:no"))])

# unregister()
in_every_mode("unregister", call("unregister", uri=True), *TWO,
              call("unregister-ruid", uri=True, headers=[
                  ("X-Ruid", "{ruid1}")]), register(),
              call("unregister-ruid", uri=True, headers=[
                  ("X-Ruid", "{ruid1}")]),
              call("unregister", uri="bla"), call("unregister", uri=True),
              register(), call("fetch", uri=True))
in_every_mode("unregister-by-ruid", *TWO,
              call("unregister-only-ruid", headers=[("X-Ruid", "{ruid1}")]),
              call("unregister-only-ruid", headers=[("X-Ruid", "no-such")]),
              register())

scenario(MODES[0], "unregister-last", register(contact()),
         call("unregister-ruid", uri=True, headers=[("X-Ruid", "{ruid1}")]),
         call("fetch", uri=True), register())

# the rest
in_every_mode("fetch", call("fetch", uri=True), *TWO,
              register(contact("c", params=I1 + ';methods="INVITE,BYE"')),
              call("fetch", uri=True), call("fetch", uri="bla"))
scenario(MODES[0], "sock-hdr", call("sockhdr"),
         call("sockhdr", headers=[("Sock-Info", "there")]))
if RELEASE >= (5, 7):
    NEWER_CALLS = [call(do, uri=True, via="p1") for do in NEWER]
    scenario(MODES[0], "newer", *NEWER_CALLS, *TWO, *NEWER_CALLS)

# other routes: a REGISTER relayed to a registrar behind, {p3}
ROUTES = setup("routes", given="""
    if(is_present_hf("X-Up")) {
        t_on_reply("UP");
        t_on_failure("UP");
        $du = $hdr(X-Up);
        sl_send_reply("183", "relayed");
        t_relay();
        exit;
    }
""", more="""
onreply_route[UP] {
    if(status =~ "2[0-9][0-9]") {
        save("location");
        append_hf("X-Saved: $rc\\r\\n");
    }
}
failure_route[UP] {
    if(is_present_hf("X-Local")) {
        save("location", "2");
        t_reply("488", "rc $rc");
    }
}
""")
UP = [("X-Up", "sip:{p3}")]
scenario(ROUTES, "onreply",
         register(contact(), headers=UP, answer=200, says=[
             ("Contact", contact() + ";expires=77")]),
         register(), register(contact(), headers=UP, answer=200),
         register(), register(contact(), headers=UP, answer=403),
         register(), register(contact(params=";expires=0"), headers=UP,
                              answer=200, says=[
             ("Contact", contact() + ";expires=0")]), register())
scenario(ROUTES, "failure",
         register(contact(), headers=UP + [("X-Local", "y")]), register(),
         register(contact("b"), headers=UP), register())

# the event: what the log says of it
EVENT = setup("event", params={"min_expires": 1},
              usrloc={"timer_interval": 1}, more="""
event_route[usrloc:contact-expired] {
    xlog("L_ERR", "EXPIRED $ulc(exp=>aor) $ulc(exp=>addr) $ulc(exp=>count)"
        " $ulc(exp=>callid) $ulc(exp=>q) $ulc(exp=>ruid)\\n");
}
""")


def look_at_the_log(side, stages):
    return {stage: {"event": sorted(stage.normal(line) for line in re.findall(
        "EXPIRED (%s.*)" % stage.me, side.kam.log()))} for stage in stages}


EVENT.look = look_at_the_log
for n in range(2):
    scenario(EVENT, "expired-%d" % n,
             register(contact(params=";expires=1;q=0.5")),
             register(contact("b", params=";expires=100")),
             register(contact("c", params=";expires=1"), user="c",
                      callid="{me}-other"),
             register(contact("b", params=";expires=0")),
             Wait(6), register(), register(user="c"))

# connections
TCP = setup("tcp", params={"lookup_filter_mode": 2}, tcp=True)
scenario(TCP, "connection",
         Tcp("REGISTER", "sip:example.org", [
             ("To", "<sip:{me}a@example.org>"),
             ("Contact", "<sip:{me}a@{tcp};transport=tcp>")], "p0"),
         register(contact("u")), call("lookup"), call("fetch", uri=True),
         HangUp(), call("lookup"), call("registered", uri=True, headers=[
             ("X-Form", "1")]), register())

# usrloc's RPC, and what the module makes of it
RPC = setup("rpc", usrloc={"use_domain": 1})
AOR = "{me}a@example.org"
scenario(RPC, "usrloc", Rpc("ul.add", "location", AOR, "sip:{me}a@{p1}", 120,
                            0.5, 0, 0, 0, 0), register(), call("lookup"),
         relay(), call("registered", uri=True, headers=[("X-Form", "1")]),
         register(contact("b")), Rpc("ul.rm_contact", "location", AOR,
                                     "sip:{me}a@{p1}"), register(),
         Rpc("ul.rm", "location", AOR), register(), call("lookup"))

# the statistics of the stock module
STATS = setup("stats", params={
    "max_contacts": 1, "default_expires": 1000, "max_expires": 9000})
STOCK_NAMES = ["registrar:%s =" % name for name in (
    "max_expires max_contacts default_expire default_expires_range"
    " expires_range accepted_regs rejected_regs").split()]
READ = Rpc("stats.get_statistics", "registrar:", words=STOCK_NAMES)
scenario(STATS, "stats", READ, register(contact()), register(contact("b")),
         register(contact(params=";q=7")), READ,
         Rpc("stats.reset_statistics", "registrar:"), READ,
         Rpc("cfg.set_now_int", "registrar", "max_contacts", 5),
         register(contact("b")), READ,
         Rpc("cfg.get", "registrar", "default_expires"))


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_function(peers, scenario):
    peers.check(scenario, REGISTRAR)
