# SPDX-License-Identifier: GPL-2.0-or-later
"""A simulated day of a cluster: shares, moves, rates, who is without a binding.

The pure code of the module with a simulated clock, network and registrars; a
binding lives for an hour, a registrar does 2,000 requests a second. BENCH_DAY
sets "accounts nodes registrars", 300000 30 20 by default; "10000000 100 50"
takes half an hour and 0.6 GB.
"""

import os
import pathlib
import subprocess
from collections import namedtuple

ROOT = pathlib.Path(__file__).resolve().parents[2]
SIZES = os.environ.get("BENCH_DAY", "300000 30 20").split()
TIMEOUT_S = 6
SERVED_PER_S = 2000
# the issue's: after the timeout all accounts of a dead node are registered
TAKE_OVER_S = TIMEOUT_S + 10

Phase = namedtuple("Phase", "text began ended moved ideal requests busiest "
                   "busiest_registrar busiest_node "
                   "move_requests moves_sent settled_ms "
                   "lapses lapse_ms strays stray_ms timeouts wait_ms")
Day = namedtuple("Day", "most least lost taken_early messages bytes")


def live(address, interval=90):
    """A day with nodes that have an address of their "own", or a "shared"
    one, and this reg_timer_interval -> its phases, and what is of all of
    it."""
    subprocess.run(["make", "-s", "-f", "scripts/build.mk", "cluster-day",
                    "KAM_TREE=" + os.environ.get("KAM_TREE",
                                                 "build/kamailio")],
                   cwd=ROOT, check=True)
    lines = subprocess.run(
        [ROOT / "build/bench/cluster_day", *SIZES, str(SERVED_PER_S), str(interval),
         address], check=True,
        capture_output=True, text=True).stdout.splitlines()
    words = [line.split("\t") for line in lines]
    phases = [Phase(w[1], *map(int, w[2:])) for w in words if w[0] == "phase"]
    day = [Day(*map(float, w[1:])) for w in words if w[0] == "day"][0]
    return phases, day


def _of_phase(p, crash):
    """Rows of a phase of a day with addresses of their own; in crash one node
    crashes."""
    def row(what, got, asked="reported", is_met=True):
        return "%s: %s" % (p.text, what), got, asked, is_met

    yield row("REGISTERs a second: mean; busiest; of a registrar; of a node",
              "%.0f; %d; %d; %d" % (p.requests / (p.ended - p.began),
                                    p.busiest, p.busiest_registrar,
                                    p.busiest_node))
    if p.wait_ms >= 100:
        yield row("longest that a registrar let one wait, s",
                  "%.1f" % (p.wait_ms / 1000))
    if p.ideal > 0:
        off = abs(p.moved / p.ideal - 1)
        yield row("accounts that changed owner", p.moved,
                  "%d +- 10 %%" % p.ideal, off <= 0.1)
        yield row("until the last is registered by its new owner, s",
                  "%.1f" % (p.settled_ms / 1000))
    if p.timeouts > 0:
        yield row("accounts without a binding; the longest, s",
                  "%d; %.0f" % (p.lapses, p.lapse_ms / 1000))
    else:
        yield row("accounts without a binding", p.lapses, "0", p.lapses == 0)
    if p.strays > 0:
        got = "%d; %.1f" % (p.strays, p.stray_ms / 1000)
        asked = () if p is not crash else (
            "<= %d" % TAKE_OVER_S, p.stray_ms <= TAKE_OVER_S * 1000)
        yield row("bindings of a node that is down; the longest, s", got,
                  *asked)


def run():
    own, day = live("own")
    yield ("largest and smallest share of %s accounts on %s nodes, of the mean"
           % tuple(SIZES[:2]), "%.3f; %.3f" % (day.most, day.least),
           "0.9 to 1.1", day.most <= 1.1 and day.least >= 0.9)
    for phase in own:
        yield from _of_phase(phase, own[1])
    shared, shared_day = live("shared")
    busiest = max(shared, key=lambda p: p.busiest)
    yield ("with a shared address: busiest second of the day", busiest.busiest,
           "reported", True)
    early, early_day = live("own", 600)
    outage = next(p for p in early if p.timeouts > 0)
    yield ("refreshed 600 s before their end: lapses in the outage; longest, s",
           "%d; %.0f" % (outage.lapses, outage.lapse_ms / 1000), "reported",
           True)
    days = (day, shared_day, early_day)
    yield ("accounts taken from a node that still had them",
           "%d" % sum(d.taken_early for d in days), "0",
           not any(d.taken_early for d in days))
    yield ("accounts that end the day without binding or owner",
           "%d" % sum(d.lost for d in days), "0",
           not any(d.lost for d in days))
