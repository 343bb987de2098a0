# SPDX-License-Identifier: GPL-2.0-or-later
"""Remote registrations: what goes beyond the stock module."""

import os
import socket
import time

import pytest

from kamtest import accounts, digest
from kamtest.kamailio import RpcError
from kamtest.net import free_port
from kamtest.wait import until, until_true
from kamtest.regs import ask, far, gauges, info, options, start  # noqa: F401


EVENTS = """
event_route[uac:reg-online] {
    xlog("L_ERR", "EV online $uac_reg(l_uuid) $uac_reg(state) $uac_reg(code)"
        " $uac_reg(reason) $uac_reg(online) $uac_reg(expires)"
        " $uac_reg(contact) $uac_reg(tries)\\n");
}
event_route[uac:reg-offline] {
    xlog("L_ERR", "EV offline $uac_reg(l_uuid) $uac_reg(state)"
        " $uac_reg(online)\\n");
}
event_route[uac:reg-failed] {
    xlog("L_ERR", "EV failed $uac_reg(l_uuid) $uac_reg(state) $uac_reg(code)"
        " $uac_reg(reason) $uac_reg(tries)\\n");
}
"""


def events(kamailio):
    return [line.split("EV ", 1)[1] for line in kamailio.log().splitlines()
            if "EV " in line]


def test_events_once_per_transition(start, far):  # noqa: F811
    kamailio = start([accounts.account("1", far.addr)],
                     'modparam("uac", "reg_events", 1)\n'
                     'modparam("uac", "reg_retry_interval", 1)', more=EVENTS)
    far.answer(far.get(), 500, "Broken")
    until(lambda: events(kamailio), ["failed 1 backoff 500 Broken 1"])
    far.accept(far.get(), 2)
    want = ["failed 1 backoff 500 Broken 1",
            "online 1 online 200 OK 1 2 sip:1@127.0.0.1:5999 0"]
    until(lambda: events(kamailio), want)
    far.accept(far.get(), 600)  # a refresh is no transition
    time.sleep(0.2)
    assert events(kamailio) == want
    kamailio.rpc("uac.reg_disable", "l_uuid", "1")
    until(lambda: events(kamailio), want + ["offline 1 disabled 0"])


def test_no_events_unless_asked_for(start, far):  # noqa: F811
    kamailio = start([accounts.account("1", far.addr)], more=EVENTS)
    far.accept(far.get())
    until(lambda: gauges(kamailio), (1, 1, 0))
    assert events(kamailio) == []


def test_uac_reg_variable_by_uuid(start, far, udp):  # noqa: F811
    kamailio = start([accounts.account("1", far.addr, flags=1)], route="""
    $var(u) = $rU;
    sl_send_reply("299", "is $uac_reg(1=>state) $uac_reg($var(u)=>r_username) $uac_reg(1=>expires) $uac_reg(9=>state) $uac_reg(state)");
    exit;""")
    assert ask(kamailio, udp(), "sip:1@x") == \
        ["disabled", "r1", "0", "<null>", "<null>"]


def test_w_u23_u3608_1_what_the_registrar_says_of_the_way(
        start, far, udp):  # noqa: F811
    kamailio = start([accounts.account("1", far.addr)], route="""
    append_to_reply("X-Route: $uac_reg(1=>service_route)\\r\\n");
    append_to_reply("X-Path: $uac_reg(1=>path)\\r\\n");
    append_to_reply("X-Uris: $uac_reg(1=>associated_uri)\\r\\n");
    sl_send_reply("200", "OK"); exit;""", more="""
event_route[tm:local-request] {
    append_hf("Supported: path\\r\\n"); # U3327-1
}""")
    peer = udp()

    def learnt():
        answer = options(kamailio, peer, "sip:x@y")
        return [answer.get(name) for name in ("X-Route", "X-Path", "X-Uris")]
    nothing = ["<null>"] * 3
    assert learnt() == nothing
    request = far.get()
    assert request.get("Supported") == "path"
    far.accept(request, 600, ("Service-Route", "<sip:a;lr>"),
               ("Service-Route", "<sip:b;lr>"), ("Path", "<sip:p;lr>"),
               ("P-Associated-URI", "<sip:+4930@x>, <tel:+4930>"))
    want = ["<sip:a;lr>, <sip:b;lr>", "<sip:p;lr>",
            "<sip:+4930@x>, <tel:+4930>"]
    until(learnt, want)
    # U3608-2: of a later answer, which has none but a path too long to keep
    kamailio.rpc("uac.reg_register", "l_uuid", "1")
    request = far.get()
    assert learnt() == want
    far.accept(request, 600, ("Path", "<sip:%s>" % ("p" * 3000)))
    until(learnt, nothing)
    kamailio.rpc("uac.reg_register", "l_uuid", "1")
    far.accept(far.get(), 600, ("Path", "<sip:p;lr>"))
    until(learnt, ["<null>", "<sip:p;lr>", "<null>"])
    # and they go with the binding
    kamailio.rpc("uac.reg_unregister", "l_uuid", "1")
    far.answer(far.get(), 200, "OK")
    until(learnt, nothing)


def test_uac_reg_variable_shows_no_secret(start, far):  # noqa: F811
    with pytest.raises(AssertionError) as error:
        start([accounts.account("1", far.addr)],
              route='xlog("$uac_reg(1=>auth_password)\\n"); exit;')
    assert "$uac_reg has no key auth_password" in str(error.value)


def test_w_u12b_reg_unregister_on_disable(start, far):  # noqa: F811
    kamailio = start([accounts.account("1", far.addr)],
                     'modparam("uac", "reg_unregister_on", "disable")')
    far.accept(far.get())
    until(lambda: gauges(kamailio), (1, 1, 0))
    kamailio.rpc("uac.reg_disable", "l_uuid", "1")
    request = far.get()
    assert request.get("Expires") == "0"
    far.answer(request, 200, "OK")
    until(lambda: gauges(kamailio), (1, 0, 1))
    assert info(kamailio)["flags"] == 1
    kamailio.rpc("uac.reg_enable", "l_uuid", "1")
    assert far.get().get("Expires") == "600"


def test_w_u12b_reg_unregister_on_remove(start, far):  # noqa: F811
    kamailio = start([accounts.account("1", far.addr),
                      accounts.account("2", far.addr)],
                     'modparam("uac", "reg_unregister_on", "remove, disable")'
                     '\nmodparam("uac", "reload_delta", 0)')
    for _ in range(2):
        far.accept(far.get())
    until(lambda: gauges(kamailio), (2, 2, 0))
    kamailio.rpc("uac.reg_remove", "1")
    assert gauges(kamailio) == (1, 1, 0)
    request = far.get()
    assert (request.get("Contact"), request.get("Expires")) == \
        ("<sip:1@127.0.0.1:5999>", "0")
    far.challenge(request, "n5")
    request = far.get()
    far.authorization(request, "p1")
    far.answer(request, 200, "OK")
    accounts.execute(kamailio.db, "delete from uacreg")
    kamailio.rpc("uac.reg_reload")
    request = far.get()
    assert request.get("Contact") == "<sip:2@127.0.0.1:5999>"
    assert request.get("Expires") == "0"
    assert gauges(kamailio) == (0, 0, 0)


def test_a_changed_row_with_the_same_binding_is_not_unregistered(
        start, far):  # noqa: F811
    kamailio = start([accounts.account("1", far.addr)],
                     'modparam("uac", "reg_unregister_on", "remove")\n'
                     'modparam("uac", "reload_delta", 0)')
    first = far.get()
    far.accept(first)
    until(lambda: gauges(kamailio), (1, 1, 0))
    accounts.execute(kamailio.db, "update uacreg set auth_password='new'")
    kamailio.rpc("uac.reg_reload")
    assert gauges(kamailio) == (1, 1, 0)
    request = far.get()
    assert request.get("Expires") == "600"
    far.challenge(request)
    far.authorization(far.get(), "new")


def test_w_u12b_reg_unregister_on_shutdown(start, far):  # noqa: F811
    kamailio = start([accounts.account("1", far.addr),
                      accounts.account("2", far.addr),
                      accounts.account("3", far.addr, flags=1)],
                     'modparam("uac", "reg_unregister_on", "shutdown")')
    far.serve_all(2)
    until(lambda: gauges(kamailio), (3, 2, 1))
    assert kamailio.stop() == 0
    last = [far.get() for _ in range(2)]
    assert {one.get("To") for one in last} == \
        {"<sip:r%d@%s>" % (i, far.addr) for i in (1, 2)}
    for one in last:
        assert one.get("Expires") == "0"
        # the nonce that was kept: a registrar that knows it is content
        assert digest.parse(one.get("Authorization"))[1]["nc"] == "00000002"
    far.nothing()
    assert "2 accounts unregistered before the end, 0 are left" \
        in kamailio.log()


def test_bad_reg_unregister_on(start, far):  # noqa: F811
    with pytest.raises(AssertionError) as error:
        start([], 'modparam("uac", "reg_unregister_on", "always")')
    assert "reg_unregister_on is 'always'" in str(error.value)


@pytest.mark.parametrize("trusted_only", [0, 1])
def test_reg_trusted_only(start, far, udp, trusted_only):  # noqa: F811
    kamailio = start([accounts.account("1", far.addr)],
                     'modparam("uac", "reg_trusted_only", %d)' % trusted_only)
    request = far.get()
    other = accounts.Registrar(udp("another address"))
    other.challenge(request)
    if trusted_only:
        far.nothing(0.4)
        until(lambda: gauges(kamailio), (1, 0, 1))
    else:
        far.authorization(far.get(), "p1")


def test_reg_max_expires_accepted(start, far):  # noqa: F811
    kamailio = start([accounts.account("1", far.addr)],
                     'modparam("uac", "reg_max_expires_accepted", 300)')
    far.accept(far.get(), 500000)
    until(lambda: gauges(kamailio), (1, 1, 0))
    assert 295 < info(kamailio)["diff_expires"] <= 300


def test_reg_rejected(start, far):  # noqa: F811
    kamailio = start([accounts.account("good", far.addr, flags=1),
                      accounts.account("bad", far.addr, l_domain="")],
                     'modparam("uac", "reload_delta", 0)')
    got = kamailio.rpc("uac.reg_rejected")
    assert got == {"rows": [{"l_uuid": "bad", "column": "l_domain",
                             "reason": "is empty"}], "total": 1}
    accounts.execute(kamailio.db, "update uacreg set l_domain='x'")
    kamailio.rpc("uac.reg_reload")
    assert kamailio.rpc("uac.reg_rejected")["total"] == 0


def test_a_row_that_turns_bad_leaves_the_account_as_it_was(
        start, far):  # noqa: F811
    kamailio = start([accounts.account("1", far.addr, flags=1)],
                     'modparam("uac", "reload_delta", 0)')
    accounts.execute(kamailio.db, "update uacreg set r_domain=''")
    kamailio.rpc("uac.reg_reload")
    assert gauges(kamailio) == (1, 0, 1)
    assert info(kamailio)["r_domain"] == far.addr
    with pytest.raises(RpcError):
        kamailio.rpc("uac.reg_refresh", "1")


def test_reg_add(start, far):  # noqa: F811
    kamailio = start([])
    row = accounts.account("1", far.addr, realm=".", auth_ha1=".", socket=".",
                        contact_addr=".")
    values = [row[k] for k in accounts.COLUMNS[:13]]
    values += [row["socket"], row["contact_addr"]]
    kamailio.rpc("uac.reg_add", *values)
    far.serve("1")
    until(lambda: gauges(kamailio), (1, 1, 0))
    with pytest.raises(RpcError) as error:
        kamailio.rpc("uac.reg_add", *values)
    assert error.value.code == 409
    with pytest.raises(RpcError) as error:
        kamailio.rpc("uac.reg_add", *["x"] + values[1:5])
    assert error.value.code == 400
    values[0] = ""
    with pytest.raises(RpcError) as error:
        kamailio.rpc("uac.reg_add", *values)
    assert "l_uuid is empty" in error.value.message


def test_commands_by_kamcmd_take_digits_as_text(start):
    """ctl makes numbers of them, and writes a text of its own where an
    argument is not given."""
    kamailio = start([])
    status, output = kamailio.kamcmd(
        "uac.reg_add", "1", "2", "local.example", "4930", "far.example", ".",
        "4930", "5", ".", ".", "600", "1", "0", ".", ".")
    assert (status, output) == (0, "")
    assert info(kamailio)["r_username"] == "4930"
    assert "contact_user" not in info(kamailio)
    assert "4930" in kamailio.kamcmd("uac.reg_info", "l_username", "2")[1]
    assert kamailio.kamcmd("uac.reg_remove", "1") == (0, "")
    assert "not found" in kamailio.kamcmd("uac.reg_refresh", "1")[1]


def test_reg_active(start, far):  # noqa: F811
    kamailio = start([accounts.account("1", far.addr)],
                     'modparam("uac", "reg_active", 0)')
    far.nothing(0.4)
    assert kamailio.rpc("uac.reg_active", 1) == {"omode": 0, "nmode": 1}
    far.get()


def test_w_u18_refresh_merges(start, far):  # noqa: F811
    kamailio = start([accounts.account("1", far.addr)],
                     'modparam("uac", "reg_keep_callid", 1)')
    first = far.get()
    far.accept(first)
    until(lambda: gauges(kamailio), (1, 1, 0))
    kamailio.rpc("uac.reg_refresh", "1")  # not changed
    far.nothing(0.3)
    accounts.execute(kamailio.db, "update uacreg set expires=900")
    kamailio.rpc("uac.reg_refresh", "1")
    assert gauges(kamailio) == (1, 1, 0)
    second = far.get()
    assert second.get("Expires") == "900"
    assert second.get("Call-ID") == first.get("Call-ID")
    assert second.cseq[0] > first.cseq[0]
    accounts.execute(kamailio.db, "delete from uacreg")
    with pytest.raises(RpcError):
        kamailio.rpc("uac.reg_refresh", "1")
    assert gauges(kamailio)[0] == 0


def test_account_with_a_socket_of_its_own(start, far):  # noqa: F811
    port = free_port("127.0.0.2")
    start([accounts.account("1", far.addr, socket="udp:127.0.0.2:%d" % port,
                         contact_addr="127.0.0.2:%d" % port)],
          globals_="listen=udp:127.0.0.2:%d" % port)
    request = far.get()
    assert request.source == ("127.0.0.2", port)
    assert request.get("Contact") == "<sip:1@127.0.0.2:%d>" % port
    far.challenge(request)
    assert far.get().source == ("127.0.0.2", port)


def test_registers_over_tcp(kam, tmp_path, tcp_listener):
    listener = tcp_listener()
    addr = "127.0.0.1:%d" % listener.port
    accounts.create(tmp_path / "uac.db")
    accounts.insert(tmp_path / "uac.db", [accounts.account(
        "1", addr, auth_proxy="sip:%s;transport=tcp" % addr)])
    kamailio = kam(accounts.config(accounts.url(tmp_path / "uac.db")), tcp=True)
    peer = listener.accept()
    far = accounts.Registrar(peer)
    far.serve("1", algorithm="SHA-256")
    until(lambda: gauges(kamailio), (1, 1, 0))
    peer.close()


def test_dns_failure_and_refused_connection(kam, tmp_path):
    accounts.create(tmp_path / "uac.db")
    accounts.insert(tmp_path / "uac.db", [
        accounts.account("1", "no.such.host.invalid"),
        accounts.account("2", "127.0.0.1:1",
                      auth_proxy="sip:127.0.0.1:1;transport=tcp")])
    # tm tells of a connection that is refused when its timer ends
    kamailio = kam(accounts.config(accounts.url(tmp_path / "uac.db"),
                                   'modparam("tm", "fr_timer", 1000)'),
                   tcp=True, globals_="dns_retr_time=1\ndns_retr_no=1\n"
                   "tcp_connect_timeout=1")
    until(lambda: gauges(kamailio), (2, 0, 2))


def test_sigterm_with_ten_thousand_transactions(start):  # noqa: F811
    """issue 5; a process that ended with a timer running or a lock of tm held
    made every second stop take a minute"""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        port = free_port("0.0.0.0")
        silent.bind(("0.0.0.0", port))
        # sixteen start at once for each next hop
        kamailio = start([accounts.account(
            "u%d" % i, "127.1.%d.%d:%d" % (i % 640 // 128, i % 128 + 1, port))
            for i in range(10240)], shm=512)
        until_true(lambda: kamailio.rpc("uac.reg_list", "", "", 0, 1)
                   ["under_way"] >= 9500, 60)
        # in valgrind everything takes thirty times as long
        limit_s = 90 if os.environ.get("KX_GUARDED") == "valgrind" else 5
        began = time.time()
        assert kamailio.stop(limit_s) == 0
        assert time.time() - began < limit_s
