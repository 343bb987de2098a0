# SPDX-License-Identifier: GPL-2.0-or-later
"""The examples do what their comments say: the same for kamailio.cfg and its
routing in Lua and in Python, each served by make run's script."""

import re
import signal
import sqlite3
import subprocess

import pytest

from kamtest import digest
from kamtest.kamailio import OURS, ROOT, STOCK
from kamtest.net import Trace, UdpPeer, free_port
from kamtest.served import DOMAIN, RUN, Phone, Served, finish_call
from kamtest.wait import until

PROVIDER = "provider.example"
NUMBER = "+49301234567"


class World:
    """A server with an account of alice's at a provider that is a socket."""

    def __init__(self, directory, engine):
        self.provider = UdpPeer(Trace(), "provider")
        subprocess.run(["sh", str(RUN), "prepare"], check=True,
                       env={"KX_RUN_DIR": str(directory),
                            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})
        db = sqlite3.connect(directory / "kamailio.db")
        db.execute(
            "INSERT INTO uacreg (l_uuid, l_username, l_domain, r_username,"
            " r_domain, realm, auth_username, auth_password, auth_proxy,"
            " expires) VALUES ('tr-1','alice',?,'4930',?,?,'4930','pw',?,600)",
            (DOMAIN, PROVIDER, PROVIDER, "sip:" + self.provider.addr))
        db.commit()
        db.close()
        self.served = Served(directory, free_port(), ENGINE=engine)
        self.trunk = Phone(self.provider, "4930", self.served.addr)
        self.registered = self.trunk.recv()
        self.trunk.answer(self.registered, 200, "OK",
                          ("Contact", self.registered.get("Contact")),
                          ("Expires", "600"))

    def close(self):
        self.served.stop(signal.SIGTERM)
        self.provider.close()


@pytest.fixture(scope="module", params=["cfg", "lua", "python"])
def world(request, tmp_path_factory):
    world = World(tmp_path_factory.mktemp(request.param) / "run",
                  request.param)
    yield world
    world.close()


@pytest.fixture
def phone(udp, world):
    def make(user, registered=False):
        phone = Phone(udp(user), user, world.served.addr,
                      world.served.passwords.get(user, "none"))
        if registered:
            assert phone.register().status == 200
            made.append(phone)
        return phone
    made = []
    yield make
    for phone in made:
        phone.register(expires=0)


def test_phone_registers_with_its_password(phone):
    alice = phone("alice")
    reply = alice.register()
    assert reply.status == 200
    assert [c.split(">")[0] for c in reply.contacts()] \
        == ["<sip:alice@%s" % alice.peer.addr]
    assert alice.register(expires=0).status == 200


@pytest.mark.parametrize("user,password,status", [
    ("alice", "wrong", 401), ("alice", "", 401), ("mallory", "wrong", 401)])
def test_wrong_password_is_refused(phone, user, password, status):
    reply = phone(user).register(password)
    assert reply.status == status
    assert reply.contacts() == []


def test_another_users_password_is_refused(phone):
    alice = phone("alice").password
    assert phone("bob").register(alice, as_user="alice").status == 403


def test_caller_is_asked_for_the_password(phone):
    bob = "sip:bob@" + DOMAIN
    assert phone("alice").send("INVITE", bob, bob).status == 407


def test_no_relaying_to_other_domains(phone):
    other = "sip:someone@elsewhere.example"
    assert phone("alice").send("INVITE", other, other).status == 403


def test_options_and_unknown_methods(phone):
    here = "sip:" + DOMAIN
    assert phone("alice").send("OPTIONS", here, here).status == 200
    reply = phone("alice").send("PUBLISH", here, here)
    assert reply.status == 405 and "INVITE" in reply.get("Allow")


def test_too_many_hops_and_rubbish(phone):
    alice = phone("alice")
    here = "sip:" + DOMAIN
    request = alice.request("OPTIONS", here, here)
    alice.peer.send(request.set("Max-Forwards", "0"), alice.server)
    assert alice.recv().status == 483
    request = alice.request("OPTIONS", here, here)
    alice.peer.send(request.set("CSeq", "1 INVITE"), alice.server)
    assert alice.recv().status == 400


def test_user_who_is_not_registered(phone):
    alice = phone("alice")
    alice.invite("sip:bob@" + DOMAIN)
    assert alice.final().status == 404


@pytest.mark.parametrize("gr,status", [(";gr=urn:uuid:1", 480), (";gr", 404)])
def test_a_gruu_whose_phone_is_away(phone, gr, status):
    alice = phone("alice")
    alice.invite("sip:bob@%s%s" % (DOMAIN, gr))
    assert alice.final().status == status


def test_call_between_phones_to_its_end(phone):
    alice, bob = phone("alice"), phone("bob", registered=True)
    alice.invite("sip:bob@" + DOMAIN)
    invited = bob.recv()
    assert invited.method == "INVITE"
    assert invited.ruri == "sip:bob@" + bob.peer.addr
    assert invited.get("Proxy-Authorization") is None
    bob.answer(invited, 180, "Ringing")
    bob.answer(invited, 200, "OK",
               ("Contact", "<sip:bob@%s>" % bob.peer.addr))
    answered = alice.final()
    assert answered.status == 200
    finish_call(alice, bob, invited, answered)


def test_cancel_reaches_the_phone(phone):
    alice, bob = phone("alice"), phone("bob", registered=True)
    request = alice.invite("sip:bob@" + DOMAIN)
    invited = bob.recv()
    bob.answer(invited, 180, "Ringing")
    while alice.recv().status != 180:
        pass
    cancel = alice.request("CANCEL", request.ruri, request.ruri,
                           cseq=alice.cseq)
    alice.peer.send(cancel.set("Via", request.get("Via")), alice.server)
    assert alice.final().status == 200
    got = bob.recv()
    assert got.method == "CANCEL"
    bob.answer(got, 200, "OK")
    bob.answer(invited, 487, "Request Terminated")
    assert bob.recv().method == "ACK"
    assert alice.final().status == 487


def test_account_is_registered_with_its_row(world):
    got = world.registered
    assert got.method == "REGISTER"
    assert got.get("Contact").startswith(
        "<sip:tr-1@%s:%d" % world.served.addr)
    assert "sip:4930@" + PROVIDER in got.get("To")


def test_call_from_the_provider_rings_the_local_user(world, phone):
    alice = phone("alice", registered=True)
    caller = Phone(world.provider, "0401", world.served.addr)
    caller.aor, caller.seen = "sip:0401@" + PROVIDER, world.trunk.seen
    target = "sip:tr-1@%s:%d" % world.served.addr
    caller.peer.send(caller.request("INVITE", target, target), caller.server)
    invited = alice.recv()
    assert invited.ruri == "sip:alice@" + alice.peer.addr
    alice.answer(invited, 603, "Decline")
    assert alice.recv().method == "ACK"
    assert caller.final().status == 603


def challenged(world, alice):
    """alice's call to a number as far as the second INVITE to the provider,
    the one that answers its challenge."""
    alice.invite("sip:%s@%s" % (NUMBER, DOMAIN))
    invited = world.trunk.recv()
    assert invited.ruri == "sip:%s@%s" % (NUMBER, PROVIDER)
    assert invited.get("Proxy-Authorization") is None
    challenge = ("Proxy-Authenticate",
                 'Digest realm="%s", nonce="n1", qop="auth"' % PROVIDER)
    world.trunk.answer(invited, 407, "Proxy Authentication Required",
                       challenge)
    assert world.trunk.recv().method == "ACK"
    again = world.trunk.recv()
    assert again.method == "INVITE" and again.ruri == invited.ruri
    return again, challenge


def test_call_to_a_number_goes_out_with_the_accounts_password(world, phone):
    alice = phone("alice")
    again, _ = challenged(world, alice)
    right, fields = digest.verify(again.get("Proxy-Authorization"), "INVITE",
                                  "pw")
    assert right and fields["username"] == "4930"
    world.trunk.answer(again, 486, "Busy Here")
    assert world.trunk.recv().method == "ACK"
    assert alice.final().status == 486


def test_challenge_of_the_provider_never_reaches_the_phone(world, phone):
    alice = phone("alice")
    again, challenge = challenged(world, alice)
    world.trunk.answer(again, 407, "Proxy Authentication Required", challenge)
    assert world.trunk.recv().method == "ACK"
    reply = alice.final()
    assert reply.status == 500
    assert reply.get("Proxy-Authenticate") is None


def test_user_without_an_account_calls_no_number(world, phone):
    bob = phone("bob")
    bob.invite("sip:%s@%s" % (NUMBER, DOMAIN))
    assert bob.final().status == 404
    world.trunk.nothing()


def test_nothing_went_wrong_in_the_script(world):
    """Last of the shared server: its log after all of the above."""
    bad = [line for line in world.served.output().splitlines()
           if " ERROR:" in line or "Traceback" in line]
    assert bad == []


def test_a_restart_registers_nothing_anew(tmp_path):
    world = World(tmp_path / "run", "cfg")
    try:
        address = world.served.addr
        until(lambda: online(world), "1")
        world.served.stop(signal.SIGTERM)
        world.served = Served(tmp_path / "run", address[1])
        assert world.served.addr == address
        assert online(world) == "1"
        world.trunk.nothing(2.0)
    finally:
        world.close()


def online(world):
    """How many accounts are, as kamcmd says."""
    done = subprocess.run(
        ["kamcmd", "-s", "unix:%s/kamailio_ctl" % world.served.dir,
         "uac.reg_list", "all", "0", "0"],
        text=True, capture_output=True, timeout=20, check=True)
    return re.search(r"^\tonline: (\d+)", done.stdout, re.M)[1]


ALONE = [[*engine, *nat] for engine in ([], ["WITH_LUA"], ["WITH_PYTHON"])
         for nat in ([], ["WITH_NAT"])]


@pytest.mark.parametrize("name,defines", [
    *(("kamailio.cfg", defines) for defines in ALONE),
    ("sbc/kamailio.cfg", []), ("sbc/kamailio.cfg", ["WITH_PEER"]),
    *(("cluster/kamailio.cfg", [*location, *uac])
      for location in ([], ["WITH_DB_LOCATION"])
      for uac in ([], ["WITH_UAC_CLUSTER"]))])
def test_settings_as_they_stand_parse(tmp_path, name, defines):
    done = subprocess.run(
        ["kamailio", "-c", "-Y", str(tmp_path),
         "-f", str(ROOT / "examples" / name),
         "--substdef=!KEMI_DIR!%s!g" % (ROOT / "examples"),
         # the stock uac has no cluster
         *(["--substdef=!MODULE_PATH!%s:%s!g" % (OURS, STOCK)]
           if "WITH_UAC_CLUSTER" in defines else []),
         *["-A%s" % d for d in defines]],
        text=True, capture_output=True, timeout=20)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ERROR" not in done.stderr and "WARNING" not in done.stderr
