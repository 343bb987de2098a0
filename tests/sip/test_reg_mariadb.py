# SPDX-License-Identifier: GPL-2.0-or-later
"""Bindings in MariaDB, in every database mode of usrloc, and a server that
is stopped and started again while they are in use."""

import time

import pytest

from kamtest.mariadb import MariaDB
from kamtest.registrar import Phone, config
from kamtest.wait import PATIENCE

MODES = {1: "write-through", 2: "write-back", 3: "database only"}


@pytest.fixture(scope="module")
def mariadb():
    with MariaDB(("standard", "usrloc")) as server:
        yield server


def names(uris):
    return sorted(uri.partition("@")[0][4:] for uri in uris)


class Site:
    """A registrar over the database; stored() is what the table holds."""

    def __init__(self, kam_module, mariadb, mode):
        self.mode = mode
        self.db = mariadb
        self.server = kam_module(config(
            usrloc=[("use_domain", 1), ("timer_interval", 1),
                    ("db_url", mariadb.url), ("db_mode", mode),
                    ("xavp_contact", "ulx")],
            params=[("keep_params", 1)], modules=["db_mysql"]),
            name="mariadb%d" % mode)

    def stored(self, phone, want):
        """Waits in write-back mode, where usrloc's timer writes."""
        end = time.time() + (PATIENCE if self.mode == 2 else 0)
        while True:
            got = names(uri for uri, in self.db.sql(
                "select contact from location where username='%s'"
                % phone.user))
            if got == want or time.time() > end:
                return got
            time.sleep(0.1)


@pytest.fixture(scope="module", params=sorted(MODES), ids=MODES.get)
def site(request, kam_module, mariadb):
    site = Site(kam_module, mariadb, request.param)
    yield site
    site.server.stop()


@pytest.fixture
def phone(site, udp):
    return Phone(udp(), site.server)


def test_mariadb_save_lookup_and_unregister(site, phone):
    assert phone.save(phone.contact(";q=0.2", user="a"))[1] == 1
    assert phone.save(phone.contact(";q=0.8;mobility=fixed", user="b"))[1] == 1
    assert site.stored(phone, ["a", "b"]) == ["a", "b"]
    assert phone.save(phone.contact(";expires=900;q=0.2", user="a"))[1] == 2
    shown = phone.ask()
    assert shown.rc == 1 and names(shown.targets) == ["a", "b"]
    assert shown.ruri.startswith("sip:b@")
    assert ["mobility" in params for _, params in phone.bindings()].count(
        True) == 1
    headers = [("X-Uri", phone.aor)]
    assert phone.ask("registered", headers=headers).rc == 1
    # by ruid: the better one, which lookup put into the Request-URI
    assert phone.ask("unregister", headers=[
        ("X-Ruid", shown.ruid)]).rc == 1
    assert names(phone.uris()) == ["a"]
    assert site.stored(phone, ["a"]) == ["a"]
    assert phone.ask("unregister", headers=headers).rc == 1
    assert phone.uris() == [] and phone.ask().rc == -1
    assert site.stored(phone, []) == []


def test_mariadb_star_and_one_contact_only(site, phone):
    phone.save(phone.contact(user="a"), phone.contact(user="b"))
    assert phone.save(phone.contact(user="c"),
                      headers=[("X-Flags", "4")])[1] == 1
    assert site.stored(phone, ["c"]) == ["c"]
    assert phone.save("*", headers=[("Expires", "0")])[1] == 3
    assert phone.uris() == [] and site.stored(phone, []) == []


def test_mariadb_text_that_sql_would_read(site, phone):
    user = "o'hara%5C%25"
    contact = "<sip:o'h&$=+;ara@%s>" % phone.peer.addr
    assert phone.save(contact, to="<sip:%s@example.org>" % user)[1] == 1
    # the same again is the same binding
    assert phone.save(contact, to="<sip:%s@example.org>" % user)[1] == 2
    assert phone.ask(ruri="sip:%s@example.org" % user).rc == 1


@pytest.fixture
def stopped(site):
    """The database is down in the test, and up again after it."""
    site.db.stop()
    yield
    if site.db.proc is None:
        site.db.start()


def test_w_r10_mariadb_is_stopped_while_it_is_used(site, phone, request):
    phone.save(phone.contact(user="old"))
    assert site.stored(phone, ["old"]) == ["old"]
    request.getfixturevalue("stopped")
    headers = [("X-Uri", phone.aor)]
    changes = [(phone.contact(user="new"),), (phone.contact(user="old"),),
               (phone.contact(";expires=0", user="old"),),
               (phone.contact(user="new"),
                phone.contact(";expires=0", user="old"))]
    if site.mode == 2:
        # memory is the store, the table follows when it can
        assert phone.save(phone.contact(user="new"))[0].status == 200
        assert names(phone.ask().targets) == ["new", "old"]
    else:
        for contacts in changes:
            reply, rc = phone.save(*contacts)
            assert (reply.status, rc) == (500, -1), contacts
        reply, rc = phone.save("*", headers=[("Expires", "0")])
        assert (reply.status, rc) == (500, -1)
        query = phone.register()
        if site.mode == 3:
            assert query.status == 500
            assert phone.ask().rc == -3
            assert phone.ask("registered", headers=headers).rc == -3
        else:
            assert query.status == 200 and len(query.contacts()) == 1
            assert names(phone.ask().targets) == ["old"]
            assert phone.ask("registered", headers=headers).rc == 1
        assert phone.ask("unregister", headers=headers).rc == -2
    site.db.start()
    kept = ["new", "old"] if site.mode == 2 else ["old"]
    assert site.stored(phone, kept) == kept
    assert names(phone.uris()) == kept
    assert phone.save(phone.contact(user="more"))[1] == 1
    assert site.stored(phone, sorted([*kept, "more"])) == sorted(
        [*kept, "more"])
