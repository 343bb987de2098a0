# SPDX-License-Identifier: GPL-2.0-or-later
"""A restart that keeps registrations, from MariaDB.

Accounts that register at a registrar that challenges, are saved, and go on
after a restart: BENCH_WARM of them, 100,000 by default. Then a start that reads
rows of accounts that were never registered here: BENCH_WARM_ROWS, 1,000,000 by
default. What a stop and a start take is up to the first RPC that is answered;
rows are read before.
"""

import os
import time

from kamtest import accounts
from kamtest.kamailio import Kamailio
from kamtest.mariadb import MariaDB
from stub import Stub, rows

ACCOUNTS = int(os.environ.get("BENCH_WARM", "100000"))
ROWS = int(os.environ.get("BENCH_WARM_ROWS", "1000000"))
WAIT_S = 300
WATCH_S = 60
STATE = """
    modparam("uac", "reg_state_table", "uacreg_state")
    modparam("uac", "reg_state_interval", 1)
"""
# Accounts and their rows, made where they are kept; the fingerprint is that
# of uax_fingerprint().
TEXT = "unhex(lpad(hex(length(%s)),4,'0')),%s"
MAKE = """
    insert into uacreg (l_uuid, l_username, l_domain, r_username, r_domain,
        realm, auth_username, auth_password, auth_ha1, auth_proxy, expires,
        flags, reg_delay)
    select concat('u',seq), concat('lu',seq), 'local.example',
        concat('u',seq), '127.0.0.1:9', 'far.example', concat('u',seq),
        concat('p',seq), '', 'sip:127.0.0.1:9', 3600, 0, 0
    from seq_0_to_%(last)d;
    insert into uacreg_state (l_uuid, account, state, contact, callid,
        fromtag, challenge, registered_until, granted, next_due, cseq, nc,
        is_exact, saved)
    select l_uuid, left(sha2(concat(%(texts)s),256),32), 'online',
        concat('sip:',l_uuid,'@127.0.0.1:5999'), md5(l_uuid),
        left(md5(l_uuid),16),
        concat('Digest realm="far.example", nonce="',md5(l_uuid),
            '", algorithm=MD5, qop="auth"'),
        unix_timestamp()+3600, 3600, unix_timestamp()+1800+id%%1700, 11, 1,
        1, unix_timestamp()
    from uacreg;
""" % {"last": ROWS - 1, "texts": ",".join(TEXT % (c, c) for c in (
    "l_uuid", "r_username", "r_domain", "realm", "auth_username",
    "auth_password", "auth_ha1", "auth_proxy"))}


def server(url, count):
    return Kamailio(accounts.config(url, STATE).replace("db_sqlite",
                                                        "db_mysql"),
                    children=2, shm=128 + count // 300, debug=1)


def timed(what, *args, **options):
    began = time.monotonic()
    what(*args, **options)
    return time.monotonic() - began


def wait(what):
    end = time.monotonic() + WAIT_S
    while not what() and time.monotonic() < end:
        time.sleep(0.1)


def due(db):
    """How many refreshes are due while it is watched."""
    return int(db.sql("select count(*) from uacreg_state where next_due<"
                      "unix_timestamp()+%d" % (WATCH_S + 2))[0][0])


def first(db, stub):
    """Register all, stop. Yields rows of the report."""
    db.insert("uacreg", rows(stub.addr, ACCOUNTS))
    kamailio = server(db.url, ACCOUNTS)
    try:
        kamailio.start(timeout=WAIT_S)
        began = time.monotonic()
        wait(lambda: stub.seen().online == ACCOUNTS)
        online_s = time.monotonic() - began
        wait(lambda: db.sql("select count(*) from uacreg_state where "
                            "state='online'")[0][0] == str(ACCOUNTS))
        saved_s = time.monotonic() - began
        stop_s = timed(kamailio.stop, timeout=120)
    finally:
        kamailio.remove()
    yield ("%d accounts registered, seconds" % ACCOUNTS, "%.1f" % online_s,
           "", stub.seen().online == ACCOUNTS)
    yield "and all of them in the table, seconds", "%.1f" % saved_s, "", True
    yield "stop, seconds", "%.1f" % stop_s, "", True


def second(db, stub):
    """Start again, watch."""
    kamailio = server(db.url, ACCOUNTS)
    expected = due(db)
    stub.seen("reset")
    try:
        start_s = timed(kamailio.start, timeout=WAIT_S)
        active = kamailio.stat("uac", "regactive")
        time.sleep(WATCH_S)
        sent = stub.seen().total
    finally:
        kamailio.remove()
    yield "start, seconds", "%.1f" % start_s, "", True
    yield ("accounts that go on", active, ACCOUNTS, active == ACCOUNTS)
    # those due may have one or two requests
    more = max(0, sent - 2 * expected)
    yield ("REGISTERs in the first minute beyond those due (%d accounts)"
           % expected, more, 0, more == 0)


def many(db):
    db.sql("delete from uacreg_state; truncate uacreg; truncate uacreg_state")
    db.sql(MAKE)
    kamailio = server(db.url, ROWS)
    try:
        start_s = timed(kamailio.start, timeout=WAIT_S)
        active = kamailio.stat("uac", "regactive")
        skipped = kamailio.stat("uac", "reg_kept_skipped")
        stop_s = timed(kamailio.stop, timeout=120)
    finally:
        kamailio.remove()
    yield ("start with %d rows, seconds" % ROWS, "%.1f" % start_s, "< 90",
           start_s < 90)
    yield "accounts that go on", active, ROWS, active == ROWS
    yield "rows that can't be used", skipped, 0, skipped == 0
    yield "stop of it, seconds", "%.1f" % stop_s, "", True


def run():
    with MariaDB(("standard", "uac", "uacreg_state")) as db:
        with Stub() as stub:
            yield from first(db, stub)
            yield from second(db, stub)
        yield from many(db)
