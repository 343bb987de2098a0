# SPDX-License-Identifier: GPL-2.0-or-later
"""A PostgreSQL server of a test's own, see sqlserver.py; for db_postgres."""

import os
import pathlib
import shutil
import signal
import subprocess

from .sqlserver import SqlServer


def bin_dir():
    """Where Debian keeps the programs, of the newest that is installed."""
    found = pathlib.Path("/usr/lib/postgresql").glob("*/bin/postgres")
    return max(found, key=lambda path: int(path.parts[-3])).parent


class Postgres(SqlServer):
    kind = "postgres"
    end_signal = signal.SIGINT  # does not wait for clients to leave

    def _options(self):
        """It refuses to be root; Debian's package has a user for it."""
        options = {"cwd": self.dir}
        if os.getuid() == 0:
            options.update(user="postgres", group="postgres", extra_groups=[])
        return options

    def _prepare(self):
        if os.getuid() == 0:
            shutil.chown(self.dir, "postgres", "postgres")
        subprocess.run(
            [bin_dir() / "initdb", "-D", self.data, "-U", "postgres",
             "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync"],
            check=True, capture_output=True, timeout=120, **self._options())

    def _command(self):
        settings = {"listen_addresses": self.host, "port": self.port,
                    "unix_socket_directories": self.dir,
                    "shared_buffers": "32MB", "fsync": "off"}
        return [str(bin_dir() / "postgres"), "-D", str(self.data),
                *("--%s=%s" % one for one in settings.items())]

    def _is_ready(self):
        return self._client("select 1", "postgres", check=False
                            ).returncode == 0

    def _create_database(self):
        self._client("create role kamailio login password 'secret'",
                     "postgres")
        self._client("create database kamailio owner kamailio", "postgres")

    def _client(self, sql, user, check=True):
        """In the database of that name."""
        return subprocess.run(
            [bin_dir() / "psql", "-h", self.dir, "-p", str(self.port), "-U",
             user, "-X", "-q", "-A", "-t", "-F", "\t", "-v",
             "ON_ERROR_STOP=1"], input=sql, text=True, capture_output=True,
            check=check, timeout=300)

    def sql(self, sql):
        out = self._client(sql, "kamailio").stdout
        return [line.split("\t") for line in out.splitlines()]
