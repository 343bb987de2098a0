# SPDX-License-Identifier: GPL-2.0-or-later
"""doc/sql: the table uacreg_state in each of its databases. It loads after
Kamailio's own tables, and a row is written, or written over by its l_uuid."""

import re
import sqlite3
import subprocess

import pytest

from kamtest import accounts
from kamtest.mariadb import MariaDB
from kamtest.postgres import Postgres
from kamtest.sqlserver import schema

TABLES = ("standard", "uacreg_state")
# as doc/sql has them -> the greatest value each must hold
COLUMNS = {
    "l_uuid": "u" * 64, "node": "n" * 128, "account": "0123456789abcdef" * 2,
    "state": "s" * 24, "contact": "c" * 512, "own_contact": "o" * 512,
    "registered_until": 2**62, "granted": 2**31 - 1, "next_due": 2**62, "failures": 2**31 - 1,
    "callid": "i" * 64, "fromtag": "t" * 64, "cseq": 2**32 - 1,
    "challenge": "h" * 2048, "nc": 2**32, "proxy_challenge": "\xe4" * 2048,
    "proxy_nc": 2**32, "service_route": "r" * 2048,
    "path": "it's \\ \"path\"" + "p" * 2000, "associated_uri": "a" * 2048,
    "is_exact": 1, "saved": 2**62}


class Sqlite:
    """A file, asked as the servers are."""

    kind = "sqlite"

    def __init__(self, path):
        self.path = path
        accounts.create(path, TABLES)

    def sql(self, sql):
        with sqlite3.connect(self.path) as db:
            rows = db.execute(sql).fetchall()
        db.close()
        return [[str(value) for value in row] for row in rows]

    def quote(self, text):
        return "'%s'" % text.replace("'", "''")


@pytest.fixture(scope="module", params=["sqlite", "mysql", "postgres"])
def loaded(request, tmp_path_factory):
    if request.param == "sqlite":
        yield Sqlite(tmp_path_factory.mktemp("state") / "state.db")
        return
    with {"mysql": MariaDB, "postgres": Postgres}[request.param](
            TABLES) as server:
        yield server


@pytest.fixture
def database(loaded):
    loaded.sql("delete from uacreg_state")
    return loaded


def upsert(database, *rows):
    """Rows of the same columns in one statement."""
    columns = list(rows[0])
    if database.kind == "mysql":
        then, new = "on duplicate key update", "values(%s)"
    else:
        then, new = "on conflict (l_uuid) do update set", "excluded.%s"
    database.sql("insert into uacreg_state (%s) values %s %s %s" % (
        ",".join(columns), ",".join("(%s)" % ",".join(
            str(v) if isinstance(v, int) else database.quote(v)
            for v in row.values()) for row in rows), then, ",".join(
                "%s=%s" % (name, new % name) for name in columns[1:])))


def stored(database, *columns):
    return database.sql("select %s from uacreg_state order by l_uuid"
                        % ",".join(columns))


def shown(database, value):
    """How the server's own client prints it."""
    text = str(value)
    return text.replace("\\", "\\\\") if database.kind == "mysql" else text


def test_version(database):
    assert database.sql("select table_version from version where "
                        "table_name='uacreg_state'") == [["1"]]


def test_every_column_holds_the_greatest_value(database):
    upsert(database, COLUMNS)
    assert stored(database, *COLUMNS) == [
        [shown(database, value) for value in COLUMNS.values()]]


def test_defaults(database):
    database.sql("insert into uacreg_state (l_uuid) values ('1')")
    row = dict(zip(COLUMNS, stored(database, *COLUMNS)[0]))
    for name, greatest in COLUMNS.items():
        if name != "l_uuid":
            assert row[name].strip() == ("0" if isinstance(greatest, int)
                                         else ""), name


def test_upsert_of_new_and_known_rows_together(database):
    upsert(database, {"l_uuid": "1", "node": "a", "cseq": 10},
           {"l_uuid": "2", "node": "a", "cseq": 20})
    upsert(database, {"l_uuid": "2", "node": "b", "cseq": 21},
           {"l_uuid": "3", "node": "b", "cseq": 30})
    assert stored(database, "l_uuid", "node", "cseq") == [
        ["1", "a", "10"], ["2", "b", "21"], ["3", "b", "30"]]


def test_a_plain_insert_of_a_known_row_fails(database):
    row = "insert into uacreg_state (l_uuid) values ('1')"
    database.sql(row)
    with pytest.raises((sqlite3.IntegrityError,
                        subprocess.CalledProcessError)):
        database.sql(row)


def test_l_uuid_must_be_given(database):
    with pytest.raises((sqlite3.IntegrityError,
                        subprocess.CalledProcessError)):
        database.sql("insert into uacreg_state (node) values ('a')")


@pytest.mark.parametrize("loaded", ["mysql"], indirect=True)
def test_a_row_fits_innodb_with_four_bytes_a_character(loaded):
    table = schema("mysql", "uacreg_state").split("CREATE INDEX")[0]
    for row_format in ("dynamic", "compact"):
        loaded.sql("set innodb_strict_mode=1; create database wide; use wide; "
                   + table.replace("\n);", "\n) engine=innodb charset=utf8mb4"
                                   " row_format=%s;" % row_format)
                   + "drop database wide")


def test_columns_are_the_same_in_every_database():
    for kind in ("mysql", "sqlite", "postgres"):
        text = schema(kind, "uacreg_state").replace("`", "")
        columns = re.findall(r"^    (?!CONSTRAINT)(\w+) ", text, re.M)
        unique = re.findall(r"UNIQUE \((\w+)\)", text)
        indexed = re.findall(r"CREATE INDEX .*\((\w+)\);", text)
        assert (columns, unique, indexed) == (
            ["id", *COLUMNS], ["l_uuid"], ["node", "saved"]), kind
