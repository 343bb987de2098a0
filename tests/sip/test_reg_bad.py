# SPDX-License-Identifier: GPL-2.0-or-later
"""REGISTERs that are odd or broken: those of RFC 4475, and mutations of a
good one. A refusal has a reason, nothing else changes, nobody sees what is
another's."""

import random

import pytest

from kamtest.message import Message
from kamtest.net import Timeout
from kamtest.registrar import Phone, config


@pytest.fixture(scope="module")
def server(kam_module):
    return kam_module(config(
        params=[("use_path", 1), ("path_use_received", 1), ("regid_mode", 1),
                ("outbound_mode", 1), ("received_avp", "$avp(rcv)"),
                ("contact_match", 1), ("check_require", 1),
                ("gruu_key", "0123456789abcdef"), ("flow_xavp", "fx")],
        usrloc=[("use_domain", 1)]))


@pytest.fixture
def phone(server, udp):
    return Phone(udp(), server)


# name of the message in RFC 4475, contact, further headers, status
RFC4475 = [
    ("cparam01", "sip:+19725552222@gw1.example.net;unknownparam", [], 200),
    ("cparam02", "<sip:+19725552222@gw1.example.net;unknownparam>", [], 200),
    ("regescrt",
     "<sip:user@example.com?Route=%3Csip:sip.example.com%3E>", [], 200),
    ("regbadct", "sip:user@example.com?Route=%3Csip:sip.example.com%3E", [],
     400),
    ("regaut01", "<sip:user@host5.example.net>",
     [("Authorization", "NoOneKnowsThisScheme opaque-data=here")], 200),
    ("intmeth", "<sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:"
     "&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com>", [], 200),
    ("esc01", "<sip:cal%6Cer@host5.example.net;%6C%72;n%61me=v%61lue%25%34%31>",
     [], 200),
    ("quotbal", '"Joe <sip:joe@example.org>', [], 400)]


@pytest.mark.parametrize("name, contact, headers, status", RFC4475,
                         ids=[row[0] for row in RFC4475])
def test_rfc4475(phone, name, contact, headers, status):
    try:
        reply = phone.register(contact, headers=headers)
    except Timeout:
        # the core itself drops what it can't parse
        assert status == 400
        return
    assert reply.status == status
    assert len(phone.uris()) == (1 if status == 200 else 0)


def test_rfc4475_cparam01_the_parameter_is_the_headers(phone):
    phone.register("sip:+1972@gw1.example.net;unknownparam")
    assert phone.uris() == ["sip:+1972@gw1.example.net"]
    other = Phone(phone.peer, phone.server)
    other.register("<sip:+1972@gw1.example.net;unknownparam>")
    assert other.uris() == ["sip:+1972@gw1.example.net;unknownparam"]


def test_rfc4475_scalar02_numbers_out_of_range(phone):
    message = phone.message(phone.contact(";expires=280297596632815"),
                            headers=[("Expires", "1" + "0" * 100)])
    message.set("CSeq", "36893488147419103232 REGISTER")
    message.set("Max-Forwards", "300")
    phone.peer.send(message, phone.addr)
    try:
        assert phone.peer.recv(1).status == 400
    except Timeout:
        pass
    assert phone.uris() == []


def test_rfc4475_trws_and_folded_headers(phone):
    message = phone.message()
    message.headers.append(("Contact", "<sip:%s@127.0.0.1>\r\n ;q\t=\r\n 0.5"
                            " ; expires = 700" % phone.user))
    phone.peer.send(message, phone.addr)
    reply = phone.peer.recv()
    assert reply.status == 200
    assert ";q=0.5;expires=700" in reply.get("Contact")


@pytest.mark.parametrize("header, value", [
    ("Contact", ""), ("Contact", ","), ("Contact", "<"), ("Contact", "*, *"),
    ("Contact", "*;q=0.5"), ("Contact", "<sip:a@127.0.0.1>;q=1.1"),
    ("Contact", "<sip:a@127.0.0.1>;q=-1"),
    ("Contact", "<sip:a@127.0.0.1>garbage"),
    ("To", "<sip:%00@example.org>"), ("To", "<sip:%0d%0a@example.org>"),
    ("To", "garbage"), ("CSeq", "4294967296 REGISTER"),
    ("CSeq", "2147483648 REGISTER"), ("Call-ID", "c" * 256)])
def test_one_bad_header_is_refused_with_a_reason(phone, header, value):
    message = phone.message(phone.contact())
    message.set(header, value)
    phone.peer.send(message, phone.addr)
    try:
        reply = phone.peer.recv(1)
    except Timeout:
        assert header in ("To", "CSeq", "Contact")
    else:
        # an empty Contact asks for the list
        assert 400 <= reply.status < 500 or value in ("", ",")
        if reply.status >= 400:
            assert reply.get("P-Registrar-Error") or reply.reason
    assert phone.uris() == []


GOOD = [
    '<sip:%s@127.0.0.1:5999;transport=udp>;q=0.5;expires=600'
    ';+sip.instance="<urn:uuid:1>";reg-id=1;methods="INVITE,ACK"',
    'sip:%s@127.0.0.1;expires=0', '*',
    '"N" <sip:%s@[::1]>, <sips:b@c.example>;received="sip:1.2.3.4:5"']
BITS = [b"\x00", b"\xff", b"%", b"<", b">", b'"', b"\\", b",", b";", b"=",
        b":", b"@", b"\r\n", b"\r\n ", b"4294967296", b"-1", b"*", b"tgruu-",
        b"A" * 300, b";" * 50, b"?", b"[", b"]", b"(", b" "]


def mutate(rnd, data):
    data = bytearray(data)
    first = data.index(b"\r\n") + 2
    # From To on: the Via must stay, or the answer goes astray
    first = data.index(b"\r\n", data.index(b"From:")) + 2
    for _ in range(rnd.randint(1, 4)):
        at = rnd.randrange(first, len(data) - 4)
        kind = rnd.randrange(4)
        if kind == 0:
            data[at] = rnd.randrange(256)
        elif kind == 1:
            data[at:at] = rnd.choice(BITS)
        elif kind == 2:
            del data[at:at + rnd.randint(1, 12)]
        else:
            other = rnd.randrange(first, len(data) - 4)
            data[at:at] = data[other:other + rnd.randint(1, 40)]
    return bytes(data)


@pytest.mark.parametrize("seed", range(4))
def test_mutations_change_nothing_of_another_user(server, udp, seed):
    rnd = random.Random(seed)
    peer = udp()
    victim = Phone(udp("victim"), server)
    victim.register(victim.contact(user="secret-contact"))
    before = [u for u, _ in victim.bindings()]
    for _ in range(60):
        phone = Phone(peer, server)
        contact = rnd.choice(GOOD)
        if "%s" in contact:
            contact = contact % phone.user
        message = phone.message(contact, headers=[
            ("Expires", rnd.choice(["0", "300", "x"])),
            ("Supported", "path, gruu, outbound"),
            ("Path", "<sip:127.0.0.3;lr;ob;received=sip:1.2.3.4%3a5>"),
            ("Allow", "INVITE, ACK"), ("Require", "gruu")])
        peer.send(mutate(rnd, message.encode()), server.addr)
        for reply in drain(peer):
            assert 200 <= reply.status < 600 and reply.status != 500
            assert b"secret-contact" not in reply.encode()
    assert victim.uris() == before
    assert server.alive()


def drain(peer):
    try:
        yield peer.recv(0.02)
        while True:
            yield peer.recv(0.0)
    except Timeout:
        return


def test_a_datagram_that_is_no_sip_is_let_pass(server, phone):
    for data in (b"\x00" * 40, b"REGISTER", b"REGISTER sip:x SIP/2.0\r\n\r\n"):
        phone.peer.send(data, server.addr)
    assert isinstance(phone.register(phone.contact()), Message)
