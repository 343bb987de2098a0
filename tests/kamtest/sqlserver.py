# SPDX-License-Identifier: GPL-2.0-or-later
"""A database server that lives as long as a test: own data directory, own
port, ended by pid. What MariaDB and PostgreSQL have in common."""

import itertools
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

from .kamailio import ROOT
from .net import free_port

KAMAILIO = pathlib.Path("/usr/share/kamailio")
OURS = ROOT / "doc" / "sql"


def schema(kind, name):
    """The SQL that makes a table, for kind mysql, postgres or sqlite: one of
    ours by its own name, or Kamailio's file of that name."""
    ours = OURS / ("%s-%s.sql" % (name, kind))
    stock = KAMAILIO / {"sqlite": "db_sqlite"}.get(kind, kind) / (
        "%s-create.sql" % name)
    return (ours if ours.exists() else stock).read_text()


class SqlServer:
    """As a context manager. tables: names for schema()."""

    kind = None  # for schema()
    end_signal = signal.SIGTERM

    def __init__(self, tables=("standard",), host="127.0.0.1"):
        self.tables = tables
        self.host = host
        self.port = free_port(host)
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="kx-%s-" % self.kind))
        self.data = self.dir / "data"
        self.proc = None

    # --- what the server's kind says ----------------------------------------

    @property
    def url(self):
        """As a modparam has it."""
        return "%s://kamailio:secret@%s:%d/kamailio" % (self.kind, self.host,
                                                        self.port)

    def _prepare(self):
        """Make the data directory."""
        raise NotImplementedError

    def _command(self):
        raise NotImplementedError

    def _options(self):
        """More for Popen."""
        return {}

    def _is_ready(self):
        raise NotImplementedError

    def _create_database(self):
        """kamailio, and its user of that name."""
        raise NotImplementedError

    def sql(self, sql):
        """Run statements; the rows of a result as lists of text. Fails with
        subprocess.CalledProcessError, whose stderr says why."""
        raise NotImplementedError

    def quote(self, text):
        return "'%s'" % text.replace("'", "''")

    # --- common -------------------------------------------------------------

    def start(self, timeout=30):
        if not self.data.exists():
            self._prepare()
        with open(self.dir / "log", "ab") as log:
            self.proc = subprocess.Popen(
                self._command(), stdout=log, stderr=subprocess.STDOUT,
                start_new_session=True, **self._options())
        end = time.time() + timeout
        while time.time() < end:
            if self.proc.poll() is not None:
                break
            if self._is_ready():
                return self
            time.sleep(0.1)
        raise AssertionError("%s did not get ready:\n%s" % (
            self._command()[0], (self.dir / "log").read_text()[-3000:]))

    def create(self):
        """The kamailio database with its tables, empty."""
        self._create_database()
        for name in self.tables:
            self.sql(schema(self.kind, name))
        return self

    def insert(self, table, rows):
        """Rows as dicts, of the same columns; many at once."""
        rows = iter(rows)
        while part := list(itertools.islice(rows, 2000)):
            self.sql("insert into %s (%s) values %s" % (
                table, ",".join(part[0]),
                ",".join("(%s)" % ",".join(
                    "null" if v is None else self.quote(str(v))
                    for v in row.values()) for row in part)))

    def stop(self):
        if self.proc is None:
            return
        self.proc.send_signal(self.end_signal)
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
