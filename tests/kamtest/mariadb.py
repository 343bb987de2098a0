# SPDX-License-Identifier: GPL-2.0-or-later
"""A MariaDB server of a test's own, see sqlserver.py; for db_mysql."""

import contextlib
import os
import subprocess

from .sqlserver import SqlServer


class MariaDB(SqlServer):
    kind = "mysql"

    @property
    def socket(self):
        return self.dir / "sock"

    @staticmethod
    def _user():
        return ["--user=root"] if os.getuid() == 0 else []

    def _prepare(self):
        subprocess.run(
            ["mariadb-install-db", "--no-defaults", *self._user(),
             "--auth-root-authentication-method=normal",
             # a server that starts removes what others have in a common one
             "--skip-test-db", "--datadir=%s" % self.data,
             "--tmpdir=%s" % self.dir],
            check=True, capture_output=True, timeout=120)

    def _command(self):
        return ["mariadbd", "--no-defaults", *self._user(),
                "--datadir=%s" % self.data, "--tmpdir=%s" % self.dir,
                "--socket=%s" % self.socket,
                "--port=%d" % self.port, "--bind-address=%s" % self.host,
                "--innodb-buffer-pool-size=64M",
                "--innodb-flush-log-at-trx-commit=0"]

    def _is_ready(self):
        return self._client("select 1", check=False).returncode == 0

    def _create_database(self):
        self._client("create database kamailio; create user "
                     "kamailio@'%' identified by 'secret'; grant all on "
                     "kamailio.* to kamailio@'%'")

    def _client(self, sql, *args, check=True):
        return subprocess.run(
            ["mariadb", "--no-defaults", "-uroot", "-N", "-B",
             "--socket=%s" % self.socket, *args], input=sql, text=True,
            capture_output=True, check=check, timeout=300)

    def sql(self, sql):
        out = self._client(sql, "kamailio").stdout
        return [line.split("\t") for line in out.splitlines()]

    def quote(self, text):
        return super().quote(text.replace("\\", "\\\\"))

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
