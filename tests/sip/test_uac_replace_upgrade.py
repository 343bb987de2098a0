# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls that are up while the proxy is restarted: with a database of
dialogs, and from the stock module to ours."""


import pytest

from kamtest import accounts
from kamtest.call import DIALOG, Call, proxy, seen

A, B = '"Alice" <sip:alice@a.example>', "<sip:bob@b.example>"


@pytest.fixture
def database(tmp_path):
    """A database with the tables of the dialog module."""
    path = tmp_path / "dialogs.sqlite"
    accounts.create(path, ("standard", "dialog"))
    return path


def dialogs(database):
    return proxy(
        modules='loadmodule "db_sqlite.so"\n%s\n'
                'modparam("dialog", "db_mode", 1)\n'
                'modparam("dialog", "db_url", "sqlite:///%s")'
                % (DIALOG, database),
        params='modparam("uac", "restore_dlg", 1)', first="dlg_manage();")


def restart(kam, one, config):
    one.may_die = True
    one.stop()
    return kam(config, name="after", port=one.port)


@pytest.mark.parametrize("first", ["stock", "ours"])
@pytest.mark.parametrize("change,theirs", [
    ([("X-From-Name", '"New"'), ("X-From", "sip:n@n"),
      ("X-To-Name", "Zed"), ("X-To", "sip:z@z")],
     ('"New" <sip:n@n>', "Zed <sip:z@z>")),
    ([("X-To", "sip:z@z;p=1")], (A, "<sip:z@z;p=1>")),
    ([("X-From", "sip:n@n")], ('"Alice" <sip:n@n>', B)),
], ids=["both", "To", "named"])
def test_dialogs_from_a_database(kam, udp, database, first, change, theirs):
    """Bug class "From/To replacement, dialog mode", across a restart, and
    also when it was the stock module that began the dialog."""
    one = kam(dialogs(database), name="before", modules=first)
    call = Call(one.addr, udp("caller"), udp("callee"), A, B, change)
    got = call.invite()
    assert seen(got) == theirs
    call.reply(got, 200)
    call.ack(call.caller, 1)
    two = restart(kam, one, dialogs(database))
    got = call.request(call.callee, "INFO")
    assert seen(got) == (B, A)
    assert seen(call.reply(got, 200, call.caller)) == theirs[::-1]
    got = call.request(call.caller, "BYE")
    if first == "stock" and "X-From-Name" not in dict(change):
        # it notes a name that was left alone as one that was removed
        theirs = tuple(theirs[i].replace('"Alice" <sip:n', "<sip:n")
                       for i in (0, 1))
    assert seen(got) == theirs
    assert seen(call.reply(got, 200)) == (A, B)
    assert "ERROR: uac" not in two.log()


@pytest.mark.parametrize("password", ["", "secret"])
def test_routes_of_the_stock_module_give_no_garbage(kam, udp, password):
    """What it kept in a Record-Route is not ours to read: the call goes on
    with the addresses as they come, and that is logged."""
    config = proxy(params='modparam("uac", "restore_passwd", "%s")'
                   % password if password else "")
    one = kam(config, name="before", modules="stock")
    call = Call(one.addr, udp("caller"), udp("callee"), A, B,
                [("X-From", "sip:n@n"), ("X-To", "sip:carol@c.example")])
    theirs = ('"Alice" <sip:n@n>', "<sip:carol@c.example>")
    got = call.invite()
    assert seen(got) == theirs
    call.reply(got, 200)
    call.ack(call.caller, 1)
    two = restart(kam, one, config)
    got = call.request(call.callee, "INFO")
    assert seen(got) == theirs[::-1]
    assert seen(call.reply(got, 200, call.caller)) == theirs[::-1]
    assert seen(call.request(call.caller, "BYE")) == (A, B)
    assert two.log().count("is not one of ours") == 4


def test_dialog_without_a_route(kam, udp):
    """A phone that has lost the routes, a script that calls dlg_manage()."""
    kamailio = kam(proxy(
        modules=DIALOG, params='modparam("uac", "restore_dlg", 1)',
        first="dlg_manage();", no_route="dlg_manage(); t_relay();"))
    call = Call(kamailio.addr, udp("caller"), udp("callee"), A, B,
                [("X-From", "sip:n@n"), ("X-To", "sip:z@z")])
    theirs = ('"Alice" <sip:n@n>', "<sip:z@z>")
    got = call.invite()
    call.reply(got, 200)
    assert seen(call.ack(call.caller, 1)) == theirs
    call.routes = {call.caller: [], call.callee: []}
    got = call.request(call.callee, "INFO")
    assert seen(got) == (B, A)
    assert seen(call.reply(got, 200, call.caller)) == theirs[::-1]
    got = call.request(call.caller, "BYE")
    assert seen(got) == theirs
    assert seen(call.reply(got, 200)) == (A, B)


def test_dialog_is_not_tracked(kam, udp):
    """restore_dlg without dlg_manage() uses the route."""
    kamailio = kam(proxy(modules=DIALOG,
                         params='modparam("uac", "restore_dlg", 1)'))
    call = Call(kamailio.addr, udp("caller"), udp("callee"), A, B,
                [("X-From", "sip:n@n")])
    got = call.invite()
    assert "vsf=" in got.get("Record-Route")
    call.reply(got, 200)
    call.ack(call.caller, 1)
    assert seen(call.request(call.callee, "BYE")) == (B, A)


def test_second_invite_of_the_call_keeps_the_last_change(kam, udp):
    """Challenged, then sent again: the dialog holds what was sent last."""
    kamailio = kam(proxy(modules=DIALOG, first="dlg_manage();",
                         params='modparam("uac", "restore_dlg", 1)'))
    call = Call(kamailio.addr, udp("caller"), udp("callee"), A, B,
                [("X-From-Name", "One"), ("X-From", "sip:one@n")])
    got = call.invite()
    assert call.reply(got, 407).status == 407
    assert call.next(call.callee).method == "ACK"
    call.headers = [("X-From", "sip:two@n"), ("X-To-Addr", call.callee.addr)]
    again = call.first().set("CSeq", "2 INVITE")
    call.caller.send(again, kamailio.addr)
    call.got = got = call.next(call.callee)
    theirs = ('"Alice" <sip:two@n>', B)
    assert seen(got) == theirs
    call.callee_to, call.callee_from = seen(got)
    call.routes[call.callee] = got.all("Record-Route")
    assert seen(call.reply(got, 200)) == (A, B)
    call.cseq[call.caller] = 2
    assert seen(call.ack(call.caller)) == theirs
    assert seen(call.request(call.callee, "BYE")) == (B, A)
