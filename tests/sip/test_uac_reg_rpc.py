# SPDX-License-Identifier: GPL-2.0-or-later
"""Remote registrations: rows, reload, commands, counters."""

import pytest

from kamtest import accounts
from kamtest.kamailio import RpcError
from kamtest.regs import ask, far, gauges, info, start  # noqa: F401
from kamtest.wait import until


def test_w_u13_gauges_are_right_at_every_moment(start, far):
    kamailio = start([accounts.account("1", far.addr),
                      accounts.account("2", far.addr, flags=1)])
    assert gauges(kamailio) == (2, 0, 1)
    far.serve("1")
    until(lambda: gauges(kamailio), (2, 1, 1))
    kamailio.rpc("uac.reg_disable", "l_uuid", "2")
    kamailio.rpc("uac.reg_disable", "l_uuid", "1")
    assert gauges(kamailio) == (2, 0, 2)
    with pytest.raises(RpcError) as error:
        kamailio.rpc("uac.reg_enable", "l_uuid", "none")
    assert error.value.code == 404
    assert gauges(kamailio) == (2, 0, 2)
    kamailio.rpc("uac.reg_enable", "r_username", "r1")
    until(lambda: gauges(kamailio), (2, 0, 1))
    request = far.get()
    far.authorization(request, "p1")  # the nonce is kept
    far.accept(request)
    until(lambda: gauges(kamailio), (2, 1, 1))
    kamailio.rpc("uac.reg_remove", "1")
    assert gauges(kamailio) == (1, 0, 1)


def test_rpc_dump_info_and_faults(start, far):
    kamailio = start([accounts.account("1", far.addr, flags=1),
                      accounts.account("2", far.addr, flags=1)])
    dump = kamailio.rpc("uac.reg_dump")
    assert sorted(r["l_uuid"] for r in dump) == ["1", "2"]
    record = info(kamailio)
    assert list(record) == [
        "l_uuid", "l_username", "l_domain", "r_username", "r_domain",
        "realm", "auth_username", "auth_password", "auth_ha1", "auth_proxy",
        "expires", "flags", "diff_expires", "timer_expires", "reg_init",
        "reg_delay", "contact_addr", "socket"]
    # W-U22: no secret is shown
    assert record["auth_password"] == "***" and "p1" not in str(dump)
    assert record["contact_addr"] == "127.0.0.1:5999"
    for args, code in ((("l_uuid", "9"), 404), (("foo", "1"), 400),
                       (("l_uuid",), 400)):
        with pytest.raises(RpcError) as error:
            kamailio.rpc("uac.reg_info", *args)
        assert error.value.code == code


def test_rpc_shows_secrets_when_told(start, far):
    kamailio = start([accounts.account("1", far.addr, flags=1)],
                     'modparam("uac", "reg_dump_secrets", 1)')
    assert info(kamailio)["auth_password"] == "p1"


def test_w_u22b_rpc_list_in_pages(start, far):
    kamailio = start([accounts.account("%03d" % i, far.addr, flags=1)
                      for i in range(30)])
    got = kamailio.rpc("uac.reg_list", "disabled", 10, 15)
    assert got["total"] == 30 and got["states"] == {"disabled": 30}
    assert len(got["accounts"]) == 15 and got["matching"] == 30
    assert kamailio.rpc("uac.reg_list", "online", 0, 5)["accounts"] == []
    with pytest.raises(RpcError):
        kamailio.rpc("uac.reg_list", "nonsense")


def test_w_u4_reload_is_a_difference(start, far):
    rows = [accounts.account(n, far.addr) for n in ("1", "2", "3")]
    kamailio = start(rows, 'modparam("uac", "reload_delta", 0)')
    for _ in rows:
        request = far.get()
        far.accept(request)
    until(lambda: gauges(kamailio), (3, 3, 0))
    kamailio.rpc("uac.reg_reload")
    far.nothing(0.4)
    assert gauges(kamailio) == (3, 3, 0)
    accounts.execute(kamailio.db, "delete from uacreg where l_uuid='1'")
    accounts.execute(kamailio.db,
                  "update uacreg set expires=700 where l_uuid='2'")
    accounts.insert(kamailio.db, [accounts.account("4", far.addr)])
    kamailio.rpc("uac.reg_reload")
    assert gauges(kamailio)[0] == 3
    seen = {}
    for _ in range(2):
        request = far.get()
        seen[request.get("Contact")] = request.get("Expires")
    assert seen == {"<sip:2@127.0.0.1:5999>": "700",
                    "<sip:4@127.0.0.1:5999>": "600"}
    far.nothing(0.3)


def test_w_u4_failed_reload_leaves_all_as_it_is(start, far):
    kamailio = start([accounts.account("1", far.addr, flags=1)],
                     'modparam("uac", "reload_delta", 0)')
    accounts.execute(kamailio.db, "alter table uacreg rename to away")
    with pytest.raises(RpcError) as error:
        kamailio.rpc("uac.reg_reload")
    assert error.value.code == 500
    assert gauges(kamailio) == (1, 0, 1)
    accounts.execute(kamailio.db, "alter table away rename to uacreg")
    kamailio.rpc("uac.reg_reload")


def test_reload_too_soon(start, far):
    kamailio = start([], 'modparam("uac", "reload_delta", 60)')
    kamailio.rpc("uac.reg_reload")
    with pytest.raises(RpcError):
        kamailio.rpc("uac.reg_reload")


def test_rows_that_cannot_be_used_are_named(start, far):
    long = "x" * 70
    kamailio = start([
        accounts.account("good", far.addr, flags=1),
        accounts.account("", far.addr), accounts.account("b1", far.addr,
                                                   l_username=""),
        accounts.account("b2", far.addr, r_domain=long),
        accounts.account("b3", far.addr, auth_password=""),
        accounts.account("b4", far.addr, auth_ha1="abc"),
        accounts.account("b5", far.addr, expires=0),
        accounts.account("b6", far.addr, auth_proxy="nonsense"),
        accounts.account("b7", far.addr, r_username="a\r\nX: y")])
    assert gauges(kamailio)[0] == 1
    log = kamailio.log()
    for words in ("account ''", "'b1' can't be used: column l_username is "
                  "empty", "'b2' can't be used: column r_domain is too long",
                  "'b3' can't be used: column auth_password",
                  "'b4' can't be used: column auth_ha1",
                  "'b5' can't be used: column expires",
                  "'b6' can't be used: column auth_proxy makes no SIP URI",
                  "'b7' can't be used: column r_username has a byte"):
        assert words in log, words
    far.nothing(0.2)


def test_w_u19_the_same_l_uuid_twice(kam, tmp_path, far):
    path = tmp_path / "uac.db"
    accounts.create(path)
    accounts.execute(path, "create table u2 as select * from uacreg")
    accounts.execute(path, "drop table uacreg")
    accounts.execute(path, "alter table u2 rename to uacreg")
    accounts.insert(path, [accounts.account("1", far.addr, flags=1, id=i)
                        for i in (1, 2)])
    kamailio = kam(accounts.config(accounts.url(path)))
    assert gauges(kamailio) == (1, 0, 1)
    kamailio.says("stands in the table twice")


def test_w_u15_database_down_at_start(kam, tmp_path, far):
    path = tmp_path / "late" / "uac.db"
    kamailio = kam(accounts.config(accounts.url(path)))
    kamailio.says("no accounts loaded yet")
    path.parent.mkdir()
    accounts.create(tmp_path / "ready.db")
    accounts.insert(tmp_path / "ready.db", [accounts.account("1", far.addr)])
    (tmp_path / "ready.db").rename(path)
    far.accept(far.get(8))
    until(lambda: gauges(kamailio), (1, 1, 0))


@pytest.mark.parametrize("extra, words", [
    ('modparam("uac", "reg_timer_interval", 0)', "reg_timer_interval is 0"),
    ('modparam("uac", "reg_timer_interval", -5)', "reg_timer_interval is -5"),
    ('modparam("uac", "reg_contact_addr", "sip:x")', "reg_contact_addr"),
    ('modparam("uac", "reg_contact_addr", "")', "reg_contact_addr"),
    ('modparam("uac", "reg_retry_interval", -1)', "reg_retry_interval is -1"),
], ids=["W-U26 zero", "W-U26 negative", "sip: in the contact", "no contact",
        "negative retry"])
def test_bad_parameter_is_named(kam, tmp_path, extra, words):
    path = tmp_path / "uac.db"
    accounts.create(path)
    kamailio = kam(accounts.config(accounts.url(path), extra), start=False)
    with pytest.raises(AssertionError) as error:
        kamailio.start()
    assert words in str(error.value)


def test_script_operations(start, far, udp):
    kamailio = start([accounts.account("1", far.addr, flags=1)], route="""
    $var(a) = uac_reg_enable("l_uuid", "1");
    $var(b) = uac_reg_enable("l_uuid", "9");
    $var(c) = uac_reg_disable("foo", "1");
    $var(d) = uac_reg_refresh("1");
    $var(e) = uac_reg_refresh("9");
    $var(f) = uac_reg_send_register("l_uuid", "1");
    $var(g) = uac_reg_send_unregister("l_uuid", "9");
    sl_send_reply("299", "is $var(a) $var(b) $var(c) $var(d) $var(e) $var(f) $var(g)");
    exit;""")
    assert ask(kamailio, udp(), "sip:x@y") == \
        ["1", "-2", "-3", "1", "-1", "1", "-2"]
    far.accept(far.get())


def test_uac_reg_request_to(start, far, udp):
    kamailio = start([accounts.account("1", far.addr, flags=1,
                                    auth_ha1="0" * 32)], """
modparam("uac", "auth_username_avp", "$avp(u)")
modparam("uac", "auth_password_avp", "$avp(p)")
modparam("uac", "auth_realm_avp", "$avp(r)")""", route="""
    $var(m) = $(rd{s.int});
    $var(r) = uac_reg_request_to("$rU", "$var(m)");
    sl_send_reply("299", "is $var(r) $ru $du $avp(u) $avp(p) $avp(r)");
    exit;""")
    peer = udp()
    found = ["1", "sip:r1@" + far.addr, "sip:" + far.addr, "a1"]
    assert ask(kamailio, peer, "sip:1@0") == found + ["p1", "far.example"]
    assert ask(kamailio, peer, "sip:l1@1") == found + ["p1", "far.example"]
    assert ask(kamailio, peer, "sip:1@2") == found + ["0" * 32,
                                                      "far.example"]
    assert ask(kamailio, peer, "sip:r1@1")[0] == "-1"
    assert ask(kamailio, peer, "sip:1@7")[0] == "-1"


def test_ten_thousand_rows_load_with_default_private_memory(start, far):
    kamailio = start([accounts.account("u%d" % i, far.addr, flags=1)
                      for i in range(10000)], pkg=8)
    assert gauges(kamailio) == (10000, 0, 10000)
