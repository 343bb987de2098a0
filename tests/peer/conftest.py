# SPDX-License-Identifier: GPL-2.0-or-later
"""Plays each setup once and judges its scenarios, one test each."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import pytest  # noqa: E402

from peer.intended import judge  # noqa: E402
from peer.pair import Wire  # noqa: E402
from peer.scene import play  # noqa: E402


class Peers:
    """peers.check(scenario, entries): fails with what differs."""

    def __init__(self):
        self.wire = Wire()
        self.played = {}
        self.scenarios = 0
        self.steps = 0
        self.lists = []

    def check(self, scenario, entries):
        if entries not in self.lists:
            self.lists.append(entries)
        if scenario.setup not in self.played:
            self.played[scenario.setup] = {}, ["not played to its end"]
            self.played[scenario.setup] = play(scenario.setup, self.wire)
        records, wrong = self.played[scenario.setup]
        assert not wrong, wrong
        self.scenarios += 1
        self.steps += len(records[scenario])
        bad = judge(scenario, records[scenario], entries)
        if bad:
            pytest.fail("%s\n%s" % (scenario, "\n".join(bad)), pytrace=False)


@pytest.fixture(scope="session")
def peers(request):
    peers = request.config.peers = Peers()
    yield peers
    peers.wire.close()


def pytest_collection_modifyitems(items):
    """What looks at the whole run comes last."""
    items.sort(key=lambda item: "whole_run" in item.keywords)


def pytest_configure(config):
    config.addinivalue_line(
        "markers", "whole_run: comes last; a part of the tests is no whole")


def pytest_terminal_summary(terminalreporter, config):
    peers = getattr(config, "peers", None)
    if peers is None:
        return
    entries = [e for entries in peers.lists for e in entries if e.count]
    terminalreporter.line(
        "peer: %d scenarios, %d steps compared; %d intended differences"
        " occurred %d times" % (
            peers.scenarios, peers.steps, len(entries),
            sum(e.count for e in entries)))
