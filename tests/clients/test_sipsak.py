# SPDX-License-Identifier: GPL-2.0-or-later
"""sipsak's usrloc mode, with a password, over UDP, TCP and TLS. Its TLS is
1.2 at most: it takes the tickets of TLS 1.3 for the end of the connection.
Its other usrloc modes, which also send to what they registered, crash here
(0.9.8.1)."""

import subprocess

import pytest

from kamtest.stockcfg import DOMAIN, PASSWORDS

CONTACT = "sip:bob@127.0.0.1:9"


@pytest.fixture(params=["udp", "tcp", "tls"])
def sipsak(request, site, certificate):
    """sipsak(password, expires): (exit status, what it said)."""
    over = request.param
    port = site.ports["tls1.2" if over == "tls" else over]

    def run(password, expires):
        done = subprocess.run(
            ["sipsak", "-U", "-i", "-vvv", "-H", "127.0.0.1", "-C", CONTACT,
             "-x", str(expires),
             "-s", "sip:bob@" + DOMAIN, "-p", "127.0.0.1:%d" % port,
             "--transport=" + over, "--auth-username=bob",
             "--password=" + password,
             "--tls-ca-cert=%s" % certificate.cert],
            capture_output=True, text=True, errors="replace", timeout=60)
        return done.returncode, done.stdout + done.stderr
    run.over = over
    yield run
    if site.bindings("bob"):
        site.rpc("ul.rm", "location", "bob")


def test_registers_and_unregisters(site, sipsak):
    status, said = sipsak(PASSWORDS["bob"], 60)
    assert status == 0, said
    assert "Contact: <%s>;expires=60" % CONTACT in said
    (contact,) = site.bindings("bob").values()
    assert contact["Address"] == CONTACT
    assert contact["Socket"].startswith(sipsak.over + ":")
    status, said = sipsak(PASSWORDS["bob"], 0)
    assert status == 0, said
    assert site.bindings("bob") == {}


def test_wrong_password_is_refused(site, sipsak):
    status, said = sipsak("guess", 60)
    assert status != 0 and "SIP/2.0 401" in said
    assert site.bindings("bob") == {}
