# SPDX-License-Identifier: GPL-2.0-or-later
"""Registrations to compare: accounts that register at a registrar which
answers what their scenarios say.

All accounts of a setup register at once on a side; the steps of a scenario
are the messages that came of it. What the server knows of the account is
asked after each, when it has had the answer."""

import re
import time

from kamtest import accounts, digest
from kamtest.kamailio import RpcError
from kamtest.message import split_list

from .scene import Scenario, Stage
from .uac_rpc import flat, setup as _setup
from .uac_talk import CREDENTIALS, Talk, reply_to

LONGEST_S = 40
COUNTERS = ("regtotal", "regactive", "regdisabled")
SHOWN = ("flags", "expires", "diff_expires", "timer_expires")


def setup(name, quiet_s=3.5, is_counted=False, **params):
    """quiet_s: how long nothing comes when all is over. is_counted: the
    statistics are looked at, too; then one account is enough."""
    one = _setup(name, reg_timer_interval=1, reg_gc_interval=1, **params)
    one.quiet_s = quiet_s
    one.is_counted = is_counted
    return one


def account(where, name, *answers, count=None, **row):
    """An account; answers: (status, header, ...) to its REGISTERs, then 200.
    count: how many messages are looked at."""
    count = count or len(answers) + 1
    scenario = Scenario(where, name, [
        *(Message(n) for n in range(count)), End()])
    scenario.answers = answers
    scenario.row = row
    return scenario


class Message:
    """The n-th REGISTER, its answer and what the server thinks then."""

    def __init__(self, number):
        self.number = number

    def play(self, stage):
        seen = _run(stage)[stage.me].messages
        if self.number >= len(seen):
            return {"request": ["none"]}
        return seen[self.number]

    def __repr__(self):
        return "message %d" % (self.number + 1)


class End:
    """How many messages there were, and the state in the end."""

    def play(self, stage):
        one = _run(stage)[stage.me]
        return {"messages": [str(len(one.messages))], **one.end}

    def __repr__(self):
        return "end"


def _run(stage):
    """{me: _Account} of a side: its accounts are run the first time."""
    kept = stage.side.kept
    if "run" not in kept:
        kept["run"] = _Run(stage.side).accounts
    return kept["run"]


class _Run:
    def __init__(self, side):
        self.side = side
        self.accounts = {sc.me: _Account(side, sc)
                         for sc in side.setup.scenarios}
        self.queue = []
        path = side.setup.path
        accounts.execute(path, "delete from uacreg")
        accounts.insert(path, [a.row() for a in self.accounts.values()])
        side.kam.rpc("uac.reg_reload")
        began = last = time.time()
        while time.time() < min(last + side.setup.quiet_s,
                                began + LONGEST_S):
            got = self._next(0.2)
            if got and self._take(*got):
                last = time.time()
        for one in self.accounts.values():
            one.end = one.state()

    def _next(self, timeout):
        if self.queue:
            return self.queue.pop(0)
        name, got = self.side.wire.receive(self.side.sources, timeout)
        return (name, got) if got is not None else None

    def _take(self, name, got):
        """Whether it was something new."""
        me = re.search("s[0-9]{3}x", got.get("To") or "")
        one = self.accounts.get(me[0]) if me else None
        if one is None or not got.is_request:
            return False
        is_new = got.get("Via") not in one.answered
        reply = one.answer(got)
        for status in [100] * one.is_slow + [reply]:
            if status == 100:
                status = reply_to(got, 100)
            if status is not None:
                self.side.wire.send(name, status, got.source)
        if is_new:
            self._settle(one)
            one.note(name, got)
        return is_new

    def _settle(self, one):
        """Until the server has had it."""
        talk = Talk(one.stage)
        sync = talk.sync()
        while True:
            got = self._next_of_wire()
            if got is None or got[1].get("Call-ID") == sync:
                return
            self.queue.append(got)

    def _next_of_wire(self):
        name, got = self.side.wire.receive(self.side.sources, 10)
        return (name, got) if got is not None else None


class _Account:
    def __init__(self, side, scenario):
        self.stage = Stage(side, scenario)
        self.scenario = scenario
        self.side = side
        self.answered = {}  # Via: reply
        self.messages = []
        self.names = {}
        self.is_slow = scenario.notes.get("slow", 0)
        self.end = {}

    def row(self):
        fill = self.stage.fill
        row = accounts.account(self.scenario.me, fill("{p0}"),
                               r_domain="far.example")
        row.update({k: fill(v) if isinstance(v, str) else v
                    for k, v in self.scenario.row.items()})
        self.password = row["auth_password"]
        return row

    def answer(self, got):
        """The reply to a REGISTER; None: there is none."""
        via = got.get("Via")
        if via not in self.answered:
            n = len(self.answered)
            script = self.scenario.answers
            what = script[n] if n < len(script) else OK
            self.answered[via] = what and self._reply(got, *what)
        return self.answered[via]

    def _reply(self, got, status, *headers):
        contact = (got.get("Contact") or "").split(";expires")[0]
        return reply_to(got, status, tag="far", headers=[
            (n, self.stage.fill(v.replace("{contact}", contact).replace(
                "{uri}", contact.strip("<>")))) for n, v in headers])

    def note(self, where, got):
        """What has come, by its headers, and the state now."""
        out = {"request": [self.stage.normal(got.start)],
               "at": [where],
               "order": [" ".join(n for n, _ in got.headers)]}
        for name, value in got.headers:
            name = name.lower()
            if name in CREDENTIALS:
                out.update(self._credentials(got, name, value))
                continue
            if name == "via":
                value = re.sub("(;branch=).*", r"\1{branch}", value)
            if name == "call-id":
                value = self._named("call", value)
            if name == "from":
                value = re.sub("(;tag=)(.*)", lambda m: m[1] + self._named(
                    "tag", m[2]), value)
            out.setdefault("request." + name, []).append(
                self.stage.normal(value))
        out.update(self.state())
        self.messages.append(out)

    def _named(self, kind, value):
        all_ = self.names.setdefault(kind, [])
        if value not in all_:
            all_.append(value)
        return "{%s%d}" % (kind, all_.index(value) + 1)

    def _credentials(self, got, name, value):
        is_right = digest.verify(value, got.method, self.password)[0]
        out = {name: [value.partition(" ")[0]]}
        for field in split_list(value.partition(" ")[2]):
            key, _, text = field.partition("=")
            if key == "cnonce":
                text = "{cnonce}"
            if key == "response":
                text = "right" if is_right else "wrong"
            out["%s %s" % (name, key)] = [self.stage.normal(text)]
        return out

    def state(self):
        try:
            got = self.side.kam.rpc("uac.reg_info", "l_uuid",
                                    self.scenario.me)
        except RpcError as error:
            return {"state": [str(error)]}
        shown = {k: got[k] for k in SHOWN}
        if self.side.setup.is_counted:
            shown.update({k: self.side.kam.stat("uac", k) for k in COUNTERS})
        return dict(flat(self.stage, "state", shown))


def binding(expires=600, more=""):
    return "Contact", "{contact};expires=%d%s" % (expires, more)


OK = (200, binding())
