# SPDX-License-Identifier: GPL-2.0-or-later
"""save(), lookup() and unregister() over usrloc's database modes (SQLite)."""

import sqlite3
import time

import pytest

from kamtest.registrar import Database, Phone, config
from kamtest.wait import PATIENCE, until

MODES = {0: "memory", 1: "write-through", 2: "write-back", 3: "database only"}
# what a database may not be written to says, once, at ERROR
REFUSED = 'create trigger refuse before %s on location when new.contact ' \
          'like "%%refuse%%" begin select raise(abort, "refused"); end'


class Site:
    def __init__(self, kam_module, mode):
        self.mode = mode
        self.db = Database()
        rows = [("use_domain", 1), ("timer_interval", 1)]
        if mode:
            rows += self.db.usrloc(mode)
        self.server = kam_module(
            config(usrloc=rows, modules=["db_sqlite"] if mode else []),
            name="mode%d" % mode)

    def stored(self, phone, count=None):
        """The contacts in the database; in write-back mode waits for usrloc's
        timer until there are so many."""
        end = time.time() + PATIENCE
        while True:
            got = self.db.contacts(phone.user)
            if self.mode != 2 or len(got) == count or time.time() > end:
                return got
            time.sleep(0.1)


@pytest.fixture(scope="module", params=sorted(MODES), ids=MODES.get)
def site(request, kam_module):
    site = Site(kam_module, request.param)
    yield site
    site.server.stop()
    site.db.close()


@pytest.fixture
def phone(site, udp):
    return Phone(udp(), site.server)


def names(uris):
    return sorted(u.partition("@")[0][4:] for u in uris)


def test_insert_update_delete_in_every_mode(site, phone):
    assert phone.save(phone.contact(user="a"))[1] == 1
    assert phone.save(phone.contact(user="b"))[1] == 1
    assert phone.save(phone.contact(";expires=900", user="a"))[1] == 2
    assert names(phone.uris()) == ["a", "b"]
    if site.mode:
        assert names(site.stored(phone, 2)) == ["a", "b"]
    assert phone.save(phone.contact(";expires=0", user="a"))[1] == 3
    assert names(phone.uris()) == ["b"]
    if site.mode in (1, 3):
        assert names(site.stored(phone)) == ["b"]


def test_star_and_query_in_every_mode(site, phone):
    phone.save(phone.contact(user="a"), phone.contact(user="b"))
    reply, rc = phone.save()
    assert (rc, len(reply.contacts())) == (4, 2)
    assert phone.save("*", headers=[("Expires", "0")])[1] == 3
    assert phone.uris() == []
    if site.mode in (1, 3):
        assert site.stored(phone) == []


def test_lookup_and_registered_in_every_mode(site, phone):
    headers = [("X-Uri", phone.aor)]
    assert phone.ask().rc == -1
    assert phone.ask("registered", headers=headers).rc == -1
    phone.save(phone.contact(";q=0.2", user="a"),
               phone.contact(";q=0.8", user="b"))
    shown = phone.ask()
    assert shown.rc == 1
    assert [u.partition("@")[0] for u in shown.targets] == ["sip:b", "sip:a"]
    assert phone.ask("registered", headers=headers).rc == 1


def test_one_contact_per_aor_in_every_mode(site, phone):
    phone.save(phone.contact(user="a"), phone.contact(user="b"))
    assert phone.save(phone.contact(user="c"),
                      headers=[("X-Flags", "4")])[1] == 1
    assert names(phone.uris()) == ["c"]
    if site.mode in (1, 3):
        assert names(site.stored(phone)) == ["c"]


def test_flag_1_stays_out_of_the_database(site, phone):
    phone.save(phone.contact(), headers=[("X-Flags", "1")])
    if site.mode in (1, 2):
        if site.mode == 2:
            time.sleep(1.2)
        assert site.stored(phone, 0) == []
        assert len(phone.uris()) == 1


@pytest.mark.parametrize("by", ["expires", "star", "unregister"])
def test_flag_1_leaves_no_row_of_a_binding_that_was_removed(site, phone, by):
    if site.mode not in (1, 2):
        pytest.skip("there is no memory beside the database, or none")
    phone.save(phone.contact())
    assert len(site.stored(phone, 1)) == 1
    assert phone.save(phone.contact(), headers=[("X-Flags", "1")])[1] == 2
    if by == "expires":
        assert phone.save(phone.contact(";expires=0"))[1] == 3
    elif by == "star":
        assert phone.save("*", headers=[("Expires", "0")])[1] == 3
    else:
        assert phone.ask("unregister",
                         headers=[("X-Uri", phone.aor)]).rc == 1
    assert site.stored(phone, 0) == []


@pytest.mark.parametrize("by", ["uri", "uri and ruid", "ruid"])
def test_w_r21_unregister_in_every_mode(site, phone, by):
    phone.save(phone.contact(user="a"))
    phone.save(phone.contact(";q=0.5", user="b"))
    ruid = phone.ask().ruid
    headers = []
    if "uri" in by:
        headers.append(("X-Uri", phone.aor))
    if "ruid" in by:
        headers.append(("X-Ruid", ruid))
    assert phone.ask("unregister", headers=headers).rc == 1
    assert names(phone.uris()) == ([] if by == "uri" else ["a"])
    if site.mode in (1, 3):
        assert names(site.stored(phone)) == names(phone.uris())


def test_w_r21_unregister_of_an_unknown_ruid(site, phone):
    phone.save(phone.contact())
    assert phone.ask("unregister", headers=[
        ("X-Uri", phone.aor), ("X-Ruid", "uloc-0-0-0")]).rc == -3
    assert phone.ask("unregister", headers=[("X-Ruid", "uloc-0-0-0")]).rc < 0
    assert len(phone.uris()) == 1


def test_w_r6_a_database_that_refuses_undoes_all(site, phone):
    if site.mode not in (1, 3):
        pytest.skip("usrloc writes to the database later in this mode")
    phone.save(phone.contact(user="old"))
    with sqlite3.connect(site.db.path, timeout=10) as db:
        for verb in ("insert", "update"):
            db.execute((REFUSED % verb).replace("refuse ", verb + "_no ", 1))
    try:
        reply, rc = phone.save(phone.contact(user="new"),
                               phone.contact(user="refused"),
                               phone.contact(";expires=0", user="old"))
    finally:
        with sqlite3.connect(site.db.path, timeout=10) as db:
            for verb in ("insert", "update"):
                db.execute("drop trigger %s_no" % verb)
    assert (reply.status, rc) == (500, -1)
    assert names(phone.uris()) == ["old"]
    assert names(site.stored(phone)) == ["old"]


def test_w_r10_a_database_that_fails_is_no_unknown_user(site, phone):
    if site.mode != 3:
        pytest.skip("memory answers in this mode")
    phone.save(phone.contact())
    headers = [("X-Uri", phone.aor)]
    with sqlite3.connect(site.db.path, timeout=10) as db:
        db.execute("alter table location rename to away")
    try:
        reply, rc = phone.save()
        assert (reply.status, rc) == (500, -1)
        reply, rc = phone.save(phone.contact())
        assert (reply.status, rc) == (500, -1)
        assert phone.ask().rc == -3
        assert phone.ask("registered", headers=headers).rc == -3
        assert phone.ask("unregister", headers=headers).rc == -2
    finally:
        with sqlite3.connect(site.db.path, timeout=10) as db:
            db.execute("alter table away rename to location")
    assert phone.ask().rc == 1
    assert phone.ask(ruri="sip:nobody@example.org").rc == -1


def test_bindings_survive_a_restart(kam, udp):
    db = Database()
    try:
        text = config(usrloc=[("use_domain", 1), *db.usrloc(1)],
                      modules=["db_sqlite"])
        first = kam(text)
        phone = Phone(udp(), first)
        phone.save(phone.contact())
        first.stop()
        second = kam(text)
        phone.server = second
        # usrloc's first worker loads the table while others work already
        until(lambda: phone.ask().rc, 1)
        assert len(phone.uris()) == 1
        # a refresh finds the binding it made before
        assert phone.save(phone.contact())[1] == 2
    finally:
        db.close()
