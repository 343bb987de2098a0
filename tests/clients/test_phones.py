# SPDX-License-Identifier: GPL-2.0-or-later
"""Phones that nobody here wrote register with a password over UDP, TCP and
TLS, are called, and unregister when they leave."""

import pathlib
import shutil
import tempfile

import pytest

from kamtest.baresip import eventually
from kamtest.net import unique
from kamtest.phones import PHONES, Account
from kamtest.served import Phone, confirm, hang_up
from kamtest.stockcfg import DOMAIN, PASSWORDS

CASES = [(name, over) for name, phone in PHONES.items()
         for over in phone.transports]
SDP = "\r\n".join([
    "v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0",
    "m=audio %d RTP/AVP 0", "a=rtpmap:0 PCMU/8000", ""])


@pytest.fixture
def program(site, certificate, request):
    """program(name, over, password): one of them, started. Its output is
    shown when the test fails."""
    home = pathlib.Path(tempfile.mkdtemp(prefix="kx-"))  # short, for sockets
    made = []

    def start(name, over, password=PASSWORDS["bob"]):
        made.append(PHONES[name](
            Account("bob", password, DOMAIN, over, site.ports[over],
                    certificate), home / name))
        return made[-1]
    yield start
    for phone in made:
        phone.stop()
        print(phone.output())
    shutil.rmtree(home)
    if site.bindings("bob"):
        site.rpc("ul.rm", "location", "bob")


def registered(site):
    return eventually("bob's phone is registered",
                      lambda: site.bindings("bob"), 20)


@pytest.mark.parametrize("name,over", CASES)
def test_registers_is_called_and_leaves(site, program, udp, name, over):
    phone = program(name, over)
    (contact,) = registered(site).values()
    assert contact["Socket"].startswith(over + ":")
    alice = Phone(udp("alice"), "alice", site.addr, PASSWORDS["alice"],
                  DOMAIN)
    alice.invite("sip:bob@" + DOMAIN, sdp=SDP % udp("rtp").port)
    if phone.answer:
        while alice.recv().status != 180:
            pass
        phone.say(phone.answer)
    answered = alice.final()
    assert answered.status == 200 and b"m=audio" in answered.body
    confirm(alice, answered)
    assert hang_up(alice, answered).status == 200
    phone.leave()
    eventually("bob's phone unregisters", lambda: not site.bindings("bob"), 20)


@pytest.mark.parametrize("name,over", CASES)
def test_wrong_password_is_refused(site, program, name, over):
    before = site.stat("sl", "401_replies")
    phone = program(name, over, unique("guess"))
    # asked for the password, and asked again
    eventually("bob's phone tries its password", lambda: site.stat(
        "sl", "401_replies") >= before + 2, 20)
    phone.stop()
    assert site.bindings("bob") == {}
