# SPDX-License-Identifier: GPL-2.0-or-later
"""Differences that are meant.

An Entry belongs to an id of the list of defects (W-...), of the RFC points
(R...), or of README.md, and recognises a difference of one step as narrowly
as it can. One that never occurs in a whole run is an error, too.
"""

import fnmatch

from kamtest.kamailio import RELEASE

from .record import differing


class Case:
    """One step that was seen differently: what an Entry decides on."""

    def __init__(self, scenario, index, step, stock, ours, before):
        self.scenario = scenario
        self.setup = scenario.setup
        self.index = index
        self.step = step
        self.stock = stock
        self.ours = ours
        self.before = before  # [(step, stock, ours)] of the steps before
        self.fields = differing(stock, ours)

    def one(self, side, field):
        """The first text of a field, or None."""
        values = getattr(self, side).get(field)
        return values[0] if values else None

    def text(self):
        out = ["step %d: %s" % (self.index + 1, self.step)]
        for field in self.fields:
            out.append("  %s" % field)
            for side in ("stock", "ours"):
                for value in getattr(self, side).get(field, ["(nothing)"]):
                    out.append("    %-5s: %s" % (
                        side, value.replace("\n", "\n           ")))
        return "\n".join(out)


class Entry:
    """id, why: as in the documents. fields: patterns of the fields that may
    differ. when(case): whether this is the difference, or which of its
    fields are. ends: the two sides
    have different bindings from here on; what follows is not compared.
    since, until: Kamailio releases, (5, 6)."""

    def __init__(self, id_, why, fields, when, ends=False, since=(0, 0),
                 until=(99, 0)):
        self.id = id_
        self.why = why
        self.fields = fields.split()
        self.when = when
        self.ends = ends
        self.expected = since <= RELEASE <= until
        self.count = 0

    def covers(self, case):
        """The fields of a case that this explains."""
        got = [f for f in case.fields
               if any(fnmatch.fnmatch(f, p) for p in self.fields)]
        found = self.when(case) if got else False
        return [f for f in got if f in found] \
            if isinstance(found, list) else got if found else []


def judge(scenario, records, entries):
    """Texts of the differences that nobody explains; entries count."""
    bad = []
    for i, (step, stock, ours) in enumerate(records):
        if not differing(stock, ours):
            continue
        case = Case(scenario, i, step, stock, ours, records[:i])
        left, ends = set(case.fields), False
        for entry in entries:
            covered = entry.covers(case) if left else []
            if left.intersection(covered):
                left.difference_update(covered)
                entry.count += 1
                ends = ends or entry.ends
        if left:
            case.fields = [f for f in case.fields if f in left]
            bad.append(case.text())
            break
        if ends:
            break
    return bad
