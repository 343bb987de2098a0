# SPDX-License-Identifier: GPL-2.0-or-later
"""A MariaDB server that lives as long as a test: own data directory, own
port, ended by pid."""

import contextlib
import itertools
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

from .net import free_port

SCHEMA = pathlib.Path("/usr/share/kamailio/mysql")


class MariaDB:
    """As a context manager. tables: which of Kamailio's schema files."""

    def __init__(self, tables=("standard",), host="127.0.0.1"):
        self.tables = tables
        self.host = host
        self.port = free_port(host)
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="kx-mariadb-"))
        self.socket = self.dir / "sock"
        self.proc = None

    @property
    def url(self):
        return "mysql://kamailio:secret@%s:%d/kamailio" % (self.host,
                                                           self.port)

    def start(self, timeout=30):
        data = self.dir / "data"
        user = ["--user=root"] if os.getuid() == 0 else []
        if not data.exists():
            subprocess.run(
                ["mariadb-install-db", "--no-defaults", *user,
                 "--auth-root-authentication-method=normal",
                 "--skip-test-db", "--datadir=%s" % data],
                check=True, capture_output=True, timeout=120)
        with open(self.dir / "log", "ab") as log:
            self.proc = subprocess.Popen(
                ["mariadbd", "--no-defaults", *user, "--datadir=%s" % data,
                 "--socket=%s" % self.socket, "--port=%d" % self.port,
                 "--bind-address=%s" % self.host,
                 "--innodb-buffer-pool-size=64M",
                 "--innodb-flush-log-at-trx-commit=0"],
                stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
        end = time.time() + timeout
        while time.time() < end:
            if self.proc.poll() is not None:
                break
            if self._client("select 1", check=False).returncode == 0:
                return self
            time.sleep(0.1)
        raise AssertionError("mariadbd did not get ready:\n%s"
                             % (self.dir / "log").read_text()[-3000:])

    def create(self):
        """The kamailio database with its tables, empty."""
        self._client("create database kamailio; create user "
                     "kamailio@'%' identified by 'secret'; grant all on "
                     "kamailio.* to kamailio@'%'")
        for name in self.tables:
            self._client((SCHEMA / ("%s-create.sql" % name)).read_text(),
                         "kamailio")
        return self

    def _client(self, sql, *args, check=True):
        return subprocess.run(
            ["mariadb", "--no-defaults", "-uroot", "-N", "-B",
             "--socket=%s" % self.socket, *args], input=sql, text=True,
            capture_output=True, check=check, timeout=300)

    def sql(self, sql):
        """Run statements; the rows of a result as lists of text."""
        out = self._client(sql, "kamailio").stdout
        return [line.split("\t") for line in out.splitlines()]

    def insert(self, table, rows):
        """Rows as dicts, of the same columns; many at once."""
        rows = iter(rows)
        while part := list(itertools.islice(rows, 2000)):
            self.sql("insert into %s (%s) values %s" % (
                table, ",".join(part[0]),
                ",".join("(%s)" % ",".join(
                    "null" if v is None else "'%s'" % str(v).replace(
                        "\\", "\\\\").replace("'", "''")
                    for v in row.values()) for row in part)))

    @contextlib.contextmanager
    def locked(self, table):
        """With it nobody else can read the table."""
        with subprocess.Popen(
                ["mariadb", "--no-defaults", "-uroot", "-N", "-B", "-n",
                 "--socket=%s" % self.socket, "kamailio"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                text=True) as client:
            client.stdin.write("lock tables %s write; select 'held';\n"
                               % table)
            client.stdin.flush()
            assert client.stdout.readline() == "held\n"
            yield
            client.stdin.close()

    def stop(self):
        if self.proc is None:
            return
        self.proc.terminate()
        try:
            self.proc.wait(20)
        except subprocess.TimeoutExpired:
            self.proc.kill()
            self.proc.wait()
        self.proc = None

    def __enter__(self):
        return self.start().create()

    def __exit__(self, *exc):
        self.stop()
        shutil.rmtree(self.dir, ignore_errors=True)
