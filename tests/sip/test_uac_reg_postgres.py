# SPDX-License-Identifier: GPL-2.0-or-later
"""Remote registrations from PostgreSQL."""

import pytest

from kamtest import accounts
from kamtest.kamailio import RpcError
from kamtest.postgres import Postgres
from kamtest.regs import gauges
from kamtest.wait import until


@pytest.fixture(scope="module")
def postgres():
    with Postgres(("standard", "uac")) as server:
        yield server


@pytest.fixture
def config(postgres):
    postgres.sql("delete from uacreg")
    return accounts.config(
        postgres.url, 'modparam("uac", "reload_delta", 0)').replace(
        "db_sqlite", "db_postgres")


def test_registers_an_account(kam, udp, postgres, config):
    far = accounts.Registrar(udp("registrar"))
    postgres.insert("uacreg", [accounts.account("1", far.addr)])
    kamailio = kam(config)
    far.serve("1")
    until(lambda: gauges(kamailio), (1, 1, 0))


def test_rows_that_come_change_and_go(kam, udp, postgres, config):
    far = accounts.Registrar(udp("registrar"))
    postgres.insert("uacreg", [accounts.account(n, far.addr, flags=1)
                               for n in ("1", "it's")])
    kamailio = kam(config)
    assert gauges(kamailio) == (2, 0, 2)
    postgres.sql("update uacreg set flags=0 where l_uuid='it''s'; "
                 "delete from uacreg where l_uuid='1'")
    kamailio.rpc("uac.reg_refresh", "it's")
    far.accept(far.get())
    until(lambda: gauges(kamailio), (2, 1, 1))
    kamailio.rpc("uac.reg_reload")
    assert gauges(kamailio) == (1, 1, 0)


def test_many_rows_and_a_database_that_goes_away(kam, postgres, config):
    postgres.insert("uacreg", [accounts.account("u%d" % i, "127.0.0.1:9",
                                                flags=1) for i in range(5000)])
    kamailio = kam(config, pkg=8)
    assert gauges(kamailio) == (5000, 0, 5000)
    postgres.stop()
    with pytest.raises(RpcError):
        kamailio.rpc("uac.reg_reload")
    assert gauges(kamailio) == (5000, 0, 5000)
    postgres.start()
    postgres.sql("delete from uacreg where l_uuid='u5'")
    kamailio.rpc("uac.reg_reload")
    assert gauges(kamailio) == (4999, 0, 4999)
