# SPDX-License-Identifier: GPL-2.0-or-later
"""Counters of the group uac: accounts by state, REGISTERs by their end and
by the time it took."""

import re
import time

import pytest

from kamtest import accounts
from kamtest.counters import (PROM_GLOBALS, PROM_MODULES, PROM_ROUTE,
                              Counted, counters, scrape)
from kamtest.wait import until, until_true
from kamtest.regs import far, start  # noqa: F401

# a request is not repeated while a test looks at it
RETRY = """
modparam("tm", "retr_timer1", 20000)
modparam("tm", "retr_timer2", 20000)
modparam("uac", "reg_retry_interval", 600)
"""


def states(kamailio):
    """{state: accounts} of those that have any."""
    return {name[len("reg_state_"):]: n
            for name, n in counters(kamailio, "uac").items()
            if name.startswith("reg_state_") and n}


def ends(moved):
    return {name[len("reg_end_"):]: n for name, n in moved.items()
            if name.startswith("reg_end_")}


@pytest.fixture
def one(start, far):  # noqa: F811
    """one(extra) -> a server whose account 1 is online, counted from then."""
    def run(extra=RETRY, **options):
        kamailio = start([accounts.account("1", far.addr)], extra, **options)
        far.accept(far.get())
        until(lambda: states(kamailio), {"online": 1})
        return kamailio
    return run


def again(kamailio):
    kamailio.rpc("uac.reg_register", "l_uuid", "1")


def test_gauges_of_states(start, far):  # noqa: F811
    rows = [accounts.account(str(i), far.addr) for i in range(3)]
    rows += [accounts.account("off", far.addr, flags=1),
             accounts.account("later", far.addr, reg_delay=600)]
    kamailio = start(rows, RETRY)
    requests = [far.get() for _ in range(3)]
    until(lambda: states(kamailio),
          {"trying": 3, "disabled": 1, "waiting": 1})
    far.accept(requests[0])
    far.challenge(requests[1])
    far.answer(requests[2], 403, "Forbidden")
    authenticating = far.get()
    until(lambda: states(kamailio), {
        "online": 1, "authenticating": 1, "backoff": 1, "disabled": 1,
        "waiting": 1})
    assert kamailio.stat("uac", "reg_under_way") == 1
    assert kamailio.stat("uac", "reg_next_hops") == 1
    far.accept(authenticating)
    name = requests[0].get("Contact").split(":")[1].split("@")[0]
    kamailio.rpc("uac.reg_unregister", "l_uuid", name)
    leaving = far.get()
    until(lambda: states(kamailio)["unregistering"], 1)
    far.challenge(leaving, "n2")
    leaving = far.get()
    until(lambda: states(kamailio)["unregistering_auth"], 1)
    far.answer(leaving, 200, "OK")
    until(lambda: states(kamailio), {
        "online": 1, "backoff": 1, "disabled": 1, "waiting": 1,
        "unregistered": 1})
    # rows that go and change: the sum is regtotal all the time
    accounts.execute(kamailio.db, "delete from uacreg where l_uuid='off'")
    accounts.execute(kamailio.db, "update uacreg set auth_password='x'")
    kamailio.rpc("uac.reg_reload")
    assert sum(states(kamailio).values()) \
        == kamailio.stat("uac", "regtotal") == 4
    kamailio.rpc("uac.reg_remove", "later")
    until_true(lambda: sum(states(kamailio).values()) == 3)


def too_brief(far, request):  # noqa: F811
    far.answer(request, 423, "Interval Too Brief", ("Min-Expires", "900"))
    return far.get()


def redirected(far, request):  # noqa: F811
    far.answer(request, 302, "Moved", ("Contact", "<sip:%s>" % far.addr))
    return far.get()


def challenged(far, request):  # noqa: F811
    far.challenge(request)
    return far.get()


@pytest.mark.parametrize("end,first", [
    ("too_brief", too_brief), ("redirected", redirected),
    ("challenged", challenged)])
def test_answers_that_are_followed(one, far, end, first):  # noqa: F811
    kamailio = one()
    with Counted(kamailio, "uac") as seen:
        again(kamailio)
        far.accept(first(far, far.get()))
        until(lambda: ends(seen.so_far()), {end: 1, "accepted": 1})
    assert seen.moved["reg_sent"] == seen.moved["reg_answered"] == 2
    assert seen.moved["reg_attempts"] == 1


@pytest.mark.parametrize("end,code,headers", [
    ("refused", 403, []), ("refused", 503, []), ("no_answer", 408, []),
    ("busy", 503, [("Retry-After", "60")])])
def test_failures(one, far, end, code, headers):  # noqa: F811
    kamailio = one()
    with Counted(kamailio, "uac") as seen:
        again(kamailio)
        far.answer(far.get(), code, "No", *headers)
        until(lambda: ends(seen.so_far()), {end: 1})
        again(kamailio)
        far.accept(far.get())
        until(lambda: ends(seen.so_far()), {end: 1, "accepted": 1})
    assert seen.moved["reg_attempts"] == 1 and seen.moved["reg_retries"] == 1


def test_rejected_credentials(one, far):  # noqa: F811
    kamailio = one()
    with Counted(kamailio, "uac") as seen:
        again(kamailio)
        far.challenge(far.get(), "n1")
        far.challenge(far.get(), "n1")
        until(lambda: ends(seen.so_far()), {"challenged": 1, "rejected": 1})


def test_no_answer_at_all(one, far):  # noqa: F811
    kamailio = one(RETRY + 'modparam("tm", "fr_timer", 500)')
    with Counted(kamailio, "uac") as seen:
        again(kamailio)
        until(lambda: ends(seen.so_far()), {"no_answer": 1})
    assert not any("rtt" in name for name in seen.moved)
    assert seen.moved["reg_answered"] == 1  # by tm itself


def test_unsent(start, far):  # noqa: F811
    """A name that does not resolve, and what the script drops."""
    rows = [accounts.account("dns", far.addr,
                             auth_proxy="sip:nobody.invalid:5060"),
            accounts.account("drop", far.addr)]
    kamailio = start(rows, RETRY, more="""
event_route[tm:local-request] { if($fU == "rdrop") drop; }""")
    until(lambda: states(kamailio), {"backoff": 2})
    moved = counters(kamailio, "uac")
    assert moved["reg_end_unsent"] == moved["reg_sent"] == 2
    assert sum(ends(moved).values()) == 2


def test_outdated_answer(one, far):  # noqa: F811
    kamailio = one()
    with Counted(kamailio, "uac") as seen:
        again(kamailio)
        request = far.get()
        kamailio.rpc("uac.reg_disable", "l_uuid", "1")
        far.accept(request)
        until(lambda: ends(seen.so_far()), {"outdated": 1})


def test_a_binding_that_ends(start, far):  # noqa: F811
    kamailio = start([accounts.account("1", far.addr)])
    far.accept(far.get(), 2)
    until(lambda: counters(kamailio, "uac")["reg_lapsed"], 1)


def test_round_trip_times_are_a_histogram(one, far):  # noqa: F811
    kamailio = one()
    before = counters(kamailio, "uac")
    again(kamailio)
    request = far.get()
    time.sleep(0.06)  # what the provider takes
    far.accept(request)
    until(lambda: counters(kamailio, "uac")["reg_end_accepted"], 2)
    after = counters(kamailio, "uac")
    buckets = sorted(
        (int(found[1]), after[name]) for name in after
        if (found := re.fullmatch(r"reg_rtt_le_(\d+)ms", name)))
    counts = [n for _, n in buckets] + [after["reg_rtt_le_inf"]]
    assert counts == sorted(counts) and counts[-1] == 2
    # the second is in no bucket of 50 ms or less
    assert after["reg_rtt_le_50ms"] == before["reg_rtt_le_50ms"]
    assert after["reg_rtt_sum_ms"] >= before["reg_rtt_sum_ms"] + 60


def test_prometheus_shows_them(start, far):  # noqa: F811
    extra = "\n".join('loadmodule "%s.so"' % m for m in PROM_MODULES)
    kamailio = start(
        [accounts.account("1", far.addr)], extra + """
modparam("xhttp_prom", "xhttp_prom_stats", "uac:")""", more=PROM_ROUTE,
        tcp=True, globals_=PROM_GLOBALS)
    far.serve("1")
    until(lambda: states(kamailio), {"online": 1})
    values = scrape(kamailio)
    assert {"kamailio_uac_" + n for n in counters(kamailio, "uac")} \
        <= set(values)
    assert values["kamailio_uac_reg_state_online"] == "1"
    assert values["kamailio_uac_reg_end_challenged"] == "1"
    assert values["kamailio_uac_reg_rtt_le_inf"] == "2"
    assert all(re.fullmatch("[a-z0-9_]+", name) for name in values)
