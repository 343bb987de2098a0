# SPDX-License-Identifier: GPL-2.0-or-later
"""A uac whose registrations survive its restart, kept in SQLite."""

import sqlite3

import pytest

from . import accounts
from .kamailio import ROOT
from .regs import ROUTE, gauges
from .wait import until, until_true

STATE = """
    modparam("uac", "reg_state_table", "uacreg_state")
    modparam("uac", "reg_state_interval", 1)
    modparam("uac", "reg_retry_interval", 60)
"""


def query(path, sql, *values):
    """The rows as dictionaries; what it changes is committed."""
    db = sqlite3.connect(path, timeout=10)
    db.row_factory = sqlite3.Row
    try:
        with db:
            return [dict(r) for r in db.execute(sql, values)]
    finally:
        db.close()


def rows(path):
    """Those of accounts."""
    return {r["l_uuid"]: r
            for r in query(path, "select * from uacreg_state")
            if not r["l_uuid"].startswith("server ")}


@pytest.fixture
def warm(kam, tmp_path):
    """warm([rows], extra=...) -> Kamailio that keeps registrations; the
    database stays from one to the next."""
    path = tmp_path / "uac.db"

    def run(accs=(), extra="", state=STATE, table=True, route=ROUTE,
            **options_):
        if not path.exists():
            accounts.create(path)
            accounts.execute(path, "pragma journal_mode=wal")
            if table:
                db = sqlite3.connect(path)
                db.executescript(
                    (ROOT / "doc/sql/uacreg_state-sqlite.sql").read_text())
                db.commit()
                db.close()
        accounts.insert(path, accs)
        kamailio = kam(accounts.config(accounts.url(path), state + extra,
                                       route), **options_)
        kamailio.db = path
        return kamailio
    return run


def is_saved(kam, name, **want):
    """Whether the row of an account says so."""
    row = rows(kam.db).get(name)
    return row is not None and all(row[k] == v for k, v in want.items())


def all_online(kam, provider, count):
    """All are registered, and that is in the table."""
    until(lambda: gauges(kam), (count, count, 0))
    until_true(lambda: [r["state"] for r in rows(kam.db).values()]
               == ["online"] * count)
