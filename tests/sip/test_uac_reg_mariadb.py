# SPDX-License-Identifier: GPL-2.0-or-later
"""Remote registrations from MariaDB, in both versions of the table."""

import threading

import pytest

from kamtest import accounts
from kamtest.kamailio import RpcError
from kamtest.mariadb import MariaDB
from kamtest.regs import gauges, options
from kamtest.wait import until


@pytest.fixture(scope="module")
def mariadb():
    with MariaDB(("standard", "uac")) as server:
        yield server


@pytest.fixture
def config(mariadb):
    mariadb.sql("delete from uacreg")
    return accounts.config(
        mariadb.url, 'modparam("uac", "reload_delta", 0)').replace(
        "db_sqlite", "db_mysql")


def test_registers_an_account(kam, udp, mariadb, config):
    far = accounts.Registrar(udp("registrar"))
    mariadb.insert("uacreg", [accounts.account("1", far.addr)])
    kamailio = kam(config)
    far.serve("1")
    until(lambda: gauges(kamailio), (1, 1, 0))


def test_table_version_6_has_contact_user(kam, udp, mariadb, config):
    far = accounts.Registrar(udp("registrar"))
    mariadb.sql("alter table uacreg add contact_user varchar(64) not null "
                "default ''; update version set table_version=6 where "
                "table_name='uacreg'")
    try:
        mariadb.insert("uacreg", [accounts.account("1", far.addr,
                                                contact_user="line7")])
        kamailio = kam(config)
        request = far.get()
        assert request.get("Contact") == "<sip:line7@127.0.0.1:5999>"
        far.accept(request)
        until(lambda: gauges(kamailio), (1, 1, 0))
        assert kamailio.rpc("uac.reg_info", "l_uuid",
                            "1")["contact_user"] == "line7"
    finally:
        mariadb.sql("alter table uacreg drop contact_user; update version "
                    "set table_version=5 where table_name='uacreg'")


def test_unknown_table_version_is_named(kam, mariadb, config):
    mariadb.sql("update version set table_version=9 where "
                "table_name='uacreg'")
    try:
        kamailio = kam(config)
        kamailio.says("table uacreg has version 9")
        assert gauges(kamailio) == (0, 0, 0)
    finally:
        mariadb.sql("update version set table_version=5 where "
                    "table_name='uacreg'")


def test_w_u16_a_reload_that_waits_holds_up_nobody(kam, udp, mariadb, config):
    far = accounts.Registrar(udp("registrar"))
    mariadb.insert("uacreg", [accounts.account("1", far.addr)])
    kamailio = kam(config.replace("request_route { exit; }", """request_route {
    if(uac_reg_lookup("$rU", "$var(d)")) sl_send_reply("200", "OK");
    exit;
}"""))
    far.accept(far.get(), 4)
    until(lambda: gauges(kamailio), (1, 1, 0))
    reload = threading.Thread(target=lambda: kamailio.rpc(
        "uac.reg_reload", timeout=60))
    with mariadb.locked("uacreg"):
        reload.start()
        # refreshed and looked up meanwhile
        far.accept(far.get())
        assert options(kamailio, udp(), "sip:1@x").status == 200
        assert reload.is_alive()
    reload.join(60)
    assert not reload.is_alive() and gauges(kamailio) == (1, 1, 0)


def test_ten_thousand_rows_and_a_database_that_goes_away(kam, mariadb,
                                                         config):
    mariadb.insert("uacreg", [accounts.account("u%d" % i, "127.0.0.1:9",
                                            flags=1) for i in range(10000)])
    kamailio = kam(config, pkg=8)
    assert gauges(kamailio) == (10000, 0, 10000)
    mariadb.stop()
    with pytest.raises(RpcError):
        kamailio.rpc("uac.reg_reload", timeout=20)
    assert gauges(kamailio) == (10000, 0, 10000)
    mariadb.start()
    mariadb.sql("delete from uacreg where l_uuid='u5'")
    kamailio.rpc("uac.reg_reload", timeout=20)
    assert gauges(kamailio) == (9999, 0, 9999)
