# SPDX-License-Identifier: GPL-2.0-or-later
"""Remote registrations in a test: fixtures to import, and questions."""

import pytest

from . import accounts
from .message import Message
from .net import unique
from .provider import Provider

# lookup, lookup by URI and status of what the Request-URI names
ROUTE = """
    $var(a) = "-"; $var(b) = "-";
    $var(r1) = uac_reg_lookup("$rU", "$var(a)");
    $var(r2) = uac_reg_lookup_uri("$ru", "$var(b)");
    $var(r3) = uac_reg_status("$rU");
    $var(r4) = uac_reg_status("$ru");
    sl_send_reply("299", "is $var(r1) $var(a) $var(r2) $var(b) $var(r3) $var(r4)");
    exit;
"""


@pytest.fixture
def provider():
    """A registrar that answers by itself."""
    with Provider() as one:
        yield one


@pytest.fixture
def far(udp):
    return accounts.Registrar(udp("registrar"))


@pytest.fixture
def start(kam, tmp_path, far):
    """start([rows], extra=...) -> Kamailio with these accounts."""
    path = tmp_path / "uac.db"

    def run(rows, extra="", more="", route=ROUTE, **options):
        accounts.create(path)
        accounts.insert(path, rows)
        extra = 'modparam("uac", "reg_timer_interval", 5)\n' + extra
        kamailio = kam(accounts.config(accounts.url(path), extra, route, more),
                       **options)
        kamailio.db = path
        return kamailio
    return run


def options(kamailio, peer, uri):
    """The answer to an OPTIONS to that URI."""
    peer.send(Message("OPTIONS %s SIP/2.0" % uri, [
        ("Via", "SIP/2.0/UDP %s;branch=z9hG4bK%s" % (peer.addr, unique())),
        ("From", "<sip:test@127.0.0.1>;tag=t"), ("To", "<%s>" % uri),
        ("Call-ID", unique()), ("CSeq", "1 OPTIONS")]), kamailio.addr)
    return peer.recv()


def ask(kamailio, peer, uri):
    """What the route above answers: (lookup, local, lookup_uri, uuid,
    status by uuid, status by URI)."""
    return options(kamailio, peer, uri).reason.split()[1:]


def gauges(kamailio):
    return tuple(kamailio.stat("uac", n)
                 for n in ("regtotal", "regactive", "regdisabled"))


def info(kamailio, name="1"):
    return kamailio.rpc("uac.reg_info", "l_uuid", name)
