# SPDX-License-Identifier: GPL-2.0-or-later
"""Scenarios by hand: every parameter of registrar at its bounds, requests
that are refused, and what is better than in the stock module."""

import pytest

from .reg_intended import REGISTRAR
from .reg_setup import setup
from .reg_steps import call, contact, register, relay
from .scene import Scenario

I1 = ';+sip.instance="<urn:uuid:{me}-1>"'
I2 = ';+sip.instance="<urn:uuid:{me}-2>"'
GRUU = [("Supported", "gruu")]
STAR = [("Expires", "0")]
OB = [("Supported", "path, outbound")]
SCENARIOS = []


def scenario(where, name, *steps):
    SCENARIOS.append(Scenario(where, name, list(steps)))


def with_params(name, *steps, usrloc=(), given="", extra="", modules=(),
                **params):
    """A scenario in a setup of its own."""
    where = setup(name, params, usrloc, given, extra, modules)
    scenario(where, "it", *steps)


def lifetimes(*more):
    return [register(contact(params=p), headers=h) for p, h in [
        ("", []), (";expires=0", []), (";expires=59", []),
        (";expires=60", []), (";expires=3599", []), (";expires=3600", []),
        (";expires=7200", []), ("", [("Expires", "90")]),
        (";expires=100", [("Expires", "90")]), (";expires=soon", []),
        (";expires=", []), (";expires=-1", []), *more]]


PLAIN = setup("requests", usrloc={"use_domain": 1})
scenario(PLAIN, "lifetimes", *lifetimes())
with_params("default-expires", *lifetimes(), default_expires=1234)
with_params("min-max", *lifetimes(), min_expires=100, max_expires=3000)
with_params("brief", *lifetimes(), min_expires=100, min_expires_mode=1)
with_params("brief-default", register(contact()), min_expires=200,
            min_expires_mode=1, default_expires=100)
with_params("min-0", *lifetimes(), min_expires=0)
with_params("very-brief", register(contact(params=";expires=3600")),
            min_expires=7200, min_expires_mode=1)
for n, large in enumerate(("2147483647", "2147483648", "4294967295",
                           "4294967296", "99999999999999999999")):
    scenario(PLAIN, "large-%d" % n,
             register(contact(params=";expires=" + large)))
    scenario(PLAIN, "large-header-%d" % n,
             register(contact(), headers=[("Expires", large)]))

with_params("q-behind-a-removal",
            register(contact(params=";expires=0"),
                     contact("d", "p2", params=";q=0.2")), default_q=1000)

# what is refused, by a phone that is registered
for n, bad in enumerate([
        register(contact(params=";q=7")), register(contact(params=";q=0.0001")),
        register(contact(params=";q=-1")), register(contact(params=";q=1.1")),
        register("*"), register("*", headers=[("Expires", "60")]),
        register("*", contact(), headers=STAR), register("*", "*", headers=STAR),
        register("<sip:{me}a@{p0}"), register("<>"), register(""),
        register('"A <sip:{me}a@{p0}>'), register(contact(), cseq="x"),
        register(contact(), cseq="99999999999"),
        register(contact(), headers=[("CSeq", "7")]),
        register(contact(), headers=[("CSeq", None)]),
        register(contact(), headers=[("To", None)]),
        register(contact(), headers=[("From", None)]),
        register(contact(), headers=[("To", "<sip:{me}%zz@example.org>")]),
        register(contact(), headers=[("To", "<tel:+123>")]),
        register(contact(), headers=[("To", "<sip:@example.org>")]),
        register(contact(), callid="{me}" + "c" * 249),
        register(contact(), callid="{me}" + "c" * 251),
        register("<sip:{me}%s@{p0}>" % ("u" * 480)),
        register("<sip:{me}%s@{p0}>" % ("u" * 500)),
        register(contact(), user="u" * 230), register(contact(), user="u" * 300),
        register(contact(), headers=[("Require", "outbound")]),
        register(contact(), headers=[("User-Agent", "U" * 300)]),
        register(headers=[("Expires", "junk")]),
        register(*[contact("n%d" % i) for i in range(14)])]):
    scenario(PLAIN, "refused-%d" % n, register(contact("b", "p1")), bad,
             register(), call("lookup"))
# Contacts the stock module takes as they are
for n, odd in enumerate(["<tel:+123>", "<mailto:a@b>", "<nonsense>",
                         "<sip:{me}a@example.org>", "<sip:{me}a@{server}>",
                         "<sip:{p0}>", "<sips:{me}a@{p0}>",
                         "<sip:{me}a@{p0};transport=tcp>",
                         "<sip:{me}a@[::1]:5060>", "<SIP:{me}a@{p0}>"]):
    scenario(PLAIN, "contact-%d" % n, register(odd), register())

scenario(PLAIN, "stale", register(contact(params=I1), cseq=10),
         register(contact(params=I1), cseq=9))
scenario(PLAIN, "stale-plain", register(contact(), cseq=10),
         register(contact(), cseq=9), register(contact(), cseq=10),
         register(contact(), cseq=3, callid="{me}-new"), register())
scenario(PLAIN, "stale-star", register(contact(), cseq=10),
         register("*", cseq=9, headers=STAR))
scenario(PLAIN, "half", register(contact()),
         register(contact("b"), contact("c", params=";q=9")))
scenario(PLAIN, "half-new", register(contact("b"),
                                     contact("c", params=";q=9")), register())
scenario(PLAIN, "promoted", register(contact()), register(contact(params=I1)),
         register(contact("moved", "p1", I1)), register(contact("moved", "p1")))
scenario(PLAIN, "q", register(contact("a", params=";q=0.9")),
         register(contact("b", params=";q=0.5")),
         register(contact("a", params=";q=0.1")), call("lookup"), relay())
scenario(PLAIN, "left-over", register(contact(), flags=2),
         register(contact(params=";q=9"), user="b"))
with_params("cseq-delay", register(contact(), cseq=5),
            register(contact(), cseq=5), register(contact(), contact()),
            register(contact("z"), contact("z")), usrloc={"cseq_delay": 0})
FLOWS = setup("flows", params={"regid_mode": 1})
scenario(FLOWS, "bad-reg-id", register(contact(params=I1 + ";reg-id=0")))
scenario(FLOWS, "bad-reg-id-text",
         register(contact(params=I1 + ";reg-id=x")))
scenario(FLOWS, "second", register(
    contact("a", params=I1 + ";reg-id=2"), contact("b")))
scenario(FLOWS, "instance", register(
    contact("a", params=I1 + ";reg-id=1"), callid="{me}-1"), register(
        contact("b", params=I1 + ";reg-id=2"), callid="{me}-2"))
scenario(FLOWS, "no-instance", register(contact(params=";reg-id=1")),
         register(contact(params=";reg-id=2")))
OUTBOUND = setup("outbound", params={
    "outbound_mode": 1, "flow_timer": 30, "use_path": 1})
scenario(OUTBOUND, "flow", register(
    contact(params=I1 + ";reg-id=1"), headers=OB), register(), relay())
scenario(OUTBOUND, "edge", register(
    contact(params=I1 + ";reg-id=1"), headers=OB + [
        ("Via", "SIP/2.0/UDP {p3};branch=z9hG4bK1"),
        ("Via", "SIP/2.0/UDP {p0};branch=z9hG4bK2"),
        ("Path", "<sip:{p3};lr>")], via="p3"), register())
scenario(OUTBOUND, "edge-ob", register(
    contact(params=I1 + ";reg-id=1"), headers=OB + [
        ("Via", "SIP/2.0/UDP {p3};branch=z9hG4bK1"),
        ("Via", "SIP/2.0/UDP {p0};branch=z9hG4bK2"),
        ("Path", "<sip:{p3};lr;ob>")], via="p3"), register(), relay())
scenario(OUTBOUND, "unused", register(contact(), headers=OB))
scenario(OUTBOUND, "two", register(contact(params=I1 + ";reg-id=1"),
                                   contact("b"), headers=OB))
REQUIRED = setup("required", params={"outbound_mode": 2})
scenario(REQUIRED, "without", register(contact()))
scenario(REQUIRED, "other", register(contact(), headers=[
    ("Supported", "path")]))
scenario(REQUIRED, "demand", register(contact(), headers=[
    ("Supported", "path"), ("Require", "outbound")]))
scenario(REQUIRED, "with", register(
    contact(params=I1 + ";reg-id=1"), headers=OB), register(headers=OB))

MAX = setup("max", params={"max_contacts": 2, "retry_after": 20,
                           "xavp_cfg": "reg"})
scenario(MAX, "max", register(contact("a")), register(contact("b")),
         register(contact("c")), register(contact("a")),
         register(contact("c"), headers=[("X-Max", "3")]),
         register(contact("d"), flags=4), register(contact("e")))
scenario(MAX, "max-two", register(contact("a")),
         register(contact("b"), contact("c", params=";q=0.1")), register())
scenario(MAX, "max-exchange", register(contact("a")), register(contact("b")),
         register(contact("a", params=";expires=0"), contact("c")))
scenario(MAX, "max-instance", register(contact("a", params=I1)),
         register(contact("b", params=I2)),
         register(contact("c", params=I1), contact("d", params=I2)))
scenario(MAX, "xavp", register(contact(), headers=[("X-Exp", "500")]),
         register(contact(params=";q=0.1"), headers=[("X-Q", "1000")]),
         register(contact(params=";expires=0"), headers=[("X-Exp", "500")]))

COUNT = setup("count", params={"max_contacts": 1})
scenario(COUNT, "one-of-two", register(contact("b", params=I1), contact("c"),
                                       flags=4))
scenario(COUNT, "instances", register(contact("a", params=I1)),
         register(contact("b", params=I1), contact("c", params=I2)))
scenario(COUNT, "exchange", register(contact("a")),
         register(contact("a", params=";expires=0"), contact("c")))
with_params("reasons", register(contact()), register(
    contact("b", params=";expires=30"), headers=[("Path", "<sip:{p3};lr>")]),
    use_path=1, min_expires=60, min_expires_mode=1)

S = [("Supported", "path")]
PATHS = ["<sip:{p3};lr>", "<sip:{p3}>", "sip:{p3};lr", "<sip:{p3};lr", "<>",
         "<tel:1>", "<sip:{p3};lr>, garbage", "<sip:{p3};lr>;x=1",
         "<sip:%s;lr>" % ("p" * 300), '"n" <sip:{p3};lr;ob>,<sip:{p2};lr>',
         "<sip:{p3};lr;received=sip:1.2.3.4:5%3Btransport%3Dtcp>"]
for mode in (0, 1, 2):
    where = setup("path%d" % mode, params={"use_path": 1, "path_mode": mode})
    for n, path in enumerate(PATHS):
        scenario(where, str(n), register(contact(), headers=S + [
            ("Path", path)]), register(), call("lookup"), call("dset"))
    scenario(where, "unsupported", register(contact(), headers=[
        ("Path", PATHS[0])]), register())
    scenario(where, "nothing", register(
        contact(params=";expires=0"), headers=S + [("Path", PATHS[0])]))
with_params("path-received", register(contact(), headers=S + [
    ("Path", PATHS[-1])]), call("lookup"), use_path=1, path_use_received=1,
    usrloc={"nat_bflag": 5})
LOCAL = setup("path-local", params={"use_path": 1, "path_check_local": 1})
for n, path in enumerate([
        "<sip:{server};lr>,<sip:{p3};lr>", "<sip:{server};lr>",
        "<sip:{server};lr>, <sip:{p3};lr>", "<sip:{p3};lr>,<sip:{server};lr>",
        "<sip:x@{server};lr>;p=1, <sip:{p3};lr>",
        "<sip:127.0.0.1:9;lr>,<sip:{p3};lr>"]):
    scenario(LOCAL, str(n), register(contact(), headers=S + [
        ("Path", path)]), call("lookup"), *([relay()] if n < 5 else []))

with_params("nat", register("<sip:{me}a@10.0.0.1>"), register(),
            call("lookup"), relay(), usrloc={"nat_bflag": 5},
            received_avp="$avp(RECEIVED)", modules=["nathelper"],
            extra='modparam("nathelper", "received_avp", "$avp(RECEIVED)")',
            given='if(method == "REGISTER") fix_nated_register();')
with_params("received", *[register(contact(), headers=[("X-Rcv", v)])
                          for v in ("sip:{p3}", "sip:%s" % ("r" * 250),
                                    "sip:%s" % ("r" * 252), "junk")],
            call("lookup"), received_avp="$avp(rcv)")
with_params("methods", register(contact("a"), headers=[("Allow", "INVITE")]),
            register(contact("b", params=';methods="MESSAGE,BYE"')),
            register(contact("c")),
            *[call("lookup", method=m) for m in ("INVITE", "MESSAGE",
                                                 "OPTIONS")],
            call("lookup", method="INVITE", headers=[
                ("To", "<sip:{me}a@example.org>;tag=in")]),
            method_filtering=1)
with_params("no-gruu", register(contact(params=I1), headers=GRUU),
            register(contact("b", params=I1), headers=GRUU), register(),
            call("lookup", ruri="sip:{me}a@example.org;gr=urn:uuid:{me}-1"),
            gruu_enabled=0)
with_params("realm", register(contact(), domain="sip.example.org"),
            call("lookup"), call("lookup", ruri="sip:{me}a@sip.example.org"),
            call("lookup", ruri="sip:{me}a@SIP.example.org"),
            usrloc={"use_domain": 1}, realm_prefix="sip.")
with_params("mask", register(contact(), headers=[("X-Rcv", "sip:{p3}")]),
            call("lookup"), xavp_rcd="rcd", xavp_rcd_mask=10,
            received_avp="$avp(rcv)")
for mode in (1, 2):
    with_params("memory-only-%d" % mode, register(contact()),
                register(contact(), flags=1), call("unregister", uri=True),
                usrloc={"db_mode": mode})


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_case(peers, scenario):
    peers.check(scenario, REGISTRAR)
