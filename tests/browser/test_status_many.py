# SPDX-License-Identifier: GPL-2.0-or-later
"""The page with 100,000 accounts and 100,000 users."""

import sqlite3
import time

import pytest

from kamtest import accounts
from kamtest.httpd import Http
from kamtest.registrar import Database
from kamtest.wait import until, until_true

from test_status import column, numbers, range_of, told

MANY = 100000
# seconds; a busy machine takes its time, a page that walks pages of rows in
# the browser would take longer than this
PATIENCE = 60


def users(db):
    """Rows of usrloc for that many users."""
    now = int(time.time())
    with sqlite3.connect(db.path) as con:
        con.executemany(
            "insert into location (ruid, username, domain, contact, callid,"
            " expires, last_modified, user_agent) values"
            " (?, ?, 'example.org', ?, ?, julianday(?, 'unixepoch'),"
            " julianday(?, 'unixepoch'), 'Phone/1.0')",
            (("kx-%x" % i, "u%06d" % i, "sip:u%06d@192.0.2.1:5060" % i,
              "c%d" % i, now + 3600, now) for i in range(MANY)))


@pytest.fixture(scope="module")
def http(kam_module, tmp_path_factory):
    db = Database()
    users(db)
    rows = (accounts.account("t%06d" % i, "127.0.0.1:9",
                             reg_delay=60 + i % 3000) for i in range(MANY))
    # usrloc reads its table in one piece: that is what the pkg memory is for
    http = Http(kam_module, tmp_path_factory.mktemp("many"), rows,
                extra="\n".join(
                    'modparam("usrloc", "%s", %s)' % (
                        name, value if isinstance(value, int)
                        else '"%s"' % value)
                    for name, value in db.usrloc(1)), shm=768, pkg=384)
    until(lambda: http.kamailio.rpc("registrar.list", "", 0, 0)
          ["total_users"], MANY, PATIENCE)
    yield http
    db.close()


@pytest.fixture
def page(browser, http):
    browser.open(http.url("/status/"))
    until_true(lambda: told(browser).startswith("as of"), PATIENCE)
    yield browser
    assert browser.complaints() == []


def test_numbers_and_chart(page):
    got = numbers(page)
    assert (got["accounts"], got["users"]) == (MANY, MANY)
    assert sum(page.script("return chart.data[1]")) > MANY * 0.9


def test_searches_and_turns_pages(page):
    page.write("#accounts input", "T099999")
    until(lambda: column(page, "accounts", 2), ["t099999"], PATIENCE)
    page.write("#users input", "u012345@192.0.2.1")
    until(lambda: column(page, "users", 1), ["u012345"], PATIENCE)
    page.write("#accounts input", "t0999")
    until(lambda: range_of(page, "accounts"), "1 to 20 of 100", PATIENCE)
    for _ in range(4):
        before = range_of(page, "accounts")
        page.click("#accounts .pages button:last-child")
        until_true(lambda: range_of(page, "accounts") != before, PATIENCE)
    assert range_of(page, "accounts") == "81 to 100 of 100"
    assert len(column(page, "accounts", 2)) == 20


def test_an_update_costs_little(page):
    """All of it: numbers, chart and three tables of 200,000 rows."""
    took = page.script("""
        return (async () => {
            while(isBusy) await new Promise(r => setTimeout(r, 20));
            const t = performance.now(); await update();
            return performance.now() - t; })()""")
    print("update: %.0f ms" % took)
    assert took < PATIENCE * 1000
