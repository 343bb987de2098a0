# SPDX-License-Identifier: GPL-2.0-or-later
"""registrar.list: registered users in pages."""

import pytest

from kamtest import guides
from kamtest.kamailio import RpcError
from kamtest.registrar import Database, Phone, config

from test_guides_examples import keys_of

NUMBERS = ("matching", "shown", "cut_short", "total_users", "total_contacts")


@pytest.fixture(scope="module")
def server(kam_module):
    return kam_module(config(usrloc=[("use_domain", 1)],
                             extra='modparam("usrloc", "preload", "other")'))


@pytest.fixture
def users(server, udp):
    """Three users, of whom bob has two contacts and one that is gone; they
    are removed afterwards."""
    phones = [Phone(udp(), server, user) for user in ("alice", "bob", "cy")]
    for phone in phones:
        assert phone.register(phone.contact(";expires=600")).status == 200
    bob = phones[1]
    bob.register(bob.contact(";expires=300", user="desk"))
    bob.register(bob.contact(";expires=60", user="gone"))
    bob.register(bob.contact(";expires=0", user="gone"))
    yield {phone.user: phone for phone in phones}
    for phone in phones:
        phone.register("*", headers=[("Expires", "0")])


def aors(got):
    return sorted(row["aor"] for row in got["users"])


def test_all(server, users):
    got = server.rpc("registrar.list")
    assert aors(got) == [u + "@example.org" for u in ("alice", "bob", "cy")]
    assert [got[n] for n in NUMBERS] == [3, 3, 0, 3, 4]
    rows = {row["aor"]: row["contacts"] for row in got["users"]}
    alice, = rows["alice@example.org"]
    assert alice["contact"].startswith("sip:alice@")
    assert 580 <= alice["expires_in"] <= 600
    assert len(rows["bob@example.org"]) == 2
    assert keys_of(got) == set(guides.Guide("registrar").words(
        "field", "registrar.rpc.list"))


@pytest.mark.parametrize("text,want", [
    ("alice", ["alice"]), ("ALI", ["alice"]), ("@example.org", ["alice", "bob",
                                                               "cy"]),
    ("sip:desk@", ["bob"]), ("sip:gone@", []), ("4930", [])])
def test_text_in_aor_or_contact(server, users, text, want):
    got = server.rpc("registrar.list", text)
    assert aors(got) == [u + "@example.org" for u in want]
    assert [got["matching"], got["total_users"]] == [len(want), 3]


def test_pages_show_everybody_once(server, users):
    pages = [server.rpc("registrar.list", "", i, 1) for i in range(4)]
    assert [page["shown"] for page in pages] == [1, 1, 1, 0]
    assert sorted(sum(map(aors, pages), [])) \
        == aors(server.rpc("registrar.list"))
    _, shown = server.kamcmd("registrar.list", "example.org", "1", "1")
    assert shown.count("aor: ") == 1


def test_a_number_is_a_text(server, udp):
    phone = Phone(udp(), server, "4930123")
    phone.register(phone.contact())
    _, shown = server.kamcmd("registrar.list", "4930123")
    assert "aor: 4930123@example.org" in shown
    phone.register("*", headers=[("Expires", "0")])


def test_another_table(server, users):
    assert server.rpc("registrar.list", "", 0, 50, "other")["total_users"] == 0


@pytest.mark.parametrize("wish", [("", -1), ("", 0, -1), ("", 0, 5, "none")])
def test_wrong_arguments(server, wish):
    with pytest.raises(RpcError) as fault:
        server.rpc("registrar.list", *wish)
    assert fault.value.code == 400


def test_what_does_not_fit(kam, udp):
    """ctl has 64 kB for an answer: it says so, and pages go on."""
    server = kam(config())
    peer = udp()
    for i in range(500):
        phone = Phone(peer, server, "u%03d%s" % (i, "y" * 200))
        phone.register(phone.contact())
    status, shown = server.kamcmd("registrar.list", "", "0", "500")
    assert status != 0 and "reply too big" in shown
    status, shown = server.kamcmd("registrar.list", "", "0", "50")
    assert status == 0 and "matching: 500" in shown


def test_no_memory_in_db_mode_3(kam):
    db = Database()
    try:
        server = kam(config(usrloc=db.usrloc(3), modules=["db_sqlite"]))
        with pytest.raises(RpcError) as fault:
            server.rpc("registrar.list")
        assert "db_mode 3" in fault.value.message
    finally:
        db.close()
