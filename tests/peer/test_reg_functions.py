# SPDX-License-Identifier: GPL-2.0-or-later
"""Scenarios by hand: every function of registrar, and its forms."""

import pytest

from .reg_intended import REGISTRAR
from .reg_setup import setup
from .reg_steps import call, contact, register, relay
from .scene import Scenario

PLAIN = setup("plain")
SQL = setup("sql", usrloc={"db_mode": 1})

SCENARIOS = [
    Scenario(where, "life", [
        register(contact(), headers=[("Expires", "100")]),
        register(contact(at="p1", params=";q=0.5")),
        register(), relay(), call("lookup"),
        register(contact(params=";expires=0")),
        register("*", headers=[("Expires", "0")]), relay()])
    for where in (PLAIN, SQL)]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_function(peers, scenario):
    peers.check(scenario, REGISTRAR)
