# SPDX-License-Identifier: GPL-2.0-or-later
"""Registrar scenarios by chance. PEER_SEED is another draw, PEER_SETUPS and
PEER_EACH its size."""

import os

import pytest

from .reg_generate import generate
from .reg_intended import REGISTRAR

SCENARIOS = generate(os.environ.get("PEER_SEED", "1"),
                     int(os.environ.get("PEER_SETUPS", "81")),
                     int(os.environ.get("PEER_EACH", "10")))


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_generated(peers, scenario):
    peers.check(scenario, REGISTRAR)
