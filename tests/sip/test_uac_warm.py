# SPDX-License-Identifier: GPL-2.0-or-later
"""Registrations go on after a restart: reg_state_table."""

import os
import signal
import time

import pytest

from kamtest import accounts
from kamtest.regs import ask, far, gauges, options, provider  # noqa: F401
from kamtest.uawarm import (STATE, all_online, is_saved, query, rows,
                            warm)  # noqa: F401
from kamtest.wait import until, until_true


def is_sealed(path):
    """Whether the last server ended in order."""
    return query(path, "select is_exact from uacreg_state where "
                 "l_uuid='server here'")[0]["is_exact"] == 1


def silent(far, seconds=2.0):
    with pytest.raises(AssertionError):
        far.get(seconds)


def number(request):
    return int(request.get("CSeq").split()[0])


def registered(far, expires=600, *headers, code=401):
    """Answer the first REGISTER and the one with credentials."""
    far.challenge(far.get(), code=code)
    request = far.get()
    far.accept(request, expires, *headers)
    return request


def kill(kam):
    """kill -9, of all its processes."""
    kam.may_die = True
    os.killpg(kam.proc.pid, signal.SIGKILL)
    kam.proc.wait()


def line(kam, name="1"):
    """The account in uac.reg_list."""
    return [a for a in kam.rpc("uac.reg_list")["accounts"]
            if a["l_uuid"] == name][0]


# --- what goes on -------------------------------------------------------------

def test_a_valid_binding_goes_on(warm, far, udp):
    peer = udp()
    kam = warm([accounts.account("1", far.addr)])
    first = registered(far)
    until(lambda: gauges(kam), (1, 1, 0))
    kam.stop()
    assert rows(kam.db)["1"]["state"] == "online" and is_sealed(kam.db)
    kam = warm()
    assert gauges(kam) == (1, 1, 0)
    assert ask(kam, peer, "sip:1@x")[4] == "1"
    assert not is_sealed(kam.db)
    silent(far)
    kam.rpc("uac.reg_register", "l_uuid", "1")
    again = far.get()
    assert again.get("Call-ID") == first.get("Call-ID")
    assert again.get("From") == first.get("From")
    assert number(again) == number(first) + 1
    assert "nc=00000002" in again.get("Authorization")


def test_a_restart_keeps_the_dialog_once(warm, provider):
    """reg_keep_callid is 0: what comes after the first refresh is as ever."""
    kam = warm([accounts.account("1", provider.addr)])
    all_online(kam, provider, 1)
    first = provider.asked()[-1]
    kam.stop()
    kam = warm()
    for _ in range(2):
        seen = len(provider.asked(code=200))
        kam.rpc("uac.reg_register", "l_uuid", "1")
        until(lambda: len(provider.asked(code=200)), seen + 1)
        until(lambda: line(kam)["state"], "online")
    second, third = provider.asked(code=200)[-2:]
    assert second.callid == first.callid and second.cseq == first.cseq + 1
    assert third.callid != first.callid


def test_a_refresh_comes_when_it_was_due(warm, provider):
    provider.grant = 8
    kam = warm([accounts.account("1", provider.addr)])
    all_online(kam, provider, 1)
    first = provider.asked()[-1]
    due = rows(kam.db)["1"]["next_due"]
    kam.stop()
    kam = warm()
    until_true(lambda: len(provider.asked(code=200)) > 1)
    # to the second, of which a row has whole ones
    assert time.time() >= due - 1
    assert provider.asked(code=200)[1].cseq == first.cseq + 1
    assert provider.asked(code=500) == []


def test_lapsed_ones_register_at_once_but_paced(warm, provider):
    count, rate = 60, 20
    kam = warm([accounts.account("%d" % i, provider.addr)
                for i in range(count)])
    all_online(kam, provider, count)
    before = {r.user: r for r in provider.asked(code=200)}
    kam.stop()
    query(kam.db, "update uacreg_state set registered_until=?, next_due=?",
          int(time.time()) - 100, int(time.time()) - 200)
    with provider.lock:
        provider.bindings.clear()
    began = time.monotonic()
    kam = warm(extra='modparam("uac", "reg_rate", %d)\n' % rate)
    all_online(kam, provider, count)
    asked = provider.asked(since=began, code=200)
    assert len(asked) == count
    # the first of a second come together
    assert asked[-1].time - asked[0].time > (count - 2 * rate) / rate
    for request in asked:
        assert request.callid == before[request.user].callid
        assert request.cseq > before[request.user].cseq
    # the nonce is still good
    assert provider.asked(since=began, code=401) == []


def test_a_cached_challenge_of_a_proxy_goes_on(warm, far):
    kam = warm([accounts.account("1", far.addr)])
    registered(far, code=407)
    until_true(lambda: is_saved(kam, "1", proxy_nc=1, state="online"))
    row = rows(kam.db)["1"]
    assert 'nonce="n1"' in row["proxy_challenge"] and row["challenge"] == ""
    kam.stop()
    kam = warm()
    kam.rpc("uac.reg_register", "l_uuid", "1")
    again = far.get()
    assert "nc=00000002" in again.get("Proxy-Authorization")
    assert again.get("Authorization") is None
    far.authorization(again, "p1")


def test_the_service_route_is_there_at_once(warm, far, udp):
    peer = udp()
    route = 'sl_send_reply("299", "is $(uac_reg($rU=>service_route))"); exit;'
    kam = warm([accounts.account("1", far.addr)], route=route)
    registered(far, 600, ("Service-Route", "<sip:way.example;lr>"),
               ("Service-Route", "<sip:two.example;lr>"))
    until_true(lambda: is_saved(kam, "1", state="online"))
    want = options(kam, peer, "sip:1@x").reason
    assert "way.example" in want and "two.example" in want
    kam.stop()
    kam = warm(route=route)
    assert options(kam, peer, "sip:1@x").reason == want
    silent(far, 1)


def test_the_back_off_goes_on(warm, provider):
    provider.answer_as = lambda request: 403
    kam = warm([accounts.account("1", provider.addr)])
    until_true(lambda: is_saved(kam, "1", state="backoff"))
    kam.rpc("uac.reg_register", "l_uuid", "1")
    until_true(lambda: is_saved(kam, "1", failures=2))
    kam.stop()
    row = rows(kam.db)["1"]
    assert row["state"] == "backoff" and row["registered_until"] == 0
    seen = len(provider.asked())
    kam = warm()
    got = line(kam)
    assert got["state"] == "backoff" and got["failures"] == 2
    assert row["next_due"] - time.time() - 2 < got["next_in"] <= 60
    time.sleep(1)
    assert len(provider.asked()) == seen
    # its turn comes
    kam.stop()
    query(kam.db, "update uacreg_state set next_due=?", int(time.time()))
    provider.answer_as = lambda request: None
    kam = warm()
    until(lambda: gauges(kam), (1, 1, 0))


# --- what does not ------------------------------------------------------------

@pytest.mark.parametrize("column,value", [
    ("auth_password", "changed"), ("auth_username", "changed"),
    ("r_username", "changed"), ("r_domain", "other.example"),
    ("realm", "*"), ("auth_ha1", "0123456789abcdef" * 2)])
def test_an_account_that_changed_begins_anew(warm, far, column, value):
    kam = warm([accounts.account("1", far.addr)])
    first = registered(far)
    until(lambda: gauges(kam), (1, 1, 0))
    until_true(lambda: is_saved(kam, "1", state="online"))
    kam.stop()
    accounts.execute(kam.db, "update uacreg set %s=?" % column, value)
    kam = warm()
    again = far.get()
    assert again.get("Call-ID") != first.get("Call-ID")
    assert again.get("Authorization") is None
    assert kam.stat("uac", "reg_kept_skipped") == 1
    assert ("account 1 is not used: it is of another registrar, AoR or "
            "credentials") in kam.log()
    far.accept(again)
    # and has a row of its own
    until_true(lambda: is_saved(kam, "1", state="online", callid=again.get(
        "Call-ID")))


def test_a_contact_that_moved_takes_the_former_one_away(warm, provider):
    kam = warm([accounts.account("1", provider.addr)])
    all_online(kam, provider, 1)
    first = provider.asked()[-1]
    kam.stop()
    kam = warm(extra='modparam("uac", "reg_contact_addr", "127.0.0.1:5998")\n')
    until(lambda: provider.contacts("r1"), ["sip:1@127.0.0.1:5998"])
    again = provider.asked(code=200)[1:]
    assert len(again) == 1
    assert again[0].contacts == [("sip:1@127.0.0.1:5998", 600),
                                 ("sip:1@127.0.0.1:5999", 0)]
    assert again[0].callid == first.callid
    assert again[0].cseq == first.cseq + 1
    until_true(lambda: is_saved(kam, "1", contact="sip:1@127.0.0.1:5998"))
    # the next one has nothing to take away
    kam.rpc("uac.reg_register", "l_uuid", "1")
    until(lambda: len(provider.asked(code=200)), 3)
    assert provider.asked()[-1].contacts == [("sip:1@127.0.0.1:5998", 600)]


def test_a_removed_account_takes_its_row_with_it(warm, provider):
    kam = warm([accounts.account(n, provider.addr) for n in "12"],
               extra='modparam("uac", "reload_delta", 0)\n')
    all_online(kam, provider, 2)
    accounts.execute(kam.db, "delete from uacreg where l_uuid='1'")
    kam.rpc("uac.reg_reload")
    until(lambda: list(rows(kam.db)), ["2"])
    # one that changed keeps a row
    accounts.execute(kam.db, "update uacreg set expires=500")
    kam.rpc("uac.reg_reload")
    until_true(lambda: len(provider.asked("r2", code=200)) == 1
               and gauges(kam) == (1, 1, 0))
    assert list(rows(kam.db)) == ["2"]


def test_unregistered_at_shutdown_registers_at_the_start(warm, provider):
    count = 5
    extra = 'modparam("uac", "reg_unregister_on", "shutdown")\n'
    kam = warm([accounts.account("%d" % i, provider.addr)
                for i in range(count)], extra)
    all_online(kam, provider, count)
    kam.stop()
    assert provider.registered() == {}
    for row in rows(kam.db).values():
        assert (row["state"], row["registered_until"]) == ("waiting", 0)
    began = time.monotonic()
    kam = warm(extra=extra)
    all_online(kam, provider, count)
    assert len(provider.registered()) == count
    assert provider.asked(since=began, code=500) == []


def test_disabled_in_the_table_stays_disabled(warm, far):
    kam = warm([accounts.account("1", far.addr, flags=1)])
    kam.stop()
    kam = warm()
    assert gauges(kam) == (1, 0, 1)
    silent(far, 1)
    # also when it was registered before
    kam.rpc("uac.reg_enable", "l_uuid", "1")
    registered(far)
    until_true(lambda: is_saved(kam, "1", state="online"))
    kam.stop()
    kam = warm()
    assert gauges(kam)[2] == 1
    silent(far, 1)


def test_disabled_by_an_operator_ends_with_the_server(warm, provider):
    kam = warm([accounts.account("1", provider.addr)])
    all_online(kam, provider, 1)
    kam.rpc("uac.reg_disable", "l_uuid", "1")
    until_true(lambda: is_saved(kam, "1", state="disabled"))
    first = provider.asked()[-1]
    kam.stop()
    kam = warm()
    until_true(lambda: len(provider.asked(code=200)) > 1)
    again = provider.asked(code=200)[-1]
    assert again.callid == first.callid and again.cseq == first.cseq + 1


def test_without_a_table_nothing_is_written(warm, provider):
    kam = warm([accounts.account("1", provider.addr)], table=False, state="")
    until(lambda: gauges(kam), (1, 1, 0))
    kam.stop()
    assert query(kam.db, "select name from sqlite_master where name like "
                 "'uacreg_%' and type='table'") == []
    kam = warm(state="")
    until_true(lambda: len(provider.asked(code=200)) == 2)
    assert provider.asked()[0].callid != provider.asked()[-1].callid


# --- crashes ------------------------------------------------------------------

def test_a_crash_loses_nothing_that_was_written(warm, provider):
    kam = warm([accounts.account("1", provider.addr)])
    all_online(kam, provider, 1)
    first = provider.asked()[-1]
    kill(kam)
    assert not is_sealed(kam.db)
    kam = warm()
    assert gauges(kam) == (1, 1, 0)
    kam.rpc("uac.reg_register", "l_uuid", "1")
    until(lambda: len(provider.asked(code=200)), 2)
    again = provider.asked()[-1]
    assert again.callid == first.callid
    assert again.cseq > first.cseq + 1  # requests could have been lost
    assert provider.asked(code=500) == []


def test_a_crash_loses_the_last_interval(warm, provider):
    """The row is older than what the registrar knows: a refresh that comes
    early, with a CSeq the registrar has not seen."""
    late = STATE.replace('"reg_state_interval", 1', '"reg_state_interval", 60')
    kam = warm([accounts.account("1", provider.addr)])
    all_online(kam, provider, 1)
    kam.stop()
    # its time has come, and what follows is not written any more
    query(kam.db, "update uacreg_state set next_due=?", int(time.time()))
    kam = warm(state=late)
    until_true(lambda: len(provider.asked(code=200)) == 2
               and line(kam)["state"] == "online")
    kill(kam)
    seen = provider.asked()[-1]
    assert rows(kam.db)["1"]["cseq"] < seen.cseq
    kam = warm()
    until(lambda: len(provider.asked(code=200)), 3)
    again = provider.asked()[-1]
    assert again.callid == seen.callid and again.cseq > seen.cseq
    assert provider.asked(code=500) == []
    assert provider.contacts("r1") == ["sip:1@127.0.0.1:5999"]


def test_a_crash_after_an_operator_registered(warm, provider):
    """The same, and the refresh of the row is not due yet."""
    late = STATE.replace('"reg_state_interval", 1', '"reg_state_interval", 60')
    kam = warm([accounts.account("1", provider.addr)])
    all_online(kam, provider, 1)
    kam.stop()
    kam = warm(state=late)
    kam.rpc("uac.reg_register", "l_uuid", "1")
    until_true(lambda: len(provider.asked(code=200)) == 2
               and line(kam)["state"] == "online")
    kill(kam)
    kam = warm()
    assert gauges(kam) == (1, 1, 0)
    kam.rpc("uac.reg_register", "l_uuid", "1")
    until(lambda: len(provider.asked(code=200)), 3)
    assert provider.asked(code=500) == []
