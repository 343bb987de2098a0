# SPDX-License-Identifier: GPL-2.0-or-later
"""Scenarios and how they are played.

A Setup is a configuration; all its scenarios are played by one pair of
servers, each on users of its own ({me} in every text). A Scenario is a list
of steps, objects with play(stage) -> {field: [text]}. Wait(seconds) is none:
all scenarios of the setup reach it before the waiting, which is done once.
"""

import time

from .pair import SYNC, Pair  # noqa: F401 (SYNC is for configurations)
from .record import Names, near, normal_reply, normal_request
from .sip import ack_of, reply_to

PATIENCE_S = 8


class Setup:
    """config, globals_: Kamailio's, with {server}, {second} (another free
    address), {db} (an SQLite file with usrloc's tables) where they are
    wanted. options: of kamtest.Kamailio. look(side, scenarios): what is
    recorded of the server itself after each part, {scenario: fields}."""

    def __init__(self, name, config, globals_="", look=None, **options):
        self.name = name
        self.config = config
        self.globals = globals_
        self.look = look or (lambda side, scenarios: {})
        self.options = options
        self.by_chance = False  # whether lifetimes are
        self.brief_s = None  # how long a part may take, if that matters
        self.scenarios = []

    def __str__(self):
        return self.name


class Wait:
    def __init__(self, seconds):
        self.seconds = seconds


class Look:
    """Stands in a record where the setup's look() was taken."""

    def __repr__(self):
        return "look"


class Scenario:
    """notes: whatever its intended differences want to know."""

    def __init__(self, setup, name, steps, **notes):
        self.setup = setup
        self.name = name
        self.me = "s%03dx" % len(setup.scenarios)
        self.steps = steps
        self.notes = notes
        setup.scenarios.append(self)

    def __str__(self):
        return "%s-%s" % (self.setup, self.name)

    def parts(self):
        """[(seconds to wait before, [steps])]"""
        out = [(0, [])]
        for step in self.steps:
            if isinstance(step, Wait):
                out.append((step.seconds, []))
            else:
                out[-1][1].append(step)
        return out


class Stage:
    """One scenario on one side: names of its own, and talking."""

    def __init__(self, side, scenario):
        self.side = side
        self.me = scenario.me
        self.by_chance = scenario.setup.by_chance
        self.names = Names(side.rank)
        self.kept = {}  # what steps keep for later ones
        self.serial = 0
        self.replies = []  # to the last request, as they came
        self.records = []  # [(step, {field: [text]})]

    def fill(self, text):
        text = self.side.fill(text.replace("{me}", self.me))
        for name, value in self.kept.items():
            text = text.replace("{%s}" % name, value)
        return self.names.fill(text)

    def normal(self, text):
        return self.names.learn(self.side.normal(text))

    def record(self):
        """[(step, fields)], ids named: now all of them are known."""
        return [(step, {field: [self.names.normal(t) for t in texts]
                        for field, texts in fields.items()})
                for step, fields in self.records]

    def near(self, expires):
        """A lifetime; where it is left to chance only that there is one."""
        return "by chance" if self.by_chance else near(expires)

    def number(self):
        self.serial += 1
        return self.serial

    def exchange(self, message, via="c", to="server", answer=480, says=(),
                 patience=PATIENCE_S):
        """Send a request and collect what comes of it, until the server is
        through: (replies, {socket: [request]}, in time). Requests that
        arrive at a phone are answered, with these headers."""
        wire, address = self.side.wire, self.side.address(to)
        sync = "%s-sync-%d" % (self.me, self.serial)
        wire.send(via, message, address)
        wire.send(via, _sync_of(message, sync), address)
        replies, requests, synced = [], {}, False
        callid = message.get("Call-ID")
        end = time.time() + patience
        while not (synced and _is_over(replies)):
            name, got = wire.receive(self.side.sources, end - time.time())
            if got is None:
                return replies, requests, False
            if got.get("Call-ID") == sync:
                synced = True
            elif callid and got.get("Call-ID") != callid:
                pass  # sent again, of another step
            elif got.method == "ACK":
                pass  # comes before or after the reply to the caller
            elif got.is_request:
                requests.setdefault(name, []).append(got)
                wire.send(name, reply_to(got, answer, headers=says,
                                         tag="phone"), got.source)
            else:
                replies.append(got)
                if message.method == "INVITE" and got.status >= 300:
                    wire.send(via, ack_of(message, got), address)
        return replies, requests, True

    def observe(self, message, **options):
        """exchange(), as fields. A reply 299 is the script's own: only its
        X- headers count."""
        replies, requests, in_time = self.exchange(message, **options)
        out = self.fields_of(replies)
        for name, got in requests.items():
            out["wire.%s" % name] = sorted(
                normal_request(r, self) for r in got)
        if not in_time:
            out["end"] = ["died" if self.side.is_dead() else "no reply"]
        return out

    def fields_of(self, replies):
        """Replies as fields."""
        self.replies, out = replies, {}
        # bindings in a refusal: one side lists them, the other does not
        self.names.is_learning = not any(
            r.status >= 300 for r in replies
            if r.get("CSeq", "").endswith("REGISTER"))
        for n, reply in enumerate(replies):
            if reply.status == 299 or reply.status == 183:
                out.update({k[7:]: v for k, v in normal_reply(
                    reply, self, "script").items() if k[7:9] == "x-"})
            else:
                prefix = "reply%s" % ("" if "reply" not in out else n)
                out.update(normal_reply(reply, self, prefix))
        self.names.is_learning = True
        return out


def _sync_of(message, callid):
    sync = type(message)("OPTIONS sip:peer-sync@localhost SIP/2.0", [
        ("Via", message.get("Via") + "s"), ("Max-Forwards", "70"),
        ("From", "<sip:sync@localhost>;tag=1"), ("To", "<sip:sync@localhost>"),
        ("Call-ID", callid), ("CSeq", "1 OPTIONS")])
    return sync


def _is_over(replies):
    """183 says that the request was relayed: a final reply follows."""
    told = [r.status for r in replies]
    return 183 not in told or any(s >= 200 and s != 299 for s in told)


class TooSlow(AssertionError):
    """What lives briefly may have ended before its time."""


def play(setup, wire, tries=4):
    """Play all scenarios of a setup on both sides; again, when something
    else kept the machine busy.

    Returns {scenario: [(step, stock's fields, our fields)]} and what is
    wrong with our server itself."""
    for left in reversed(range(tries)):
        try:
            return _play(setup, wire)
        except TooSlow:
            if left == 0:
                raise


def _play(setup, wire):
    with Pair(setup, wire) as sides:
        stages = {sc: [Stage(side, sc) for side in sides]
                  for sc in setup.scenarios}
        parts = {sc: sc.parts() for sc in setup.scenarios}
        for n in range(max(map(len, parts.values()))):
            left = [sc for sc in setup.scenarios if n < len(parts[sc])]
            time.sleep(max(parts[sc][n][0] for sc in left))
            began = time.time()
            for sc in left:
                for step in parts[sc][n][1]:
                    for stage in stages[sc]:
                        stage.records.append((step, step.play(stage)))
            if setup.brief_s and time.time() - began > setup.brief_s:
                raise TooSlow(setup)
            _look(setup, sides, stages, left)
        wrong = sides[1].alarms()
        if sides[1].deaths:
            wrong.append("ours has died")
    return {sc: [(a[0], a[1], b[1]) for a, b in zip(*(
        stage.record() for stage in pair))]
        for sc, pair in stages.items()}, wrong


def _look(setup, sides, stages, scenarios):
    step = Look()
    for i, side in enumerate(sides):
        seen = setup.look(side, [stages[sc][i] for sc in scenarios])
        for sc in scenarios:
            stage = stages[sc][i]
            if stage in seen:
                stage.records.append((step, seen[stage]))
