# SPDX-License-Identifier: GPL-2.0-or-later
"""Registrations go on after a restart: reg_state_table."""

import os
import signal
import sqlite3
import time

import pytest

from kamtest import accounts
from kamtest.kamailio import ROOT
from kamtest.provider import Provider
from kamtest.regs import ROUTE, ask, far, gauges, info, options  # noqa: F401
from kamtest.wait import until, until_true

STATE = """
    modparam("uac", "reg_state_table", "uacreg_state")
    modparam("uac", "reg_state_interval", 1)
    modparam("uac", "reg_retry_interval", 60)
"""


@pytest.fixture
def provider():
    with Provider() as one:
        yield one


def query(path, sql, *values):
    db = sqlite3.connect(path, timeout=10)
    db.row_factory = sqlite3.Row
    try:
        with db:
            return [dict(r) for r in db.execute(sql, values)]
    finally:
        db.close()


def rows(path):
    """Those of accounts."""
    return {r["l_uuid"]: r
            for r in query(path, "select * from uacreg_state")
            if not r["l_uuid"].startswith("server ")}


def is_sealed(path):
    """Whether the last server ended in order."""
    return query(path, "select is_exact from uacreg_state where "
                 "l_uuid='server here'")[0]["is_exact"] == 1


@pytest.fixture
def warm(kam, tmp_path):
    """warm([rows], extra=...) -> Kamailio that keeps registrations; the
    database stays from one to the next."""
    path = tmp_path / "uac.db"

    def run(accs=(), extra="", state=STATE, table=True, route=ROUTE,
            **options_):
        if not path.exists():
            accounts.create(path)
            accounts.execute(path, "pragma journal_mode=wal")
            if table:
                db = sqlite3.connect(path)
                db.executescript(
                    (ROOT / "doc/sql/uacreg_state-sqlite.sql").read_text())
                db.commit()
                db.close()
        accounts.insert(path, accs)
        kamailio = kam(accounts.config(accounts.url(path), state + extra,
                                       route), **options_)
        kamailio.db = path
        return kamailio
    return run


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


def is_saved(kam, name, **want):
    """Whether the row of an account says so."""
    row = rows(kam.db).get(name)
    return row is not None and all(row[k] == v for k, v in want.items())


def all_online(kam, provider, count):
    """All are registered, and that is in the table."""
    until(lambda: gauges(kam), (count, count, 0))
    until_true(lambda: [r["state"] for r in rows(kam.db).values()]
               == ["online"] * count)


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


# --- bad input ----------------------------------------------------------------

GARBAGE = {
    "account": ("account", "f" * 32, "another registrar"),
    "state": ("state", "happy", "a state that is none"),
    "number": ("cseq", -5, "a number out of its range"),
    "letters": ("granted", "many", "a number out of its range"),
    "large": ("cseq", 1 << 31, "a number out of its range"),
    "contact": ("contact", "sip:x@y>\r\nEvil: 1", "contact that is no SIP"),
    "callid": ("callid", "short", "a Call-ID that is not one of ours"),
    "tag": ("fromtag", "0123456789abcdeg", "a From tag that is not"),
    "time": ("registered_until", 4000000000, "a time that can't be"),
    "challenge": ("challenge", "Digest nonce", "a challenge that can't"),
    "long": ("path", "a" * 3000, "a text that is longer"),
}


def test_garbage_is_skipped_and_said(warm, provider):
    names = [*GARBAGE, "good"]
    kam = warm([accounts.account(n, provider.addr, auth_password="p" + n)
                for n in names])
    all_online(kam, provider, len(names))
    before = {r.user[1:]: r for r in provider.asked(code=200)}
    kam.stop()
    for name, (column, value, _) in GARBAGE.items():
        query(kam.db, "update uacreg_state set %s=? where l_uuid=?" % column,
              value, name)
    # rows of accounts that are not there are no fault
    query(kam.db, "insert into uacreg_state (l_uuid, state) values "
          "('gone', 'junk')")
    began = time.monotonic()
    kam = warm()
    until(lambda: gauges(kam), (len(names), len(names), 0))
    until(lambda: len(provider.asked(since=began, code=200)), len(GARBAGE))
    asked = {r.user[1:]: r for r in provider.asked(since=began)}
    assert set(asked) == set(GARBAGE)
    for name in GARBAGE:
        assert asked[name].callid != before[name].callid
        assert "account %s is not used: it " % name in kam.log()
        assert GARBAGE[name][2] in kam.log()
    assert kam.stat("uac", "reg_kept_skipped") == len(GARBAGE)
    assert "evil" not in str(asked).lower()


def test_so_much_garbage_does_not_fill_the_log(warm, far):
    count = 50
    accs = [accounts.account("%d" % i, far.addr, flags=1)
            for i in range(count)]
    kam = warm(accs)
    kam.stop()
    for i in range(count):
        query(kam.db, "insert into uacreg_state (l_uuid) values (?)", str(i))
    kam = warm()
    assert kam.stat("uac", "reg_kept_skipped") == count
    assert kam.log().count("is not used: it ") == 20
    assert "and 30 more kept registrations are not used" in kam.log()


def test_names_with_quotes(warm, provider):
    names = ["it's", "b\\c", "\u00e9", "a';--"]
    kam = warm([accounts.account(n, provider.addr, r_username="r%d" % i,
                                 auth_password="p%d" % i)
                for i, n in enumerate(names)])
    until(lambda: gauges(kam), (len(names), len(names), 0))
    kam.stop()
    assert set(rows(kam.db)) == set(names)
    began = time.monotonic()
    kam = warm(extra='modparam("uac", "reload_delta", 0)\n')
    assert gauges(kam) == (len(names), len(names), 0)
    accounts.execute(kam.db, "delete from uacreg where l_uuid=?", names[3])
    kam.rpc("uac.reg_reload")
    until(lambda: set(rows(kam.db)), set(names[:3]))
    assert provider.asked(since=began) == []


def test_bytes_that_are_no_text(warm, far):
    """A database may refuse them: they are not written, the rest is."""
    kam = warm([accounts.account("1", far.addr)])
    far.challenge(far.get(), nonce="n\udcff")
    far.accept(far.get(), 600, ("Service-Route", "<sip:way.example;lr>"))
    until_true(lambda: is_saved(kam, "1", state="online", challenge=""))
    assert "way.example" in rows(kam.db)["1"]["service_route"]
    kam.stop()
    kam = warm()
    assert gauges(kam) == (1, 1, 0)


def test_a_row_the_database_refuses_costs_only_itself(warm, provider):
    count = 9
    kam = warm([], state="")
    kam.stop()
    query(kam.db, "create trigger t before insert on uacreg_state when "
          "new.l_uuid='4' begin select raise(abort, 'no'); end")
    kam = warm([accounts.account("%d" % i, provider.addr)
                for i in range(count)])
    until(lambda: gauges(kam), (count, count, 0))
    until(lambda: sorted(rows(kam.db)),
          [str(i) for i in range(count) if i != 4])
    assert "does not take the row of account 4" in kam.log()
    kam.stop()
    began = time.monotonic()
    kam = warm()
    until(lambda: gauges(kam), (count, count, 0))
    assert {r.user for r in provider.asked(since=began)} == {"r4"}


# --- the table ----------------------------------------------------------------

@pytest.mark.parametrize("spoil,version", [
    ("delete from version where table_name='uacreg_state'", 0),
    ("update version set table_version=2 where table_name='uacreg_state'",
     2)])
def test_another_table_stops_the_start(warm, far, spoil, version):
    kam = warm([], state="")
    kam.stop()
    query(kam.db, spoil)
    with pytest.raises(AssertionError) as error:
        warm()
    assert "table uacreg_state has version %d, it must be 1: create it with " \
        "the SQL file uacreg_state" % version in str(error.value)


def test_a_table_that_breaks_later_costs_only_the_warmth(warm, provider):
    kam = warm([accounts.account("1", provider.addr)])
    all_online(kam, provider, 1)
    query(kam.db, "drop table uacreg_state")
    kam.rpc("uac.reg_register", "l_uuid", "1")
    until_true(lambda: kam.stat("uac", "reg_kept_failed") > 0)
    kam.stop()
    assert "could not be saved: they are registered anew" in kam.log()
    kam = warm()
    until_true(lambda: len(provider.asked(code=200)) == 3
               and gauges(kam) == (1, 1, 0))
    assert "the others are registered anew" in kam.log()


def test_a_database_without_sql_of_ours_is_refused(kam):
    kamailio = kam(accounts.config(
        "text:///nowhere", STATE).replace("db_sqlite", "db_text"),
        start=False)
    with pytest.raises(AssertionError) as error:
        kamailio.start()
    assert "reg_state_table needs reg_db_url to be" in str(error.value)
