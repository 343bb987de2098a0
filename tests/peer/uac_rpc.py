# SPDX-License-Identifier: GPL-2.0-or-later
"""Accounts at registrars to compare: their table, and RPC about them."""

import pathlib
import tempfile
import time

from kamtest import accounts
from kamtest.kamailio import RpcError
from kamtest.registrar import SHM

from .pair import SYNC
from .record import near
from .scene import Setup

# Seconds since 1970, or what is left of that.
TIMES = ("timer_expires", "reg_init")


def setup(name, **params):
    """uac with a table of accounts, one.path, which both sides read."""
    one = Setup(name, "")
    one.dir = tempfile.TemporaryDirectory(
        prefix="kx-acc-", dir=SHM if SHM.is_dir() else None)
    one.path = pathlib.Path(one.dir.name) / "accounts.sqlite"
    accounts.create(one.path)
    one.config = accounts.config(accounts.url(one.path), "\n".join(
        'modparam("uac", "%s", %s)' % (
            n, v if isinstance(v, int) else '"%s"' % v)
        for n, v in params.items()), SYNC + "exit;")
    return one


class Row:
    """A row of the table is written, or with nothing to change deleted."""

    def __init__(self, name, **changes):
        self.name = name
        self.changes = changes

    def play(self, stage):
        uuid = stage.fill(self.name)
        path = stage.side.setup.path
        accounts.execute(path, "delete from uacreg where l_uuid = ?", uuid)
        if self.changes:
            row = accounts.account(uuid, stage.fill("{p0}"))
            row.update({k: stage.fill(v) if isinstance(v, str) else v
                        for k, v in self.changes.items()})
            accounts.insert(path, [row])
        return {}

    def __repr__(self):
        return "row %s %s" % (self.name, self.changes)


class Rpc:
    """A command and what it says. Of a list only what is the scenario's."""

    def __init__(self, command, *args):
        self.command = command
        self.args = args

    def play(self, stage):
        args = [stage.fill(a) if isinstance(a, str) else a
                for a in self.args]
        try:
            got = stage.side.kam.rpc("uac." + self.command, *args)
        except RpcError as error:
            return {"fault": [stage.normal(str(error))]}
        except OSError:
            return {"end": ["died" if stage.side.is_dead() else "no answer"]}
        if isinstance(got, list):
            got = [g for g in got if stage.me in g.get("l_uuid", "")]
            got.sort(key=lambda g: g["l_uuid"])
        return dict(flat(stage, "result", got))

    def __repr__(self):
        return "uac.%s %s" % (self.command, " ".join(map(str, self.args)))


def flat(stage, name, value):
    """(path of a value, [its text])"""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from flat(stage, "%s.%s" % (name, key), inner)
    elif isinstance(value, list):
        yield name + ".count", [str(len(value))]
        for n, inner in enumerate(value):
            yield from flat(stage, "%s.%d" % (name, n), inner)
    else:
        key = name.rpartition(".")[2]
        if key == "diff_expires" and value < -10 ** 6:
            value += time.time()  # of an account that has no binding
        if key in TIMES and value:
            value = near(value - time.time())
        elif key == "diff_expires":
            value = near(value)
        yield name, [stage.normal(str(value))]


VALUES = {"l_username": "{me}l", "l_domain": "local.example",
          "r_username": "{me}r", "r_domain": "far.example",
          "realm": "realm.example", "auth_username": "{me}a",
          "auth_password": "secret", "auth_ha1": ".",
          "auth_proxy": "sip:{p3}", "expires": 600, "flags": 0,
          "reg_delay": 0, "socket": "udp:{server}",
          "contact_addr": "127.0.0.1:5999"}


def add(uuid="{me}", **changes):
    return Rpc("reg_add", uuid, *{**VALUES, **changes}.values())
