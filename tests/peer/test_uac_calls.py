# SPDX-License-Identifier: GPL-2.0-or-later
"""From and To replaced and restored over whole calls, side by side."""

import itertools
import random

import pytest

from .scene import Scenario
from .uac_calls import DIALOG, FLOWS, MANUAL, First, Reply, setup
from .uac_calls_intended import CALLS

AVPS = {"restore_from_avp": "$avp(kept_from)",
        "restore_to_avp": "$avp(kept_to)"}
PARAMS = {"rr_from_store_param": "kf", "rr_to_store_param": "kt"}
AUTO = setup("auto")
PASSWD = setup("passwd", restore_passwd="a password")
MODES = [AUTO, PASSWD, setup("none", "none"), setup("manual", "manual",
                                                    within=MANUAL),
         setup("params", **PARAMS), setup("avp", **AVPS),
         setup("manual-avp", "manual", within=MANUAL, **AVPS)]
DLG = [setup("dlg", modules=DIALOG, first="dlg_manage();", restore_dlg=1),
       setup("dlg-manual", "manual", DIALOG, MANUAL, "dlg_manage();",
             restore_dlg=1)]

ALICE, BOB = "<sip:{me}alice@a.example>", "<sip:bob@b.example>"
FROMS = {
    "addr": ALICE, "bare": "sip:{me}alice@a.example",
    "named": '"Alice A." ' + ALICE, "token named": "Alice " + ALICE,
    "odd name": r'"A <sip:x@y>, \"quoted\"" ' + ALICE,
    "uri params": "<sip:{me}alice@a.example;user=phone;x=y>",
    "header params": ALICE + ";x=y;z", "bare params":
    "sip:{me}alice@a.example;x=y", "port": "<sip:{me}@a.example:5070>",
    "tel": "<tel:+4930{me}>", "sips": "<sips:{me}@a.example>",
    "short": "<sip:a@b>", "ip": "<sip:{me}@192.0.2.1>",
    "long": "<sip:{me}%s@a.example>" % ("l" * 120),
    "escaped": "<sip:%41{me}%20b@a.example>", "blanks": " " + ALICE + " "}
TOS = {
    "addr": BOB, "bare": "sip:bob@b.example", "named": '"Bob" ' + BOB,
    "uri params": "<sip:bob@b.example;user=phone>", "tel": "<tel:+4940123>",
    "header params": BOB + ";x=y", "long": "<sip:%s@b.example>" % ("b" * 120)}
URIS = {
    "other": "sip:anonymous@anonymous.invalid", "short": "sip:c@d",
    "same length": "sip:s000zalice@c.example", "tel": "tel:+1555",
    "params": "sip:carol@c.example;user=phone",
    "long": "sip:%s@c.example" % ("c" * 100), "sips": "sips:c@c.example",
    "ipv6": "sip:c@[2001:db8::1]:5070"}
NAMES = {"none": None, "plain": "Carol", "quoted": '"Carol C."', "empty": "-"}


def replaced(from_=None, to=None, from_name=None, to_name=None, **more):
    """Headers that have the proxy do so."""
    rows = [("X-From", from_), ("X-To", to), ("X-From-Name", from_name),
            ("X-To-Name", to_name), ("X-Record", more.get("record")),
            ("X-Where", more.get("where"))]
    return [row for row in rows if row[1] is not None]


def call(where, name, from_=ALICE, to=BOB, flow="long", headers=(), **more):
    return Scenario(where, "%s, %s" % (name, flow),
                    [First(from_, to, headers, **more), *FLOWS[flow]])


def forms(where):
    """Every form of the functions in calls of every kind."""
    both = {"from": {"from_": URIS["other"]}, "to": {"to": URIS["params"]},
            "both": {"from_": URIS["other"], "to": URIS["short"]},
            "names": {"from_": URIS["other"], "from_name": "Carol",
                      "to": URIS["other"], "to_name": '"C"'}}
    for (name, given), flow in itertools.product(both.items(), FLOWS):
        yield call(where, name, flow=flow, headers=replaced(**given))


def shapes(where):
    new = {"from_": URIS["other"]}
    for name, value in FROMS.items():
        yield call(where, "from " + name, value, headers=replaced(**new))
        yield call(where, "from %s, new name" % name, value, headers=replaced(
            from_name=NAMES["quoted"], **new), flow="callee hangs up")
    for name, value in TOS.items():
        yield call(where, "to " + name, to=value, headers=replaced(
            to=URIS["other"]))
        yield call(where, "to %s, new name" % name, to=value,
                   headers=replaced(to=URIS["other"], to_name="Carol"),
                   flow="callee hangs up")
    for name, uri in URIS.items():
        yield call(where, "from to " + name, headers=replaced(uri))
        yield call(where, "to to " + name, headers=replaced(to=uri))
    for name, display in NAMES.items():
        yield call(where, "only the name %s" % name, FROMS["named"],
                   headers=replaced("-", from_name=display))
        yield call(where, "name %s" % name, FROMS["named"], headers=replaced(
            URIS["other"], from_name=display))
    yield call(where, "the same uri", headers=replaced(
        "sip:{me}alice@a.example"))
    yield call(where, "nothing")


def places(where):
    """Where it is done, and with what."""
    given = {"from_": URIS["other"], "to": URIS["params"]}
    for record, where_ in itertools.product((None, "before", "no"),
                                            (None, "branch")):
        yield call(where, "record %s in %s" % (record, where_),
                   headers=replaced(record=record, where=where_, **given),
                   flow="caller hangs up" if record != "no" else "busy")
    yield call(where, "compact", headers=replaced(**given), compact=True)
    for method in ("MESSAGE", "SUBSCRIBE", "OPTIONS"):
        for status in (200, 404, 302):
            yield Scenario(where, "%s %d" % (method, status), [First(
                ALICE, BOB, replaced(**given), method),
                Reply("p0", status)])


def by_chance(where, count, seed):
    rng = random.Random("%s %d" % (where, seed))
    for n in range(count):
        given = {}
        if rng.random() < 0.8:
            given["from_"] = rng.choice(sorted(URIS.values()))
            given["from_name"] = rng.choice(
                [None, None, *filter(None, NAMES.values())])
        if rng.random() < 0.6:
            given["to"] = rng.choice(sorted(URIS.values()))
            given["to_name"] = rng.choice(
                [None, None, *filter(None, NAMES.values())])
        given["record"] = rng.choice((None, None, "before"))
        yield call(where, "by chance %d" % n,
                   rng.choice(sorted(FROMS.values())),
                   rng.choice(sorted(TOS.values())),
                   rng.choice(sorted(FLOWS)), replaced(**given),
                   compact=rng.random() < 0.1)


SCENARIOS = []
for _where in (*MODES, *DLG):
    SCENARIOS += forms(_where)
    SCENARIOS += by_chance(_where, 25, 6)
for _where in (AUTO, PASSWD, DLG[0]):
    SCENARIOS += shapes(_where)
    SCENARIOS += places(_where)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_call(peers, scenario):
    peers.check(scenario, CALLS)
