# SPDX-License-Identifier: GPL-2.0-or-later
"""Registrations that are kept: rows and tables that are broken."""

import time

import pytest

from kamtest import accounts
from kamtest.regs import far, gauges, provider  # noqa: F401
from kamtest.uawarm import (STATE, all_online, is_saved, query, rows,
                            warm)  # noqa: F401
from kamtest.wait import until, until_true

# --- rows ---------------------------------------------------------------------

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
        kam.says("account %s is not used: it " % name)
        kam.says(GARBAGE[name][2])
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
    kam.says("and 30 more kept registrations are not used")


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
    kam.says("does not take the row of account 4")
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
    kam.says("could not be saved: they are registered anew")
    kam = warm()
    until_true(lambda: len(provider.asked(code=200)) == 3
               and gauges(kam) == (1, 1, 0))
    kam.says("the others are registered anew")


def test_a_database_without_sql_of_ours_is_refused(kam):
    kamailio = kam(accounts.config(
        "text:///nowhere", STATE).replace("db_sqlite", "db_text"),
        start=False)
    with pytest.raises(AssertionError) as error:
        kamailio.start()
    assert "reg_state_table needs reg_db_url to be" in str(error.value)
