# SPDX-License-Identifier: GPL-2.0-or-later
"""Counters of the group registrar: REGISTERs by what they came to, bindings
by what became of them (W-R25)."""

import time

import pytest

from kamtest.counters import (PROM_GLOBALS, PROM_MODULES, PROM_ROUTE,
                              Counted, counters, scrape)
from kamtest.registrar import Database, Phone, config
from kamtest.wait import until_true


def counted(server):
    return Counted(server, "registrar")


@pytest.fixture(scope="module")
def server(kam_module):
    return kam_module(config(
        params=[("max_contacts", 2), ("max_contacts_policy", 1),
                ("regid_mode", 1), ("min_expires", 60),
                ("min_expires_mode", 1)],
        usrloc=[("use_domain", 1)], modules=["counters"]), children=4)


@pytest.fixture
def phone(server, udp):
    return Phone(udp(), server)


def accepted(how, **contacts):
    moved = {"accepted_regs": 1, "accepted_" + how: 1}
    moved.update({"contacts_" + k: n for k, n in contacts.items()})
    return moved


def test_w_r25_accepted_by_outcome_and_contacts(server, phone):
    def moved(*contacts, **options):
        with counted(server) as seen:
            assert phone.register(*contacts, **options).status == 200
        return seen.moved
    a, b, c = (phone.contact(user=u) for u in "abc")
    assert moved(a) == accepted("insert", inserted=1)
    assert moved(a, b) == accepted("insert", inserted=1, refreshed=1)
    # the oldest makes room
    assert moved(c) == accepted("insert", inserted=1, evicted=1)
    assert moved() == accepted("query")
    assert moved(c, cseq=phone.cseq - 1) == accepted("unchanged")
    assert moved(c, cseq=phone.cseq + 1) == accepted("update", refreshed=1)
    phone.cseq += 1
    assert moved(a + ";expires=0") == accepted("unchanged")
    assert moved(c + ";expires=0") == accepted("delete", removed=1)
    phone.register(a)
    assert moved("*", headers=[("Expires", "0")]) == accepted(
        "delete", removed=2)


REFUSED = {
    "too_brief": dict(contact=";expires=5"),
    "bad_q": dict(contact=";q=7"),
    "bad_regid": dict(contact=';+sip.instance="<urn:x>";reg-id=0'),
    "star_expires": dict(star=True),
    "unescape": dict(to="<sip:%zz@example.org>"),
    "aor_too_long": dict(to="<sip:%s@example.org>" % ("u" * 600)),
    "callid_too_long": dict(callid="c" * 256),
    "outbound_unsupported": dict(headers=[("Require", "outbound")]),
}


@pytest.mark.parametrize("cause", sorted(REFUSED))
def test_w_r25_rejected_by_cause(server, phone, cause):
    options = dict(REFUSED[cause])
    contact = phone.contact(options.pop("contact", ""))
    if options.pop("star", False):
        contact = "*"
    with counted(server) as seen:
        assert phone.register(contact, **options).status >= 400
    assert seen.moved == {"rejected_regs": 1, "rejected_" + cause: 1}


def test_w_r25_too_many_and_older(kam, udp):
    server = kam(config(params=[("max_contacts", 1)]))
    phone = Phone(udp(), server)
    phone.register(phone.contact(), cseq=9)
    with counted(server) as seen:
        phone.register(phone.contact(user="other"))
        phone.register(phone.contact(), cseq=8)
    assert seen.moved == {"rejected_regs": 2, "rejected_too_many": 1,
                             "rejected_bad_cseq": 1}


def test_w_r25_unregister_counts_and_causes_have_a_text(server, phone):
    phone.register(phone.contact(user="a"), phone.contact(user="b"))
    with counted(server) as seen:
        phone.ask("unregister", headers=[("X-Uri", phone.aor)])
    assert seen.moved == {"contacts_removed": 2}
    told = server.rpc("cnt.help", "registrar", "rejected_bad_q")
    assert "Invalid q param in contact" in str(told)


@pytest.mark.parametrize("mode", [0, 1, 2])
def test_w_r25_expired(kam, udp, mode):
    db = Database()
    try:
        server = kam(config(
            params=[("min_expires", 1)],
            usrloc=[("timer_interval", 1), *(db.usrloc(mode) if mode else [])],
            modules=["db_sqlite"] if mode else []))
        phone = Phone(udp(), server)
        with counted(server) as seen:
            phone.register(phone.contact(";expires=1", user="a"),
                           phone.contact(";expires=600", user="b"))
            phone.register(phone.contact(";expires=0", user="b"))
            until_true(lambda: server.stat("registrar", "contacts_expired"))
            time.sleep(1.2)
        assert seen.moved == {
            "accepted_regs": 2, "accepted_insert": 1, "accepted_delete": 1,
            "contacts_inserted": 2, "contacts_removed": 1,
            "contacts_expired": 1}
    finally:
        db.close()


def test_w_r25_a_failing_store_counts_no_contact(kam, udp):
    import sqlite3
    db = Database()
    try:
        server = kam(config(usrloc=[("use_domain", 1), *db.usrloc(1)],
                            modules=["db_sqlite"]))
        phone = Phone(udp(), server)
        phone.register(phone.contact())
        with sqlite3.connect(db.path, timeout=10) as con:
            con.execute("alter table location rename to away")
        with counted(server) as seen:
            assert phone.register(phone.contact(),
                                  phone.contact(user="b")).status == 500
        assert seen.moved == {"rejected_regs": 1, "rejected_storage": 1}
    finally:
        db.close()


def test_w_r25_prometheus_shows_them(kam, udp):
    server = kam(config(
        modules=PROM_MODULES,
        extra='modparam("xhttp_prom", "xhttp_prom_stats", "registrar:")',
        routes=PROM_ROUTE), tcp=True, globals_=PROM_GLOBALS)
    phone = Phone(udp(), server)
    phone.register(phone.contact(";q=7"))
    values = scrape(server)
    assert values["kamailio_registrar_rejected_bad_q"] == "1"
    assert {"kamailio_registrar_" + n
            for n in counters(server, "registrar")} <= set(values)
