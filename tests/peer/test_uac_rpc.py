# SPDX-License-Identifier: GPL-2.0-or-later
"""RPC commands about accounts, with good and bad arguments, side by side."""

import itertools

import pytest

from .scene import Scenario
from .uac_rpc import VALUES, Row, Rpc, add, setup
from .uac_rpc_intended import RPC

# Nothing is sent: no account's state changes by itself.
IDLE = setup("rpc", reg_active=0)
RELOAD = setup("rpc-reload", reg_active=0, reg_gc_interval=1)
BY_DOMAIN = setup("rpc-domain", reg_active=0, reg_use_domain=1)

FILTERS = {"l_uuid": "{me}", "l_username": "{me}l", "r_username": "{me}r",
           "auth_username": "{me}a"}
CALLS = ("reg_info", "reg_enable", "reg_disable", "reg_unregister",
         "reg_register")
ARGS = {"no": (), "one": ("l_uuid",), "three": ("l_uuid", "{me}", "x"),
        "an unknown filter": ("l_domain", "{me}"), "upper case":
        ("L_UUID", "{me}"), "an unknown account": ("l_uuid", "{me}none"),
        "an empty value": ("l_uuid", ""), "an empty filter": ("", "{me}"),
        "a number": ("l_uuid", 7), "numbers": (1, 2)}
BAD = {
    "l_username": ("", "."), "l_domain": ("", "."), "r_username": ("", "."),
    "r_domain": ("", "."), "realm": ("", "."), "auth_username": ("", "."),
    "auth_password": ("", "."), "auth_ha1": ("", "0" * 32, "abc"),
    "auth_proxy": ("", ".", "127.0.0.1", "rubbish"),
    "expires": (0, -1, 60, 86400), "flags": (1, 2, 3, 16, 255),
    "reg_delay": (10, -1), "socket": ("", ".", "udp:127.0.0.1:1", "rubbish"),
    "contact_addr": ("", ".", "rubbish", "1.2.3.4")}


def filters():
    for call, (name, value) in itertools.product(CALLS[:4], FILTERS.items()):
        yield "%s by %s" % (call, name), [
            add(), Rpc(call, name, value), Rpc("reg_info", "l_uuid", "{me}"),
            Rpc("reg_dump"), Rpc("reg_remove", "{me}")]
    for call, (name, args) in itertools.product(CALLS, ARGS.items()):
        yield "%s with %s arguments" % (call, name), [
            add(), Rpc(call, *args), Rpc("reg_info", "l_uuid", "{me}"),
            Rpc("reg_remove", "{me}")]


def states():
    """Commands one after the other, flags after each."""
    info = Rpc("reg_info", "l_uuid", "{me}")
    by = ("l_uuid", "{me}")
    for n in (1, 2, 3):
        for calls in itertools.product(
                ("reg_enable", "reg_disable", "reg_unregister"), repeat=n):
            for flags in (0, 1):
                steps = [add(flags=flags), info]
                for call in calls:
                    steps += [Rpc(call, *by), info]
                yield "flags %d, %s" % (flags, ", ".join(calls)), [
                    *steps, Rpc("reg_remove", "{me}")]


def adding():
    yield "twice", [add(), add(), Rpc("reg_dump"), Rpc("reg_remove", "{me}"),
                    Rpc("reg_dump"), Rpc("reg_remove", "{me}")]
    for name, values in BAD.items():
        for value in values:
            yield "add with %s %s" % (name, value), [
                add(**{name: value}), Rpc("reg_dump"),
                Rpc("reg_info", "l_username", "{me}l"),
                Rpc("reg_remove", "{me}")]
    yield "no uuid", [add(""), Rpc("reg_dump")]
    for count in (0, 1, 10, 13, 14):
        yield "%d arguments" % (count + 1), [
            Rpc("reg_add", "{me}", *list(VALUES.values())[:count]),
            Rpc("reg_dump"), Rpc("reg_remove", "{me}")]
    yield "numbers for texts", [
        Rpc("reg_add", "{me}", *range(14)), Rpc("reg_dump"),
        Rpc("reg_remove", "{me}")]
    for name, args in {"no": (), "two": ("{me}", "x"), "empty": ("",),
                       "number": (7,), "unknown": ("{me}x",)}.items():
        for call in ("reg_remove", "reg_refresh"):
            yield "%s, %s argument" % (call, name), [
                add(), Rpc(call, *args), Rpc("reg_dump"),
                Rpc("reg_remove", "{me}")]
    for args in ((), (1,), (0,), (2,), ("x",), ("",), (0, 1), (-1,)):
        yield "reg_active%s" % (args,), [Rpc("reg_active", *args),
                                         Rpc("reg_active", 0)]


def by_name():
    """The same name twice: which one is found."""
    two = [add(), add("{me}2", r_username="{me}r2"), Rpc("reg_dump")]
    for name, value in FILTERS.items():
        yield "two by " + name, [
            *two, Rpc("reg_info", name, value), Rpc("reg_remove", "{me}"),
            Rpc("reg_info", name, value), Rpc("reg_remove", "{me}2")]


def loading():
    """The table, read again."""
    dump = Rpc("reg_dump")
    yield "reload", [
        Row("{me}", expires=100), Row("{me}2", flags=1, reg_delay=7,
                                      contact_addr="1.2.3.4:5"),
        Rpc("reg_reload"), dump, Rpc("reg_info", "l_uuid", "{me}")]
    yield "refresh", [
        Row("{me}", expires=100), Rpc("reg_refresh", "{me}"), dump,
        Row("{me}", expires=200, auth_ha1="0" * 32), Rpc("reg_refresh",
                                                        "{me}"), dump]
    yield "refresh of a row that is gone", [
        Row("{me}", expires=100), Rpc("reg_refresh", "{me}"), Row("{me}"),
        Rpc("reg_refresh", "{me}"), dump]
    yield "refresh of a row that became invalid", [
        Row("{me}", expires=100), Rpc("reg_refresh", "{me}"),
        Row("{me}", auth_proxy=""), Rpc("reg_refresh", "{me}"), dump]
    for name, changes in {
            "no realm": {"realm": ""}, "no r_domain": {"r_domain": ""},
            "no proxy": {"auth_proxy": ""}, "no password":
            {"auth_password": ""}, "no user": {"l_username": ""},
            "a socket": {"socket": "udp:127.0.0.1:5060"},
            "HA1": {"auth_password": "", "auth_ha1": "0" * 32},
            "no contact": {"contact_addr": ""}, "expires 0": {"expires": 0},
            "flags": {"flags": 16}}.items():
        yield "a row with " + name, [Row("{me}", **changes),
                                     Rpc("reg_refresh", "{me}"), dump]


SCENARIOS = [
    *(Scenario(IDLE, name, steps) for make in (filters, states, adding)
      for name, steps in make()),
    *(Scenario(where, name, steps) for where in (IDLE, BY_DOMAIN)
      for name, steps in by_name()),
    *(Scenario(RELOAD, name, steps) for name, steps in loading())]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_rpc(peers, scenario):
    peers.check(scenario, RPC)
