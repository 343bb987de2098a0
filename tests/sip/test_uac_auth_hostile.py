# SPDX-License-Identifier: GPL-2.0-or-later
"""uac_auth() against challenges that nobody should send: the server lives,
says no or gives an answer that is right, and loses no memory."""

import pytest

from kamtest import memory
from kamtest.challenger import (AVPS, Answers, TrunkCall, challenge, check,
                                config, credentials)
from kamtest.kamailio import cpu_ns

D = 'Digest realm="trunk.example", nonce="n1"'
WWW = "WWW-Authenticate"

# name: (the header's text, whether it can be answered)
BODIES = {
    "w_u1_foreign_qop": (D + ', qop="foo"', False),
    "w_u1_upper_case_qop": (D + ', qop="AUTH"', True),
    "w_u1_qop_with_a_blank": (D + ', qop=" auth"', True),
    "w_u1_qop_authentic": (D + ', qop="authentic"', False),
    "w_u1_empty_qop": (D + ', qop=""', True),
    "w_u1_qop_without_a_value": (D + ', qop=', True),
    "w_u1b_sess_without_qop": (D + ', algorithm=MD5-sess', True),
    "w_u3f_escaped_quote": (
        'Digest realm="trunk.example", nonce="n\\"1"', True),
    "w_u3g_odd_stale": (D + ', stale=perhaps', True),
    "w_u3g_aka": (D + ', algorithm=AKAv1-MD5', False),
    "w_u3g_unknown_parameters": (D + ', a=b, c="d,e", f, =g, "h"', True),
    "no_nonce": ('Digest realm="trunk.example"', False),
    "no_realm": ('Digest nonce="n1"', False),
    "no_scheme": ('realm="trunk.example", nonce="n1"', False),
    "only_a_scheme": ("Digest", False),
    "nothing": ("", False),
    "a_quote": ('"', False),
    "an_open_quote": ('Digest realm="trunk.example", nonce="n1', True),
    "a_backslash_at_the_end": ('Digest realm="trunk.example", nonce="\\',
                               True),
    "tokens": ("Digest realm=trunk.example, nonce=n1, qop=auth", True),
    "commas": ("," * 3000 + D + "," * 3000, True),
    "quotes": ('Digest ' + '"' * 8000, False),
    "equals": ("Digest " + "=" * 8000, False),
    "percent": ('Digest realm="trunk.example", nonce="%s%n%x"', True),
    "folded": ('Digest realm="trunk.example",\r\n nonce="n1"', True),
    "folded_inside_a_string": (
        'Digest realm="trunk.example", nonce="n\r\n 1"', False),
    "eight_bit": ('Digest realm="trunk.example", nonce="\xff\xfe"', True),
    "w_u21_long_nonce": (
        'Digest realm="trunk.example", nonce="%s"' % ("n" * 2100), True),
    "long_opaque": (D + ', opaque="%s"' % ("o" * 20000), True),
    "many_challenges": (", ".join(
        'Digest realm="r%d", nonce="n"' % i for i in range(1500)), False),
    "many_parameters": (D + "".join(", x%d=y" % i for i in range(6000)),
                        True),
    "many_schemes": ("Basic x, " * 6000 + D, True),
}


@pytest.fixture(scope="module")
def server(kam_module):
    return kam_module(config(credentials("al:trunk.example:pw") + AVPS,
                             modules='loadmodule "kex.so"'), children=1)


def start(server, udp, **options):
    return TrunkCall(server, udp("caller"), udp("trunk"), **options).send()


def one_round(server, udp, header):
    one = start(server, udp)
    one.challenged(header)
    return one


@pytest.mark.parametrize("name", BODIES)
def test_a_hostile_challenge(server, udp, name):
    text, is_fine = BODIES[name]
    one = one_round(server, udp, (WWW, text))
    if is_fine:
        again = one.accepted()
        check(again, "pw")
        assert len(Answers(again)) == 1
        assert again.get("Content-Length") == "0"
    else:
        one.refused()
    # the same worker still answers properly
    check(one_round(server, udp, challenge()).accepted(), "pw")


def test_an_answer_too_large_for_a_datagram_is_not_sent(server, udp):
    """60 kB of opaque would have to be sent back"""
    one = one_round(server, udp, (WWW, D + ', opaque="%s"' % ("o" * 60500)))
    server.allow += ["can be written"]
    one.refused()


def test_a_60_kb_header_takes_no_longer_than_its_length(server, udp):
    """issue 4: linear time; quadratic code would take many seconds"""
    worker, = server.pids()
    for unit in ('"', ",a b", "a=", "\\", ", Digest x", "realm=\"r\" nonce"):
        text = "Digest " + unit * (60000 // len(unit))
        one = start(server, udp)
        request = one.arrives()
        before = cpu_ns(worker)
        one.reply(request, 401, [(WWW, text)])
        one.refused()
        assert cpu_ns(worker) - before < 1e9, unit


def test_no_memory_is_lost(server, udp):
    """refusals, answers and second answers, after a few to warm up: the
    worker's private memory is where it was"""
    def load():
        for _ in range(3):
            for name in ("w_u1_foreign_qop", "w_u21_long_nonce", "quotes",
                         "many_challenges", "long_opaque"):
                text, is_fine = BODIES[name]
                one = one_round(server, udp, (WWW, text))
                one.accepted() if is_fine else one.refused()
            one = one_round(server, udp, challenge(qop="auth"))
            one.challenged(challenge(nonce="n2", stale="true"))
            one.accepted()

    load()
    before = memory.at_rest(server)
    load()
    memory.stays(server, before)
