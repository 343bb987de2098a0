# SPDX-License-Identifier: GPL-2.0-or-later
"""Registrations go on after a restart, kept in MariaDB and in PostgreSQL; and
what becomes of them while the database is away."""

import time

import pytest

from kamtest import accounts, uawarm
from kamtest.mariadb import MariaDB
from kamtest.postgres import Postgres
from kamtest.regs import gauges, provider  # noqa: F401
from kamtest.wait import until, until_true

STATE = uawarm.STATE + """
    modparam("uac", "reload_delta", 0)
"""
TABLES = ("standard", "uac", "uacreg_state")
NAMES = ["1", "it's", "b\\c", "\u00e9", "a';--"]


@pytest.fixture(scope="module", params=[MariaDB, Postgres],
                ids=["mariadb", "postgres"])
def server(request):
    with request.param(TABLES) as server:
        yield server


@pytest.fixture
def warm(kam, server):
    """warm([rows]) -> Kamailio that keeps registrations there."""
    server.sql("delete from uacreg; delete from uacreg_state")
    driver = {"mysql": "db_mysql", "postgres": "db_postgres"}[server.kind]

    def run(rows=(), extra=""):
        server.insert("uacreg", rows)
        return kam(accounts.config(server.url, STATE + extra).replace(
            "db_sqlite", driver))
    return run


def account(i, provider):
    return accounts.account(NAMES[i], provider.addr, r_username="r%d" % i,
                            auth_password="p%d" % i)


def column(server, name):
    """That of all accounts."""
    return sorted(row[0] for row in server.sql(
        "select %s from uacreg_state where l_uuid not like 'server %%'"
        % name))


def is_sealed(server):
    """Whether the last server ended in order."""
    return server.sql("select is_exact from uacreg_state where "
                      "l_uuid='server here'") == [["1"]]


def all_online(kam, server, count):
    until(lambda: gauges(kam), (count, count, 0))
    until(lambda: column(server, "state"), ["online"] * count)


def test_saved_and_restarted(warm, server, provider):
    count = len(NAMES)
    kam = warm([account(i, provider) for i in range(count)])
    all_online(kam, server, count)
    before = {r.user: r for r in provider.asked(code=200)}
    kam.stop()
    kam.says("what is registered is saved")
    assert is_sealed(server)
    began = time.monotonic()
    kam = warm()
    assert gauges(kam) == (count, count, 0)
    time.sleep(1)
    assert provider.asked(since=began) == []
    for name in NAMES:
        kam.rpc("uac.reg_register", "l_uuid", name)
    until(lambda: len(provider.asked(since=began)), count)
    for request in provider.asked(since=began):
        first = before[request.user]
        assert request.code == 200
        assert request.callid == first.callid
        assert request.cseq == first.cseq + 1
    # written over what was there
    until(lambda: column(server, "cseq"),
          sorted(str(r.cseq) for r in provider.asked(since=began)))
    assert len(column(server, "state")) == count
    # and away with their accounts
    server.sql("delete from uacreg where r_username<>'r0'")
    kam.rpc("uac.reg_reload")
    until(lambda: column(server, "l_uuid"), ["1"])


def test_a_start_without_the_database(warm, server, provider):
    kam = warm([account(i, provider) for i in range(3)])
    all_online(kam, server, 3)
    kam.stop()
    server.stop()
    began = time.monotonic()
    try:
        kam = warm()
        assert time.monotonic() - began < 15
        assert gauges(kam) == (0, 0, 0)
        kam.says("can't be asked now for table uacreg_state")
    finally:
        server.start()
    # when it is back, all is as it was
    until(lambda: gauges(kam), (3, 3, 0))
    assert provider.asked(since=began) == []
    kam.rpc("uac.reg_register", "l_uuid", "1")
    until(lambda: len(provider.asked(since=began, code=200)), 1)


def test_a_stop_without_the_database(warm, server, provider):
    kam = warm([account(i, provider) for i in range(3)])
    all_online(kam, server, 3)
    server.stop()
    try:
        kam.rpc("uac.reg_register", "l_uuid", "1")
        until(lambda: len(provider.asked("r0", code=200)), 2)
        until_true(lambda: kam.stat("uac", "reg_kept_failed") > 0)
        began = time.monotonic()
        kam.stop()
        assert time.monotonic() - began < 15
        kam.says("could not be saved")
    finally:
        server.start()
    assert not is_sealed(server)
    kam = warm()
    assert gauges(kam) == (3, 3, 0)
    for name in NAMES[:3]:
        kam.rpc("uac.reg_register", "l_uuid", name)
    until(lambda: len(provider.asked(code=200)), 7)
    assert provider.asked(code=500) == []


def test_a_database_that_comes_back_gets_all(warm, server, provider):
    kam = warm([account(i, provider) for i in range(3)])
    all_online(kam, server, 3)
    server.stop()
    try:
        for name in NAMES[:3]:
            kam.rpc("uac.reg_register", "l_uuid", name)
        until(lambda: len(provider.asked(code=200)), 6)
        until_true(lambda: kam.stat("uac", "reg_kept_failed") > 0)
    finally:
        server.start()
    until(lambda: column(server, "cseq"),
          sorted(str(r.cseq) for r in provider.asked(code=200)[-3:]))
