# SPDX-License-Identifier: GPL-2.0-or-later
"""Every example of the admin guides is run; tests/kamtest/guides.py says what
that means for each kind."""

import platform
import re
import sqlite3
import subprocess

import pytest

from kamtest import digest, guides
from kamtest.guides_world import SCRIPT_METHODS, World
from kamtest.kamailio import OURS, ROOT, RpcError
from kamtest.net import UdpPeer
from kamtest.served import Phone

GUIDES = {name: guides.Guide(name) for name in guides.NAMES}


def listings(*roles):
    """One case for each listing of these roles."""
    return [pytest.param(name, one, id="%s-%d" % (one.where, i))
            for name, guide in GUIDES.items()
            for i, one in enumerate(guide.listings) if one.role in roles]


@pytest.fixture(scope="module")
def world(kam_module, tmp_path_factory):
    """world(name): the servers of a guide's examples, made when first asked
    for."""
    made = {}

    def get(name):
        if name not in made:
            made[name] = World(GUIDES[name], kam_module,
                               tmp_path_factory.mktemp(name))
        return made[name]
    yield get
    for one in made.values():
        one.close()


def no_errors(log):
    """Lines of errors but what a script writes itself, by xlog, what is said
    of the row that a guide makes a mistake in, and of an RPC at the start
    that did not wait for its answer."""
    return [line for line in log.splitlines()
            if (" ERROR: " in line or " CRITICAL: " in line)
            and not re.search("<script>|trunk-without-password|"
                              "jsonrpc_dgram_send_data", line)]


def test_every_listing_has_a_role_that_is_tested():
    for guide in GUIDES.values():
        assert {one.role for one in guide.listings} <= set(guides.ROLES)
        assert {one.condition for one in guide.of("script")} \
            <= set(SCRIPT_METHODS)


@pytest.mark.parametrize("name", guides.NAMES)
def test_parameters_together(world, name):
    """All modparam lines of a guide in one server, which then serves."""
    one = world(name)
    server = one.with_parameters()
    assert one.is_served(server)
    assert no_errors(server.log()) == []


@pytest.mark.parametrize("name,listing", listings("script"))
def test_script(world, name, listing):
    """The statements run for a request, which is answered; nothing is
    logged as an error."""
    one = world(name)
    server = one.with_scripts()
    before = len(server.log())
    assert one.play(server, listing) >= 200
    assert no_errors(server.log()[before:]) == []


@pytest.mark.parametrize("name,listing", listings("cfg"))
def test_routes(world, name, listing):
    ok, output = world(name).check(listing)
    assert ok, output
    assert no_errors(output) == []


@pytest.mark.parametrize("name,listing", listings("full", "python"))
def test_whole_configuration(world, name, listing):
    one = world(name)
    server = one.whole(listing)
    assert one.is_served(server)
    assert no_errors(server.log()) == []


@pytest.fixture
def trunk(world):
    """The server of the trunk in ten minutes, online; alice's phone and the
    provider's end."""
    one = world("uac")
    server = one.whole(GUIDES["uac"].of("full")[0])
    assert one.is_served(server)
    alice = Phone(UdpPeer(one.trace, "alice"), "alice", server.addr,
                  "her password", "example.org")
    assert alice.register().status == 200
    yield one, alice, Phone(one.provider, "4930999", server.addr,
                            domain="provider.example")
    alice.register(expires=0)
    alice.peer.close()


def invited(provider):
    """The next INVITE at the provider: accounts of all servers register
    there."""
    while True:
        request = provider.asked()
        if request.method == "INVITE":
            return request


def test_trunk_refuses_who_is_nobody(trunk):
    one, alice, _ = trunk
    server = one.whole(GUIDES["uac"].of("full")[0])
    assert one.ask(server, "INVITE") == 407
    assert one.ask(server, "REGISTER") == 401


def test_call_from_the_trunk(trunk):
    _, alice, provider = trunk
    target = "sip:trunk-01@%s:%d" % alice.server
    provider.peer.send(provider.request("INVITE", target, target),
                       provider.server)
    request = alice.asked()
    assert request.method == "INVITE" and request.ruri == alice.contact
    alice.answer(request, 486, "Busy Here")
    assert alice.asked().method == "ACK"
    while provider.recv().status != 486:
        pass


def test_call_to_the_trunk(trunk):
    _, alice, provider = trunk
    alice.invite("sip:4930777@example.org")
    request = invited(provider)
    assert request.ruri == "sip:4930777@provider.example"
    provider.answer(request, 407, "Proxy Authentication Required", (
        "Proxy-Authenticate", 'Digest realm="provider.example", nonce="n"'))
    again = request
    while again.get("Proxy-Authorization") is None:
        again = invited(provider)
    ok, fields = digest.verify(again.get("Proxy-Authorization"), "INVITE",
                               "its password")
    assert ok and fields["username"] == "4930123"
    provider.answer(again, 404, "Not Found")
    assert alice.final().status == 404


@pytest.mark.parametrize("name", guides.NAMES)
def test_lua(world, name):
    """Every ex_ function is called and returns."""
    one = world(name)
    server = one.with_lua()
    called = re.findall(r"^function (ex_\w+)", GUIDES[name].text("lua"), re.M)
    assert called
    for function in called:
        one.play_lua(server, function)
    assert no_errors(server.log()) == []


@pytest.mark.parametrize("name,listing", listings("kamcmd"))
def test_commands(world, name, listing):
    one = world(name)
    server = one.with_commands()
    for line in listing.text.splitlines():
        words = one.words(line)
        assert words[0] == "kamcmd"
        status, output = server.kamcmd(*words[1:])
        assert status == 0 and not output.startswith("error"), line + output


@pytest.mark.parametrize("name", guides.NAMES)
def test_sql(world, name, tmp_path):
    """In the tables the distribution ships, or those a guide makes."""
    path = tmp_path / "kamailio.db"
    world(name).tables(path)
    with sqlite3.connect(path) as db:
        for listing in GUIDES[name].of("sql"):
            db.executescript(listing.text)
    db.close()


@pytest.mark.parametrize("name,listing", listings("mpath"))
def test_mpath_is_what_the_installation_prints(tmp_path, name, listing):
    if platform.machine() != "x86_64":
        pytest.skip("the guides show the path of amd64, this is another")
    done = subprocess.run(
        ["sh", str(ROOT / "scripts" / "install.sh"), str(OURS),
         str(tmp_path), ""], capture_output=True, text=True, cwd=ROOT,
        timeout=60)
    assert done.returncode == 0, done.stderr
    assert listing.text in done.stdout


def keys_of(result, dynamic=("states", "last_codes")):
    """Every key of an RPC's result but those that are values themselves."""
    if isinstance(result, list):
        return set().union(*map(keys_of, result))
    if not isinstance(result, dict):
        return set()
    found = set(result)
    for key, value in result.items():
        if key not in dynamic:
            found |= keys_of(value)
    return found


@pytest.mark.parametrize("command,args", [
    ("reg_list", ()), ("reg_info", ("l_uuid", "trunk-02")),
    ("reg_rejected", ()), ("reg_due", ()), ("reg_active", (1,)),
    ("cred_reload", ()), ("cluster", ())])
def test_fields_of_results(world, command, args):
    server = world("uac").own("fields")
    got = server.rpc("uac." + command, *args)
    assert keys_of(got) == set(
        GUIDES["uac"].words("field", "uac.rpc." + command))


@pytest.mark.parametrize("command", ["reg_list", "cluster"])
def test_output_that_is_shown(command):
    """It has the fields that the real one has, see above."""
    guide = GUIDES["uac"]
    where = "uac.rpc." + command
    section, = [s for s in guide.sections("rpc") if s.get("id") == where]
    shown = section.find("screen").text
    keys = set(re.findall(r"^\s*([a-z]\w*):", shown, re.M))
    fields = set(guide.words("field", where))
    assert fields <= keys and keys - fields <= set(guide.words("state"))


def test_all_output_that_is_shown_is_tested():
    assert [len(list(s.iter("screen"))) for s in GUIDES["uac"].sections("rpc")
            if s.find("screen") is not None] == [1, 1]
    assert len(list(GUIDES["uac"].book.iter("screen"))) == 2


def test_names_of_states(world):
    server = world("uac").own("fields")
    for state in [*GUIDES["uac"].words("state"), "all"]:
        assert server.rpc("uac.reg_list", state)["shown"] >= 0
    assert len(GUIDES["uac"].words("state")) == 11


def test_columns(world):
    """The table of the guide is loaded, and without any one of its columns
    but the key it is not: the module reads these and no others."""
    one = world("uac")
    server = one.own("fields")
    columns = GUIDES["uac"].words("column", "uac.table.columns")
    assert len(columns) == len(set(columns)) and columns[0] == "id"
    for column in columns[1:]:
        with one.renamed(column):
            with pytest.raises(RpcError) as fault:
                server.rpc("uac.reg_reload")
            assert fault.value.message.startswith("Failed to load")
        server.rpc("uac.reg_reload")
    assert server.rpc("uac.reg_list")["total"] == 2
